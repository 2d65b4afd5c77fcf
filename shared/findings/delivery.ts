import { isSame } from './fingerprint.ts';
import type { Sink } from './sink.ts';
import type { Change, ResourceState } from './state.ts';

/** The pending change of a finding after a newer one: who has taken it counts only where both say the same. */
export const overtake = (pending: Change | undefined, next: Change): Change => {
  if (!pending || pending.kind !== next.kind) return next;
  if (isSame(pending.finding, next.finding)) return { ...pending, finding: next.finding };
  if (next.kind !== 'opened' || !alertsAlike(pending, next)) return next;
  return withNames(next, 'openedTo', union(pending.openedTo, pending.takenBy));
};

/**
 * The state with those changes taken by the sinks in their `takenBy`. A change leaves once all `sinks` have taken it;
 * with no sinks, at once. One that was overtaken by a newer form in the meantime stays for all; where that form only
 * says more of what was opened, it is a change of it, not another opening. Where nothing was pending any more, it is
 * the given state itself.
 */
export const acknowledge = (
  state: ResourceState,
  changes: readonly Change[],
  sinks: readonly string[],
): ResourceState => {
  const taken = new Map(changes.map((change) => [change.finding.id, change]));
  const undelivered = state.undelivered.flatMap((change) => {
    const sent = taken.get(change.finding.id);
    if (!sent || sent.kind !== change.kind) return [change];
    if (isSame(sent.finding, change.finding)) {
      const takenBy = union(change.takenBy, sent.takenBy);
      return isEvery(sinks, takenBy) ? [] : [withNames(change, 'takenBy', takenBy)];
    }
    if (change.kind !== 'opened' || !alertsAlike(sent, change)) return [change];
    const openedTo = union(change.openedTo, union(sent.openedTo, sent.takenBy));
    if (!isEvery(sinks, openedTo)) return [withNames(change, 'openedTo', openedTo)];
    const { openedTo: _, ...known } = change;
    return [{ ...known, kind: 'changed' as const }];
  });
  const isUntouched =
    undelivered.length === state.undelivered.length &&
    undelivered.every((change, index) => change === state.undelivered[index]);
  return isUntouched ? state : { ...state, version: state.version + 1, undelivered };
};

/** Of pending changes, what a sink is still to be told, in the form that is news to it. */
export const changesFor = (
  changes: readonly Change[],
  { name, takesRefreshed = false }: Pick<Sink, 'name' | 'takesRefreshed'>,
): Change[] =>
  changes.flatMap(({ kind, finding, takenBy, openedTo }) => {
    if (takenBy?.includes(name) || (kind === 'refreshed' && !takesRefreshed)) return [];
    const isKnown = kind === 'opened' && openedTo?.includes(name);
    return [{ kind: isKnown ? 'changed' : kind, finding }];
  });

/** What a sink has not taken of what it was given, by finding id. */
export type Delivery = { sink: string; refused: ReadonlySet<string> };

/** The changes that were taken, each with the sinks that it is done for: also those that it does not concern. */
export const takenOf = (changes: readonly Change[], deliveries: readonly Delivery[]): Change[] =>
  changes.flatMap((change) => {
    const takenBy = deliveries
      .filter(({ refused }) => !refused.has(change.finding.id))
      .map(({ sink }) => sink);
    return takenBy.length > 0 || deliveries.length === 0 ? [{ ...change, takenBy }] : [];
  });

/**
 * What is remembered for good of an acknowledgement: each change when the first sink takes it, since one that is
 * switched off must not keep it out of the history. That a finding was told again is no history.
 */
export const historyOf = (state: ResourceState, changes: readonly Change[]): Change[] => {
  const pending = new Map(state.undelivered.map((change) => [change.finding.id, change]));
  return changes.flatMap(({ kind, finding }) => {
    const known = pending.get(finding.id);
    if (!known || known.kind !== kind || kind === 'refreshed' || known.takenBy) return [];
    if (!isSame(known.finding, finding)) return [];
    return [{ kind: known.openedTo ? 'changed' : kind, finding }];
  });
};

/** Whether whoever was alerted of the one form has been alerted of the other. */
const alertsAlike = ({ finding: one }: Change, { finding: other }: Change): boolean =>
  one.status === other.status &&
  one.severity === other.severity &&
  (one.suppression === undefined) === (other.suppression === undefined);

const union = (one: readonly string[] = [], other: readonly string[] = []): string[] =>
  [...new Set([...one, ...other])].toSorted();

const isEvery = (sinks: readonly string[], names: readonly string[]): boolean =>
  sinks.every((sink) => names.includes(sink));

const withNames = (change: Change, key: 'takenBy' | 'openedTo', names: readonly string[]): Change =>
  names.length === (change[key]?.length ?? 0) ? change : { ...change, [key]: [...names] };
