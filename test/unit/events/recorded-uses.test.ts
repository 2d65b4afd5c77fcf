import { describe, expect, test } from '@jest/globals';
import { readEventFile } from '../../../shared/events/event-file.ts';
import { readEvents } from '../../../shared/events/read-events.ts';
import { type RecordBounds, recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import type { Json } from '../../../shared/json/json.ts';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  roleArn,
  sagemakerArn,
  session,
} from '../../support/builders/events.ts';

const MAYA = roleArn('data-scientist');
const start = (pipelineName: string, eventTime: string, fields: Record<string, unknown> = {}) =>
  cloudTrail('StartPipelineExecution', { pipelineName }, { eventTime, ...fields });
const recordedIn = (records: readonly unknown[], bounds?: RecordBounds) => {
  const builder = recordedBuilder(bounds);
  for (const record of records) builder.add(record as Json);
  return builder.recorded();
};

describe('the uses of a principal', () => {
  test('that are the same are one, with how often and when it was last', () => {
    const { uses } = recordedIn([
      start('fraud', '2026-11-20T10:00:00Z'),
      start('fraud', '2026-11-03T10:00:00Z'),
      start('vision', '2026-11-02T10:00:00Z'),
    ]).of(MAYA);
    expect(uses.map(({ resource, times, last }) => [resource, times, last])).toEqual([
      [sagemakerArn('pipeline/fraud'), 2, '2026-11-20T10:00:00Z'],
      [sagemakerArn('pipeline/vision'), 1, '2026-11-02T10:00:00Z'],
    ]);
  });

  test('are counted once for a record that came twice', () => {
    const record = start('fraud', '2026-11-20T10:00:00Z');
    expect(recordedIn([record, record]).of(MAYA).uses).toMatchObject([{ times: 1 }]);
  });

  test('are kept for each of two different records with one event id', () => {
    const eventID = 'e-1';
    const { uses } = recordedIn([
      start('fraud', '2026-11-20T10:00:00Z', { eventID }),
      start('vision', '2026-11-20T10:00:00Z', { eventID }),
    ]).of(MAYA);
    expect(uses).toHaveLength(2);
  });

  test('are apart from those of a role with the same name in another account', () => {
    const foreign = {
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::444455556666:role/data-scientist' } },
    };
    const recorded = recordedIn([start('fraud', '2026-11-20T10:00:00Z', { userIdentity: foreign })]);
    expect(recorded.of(MAYA).uses).toEqual([]);
    expect(recorded.of('arn:aws:iam::444455556666:role/data-scientist').uses).toHaveLength(1);
  });

  test('are found under each of its ARNs', () => {
    const sessionAlone = { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ana/x` };
    const recorded = recordedIn([
      start('fraud', '2026-11-20T10:00:00Z', { userIdentity: session('teams/ana', 'x') }),
      start('vision', '2026-11-20T10:00:00Z', { userIdentity: sessionAlone }),
    ]);
    expect(recorded.of(roleArn('teams/ana'), roleArn('ana')).uses).toHaveLength(2);
  });
});

test('what somebody did whom no record tells is kept for all users and roles of the account', () => {
  const recorded = recordedIn([
    start('fraud', '2026-11-20T10:00:00Z', { userIdentity: null }),
    start('vision', '2026-11-20T10:00:00Z', { userIdentity: null, recipientAccountId: null }),
  ]);
  const untoldOf = (arn: string) => recorded.of(arn).untold.map(({ resource }) => resource);
  expect(untoldOf(MAYA)).toHaveLength(2);
  expect(untoldOf(roleArn('another'))).toHaveLength(2);
  expect(untoldOf('arn:aws:iam::444455556666:role/another')).toHaveLength(1);
  expect(recorded.of(MAYA).uses).toEqual([]);
});

describe('the records that were looked at', () => {
  test('are counted with their first and last time, also those that show nothing', () => {
    const recorded = recordedIn([
      start('fraud', '2026-11-20T10:00:00Z'),
      start('fraud', '2026-11-01T10:00:00Z', { errorCode: 'AccessDenied' }),
      start('fraud', 'yesterday'),
    ]);
    expect(recorded).toMatchObject({
      records: 3,
      span: { from: '2026-11-01T10:00:00Z', to: '2026-11-20T10:00:00Z' },
      unread: [],
    });
  });

  test('tell of objects if one is a data event of S3', () => {
    const s3 = (eventName: string, request: object) =>
      cloudTrail(eventName, request, { eventSource: 's3.amazonaws.com' });
    const management = s3('PutBucketPolicy', { bucketName: 'acme' });
    expect(recordedIn([management]).tellsObjects).toBe(false);
    expect(recordedIn([management, s3('GetObject', { bucketName: 'acme', key: 'a' })]).tellsObjects).toBe(
      true,
    );
  });

  test('are those in any form of events, and no events of another source', () => {
    const builder = recordedBuilder();
    const record = start('fraud', '2026-11-20T10:00:00Z');
    const forms = [
      { Records: [record] },
      { Events: [{ EventName: 'x', EventSource: 'y', CloudTrailEvent: JSON.stringify(record) }] },
      envelope(record),
      { ...envelope(record), source: 'com.example.mine' },
      { 'detail-type': 'SageMaker Training Job State Change', source: 'aws.sagemaker', detail: {} },
    ];
    readEvents(forms as Json, 'input', undefined, builder.add);
    expect(builder.recorded().records).toBe(3);
  });

  test('are those of a file of JSON lines, without its broken lines', () => {
    const builder = recordedBuilder();
    const lines = [start('fraud', '2026-11-20T10:00:00Z'), start('vision', '2026-11-20T10:00:00Z')];
    const text = [...lines.map((line) => JSON.stringify(line)), '{"eventName":'].join('\n');
    const file = readEventFile(new TextEncoder().encode(text), 'x.jsonl', builder.add);
    expect(builder.recorded().of(MAYA).uses).toHaveLength(2);
    expect(file).toMatchObject({ ok: true, events: { unreadable: [{ at: 'x.jsonl:3' }] } });
  });
});

describe('what is over a bound', () => {
  const BOUNDS = { records: 100, uses: 100, resources: 100 };
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => start(`p-${index}`, '2026-11-20T10:00:00Z'));

  test('of the resources of an action becomes one use of which nothing but the action is known', () => {
    const { uses, unread } = recordedIn(many(5), { ...BOUNDS, resources: 2 }).of(MAYA);
    expect(uses).toHaveLength(3);
    expect(uses[2]).toEqual({
      action: 'sagemaker:StartPipelineExecution',
      keys: {},
      times: 3,
      last: '2026-11-20T10:00:00Z',
    });
    expect(unread).toEqual([]);
  });

  test('of all uses is said', () => {
    const recorded = recordedIn(many(5), { ...BOUNDS, uses: 2 });
    expect(recorded.of(MAYA).uses).toHaveLength(2);
    expect(recorded.unread).toEqual(['they show more than 2 uses']);
  });

  test('of all records is said', () => {
    expect(recordedIn(many(5), { ...BOUNDS, records: 4 })).toMatchObject({
      records: 4,
      unread: ['they are more than 4'],
    });
  });
});
