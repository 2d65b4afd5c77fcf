import { isObject, type Json } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { toJsonText } from '../text/strict-json.ts';
import { recordId } from './record-id.ts';
import type { ChangeRecord, HistoryRecord, LookRecord, WatchRecord } from './records.ts';

/** A value of a row. */
export type Cell = string | number | boolean | Date | null;

/** A row by the names of its columns; what it lacks is null. */
export type Row = Readonly<Record<string, Cell | undefined>>;

/** The rows of a record, in its table. */
export const rowsOf = (record: HistoryRecord): Row[] => {
  const recorded = {
    record_id: recordId(record),
    observed_at: new Date(record.at),
    account_id: record.account,
    aws_region: record.region,
    version: record.version,
    configuration: record.configuration,
  };
  return partsOf(record).map((part) => ({ ...recorded, ...part }));
};

const partsOf = (record: HistoryRecord): Row[] => {
  switch (record.kind) {
    case 'look':
      return lookRows(record);
    case 'change':
      return [changeRow(record)];
    case 'watch':
      return [watchRow(record)];
  }
};

const lookRows = (look: LookRecord): Row[] => {
  const about: Row = {
    ...resourceCells(look.resource),
    gone: look.gone,
    evidence_at: new Date(look.evidenceAt),
    ...causeCells(look),
    pipeline_version: look.pipelineVersion,
  };
  const rows: Row[] = [
    ...look.verdicts.map((verdict) => ({
      row_kind: 'verdict',
      ...judgedCells(verdict),
      because: verdict.because,
      evidence: toJsonText(verdict.evidence),
    })),
    ...look.notJudged.map(({ control, why, because }) => ({
      row_kind: 'not-judged',
      control,
      not_judged_why: why,
      because,
    })),
  ];
  return (rows.length > 0 ? rows : [{ row_kind: 'look' }]).map((row, position) => ({
    ...about,
    position,
    ...row,
  }));
};

const changeRow = ({ change, finding, ended }: ChangeRecord): Row => ({
  change,
  ...resourceCells(finding.resource),
  ...judgedCells(finding),
  title: finding.title,
  ...causeCells(finding),
  first_observed_at: new Date(finding.firstObservedAt),
  remediation: finding.remediation,
  ended_how: ended?.how,
  ended_because: ended?.because,
  evidence: toJsonText(finding.evidence),
});

const watchRow = ({ watched, because, listed }: WatchRecord): Row => ({
  watched,
  because,
  listed: listed && toJsonText(listed),
});

const resourceCells = ({ type, arn }: LookRecord['resource']): Row => ({
  resource_type: type,
  resource_arn: arn,
});

const causeCells = ({ principal, trigger }: Pick<LookRecord, 'principal' | 'trigger'>): Row => ({
  principal,
  event_id: trigger?.eventId,
  event_name: trigger?.eventName,
  event_time: trigger?.eventTime,
});

const judgedCells = ({
  id,
  control,
  status,
  severity,
  subject,
  suppression,
}: Pick<
  ChangeRecord['finding'],
  'id' | 'control' | 'status' | 'severity' | 'subject' | 'suppression'
>): Row => ({
  finding_id: id,
  control,
  status,
  severity,
  subject,
  suppression_reason: suppression?.reason,
  suppression_expires: suppression?.expires,
});

/**
 * What the rows of one record tell, in the form of a record, which its schema has yet to parse. The rows are those of one
 * `record_id`, in any order. Undefined where they are of no table.
 */
export const recordIn = (rows: readonly Row[]): unknown => {
  const [first] = rows;
  if (first === undefined) return undefined;
  if (first.row_kind !== undefined) return lookIn(first, rows);
  if (first.change !== undefined) return changeIn(first);
  return first.watched === undefined ? undefined : watchIn(first);
};

const lookIn = (first: Row, rows: readonly Row[]): unknown => {
  const inOrder = rows.toSorted((one, other) => Number(one.position) - Number(other.position));
  const of = (kind: string) => inOrder.filter(({ row_kind }) => row_kind === kind);
  return present({
    kind: 'look',
    ...recordedIn(first),
    resource: resourceIn(first),
    gone: first.gone,
    evidenceAt: timeIn(first.evidence_at),
    trigger: triggerIn(first),
    principal: first.principal,
    pipelineVersion: first.pipeline_version,
    verdicts: of('verdict').map((row) =>
      present({ ...judgedIn(row), because: row.because, evidence: jsonIn(row.evidence) }),
    ),
    notJudged: of('not-judged').map(({ control, not_judged_why: why, because }) => ({
      control,
      why,
      because,
    })),
  });
};

const changeIn = (row: Row): unknown =>
  present({
    kind: 'change',
    ...recordedIn(row),
    change: row.change,
    finding: present({
      ...judgedIn(row),
      title: row.title,
      resource: resourceIn(row),
      evidence: jsonIn(row.evidence),
      firstObservedAt: timeIn(row.first_observed_at),
      remediation: row.remediation,
      principal: row.principal,
      trigger: triggerIn(row),
    }),
    ended: together({ how: row.ended_how, because: row.ended_because }),
  });

const watchIn = (row: Row): unknown =>
  present({
    kind: 'watch',
    ...recordedIn(row),
    watched: row.watched,
    because: row.because,
    listed: jsonIn(row.listed),
  });

const recordedIn = (row: Row) => ({
  at: timeIn(row.observed_at),
  account: row.account_id,
  region: row.aws_region,
  version: row.version,
  configuration: row.configuration,
});

const judgedIn = (row: Row) => ({
  id: row.finding_id,
  control: row.control,
  status: row.status,
  severity: row.severity,
  subject: row.subject,
  suppression: together({ reason: row.suppression_reason, expires: row.suppression_expires }),
});

const resourceIn = (row: Row) => ({ type: row.resource_type, arn: row.resource_arn });

const triggerIn = (row: Row) =>
  together({ eventId: row.event_id, eventName: row.event_name, eventTime: row.event_time });

/** The object, unless a row has none of it. */
const together = (value: Row): Row | undefined =>
  Object.values(value).every((each) => each === undefined || each === null) ? undefined : value;

const present = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null));

const timeIn = (value: Cell | undefined): unknown =>
  value instanceof Date && !Number.isNaN(value.valueOf()) ? value.toISOString() : value;

/** A list or an object in a cell; what is none stays as it is, so that the schema refuses it. */
const jsonIn = (cell: Cell | undefined): unknown => {
  if (typeof cell !== 'string') return cell;
  const parsed = parseJson(cell);
  return parsed.ok && (Array.isArray(parsed.value) || isObject(parsed.value)) ? (parsed.value as Json) : cell;
};
