import { createHash } from 'node:crypto';
import { parseArn } from '../../domain/arn.ts';
import type { DayOfRecords } from '../../history/history-days.ts';
import type { ChangeRecord, HistoryRecord, LookRecord } from '../../history/records.ts';
import { canonicalText } from '../../json/canonical-text.ts';
import type { Asked } from './period.ts';

/** Of a day: above, a pack needs a narrower scope. Of usual records (2 KB) a day then takes a gigabyte of memory. */
const MOST_OF_A_DAY = 400_000;

/** That a pack cannot be made of so much, and what to do. */
export class TooMuchHistory extends Error {
  override readonly name = 'TooMuchHistory';
}

/** A record with the text that is the same wherever it is written. */
export type TextRecord = { text: string; record: HistoryRecord };

/** The records of a day that the pack is about, each once, by time and then by text: so the order of reading makes no difference. */
export const sortedDay = async ({ day, records }: DayOfRecords, asked: Asked): Promise<TextRecord[]> => {
  const byText = new Map<string, HistoryRecord>();
  for await (const record of records) {
    if (!record.at.startsWith(day) || !isAsked(record, asked)) continue;
    byText.set(canonicalText(record), record);
    if (byText.size > MOST_OF_A_DAY)
      throw new TooMuchHistory(
        `${day} has more than ${MOST_OF_A_DAY} records: make a pack for each account or Region (--account, --region-scope), or ask Athena`,
      );
  }
  return [...byText]
    .map(([text, record]) => ({ text, record }))
    .toSorted((one, other) => compare(one, other));
};

/** Before 0 where the first record comes first in a pack; 0 only for the same record. */
export const compare = (one: TextRecord, other: TextRecord): number =>
  Date.parse(one.record.at) - Date.parse(other.record.at) || byText(one.text, other.text);

const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/**
 * Whether a pack is about a record. Heartbeats and the configuration in force are of the deployment, whichever accounts it watches, so that
 * they belong to every pack. What an account has once for all Regions belongs to each of them, and so does a sweep, which lists all Regions of an
 * account and is recorded under its home Region.
 */
export const isAsked = (record: HistoryRecord, { accounts, regions, madeAt }: Asked): boolean => {
  if (Date.parse(record.at) >= Date.parse(madeAt)) return false;
  const isOfAccount = accounts.length === 0 || accounts.includes(record.account);
  if (record.kind === 'watch') return isOfAccount || !record.watched.startsWith('sweep');
  return isOfAccount && (regions.length === 0 || regions.includes(regionOf(record) || (regions[0] ?? '')));
};

const regionOf = (record: LookRecord | ChangeRecord): string => {
  const { arn } = record.kind === 'look' ? record.resource : record.finding.resource;
  return parseArn(arn)?.region ?? record.region;
};

/** What stands before the first record of a chain. */
export const CHAIN_BEGIN = '0'.repeat(64);

/** The line of a record in a chain, and its hash, which the next line holds. */
export const chained = (previous: string, text: string): { line: string; hash: string } => {
  const line = `{"previous":"${previous}","record":${text}}`;
  return { line, hash: createHash('sha256').update(line).digest('hex') };
};
