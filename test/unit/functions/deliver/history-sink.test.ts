import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { historySink } from '../../../../functions/deliver/history-sink.ts';
import { isDeliveryError } from '../../../../shared/findings/sink.ts';
import type { Change } from '../../../../shared/findings/state.ts';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { unpackRecords } from '../../../../shared/history/unpack-records.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const OWN = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const CHANGES: Change[] = [
  { kind: 'opened', finding: aFinding({ id: 'a' }) },
  { kind: 'refreshed', finding: aFinding({ id: 'b' }) },
  { kind: 'resolved', finding: aFinding({ id: 'c', status: 'PASSED' }) },
];

const sinkOver = (send: (command: SendMessageCommand) => Promise<unknown>) =>
  historySink('History', { client: { send } as unknown as SQSClient, queueUrl: 'https://sqs/history' }, OWN, {
    version: '0.1.0',
    configuration: 'as-it-was',
  });

test('the history is told each change, but not what is only repeated', async () => {
  const told: HistoryRecord[] = [];
  const sink = sinkOver(async ({ input }) => void told.push(...unpackRecords(input.MessageBody ?? '')));
  await sink.deliver(CHANGES);
  expect(told.map((record) => record.kind === 'change' && [record.change, record.finding.id])).toEqual([
    ['opened', 'a'],
    ['resolved', 'c'],
  ]);
});

test('changes that the queue does not take are named, so that they come again', async () => {
  const error = await sinkOver(async () => {
    throw new Error('the queue is gone');
  })
    .deliver(CHANGES)
    .catch((reason: unknown) => reason);
  expect(isDeliveryError(error) && error.failures.map(({ id, message }) => [id, message])).toEqual(
    ['a', 'b', 'c'].map((id) => [id, 'the queue is gone']),
  );
});
