import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearPatterns } from '../../../../shared/iam/sets/near-patterns.ts';
import { samples } from '../../../support/samples.ts';

const pattern = fc.array(fc.constantFrom(...'ab/*'), { maxLength: 5 }).map((all) => all.join(''));
const beginningOf = (text: string): string => text.split('*')[0] ?? '';

test('near are the patterns of which one’s beginning begins with the other’s', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 8 }), pattern, (patterns, one) => {
      const expected = [...new Set(patterns)].filter(
        (each) =>
          beginningOf(each).startsWith(beginningOf(one)) || beginningOf(one).startsWith(beginningOf(each)),
      );
      expect(nearPatterns(patterns)(one).toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: samples(1000) },
  );
});

test('a variable ends a beginning as a star does', () => {
  const near = nearPatterns(['acme/in/*', 'acme/${aws:username}/*', 'other/*']);
  expect(near('acme/in/x').toSorted()).toEqual(['acme/${aws:username}/*', 'acme/in/*']);
});
