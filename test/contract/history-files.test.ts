import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { SAVED_QUERIES } from '../../infra/history-queries.ts';
import { describedControl } from '../../shared/controls/texts.ts';
import { filesOf, folderOf, lakeFolderOf } from '../../shared/history/files.ts';
import { historyFile } from '../../shared/history/parquet.ts';
import { recordId } from '../../shared/history/record-id.ts';
import type { ChangeRecord, HistoryRecord } from '../../shared/history/records.ts';
import { complianceChange } from '../../shared/outputs/formats/ocsf-change.ts';
import { COMPLIANCE_COLUMNS, type LakeType } from '../../shared/outputs/formats/ocsf-columns.ts';
import { complianceFile } from '../../shared/outputs/formats/ocsf-parquet.ts';
import { aChange, aLook, anyRecord, aVerdict, aWatch } from '../support/builders/history.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';

const CONTEXT = { controls: describedControl, partition: 'aws' };
const OTHER = { account: '444455556666', region: 'us-east-1' };
const at = (day: number, hour = 9) => ({ at: `2026-11-${day}T0${hour}:00:00.000Z` });
const pipeline = (name: string) =>
  ({ type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` }) as const;
const change = (id: string, of: Partial<ChangeRecord>, severity: 'HIGH' | 'CRITICAL' | 'LOW' = 'HIGH') =>
  aChange({
    ...of,
    finding: {
      ...aChange().finding,
      id,
      severity,
      firstObservedAt: at(20).at,
      principal: 'arn:aws:iam::111122223333:role/ana',
    },
  });

/** A history of four days, with a repeat, two accounts, a look without verdicts, and every kind of end. */
const RECORDS: readonly HistoryRecord[] = [
  aLook({ ...at(20), resource: pipeline('old') }),
  aLook({
    ...at(23),
    resource: pipeline('fraud'),
    verdicts: [aVerdict({ status: 'PASSED' }), aVerdict({ id: 'x', subject: 'Train' })],
  }),
  aLook({ ...at(23), resource: pipeline('silent'), verdicts: [], notJudged: [] }),
  aLook({ ...at(23, 8), resource: pipeline('gone'), gone: true, verdicts: [], notJudged: [] }),
  aLook({
    ...at(23),
    ...OTHER,
    resource: { type: 'bucket', arn: 'arn:aws:s3:::images' },
    verdicts: [aVerdict({ status: 'NOT_AVAILABLE' })],
  }),
  change('a', at(20), 'CRITICAL'),
  change('b', at(20)),
  change('b', { ...at(22), change: 'resolved', ended: { how: 'mended', because: 'it passes' } }),
  change('c', { ...at(21), ...OTHER }, 'LOW'),
  change('d', { ...at(22), change: 'gone', ended: { how: 'gone', because: 'it was deleted' } }),
  aWatch(at(20)),
  aWatch({
    ...at(23),
    watched: 'sweep-incomplete',
    because: 'S3: AccessDenied: no',
    listed: { pipeline: 3 },
  }),
];

const changesIn = (records: readonly HistoryRecord[]): ChangeRecord[] =>
  records.flatMap((record) => (record.kind === 'change' ? record : []));
const events = (records: readonly HistoryRecord[]) =>
  changesIn(records).map((each) => complianceChange(each, CONTEXT));
const read = (bytes: Uint8Array) =>
  parquetReadObjects({
    file: new Uint8Array(bytes).buffer,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });

/** An event as it comes back from a file: JSON is text there, numbers of 64 bits are larger ones, and what lacks is null. */
const restored = (value: unknown, type: LakeType): unknown => {
  if (value === null || value === undefined) return undefined;
  if (type === 'json') return JSON.parse(String(value));
  if (type === 'bigint') return Number(value);
  if (typeof type === 'string') return value;
  if (Array.isArray(type)) return (value as unknown[]).map((each) => restored(each, type[0]));
  const members = Object.entries(type).map(([name, of]) => [
    name,
    restored((value as Record<string, unknown>)[name], of),
  ]);
  const present = members.filter(([, each]) => each !== undefined);
  return present.length === 0 ? undefined : Object.fromEntries(present);
};

describe('Compliance Findings of changes, as files', () => {
  test('give back every member of every event, whatever its texts are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 6 }), async (records) => {
        const made = events(records);
        const rows = await read(complianceFile(made));
        expect(rows.map((row) => restored(row, COMPLIANCE_COLUMNS))).toEqual(
          made.map((event) => JSON.parse(JSON.stringify(event))),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('are compressed with zstd, in pages of at most a mebibyte', async () => {
    const bytes = complianceFile(events(RECORDS));
    const { row_groups } = await parquetMetadataAsync(new Uint8Array(bytes).buffer);
    const columns = row_groups.flatMap(({ columns }) => columns);
    expect(new Set(columns.map(({ meta_data }) => meta_data?.codec))).toEqual(new Set(['ZSTD']));
  });

  test('close only what ended, and resolve only what was mended', () => {
    const told = events(RECORDS).map((event) => {
      const { activity_name, status } = event as Record<string, string>;
      return [activity_name, status];
    });
    expect(told).toEqual([
      ['Create', 'New'],
      ['Create', 'New'],
      ['Close', 'Resolved'],
      ['Create', 'New'],
      ['Close', 'Archived'],
    ]);
  });
});

describeWith('DuckDB and the validators of formats', 'a history in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pipewarden-history-'));
  beforeAll(async () => {
    const write = async (key: string, bytes: Uint8Array) => {
      await mkdir(dirname(join(folder, key)), { recursive: true });
      await writeFile(join(folder, key), bytes);
    };
    // Two batches, of which the second repeats some of the first.
    for (const batch of [RECORDS, RECORDS.slice(3, 9)])
      for (const { table, partition, name, records } of filesOf(batch)) {
        await write(`${folderOf(table, partition)}/${name}.parquet`, historyFile(table, records));
        if (table === 'changes')
          await write(`${lakeFolderOf(partition)}/${name}.parquet`, complianceFile(events(records)));
      }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const source = (path: string) =>
    `read_parquet('${folder}/${path}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)`;
  const ask = (...queries: string[]): unknown[][][] =>
    JSON.parse(
      execFileSync(
        pythonProgram('duckdb', 'python'),
        ['-B', join(import.meta.dirname, '../support/python/ask_duckdb.py')],
        { input: JSON.stringify(queries), encoding: 'utf8' },
      ),
    );

  test('is read by DuckDB: each record, with its Region, account and day as columns', () => {
    const [verdicts = [], changes = [], watch = []] = ask(
      ...['verdicts', 'changes', 'watch'].map(
        (table) =>
          `SELECT DISTINCT record_id, region = aws_region, account = account_id, day = strftime(observed_at, '%Y-%m-%d') FROM ${source(table)} ORDER BY record_id`,
      ),
    );
    const ids = (kind: HistoryRecord['kind']) =>
      RECORDS.filter((record) => record.kind === kind)
        .map((record) => [recordId(record), true, true, true])
        .toSorted();
    expect([verdicts, changes, watch]).toEqual([ids('look'), ids('change'), ids('watch')]);
  });

  test('tells DuckDB what verdicts rest on, as JSON', () => {
    const [rows] = ask(
      `SELECT json_extract_string(evidence, '$[0].expected'), epoch_ms(evidence_at) FROM ${source('verdicts')} WHERE finding_id = 'x'`,
    );
    expect(rows).toEqual([['its own role', Date.parse(aLook().evidenceAt)]]);
  });

  test('is valid OCSF 1.6 when DuckDB gives it back, in the layout of Security Lake', () => {
    const columns = Object.keys(COMPLIANCE_COLUMNS);
    const [rows = []] = ask(
      `SELECT DISTINCT to_json({${columns.map((name) => `'${name}': "${name}"`).join(', ')}}), region = cloud.region, accountId = cloud.account.uid, eventDay = strftime(make_timestamp(time * 1000), '%Y%m%d') FROM ${source('ext/pipewarden')}`,
    );
    const schema = JSON.parse(
      execFileSync(
        pythonProgram('formats', 'python'),
        ['-B', join(import.meta.dirname, '../support/python/validate_formats.py'), 'ocsf-schema'],
        { input: '[]', encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
      ),
    );
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    expect(rows).toHaveLength(changesIn(RECORDS).length);
    for (const [text, ...isPartition] of rows) {
      validate(restored(JSON.parse(String(text)), COMPLIANCE_COLUMNS));
      expect([validate.errors, ...isPartition]).toEqual([null, true, true, true]);
    }
  });

  test('answers the saved queries, and counts what came twice once', () => {
    // What DuckDB calls otherwise than Athena, which none of both can run of the other.
    const forDuckdb = (query: string, asked: string) =>
      query
        .replace('?', `'${asked}'`)
        .replaceAll(/\bFROM (changes|verdicts)\b/g, (_, table: string) => `FROM ${source(table)}`)
        .replaceAll('approx_percentile(', 'quantile_cont(')
        .replaceAll(
          "date_add('day', -1 * CAST('1' AS integer), current_timestamp)",
          "TIMESTAMP '2026-11-22 00:00:00'",
        )
        .replaceAll('array_join(array_agg(DISTINCT control)', 'array_to_string(array_agg(DISTINCT control)');
    const asked = ['2026-11-23', '2026-11-01', '2026-11-01', '2026-11-23', '1'];
    const [open, mending, who, population, stale] = ask(
      ...SAVED_QUERIES.map(({ query }, index) => forDuckdb(query, asked[index] ?? '')),
    );
    expect(open?.map(([severity]) => severity)).toEqual(['CRITICAL']);
    expect(mending).toEqual([['step-isolation', 'HIGH', 1, 1, 48, 48]]);
    expect(who).toEqual([['arn:aws:iam::111122223333:role/ana', 3, 1, 1, 'step-isolation']]);
    expect(population?.map((row) => row.slice(1))).toEqual([
      ['111122223333', 'pipeline', 2, 2, 1, 1, 1],
      ['444455556666', 'bucket', 1, 1, 0, 0, 2],
    ]);
    expect(stale?.map(([, , arn]) => arn)).toEqual([pipeline('old').arn]);
  });
});
