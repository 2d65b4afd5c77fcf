import type { Finding } from '../domain/finding.ts';
import { isOpen, statusWeight } from '../domain/status.ts';
import { advance, type Forms } from './advance.ts';
import { expired, resolved } from './closing.ts';
import {
  type Entry,
  entryKey,
  entryOf,
  gatheredFinding,
  isExpired,
  type Lifetime,
  mergeEntries,
} from './entries.ts';
import { isRefreshDue } from './refresh.ts';
import type { Observation, Outcome, ResourceState } from './state.ts';

/** A gathered finding after an observation. */
type Gathered = {
  entries: Entry[];
  /** Undefined where no entry is open any more. */
  finding: Finding | undefined;
  /** Entries have left it because their time was over. */
  hasExpired: boolean;
};

/** `reconcile` for an observation of one finished thing, or for a time without any: what has expired leaves. */
export const reconcileGathered = (
  previous: ResourceState | undefined,
  { now, expireDays }: Lifetime,
  observation?: Observation & { gathers: string },
): Outcome => {
  const isLate = previous && Date.parse(previous.observedAt) > Date.parse(now);
  const lifetime = { now: isLate ? previous.observedAt : now, expireDays };
  const gathered = gatherInto(previous, lifetime, observation);
  const forms: Forms = new Map();
  for (const [id, { finding, hasExpired }] of gathered) {
    const before = previous && Object.hasOwn(previous.open, id) ? previous.open[id] : undefined;
    if (finding) {
      const isNews = before?.status === 'NOT_AVAILABLE' && finding.status !== 'NOT_AVAILABLE';
      forms.set(id, { open: finding, isNews });
    } else if (before) {
      const closed = resolved(before, undefined, { observedAt: lifetime.now, gone: false });
      forms.set(id, {
        closed: hasExpired ? expired(before, lifetime) : { kind: 'resolved', finding: closed },
      });
    }
  }
  const kept = [...gathered].flatMap(([id, { entries }]) => (entries.length > 0 ? [[id, entries]] : []));
  const entries: Record<string, Entry[]> = Object.fromEntries(kept);
  const isSame = JSON.stringify(entries) === JSON.stringify(previous?.finished?.entries ?? {});
  if (previous && isSame && !isRefreshDue(previous, lifetime.now)) {
    return { state: previous, changes: previous.undelivered };
  }
  return advance(previous, forms, { observedAt: lifetime.now, finished: { expireDays, entries } });
};

type Known = Pick<ResourceState, 'open' | 'finished'> | undefined;

/**
 * What is gathered by finding id, after an observation of one finished thing, or at a time without any. The
 * observation says everything about that thing: a finding that it does not name holds of it no more.
 */
const gatherInto = (
  known: Known,
  lifetime: Lifetime,
  observation?: Observation & { gathers: string },
): Map<string, Gathered> => {
  const before = new Map(Object.entries(known?.finished?.entries ?? {}));
  const open = new Map(Object.entries(known?.open ?? {}));
  const said = new Map<string, Finding>();
  for (const finding of observation?.findings ?? []) {
    const other = said.get(finding.id);
    if (!other || statusWeight(finding.status) > statusWeight(other.status)) said.set(finding.id, finding);
  }
  const gathered = new Map<string, Gathered>();
  for (const id of [...new Set([...before.keys(), ...said.keys()])].toSorted()) {
    const entries = before.get(id) ?? [];
    const finding = said.get(id);
    const more = observation ? entryFrom(observation, finding, entries) : undefined;
    const merged = mergeEntries(entries, more ? [more] : [], lifetime);
    if (merged.length === 0 && entries.length === 0) continue;
    gathered.set(id, {
      entries: merged,
      finding: formOf(finding, open.get(id), merged, more),
      hasExpired: entries.some(({ status, observedAt }) => isOpen(status) && isExpired(observedAt, lifetime)),
    });
  }
  return gathered;
};

/** What is clean adds an entry only to take an earlier one away, so that clean jobs leave nothing behind. */
const entryFrom = (
  { gathers, observedAt }: Observation & { gathers: string },
  finding: Finding | undefined,
  entries: readonly Entry[],
): Entry | undefined => {
  const key = entryKey(gathers);
  if (finding && isOpen(finding.status)) return entryOf(finding, key, observedAt);
  const known = entries.find((entry) => entry.key === key);
  if (!known) return undefined;
  return { key, observedAt, status: finding?.status ?? 'PASSED', severity: known.severity };
};

/** Title, remediation and suppression come from the newest finding among the worst. */
const formOf = (
  now: Finding | undefined,
  before: Finding | undefined,
  entries: readonly Entry[],
  entry: Entry | undefined,
): Finding | undefined => {
  const base = before ?? now;
  if (!base) return undefined;
  const whole = gatheredFinding(base, entries);
  if (!whole || !before) return whole;
  const { firstObservedAt } = before;
  const isNewest = entry !== undefined && entries.find(({ status }) => status === whole.status) === entry;
  if (!now || !isNewest) return { ...whole, firstObservedAt };
  const { status, severity, evidence, lastObservedAt } = whole;
  return { ...now, status, severity, evidence, firstObservedAt, lastObservedAt };
};
