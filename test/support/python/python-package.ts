import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type PythonEnvName, pythonProgram, sitePackages } from './python-env.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const BUILDER = join(ROOT, 'python/backend/wheel_builder.py');

/** Builds the wheel into a folder, and returns its path. */
export const buildWheel = async (folder: string): Promise<string> => {
  const { stdout } = await run(pythonProgram('pytest', 'python'), ['-B', BUILDER, folder]);
  return stdout.trim();
};

/**
 * Makes a virtual environment with the wheel, in which the packages of other environments can be imported as well. An
 * SDK takes a minute to install, so that it is not installed again. Returns the path of its Python.
 */
export const installWheel = async (
  wheel: string,
  folder: string,
  others: readonly PythonEnvName[],
): Promise<string> => {
  await run(pythonProgram('pytest', 'python'), ['-m', 'venv', '--without-pip', folder]);
  const python = join(folder, 'bin/python');
  const { stdout } = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  await writeFile(join(stdout.trim(), 'others.pth'), `${others.map(sitePackages).join('\n')}\n`);
  const pip = ['-m', 'pip', '--python', python, 'install', '--quiet', '--disable-pip-version-check'];
  await run(pythonProgram('pytest', 'python'), [...pip, '--no-index', '--no-deps', '--no-compile', wheel]);
  return python;
};

/** The environment of programs that use the installed package: its Node.js is the one that runs the tests. */
export const pythonEnvironment = (more: Record<string, string> = {}): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  PYTHONDONTWRITEBYTECODE: '1',
  ...more,
});
