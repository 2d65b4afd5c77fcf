import { expect, test } from '@jest/globals';
import { keepingLatest } from '../../shared/memo.ts';

test('of more than may be kept, the one that nobody has asked for longest is let go', () => {
  const made: string[] = [];
  const kept = keepingLatest(2, (key) => {
    made.push(key);
    return { key };
  });
  const [one] = [kept('one'), kept('other'), kept('one'), kept('third')];
  expect(made).toEqual(['one', 'other', 'third']);
  expect(kept('one')).toBe(one);
  kept('other');
  expect(made).toEqual(['one', 'other', 'third', 'other']);
});
