import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePythonEnv, type PythonEnvName } from '../python/python-env.ts';

const built = 'PIPEWARDEN_TESTS_PREPARED';

/** Makes the bundles, once for all projects of a run. */
export const prepareBundles = (): void => {
  if (process.env[built]) return;
  process.env[built] = '1';
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../scripts/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
};

/** The message of a command that failed holds all that it wrote. */
const MAX_REASON = 500;

/** Not fatal: the tests that need it are skipped, or fail in CI, each with a word on how to get it. */
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
