import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareDecimals, parseDecimal } from '../../../../shared/iam/policy/decimal.ts';

const order = (a: string, b: string): number | undefined => {
  const [first, second] = [parseDecimal(a), parseDecimal(b)];
  return first && second && compareDecimals(first, second);
};

describe('a decimal', () => {
  test.each([
    ['6', 6n, 0],
    ['+6', 6n, 0],
    ['-6', -6n, 0],
    ['6.0', 60n, 1],
    ['-0.25', -25n, 2],
    ['.5', 5n, 1],
    ['5.', 5n, 0],
    ['007', 7n, 0],
    ['-0', 0n, 0],
    ['1e3', 1000n, 0],
    ['1E3', 1000n, 0],
    ['1e+21', 10n ** 21n, 0],
    ['1.5e1', 15n, 0],
    ['1.25e1', 125n, 1],
    ['1e-2', 1n, 2],
    ['1.5e-2', 15n, 3],
    ['1e999', 10n ** 999n, 0],
    ['9'.repeat(64), 10n ** 64n - 1n, 0],
  ])('is read from %s', (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale });
  });

  test.each([
    '',
    ' ',
    '.',
    '+',
    '-',
    'e3',
    '.e3',
    '1e',
    '1e+',
    '1e1000',
    '1e1.5',
    ' 6',
    '6 ',
    '6\n',
    '6abc',
    'x6',
    '0x10',
    '1,5',
    '1.2.3',
    '--1',
    '1_000',
    '5-',
    '٥',
    'NaN',
    'Infinity',
    '9'.repeat(65),
  ])('is not %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test.each([
    ['6', '6.0', 0],
    ['0', '-0.00', 0],
    ['1000', '1e3', 0],
    ['0.001', '1e-3', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['9007199254740992', '9007199254740993', -1],
    ['-9007199254740993', '-9007199254740992', -1],
    ['0.1', '0.10000000000000000000000000001', -1],
    ['2', '10', -1],
    ['-2', '-10', 1],
    ['-1', '1', -1],
    ['0.5', '0.49', 1],
  ])('%s compared with %s', (a, b, expected) => {
    expect(order(a, b)).toBe(expected);
    expect(order(b, a)).toBe(expected === 0 ? 0 : -expected);
  });

  test('compares like an integer, at any size and scale', () => {
    const scaled = fc.tuple(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: 0, max: 20 }),
    );
    fc.assert(
      fc.property(scaled, scaled, ([a, down], [b, alsoDown]) => {
        const [left, right] = [a * 10n ** BigInt(20 - down), b * 10n ** BigInt(20 - alsoDown)];
        const expected = left < right ? -1 : Number(left > right);
        expect(order(`${a}e-${down}`, `${b}e-${alsoDown}`)).toBe(expected);
      }),
    );
  });

  test('compares like a double where doubles are exact', () => {
    const quarter = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((value) => value / 4);
    fc.assert(
      fc.property(quarter, quarter, (a, b) => {
        expect(order(String(a), String(b))).toBe(Math.sign(a - b));
      }),
    );
  });
});
