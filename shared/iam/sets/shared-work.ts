import { partOfBudget, type WorkBudget, workBudget } from './work-budget.ts';

/**
 * What the set questions of one look at a principal share: their budget of work, and things that were made once, such
 * as universes and patterns, whose automata remember their steps.
 */
export type SharedWork = {
  work: WorkBudget;
  once: <T>(name: string, make: () => T) => T;
  /** A change is tried, which should mend this control: of the verdicts, only the status is looked at. */
  tried?: string;
};

/** About a third of a second of work, or a second and a half before the code is compiled, as in a function that has just started. */
export const SHARED_STEPS = 14_000_000;

/** The share of the budget that one control may use, and the least that it gets in any case. */
const SHARE_STEPS = 4_000_000;
const KEPT_STEPS = 1_000_000;

/**
 * The budget for one of several controls, which has work left whatever the others asked. Where a change is tried that
 * should mend a control, there is no such minimum.
 */
export const workForControl = (shared: SharedWork, tried?: string): SharedWork => {
  const least = tried === undefined ? KEPT_STEPS : 0;
  return {
    ...shared,
    ...(tried !== undefined && { tried }),
    work: partOfBudget(shared.work, Math.max(Math.min(SHARE_STEPS, shared.work.left()), least)),
  };
};

/** A new budget with this many steps. */
export const sharedWork = (steps = SHARED_STEPS): SharedWork => {
  const made = new Map<string, unknown>();
  return {
    work: workBudget(steps),
    once: <T>(name: string, make: () => T): T => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as T;
    },
  };
};
