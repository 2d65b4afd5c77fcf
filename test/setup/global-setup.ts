import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePythonEnv } from './python-env.ts';

const done = 'PIPEWARDEN_TESTS_PREPARED';

/** Runs once before the contract and e2e tests: they need the built bundles and the Python tools. */
const prepare = (): void => {
  if (process.env[done]) return;
  process.env[done] = '1';
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/build.ts')], {
    stdio: ['ignore', 2, 2],
  });
  try {
    ensurePythonEnv('moto');
  } catch (error) {
    // Not fatal here: the tests that need it are skipped, or fail in CI, each with a word on how to get it.
    process.stderr.write(
      `No Python environment for moto: ${error instanceof Error ? error.message : error}\n`,
    );
  }
};

export default prepare;
