import type { Verdict } from '../domain/finding.ts';
import { ADMINISTRATOR_STEPS } from '../facts/account-principal.ts';
import type { AccountPrincipal, PrincipalFact } from '../facts/facts.ts';
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

/**
 * Whether a principal that neither pipelines nor the configuration name would be an administrator without SCPs, as those of
 * a landing zone are: SCPs keep them from some roles, and nobody in the account can change that.
 */
export const isLimitedBySCPsAlone = remembered(
  ({ policies, identity, isGoverned }: PrincipalFact): boolean => {
    const { scps, ...others } = policies;
    if (isGoverned || !scps || scps.length === 0) return false;
    return administratorAnswer(others, identity.principal, sharedWork(ADMINISTRATOR_STEPS)).answer === 'yes';
  },
);

/**
 * Whether a principal is an administrator, or would be one without SCPs, as those of a landing zone. They may do anything
 * and are nobody’s pipeline creators or members of a team.
 */
export const isAdministrator = remembered(
  (principal: AccountPrincipal): boolean =>
    principal.administrator.answer === 'yes' || isLimitedBySCPsAlone({ ...principal, isGoverned: false }),
);
