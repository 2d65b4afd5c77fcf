import { both, either, type Match, YES } from './match.ts';

/** What decisions are put together by: Kleene's three values for one request, or what holds where for many at once. */
export type Logic<T> = {
  of: (match: Match) => T;
  both: (a: T, b: T) => T;
  either: (a: T, b: T) => T;
  /** Nothing more can be added to it. */
  isYes: (value: T) => boolean;
};

export const KLEENE: Logic<Match> = { of: (match) => match, both, either, isYes: (match) => match === YES };
