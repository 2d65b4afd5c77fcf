import type { Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { doesNotApply } from './verdicts.ts';

/**
 * The verdict on an administrator of the controls that exempt administrators; undefined for any other principal. If it is
 * unknown whether a principal is one, it is judged like any other, because what its policies allow is true in either case.
 */
export const exemption = ({ administrator, isGoverned }: PrincipalFact): Verdict[] | undefined => {
  switch (administrator.answer) {
    case 'yes':
      return doesNotApply(
        isGoverned
          ? 'it is an administrator, which is a finding of its own'
          : 'an administrator can give itself whatever it lacks',
      );
    case 'no':
    case 'unknown':
      return undefined;
  }
};
