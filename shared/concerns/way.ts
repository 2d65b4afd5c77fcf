import type { AccountPrincipal } from '../facts/facts.ts';
import { type ContextValue, contextOf } from '../iam/decide/context.ts';
import { allowedBeyond } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf } from '../iam/sets/universe.ts';
import { doubtEvidence } from '../judging/concern.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { type Call, callFrom, callOf, EXPECTED, mayBeAllowed, type Reaching } from './iam-calls.ts';
import { STEPS } from './standing.ts';

/** The calls by which a principal gets an administrator’s permissions, the first one first. */
export type Way = readonly [Call, ...Call[]];

export const isSure = (way: Way): boolean => way.every((call) => call.isSure);

/** The first way that is sure, else the first one that is not. */
export const best = (ways: readonly (() => Way | undefined)[]): Way | undefined => {
  let perhaps: Way | undefined;
  for (const find of ways) {
    const way = find();
    if (way && isSure(way)) return way;
    perhaps ??= way;
  }
  return perhaps;
};

/** Calls and ways one after the other; undefined if one of them is not there. */
export const inOrder = (...parts: readonly (Call | readonly Call[] | undefined)[]): Way | undefined => {
  const [first, ...others] = parts.flatMap((part) => part ?? []);
  return first && parts.every(Boolean) ? [first, ...others] : undefined;
};

/** A call that gives permissions, if it is allowed or perhaps allowed. `on` is the principal that the call is about. */
export const giving = (
  by: AccountPrincipal,
  action: GivingCall,
  resource: string,
  reaching: Reaching,
  more: Readonly<Record<string, ContextValue>> = {},
  on?: AccountPrincipal,
): Call | undefined => callOf(by, action, resource, reaching, more, on);

/** A call on something that need not exist yet, if it is allowed or perhaps allowed for some of the ARNs of a pattern. */
export const callOnSome = (
  by: AccountPrincipal,
  action: string,
  pattern: string,
  { keys }: Reaching,
  more: Readonly<Record<string, ContextValue>> = {},
): Call | undefined => {
  const { policies, identity } = by;
  if (!mayBeAllowed(policies, action)) return undefined;
  const request = { principal: identity.principal, action, context: contextOf({ ...keys, ...more }) };
  const found = allowedBeyond({ policies, request, universe: arnsOf(pattern) }, sharedWork(STEPS));
  switch (found.answer) {
    case 'none':
      return undefined;
    case 'some':
      return callFrom(by, action, found.example);
    case 'unknown': {
      const evidence = { ...doubtEvidence(found.doubt, action, () => pattern), expected: EXPECTED };
      return found.doubt.kind === 'hangs'
        ? callFrom(by, action, found.doubt.example)
        : { by: identity.principal.arn, action, isSure: false, evidence };
    }
  }
};

/** The ARN of the policy that allows everything. */
export const administratorAccess = ({ scope }: AccountPrincipal): string =>
  `arn:${scope.partition}:iam::aws:policy/AdministratorAccess`;
