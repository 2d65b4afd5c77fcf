import { Logger } from '@aws-lambda-powertools/logger';
import { expect, test } from '@jest/globals';
import { answerHeartbeat } from '../../../../functions/deliver/heartbeats.ts';

const NOW = new Date('2026-11-24T09:18:00Z');
const minutesAgo = (minutes: number): Date => new Date(NOW.valueOf() - minutes * 60_000);
const RULES = ['iam', 'jobs', 'buckets'];

const answered = async (noted: Record<string, Date>): Promise<boolean> => {
  const sent: Date[] = [];
  await answerHeartbeat({
    rules: RULES,
    read: async () => new Map(Object.entries(noted)),
    send: async (at) => {
      sent.push(at);
    },
    now: () => NOW,
    logger: new Logger({ logLevel: 'SILENT' }),
  });
  return sent.length === 1 && sent[0] === NOW;
};

test.each<[string, boolean, Record<string, Date>]>([
  ['that all rules have sent', true, { iam: minutesAgo(1), jobs: minutesAgo(0), buckets: minutesAgo(29) }],
  [
    'of a rule that is gone besides',
    true,
    {
      iam: minutesAgo(1),
      jobs: minutesAgo(1),
      buckets: minutesAgo(1),
      former: minutesAgo(900),
    },
  ],
  ['that one rule has not sent', false, { iam: minutesAgo(1), jobs: minutesAgo(1) }],
  [
    'that one rule last sent an hour ago',
    false,
    {
      iam: minutesAgo(1),
      jobs: minutesAgo(1),
      buckets: minutesAgo(61),
    },
  ],
  ['of which nothing is noted', false, {}],
])('a heartbeat %s is answered: %j', async (_, expected, noted) => {
  expect(await answered(noted)).toBe(expected);
});
