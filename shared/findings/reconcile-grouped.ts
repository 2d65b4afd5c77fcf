import type { Finding } from '../domain/finding.ts';
import { isOpen, statusWeight } from '../domain/status.ts';
import { ending, expired } from './closing-changes.ts';
import {
  entryKey,
  entryOf,
  type FinishedEntry,
  groupedFinding,
  isExpired,
  type Lifetime,
  mergeEntries,
} from './finished-entries.ts';
import { type FindingForms, nextState } from './next-state.ts';
import { isRefreshDue } from './refresh-due.ts';
import {
  type Change,
  LEFT_BY,
  type LeftBy,
  type Observation,
  type Reconciled,
  type ResourceState,
} from './state.ts';
import { type Became, whatBecame } from './what-became.ts';

/** A gathered finding after an observation. */
type GroupedFinding = {
  entries: FinishedEntry[];
  /** Undefined where no entry is open any more. */
  finding: Finding | undefined;
  /** How entries have left that did not pass, now or since it opened. */
  leftBy: LeftBy | undefined;
  /** The entry of the observed thing, where it takes an earlier one away. */
  leaver: FinishedEntry | undefined;
};

type FinishedObservation = Observation & { finishedArn: string };

/** `reconcile` for an observation of one finished thing, or for a time without any: what has expired leaves. */
export const reconcileGrouped = (
  previous: ResourceState | undefined,
  { now, expireDays }: Lifetime,
  observation?: FinishedObservation,
): Reconciled => {
  const isLate = previous && Date.parse(previous.observedAt) > Date.parse(now);
  const lifetime = { now: isLate ? previous.observedAt : now, expireDays };
  const gathered = groupInto(previous, lifetime, observation);
  const forms: FindingForms = new Map();
  for (const [id, one] of gathered) {
    const before = ofId(previous?.open, id);
    const { finding } = one;
    if (finding) {
      const isNews = before?.status === 'NOT_AVAILABLE' && finding.status !== 'NOT_AVAILABLE';
      forms.set(id, { open: finding, isNews });
    } else if (before) {
      forms.set(id, { closed: endOf(before, one, lifetime, { previous, observation }) });
    }
  }
  const kept = [...gathered].flatMap(([id, { entries }]) => (entries.length > 0 ? [[id, entries]] : []));
  const entries: Record<string, FinishedEntry[]> = Object.fromEntries(kept);
  const isSame = JSON.stringify(entries) === JSON.stringify(previous?.finished?.entries ?? {});
  if (previous && isSame && !isRefreshDue(previous, lifetime.now)) {
    return { state: previous, changes: previous.undelivered };
  }
  const open = [...gathered].filter(([, { finding }]) => finding);
  const left = open.flatMap(([id, { leftBy, leaver }]) => {
    const way = leftBy ?? (leaver?.status === 'NOT_APPLICABLE' ? 'unjudged' : undefined);
    return way ? [[id, way] as const] : [];
  });
  // The oldest that anything open may have been judged by.
  const configuration = previous?.configuration ?? observation?.configuration;
  return nextState(previous, forms, {
    observedAt: lifetime.now,
    finished: { expireDays, entries },
    ...(left.length > 0 && { left: Object.fromEntries(left) }),
    ...(open.length > 0 && configuration !== undefined && { configuration }),
  });
};

/** How a gathered finding ends whose last open entry has left: as mended only where every entry left by passing. */
const endOf = (
  before: Finding,
  { leftBy, leaver }: GroupedFinding,
  lifetime: Lifetime,
  {
    previous,
    observation,
  }: { previous: ResourceState | undefined; observation: FinishedObservation | undefined },
): Change => {
  switch (leftBy) {
    case 'expired':
      return expired(before, lifetime);
    case 'gathered':
      return ending(before, undefined, { is: 'gathered' }, lifetime.now);
    case 'unjudged': {
      const because = 'it was about more things than are kept, and not all of them are known to pass';
      return ending(before, undefined, { is: 'unjudged', why: 'not-known', because }, lifetime.now);
    }
    case undefined:
      break;
  }
  const known = previous?.configuration;
  const isSameConfiguration = known === undefined ? undefined : known === observation?.configuration;
  const judgement = ofId(observation?.judged, before.control);
  const became: Became =
    leaver?.status === 'PASSED'
      ? { is: 'mended' }
      : whatBecame(before, judgement, { hasPassed: false, isSameConfiguration });
  return ending(before, undefined, became, lifetime.now);
};

type Known = Pick<ResourceState, 'open' | 'finished' | 'left'> | undefined;

/** What is gathered by finding id, after an observation of one finished thing, or at a time without any. */
const groupInto = (
  known: Known,
  lifetime: Lifetime,
  observation?: FinishedObservation,
): Map<string, GroupedFinding> => {
  const before = new Map(Object.entries(known?.finished?.entries ?? {}));
  const said = new Map<string, Finding>();
  for (const finding of observation?.findings ?? []) {
    const other = said.get(finding.id);
    if (!other || statusWeight(finding.status) > statusWeight(other.status)) said.set(finding.id, finding);
  }
  const gathered = new Map<string, GroupedFinding>();
  for (const id of [...new Set([...before.keys(), ...said.keys()])].toSorted()) {
    const entries = before.get(id) ?? [];
    const finding = said.get(id);
    const more = observation ? entryFrom(observation, id, finding, entries) : undefined;
    const merged = mergeEntries(entries, more ? [more] : [], lifetime);
    if (merged.length === 0 && entries.length === 0) continue;
    gathered.set(id, {
      entries: merged,
      finding: formOf(finding, ofId(known?.open, id), merged, more),
      leftBy: leftBy(entries, merged, lifetime) ?? ofId(known?.left, id),
      leaver: more,
    });
  }
  return gathered;
};

/** How open entries have left that did not pass; the gravest of several. */
const leftBy = (
  before: readonly FinishedEntry[],
  after: readonly FinishedEntry[],
  lifetime: Lifetime,
): LeftBy | undefined => {
  const now = new Map(after.map((entry) => [entry.key, entry]));
  const ways = before.flatMap((entry): LeftBy[] => {
    if (!isOpen(entry.status)) return [];
    const newer = now.get(entry.key);
    if (!newer) return [isExpired(entry.observedAt, lifetime) ? 'expired' : 'unjudged'];
    return newer.isAccepted ? ['gathered'] : [];
  });
  return LEFT_BY.find((way) => ways.includes(way));
};

/**
 * What is clean adds an entry only to take an earlier one away, so that clean jobs leave nothing behind. A control that
 * says nothing of the thing has not judged it: what it said before stands until its time is over.
 */
const entryFrom = (
  { finishedArn, observedAt, accepted = [] }: FinishedObservation,
  id: string,
  finding: Finding | undefined,
  entries: readonly FinishedEntry[],
): FinishedEntry | undefined => {
  const key = entryKey(finishedArn);
  if (finding && isOpen(finding.status)) return entryOf(finding, key, observedAt);
  const known = entries.find((entry) => entry.key === key);
  if (!known) return undefined;
  const { severity } = known;
  if (accepted.includes(id)) return { key, observedAt, status: 'NOT_APPLICABLE', severity, isAccepted: true };
  return finding && { key, observedAt, status: finding.status, severity };
};

const ofId = <T>(record: Readonly<Record<string, T>> | undefined, id: string): T | undefined =>
  record && Object.hasOwn(record, id) ? record[id] : undefined;

/** Title, remediation and suppression come from the newest finding among the worst. */
const formOf = (
  now: Finding | undefined,
  before: Finding | undefined,
  entries: readonly FinishedEntry[],
  entry: FinishedEntry | undefined,
): Finding | undefined => {
  const base = before ?? now;
  if (!base) return undefined;
  const whole = groupedFinding(base, entries);
  if (!whole || !before) return whole;
  const { firstObservedAt } = before;
  const isNewest = entry !== undefined && entries.find(({ status }) => status === whole.status) === entry;
  if (!now || !isNewest) return { ...whole, firstObservedAt };
  const { status, severity, evidence, lastObservedAt } = whole;
  return { ...now, status, severity, evidence, firstObservedAt, lastObservedAt };
};
