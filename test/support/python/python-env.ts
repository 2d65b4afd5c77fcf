import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');

const requirementFiles = {
  moto: 'test/support/emulators/moto-requirements.txt',
  'cfn-lint': 'test/support/templates/cfn-lint-requirements.txt',
  duckdb: 'test/support/python/duckdb-requirements.txt',
  formats: 'test/support/python/formats-requirements.txt',
  precommit: 'test/support/python/precommit-requirements.txt',
  pytest: 'test/python/requirements.txt',
  sdk2: 'test/corpus/requirements-sdk2.txt',
  sdk3: 'test/corpus/requirements-sdk3.txt',
  ministack: 'test/support/emulators/ministack-requirements.txt',
  awscli: 'test/support/emulators/awscli-requirements.txt',
  rie: 'test/support/lambda/rie-requirements.txt',
  'bench-c7n': 'bench/rivals/requirements-c7n.txt',
  'bench-prowler': 'bench/rivals/requirements-prowler.txt',
} as const;
/** The Python tools of tests and bench: one environment for each list of requirements. */
export type PythonEnvName = keyof typeof requirementFiles;

const requirementsOf = (name: PythonEnvName): string => join(root, requirementFiles[name]);
const folderOf = (name: PythonEnvName): string => join(root, '.venv', name);
const stampOf = (name: PythonEnvName): string => join(folderOf(name), '.requirements-sha256');
const wantedStamp = (name: PythonEnvName): string =>
  createHash('sha256')
    .update(readFileSync(requirementsOf(name)))
    .digest('hex');

/** The path of a program in an environment. */
export const pythonProgram = (name: PythonEnvName, program: string): string =>
  join(folderOf(name), 'bin', program);

/** The folder of the packages in an environment that is ready. */
export const sitePackages = (name: PythonEnvName): string => {
  const [folder] = globSync(join(folderOf(name), 'lib/python*/site-packages'));
  if (folder === undefined) throw new Error(`.venv/${name} holds no packages`);
  return folder;
};

/** Whether the environment was made from the present requirements. */
export const isPythonEnvReady = (name: PythonEnvName): boolean => {
  try {
    return readFileSync(stampOf(name), 'utf8') === wantedStamp(name);
  } catch {
    return false;
  }
};

const run = promisify(execFile);

/**
 * Makes `.venv/<name>` if it is missing or stale. The lists of requirements are complete, so nothing else is
 * installed. Throws if Python, its venv module or a package is not available.
 */
export const ensurePythonEnv = async (name: PythonEnvName): Promise<void> => {
  if (isPythonEnvReady(name)) return;
  const folder = folderOf(name);
  process.stderr.write(`Making .venv/${name} (once, about a minute)…\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'];
  await run(pythonProgram(name, 'python'), [...pip, '--requirement', requirementsOf(name)]);
  writeFileSync(stampOf(name), wantedStamp(name));
  process.stderr.write(`.venv/${name} is ready.\n`);
};
