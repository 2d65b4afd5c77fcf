import { both, either, type Match, YES } from './match.ts';

/**
 * The operations that `decide` combines answers with: on `Match` for one request, on sets of requests for set
 * questions.
 */
export type Logic<T> = {
  of: (match: Match) => T;
  both: (a: T, b: T) => T;
  either: (a: T, b: T) => T;
  /** Whether no further `either` can change the value. */
  isYes: (value: T) => boolean;
};

export const KLEENE: Logic<Match> = { of: (match) => match, both, either, isYes: (match) => match === YES };
