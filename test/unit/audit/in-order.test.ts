import { expect, test } from '@jest/globals';
import { inOrder } from '../../../shared/audit/in-order.ts';

test('values are passed on in the order of their indexes, each as soon as all before it have come', () => {
  const told: string[] = [];
  const add = inOrder<string>((value) => told.push(value));
  add(1, 'b');
  expect(told).toEqual([]);
  add(0, 'a');
  expect(told).toEqual(['a', 'b']);
  add(3, 'd');
  add(2, 'c');
  expect(told).toEqual(['a', 'b', 'c', 'd']);
});
