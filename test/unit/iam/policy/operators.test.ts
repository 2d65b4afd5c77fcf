import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ANY, literalGlob, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import {
  arnParts,
  compileTest,
  type PolicyValue,
  TESTS,
  type Test,
  valueProblem,
} from '../../../../shared/iam/policy/operators.ts';
import { samples } from '../../../support/samples.ts';

const policyValue = (text: string): PolicyValue => ({ text, glob: parseGlob(text) });

const ask = (name: Test, policy: string | readonly string[], value: string): boolean | undefined =>
  compileTest(name, [policy].flat().map(policyValue))(value);

const ALL: readonly Test[] = [...new Set(Object.values(TESTS).map((answer) => answer.test))];

type Case = [policy: string | string[], value: string, expected: boolean | undefined];

describe('the operators', () => {
  test('are implemented by 17 tests', () => {
    expect(Object.entries(TESTS).map(([name, answer]) => [name, answer.test, answer.isNegated])).toEqual([
      ['stringequals', 'string', false],
      ['stringnotequals', 'string', true],
      ['stringequalsignorecase', 'string-ignore-case', false],
      ['stringnotequalsignorecase', 'string-ignore-case', true],
      ['stringlike', 'string-like', false],
      ['stringnotlike', 'string-like', true],
      ['numericequals', 'numeric-equals', false],
      ['numericnotequals', 'numeric-equals', true],
      ['numericlessthan', 'numeric-less', false],
      ['numericlessthanequals', 'numeric-less-equals', false],
      ['numericgreaterthan', 'numeric-greater', false],
      ['numericgreaterthanequals', 'numeric-greater-equals', false],
      ['dateequals', 'date-equals', false],
      ['datenotequals', 'date-equals', true],
      ['datelessthan', 'date-less', false],
      ['datelessthanequals', 'date-less-equals', false],
      ['dategreaterthan', 'date-greater', false],
      ['dategreaterthanequals', 'date-greater-equals', false],
      ['bool', 'bool', false],
      ['binaryequals', 'binary', false],
      ['ipaddress', 'ip', false],
      ['notipaddress', 'ip', true],
      ['arnequals', 'arn', false],
      ['arnlike', 'arn', false],
      ['arnnotequals', 'arn', true],
      ['arnnotlike', 'arn', true],
    ]);
    expect(ALL).toHaveLength(17);
  });

  test.each(ALL)('%s matches nothing if there are no values', (name) => {
    const values = ['x', '1', 'true', 'QUJD', '10.0.0.1', 'a:b:c:d:e:f'];
    expect(values.map((value) => ask(name, [], value))).not.toContain(true);
    expect(values.map((value) => ask(name, [], value))).toContain(false);
  });

  test('give the same answer for any order of the values', () => {
    const text = fc.oneof(
      fc.constantFrom(
        '',
        'a',
        'A',
        '*',
        'a?',
        '1',
        '1.0',
        '2',
        '-3',
        '2026-01-01',
        '0',
        'true',
        'FALSE',
        'QQ==',
      ),
      fc.constantFrom('10.0.0.0/8', '10.1.2.3', '::1', '::/0', 'a:b:c:d:e:f', 'a:*:c:?:e:f*', '*:*:*:*:*:*'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ALL), fc.array(text, { maxLength: 5 }), text, (name, policy, value) => {
        const answer = ask(name, policy, value);
        expect(ask(name, policy.toReversed(), value)).toBe(answer);
        expect(ask(name, [...policy, ...policy], value)).toBe(answer);
        const single = policy.map((one) => ask(name, one, value));
        if (answer !== undefined) expect(single.includes(true)).toBe(answer);
        else expect(single.every((one) => one === undefined)).toBe(true);
      }),
      { numRuns: samples(1000) },
    );
  });
});

describe('a string', () => {
  test.each<Case>([
    ['a', 'a', true],
    ['a', 'A', false],
    ['a', 'ab', false],
    ['a*', 'ab', false],
    ['a*', 'a*', true],
    ['', '', true],
    ['', 'a', false],
    [['a', 'b'], 'b', true],
    [['a', 'b'], 'a', true],
    [['a', 'b'], 'c', false],
    [['__proto__'], '__proto__', true],
    [['a', 'b'], 'constructor', false],
  ])('%j equals %j: %p', (policy, value, expected) => {
    expect(ask('string', policy, value)).toBe(expected);
  });

  test.each<Case>([
    ['aB', 'Ab', true],
    ['AB', 'ab', true],
    ['ab', 'AB', true],
    ['ab', 'abc', false],
    ['a*', 'AB', false],
    [['x', 'Straße'], 'STRASSE', false],
    [['x', 'ÄÖ'], 'äö', true],
  ])('%j equals %j without case: %p', (policy, value, expected) => {
    expect(ask('string-ignore-case', policy, value)).toBe(expected);
  });

  test.each<Case>([
    ['a*', 'a', true],
    ['a*', 'abc', true],
    ['a*', 'Abc', false],
    ['a*', 'ba', false],
    ['*a', 'ab', false],
    ['a?', 'ab', true],
    ['a?', 'a', false],
    ['a?', 'abc', false],
    ['*', '', true],
    ['?', '', false],
    ['', '', true],
    ['', 'a', false],
    ['a', 'a', true],
    ['a', 'ab', false],
    [['x', 'y', 'z*'], 'y', true],
    [['x', 'y', 'z*'], 'zz', true],
    [['x?', 'y?', 'z'], 'y1', true],
    [['x?', 'y?', 'z'], 'z1', false],
    ['a*', 'a:/\n', true],
  ])('%j is like %j: %p', (policy, value, expected) => {
    expect(ask('string-like', policy, value)).toBe(expected);
  });

  test('does not treat a literal star as a wildcard', () => {
    const like = compileTest('string-like', [{ text: 'a*', glob: literalGlob('a*') }]);
    expect(['a*', 'ab', 'a'].map(like)).toEqual([true, false, false]);
    const mixed = compileTest('string-like', [{ text: '?*', glob: [...literalGlob('?'), ANY] }]);
    expect(['?', '?a', 'a'].map(mixed)).toEqual([true, true, false]);
  });
});

describe('a comparison', () => {
  test.each<[Test, boolean, boolean, boolean]>([
    ['numeric-equals', false, true, false],
    ['numeric-less', true, false, false],
    ['numeric-less-equals', true, true, false],
    ['numeric-greater', false, false, true],
    ['numeric-greater-equals', false, true, true],
  ])('%s of what is below, at and above', (name, below, at, above) => {
    expect(['5', '6', '7'].map((value) => ask(name, '6.0', value))).toEqual([below, at, above]);
    expect(
      ['9007199254740992', '9007199254740993', '9007199254740994'].map((value) =>
        ask(name, '9007199254740993', value),
      ),
    ).toEqual([below, at, above]);
  });

  test.each<[Test, boolean, boolean, boolean]>([
    ['date-equals', false, true, false],
    ['date-less', true, false, false],
    ['date-less-equals', true, true, false],
    ['date-greater', false, false, true],
    ['date-greater-equals', false, true, true],
  ])('%s of what is before, at and after', (name, before, at, after) => {
    const values = ['2025-12-31T23:59:59.999Z', '1767225600', '2026-01-01T00:00:00.001Z'];
    expect(values.map((value) => ask(name, '2026-01-01', value))).toEqual([before, at, after]);
  });

  test.each<[Test, string | string[], string, boolean | undefined]>([
    ['numeric-equals', '', '0', false],
    ['numeric-equals', '0', '', undefined],
    ['numeric-equals', '6', '6abc', undefined],
    ['numeric-equals', ['six', '6'], '6', true],
    ['numeric-equals', ['six', '6'], '7', false],
    ['numeric-equals', ['5', '6'], '5', true],
    ['numeric-less', ['1', '10'], '5', true],
    ['numeric-less', 'x', '5', false],
    ['date-equals', 'abc', '2026-01-01', false],
    ['date-equals', '2026-01-01', 'abc', undefined],
    ['date-equals', ['abc', '2026-01-01'], '2026-01-01', true],
    ['date-less', ['2025-01-01', '2027-01-01'], '2026-01-01', true],
  ])('%s %j of %j: %p', (name, policy, value, expected) => {
    expect(ask(name, policy, value)).toBe(expected);
  });
});

describe('a boolean', () => {
  test.each<Case>([
    ['true', 'true', true],
    ['TRUE', 'true', true],
    ['true', 'True', true],
    ['false', 'FALSE', true],
    ['true', 'false', false],
    ['false', 'true', false],
    [['true', 'false'], 'false', true],
    ['yes', 'true', false],
    ['true', 'yes', undefined],
    ['yes', 'yes', undefined],
    ['true', '', undefined],
    ['true', '1', undefined],
    ['true', 'true ', undefined],
  ])('%j of %j: %p', (policy, value, expected) => {
    expect(ask('bool', policy, value)).toBe(expected);
  });
});

describe('a binary value', () => {
  test.each<Case>([
    ['QUJD', 'QUJD', true],
    ['QUJD', 'qujd', false],
    ['QUI=', 'QUI', true],
    ['QQ==', 'QQ', true],
    ['QQ', 'QQ==', true],
    ['QR==', 'QQ==', true],
    ['Qf==', 'QQ==', true],
    ['Qg==', 'QQ==', false],
    ['QP==', 'QQ==', false],
    ['Q/==', 'Qw==', true],
    ['QUJDQUJ=', 'QUJDQUI=', true],
    ['QUL=', 'QUI=', true],
    ['QUM=', 'QUI=', false],
    ['QUH=', 'QUI=', false],
    ['QU/=', 'QU8=', true],
    ['QUJD', 'QUJE', false],
    ['+/09', '+/09', true],
    ['azAZ', 'azAZ', true],
    ['', '', true],
    ['', 'AA==', false],
    ['A', '', false],
    [['!', 'QQ=='], 'QQ==', true],
    ['!', 'QQ==', false],
    ['QQ==', 'Q', undefined],
    ['QQ==', 'QUJDQ', undefined],
    ['QQ==', 'QQ=', undefined],
    ['QQ==', 'QQ===', undefined],
    ['QQ==', 'QUI==', undefined],
    ['QQ==', 'QUJD=', undefined],
    ['QQ==', '==', undefined],
    ['QQ==', '====', undefined],
    ['QQ==', 'Q=Q=', undefined],
    ['QQ==', 'Q-Q_', undefined],
    ['QQ==', ' QQ==', undefined],
    ['QQ==', 'QQ==\n', undefined],
  ])('%j of %j: %p', (policy, value, expected) => {
    expect(ask('binary', policy, value)).toBe(expected);
  });

  test('is compared byte by byte', () => {
    const letter = fc.constantFrom('A', 'Q', 'R', 'f', 'w', '/', '+', '9');
    const base64 = fc.array(letter, { maxLength: 6 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(base64, base64, (a, b) => {
        const isSame = Buffer.from(a, 'base64').equals(Buffer.from(b, 'base64'));
        const isBase64 = b.length % 4 !== 1;
        expect(ask('binary', a, b)).toBe(isBase64 ? isSame && a.length % 4 !== 1 : undefined);
      }),
      { numRuns: samples(1000) },
    );
  });
});

describe('an IP address', () => {
  test.each<Case>([
    ['203.0.113.0/24', '203.0.113.9', true],
    ['203.0.113.0/24', '203.0.114.9', false],
    [['10.0.0.0/8', '2001:DB8::/32'], '2001:db8::1', true],
    [['10.0.0.0/8', '2001:DB8::/32'], '10.1.1.1', true],
    [['10.0.0.0/8', '2001:DB8::/32'], '11.1.1.1', false],
    ['0.0.0.0/0', '::1', false],
    ['10.0.0.0/33', '10.0.0.0', false],
    [['nonsense', '10.0.0.1'], '10.0.0.1', true],
    ['10.0.0.0/8', '10.0.0.0/8', undefined],
    ['10.0.0.0/8', 'nonsense', undefined],
    ['10.0.0.0/8', '', undefined],
  ])('%j of %j: %p', (policy, value, expected) => {
    expect(ask('ip', policy, value)).toBe(expected);
  });
});

describe('an ARN', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/team/Data';

  test.each<Case>([
    [ROLE, ROLE, true],
    [ROLE, ROLE.toLowerCase(), false],
    ['arn:aws:iam::111122223333:role/*', ROLE, true],
    ['arn:aws:iam::111122223333:user/*', ROLE, false],
    ['arn:aws:iam::444455556666:role/*', ROLE, false],
    ['arn:aws:iam::*:role/*', ROLE, true],
    ['arn:aws:iam::*:user/*', ROLE, false],
    ['arn:aws:iam:*:*:role/team/Data', ROLE, true],
    ['arn:aws:iam:?:*:role/team/Data', ROLE, false],
    ['arn:a?s:iam::*:role/team/Dat?', ROLE, true],
    ['arn:a?s:iam::*:role/team/Dat', ROLE, false],
    ['arn:*:iam::*:role/x', ROLE, false],
    ['*:*:*:*:*:*', ROLE, true],
    ['*', ROLE, true],
    ['arn:*', ROLE, false],
    ['arn:aws:iam::*', ROLE, false],
    ['arn:aws:iam:*:role/team/Data', ROLE, false],
    ['?', ROLE, false],
    ['', ROLE, false],
    ['arn:aws:iam::111122223333', ROLE, false],
    ['arn:aws:iam::111122223333*', ROLE, false],
    ['arn:aws:s3:::bucket*', 'arn:aws:s3:::bucket:with:colons', true],
    ['arn:aws:s3:::bucket:*:colons', 'arn:aws:s3:::bucket:with:colons', true],
    ['arn:aws:s?:::bucket:*:colons', 'arn:aws:s3:::bucket:with:colons', true],
    ['arn:aws:s?:::bucket', 'arn:aws:s3:::bucket:with:colons', false],
    ['arn:aws:s?:::bucket:with', 'arn:aws:s3:::bucket', false],
    [
      'arn:aws:someservice:*:111122223333:finance/*',
      'arn:aws:someservice:us-east-2:444455556666:store/abc:111122223333:finance/document.txt',
      false,
    ],
    ['*:b:c:d:e:f', 'a:b:c:d:e:f', true],
    ['*:b:c:d:e:f', 'a:a:b:c:d:e:f', false],
    ['a:b:c:d:*:f', 'a:b:c:d:e:f', true],
    ['a:b:c:d:*:f', 'a:b:c:d:e:e:f', false],
    ['a:b:c:d:*e:f', 'a:b:c:d:e:e:f', false],
    [['x', 'y:*', 'arn:aws:iam::*:role/*'], ROLE, true],
    [['arn:aws:iam::*:role/*', 'x', 'y:*'], ROLE, true],
    [['x', 'y:*', 'arn:aws:iam::*:user/*'], ROLE, false],
    ['a:b:c:d:e:', 'a:b:c:d:e:', true],
    [':::::', ':::::', true],
    ['*', 'a:b:c:d:e', undefined],
    ['a:b:c:d:e', 'a:b:c:d:e', undefined],
    ['*', '', undefined],
    ['*', 'role/team/Data', undefined],
    ['*', 'a:b:c:d:e:f', true],
    ['*', ':::::', true],
    ['*', '::::', undefined],
  ])('%j of %j: %p', (policy, value, expected) => {
    expect(ask('arn', policy, value)).toBe(expected);
  });

  test('treats a literal star as a character, and literal colons as an ARN’s colons', () => {
    const glob = [...parseGlob('arn:aws:s3:::'), ...literalGlob('a*:b?'), ANY];
    const fits = compileTest('arn', [{ text: 'arn:aws:s3:::a*:b?*', glob }]);
    const values = ['a*:b?', 'a*:b?x', 'ax:b?', 'a*:bx'].map((resource) => `arn:aws:s3:::${resource}`);
    expect(values.map(fits)).toEqual([true, true, false, false]);
    const account = [...parseGlob('arn:aws:iam:*:'), ...literalGlob('1:2')];
    const split = compileTest('arn', [{ text: 'arn:aws:iam:*:1:2', glob: account }]);
    expect(['arn:aws:iam::1:2', 'arn:aws:iam:x:1:2', 'arn:aws:iam:x:y:1:2'].map(split)).toEqual([
      true,
      true,
      false,
    ]);
    const star = compileTest('arn', [{ text: '*', glob: literalGlob('*') }]);
    expect([ROLE, '*:::::'].map(star)).toEqual([false, false]);
  });

  const part = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 3 }).map((letters) => letters.join(''));
  const arn = fc.array(part, { minLength: 6, maxLength: 8 }).map((parts) => parts.join(':'));

  test('without wildcards is an equality', () => {
    fc.assert(
      fc.property(arn, arn, (a, b) => {
        expect(ask('arn', a, b)).toBe(a === b);
        expect(ask('arn', a, a)).toBe(true);
      }),
    );
  });

  test('is matched part by part', () => {
    const wild = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 3 }).map((all) => all.join(''));
    const cut = (text: string) => {
      const parts = text.split(':');
      return [...parts.slice(0, 5), parts.slice(5).join(':')];
    };
    const pattern = fc
      .array(fc.oneof(wild, part), { minLength: 6, maxLength: 7 })
      .map((all) => all.join(':'));
    fc.assert(
      fc.property(pattern, arn, (policy, value) => {
        const found = cut(value);
        const isMatch = cut(policy).every((one, index) => ask('string-like', one, found[index] ?? ''));
        expect(ask('arn', policy, value)).toBe(isMatch);
      }),
      { numRuns: samples(2000) },
    );
  });

  test('is cut at its first five colons', () => {
    const parts = (text: string) => arnParts(parseGlob(text)).map((one) => String.fromCharCode(...one));
    expect(parts('a')).toEqual(['a']);
    expect(parts('')).toEqual(['']);
    expect(parts('a:b:')).toEqual(['a', 'b', '']);
    expect(parts(':b:')).toEqual(['', 'b', '']);
    expect(parts('a:b:c:d:e')).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(parts('a:b:c:d:e:f:g')).toEqual(['a', 'b', 'c', 'd', 'e', 'f:g']);
  });
});

describe('a value of a policy', () => {
  test.each<[Test, string, string | undefined]>([
    ['string', '', undefined],
    ['string', 'x', undefined],
    ['string-ignore-case', '', undefined],
    ['string-like', '', undefined],
    ['numeric-equals', '6', undefined],
    ['numeric-less', 'six', 'is not a number'],
    ['numeric-less-equals', '', 'is not a number'],
    ['numeric-greater', '0', undefined],
    ['numeric-greater-equals', '0x1', 'is not a number'],
    ['date-equals', '2026-01-01', undefined],
    ['date-equals', '0', undefined],
    ['date-less', 'today', 'is not a date'],
    ['date-less-equals', '2026-02-30', 'is not a date'],
    ['date-greater', '', 'is not a date'],
    ['date-greater-equals', '2026-01-01T00:00:00Z', undefined],
    ['bool', 'true', undefined],
    ['bool', 'FALSE', undefined],
    ['bool', 'yes', 'is neither true nor false'],
    ['binary', 'QQ==', undefined],
    ['binary', '', undefined],
    ['binary', 'Q', 'is not base64'],
    ['ip', '10.0.0.0/8', undefined],
    ['ip', '::', undefined],
    ['ip', '10.0.0.0/33', 'is not an IP address or range (CIDR)'],
    ['arn', 'arn:aws:iam::111122223333:role/x', undefined],
    ['arn', '*', undefined],
    ['arn', '*:*:*:*:*:*', undefined],
    ['arn', 'arn:aws:iam::*', 'is not an ARN'],
    ['arn', 'arn:*', 'is not an ARN'],
    ['arn', 'role/x', 'is not an ARN'],
    ['arn', '', 'is not an ARN'],
  ])('%s %j: %p', (name, text, expected) => {
    expect(valueProblem(name, text)).toBe(expected);
  });
});
