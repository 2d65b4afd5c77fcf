import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Pattern } from './pattern.ts';

/** Whether the text of an axis lies in at least one of some sets; with `isNot`, in none of them. */
export type Factor = { axis: number; patterns: readonly Pattern[]; isNot: boolean };

/** A statement's part in a search: it holds where all its factors hold. */
export type Leaf = { is: 'leaf'; factors: readonly Factor[]; source: CompiledStatement };

/**
 * The requests for which something holds, as sets of texts on the axes: a resource and the values of condition keys.
 */
export type Formula =
  | { is: 'yes' }
  | { is: 'no' }
  | { is: 'every'; of: readonly Formula[] }
  | { is: 'some'; of: readonly Formula[] }
  | Leaf;

export const EVERYWHERE: Formula = { is: 'yes' };
export const NOWHERE: Formula = { is: 'no' };

/** Holds where both formulas hold. */
export const everyFormula = (one: Formula, other: Formula): Formula => {
  if (one.is === 'no' || other.is === 'yes') return one;
  if (other.is === 'no' || one.is === 'yes') return other;
  return { is: 'every', of: [one, other] };
};

/** Holds where at least one formula holds. */
export const someFormula = (one: Formula, other: Formula): Formula => {
  if (one.is === 'yes' || other.is === 'no') return one;
  if (other.is === 'yes' || one.is === 'no') return other;
  return { is: 'some', of: [one, other] };
};
