import { partOfBudget, type WorkBudget, workBudget } from './work-budget.ts';

/**
 * What the questions of one look at a principal share: the work that they may do together, and what was made for one of
 * them and serves the others, such as universes and patterns, whose automata remember their steps.
 */
export type SharedWork = { work: WorkBudget; once: <T>(name: string, make: () => T) => T };

/** A third of a second of work, or a second and a half where code is not compiled, as in the functions. */
export const SHARED_STEPS = 14_000_000;

/** What each of those who share a look may take of it, and what is kept for each in any case. */
const SHARE_STEPS = 4_000_000;
const KEPT_STEPS = 1_000_000;

/**
 * The look for one control of several: whatever the others have asked, it has something left. For a second round, in which
 * a change is tried, nothing is kept.
 */
export const workForControl = (shared: SharedWork, round: 'first' | 'later'): SharedWork => {
  const least = round === 'first' ? KEPT_STEPS : 0;
  return {
    ...shared,
    work: partOfBudget(shared.work, Math.max(Math.min(SHARE_STEPS, shared.work.left()), least)),
  };
};

/** A look that may do so much work. */
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
