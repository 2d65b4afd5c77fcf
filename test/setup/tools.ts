import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from '@jest/globals';
import { isPythonEnvReady } from './python-env.ts';

const answers = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Where Debian and others put the browser. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that is installed. */
export const chromiumPath = (): string | undefined => BROWSERS.find((path) => existsSync(path));

const tools = {
  moto: {
    isReady: () => isPythonEnvReady('moto'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  zsh: { isReady: () => answers('zsh'), howToGet: 'install zsh (Debian: apt-get install zsh)' },
  fish: { isReady: () => answers('fish'), howToGet: 'install fish (Debian: apt-get install fish)' },
  chromium: {
    isReady: () => chromiumPath() !== undefined,
    howToGet: 'install Chromium (Debian: apt-get install chromium)',
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
