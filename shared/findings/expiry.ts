import { advance, type Forms } from './advance.ts';
import { expired, hasRun } from './closing.ts';
import { expiryOf, isExpired } from './entries.ts';
import { reconcileGathered } from './gathering.ts';
import type { Outcome, ResourceState } from './state.ts';
import { isOpen } from './status.ts';

/** The state without the findings on finished things whose time is over; itself where there are none. */
export const expire = (state: ResourceState, now: string): Outcome => {
  const { finished, open } = state;
  if (!finished) return { state, changes: state.undelivered };
  const lifetime = { now, expireDays: finished.expireDays };
  if (finished.entries) return reconcileGathered(state, lifetime);
  const forms: Forms = new Map(
    Object.entries(open).map(([id, finding]) => [
      id,
      hasRun(finding.resource) && isExpired(finding.lastObservedAt, lifetime)
        ? { closed: expired(finding, lifetime) }
        : { open: finding },
    ]),
  );
  if ([...forms.values()].every((form) => 'open' in form)) return { state, changes: state.undelivered };
  return advance(state, forms, { observedAt: state.observedAt, finished });
};

/** The next time, in milliseconds since 1970, at which `expire` finds something; undefined where it never does. */
export const nextExpiry = ({ finished, open }: ResourceState): number | undefined => {
  if (!finished) return undefined;
  const seen = finished.entries
    ? Object.values(finished.entries)
        .flat()
        .filter(({ status }) => isOpen(status))
        .map(({ observedAt }) => observedAt)
    : Object.values(open)
        .filter(({ resource }) => hasRun(resource))
        .map(({ lastObservedAt }) => lastObservedAt);
  const times = seen.map((time) => expiryOf(time, finished.expireDays));
  return times.length === 0 ? undefined : Math.min(...times);
};
