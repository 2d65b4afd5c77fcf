import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../iam/decide/full-access.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { why } from '../iam/explain/why.ts';
import type { Principal } from '../iam/policy/principal.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import { administratorAnswer } from '../iam/sets/questions.ts';
import { type SharedWork, sharedWork } from '../iam/sets/shared-work.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { remembered } from '../memo.ts';
import { BY_ITSELF, type Call, EXPECTED, type Reaching } from './iam-calls.ts';
import { tagsInRequest } from './resource-tags.ts';

/** The work for one question about one principal. */
export const STEPS = 500_000;

/** Whether a principal with these policies is an administrator. Any role has no tags, as far as it is known. */
export const standingWith = (
  policies: Policies,
  principal: Principal,
  { keys }: Reaching = BY_ITSELF,
  shared: SharedWork = sharedWork(STEPS),
): AdministratorAnswer =>
  administratorAnswer(policies, principal, shared, contextOf({ ...untagged(policies), ...keys }));

/** Roles that exist are judged with their own tags. */
const untagged = remembered((policies: Policies) => ({
  ...tagsInRequest(new Map(), policies, 'iam:PutRolePolicy'),
  ...tagsInRequest(new Map(), policies, 'iam:AttachRolePolicy'),
}));

/** The call that an administrator may make: to write the policies of any role. */
export const ownPermission = (
  { identity }: AccountPrincipal,
  told: Exclude<AdministratorAnswer, { answer: 'no' }>,
): Call => ({
  by: identity.principal.arn,
  action: 'iam:PutRolePolicy',
  isSure: told.answer === 'yes',
  evidence: {
    ...(told.answer === 'yes'
      ? why(told.example.explanation, told.action, 'any role')
      : doubtEvidence(told.doubt, 'iam:PutRolePolicy', () => 'any role')),
    expected: EXPECTED,
  },
});

/** The permission of one that is an administrator, or perhaps is. */
export const isAdministrator = (
  by: AccountPrincipal,
  reaching: Reaching,
  shared: SharedWork,
): Call | undefined => {
  const { policies, identity, administrator } = by;
  const told =
    administrator.answer === 'unknown'
      ? standingWith(policies, identity.principal, reaching, shared)
      : administrator;
  return told.answer === 'no' ? undefined : ownPermission(by, told);
};

const EVERYTHING = indexPolicies([FULL_AWS_ACCESS]);

/** Whether a principal with every permission of its own would be an administrator. */
export const wouldBeAdministrator = remembered(
  ({ policies, identity }: AccountPrincipal) =>
    standingWith({ ...policies, identity: EVERYTHING }, identity.principal).answer,
);

/** The same without its boundary. */
export const wouldBeUnbounded = remembered(
  ({ policies, identity }: AccountPrincipal) =>
    standingWith({ ...withoutBoundary(policies), identity: EVERYTHING }, identity.principal).answer,
);

export const withoutBoundary = ({ boundary: _, ...others }: Policies): Policies => others;
