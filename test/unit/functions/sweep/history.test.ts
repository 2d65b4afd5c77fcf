import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import type { SweepConnection } from '../../../../functions/sweep/connection.ts';
import { noteListed, tellSwept, tellUnswept } from '../../../../functions/sweep/history.ts';
import { DEFAULT_CONFIG } from '../../../../shared/config/schema.ts';
import type { Gap } from '../../../../shared/domain/gap.ts';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { unpackRecords } from '../../../../shared/history/unpack-records.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const PART = { part: 'sweep-1', scope, queueUrl: 'https://sqs/history' };
const UNTIL = '2026-11-24T04:00:00.000Z';

/** A sweep’s bucket and the queue of the history, in memory. */
const aConnection = () => {
  const objects = new Map<string, string>();
  const told: HistoryRecord[] = [];
  const s3 = {
    send: async (command: object) => {
      if (command instanceof PutObjectCommand)
        return void objects.set(command.input.Key ?? '', String(command.input.Body));
      const text = command instanceof GetObjectCommand ? objects.get(command.input.Key ?? '') : undefined;
      if (text === undefined) throw new NoSuchKey({ message: 'no', $metadata: {} });
      return { ContentLength: text.length, Body: { transformToString: async () => text } };
    },
  };
  const sqs = {
    send: async ({ input }: SendMessageCommand) => void told.push(...unpackRecords(input.MessageBody ?? '')),
  };
  const connection = {
    bucket: 'sweeps',
    s3: async () => s3 as unknown as S3Client,
    sqs: sqs as unknown as SQSClient,
    config: async () => DEFAULT_CONFIG,
    now: () => new Date('2026-11-24T05:00:00Z'),
  } as unknown as SweepConnection;
  return { objects, told, connection };
};
const GAP: Gap = { call: 'ListPipelines', code: 'AccessDenied', message: 'no', subject: 'the pipelines' };

test.each([
  ['that could list everything is complete', [], false, { watched: 'sweep-complete' }],
  [
    'with a gap is incomplete, and says why',
    [GAP],
    false,
    { watched: 'sweep-incomplete', because: 'the pipelines: ListPipelines: AccessDenied: no' },
  ],
  [
    'that could not list the pipelines of a Region is incomplete',
    [],
    true,
    { watched: 'sweep-incomplete', because: 'the pipelines of a Region could not be listed' },
  ],
])('a sweep %s, and is told only when its looks are sent', async (_, gaps, isPartial, expected) => {
  const { told, connection } = aConnection();
  await noteListed(PART, { until: UNTIL, gaps, listed: { pipeline: 3, role: 2 }, isPartial }, connection);
  expect(told).toEqual([]);
  await tellSwept(PART, connection);
  expect(told).toMatchObject([
    { at: UNTIL, account: '111122223333', listed: { pipeline: 3, role: 2 }, ...expected },
  ]);
});

test.each([
  ['is missing', undefined],
  ['is no record', '{"watched":"sweep-complete"}'],
])('a sweep whose note %s is not told as complete', async (_, text) => {
  const { objects, told, connection } = aConnection();
  if (text !== undefined) objects.set('sweeps/sweep-1/history.json', text);
  await tellSwept(PART, connection);
  expect(told).toMatchObject([
    {
      watched: 'sweep-incomplete',
      because: 's3://sweeps/sweeps/sweep-1/history.json cannot be read',
    },
  ]);
});

test('an account that could not be swept is told with the reason', async () => {
  const { told, connection } = aConnection();
  await tellUnswept(PART, 'AssumeRole: AccessDenied: no', connection);
  expect(told).toMatchObject([{ watched: 'sweep-incomplete', because: 'AssumeRole: AccessDenied: no' }]);
});
