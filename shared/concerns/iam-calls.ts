import type { Evidence } from '../domain/finding.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { type Context, type ContextValue, contextOf } from '../iam/decide/context.ts';
import type { LayerName, Policies } from '../iam/decide/layers.ts';
import { mayAllow, mayAllowAny, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Explanation } from '../iam/explain/explain.ts';
import { why } from '../iam/explain/why.ts';
import type { Example } from '../iam/sets/answers.ts';
import { exampleOf } from '../iam/sets/questions.ts';
import { remembered } from '../memo.ts';
import { tagsInRequest } from './resource-tags.ts';
import { CLOUDFORMATION } from './service-use.ts';

/** One call that a principal may make, or perhaps may: who makes it, and whether it is surely allowed. */
export type Call = {
  by: string;
  action: string;
  isSure: boolean;
  evidence: Evidence;
  /** What to do, if that is something else than for the other calls. */
  advice?: string;
};

const DIRECTLY: Readonly<Record<string, ContextValue>> = {
  'aws:CalledVia': null,
  'aws:CalledViaFirst': null,
  'aws:CalledViaLast': null,
  'aws:ViaAWSService': 'false',
};
const THROUGH_A_STACK: Readonly<Record<string, ContextValue>> = {
  'aws:CalledVia': [CLOUDFORMATION],
  'aws:CalledViaFirst': CLOUDFORMATION,
  'aws:CalledViaLast': CLOUDFORMATION,
  'aws:ViaAWSService': 'true',
};

/** How a request reaches IAM: from the principal itself or, as the principal, from a stack without a role of its own. */
export type Reaching = { keys: Readonly<Record<string, ContextValue>>; isByStack: boolean };

export const BY_ITSELF: Reaching = { keys: DIRECTLY, isByStack: false };
const BY_STACK: Reaching = { keys: THROUGH_A_STACK, isByStack: true };

/**
 * A stack without a role acts with its caller’s permissions, which conditions on these keys can limit to stacks.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia
 */
export const reachingsOf = remembered(
  ({ identity, boundary, session, scps = [] }: Policies): readonly Reaching[] => {
    const asks = [identity, boundary, session, ...scps].some((index) =>
      index?.statements.some(({ statement: { conditions } }) =>
        conditions.some(({ keyName }) => /^aws:(?:calledvia|viaawsservice)/.test(keyName)),
      ),
    );
    return asks ? [BY_ITSELF, BY_STACK] : [BY_ITSELF];
  },
);

export const EXPECTED = 'no way to an administrator’s permissions';

/** Whether a statement of the principal’s own may allow the action; a quick answer, because most allow no call of IAM. */
export const mayBeAllowed = ({ identity }: Policies, action: string): boolean =>
  identity !== undefined && mayAllow(identity, action);

/** The same of some actions at once, for questions about all principals of an account. */
export const mayBeAllowedAny = (actions: readonly string[]): ((policies: Policies) => boolean) => {
  const may = mayAllowAny(actions);
  return ({ identity }) => identity !== undefined && may(identity);
};

/** The call, if it is allowed or perhaps allowed. `on` is the principal that the call is about, whose tags are known. */
export const callOf = (
  by: AccountPrincipal,
  action: string,
  resource: string,
  { keys }: Reaching,
  more: Readonly<Record<string, ContextValue>>,
  on?: AccountPrincipal,
  trust?: PolicyIndex,
): Call | undefined => {
  const { policies, identity } = by;
  if (!trust && !mayBeAllowed(policies, action)) return undefined;
  const tags = on?.identity.principal.tags;
  const context: Context = contextOf({
    ...keys,
    ...(tags && tagsInRequest(tags, policies, action)),
    ...more,
  });
  const all = trust ? { ...policies, resource: trust } : policies;
  const example = exampleOf(all, { principal: identity.principal, action, resource, context });
  switch (example.decision) {
    case 'Allow':
    case 'Unknown':
      return callFrom(by, action, example);
    case 'ImplicitDeny':
    case 'ExplicitDeny':
      return undefined;
  }
};

/** The call that an example shows. */
export const callFrom = (by: AccountPrincipal, action: string, example: Example): Call => ({
  by: by.identity.principal.arn,
  action,
  isSure: example.decision === 'Allow',
  evidence: { ...why(ownFirst(example.explanation), action, example.resource), expected: EXPECTED },
});

/** The statement of the principal’s own comes first: without it, a trust policy that names the account allows nothing. */
const ownFirst = (explanation: Explanation): Explanation => ({
  ...explanation,
  decidedBy: explanation.decidedBy.toSorted((one, other) => orderOf(one.layer) - orderOf(other.layer)),
});

const orderOf = (layer: LayerName): number => (layer === 'identity' ? 0 : 1);
