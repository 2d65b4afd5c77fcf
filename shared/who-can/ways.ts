import { creation } from '../concerns/creating.ts';
import { passing } from '../concerns/pass-question.ts';
import { servicesNamed, trusts, trustsOwnAccount } from '../concerns/service-trust.ts';
import { useOf } from '../concerns/service-use.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { onlyOne } from '../iam/sets/universe.ts';
import { remembered } from '../memo.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { type Answered, answerOf, type Step } from './answer.ts';
import { onTagged, servicesTaking } from './asked.ts';

/** How a principal gets to act as a role: it assumes the role, or a service does what the principal wants under it. */
export type Hop = {
  role: string;
  /** The service to which the role is passed; without it, the role is assumed. */
  service?: string;
  /** The request that it takes; missing where it is not known whether that is allowed. */
  step?: Step;
  /** Why it is not known. */
  why?: string;
};

/** What the questions about one principal and one role may cost. */
const HOP_STEPS = 300_000;

const ASSUME = 'sts:AssumeRole';

/** How a principal gets to act as a role, surely or perhaps; undefined where it cannot. */
export const hopTo = (by: AccountPrincipal, role: AccountPrincipal): Hop | undefined => {
  const { arn } = role.identity.principal;
  if (isServiceLinkedRole(arn)) return undefined;
  const assumed = assuming(by, role);
  if (assumed.answer === 'yes') return { role: arn, step: assumed.step };
  const passed = passingTo(by, role);
  if (passed && !passed.why) return passed;
  return assumed.answer === 'unknown' ? { role: arn, why: assumed.why } : passed;
};

const trustIndex = remembered((trust: Policy): PolicyIndex => indexPolicies([trust]));

const assuming = (by: AccountPrincipal, role: AccountPrincipal): Answered => {
  const { trust, principal } = role.identity;
  // The root user of an account cannot assume roles: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (by.identity.principal.kind === 'root') return { answer: 'no' };
  if (trust?.isReadable && !trustsOwnAccount(role)) return { answer: 'no' };
  const question = {
    policies: { ...by.policies, ...(trust && { resource: trustIndex(trust) }) },
    request: { principal: by.identity.principal, action: ASSUME, context: contextOf() },
    universe: onlyOne(principal.arn),
  };
  return answerOf(onTagged(question, role), sharedWork(HOP_STEPS));
};

const passingTo = (by: AccountPrincipal, role: AccountPrincipal): Hop | undefined => {
  const { arn } = role.identity.principal;
  let perhaps: Hop | undefined;
  for (const service of servicesTaking(role)) {
    const shared = sharedWork(HOP_STEPS);
    const question = onTagged({ ...passing(by, service), universe: onlyOne(arn) }, role);
    const passed = answerOf(question, shared);
    if (passed.answer === 'no') continue;
    const use = useOf(by, service, arn, shared).answer;
    if (use === 'no') continue;
    // A use by choice takes values of keys that are not told here.
    const isByChoice = service === SAGEMAKER && use === 'yes' && creation(by, shared) === 'unknown';
    const open = [
      ...(isByChoice ? [`whether the conditions of its calls to ${service} hold is not known`] : []),
      ...(passed.answer === 'unknown' ? [passed.why] : []),
      ...(use === 'unknown' ? [`whether it can put ${service} to work is not known`] : []),
      ...(trusts(role, service) === 'unknown' ? [`whether ${service} can assume ${arn} is not known`] : []),
    ];
    const hop = { role: arn, service, ...(passed.answer === 'yes' && { step: passed.step }) };
    if (open.length === 0) return hop;
    perhaps ??= { ...hop, why: open.join('; ') };
  }
  return perhaps;
};

/** Whether a role can be reached by others at all, as most only let in services that nobody asks about. */
export const isReachable = (role: AccountPrincipal): boolean =>
  role.identity.principal.kind === 'role' &&
  (role.identity.trust?.isReadable !== true || trustsOwnAccount(role) || servicesNamed(role).length > 0);
