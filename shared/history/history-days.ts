import { isCalendarDate } from '../text/calendar-date.ts';
import { cut } from '../text/cut.ts';
import type { Partition } from './files.ts';
import { readHistoryFile } from './parquet.ts';
import type { HistoryRecord } from './records.ts';
import { TABLE_NAMES, type TableName, tableOf } from './tables.ts';

/** Where a history is: a bucket, or a folder that has the files of one. */
export type HistorySource = {
  /** The names of files of these days (YYYY-MM-DD, both included), and perhaps of others, from the root of the history. */
  names: (first: string, last: string) => AsyncIterable<string>;
  /** The bytes of a file, or why this one cannot be read. Rejects where none can. */
  read: (name: string) => Promise<Uint8Array | string>;
};

/** The records of one day (YYYY-MM-DD), in any order, with repeats. */
export type DayOfRecords = { day: string; records: AsyncIterable<HistoryRecord> | Iterable<HistoryRecord> };

/** Files that are read at the same time. */
const CONCURRENCY = 8;

/** More files than the history of a large organization has in a month. */
const MOST_FILES = 1_000_000;

/** That a history has too many files to be read, and what to do. */
export class TooManyFiles extends Error {
  override readonly name = 'TooManyFiles';
}

/**
 * The records of days of a history, day after day. Whoever may write to a bucket may have written anything: a file that is none, a record that does not fit
 * the schema, and one that lies where another belongs is told to `refuse`, and in no day.
 * @throws {TooManyFiles}
 */
export async function* historyDays(
  source: HistorySource,
  days: readonly string[],
  refuse: (text: string) => void,
): AsyncGenerator<DayOfRecords> {
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return;
  const byDay = new Map<string, HistoryName[]>(days.map((day) => [day, []]));
  let files = 0;
  const shortly = (text: string): void => refuse(cut(text, MOST_TOLD));
  for await (const name of source.names(first, last)) {
    const placed = historyName(name);
    const ofDay = placed && byDay.get(placed.partition.day);
    if (!ofDay) continue;
    ofDay.push(placed);
    files += 1;
    if (files > MOST_FILES)
      throw new TooManyFiles(`the history has more than ${MOST_FILES} files in these days: name fewer days`);
  }
  for (const [day, names] of byDay) yield { day, records: recordsOf(source, names, shortly) };
}

/** How much of a reason is told: what it quotes may be long. */
const MOST_TOLD = 300;

/** The longest record in characters of JSON: the auditor cuts what is longer than a twentieth of it. */
const MOST_CHARACTERS = 8 * 1024 * 1024;

type HistoryName = { name: string; table: TableName; partition: Partition };

const NAME =
  /^(?<table>[a-z]+)\/region=(?<region>[^/]+)\/account=(?<account>\d{12})\/day=(?<day>[^/]+)\/[^/]+\.parquet$/;

/** What the name of a file says of its records; undefined for a name that is of no table. */
export const historyName = (name: string): HistoryName | undefined => {
  const { table: of, region = '', account = '', day = '' } = NAME.exec(name)?.groups ?? {};
  const table = TABLE_NAMES.find((each) => each === of);
  return table && isCalendarDate(day) ? { name, table, partition: { region, account, day } } : undefined;
};

async function* recordsOf(
  source: HistorySource,
  names: readonly HistoryName[],
  refuse: (text: string) => void,
): AsyncGenerator<HistoryRecord> {
  for (let at = 0; at < names.length; at += CONCURRENCY) {
    const some = names.slice(at, at + CONCURRENCY);
    const read = await Promise.all(some.map(({ name }) => readOne(source, name)));
    for (const [index, { records, faults }] of read.entries()) {
      const placed = some[index];
      if (!placed) continue;
      for (const fault of faults) refuse(`${placed.name}: ${fault}`);
      for (const { id, record } of records)
        if (!isIn(record, placed)) refuse(`${placed.name}: record ${id}: it belongs into another folder`);
        else if (JSON.stringify(record).length > MOST_CHARACTERS)
          refuse(`${placed.name}: record ${id}: it is longer than any that the auditor writes`);
        else yield record;
    }
  }
}

const readOne = async (source: HistorySource, name: string) => {
  const bytes = await source.read(name);
  return typeof bytes === 'string' ? { records: [], faults: [bytes] } : readHistoryFile(bytes);
};

const isIn = (record: HistoryRecord, { table, partition: { region, account, day } }: HistoryName): boolean =>
  tableOf(record) === table &&
  record.region === region &&
  record.account === account &&
  record.at.slice(0, 10) === day;
