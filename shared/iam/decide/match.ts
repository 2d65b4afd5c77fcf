/**
 * A three-valued answer (Kleene's logic) as a number: 0 no, 1 unknown, 2 yes. "And" is then the smaller of two
 * answers and "or" the greater.
 */
export type Match = 0 | 1 | 2;
export const NO = 0;
export const MAYBE = 1;
export const YES = 2;

export const both = (a: Match, b: Match): Match => (a < b ? a : b);
export const either = (a: Match, b: Match): Match => (a > b ? a : b);
export const negated = (a: Match): Match => (2 - a) as Match;
export const matchOf = (is: boolean): Match => (is ? YES : NO);
