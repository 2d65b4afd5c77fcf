import { partOf, type Work, workOf } from './work.ts';

/**
 * What the questions of one look at a principal share: the work that they may do together, and what was made for one of
 * them and serves the others, such as universes and patterns, whose automata remember their steps.
 */
export type Look = { work: Work; once: <T>(name: string, make: () => T) => T };

/** A second of work, or two where memory is cold. */
export const LOOK_STEPS = 30_000_000;

/** What each of those who share a look may take of it, and what is kept for each in any case. */
const SHARE_STEPS = 10_000_000;
const KEPT_STEPS = 1_000_000;

/**
 * The look for one control of several: whatever the others have asked, it has something left. For a second round, in which
 * a change is tried, nothing is kept.
 */
export const shareOf = (look: Look, round: 'first' | 'later'): Look => {
  const least = round === 'first' ? KEPT_STEPS : 0;
  return { ...look, work: partOf(look.work, Math.max(Math.min(SHARE_STEPS, look.work.left()), least)) };
};

/** A look that may do so much work. */
export const lookOf = (steps = LOOK_STEPS): Look => {
  const made = new Map<string, unknown>();
  return {
    work: workOf(steps),
    once: <T>(name: string, make: () => T): T => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as T;
    },
  };
};
