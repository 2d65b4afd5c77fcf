import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePythonEnv, PYTHON_ENVS, type PythonEnvName } from './python-env.ts';
import { ensureRuler } from './ruler-env.ts';

const done = 'PIPEWARDEN_TESTS_PREPARED';

/** Not fatal: the tests that need it are skipped, or fail in CI, each with a word on how to get it. */
const tryTo = async (ensure: () => Promise<void>, what: string): Promise<void> => {
  try {
    await ensure();
  } catch (error) {
    process.stderr.write(`No ${what}: ${error instanceof Error ? error.message : error}\n`);
  }
};

const tryPythonEnv = (name: PythonEnvName): Promise<void> =>
  tryTo(() => ensurePythonEnv(name), `Python environment for ${name}`);

/** Runs once before the contract and e2e tests: they need the built bundles and the Python and Java tools. */
const prepare = async (): Promise<void> => {
  if (process.env[done]) return;
  process.env[done] = '1';
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
  await Promise.all([...PYTHON_ENVS.map(tryPythonEnv), tryTo(ensureRuler, 'AWS Event Ruler')]);
};

export default prepare;
