import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { filesOf } from '../../../shared/history/files.ts';
import { historyFile, readHistoryFile } from '../../../shared/history/parquet.ts';
import { recordId } from '../../../shared/history/record-id.ts';
import type { HistoryRecord } from '../../../shared/history/records.ts';
import { TABLES } from '../../../shared/history/tables.ts';
import { aChange, aLook, anyRecord, aVerdict, aWatch } from '../../support/builders/history.ts';

const readAll = async (files: readonly Uint8Array[]): Promise<HistoryRecord[]> => {
  const read = await Promise.all(files.map(readHistoryFile));
  expect(read.flatMap(({ faults }) => faults)).toEqual([]);
  return read.flatMap(({ records }) => records.map(({ record }) => record));
};
const byId = (records: readonly HistoryRecord[]) =>
  Object.fromEntries(records.map((record) => [recordId(record), record]));
const written = (records: readonly HistoryRecord[]) =>
  filesOf(records).map((file) => historyFile(file.table, file.records));
const rowsIn = (bytes: Uint8Array) => parquetReadObjects({ file: new Uint8Array(bytes).buffer });

describe('files of the history', () => {
  test('give back every record, whatever its texts are and in whatever order it came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), async (records) => {
        expect(byId(await readAll(written(records)))).toEqual(byId(records));
      }),
      { numRuns: 60 },
    );
  });

  test('are the same bytes under the same names for the same records in another order, and with repeats', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 8 }), (records) => {
        const bytesByName = (some: readonly HistoryRecord[]) =>
          Object.fromEntries(filesOf(some).map((file) => [file.name, historyFile(file.table, file.records)]));
        expect(bytesByName([...records].toReversed().concat(records))).toEqual(bytesByName(records));
      }),
      { numRuns: 25 },
    );
  });

  test('are one for each table, Region, account and day in UTC', () => {
    const other = { account: '444455556666' };
    const files = filesOf([
      aLook(),
      aLook({ at: '2026-11-24T23:59:59.999Z' }),
      aLook({ at: '2026-11-25T00:00:00.000Z' }),
      aLook({ ...other }),
      aChange(),
      aWatch({ region: 'us-east-1' }),
    ]);
    expect(
      files.map(({ table, partition: { region, account, day }, records }) =>
        [table, region, account, day, records.length].join(' '),
      ),
    ).toEqual([
      'verdicts eu-west-1 111122223333 2026-11-24 2',
      'verdicts eu-west-1 111122223333 2026-11-25 1',
      'verdicts eu-west-1 444455556666 2026-11-24 1',
      'changes eu-west-1 111122223333 2026-11-24 1',
      'watch us-east-1 111122223333 2026-11-24 1',
    ]);
  });

  test('have a row for a look without any verdict, as the population counts on it', async () => {
    const look = aLook({ verdicts: [], notJudged: [] });
    const bytes = historyFile('verdicts', [look]);
    expect(await rowsIn(bytes)).toMatchObject([{ row_kind: 'look', resource_arn: look.resource.arn }]);
    expect(await readAll([bytes])).toEqual([look]);
  });

  test('have no column that is named like a partition, which Athena refuses', () => {
    const names = Object.values(TABLES).flatMap((columns) => columns.map(({ name }) => name));
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:region|account|day)$/)]));
  });
});

describe('a file that somebody else has written', () => {
  test.each([
    ['is none of Parquet', new TextEncoder().encode('not Parquet at all')],
    ['is empty', new Uint8Array()],
    ['ends early', historyFile('watch', [aWatch()]).slice(0, 200)],
  ])('%s: it is a fault, and no record', async (_, bytes) => {
    const { records, faults } = await readHistoryFile(bytes);
    expect(records).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  test('has other columns: it is a fault, and no record', async () => {
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'x', data: ['y'] }] }));
    expect(await readHistoryFile(bytes)).toEqual({
      records: [],
      faults: [expect.stringContaining('record undefined')],
    });
  });

  test('says something else under the id of a record: that one is a fault, and the others are read', async () => {
    const [good, changed] = [aWatch(), aLook({ verdicts: [aVerdict({ status: 'PASSED' })] })];
    const rows = await rowsIn(historyFile('verdicts', [aLook()]));
    const forged = (await rowsIn(historyFile('verdicts', [changed]))).map((row) => ({
      ...row,
      record_id: rows[0]?.record_id,
    }));
    const bytes = new Uint8Array(
      parquetWriteBuffer({
        columnData: TABLES.verdicts.map(({ name, type }) => ({
          name,
          data: forged.map((row) => (row as Record<string, unknown>)[name] ?? null),
          type: ({ text: 'STRING', time: 'TIMESTAMP', flag: 'BOOLEAN', number: 'INT32' } as const)[type],
        })),
      }),
    );
    const { records, faults } = await readHistoryFile(bytes);
    expect(records).toEqual([]);
    expect(faults).toEqual([`record ${recordId(aLook())}: it was changed, as what it says has another id`]);
    expect(await readAll([historyFile('watch', [good])])).toEqual([good]);
  });
});
