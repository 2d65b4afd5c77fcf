import type { Finding } from '../domain/finding.ts';
import { overtake } from './delivery.ts';
import { isSame } from './fingerprint.ts';
import { isRefreshDue } from './refresh-due.ts';
import type { Change, Reconciled, ResourceState } from './state.ts';

/** Each finding after an observation, open or closed. `isNews`: it could not be judged before, and now it failed. */
export type FindingForms = Map<string, { open: Finding; isNews?: boolean } | { closed: Change }>;

/**
 * The state with these findings, and all changes to deliver: the new ones and those that were undelivered before. `now`
 * decides whether open findings are due to be delivered again.
 */
export const nextState = (
  previous: ResourceState | undefined,
  forms: FindingForms,
  about: Pick<
    ResourceState,
    'observedAt' | 'readAt' | 'finished' | 'passed' | 'configuration' | 'left' | 'unread'
  >,
  now: string = about.observedAt,
): Reconciled => {
  const isRefreshing = previous !== undefined && isRefreshDue(previous, now);
  const known = new Map(Object.entries(previous?.open ?? {}));
  const open = new Map<string, Finding>();
  const undelivered = new Map(previous?.undelivered.map((change) => [change.finding.id, change]));
  for (const [id, form] of forms) {
    if ('closed' in form) {
      undelivered.set(id, form.closed);
      continue;
    }
    open.set(id, form.open);
    const pending = undelivered.get(id);
    const isNews = form.isNews && !form.open.suppression;
    const kind = isNews ? 'opened' : kindOf(known.get(id), form.open, pending, isRefreshing);
    if (kind) undelivered.set(id, overtake(pending, { kind, finding: form.open }));
  }
  const changes = byId(undelivered.values(), (change) => change.finding.id);
  const toldAt = known.size === 0 || isRefreshing ? now : (previous?.toldAt ?? now);
  const state = {
    version: (previous?.version ?? 0) + 1,
    ...about,
    ...(open.size > 0 && { toldAt }),
    open: Object.fromEntries(byId(open.entries(), ([id]) => id)),
    undelivered: changes,
  };
  return { state, changes };
};

const kindOf = (
  before: Finding | undefined,
  now: Finding,
  pending: Change | undefined,
  isRefreshing: boolean,
): Change['kind'] | undefined => {
  // A sink may already have taken the form without the suppression. It must then hear that the finding ended.
  if (now.suppression && pending && !pending.finding.suppression) return 'changed';
  if (!before) return 'opened';
  if (pending && pending.kind !== 'refreshed') return pending.kind;
  if (!isSame(before, now)) return 'changed';
  return pending || (isRefreshing && !now.suppression) ? 'refreshed' : undefined;
};

const byId = <T>(items: Iterable<T>, idOf: (item: T) => string): T[] =>
  [...items].toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
