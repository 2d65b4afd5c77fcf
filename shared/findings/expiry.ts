import { isOpen } from '../domain/status.ts';
import { expired, expires } from './closing-changes.ts';
import { expiryOf, isExpired } from './finished-entries.ts';
import { type FindingForms, nextState } from './next-state.ts';
import { reconcileGrouped } from './reconcile-grouped.ts';
import { isRefreshDue, nextRefresh } from './refresh-due.ts';
import type { Reconciled, ResourceState } from './state.ts';

/**
 * The state after time alone has passed: findings whose days are over have ended, and open findings that are due are
 * sent again. Returns the given state itself where neither is the case.
 */
export const expire = (state: ResourceState, now: string): Reconciled => {
  const { observedAt, readAt, finished, open, passed, configuration, unread } = state;
  const lifetime = finished && { now, expireDays: finished.expireDays };
  if (lifetime && finished.entries) return reconcileGrouped(state, lifetime);
  const forms: FindingForms = new Map(
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
  return nextState(state, forms, about, now);
};

/** When `expire` has something to do next, in milliseconds since 1970; undefined where never. */
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
