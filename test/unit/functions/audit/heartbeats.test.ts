import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, test } from '@jest/globals';
import type { Context, SQSRecord } from 'aws-lambda';
import { noticingHeartbeats } from '../../../../functions/audit/heartbeats.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../../../support/builders/events.ts';

const NOW = new Date('2026-11-24T09:18:00Z');
const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/Pipewarden-IamOperations`;

/** As https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html shows it. */
const scheduled = (over: Record<string, unknown> = {}): object => ({
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ACCOUNT,
  time: '2026-11-24T09:17:00Z',
  region: REGION,
  resources: [RULE],
  detail: {},
  ...over,
});

const FAILED = { batchItemFailures: [{ itemIdentifier: 'm-failed' }] };

/** What the batch was given, and which rules were noted. */
const handle = async (messages: readonly object[], note = async () => {}) => {
  const given: string[][] = [];
  const noted: [string, string][] = [];
  const records = messages.map(
    (message, index) =>
      ({
        messageId: `m-${index}`,
        body: typeof message === 'string' ? message : JSON.stringify(message),
      }) as SQSRecord,
  );
  const answer = await noticingHeartbeats(
    async ({ Records }) => {
      given.push(Records.map(({ messageId }) => messageId));
      return FAILED;
    },
    {
      own: { account: ACCOUNT },
      note: async (heartbeats) => {
        await note();
        noted.push(...heartbeats.map(({ rule, at }): [string, string] => [rule, at.toISOString()]));
      },
      now: () => NOW,
      logger: new Logger({ logLevel: 'SILENT' }),
    },
  )({ Records: records }, {} as Context);
  return { given, noted, answer };
};

describe('a heartbeat', () => {
  const event = envelope(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }));

  test('is noted with its rule and time, and is none of the messages of the batch', async () => {
    expect(await handle([event, scheduled(), event])).toEqual({
      given: [['m-0', 'm-2']],
      noted: [[RULE, '2026-11-24T09:17:00.000Z']],
      answer: FAILED,
    });
  });

  test('alone leads to no work besides its note, and never comes again', async () => {
    const none = { batchItemFailures: [] };
    expect(await handle([scheduled(), scheduled({ resources: [`${RULE}2`] })])).toEqual({
      given: [],
      noted: [RULE, `${RULE}2`].map((rule) => [rule, '2026-11-24T09:17:00.000Z']),
      answer: none,
    });
    const refuse = async () => {
      throw new Error('AccessDenied');
    };
    expect(await handle([scheduled()], refuse)).toEqual({ given: [], noted: [], answer: none });
  });

  test.each([['2026-11-24T08:17:00Z'], ['2026-11-24T10:17:00Z'], ['2999-11-24T09:17:00Z']])(
    'that is not of now (%s) is dropped: it says nothing of the present',
    async (time) => {
      const other = scheduled({ time });
      expect(await handle([other])).toEqual({ given: [], noted: [], answer: { batchItemFailures: [] } });
    },
  );

  test('whose note fails stops no message', async () => {
    const refuse = async () => {
      throw new Error('AccessDenied');
    };
    expect(await handle([event, scheduled()], refuse)).toEqual({
      given: [['m-0']],
      noted: [],
      answer: FAILED,
    });
  });
});

test('an empty batch is handed on', async () => {
  expect(await handle([])).toEqual({ given: [[]], noted: [], answer: FAILED });
});

describe('no heartbeat', () => {
  test.each<[string, object]>([
    ['of another source, which anybody may use', scheduled({ source: 'mine' })],
    ['of another type', scheduled({ 'detail-type': 'Scheduled Event of mine' })],
    ['of a rule of another account', scheduled({ resources: [RULE.replace(ACCOUNT, '999999999999')] })],
    ['of something else than a rule', scheduled({ resources: ['arn:aws:s3:::rule'] })],
    ['of no rule', scheduled({ resources: [] })],
    ['without a time', scheduled({ time: 'soon' })],
    ['longer than any', scheduled({ detail: { text: 'x'.repeat(3000) } })],
    ['in no JSON', `{"Scheduled Event" ${RULE}` as unknown as object],
  ])('is a message %s', async (_, message) => {
    expect(await handle([message])).toEqual({ given: [['m-0']], noted: [], answer: FAILED });
  });
});
