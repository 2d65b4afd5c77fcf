import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import {
  AFTER_FAILURE,
  delaySeconds,
  type FailedMessage,
  type FailureQueues,
  FOR_INDEX,
  settleFailures,
  unreadable,
} from '../../../../functions/audit/dead-letter.ts';

const logger = new Logger({ logLevel: 'SILENT' });
const metrics = new Metrics({ namespace: 'test', serviceName: 'test' });
const NOW = '2026-11-25T10:00:00.000Z';

let aside: { body: string; attributes: Record<string, string> }[];
let delayed: Parameters<FailureQueues['delay']>[];
beforeEach(() => {
  aside = [];
  delayed = [];
  metrics.clearMetrics();
});

const queues: FailureQueues = {
  setAside: async (body, attributes) => void aside.push({ body, attributes }),
  delay: async (...asked) => void delayed.push(asked),
};

const failure = (error: unknown, receives = 1): FailedMessage => ({
  record: {
    messageId: `m${receives}`,
    receiptHandle: `r${receives}`,
    body: '{"is": "as it came" }',
    attributes: { ApproximateReceiveCount: String(receives) },
    eventSourceARN: 'arn:aws:sqs:eu-west-1:111122223333:requests',
  } as SQSRecord,
  eventId: 'e-1',
  eventName: 'UpdatePipeline',
  error,
});

const settle = (failures: FailedMessage[], given: Partial<{ queues: FailureQueues }> = { queues }) =>
  settleFailures(failures, { ...given, maxReceives: 5, now: () => new Date(NOW), logger, metrics });

describe('a message that failed', () => {
  test('comes again, later each time, until the last receive; then it is put aside with its reason', async () => {
    const failures = [1, 2, 4, 5].map((receives) => failure(new TypeError('no such thing'), receives));
    expect(await settle(failures)).toEqual(failures.slice(0, 3));
    expect(aside).toEqual([
      {
        body: '{"is": "as it came" }',
        attributes: {
          Reason: 'no such thing',
          ErrorName: 'TypeError',
          FailedAt: NOW,
          EventId: 'e-1',
          EventName: 'UpdatePipeline',
          Receives: '5',
        },
      },
    ]);
    const [[source, delays] = ['', []]] = delayed;
    expect(source).toBe('arn:aws:sqs:eu-west-1:111122223333:requests');
    expect(delays.map(({ receiptHandle }) => receiptHandle)).toEqual(['r1', 'r2', 'r4']);
    expect(delays.map(({ seconds }) => seconds)).toEqual(
      delays.map(({ seconds }) => seconds).toSorted((one, other) => one - other),
    );
  });

  test('is put aside at once where nobody can ever understand it', async () => {
    expect(await settle([failure(unreadable('not understood: message m1'))])).toEqual([]);
    expect(aside[0]?.attributes).toMatchObject({
      Reason: 'not understood: message m1',
      ErrorName: 'Unreadable',
    });
  });

  test('comes again where the dead-letter queue refuses it, or there is none', async () => {
    const refusing: FailureQueues = { ...queues, setAside: () => Promise.reject(new Error('denied')) };
    const failures = [failure(new Error('x'), 9), failure(unreadable('y'))];
    expect(await settle(failures, { queues: refusing })).toEqual(failures);
    expect(delayed).toHaveLength(1);
    expect(await settle(failures, {})).toEqual(failures);
  });

  test('comes again where its delay is refused', async () => {
    const refusing: FailureQueues = { ...queues, delay: () => Promise.reject(new Error('denied')) };
    const failures = [failure(new Error('x'))];
    expect(await settle(failures, { queues: refusing })).toEqual(failures);
  });

  test.each<[string, unknown, string]>([
    ['what is no error', 'text', 'text'],
    ['its cause', new Error('not stored', { cause: new Error('refused') }), 'not stored: refused'],
    ['no control characters', new Error('a\u0000b\ud800c\ufffe'), 'a\ufffdb\ufffdc\ufffd'],
    ['no keys', new Error('AKIAIOSFODNN7EXAMPLE failed'), '… failed'],
    [
      'no tokens',
      new Error('Authorization: abc, X-Amz-Signature=0a1b&x=1'),
      'Authorization: … X-Amz-Signature=…&x=1',
    ],
    ['no webhook', new Error('https://hooks.slack.com/services/T0/B0/x said no'), 'https://… said no'],
    ['not too much', new Error('x'.repeat(5000)), 'x'.repeat(1000)],
  ])('says as its reason %s', async (_title, error, reason) => {
    await settle([failure(error, 5)]);
    expect(aside[0]?.attributes.Reason).toBe(reason);
  });
});

test.each([
  ['after a failure', AFTER_FAILURE, [10, 10, 40, 160, 640, 900]],
  ['for an index', FOR_INDEX, [60, 60, 240, 960, 3600, 3600]],
])('a message waits %s longer with each receive, about as many seconds', (_, delays, expected) => {
  for (const [receives, seconds] of [...expected.entries(), [1000, expected.at(-1) ?? 0] as const]) {
    expect(delaySeconds(receives, delays, () => 0.5)).toBe(seconds);
    expect(delaySeconds(receives, delays, () => 0)).toBe(seconds * 0.8);
    expect(delaySeconds(receives, delays, () => 1)).toBe(Math.round(seconds * 1.2));
  }
});
