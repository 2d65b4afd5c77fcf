import type { Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { doesNotApply } from './verdicts.ts';

/**
 * The verdict of controls that leave administrators out, on an administrator; undefined for anybody else. A principal of
 * whom it is not known is judged like any other: what is shown of its policies holds whether it is one or not.
 */
export const exemption = ({ administrator, isGoverned }: PrincipalFact): Verdict[] | undefined => {
  switch (administrator.answer) {
    case 'yes':
      return doesNotApply(
        isGoverned
          ? 'pass-role-scoped tells that it is an administrator'
          : 'an administrator can give itself whatever it lacks',
      );
    case 'no':
    case 'unknown':
      return undefined;
  }
};
