import { expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv as commandCsv } from '../../../../../shared/outputs/formats/csv.ts';
import { toCsv } from '../../../../../shared/outputs/report/page/csv.ts';
import { formulaSafe } from '../../../../../shared/text/csv-cell.ts';
import { HOSTILE, resultsWith, sayingEverywhere } from '../../../../support/builders/results.ts';

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  ' =1',
  '\r=1',
  '|x',
  '%x',
  '"=1',
  '＝1+1',
  '\u200b=1',
  "'=1",
])('makes no formula of %j', (text) => {
  expect(parse(toCsv([[text]]), { bom: true, trim: false })).toEqual([[`'${text}`]]);
});

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }));

test('is read back as it was written, but for the apostrophe before a formula', () => {
  const row = fc.array(text, { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), (rows) => {
      expect(parse(toCsv(rows), { bom: true, trim: false, skip_empty_lines: false })).toEqual(
        rows.map((cells) => cells.map((cell) => formulaSafe(cell.toWellFormed()))),
      );
    }),
  );
});

test('has each cell as the CSV of the command has it', () => {
  fc.assert(
    fc.property(text, (each) => {
      const [, cell = ''] = /^\ufeff(.*)\r\n$/s.exec(toCsv([[each]])) ?? [];
      expect(commandCsv(resultsWith([sayingEverywhere(each)]))).toContain(cell);
    }),
  );
});
