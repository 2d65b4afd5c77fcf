import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from '../../../../shared/outputs/formats/csv.ts';
import { formulaSafe } from '../../../../shared/text/csv-cell.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { HOSTILE, resultsWith, sayingEverywhere } from '../../../support/builders/results.ts';

const rowsOf = (csv: string): Record<string, string>[] =>
  parse(csv, { columns: true, record_delimiter: '\r\n', relax_column_count: false });

/** The text before the apostrophe that keeps it from being a formula. */
const unguarded = (cell: string): string =>
  cell.startsWith("'") && formulaSafe(cell.slice(1)) === cell ? cell.slice(1) : cell;

describe('toCsv', () => {
  test('has the columns that scripts count on, in their order, and a row for each finding', () => {
    const finding = aFinding({
      subject: 'Train',
      evidence: [
        { at: '/Steps/0', found: 'a, "b"', expected: 'c' },
        { at: '/Steps/1', found: 'd', expected: 'e' },
      ],
      remediation: { text: 'Mend it.', patch: '[\n]' },
      principal: 'ana',
      trigger: { eventId: 'e1', eventName: 'UpdatePipeline', eventTime: '2026-11-24T03:44:00Z' },
      suppression: { reason: 'known', expires: '2026-12-31' },
    });
    expect(toCsv(resultsWith([finding]))).toBe(
      '"id","account","region","control","status","severity","title","resource_type","resource","subject",' +
        '"evidence_at","found","expected","evidence_count","remediation","patch","principal","event_id","event_name",' +
        '"event_time","first_observed_at","last_observed_at","suppressed_until","suppression_reason","cause","undo","changes","account_name","organization_path","why_settled"\r\n' +
        '"pipewarden/step-isolation/0a1b","111122223333","eu-west-1","step-isolation","FAILED","MEDIUM","Steps are isolated",' +
        '"pipeline","arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud","Train","/Steps/0","a, ""b""","c","2",' +
        '"Mend it.","[\n]","ana","e1","UpdatePipeline","2026-11-24T03:44:00Z","2026-11-23T08:12:41.120Z",' +
        '"2026-11-24T03:44:05.002Z","2026-12-31","known","","","","","",""\r\n',
    );
  });

  const text = fc.oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: fc.constantFrom(...'=+-@\'",;\t\r\n a é\uFF1D\uD800') }),
    fc.string({ unit: 'binary' }),
  );

  test('is read back whole by another program, whatever the findings say', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const results = resultsWith(texts.map(sayingEverywhere));
        const rows = rowsOf(toCsv(results));
        const read = rows.map(({ subject = '', found = '', patch = '' }) =>
          [subject, found, patch].map(unguarded),
        );
        expect(read).toEqual(
          results.findings.map(({ title }) => [title, title, title].map((each) => each.toWellFormed())),
        );
      }),
    );
  });

  test('no cell begins with what a spreadsheet takes for a formula', () => {
    fc.assert(
      fc.property(text, (each) => {
        for (const cell of rowsOf(toCsv(resultsWith([sayingEverywhere(each)]))).flatMap(Object.values))
          expect(cell).not.toMatch(/^["\s\p{C}]*[=+\-@\t\r＝＋－＠]/u);
      }),
    );
  });

  test.each(['arn:aws:iam::111122223333:role/a', 'a=b', 'a-b', '/Steps/0', '{"a": -1}', '1'])(
    'leaves %s as it is',
    (harmless) => expect(formulaSafe(harmless)).toBe(harmless),
  );

  test('cuts a cell where Excel would spread it over others', () => {
    const [row] = rowsOf(toCsv(resultsWith([sayingEverywhere('😀'.repeat(20_000))])));
    expect(row?.found).toBe(`${'😀'.repeat(16_383)}…`);
  });
});
