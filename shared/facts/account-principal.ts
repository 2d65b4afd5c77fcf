import type { AccountScope } from '../domain/scope.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { administratorAnswer, mayAdminister, NO_ADMINISTRATOR } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import type { AccountPrincipal } from './facts.ts';

/** The policies that affect all principals of an account, besides their own. */
export type AccountLayers = Pick<Policies, 'scps' | 'rcps' | 'memberAccount' | 'managementAccount'>;

/** The work for the question whether one principal is an administrator. It is asked about all, and cheap for ordinary ones. */
export const ADMINISTRATOR_STEPS = 500_000;

/** A user or role with every policy that affects it. Whether it is an administrator is asked when somebody wants to know. */
export const accountPrincipal = (
  identity: Identity,
  layers: AccountLayers,
  scope: AccountScope,
): AccountPrincipal => {
  const policies: Policies = { ...identity.policies, ...layers };
  // Thousands are told no, and an object without a getter takes a third of the memory.
  if (!mayAdminister(policies)) return { identity, policies, scope, administrator: NO_ADMINISTRATOR };
  let answer: AccountPrincipal['administrator'] | undefined;
  return {
    identity,
    policies,
    scope,
    get administrator() {
      answer ??= administratorAnswer(policies, identity.principal, sharedWork(ADMINISTRATOR_STEPS));
      return answer;
    },
  };
};
