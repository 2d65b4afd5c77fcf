import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { clientConfig } from '../../shared/aws/read/clients.ts';
import { everySoOften } from '../../shared/aws/read/event-history.ts';
import { missedEvents } from '../../shared/aws/read/missed-events.ts';
import { auditedOperations } from '../../shared/events/audited-calls.ts';
import type { LookedUp } from '../../shared/sweep/lost-events.ts';
import { ACCOUNT, cloudTrail, REGION } from '../support/builders/events.ts';
import {
  type CloudTrailStandIn,
  type HistoryRecord,
  startCloudTrail,
} from '../support/standins/cloudtrail.ts';

const SCOPE = { account: ACCOUNT, region: REGION, partition: 'aws' };
const UNTIL = new Date('2026-11-20T12:00:00Z');
const SINCE = new Date('2026-11-20T10:00:00Z');

let standIn: CloudTrailStandIn;

beforeEach(async () => {
  standIn = await startCloudTrail();
});

afterEach(() => standIn.stop());

const recordAt = (minute: number, eventName: string, fields: Record<string, unknown> = {}): HistoryRecord =>
  cloudTrail(
    eventName,
    {},
    {
      eventTime: new Date(SINCE.valueOf() + minute * 60_000).toISOString(),
      ...fields,
    },
  ) as HistoryRecord;

const missed = async (isOver = () => false): Promise<LookedUp[]> => {
  const client = async (region: string) =>
    new CloudTrailClient({
      ...clientConfig({
        region,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 3,
      }),
      endpoint: standIn.endpoint,
    });
  const all: LookedUp[] = [];
  const window = { since: SINCE, until: UNTIL, isOver, pause: 0 };
  for await (const looked of missedEvents(client, [SCOPE], window)) all.push(looked);
  return all;
};

const names = (looked: readonly LookedUp[]): string[] =>
  looked.map((one) =>
    'record' in one ? (JSON.parse(one.record) as HistoryRecord).eventName : one.unread.code,
  );

describe('the event history', () => {
  test('is looked up by service and period, and for IAM in us-east-1', async () => {
    const iam = { eventSource: 'iam.amazonaws.com', awsRegion: 'us-east-1' };
    standIn.add(
      recordAt(-1, 'CreatePipeline'),
      recordAt(1, 'UpdatePipeline'),
      recordAt(2, 'PutBucketCors', { eventSource: 's3.amazonaws.com' }),
      recordAt(3, 'PutRolePolicy', iam),
      recordAt(4, 'PutRolePolicy', { ...iam, awsRegion: REGION }),
      recordAt(121, 'DeletePipeline'),
    );
    expect(names(await missed())).toEqual(['UpdatePipeline', 'PutBucketCors', 'PutRolePolicy']);
    expect(standIn.lookUps()).toEqual([
      `${REGION} sagemaker.amazonaws.com`,
      `${REGION} s3.amazonaws.com`,
      ...auditedOperations('kms.amazonaws.com').map((operation) => `${REGION} ${operation}`),
      `${REGION} ram.amazonaws.com`,
      'us-east-1 iam.amazonaws.com',
      'us-east-1 organizations.amazonaws.com',
    ]);
  });

  test('is read to its last page', async () => {
    standIn.add(...Array.from({ length: 120 }, (_, index) => recordAt(index / 2, 'UpdatePipeline')));
    const looked = await missed();
    expect(looked).toHaveLength(120);
    expect(new Set(looked.map((one) => 'record' in one && one.record)).size).toBe(120);
  });

  test('of a service with very many events is looked up call by call', async () => {
    standIn.add(
      recordAt(0, 'UpdatePipeline'),
      ...Array.from({ length: 2001 }, (_, index) => recordAt(1 + index / 1000, 'DescribePipeline')),
    );
    const looked = names(await missed());
    expect(looked.filter((name) => name === 'UpdatePipeline')).toHaveLength(1);
    expect(looked).not.toContain('Cut');
    expect(standIn.lookUps()).toContain(`${REGION} UpdatePipeline`);
  });

  test('names the time from which it is unread, if even single calls have too many events', async () => {
    standIn.add(...Array.from({ length: 2500 }, (_, index) => recordAt(index / 60, 'UpdatePipeline')));
    const cut = (await missed()).filter((one) => 'unread' in one);
    expect(cut).toEqual([
      {
        unread: {
          call: 'LookupEvents of UpdatePipeline',
          code: 'Cut',
          message:
            'there are more events than a sweep reads: those from 2026-11-20T10:00:00.000Z to 2026-11-20T10:25:00.000Z were not read',
        },
      },
    ]);
  });

  test('names its unread part when the time is over', async () => {
    const looked = await missed(() => true);
    expect(new Set(names(looked))).toEqual(new Set(['Cut']));
    expect(standIn.lookUps()).toEqual([]);
  });

  test('is read despite some throttling', async () => {
    standIn.add(recordAt(1, 'UpdatePipeline'));
    standIn.throttleNext(2);
    expect(names(await missed())).toEqual(['UpdatePipeline']);
  });

  test('makes a gap for each service, or each call of a busy one, if AWS denies the read', async () => {
    standIn.deny(true);
    const of = (service: string): string => `${service}.amazonaws.com`;
    const lookedUp = [
      ...['sagemaker', 's3'].map(of),
      ...auditedOperations('kms.amazonaws.com'),
      ...['ram', 'iam', 'organizations'].map(of),
    ];
    expect(await missed()).toEqual(
      lookedUp.map((what) =>
        expect.objectContaining({
          unread: expect.objectContaining({
            call: `LookupEvents of ${what}`,
            code: 'AccessDeniedException',
          }),
        }),
      ),
    );
  });
});

test('one call passes in each interval, however many come at once', async () => {
  let clock = 1000;
  const waits: number[] = [];
  const pace = everySoOften(
    500,
    () => clock,
    async (milliseconds) => void waits.push(milliseconds),
  );
  await pace();
  await pace();
  await pace();
  clock = 5000;
  await pace();
  expect(waits).toEqual([500, 1000]);
});
