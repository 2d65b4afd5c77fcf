import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { expect, test } from '@jest/globals';
import { readTrails } from '../../../../shared/aws/read/trail-calls.ts';
import { found } from '../../../../shared/reader/read-result.ts';

const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const TRAIL = {
  TrailARN: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit',
  HomeRegion: 'eu-west-1',
  IsMultiRegionTrail: true,
};

const failure = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(`${name} on purpose`), { name, $fault: 'client', $metadata: { httpStatusCode } });

/** CloudTrail, which fails in some Regions. */
const cloudtrail = (faults: Readonly<Record<string, Error>>) => async (region: string) =>
  ({
    send: async ({ constructor: { name } }: object) => {
      const fault = faults[region];
      if (fault) throw fault;
      if (name === 'DescribeTrailsCommand') return { trailList: [TRAIL] };
      if (name === 'GetTrailStatusCommand') return { IsLogging: true };
      return { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] };
    },
  }) as unknown as CloudTrailClient;

const denied = failure('AccessDeniedException', 400);

test('trails are told although those of another Region may not be listed', async () => {
  expect(await readTrails(cloudtrail({ 'us-east-1': denied }), SCOPE)).toEqual(
    found({
      trails: [expect.objectContaining({ arn: TRAIL.TrailARN, isLogging: found(true) })],
      unlisted: [
        {
          region: 'us-east-1',
          unread: { call: 'DescribeTrails', code: 'AccessDeniedException', message: denied.message },
        },
      ],
    }),
  );
});

test('where no Region lists them, the trails are not read', async () => {
  const read = await readTrails(cloudtrail({ 'us-east-1': denied, 'eu-west-1': denied }), SCOPE);
  expect(read).toMatchObject({ ok: false, unread: { code: 'AccessDeniedException' } });
});

test('a call that was throttled is asked again, and no list is taken for refused', async () => {
  const read = await readTrails(cloudtrail({ 'us-east-1': failure('ThrottlingException', 429) }), SCOPE);
  expect(read).toMatchObject({ ok: false, unread: { code: 'ThrottlingException', isTransient: true } });
});
