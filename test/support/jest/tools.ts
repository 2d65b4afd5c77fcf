import { describe, test } from '@jest/globals';
import { NEEDED_TOOLS, type NeededTool } from './needed-tools.ts';

/** Whether this is a run of the tests that need nothing but Node; jest.node.config.js says so. */
const isNodeAlone = (): boolean => 'NODE_ALONE' in globalThis;

/**
 * `describe` for tests that need a tool. If the tool is missing, the tests are skipped with advice on how to get it;
 * in CI they fail. Runs of the tests that need nothing but Node always skip them.
 */
export const describeWith = (tool: NeededTool, title: string, body: () => void): void => {
  const { isReady, howToGet } = NEEDED_TOOLS[tool];
  if (isNodeAlone()) {
    describe.skip(`${title} (npm run test:all runs this with ${tool})`, body);
  } else if (isReady()) {
    describe(title, body);
  } else if (process.env.CI === 'true') {
    test(title, () => {
      throw new Error(`${tool} is missing: ${howToGet}`);
    });
  } else {
    describe.skip(`${title} (${tool} is missing: ${howToGet})`, body);
  }
};
