import type { ContextValue } from '../decide/context.ts';
import { FULL_AWS_ACCESS } from '../decide/full-access.ts';
import type { Policies } from '../decide/layers.ts';
import { indexPolicies, type PolicyIndex } from '../decide/policy-index.ts';
import { TESTS } from '../policy/operators.ts';
import type { Condition, Policy, Statement } from '../policy/policy.ts';

/** The condition keys (in lower case) that tell from which network a request comes. */
export const NETWORK_KEYS = [
  'aws:sourcevpc',
  'aws:sourcevpcarn',
  'aws:sourcevpce',
  'aws:vpcsourceip',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
  'aws:sourceip',
];

/** The context of a request from outside every VPC: none of these keys, and no service in between. */
export const outsideNetworks = (): Record<string, ContextValue> => ({
  ...Object.fromEntries(NETWORK_KEYS.map((name): [string, ContextValue] => [name, null])),
  'aws:ViaAWSService': 'false',
});

/** Whether a statement restricts requests to a network: a Deny that applies if a request does not come from there. */
export const isNetworkLimit = ({ effect, conditions }: Statement): boolean =>
  effect === 'Deny' && conditions.some(isNegatedNetwork);

const isNegatedNetwork = ({ base, texts, keyName }: Condition): boolean =>
  NETWORK_KEYS.includes(keyName) &&
  (base === 'null' ? texts.some((text) => text.toLowerCase() === 'true') : TESTS[base].isNegated);

/** The policies without the SCP statements that restrict requests to networks. */
export const withoutNetworkLimits = (policies: Policies): Policies =>
  policies.scps ? { ...policies, scps: policies.scps.map((level) => filtered(level, false)) } : policies;

/** The SCPs reduced to the statements that restrict requests to networks. */
export const networkLimitsOf = (scps: readonly PolicyIndex[]): PolicyIndex[] =>
  scps.map((level) => filtered(level, true));

const kept = new WeakMap<PolicyIndex, Map<boolean, PolicyIndex>>();

/** Kept for each level, because every role of an account needs it. */
const filtered = (level: PolicyIndex, isLimit: boolean): PolicyIndex => {
  const known = kept.get(level) ?? new Map<boolean, PolicyIndex>();
  kept.set(level, known);
  const made =
    known.get(isLimit) ??
    indexPolicies([
      ...(isLimit ? [FULL_AWS_ACCESS] : []),
      ...level.policies.map((policy) => only(policy, (statement) => isNetworkLimit(statement) === isLimit)),
    ]);
  known.set(isLimit, made);
  return made;
};

const only = (policy: Policy, isWanted: (statement: Statement) => boolean): Policy => ({
  ...policy,
  statements: policy.statements.filter(isWanted),
});
