import config from './jest.config.js';

/** The projects of `npm test`, in which most tests need nothing but Node; it leaves out the tests that need more. */
const PROJECTS = ['unit', 'e2e'];

export default {
  ...config,
  reporters: ['default', ['<rootDir>/test/support/jest/closing-line.mjs', { nodeAlone: true }]],
  projects: config.projects
    .filter(({ displayName }) => PROJECTS.includes(displayName))
    .map(({ globalSetup, ...project }) => ({
      ...project,
      ...(globalSetup && { globalSetup: '<rootDir>/test/support/jest/node-setup.ts' }),
      globals: { NODE_ALONE: true },
    })),
};
