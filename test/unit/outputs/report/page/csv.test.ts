import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from '../../../../../shared/outputs/report/page/csv.ts';

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '|x', '%x'])(
  'makes no formula of %j',
  (text) => {
    expect(toCsv([[text]])).toContain(`"'${text}"`);
  },
);

test('is read back as it was written', () => {
  const cell = fc.string({ unit: 'binary' }).filter((text) => !/^\s*[=+\-@|%\t\r]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1 }), (rows) => {
      expect(parse(toCsv(rows), { bom: true, trim: false, skip_empty_lines: false })).toEqual(rows);
    }),
  );
});
