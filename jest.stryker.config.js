import config from './jest.config.js';

/** The tests that mutants of shared/iam are tried against: a project of its own, as Stryker takes one only. */
export default {
  ...config.projects[0],
  testMatch: ['<rootDir>/test/unit/iam/**/*.test.ts'],
};
