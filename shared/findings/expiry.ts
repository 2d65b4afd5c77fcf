import { isOpen } from '../domain/status.ts';
import { advance, type Forms } from './advance.ts';
import { expired, expires } from './closing.ts';
import { expiryOf, isExpired } from './entries.ts';
import { reconcileGathered } from './gathering.ts';
import { isRefreshDue, nextRefresh } from './refresh.ts';
import type { Outcome, ResourceState } from './state.ts';

/**
 * The state after time alone: without the findings on finished things whose time is over, and with those to be told
 * again that have not been told for long. Itself where there are neither.
 */
export const expire = (state: ResourceState, now: string): Outcome => {
  const { observedAt, readAt, finished, open, passed, configuration, unread } = state;
  const lifetime = finished && { now, expireDays: finished.expireDays };
  if (lifetime && finished.entries) return reconcileGathered(state, lifetime);
  const forms: Forms = new Map(
    Object.entries(open).map(([id, finding]) => [
      id,
      lifetime && expires(finding.resource) && isExpired(finding.lastObservedAt, lifetime)
        ? { closed: expired(finding, lifetime) }
        : { open: finding },
    ]),
  );
  const hasExpired = [...forms.values()].some((form) => 'closed' in form);
  if (!hasExpired && !isRefreshDue(state, now)) return { state, changes: state.undelivered };
  const about = {
    observedAt,
    ...(readAt && { readAt }),
    ...(finished && { finished }),
    ...(passed !== undefined && { passed }),
    ...(configuration !== undefined && { configuration }),
    ...(unread && { unread }),
  };
  return advance(state, forms, about, now);
};

/** The next time, in milliseconds since 1970, at which `expire` finds something; undefined where it never does. */
export const nextExpiry = (state: ResourceState): number | undefined => {
  const times = [...expiries(state), nextRefresh(state)].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
};

const expiries = ({ finished, open }: ResourceState): number[] => {
  if (!finished) return [];
  const seen = finished.entries
    ? Object.values(finished.entries)
        .flat()
        .filter(({ status }) => isOpen(status))
        .map(({ observedAt }) => observedAt)
    : Object.values(open)
        .filter(({ resource }) => expires(resource))
        .map(({ lastObservedAt }) => lastObservedAt);
  return seen.map((time) => expiryOf(time, finished.expireDays));
};
