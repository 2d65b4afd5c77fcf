import { LAKE_SOURCE, LAKE_TABLE } from '../../history/files.ts';
import {
  type ColumnType,
  PARTITION_KEYS,
  TABLE_NAMES,
  TABLES,
  type TableName,
} from '../../history/tables.ts';
import { COMPLIANCE_COLUMNS, type LakeType } from './ocsf-columns.ts';

/** A table as Athena and Glue know it. `folder`: where its files are, from the root of the history. */
export type LakeTable = {
  name: TableName | typeof LAKE_TABLE;
  description: string;
  folder: string;
  columns: { name: string; type: string }[];
  partitionKeys: readonly string[];
};

const DESCRIPTIONS: Readonly<Record<TableName, string>> = {
  verdicts: 'Each verdict of each look, also those that passed, and what did not judge',
  changes: 'Each beginning, change and end of a finding',
  watch: 'When the auditor watched: heartbeats, sweeps and configurations',
};

const ATHENA_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'string',
  time: 'timestamp',
  flag: 'boolean',
  number: 'int',
};

const athenaType = (type: LakeType): string => {
  if (type === 'json') return 'string';
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return `array<${athenaType(type[0])}>`;
  const members = Object.entries(type).map(([name, of]) => `${name}:${athenaType(of)}`);
  return `struct<${members.join(',')}>`;
};

/** All tables over the files of a history. */
export const LAKE_TABLES: readonly LakeTable[] = [
  ...TABLE_NAMES.map(
    (name): LakeTable => ({
      name,
      description: DESCRIPTIONS[name],
      folder: name,
      columns: TABLES[name].map((column) => ({ name: column.name, type: ATHENA_TYPES[column.type] })),
      partitionKeys: PARTITION_KEYS,
    }),
  ),
  {
    name: LAKE_TABLE,
    description:
      'The same changes as Compliance Findings of OCSF 1.6, laid out as a custom source of Security Lake',
    folder: LAKE_SOURCE,
    columns: Object.entries(COMPLIANCE_COLUMNS).map(([name, type]) => ({ name, type: athenaType(type) })),
    partitionKeys: ['region', 'accountid', 'eventday'],
  },
];

/** The format of files of Parquet, as tables and partitions of Glue name it. */
export const PARQUET_FORMAT = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
} as const;
