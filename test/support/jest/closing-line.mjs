import { missingTools } from './needed-tools.ts';

const REST =
  'What was skipped needs more than Node: npm run test:all runs it, and CONTRIBUTING.md says what it needs.';

/**
 * Prints `N passed, N failed` as the last line of a run, for whoever scripts against it. A suite that could not run
 * at all counts as one failure. If tests were skipped, it first says how to run them. Written at exit, since coverage and warnings come after the reporters.
 */
export default class ClosingLine {
  constructor(_globalConfig, { nodeAlone = false } = {}) {
    this.nodeAlone = nodeAlone;
  }

  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
    const advice = skipped === 0 ? [] : this.nodeAlone ? [REST] : missingTools();
    process.once('exit', () => process.stdout.write(`${[...advice, line].join('\n')}\n`));
  }
}
