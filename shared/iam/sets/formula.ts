import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Pattern } from './pattern.ts';

/** Whether the text of one axis lies in any of some sets; with `isNot`, in none of them. */
export type Factor = { axis: number; patterns: readonly Pattern[]; isNot: boolean };

/** The part of a statement that a search needs: it holds where all its factors do. */
export type Leaf = { is: 'leaf'; factors: readonly Factor[]; source: CompiledStatement };

/** Where something holds: for which texts of the axes, which are a resource and the values of condition keys. */
export type Formula =
  | { is: 'yes' }
  | { is: 'no' }
  | { is: 'every'; of: readonly Formula[] }
  | { is: 'some'; of: readonly Formula[] }
  | Leaf;

export const EVERYWHERE: Formula = { is: 'yes' };
export const NOWHERE: Formula = { is: 'no' };

/** Where both hold. */
export const everyFormula = (one: Formula, other: Formula): Formula => {
  if (one.is === 'no' || other.is === 'yes') return one;
  if (other.is === 'no' || one.is === 'yes') return other;
  return { is: 'every', of: [one, other] };
};

/** Where either holds. */
export const someFormula = (one: Formula, other: Formula): Formula => {
  if (one.is === 'yes' || other.is === 'no') return one;
  if (other.is === 'yes' || one.is === 'no') return other;
  return { is: 'some', of: [one, other] };
};
