import { describe, expect, test } from '@jest/globals';
import { countValues, isDense } from '../../../shared/json/json-density.ts';

describe('the values of a text', () => {
  test('are counted by brackets and commas', () => {
    expect(countValues(Buffer.from('{"a": [1, 2, {"b": 3}]}'))).toBe(5);
  });

  test.each<[string, string, number, boolean]>([
    ['eight megabytes of brackets', '[', 8_000_000, true],
    ['six megabytes of numbers', '0,', 3_000_000, true],
    ['a mebibyte of brackets, which is read', '[', 1_000_000, false],
    [
      'forty megabytes of what AWS answers',
      '{"RoleName": "fraud-train", "Path": "/steps/"},\n',
      800_000,
      false,
    ],
  ])('may be too many for the memory, as in %s', (_, unit, count, expected) => {
    expect(isDense(Buffer.alloc(unit.length * count, unit))).toBe(expected);
  });
});
