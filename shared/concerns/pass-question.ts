import type { AccountPrincipal } from '../facts/facts.ts';
import { type ContextValue, contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { rolesIn } from '../iam/sets/universe.ts';
import { remembered } from '../memo.ts';
import { PASSED_TO_SERVICE } from '../policies/passing-policy.ts';
import { CLOUDFORMATION, useOf } from './service-use.ts';

export const PASS_ROLE = 'iam:PassRole';

/** How a request reaches IAM: from the principal itself, or through a stack of CloudFormation, in the principal’s name. */
export type Way = { keys: Readonly<Record<string, ContextValue>>; isThroughStack: boolean };

const DIRECT: Way = {
  keys: {
    'aws:CalledVia': null,
    'aws:CalledViaFirst': null,
    'aws:CalledViaLast': null,
    'aws:ViaAWSService': 'false',
  },
  isThroughStack: false,
};
const THROUGH_STACK: Way = {
  keys: {
    'aws:CalledVia': [CLOUDFORMATION],
    'aws:CalledViaFirst': CLOUDFORMATION,
    'aws:CalledViaLast': CLOUDFORMATION,
    'aws:ViaAWSService': 'true',
  },
  isThroughStack: true,
};

/**
 * The ways in which a principal can make a request. A stack without a role of its own acts in its creator’s name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
 */
export const waysOf = (principal: AccountPrincipal, shared: SharedWork): readonly Way[] =>
  asksWhoCalls(principal.policies) && useOf(principal, CLOUDFORMATION, '', shared).answer === 'yes'
    ? [DIRECT, THROUGH_STACK]
    : [DIRECT];

const asksWhoCalls = remembered(({ identity, boundary, session, scps = [] }: Policies): boolean =>
  [identity, boundary, session, ...scps].some((index) =>
    index?.statements.some(({ statement: { conditions } }) =>
      conditions.some(({ keyName }) => keyName.startsWith('aws:calledvia')),
    ),
  ),
);

/** Asks which roles may be passed: to a service, in a request that names no service (null), or to an open service. */
export const passing = (
  { policies, identity, scope }: AccountPrincipal,
  service?: string | null,
  way: Way = DIRECT,
): Question => ({
  policies,
  request: {
    principal: identity.principal,
    action: PASS_ROLE,
    context: contextOf({ ...(service !== undefined && { [PASSED_TO_SERVICE]: service }), ...way.keys }),
  },
  universe: rolesIn(scope),
});
