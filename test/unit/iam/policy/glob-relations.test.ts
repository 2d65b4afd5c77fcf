import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalGlob, globMatcher, globText, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import { areApart, covers } from '../../../../shared/iam/policy/glob-relations.ts';
import { samples } from '../../../support/samples.ts';

const glob = (text: string) => canonicalGlob(parseGlob(text));
const pattern = fc.array(fc.constantFrom(...'ab*?'), { maxLength: 6 }).map((all) => all.join(''));
const texts = Array.from({ length: 4 ** 5 }, (_, number) =>
  number.toString(4).replaceAll('0', '').replaceAll('1', 'a').replaceAll('2', 'b').replaceAll('3', 'c'),
);

test('a canonical pattern matches the same texts as the original', () => {
  fc.assert(
    fc.property(pattern, (text) => {
      const [asWritten, inOneForm] = [globMatcher(parseGlob(text)), globMatcher(glob(text))];
      expect(texts.filter(asWritten)).toEqual(texts.filter(inOneForm));
      expect(globText(glob(text))).not.toMatch(/\*[*?]/);
    }),
    { numRuns: 500 },
  );
});

test('a pattern that is seen to contain another one does, and patterns that are seen to be apart are', () => {
  const seen = { within: 0, apart: 0 };
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const [inOne, inOther] = [globMatcher(parseGlob(one)), globMatcher(parseGlob(other))];
      if (covers(glob(one), glob(other))) {
        seen.within++;
        expect(texts.filter(inOther).filter((text) => !inOne(text))).toEqual([]);
      }
      if (areApart(glob(one), glob(other))) {
        seen.apart++;
        expect(texts.filter((text) => inOne(text) && inOther(text))).toEqual([]);
      }
    }),
    { numRuns: samples(3000) },
  );
  expect(Math.min(seen.within, seen.apart)).toBeGreaterThan(100);
});

test.each<[string, string, boolean, boolean]>([
  ['job/*', 'job/fraud-*', true, false],
  ['job/*', 'job/*', true, false],
  ['*', '?*a', true, false],
  ['job/fraud-*', 'job/*', false, false],
  ['job/?*', 'job/*', false, false],
  ['*a', '*b', false, true],
  ['role/a*', 'role/b*', false, true],
  ['role/abc', 'role/a', false, true],
  ['*a*b*', '*x*a*y*b*', true, false],
  ['*a*b*', '*b*a*', false, false],
])('%s and %s', (one, other, isWithin, isApart) => {
  expect([covers(glob(one), glob(other)), areApart(glob(one), glob(other))]).toEqual([isWithin, isApart]);
});

test('a comparison of patterns with many stars takes no more time than their lengths together', () => {
  const long = glob('*a'.repeat(2000));
  expect(covers(long, glob('a'.repeat(4000)))).toBe(true);
  expect(covers(glob(`${'*a'.repeat(2000)}b`), glob('a'.repeat(4000)))).toBe(false);
});
