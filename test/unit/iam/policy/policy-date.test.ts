import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDate } from '../../../../shared/iam/policy/policy-date.ts';

const START_OF_2026 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

describe('a date of a policy', () => {
  test.each([
    ['2026-01', START_OF_2026],
    ['2026-12', Date.UTC(2026, 11, 1)],
    ['2026-01-01', START_OF_2026],
    ['2026-12-31', Date.UTC(2026, 11, 31)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2026-01-01T00:00Z', START_OF_2026],
    ['2026-01-01T00:00:00Z', START_OF_2026],
    ['2026-01-01t00:00:00z', START_OF_2026],
    ['2026-01-01 00:00:00', START_OF_2026],
    ['2026-01-01T00:00:00', START_OF_2026],
    ['2026-01-01T09:08:07Z', Date.UTC(2026, 0, 1, 9, 8, 7)],
    ['2026-01-01T19:59:59Z', Date.UTC(2026, 0, 1, 19, 59, 59)],
    ['2026-01-01T23:59:59.999Z', START_OF_2026 + 24 * 60 * MINUTE - 1],
    ['2026-01-01T00:00:00.5Z', START_OF_2026 + 500],
    ['2026-01-01T00:00:00.0019999999999Z', START_OF_2026 + 1],
    ['2026-01-01T00:00:00+00:00', START_OF_2026],
    ['2026-01-01T00:00:00-00:00', START_OF_2026],
    ['2026-01-01T02:30:00+02:30', START_OF_2026],
    ['2026-01-01T02:30:00+0230', START_OF_2026],
    ['2025-12-31T16:15:00-07:45', START_OF_2026],
    ['2026-01-01T00:00+19:00', START_OF_2026 - 19 * 60 * MINUTE],
    ['2026-01-01T00:00-23:59', START_OF_2026 + (24 * 60 - 1) * MINUTE],
    ['1969-12-31T23:59:59.9Z', -100],
    ['0001-01-01', Date.parse('0001-01-01T00:00:00Z')],
    ['0', 0],
    ['-1', -1000],
    ['1767225600', START_OF_2026],
    ['1767225600.5', START_OF_2026 + 500],
    ['1767225600.001', START_OF_2026 + 1],
    ['1767225600.0019', START_OF_2026 + 1],
    ['1.7672256e9', START_OF_2026],
    ['2026', 2_026_000],
    ['8640000000000', 8.64e15],
    ['-8640000000000', -8.64e15],
  ])('%s is an instant', (text, milliseconds) => {
    expect(parseDate(text)).toBe(milliseconds);
  });

  test.each([
    '',
    'abc',
    'now',
    '2026-',
    '2026-1-1',
    '2026-00',
    '2026-13',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-01-32',
    '2026-02-29',
    '2026-04-31',
    '26-01-01',
    '12026-01-01',
    '2026-01-01T',
    '2026-01-01Z',
    '2026-01Z',
    '2026-01-01T00',
    '2026-01-01T00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T30:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00.5Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+30:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00+1:00',
    '2026-01-01T00:00:00Z+01:00',
    '2026-01-01_00:00:00Z',
    ' 2026-01-01',
    '2026-01-01 ',
    'x2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Zx',
    'Thu, 01 Jan 2026 00:00:00 GMT',
    '2026-*',
    '8640000000000.001',
    '-8640000000000.001',
  ])('%j is not a date', (text) => {
    expect(parseDate(text)).toBeUndefined();
  });

  test('is the same instant in every notation', () => {
    const moment = fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 });
    fc.assert(
      fc.property(moment, fc.integer({ min: -840, max: 840 }), (milliseconds, offset) => {
        const local = new Date(milliseconds + offset * MINUTE).toISOString().slice(0, -1);
        const two = (value: number) => String(value).padStart(2, '0');
        const size = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
        expect(parseDate(`${local}${zone}`)).toBe(milliseconds);
        expect(parseDate(new Date(milliseconds).toISOString())).toBe(milliseconds);
        expect(parseDate(`${milliseconds}e-3`)).toBe(milliseconds);
      }),
    );
  });
});
