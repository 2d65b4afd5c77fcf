/**
 * Packages that publish ES modules only; jest runs CommonJS, so they are compiled as our own files are.
 * A new one shows itself as "Cannot use import statement outside a module" in a test's error.
 */
const esmOnly = [
  'ansi-regex',
  'commander',
  'd3-[a-z-]+',
  'get-east-asian-width',
  'hyparquet',
  'hyparquet-writer',
  'internmap',
  'leven',
  'p-limit',
  'pbf',
  'preact',
  'string-width',
  'strip-ansi',
  'yocto-queue',
];

const compile = (parser) => [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      parser,
      target: 'es2024',
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
  },
];

const project = (name, options = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`, `<rootDir>/test/${name}/**/*.test.tsx`],
  testEnvironment: 'node',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  transform: {
    '\\.tsx$': compile({ syntax: 'typescript', tsx: true }),
    '\\.ts$': compile({ syntax: 'typescript' }),
    '\\.m?js$': compile({ syntax: 'ecmascript' }),
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/support/jest/fast-check.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/', '<rootDir>/.venv/'],
  ...options,
});

/** Real parts start slowly, on a loaded machine above all. */
const withRealParts = {
  globalSetup: '<rootDir>/test/support/jest/global-setup.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/jest/long-timeout.ts'],
};

/** Options that choose a part of the tests, of which nobody can expect the coverage of all. */
const CHOOSES =
  /^(?:-t|-o|-f|--(?:testNamePattern|testPathPatterns|testPathIgnorePatterns|runTestsByPath|onlyChanged|onlyFailures|changedSince|findRelatedTests|ignoreProjects|shard))\b/;

/** Whether the arguments ask for all unit tests at least: no option chooses, and no path does. */
const isWhole = (args) => {
  const selected = args.slice(args.indexOf('--selectProjects') + 1);
  return (
    !args.some((arg) => CHOOSES.test(arg) || /^[^-].*[/.]/.test(arg)) &&
    (!args.includes('--selectProjects') || selected.includes('unit'))
  );
};

export default {
  projects: [
    // Only a hang takes that long: no test may fail because the machine is busy.
    project('unit', { setupFilesAfterEnv: withRealParts.setupFilesAfterEnv }),
    // They take seconds before they begin: they load the CDK, or run the compiler.
    project('templates', { setupFilesAfterEnv: withRealParts.setupFilesAfterEnv }),
    project('compile', { setupFilesAfterEnv: withRealParts.setupFilesAfterEnv }),
    project('differential', withRealParts),
    project('contract', withRealParts),
    project('corpus', withRealParts),
    project('ruler', withRealParts),
    project('metamorphic', { setupFilesAfterEnv: withRealParts.setupFilesAfterEnv }),
    project('browser', withRealParts),
    project('e2e', withRealParts),
    project('faults', withRealParts),
    project('e2e-deployed', {
      globalSetup: '<rootDir>/test/support/jest/deployed-setup.ts',
      setupFilesAfterEnv: ['<rootDir>/test/support/jest/deployed-timeout.ts'],
    }),
  ],
  reporters: ['default', '<rootDir>/test/support/jest/closing-line.mjs'],
  maxWorkers: '100%',
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  coverageReporters: [['text', { skipFull: true }], 'lcovonly'],
  collectCoverageFrom: ['shared/**/*.{ts,tsx}'],
  // A little below what the unit tests reach by themselves.
  ...(isWhole(process.argv.slice(2)) && { coverageThreshold: { global: { lines: 86, branches: 92 } } }),
};
