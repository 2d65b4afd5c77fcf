import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import { isPythonEnvReady } from './python-env.ts';

/** The program behind `npx sarif-multitool`, whose own launcher hands arguments to a shell. */
export const SARIF_MULTITOOL = join(
  import.meta.dirname,
  '../../node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool',
);

const answers = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

const tools = {
  moto: {
    isReady: () => isPythonEnvReady('moto'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'the validators of formats': {
    isReady: () => isPythonEnvReady('formats'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'pre-commit': {
    isReady: () => isPythonEnvReady('precommit'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'sarif-multitool': {
    isReady: () => existsSync(SARIF_MULTITOOL),
    howToGet: 'npm install on Linux for x64: the package has its program for no other system',
  },
  zsh: { isReady: () => answers('zsh'), howToGet: 'install zsh (Debian: apt-get install zsh)' },
  fish: { isReady: () => answers('fish'), howToGet: 'install fish (Debian: apt-get install fish)' },
  'SageMaker SDK 2 and moto': {
    isReady: () => isPythonEnvReady('sdk2') && isPythonEnvReady('moto'),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'the SageMaker SDK': {
    isReady: () => isPythonEnvReady('sdk2') && isPythonEnvReady('sdk3'),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
};

/** `describe` for tests that need a tool which may be missing: skipped then, with a word on how to get it; a failure in CI. */
export const describeWith = (tool: keyof typeof tools, title: string, body: () => void): void => {
  const { isReady, howToGet } = tools[tool];
  if (isReady()) {
    describe(title, body);
  } else if (process.env.CI === 'true') {
    test(title, () => {
      throw new Error(`${tool} is missing: ${howToGet}`);
    });
  } else {
    describe.skip(`${title} (${tool} is missing: ${howToGet})`, body);
  }
};
