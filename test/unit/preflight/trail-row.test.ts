import { expect, test } from '@jest/globals';
import { trailRow } from '../../../shared/preflight/trail-row.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { TrailFact } from '../../../shared/reader/reader.ts';

const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const TRAIL: TrailFact = {
  arn: 'arn:aws:cloudtrail:us-east-1:999988887777:trail/organization',
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isOrganizationTrail: true,
  isLogging: found(true),
  selectors: found([[{ field: 'eventCategory', equals: ['Management'] }]]),
};

test.each([
  ['that logs', found([TRAIL]), 'OK', 'a trail logs', undefined],
  [
    'that is stopped',
    found([{ ...TRAIL, isLogging: found(false) }]),
    'WILL_BE_MISSING',
    'it is not logging',
    'Ask account 999988887777',
  ],
  ['that is not there', found([]), 'WILL_BE_MISSING', 'no trail logs in us-east-1', 'only sweeps find'],
  [
    'that is not told whole',
    found([{ ...TRAIL, selectors: notRead('GetEventSelectors', 'AccessDeniedException', 'no') }]),
    'NOT_TOLD',
    'AccessDeniedException',
    'get-event-selectors',
  ],
  [
    'that may not be listed',
    notRead('DescribeTrails', 'AccessDeniedException', 'no'),
    'NOT_TOLD',
    'AccessDeniedException',
    'cloudtrail:DescribeTrails',
  ],
])('a trail %s', (_name, trails, status, says, todo) => {
  const row = trailRow(SCOPE, trails.ok ? found({ trails: trails.value }) : trails);
  expect(row).toMatchObject({ status, found: expect.stringContaining(says) });
  expect(row.todo ?? '').toContain(todo ?? '');
});
