import type { AccountPrincipal } from '../facts/facts.ts';
import type { ContextValue } from '../iam/decide/context.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { type Call, callOf, type Reaching } from './iam-calls.ts';

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

/** The ARN of the policy that allows everything. */
export const administratorAccess = ({ scope }: AccountPrincipal): string =>
  `arn:${scope.partition}:iam::aws:policy/AdministratorAccess`;
