import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import type { Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { rolesIn } from '../iam/sets/universe.ts';
import { PASSED_TO_SERVICE } from '../policies/passing-policy.ts';
import { BY_ITSELF, type Reaching, reachingsOf } from './iam-calls.ts';
import { CLOUDFORMATION, useOf } from './service-use.ts';

export const PASS_ROLE = 'iam:PassRole';

/**
 * How a principal’s requests can reach IAM: through a stack only if it may make one. A stack without a role of its own acts
 * in its creator’s name.
 */
export const waysOf = (principal: AccountPrincipal, shared: SharedWork): readonly Reaching[] =>
  reachingsOf(principal.policies).filter(
    ({ isByStack }) => !isByStack || useOf(principal, CLOUDFORMATION, '', shared).answer === 'yes',
  );

/** Asks which roles may be passed: to a service, in a request that names no service (null), or to an open service. */
export const passing = (
  { policies, identity, scope }: AccountPrincipal,
  service?: string | null,
  { keys }: Reaching = BY_ITSELF,
): Question => ({
  policies,
  request: {
    principal: identity.principal,
    action: PASS_ROLE,
    context: contextOf({ ...(service !== undefined && { [PASSED_TO_SERVICE]: service }), ...keys }),
  },
  universe: rolesIn(scope),
});
