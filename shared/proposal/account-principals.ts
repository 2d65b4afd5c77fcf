import type { Scope } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { administratorAnswer } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { isLimitedBySCPsAlone } from '../judging/administrators.ts';
import { once, remembered } from '../memo.ts';

/** The policies that affect all principals of an account, besides their own. */
export type AccountLayers = Pick<Policies, 'scps' | 'rcps' | 'memberAccount' | 'managementAccount'>;

/** The work for the question whether one principal is an administrator. */
const STEPS = 500_000;

/** All users and roles of an account, each with every policy that affects it. */
export const principalsIn = ({
  identities,
  layers,
  scope,
}: {
  identities: readonly Identity[];
  layers: AccountLayers;
  scope: Scope;
}): AccountPrincipal[] =>
  identities.map((identity) => {
    const policies = { ...identity.policies, ...layers };
    const answer = once(() => administratorAnswer(policies, identity.principal, sharedWork(STEPS)));
    return {
      identity,
      policies,
      scope,
      get administrator() {
        return answer();
      },
    };
  });

/**
 * Whether a principal is an administrator, or would be one without SCPs, as those of a landing zone. They may do anything
 * and are not anybody's pipeline creators.
 */
export const isAdministrator = remembered(
  (principal: AccountPrincipal): boolean =>
    principal.administrator.answer === 'yes' || isLimitedBySCPsAlone({ ...principal, isGoverned: false }),
);
