import { parseArn } from '../../domain/arn.ts';
import { csvCell } from '../../text/csv-cell.ts';
import { type Exception, exceptionSubject } from './exceptions.ts';
import type { Gap } from './gaps.ts';
import type { EvidenceModel, ToldChange } from './model.ts';
import { hoursBetween } from './period.ts';
import type { Member, Seen } from './population.ts';
import type { Stretch } from './stretches.ts';

/** A column never moves and never changes its meaning. New columns are added at the end. */
type Columns<T> = Readonly<Record<string, (row: T) => string | number | undefined>>;

/** A row of the population: a resource, or a version of a pipeline. */
type PopulationRow = Member & { version?: number; seen?: Seen };

const POPULATION: Columns<PopulationRow> = {
  account: ({ account }) => account,
  region: ({ resource }) => parseArn(resource.arn)?.region,
  resource_type: ({ resource, version }) => (version === undefined ? resource.type : 'pipeline version'),
  resource: ({ resource }) => resource.arn,
  pipeline_version: ({ version }) => version,
  first_seen: ({ seen }) => seen?.first,
  last_seen: ({ seen }) => seen?.last,
  gone: ({ goneAt }) => goneAt,
  looks: ({ seen }) => seen?.looks ?? 0,
  last_seen_before: ({ seenBefore }) => seenBefore,
};

const VERDICTS: Columns<Stretch> = {
  id: ({ id }) => id,
  account: ({ account }) => account,
  region: ({ resource }) => parseArn(resource.arn)?.region,
  control: ({ control }) => control,
  resource_type: ({ resource }) => resource.type,
  resource: ({ resource }) => resource.arn,
  subject: ({ subject }) => subject,
  status: ({ said }) => said,
  severity: ({ severity }) => severity,
  first_look: ({ first }) => first,
  last_look: ({ last }) => last,
  looks: ({ looks }) => looks,
  at_begin: ({ atBegin }) => yesNo(atBegin),
  at_end: ({ atEnd }) => yesNo(atEnd),
  evidence_at: ({ evidence }) => evidence[0]?.at,
  found: ({ evidence }) => evidence[0]?.found,
  expected: ({ evidence }) => evidence[0]?.expected,
  evidence_count: ({ evidence }) => evidence.length,
  not_judged: ({ why }) => why,
  because: ({ because }) => because,
  suppressed_until: ({ suppression }) => suppression?.expires,
  suppression_reason: ({ suppression }) => suppression?.reason,
  principal: ({ principal }) => principal,
  event_id: ({ trigger }) => trigger?.eventId,
  event_name: ({ trigger }) => trigger?.eventName,
  event_time: ({ trigger }) => trigger?.eventTime,
};

const byOf = ({ by }: ToldChange) => (by === 'not recorded' ? {} : by);

const CHANGES: Columns<ToldChange> = {
  at: ({ at }) => at,
  account: ({ account }) => account,
  region: ({ finding }) => parseArn(finding.resource.arn)?.region,
  change: ({ change }) => change,
  ended: ({ ended }) => ended?.how,
  because: ({ ended }) => ended?.because,
  id: ({ finding }) => finding.id,
  control: ({ finding }) => finding.control,
  status: ({ finding }) => finding.status,
  severity: ({ finding }) => finding.severity,
  title: ({ finding }) => finding.title,
  resource_type: ({ finding }) => finding.resource.type,
  resource: ({ finding }) => finding.resource.arn,
  subject: ({ finding }) => finding.subject,
  principal: (change) => byOf(change).principal,
  event_id: (change) => byOf(change).trigger?.eventId,
  event_name: (change) => byOf(change).trigger?.eventName,
  event_time: (change) => byOf(change).trigger?.eventTime,
  evidence_at: ({ finding }) => finding.evidence[0]?.at,
  found: ({ finding }) => finding.evidence[0]?.found,
  expected: ({ finding }) => finding.evidence[0]?.expected,
  suppressed_until: ({ finding }) => finding.suppression?.expires,
  suppression_reason: ({ finding }) => finding.suppression?.reason,
  version: ({ version }) => version,
  configuration: ({ configuration }) => configuration,
};

const EXCEPTIONS: Columns<Exception> = {
  what: ({ what }) => what,
  account: ({ account }) => account,
  control: ({ control }) => control,
  of: exceptionSubject,
  resources: ({ resources }) => resources,
  reason: ({ reason }) => reason,
  expires: ({ expires }) => expires,
  first_look: ({ first }) => first,
  last_look: ({ last }) => last,
  days: ({ days }) => days,
};

const GAPS: Columns<Gap> = {
  kind: ({ kind }) => kind,
  account: ({ account }) => account,
  region: ({ region }) => region,
  from: ({ from }) => from,
  until: ({ until }) => until,
  hours: ({ from, until }) => hoursBetween(from, until),
  because: ({ because }) => because,
};

const yesNo = (is: boolean): string => (is ? 'yes' : 'no');

/** The tables of a pack by their files’ names, in pieces, as one text could be too long. As RFC 4180 says: cells in quotes, rows ended by CRLF. */
export const csvFiles = (model: EvidenceModel): Record<string, Iterable<string>> => ({
  'population.csv': table(POPULATION, populationRows(model.members.values())),
  'verdicts.csv': table(VERDICTS, model.stretches),
  'changes.csv': table(CHANGES, model.changes),
  'exceptions.csv': table(EXCEPTIONS, model.exceptions),
  'gaps.csv': table(GAPS, model.gaps),
});

function* populationRows(members: Iterable<Member>): Generator<PopulationRow> {
  for (const member of members) {
    yield member;
    const { goneAt: _gone, seenBefore: _before, ...always } = member;
    for (const [version, seen] of [...member.versions].toSorted(([one], [other]) => one - other))
      yield { ...always, version, seen };
  }
}

function* table<T>(columns: Columns<T>, rows: Iterable<T>): Generator<string> {
  yield rowOf(Object.keys(columns));
  for (const row of rows) yield rowOf(Object.values(columns).map((column) => String(column(row) ?? '')));
}

const rowOf = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;
