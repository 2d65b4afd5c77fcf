import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const reporter = join(import.meta.dirname, '../../support/jest/closing-line.mjs');

const closingLine = (results: Record<string, number>): string => {
  const counts = {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  };
  const script = `
    import(${JSON.stringify(reporter)}).then(({ default: ClosingLine }) => {
      new ClosingLine().onRunComplete(new Set(), ${JSON.stringify({ ...counts, ...results })});
      console.log('coverage, printed later');
    });`;
  return spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout;
};

describe('the closing line', () => {
  test('comes last, after what other reporters print', () => {
    expect(closingLine({ numPassedTests: 3 })).toBe('coverage, printed later\n3 passed, 0 failed\n');
  });

  test('counts a suite that could not run as failed, and names skips only where there are some', () => {
    const results = {
      numPassedTests: 3,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 2,
      numPendingTests: 4,
    };
    expect(closingLine(results)).toMatch(/\n3 passed, 3 failed, 4 skipped\n$/);
  });
});
