import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseArn, parseAssumedRole } from '../../../../shared/domain/arn.ts';
import { anyMatcher, matchesAny, matchesGlob, matchingAmong } from '../../../../shared/iam/policy/glob.ts';
import { samples } from '../../../support/samples.ts';

/** The plain definition: exponential, and right. */
const matches = (pattern: string, text: string): boolean => {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === '*') return matches(rest, text) || (text !== '' && matches(pattern, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && matches(rest, text.slice(1));
};

describe('a glob', () => {
  test('matches exactly the texts of its definition', () => {
    const letters = (alphabet: string) =>
      fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(letters('ab*?'), letters('ab'), (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(matches(pattern, text));
      }),
      { numRuns: samples(2000) },
    );
  });

  test('of 200 stars ends on a text that does not match', () => {
    expect(matchesGlob('*a'.repeat(200), 'a'.repeat(199) + 'b'.repeat(1849))).toBe(false);
  });
});

describe('an ARN', () => {
  test('keeps the colons and slashes of its resource', () => {
    expect(parseArn('arn:aws-cn:sagemaker:cn-north-1:111122223333:a/b:c')).toEqual({
      partition: 'aws-cn',
      service: 'sagemaker',
      region: 'cn-north-1',
      account: '111122223333',
      resource: 'a/b:c',
    });
  });

  test.each(['', 'arn', 'arn:aws:s3::', 'arn:aws:s3:::', 'role/x', '<YOUR_ROLE_ARN>'])(
    'is not %j',
    (text) => {
      expect(parseArn(text)).toBeUndefined();
    },
  );

  test('of a session names its role', () => {
    expect(parseAssumedRole('arn:aws:sts::111122223333:assumed-role/Name/a/b')).toMatchObject({
      roleName: 'Name',
      sessionName: 'a/b',
    });
    expect(parseAssumedRole('arn:aws:iam::111122223333:role/Name')).toBeUndefined();
  });
});

test.each([
  [['arn:aws:s3:::b/x/*'], 'arn:aws:s3:::b/x/y/z', true],
  [['arn:aws:s3:::b/x/*'], 'arn:aws:s3:::b/x/', true],
  [['arn:aws:s3:::b/x/*'], 'arn:aws:s3:::b/xy/z', false],
  [['arn:aws:s3:::b/x/*'], 'arn:aws:s3:::b/x', false],
  [['arn:aws:s3:::b/?/*'], 'arn:aws:s3:::b/x/y', true],
  [['other', '*/y'], 'arn:aws:s3:::b/x/y', true],
  [['arn:aws:s3:::b/x'], 'arn:aws:s3:::b/x', true],
  [[], '', false],
])('anyMatcher: %j and %s', (patterns, text, expected) => {
  expect(anyMatcher(patterns)(text)).toBe(expected);
  expect(matchesAny(patterns, text)).toBe(expected);
});

test('matchingAmong keeps the order where every pattern matches', () => {
  const all = [['*'], ['a'], ['*']].map((patterns, value) => ({ patterns, value }));
  expect(matchingAmong(all)('a')).toEqual([0, 1, 2]);
});

test('matchingAmong finds each value one of whose patterns matches, in their order', () => {
  const texts = (alphabet: string) =>
    fc.array(fc.constantFrom(...alphabet), { maxLength: 6 }).map((all) => all.join(''));
  const patterns = fc.array(texts('ab*?'), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(patterns, { maxLength: 5 }), texts('ab'), (all, text) => {
      const found = matchingAmong(all.map((each, value) => ({ patterns: each, value })))(text);
      expect(found).toEqual([...all.keys()].filter((value) => matchesAny(all[value] ?? [], text)));
    }),
    { numRuns: samples(1000) },
  );
});
