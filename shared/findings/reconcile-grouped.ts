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

/** A grouped finding after an observation. */
type GroupedFinding = {
  entries: FinishedEntry[];
  /** Undefined where no entry is open any more. */
  finding: Finding | undefined;
  /** How open entries have left without passing, in this observation or since the finding opened. */
  leftBy: LeftBy | undefined;
  /** The entry of the observed job, also where all that it does is to take an earlier entry of the job away. */
  leaver: FinishedEntry | undefined;
};

type FinishedObservation = Observation & { finishedArn: string };

/**
 * `reconcile` for the group of a pipeline’s jobs or executions, after an observation of one of them. Without an
 * observation only the expired entries leave.
 */
export const reconcileGrouped = (
  previous: ResourceState | undefined,
  { now, expireDays }: Lifetime,
  observation?: FinishedObservation,
): Reconciled => {
  const isLate = previous && Date.parse(previous.observedAt) > Date.parse(now);
  const lifetime = { now: isLate ? previous.observedAt : now, expireDays };
  const grouped = groupInto(previous, lifetime, observation);
  const forms: FindingForms = new Map();
  for (const [id, one] of grouped) {
    const before = ofId(previous?.open, id);
    const { finding } = one;
    if (finding) {
      const isNews = before?.status === 'NOT_AVAILABLE' && finding.status !== 'NOT_AVAILABLE';
      forms.set(id, { open: finding, isNews });
    } else if (before) {
      forms.set(id, { closed: endOf(before, one, lifetime, { previous, observation }) });
    }
  }
  const kept = [...grouped].flatMap(([id, { entries }]) => (entries.length > 0 ? [[id, entries]] : []));
  const entries: Record<string, FinishedEntry[]> = Object.fromEntries(kept);
  const isSame = JSON.stringify(entries) === JSON.stringify(previous?.finished?.entries ?? {});
  if (previous && isSame && !isRefreshDue(previous, lifetime.now)) {
    return { state: previous, changes: previous.undelivered };
  }
  const open = [...grouped].filter(([, { finding }]) => finding);
  const left = open.flatMap(([id, { leftBy, leaver }]) => {
    const way = leftBy ?? (leaver?.status === 'NOT_APPLICABLE' ? 'unjudged' : undefined);
    return way ? [[id, way] as const] : [];
  });
  // Something that is open may still have been judged by the older configuration, so that one is kept.
  const configuration = previous?.configuration ?? observation?.configuration;
  return nextState(previous, forms, {
    observedAt: lifetime.now,
    finished: { expireDays, entries },
    ...(left.length > 0 && { left: Object.fromEntries(left) }),
    ...(open.length > 0 && configuration !== undefined && { configuration }),
  });
};

/**
 * How a grouped finding ends after its last open entry has left. It is mended only where every entry left by passing.
 */
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
      const because =
        'it covered more jobs or executions than are kept, and not all of them are known to pass';
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

/** The groups by finding id, after an observation of one job, or without one. */
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
  const grouped = new Map<string, GroupedFinding>();
  for (const id of [...new Set([...before.keys(), ...said.keys()])].toSorted()) {
    const entries = before.get(id) ?? [];
    const finding = said.get(id);
    const more = observation ? entryFrom(observation, id, finding, entries) : undefined;
    const merged = mergeEntries(entries, more ? [more] : [], lifetime);
    if (merged.length === 0 && entries.length === 0) continue;
    grouped.set(id, {
      entries: merged,
      finding: formOf(finding, ofId(known?.open, id), merged, more),
      leftBy: leftBy(entries, merged, lifetime) ?? ofId(known?.left, id),
      leaver: more,
    });
  }
  return grouped;
};

/** How open entries have left without passing; the gravest way where there are several. */
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
 * A clean job makes an entry only where that takes an earlier entry of the job away, so that clean jobs leave nothing
 * behind. A control that says nothing of the job has not judged it, so that the job’s earlier entry stays until it
 * expires.
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

/** Title, remediation and suppression come from the newest of the worst findings. */
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
