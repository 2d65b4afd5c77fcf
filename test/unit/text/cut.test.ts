import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cut } from '../../../shared/text/cut.ts';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a😀b', 3, 'a…'],
  ['abc', 1, '…'],
  ['abc', 0, '…'],
  ['', 0, ''],
])('%j in %i units is %j', (text, max, expected) => {
  expect(cut(text, max)).toBe(expected);
});

test('a text that is cut fits, begins as it did, and stays well-formed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const shown = cut(text, max);
      expect(shown.length).toBeLessThanOrEqual(max);
      expect(shown.isWellFormed()).toBe(true);
      expect(text.startsWith(shown.replace(/…$/, ''))).toBe(true);
    }),
  );
});
