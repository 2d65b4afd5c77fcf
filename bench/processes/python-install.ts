import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './children.ts';
import { inCheckout } from './servers.ts';

/** An environment of Python in .venv with what a list of requirements, which is complete, names. */
export type PythonEnv = { title: string; folder: string; requirements: string };

export const programOf = ({ folder }: PythonEnv, name: string): string => join(folder, 'bin', name);

/** Installs the environment, once; false where that fails. `program` is there when it is done. */
export const installPython = async (env: PythonEnv, program: string): Promise<boolean> => {
  if (existsSync(programOf(env, program))) return true;
  console.error(`bench: installing ${env.title} into ${env.folder} (once)`);
  try {
    await runToEnd('python3', ['-m', 'venv', env.folder]);
    await runToEnd(programOf(env, 'python'), [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--requirement', inCheckout(env.requirements)],
    ]);
    return true;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return false;
  }
};
