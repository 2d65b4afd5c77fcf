import { describe, expect, test } from '@jest/globals';
import { historyRow } from '../../../shared/preflight/history-row.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';

const HOME = 'eu-west-1';

describe('a history that is switched off', () => {
  test.each([
    [0, 0, '0 messages that wait in it and 0 dead letters', /^Nothing, if that is wanted\./],
    [1, 0, '1 message that waits in it and 0 dead letters', /^Wait until the queue is empty/],
    [
      12,
      3,
      '12 messages that wait in it and 3 dead letters',
      /^Give them back with pipewarden dlq replay --of history/,
    ],
  ])('with %d messages and %d dead letters is told before the deployment', (waiting, aside, text, todo) => {
    expect(historyRow(HOME, found(waiting), found(aside))).toEqual({
      about: 'History',
      region: HOME,
      status: 'WILL_BE_MISSING',
      found: expect.stringContaining(text),
      todo: expect.stringMatching(todo),
    });
  });

  test('is not told to be empty where AWS does not say', () => {
    const denied = notRead('GetQueueAttributes', 'AccessDenied', 'no');
    for (const [waiting, aside] of [
      [denied, found(0)],
      [found(0), denied],
    ] as const)
      expect(historyRow(HOME, waiting, aside)).toMatchObject({ about: 'History', status: 'NOT_TOLD' });
  });
});
