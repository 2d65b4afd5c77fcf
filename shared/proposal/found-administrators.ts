import { wayToAdministrator } from '../concerns/becoming-administrator.ts';
import { changersOf } from '../concerns/changing-role.ts';
import { isSure } from '../concerns/way.ts';
import type { AccountPrincipal, Facts } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import { decide } from '../iam/decide/decide.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { noUses } from '../needs/roster.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';
import { assumingOutsiders, trustedAccounts } from './trust-notes.ts';

type Account = Pick<Facts, 'principals' | 'directory'>;

/** Bounds the work: changers are found by whether they may change one of this many roles. */
const MAX_ROLES = 100;

/**
 * Who deploys the roles of pipelines: principals that may change some of them and make roles beside them, within a
 * boundary or other limits that keep them from becoming administrators. Others who may change such a role, as people who
 * may write its policies, are left out: whether they are meant to is what an audit asks.
 */
export const foundAdministrators = (
  used: ReadonlySet<string>,
  makers: ReadonlySet<string>,
  account: Account,
): Noted<string>[] => {
  const { principals } = account;
  const roles = principals.filter(({ identity }) => used.has(identity.principal.arn)).slice(0, MAX_ROLES);
  const changing = new Map<AccountPrincipal, string[]>();
  for (const role of roles)
    for (const { principal, calls } of changersOf(
      role,
      principals,
      {
        uses: noUses(role.identity.principal.arn),
        resourcePolicies: { buckets: new Map(), keys: new Map() },
        tagKeys: [],
      },
      sharedWork(),
    ))
      if (calls.some(({ isSure: is }) => is))
        changing.set(principal, [...(changing.get(principal) ?? []), role.identity.name]);
  return [...changing]
    .filter(([principal]) => {
      const { arn } = principal.identity.principal;
      return (
        !used.has(arn) &&
        !makers.has(arn) &&
        !isServiceLinkedRole(principal.identity.principal.arn) &&
        !trustedAccounts(principal.identity, principal.scope.account).includes('*') &&
        mayMakeRoles(principal) &&
        !becomesAdministrator(principal, account)
      );
    })
    .toSorted(([one], [other]) => (one.identity.principal.arn < other.identity.principal.arn ? -1 : 1))
    .map(([{ identity, scope }, names]) => ({
      value: identity.principal.arn,
      notes: [
        `deploys roles: may make roles, and change ${counted(names.length, 'role')} of pipelines: ${listed(names, 3)}`,
        ...assumingOutsiders(identity, scope.account),
      ],
    }));
};

/** Whether an Allow of its own lets it make roles; a condition on the boundary is what one expects there. */
const mayMakeRoles = ({ policies, identity, scope }: AccountPrincipal): boolean => {
  const allows = policies.identity?.candidates('iam:createrole').allows ?? [];
  return allows.length > 0 && !refusesAll(policies, identity, scope);
};

const refusesAll = (
  policies: AccountPrincipal['policies'],
  { principal }: AccountPrincipal['identity'],
  { partition, account }: AccountPrincipal['scope'],
): boolean =>
  decide(policies, {
    principal,
    action: 'iam:CreateRole',
    resource: `arn:${partition}:iam::${account}:role/any`,
    context: contextOf(),
  }) === 'ExplicitDeny';

const becomesAdministrator = (principal: AccountPrincipal, account: Account): boolean => {
  const way = wayToAdministrator(principal, account, sharedWork());
  return way !== undefined && isSure(way);
};
