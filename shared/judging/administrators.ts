import type { PrincipalFact } from '../facts/facts.ts';

/**
 * Whether controls leave a principal out as an administrator. One of whom that is not known is judged like any other: what
 * is shown of its policies holds whether it is one or not.
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
