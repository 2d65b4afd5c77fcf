import { expect, test } from '@jest/globals';
import { describeWith } from '../support/jest/tools.ts';
import { runSuite } from './suite.ts';
import { problemsOf, tableOf } from './table.ts';

/** Enough messages for every kind of fault; `npm run faults` sends more. */
const MESSAGES = 300;
const SEED = 1;

describeWith('moto', 'a hub of three accounts in two Regions, with all that goes wrong', () => {
  describeWith('DynamoDB Local', 'against a clean run', () => {
    test('find the same and tell it once', async () => {
      const outcome = await runSuite({ messages: MESSAGES, seed: SEED }, () => {});
      process.stderr.write(`${tableOf(outcome)}\n`);
      expect(problemsOf(outcome)).toEqual([]);
      const { faults, kills, roleFaults, indexItemsLost, malformed } = outcome.faulty;
      const counts = { ...faults, ...kills, ...roleFaults, indexItemsLost, malformed: malformed.length };
      expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([]);
      expect(outcome.clean.open.size).toBeGreaterThan(0);
    });
  });
});
