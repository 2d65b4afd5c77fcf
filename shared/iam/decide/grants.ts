import { arnName, parseArn, parseAssumedRole } from '../../domain/arn.ts';
import type { PrincipalElement } from '../policy/policy.ts';
import type { Principal } from '../policy/principal.ts';
import { either, MAYBE, type Match, matchOf, NO, negated, YES } from './match.ts';
import { isOtherPartition } from './ownership.ts';
import type { Trace } from './trace.ts';

/**
 * The ways in which a Principal element reaches a principal. AWS limits an Allow differently for each way:
 * - `direct`: the element names the user, session, service or everyone: nothing limits the grant;
 * - `role`: it names the role or user behind a session: permissions boundary and session policies limit the grant;
 * - `account`: it names the account: the account's own policies must allow the request as well.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type Grants = { direct: Match; role: Match; account: Match };

export const NO_GRANTS: Grants = { direct: NO, role: NO, account: NO };

/** Whether the element reaches the principal in at least one way. */
export const anyGrant = ({ direct, role, account }: Grants): Match => either(direct, either(role, account));

/**
 * How a Principal element reaches a principal. `hasBoundary` says that the element is in a Deny statement and that
 * the principal has a permissions boundary.
 */
export const grantsOf = (
  element: PrincipalElement,
  principal: Principal,
  hasBoundary: boolean,
  trace?: Trace,
): Grants => {
  const listed = { ...NO_GRANTS };
  for (const entry of element.principals) {
    const grant = grantOf(entry, principal, trace);
    if (grant) listed[grant.by] = either(listed[grant.by], grant.match);
  }
  if (!element.isNot) return listed;
  return { ...NO_GRANTS, direct: negated(isExempt(element, listed, principal, hasBoundary, trace)) };
};

type Grant = { by: keyof Grants; match: Match };
type PrincipalEntry = PrincipalElement['principals'][number];

const grantOf = ({ type, value }: PrincipalEntry, principal: Principal, trace?: Trace): Grant | undefined => {
  if (type === 'Service') return direct(principal.kind === 'service' && principal.arn === value);
  if (type === 'Federated') return direct(principal.kind === 'federated' && principal.arn === value);
  if (value === '*') return direct(true);
  if (principal.account === undefined || isOtherPartition(value, principal.arn)) return undefined;
  if (type === 'CanonicalUser') {
    trace?.doubts.add(`which account has the canonical user id ${value} is not known`);
    return { by: 'account', match: MAYBE };
  }
  const account = accountOf(value);
  if (account !== undefined) return { by: 'account', match: matchOf(account === principal.account) };
  if (principal.kind === 'federated-user') return federatedGrant(value, principal, trace);
  if (principal.kind !== 'role') return direct(principal.arn === value);
  return sessionGrant(value, principal, trace);
};

const direct = (is: boolean): Grant => ({ by: 'direct', match: matchOf(is) });

/** The account that a Principal value names: by its id, or by the ARN of its root. */
const accountOf = (value: string): string | undefined => {
  if (/^\d{12}$/.test(value)) return value;
  const arn = parseArn(value);
  return arn?.resource === 'root' ? arn.account : undefined;
};

/** The ARN of a federated-user session does not tell which user of the account asked for the session. */
const federatedGrant = (value: string, { arn, account }: Principal, trace?: Trace): Grant => {
  const user = parseArn(value);
  if (user?.account !== account || !user?.resource.startsWith('user/')) return direct(arn === value);
  trace?.doubts.add(`whether ${value} is the user who asked for the session ${arn} is not known`);
  return { by: 'role', match: MAYBE };
};

/**
 * A session's ARN leaves out the role's path. The name is enough to compare, because role names are unique within an
 * account.
 */
const sessionGrant = (value: string, principal: Principal, trace?: Trace): Grant => {
  const roleName = arnName(principal.arn);
  const named = parseAssumedRole(value);
  if (!named) {
    const arn = parseArn(value);
    const isRole = arn?.account === principal.account && arn?.resource.startsWith('role/') === true;
    return { by: 'role', match: matchOf(isRole && arnName(value) === roleName) };
  }
  if (principal.sessionArn !== undefined) return direct(principal.sessionArn === value);
  if (named.account !== principal.account || named.roleName !== roleName) return direct(false);
  trace?.doubts.add(`whether the session is ${value}: only its role is known`);
  return { by: 'direct', match: MAYBE };
};

/**
 * NotPrincipal is sure to exempt a user only where the user's account is listed too, and a session only where its
 * role and account are listed too. AWS warns that a shorter list may still deny the principal, and that NotPrincipal
 * never exempts a principal with a permissions boundary.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
const isExempt = (
  { principals }: PrincipalElement,
  listed: Grants,
  principal: Principal,
  hasBoundary: boolean,
  trace?: Trace,
): Match => {
  const isEveryone = principals.some(({ value }) => value === '*');
  if (isEveryone || principal.account === undefined) return listed.direct;
  if (hasBoundary) return NO;
  if (principal.kind === 'root') return listed.account;
  const needed = [listed.direct, listed.account, ...(principal.kind === 'role' ? [listed.role] : [])];
  if (needed.every((match) => match === YES)) return YES;
  if (either(listed.direct, listed.role) === NO) return NO;
  trace?.doubts.add(
    'NotPrincipal lists the principal without its account (and role): AWS may deny it all the same',
  );
  return MAYBE;
};
