import type { PrincipalFact } from '../facts/facts.ts';

/**
 * Whether controls exempt a principal as an administrator. If this is unknown, the principal is judged like any
 * other, because what its policies allow is true in either case.
 */
export const isExempt = ({ administrator }: PrincipalFact): boolean => {
  switch (administrator.answer) {
    case 'yes':
      return true;
    case 'no':
    case 'unknown':
      return false;
  }
};
