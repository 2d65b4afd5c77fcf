import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { globMatcher, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import {
  areApartAtSight,
  globPattern,
  isWithinAtSight,
  wordsPattern,
} from '../../../../shared/iam/sets/pattern.ts';
import { samples } from '../../../support/samples.ts';

const pattern = fc.array(fc.constantFrom(...'abA*?'), { maxLength: 6 }).map((all) => all.join(''));
const words = fc.array(
  fc.array(fc.constantFrom(...'abA'), { maxLength: 4 }).map((all) => all.join('')),
  { minLength: 1, maxLength: 3 },
);

test('a set of a few texts is apart from a pattern exactly when the pattern matches none of them', () => {
  const seen = { apart: 0, together: 0 };
  fc.assert(
    fc.property(words, pattern, (texts, glob) => {
      const matches = globMatcher(parseGlob(glob));
      const isApart = !texts.some(matches);
      seen[isApart ? 'apart' : 'together']++;
      const [list, policy] = [wordsPattern(texts), globPattern(parseGlob(glob))];
      expect([areApartAtSight(list, policy), areApartAtSight(policy, list)]).toEqual([isApart, isApart]);
      const inAnyCase = globMatcher(parseGlob(glob.toLowerCase()));
      const folded = globPattern(parseGlob(glob), 'folded');
      expect(areApartAtSight(list, folded)).toBe(!texts.some((text) => inAnyCase(text.toLowerCase())));
    }),
    { numRuns: samples(3000) },
  );
  expect(Math.min(seen.apart, seen.together)).toBeGreaterThan(100);
});

test('a set of one text lies within exactly the patterns that match the text', () => {
  fc.assert(
    fc.property(words, pattern, ([text = ''], glob) => {
      const isMatched = globMatcher(parseGlob(glob))(text);
      expect(isWithinAtSight(wordsPattern([text]), globPattern(parseGlob(glob)))).toBe(isMatched);
    }),
    { numRuns: samples(2000) },
  );
});

test('for a set of many texts, only its automaton tells what it contains', () => {
  const many = wordsPattern(Array.from({ length: 50 }, (_, at) => `role${at}`));
  expect(areApartAtSight(many, globPattern(parseGlob('user*')))).toBe(false);
  expect(many.language().accepts(many.language().after('role7'))).toBe(true);
});
