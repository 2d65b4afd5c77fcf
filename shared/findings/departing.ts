import type { Departure } from '../domain/judgement.ts';
import { ending } from './closing-changes.ts';
import { type FindingForms, nextState } from './next-state.ts';
import type { Reconciled, ResourceState } from './state.ts';

/**
 * The state after its account has left those that are watched: everything open has ended, and nothing of it was mended. Returns the
 * given state itself where nothing is open.
 */
export const depart = (state: ResourceState, departure: Departure, now: string): Reconciled => {
  const open = Object.entries(state.open);
  if (open.length === 0) return { state, changes: state.undelivered };
  const observedAt = now > state.observedAt ? now : state.observedAt;
  const forms: FindingForms = new Map(
    open.map(([id, finding]) => [
      id,
      { closed: ending(finding, undefined, { is: 'unjudged', ...departure }, observedAt) },
    ]),
  );
  return nextState(state, forms, { observedAt }, now);
};
