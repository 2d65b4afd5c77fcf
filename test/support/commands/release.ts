import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './cli.ts';

const run = promisify(execFile);

/** Makes a release of what is built, for some home Regions, in a folder. */
export const makeRelease = async (
  out: string,
  regions: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  await run(
    process.execPath,
    [join(ROOT, 'scripts/release.ts'), '--regions', regions.join(','), '--out', out],
    { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
  );
};
