import { createHash } from 'node:crypto';
import { groupBy } from '../group-by.ts';
import { recordId } from './record-id.ts';
import type { HistoryRecord } from './records.ts';
import { type TableName, tableOf } from './tables.ts';

/** Where the records of one table, Region, account and day are. */
export type Partition = { region: string; account: string; day: string };

/**
 * The records of one file. `key` tells its table and partition. `name` follows from the records alone, so that a repeat of the same
 * records replaces the file by itself.
 */
export type HistoryFile = {
  key: string;
  table: TableName;
  partition: Partition;
  name: string;
  records: HistoryRecord[];
};

/** The records as files: one for each table, Region, account and day (UTC) of them. A record that is there twice is written once. */
export const filesOf = (records: readonly HistoryRecord[]): HistoryFile[] => {
  const distinct = new Map(records.map((record) => [recordId(record), record]));
  const groups = groupBy(distinct, ([, record]) => recordKey(record));
  return [...groups].flatMap(([key, group]) => {
    const [first] = group;
    if (!first) return [];
    const ids = group.map(([id]) => id).toSorted();
    return {
      key,
      table: tableOf(first[1]),
      partition: partitionOf(first[1]),
      name: createHash('sha256').update(ids.join('\n')).digest('hex'),
      records: group.map(([, record]) => record),
    };
  });
};

/** The key of the file to which a record of a batch belongs. */
export const recordKey = (record: HistoryRecord): string => folderOf(tableOf(record), partitionOf(record));

const partitionOf = ({ region, account, at }: HistoryRecord): Partition => ({
  region,
  account,
  day: at.slice(0, 10),
});

/** The folder of a partition of a table, from the root of the history. */
export const folderOf = (table: TableName, { region, account, day }: Partition): string =>
  `${table}/region=${region}/account=${account}/day=${day}`;

/**
 * The folder of the same partition among the Compliance Findings, as a custom source of Security Lake has it.
 * https://docs.aws.amazon.com/security-lake/latest/userguide/custom-sources.html
 */
export const lakeFolderOf = ({ region, account, day }: Partition): string =>
  `${LAKE_SOURCE}/region=${region}/accountId=${account}/eventDay=${day.replaceAll('-', '')}`;

/** The table of Compliance Findings. */
export const LAKE_TABLE = 'compliance_findings';

/** Where the Compliance Findings are: the location that Security Lake would give a custom source of that name. */
export const LAKE_SOURCE = 'ext/pipewarden';
