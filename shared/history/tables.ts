import type { HistoryRecord } from './records.ts';

/** The types of columns, by what Parquet and Athena call them. */
export type ColumnType = 'text' | 'time' | 'flag' | 'number';

/** A column of a table. What is not `isAlways` there is null where a record lacks it. */
export type Column = { name: string; type: ColumnType; isAlways?: true };

const text = (name: string): Column => ({ name, type: 'text' });
const always = (column: Column): Column => ({ ...column, isAlways: true });

/** What every row tells of its record. Account and Region stand in the file as well as in its name, because names can be changed. */
const RECORDED: readonly Column[] = [
  text('record_id'),
  { name: 'observed_at', type: 'time' } as const,
  text('account_id'),
  text('aws_region'),
  text('version'),
  text('configuration'),
].map(always);

const JUDGED = ['finding_id', 'control', 'status', 'severity', 'subject'].map(text);
const SUPPRESSED = ['suppression_reason', 'suppression_expires'].map(text);
const CAUSED = ['principal', 'event_id', 'event_name', 'event_time'].map(text);
const RESOURCE = ['resource_type', 'resource_arn'].map(text).map(always);

/**
 * The tables of a history, in which the records of one kind are rows. `verdicts` has a row for each verdict of a look and for each
 * control that did not judge, and one for a look with neither, so that each resource that was looked at is in it.
 */
export const TABLES = {
  verdicts: [
    ...RECORDED,
    ...RESOURCE,
    always({ name: 'gone', type: 'flag' }),
    always({ name: 'evidence_at', type: 'time' }),
    ...CAUSED,
    { name: 'pipeline_version', type: 'number' },
    always(text('row_kind')),
    always({ name: 'position', type: 'number' }),
    ...JUDGED,
    text('because'),
    ...SUPPRESSED,
    text('not_judged_why'),
    text('evidence'),
  ],
  changes: [
    ...RECORDED,
    always(text('change')),
    ...RESOURCE,
    ...JUDGED,
    always(text('title')),
    ...CAUSED,
    ...SUPPRESSED,
    always({ name: 'first_observed_at', type: 'time' }),
    always(text('remediation')),
    text('ended_how'),
    text('ended_because'),
    always(text('evidence')),
  ],
  watch: [...RECORDED, always(text('watched')), text('because'), text('listed')],
} as const satisfies Readonly<Record<string, readonly Column[]>>;

export type TableName = keyof typeof TABLES;

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The table with the records of a kind. */
export const tableOf = ({ kind }: Pick<HistoryRecord, 'kind'>): TableName =>
  (({ look: 'verdicts', change: 'changes', watch: 'watch' }) as const)[kind];

/** How the folders of a table are named: `region=…/account=…/day=…`. */
export const PARTITION_KEYS = ['region', 'account', 'day'] as const;
