import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type PythonEnvName, pythonProgram } from './python-env.ts';

/** The faults that a program in a Python environment finds in each text. */
export const faultsBy = (env: PythonEnvName, program: string, texts: readonly string[]): string[][] =>
  JSON.parse(
    execFileSync(pythonProgram(env, 'python'), [join(import.meta.dirname, program)], {
      input: JSON.stringify(texts),
      encoding: 'utf8',
    }),
  );
