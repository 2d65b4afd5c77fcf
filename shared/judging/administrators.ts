import type { Verdict } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { administratorAnswer } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { remembered } from '../memo.ts';
import { doesNotApply } from './verdicts.ts';

/**
 * The verdict on an administrator of the controls that exempt administrators; undefined for any other principal. If it is
 * unknown whether a principal is one, it is judged like any other, because what its policies allow is true in either case.
 */
export const exemption = (principal: PrincipalFact): Verdict[] | undefined => {
  const { administrator, isGoverned } = principal;
  switch (administrator.answer) {
    case 'yes':
      return doesNotApply(
        isGoverned
          ? 'it is an administrator, which is a finding of its own'
          : 'an administrator can give itself whatever it lacks',
      );
    case 'no':
    case 'unknown':
      return isLimitedBySCPsAlone(principal)
        ? doesNotApply('an administrator whom SCPs alone limit is one by design')
        : undefined;
  }
};

/** The work for this question about one principal. */
const STEPS = 500_000;

/**
 * Whether a principal that neither pipelines nor the configuration name would be an administrator without SCPs, as those of
 * a landing zone are: SCPs keep them from some roles, and nobody in the account can change that.
 */
export const isLimitedBySCPsAlone = remembered(
  ({ policies, identity, isGoverned }: PrincipalFact): boolean => {
    const { scps, ...others } = policies;
    if (isGoverned || !scps || scps.length === 0) return false;
    return administratorAnswer(others, identity.principal, sharedWork(STEPS)).answer === 'yes';
  },
);
