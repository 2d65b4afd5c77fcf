import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDynamodbLocalReady } from '../emulators/dynamodb-local.ts';
import { isRulerReady } from '../emulators/ruler-env.ts';
import { isRuntimeClientReady } from '../lambda/runtime-client.ts';
import { areNodesReady } from '../nodes/other-nodes.ts';
import { isPythonEnvReady } from '../python/python-env.ts';

/** The program behind `npx sarif-multitool`, whose own launcher passes arguments to a shell. */
export const SARIF_MULTITOOL = join(
  import.meta.dirname,
  '../../../tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool',
);

const answers = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

/** Paths where Debian and others install the browser. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The installed browser. */
export const chromiumPath = (): string | undefined => BROWSERS.find((path) => existsSync(path));

/** What tests need besides Node, whether it is there, and how to get it. */
export const NEEDED_TOOLS = {
  moto: {
    isReady: () => isPythonEnvReady('moto'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'cfn-lint': {
    isReady: () => isPythonEnvReady('cfn-lint'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'git and bash': {
    isReady: () => answers('git') && answers('bash'),
    howToGet: 'install git and bash (Debian: apt-get install git bash)',
  },
  zsh: { isReady: () => answers('zsh'), howToGet: 'install zsh (Debian: apt-get install zsh)' },
  fish: { isReady: () => answers('fish'), howToGet: 'install fish (Debian: apt-get install fish)' },
  chromium: {
    isReady: () => chromiumPath() !== undefined,
    howToGet: 'install Chromium (Debian: apt-get install chromium)',
  },
  'chromium and pdftotext': {
    isReady: () => chromiumPath() !== undefined && spawnSync('pdftotext', ['-v']).status === 0,
    howToGet: 'install Chromium and Poppler (Debian: apt-get install chromium poppler-utils)',
  },
  'the validators of formats': {
    isReady: () => isPythonEnvReady('formats'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'DuckDB and the validators of formats': {
    isReady: () => isPythonEnvReady('duckdb') && isPythonEnvReady('formats'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'pre-commit': {
    isReady: () => isPythonEnvReady('precommit'),
    howToGet: 'install Python 3 with its venv module (Debian: python3-venv) and run the tests again',
  },
  'sarif-multitool': {
    isReady: () => existsSync(SARIF_MULTITOOL),
    howToGet: 'run npm run test:all on Linux for x64: the package has its program for no other system',
  },
  'Node 20, 22 and 24': {
    isReady: areNodesReady,
    howToGet: 'run npm run test:all where the registry of npm can be reached',
  },
  'the SageMaker SDK': {
    isReady: () => isPythonEnvReady('sdk2') && isPythonEnvReady('sdk3'),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'the SageMaker SDK and pytest': {
    isReady: () => isPythonEnvReady('sdk2') && isPythonEnvReady('sdk3') && isPythonEnvReady('pytest'),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'the SageMaker SDK, pytest and moto': {
    isReady: () => (['sdk2', 'sdk3', 'pytest', 'moto'] as const).every(isPythonEnvReady),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'AWS Event Ruler': {
    isReady: isRulerReady,
    howToGet: 'install Java 17 and Maven (Debian: openjdk-17-jdk-headless maven) and run the tests again',
  },
  MiniStack: {
    isReady: () => isPythonEnvReady('ministack') && isPythonEnvReady('moto'),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'MiniStack and the AWS CLI': {
    isReady: () => (['ministack', 'moto', 'awscli'] as const).every(isPythonEnvReady),
    howToGet: 'install Python 3.11 or newer with its venv module and run the tests again',
  },
  'DynamoDB Local': {
    isReady: isDynamodbLocalReady,
    howToGet: 'install Java 17 and Maven (Debian: openjdk-17-jre-headless maven) and run the tests again',
  },
  'the Lambda runtime': {
    isReady: () => isPythonEnvReady('rie') && isPythonEnvReady('moto') && isRuntimeClientReady(),
    howToGet: 'on Linux, install Python 3 with venv, cmake, make, g++ and xz and run the tests again',
  },
};

export type NeededTool = keyof typeof NEEDED_TOOLS;

/** A line for each missing tool. */
export const missingTools = (): string[] =>
  Object.entries(NEEDED_TOOLS).flatMap(([tool, { isReady, howToGet }]) =>
    isReady() ? [] : `${tool} is missing: ${howToGet}`,
  );
