import { expect, test } from '@jest/globals';
import { inventoryWish } from '../../../../functions/sweep/inventory-wish.ts';

const ACCOUNT = '111122223333';
const GAP = { call: 'ListBuckets', code: 'AccessDenied', message: 'no' };

test('an inventory after a sweep of everything is told since when all was looked at', () => {
  expect(inventoryWish(ACCOUNT, 5, { gaps: [], offRegions: [] })).toEqual({
    account: ACCOUNT,
    notBefore: 5,
    sweptFrom: 5,
  });
});

test.each([
  ['of which something could not be listed', { gaps: [GAP] }],
  ['that left a Region out', { gaps: [], offRegions: ['eu-west-1'] }],
])('a sweep %s does not say that all was looked at', (_, sweep) => {
  expect(inventoryWish(ACCOUNT, 5, sweep)).toEqual({ account: ACCOUNT, notBefore: 5 });
});
