import type { HistoryRecord, WatchRecord } from '../../history/records.ts';
import { counted } from '../../text/counted.ts';
import { type Asked, beginOf, endOf, laterOf } from './period.ts';
import type { Member } from './population.ts';

/** The longest silence between two heartbeats of a rule, which come each hour. */
const HEARTBEAT_HOURS = 2;
/** The longest time between two complete sweeps: at most one a day, and it takes its time. */
const SWEEP_HOURS = 25;

/** What was not watched. `unwatched` kinds: nothing of that time is known. */
export const GAP_KINDS = [
  'never-recorded',
  'before-first-record',
  'after-last-record',
  'heartbeat-missing',
  'sweep-missing',
  'sweep-incomplete',
  'not-looked-at',
  'records-refused',
] as const;
export type GapKind = (typeof GAP_KINDS)[number];

/** A gap of a period: from when to when (ISO 8601), where, and what that means. */
export type Gap = {
  kind: GapKind;
  account: string;
  region: string;
  from: string;
  until: string;
  because: string;
};

/** What of the history could not be used: how many records or files, and examples with the reason. */
export type Refused = { count: number; examples: readonly string[] };

/** The times of something that should come again and again: the last one, and the silences that were too long. */
type Series = {
  account: string;
  region: string;
  because?: string;
  last: string;
  silences: [from: string, until: string][];
};

/** Takes all records in the order of their times, and tells in which times nobody watched, or not all. */
export const gapsBuilder = (asked: Asked) => {
  const [begin, end] = [beginOf(asked), endOf(asked)];
  const heartbeats = new Map<string, Series>();
  const sweeps = new Map<string, Series>();
  const incomplete: Gap[] = [];
  const accounts = new Set<string>();
  const regions = new Set<string>();
  let first: string | undefined;
  let last: string | undefined;

  const beat = (series: Map<string, Series>, record: WatchRecord, most: number): void => {
    const { account, region, at } = record;
    const because = record.watched === 'heartbeat' ? record.because : undefined;
    const key = JSON.stringify([account, region, because]);
    const known = series.get(key);
    // What was before the period tells only when the first silence began.
    const previous = known?.last ?? begin;
    const silences = known?.silences ?? [];
    if (isLong(previous, at, most) && at > begin) silences.push([laterOf(previous, begin), at]);
    series.set(key, { account, region, last: at, silences, ...(because !== undefined && { because }) });
  };
  const isAsked = (region: string): boolean => asked.regions.length === 0 || asked.regions.includes(region);
  const isLong = (from: string, until: string, hours: number): boolean =>
    Date.parse(until) - Date.parse(from) > hours * 3_600_000;

  const gapsOf = (
    series: Map<string, Series>,
    kind: GapKind,
    most: number,
    text: (series: Series) => string,
  ): Gap[] =>
    [...series.values()].flatMap((each) => {
      const { account, region, silences, last: at } = each;
      const since = laterOf(at, begin);
      const all = isLong(since, end, most) ? [...silences, [since, end] as const] : silences;
      return all.map(([from, until]) => ({ kind, account, region, from, until, because: text(each) }));
    });

  return {
    size: () => incomplete.length + heartbeats.size + sweeps.size,
    add: (record: HistoryRecord): void => {
      const { at, account, region } = record;
      if (at >= begin) {
        last = at;
        // The deployment’s own records are in each pack, whatever it is about.
        if (record.kind !== 'watch' || record.watched.startsWith('sweep')) {
          accounts.add(account);
          // A sweep lists all Regions, and is recorded under the home Region, which the pack may not be about.
          if (record.kind !== 'watch' || isAsked(region)) regions.add(region);
        }
      }
      first ??= at;
      if (record.kind !== 'watch') return;
      const { watched, because = 'no reason is recorded' } = record;
      if (watched === 'heartbeat') beat(heartbeats, record, HEARTBEAT_HOURS);
      if (watched === 'sweep-complete') beat(sweeps, record, SWEEP_HOURS);
      if (watched === 'sweep-incomplete' && at >= begin)
        incomplete.push({ kind: 'sweep-incomplete', account, region, from: at, until: at, because });
    },
    gaps: (members: Iterable<Member>, notLookedAt: readonly Member[], refused: Refused): Gap[] => {
      const whole = { account: '', region: '', from: begin, until: end };
      const places = new Set([...members].map(({ account }) => account));
      const swept = new Set([...sweeps.values()].map(({ account }) => account));
      const never = (kind: GapKind, account: string, region: string, because: string): Gap => ({
        ...whole,
        kind,
        account,
        region,
        because,
      });
      const found: Gap[] = [
        ...(first === undefined || last === undefined
          ? [never('never-recorded', '', '', 'the history holds no record of the period')]
          : [
              ...(first > begin
                ? [
                    {
                      ...whole,
                      kind: 'before-first-record' as const,
                      until: first,
                      because: 'the history begins later than the period',
                    },
                  ]
                : []),
              ...(isLong(last, end, SWEEP_HOURS)
                ? [
                    {
                      ...whole,
                      kind: 'after-last-record' as const,
                      from: last,
                      because: 'the history ends earlier than the period',
                    },
                  ]
                : []),
            ]),
        ...asked.accounts
          .filter((account) => !accounts.has(account))
          .map((account) => never('never-recorded', account, '', 'no record of the account')),
        ...asked.regions
          .filter((region) => !regions.has(region))
          .map((region) => never('never-recorded', '', region, 'no record of the Region')),
        ...(heartbeats.size === 0 && last !== undefined
          ? [never('heartbeat-missing', '', '', 'no heartbeat is recorded')]
          : []),
        ...gapsOf(
          heartbeats,
          'heartbeat-missing',
          HEARTBEAT_HOURS,
          ({ because }) =>
            `no heartbeat ${because === undefined ? '' : `of ${because} `}came through: events may be lost`,
        ),
        ...[...places]
          .filter((account) => !swept.has(account))
          .map((account) => never('sweep-missing', account, '', 'no complete sweep is recorded')),
        ...gapsOf(
          sweeps,
          'sweep-missing',
          SWEEP_HOURS,
          () => 'no sweep was complete: what changed without an event is not known',
        ),
        ...incomplete,
        ...notLookedAt.map(({ account, resource, seenBefore = begin }) =>
          never(
            'not-looked-at',
            account,
            '',
            `${resource.type} ${resource.arn} was seen at ${seenBefore}, and nobody looked at it in the period`,
          ),
        ),
        ...(refused.count > 0
          ? [
              never(
                'records-refused',
                '',
                '',
                `${counted(refused.count, 'record or file', 'records or files')} of the history could not be read, such as ${refused.examples[0] ?? 'one'}`,
              ),
            ]
          : []),
      ];
      return found
        .map((gap) => ({
          gap,
          key: JSON.stringify([
            gap.from,
            GAP_KINDS.indexOf(gap.kind),
            gap.account,
            gap.region,
            gap.until,
            gap.because,
          ]),
        }))
        .toSorted((one, other) => (one.key < other.key ? -1 : 1))
        .map(({ gap }) => gap);
    },
    /** The accounts and Regions of the period’s records. */
    places: () => ({ accounts: [...accounts].toSorted(), regions: [...regions].toSorted() }),
  };
};

/** For how many hours of the period events may have been missed, rounded up; times of several gaps count once. */
export const unwatchedHours = (gaps: readonly Gap[]): number => {
  const blind = gaps
    .filter(({ kind }) => UNWATCHED.includes(kind))
    .toSorted((one, other) => (one.from < other.from ? -1 : 1));
  let until = 0;
  let length = 0;
  for (const gap of blind) {
    const [from, end] = [Math.max(Date.parse(gap.from), until), Date.parse(gap.until)];
    length += Math.max(0, end - from);
    until = Math.max(until, end);
  }
  return Math.ceil(length / 3_600_000);
};

/** In which events may have been lost without anybody noticing at once. */
const UNWATCHED: readonly GapKind[] = [
  'never-recorded',
  'before-first-record',
  'after-last-record',
  'heartbeat-missing',
];
