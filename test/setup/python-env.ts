import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The Python tools of the tests: one environment for each file `test/setup/<name>-requirements.txt`. */
export type PythonEnvName = 'moto';

const requirementsOf = (name: PythonEnvName): string => join(import.meta.dirname, `${name}-requirements.txt`);
const folderOf = (name: PythonEnvName): string => join(root, '.venv', name);
const stampOf = (name: PythonEnvName): string => join(folderOf(name), '.requirements-sha256');
const wantedStamp = (name: PythonEnvName): string =>
  createHash('sha256')
    .update(readFileSync(requirementsOf(name)))
    .digest('hex');

/** Path of a program in an environment. */
export const pythonProgram = (name: PythonEnvName, program: string): string =>
  join(folderOf(name), 'bin', program);

/** Whether the environment was made from the requirements as they are now. */
export const isPythonEnvReady = (name: PythonEnvName): boolean => {
  try {
    return readFileSync(stampOf(name), 'utf8') === wantedStamp(name);
  } catch {
    return false;
  }
};

/** Makes `.venv/<name>` where it is missing or stale. Throws where Python, its venv module or a package is not to be had. */
export const ensurePythonEnv = (name: PythonEnvName): void => {
  if (isPythonEnvReady(name)) return;
  const folder = folderOf(name);
  process.stderr.write(`Making .venv/${name} (once, about half a minute)…\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const run = (file: string, args: string[]): void => {
    execFileSync(file, args, { stdio: ['ignore', 2, 2] });
  };
  run('python3', ['-m', 'venv', folder]);
  run(pythonProgram(name, 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--requirement',
    requirementsOf(name),
  ]);
  writeFileSync(stampOf(name), wantedStamp(name));
  process.stderr.write(`.venv/${name} is ready.\n`);
};
