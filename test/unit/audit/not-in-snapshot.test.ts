import { expect, test } from '@jest/globals';
import { notInSnapshot } from '../../../shared/audit/run-scope.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { found, NOT_IN_SNAPSHOT, notRead } from '../../../shared/reader/read-result.ts';

const TRAILS = 'cloudtrail/trails.json';
const missing = notRead(TRAILS, NOT_IN_SNAPSHOT, `${TRAILS} is not in the snapshot`);
const shares = async () => found([]);

test('a file that the snapshot lacks is told with the controls that need it', async () => {
  const reader = { readTrails: async () => missing, readShares: shares };
  expect(await notInSnapshot(reader, CONTROLS, { version: 1 })).toEqual([
    { file: TRAILS, controls: ['trail-logging'] },
  ]);
});

test.each([
  ['that is there', async () => found({ trails: [] })],
  ['that cannot be read, which is a finding', async () => notRead(TRAILS, 'Malformed', 'no JSON')],
])('a file %s is not', async (_, readTrails) => {
  expect(await notInSnapshot({ readTrails, readShares: shares }, CONTROLS, { version: 1 })).toEqual([]);
});

test('a control that is switched off needs no file', async () => {
  const reader = { readTrails: async () => missing, readShares: shares };
  const controls = { 'trail-logging': { enabled: false, reason: 'another tool' } };
  expect(await notInSnapshot(reader, CONTROLS, { version: 1, controls })).toEqual([]);
});
