import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { auditBatch } from '../../../../functions/audit/audit-batch.ts';
import { auditHistory } from '../../../../functions/audit/history.ts';
import { memoryStore } from '../../../../shared/findings/store.ts';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { unpackRecords } from '../../../../shared/history/unpack-records.ts';
import { contextOf, LISTS, pipelineOf, training } from '../../../support/builders/audit.ts';
import { batchOver, oneAccount, quietBatch } from '../../../support/builders/quiet-batch.ts';

const OWN = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;
const MADE_BY = { version: '0.1.0', configuration: 'as-it-was' };

/** A queue that keeps what it takes. */
const aQueue = (refuses: () => boolean = () => false) => {
  const taken: HistoryRecord[] = [];
  let calls = 0;
  const client = {
    send: async (command: SendMessageCommand) => {
      calls++;
      if (refuses()) throw new Error('the queue is gone');
      taken.push(...unpackRecords(command.input.MessageBody ?? ''));
      return {};
    },
  } as unknown as SQSClient;
  return { taken, calls: () => calls, queue: { client, queueUrl: 'https://sqs/history' } };
};

const createPipeline = {
  source: 'aws.sagemaker',
  'detail-type': 'AWS API Call via CloudTrail',
  account: OWN.account,
  region: OWN.region,
  detail: {
    eventSource: 'sagemaker.amazonaws.com',
    eventName: 'UpdatePipeline',
    eventID: 'e-1',
    eventTime: '2026-11-24T09:00:00Z',
    awsRegion: OWN.region,
    recipientAccountId: OWN.account,
    requestParameters: { pipelineName: 'fraud' },
    responseElements: { pipelineArn: `arn:aws:sagemaker:${OWN.region}:${OWN.account}:pipeline/fraud` },
  },
};

const handle = async (history?: ReturnType<typeof auditHistory>) => {
  const { context } = contextOf(pipelineOf([training('Train')]));
  const noted: string[] = [];
  const store = memoryStore();
  const batch = auditBatch({
    ...oneAccount({
      audit: () => ({
        ...batchOver(context.reader, LISTS, context.now),
        ...(history && { tellsHistory: true }),
      }),
      store,
    }),
    ...quietBatch(),
    noteHandled: async (handled) => void noted.push(...handled.flatMap(({ eventIds }) => eventIds)),
    ...(history && { tellHistory: history.tellHistory, sendHistory: history.send }),
  });
  const Records = [{ messageId: 'm-1', body: JSON.stringify(createPipeline) }];
  const { batchItemFailures } = await batch({ Records } as never, CONTEXT);
  return { failed: batchItemFailures.length, noted };
};

describe('a batch of the audit function whose looks are kept', () => {
  test('sends all its looks in one message, before it is done', async () => {
    const { taken, calls, queue } = aQueue();
    expect(await handle(auditHistory(queue, OWN, MADE_BY))).toEqual({ failed: 0, noted: ['e-1'] });
    expect(calls()).toBe(1);
    expect(taken.map((record) => record.kind === 'look' && record.resource.type)).toContain('pipeline');
    expect(taken.length).toBeGreaterThan(1);
  });

  test('comes again as a whole where the queue does not take them, and is not noted as handled', async () => {
    const { queue } = aQueue(() => true);
    expect(await handle(auditHistory(queue, OWN, MADE_BY))).toEqual({ failed: 1, noted: [] });
  });

  test('keeps nothing of a batch that has failed for the next one', async () => {
    let isGone = true;
    const { taken, queue } = aQueue(() => isGone);
    const history = auditHistory(queue, OWN, MADE_BY);
    await handle(history);
    isGone = false;
    await history.send();
    expect(taken).toEqual([]);
  });

  test('tells nothing to anybody where no history is kept', async () => {
    expect(await handle()).toEqual({ failed: 0, noted: ['e-1'] });
  });
});

describe('what the audit function tells of itself', () => {
  test('is each heartbeat with its rule, and since when a configuration is in force', async () => {
    const { taken, queue } = aQueue();
    const history = auditHistory(queue, OWN, MADE_BY);
    const at = new Date('2026-11-24T04:00:00Z');
    await history.tellHeartbeats([{ rule: 'arn:aws:events:eu-west-1:111122223333:rule/Jobs', at }]);
    await history.tellInForce(at, []);
    expect(taken).toMatchObject([
      {
        watched: 'heartbeat',
        because: 'arn:aws:events:eu-west-1:111122223333:rule/Jobs',
        at: at.toISOString(),
      },
      { watched: 'configuration-in-force', ...MADE_BY },
    ]);
  });
});
