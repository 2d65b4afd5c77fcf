import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePythonEnv, type PythonEnvName } from '../python/python-env.ts';

const built = 'PIPEWARDEN_TESTS_PREPARED';

/** Builds the bundles, once for all projects of a run. */
export const prepareBundles = (): void => {
  if (process.env[built]) return;
  process.env[built] = '1';
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../scripts/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
};

/** A failed command's message contains its whole output; this much of it is shown. */
const MAX_REASON = 500;

/** A failure is not fatal: tests that need the tool are skipped (or fail in CI) and say how to get it. */
export const tryTo = async (ensure: () => Promise<void>, what: string): Promise<void> => {
  try {
    await ensure();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`No ${what}: ${reason.slice(0, MAX_REASON)}\n`);
  }
};

export const tryPythonEnv = (name: PythonEnvName): Promise<void> =>
  tryTo(() => ensurePythonEnv(name), `Python environment for ${name}`);
