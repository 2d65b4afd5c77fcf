import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { valueMatching } from '../../../shared/declared/unify.ts';
import { matchesGlob } from '../../../shared/iam/policy/glob.ts';

describe('the value of a hole with which a text matches a pattern', () => {
  test.each([
    ['a literal pattern', ['arn:aws:s3:::', '/data'], '?*', 'arn:aws:s3:::train/data', 'train'],
    [
      'a pattern that begins the hole',
      ['arn:aws:iam::111122223333:role/', ''],
      '?*',
      '*:role/team-*',
      'team-',
    ],
    ['a hole in the middle of a name', ['', '-train'], '?*', 'fraud-*', 'fraud'],
    ['a generated name', ['', ''], '*-MyRole-*', 'prod-*', 'prod-MyRole-'],
    ['a wildcard for one character', ['a', 'c'], '?*', 'a?c', 'x'],
  ])('is found for %s', (_, parts, like, pattern, value) => {
    expect(valueMatching(parts, like, pattern)).toBe(value);
  });

  test.each([
    ['the text around the hole differs', ['s3-', '/data'], '?*', 'arn:*'],
    ['the hole cannot have such a value', ['', ''], '*-MyRole-*', 'sagemaker'],
    ['the hole would have to be empty', ['team', ''], '?*', 'team'],
  ])('is none where %s', (_, parts, like, pattern) => {
    expect(valueMatching(parts, like, pattern)).toBeUndefined();
  });

  test('makes the text match, whatever the pattern', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/'), maxLength: 6 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, pattern, (before, after, glob) => {
        const value = valueMatching([before, after], '?*', glob);
        if (value !== undefined) expect(matchesGlob(glob, `${before}${value}${after}`)).toBe(true);
      }),
    );
  });

  test('is found wherever any short value makes the text match', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 });
    const short = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(text, text, pattern, short, (before, after, glob, value) => {
        fc.pre(matchesGlob(glob, `${before}${value}${after}`));
        expect(valueMatching([before, after], '?*', glob)).toBeDefined();
      }),
    );
  });
});
