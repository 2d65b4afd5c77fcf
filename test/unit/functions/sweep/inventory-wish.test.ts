import { expect, test } from '@jest/globals';
import { inventoryWish } from '../../../../functions/sweep/inventory-wish.ts';

const ACCOUNT = '111122223333';

test('an inventory after a sweep of everything is told since when all was looked at', () => {
  expect(inventoryWish(ACCOUNT, 5, true)).toEqual({ account: ACCOUNT, notBefore: 5, sweptFrom: 5 });
});

test('a sweep that could not list everything does not say that all was looked at', () => {
  expect(inventoryWish(ACCOUNT, 5, false)).toEqual({ account: ACCOUNT, notBefore: 5 });
});
