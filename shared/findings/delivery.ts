import { isSame } from './fingerprint.ts';
import type { Sink } from './sink.ts';
import type { Change, ResourceState } from './state.ts';

/**
 * The pending change of a finding, after a newer change came. The sinks that took the pending one keep counting only
 * where both changes say the same.
 */
export const overtake = (pending: Change | undefined, next: Change): Change => {
  if (!pending || pending.kind !== next.kind) return next;
  if (isSame(pending.finding, next.finding)) return { ...pending, finding: next.finding };
  if (next.kind !== 'opened' || !alertsAlike(pending, next)) return next;
  return withNames(next, 'openedTo', union(pending.openedTo, pending.takenBy));
};

/**
 * The state after sinks took the changes (`takenBy`). A change leaves once all `sinks` have taken it. A change that a
 * newer form replaced meanwhile stays for all sinks; where the finding had only been opened, the newer form is
 * `changed` for sinks that took the opening. Returns the given state itself where nothing changes.
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

/** What a sink is still to be told. A form of an opened finding that the sink knows comes as `changed`. */
export const changesFor = (
  changes: readonly Change[],
  { name, takesRefreshed = false }: Pick<Sink, 'name' | 'takesRefreshed'>,
): Change[] =>
  changes.flatMap(({ kind, finding, takenBy, openedTo }) => {
    if (takenBy?.includes(name) || (kind === 'refreshed' && !takesRefreshed)) return [];
    const isKnown = kind === 'opened' && openedTo?.includes(name);
    return [{ kind: isKnown ? 'changed' : kind, finding }];
  });

/** The ids of the findings that a sink refused. */
export type Delivery = { sink: string; refused: ReadonlySet<string> };

/**
 * The changes that sinks have taken, with their names. A sink that a change does not concern counts as having taken it.
 */
export const takenOf = (changes: readonly Change[], deliveries: readonly Delivery[]): Change[] =>
  changes.flatMap((change) => {
    const takenBy = deliveries
      .filter(({ refused }) => !refused.has(change.finding.id))
      .map(({ sink }) => sink);
    return takenBy.length > 0 || deliveries.length === 0 ? [{ ...change, takenBy }] : [];
  });

/**
 * The changes to write into the history: each when the first sink takes it, so that a sink that is switched off keeps
 * nothing out of the history. A finding that was only sent again is left out.
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

/** Whether an alert on the one form is still right for the other. */
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
