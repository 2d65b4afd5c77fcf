import type { Scope } from '../domain/scope.ts';
import {
  type AccountIdentities,
  type Identity,
  identitiesOf,
  inlineName,
  inOrder,
} from '../iam/decide/authorization-details.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { once } from '../memo.ts';
import { found, type Read } from '../reader/read-result.ts';
import { attachedIn } from './attached.ts';
import { policyOfAws } from './aws-policies.ts';
import type { DeclaredResource, PolicyHolder } from './declared.ts';
import { type DeclaredOf, ofType } from './of-type.ts';
import { overlaid } from './overlaid-principals.ts';
import { INLINE_LISTS } from './what-stays.ts';

/**
 * The users and roles once what is declared is deployed. A declared principal has what is declared of it, and, where the source tells what
 * it declared before, what others gave it in the account. Policies, groups and members that are declared apart are added to what the account
 * has, and those that are not declared any more are taken away. `others` stand for the roles of an account of which nothing is known.
 */
export const declaredIdentities = (
  base: Read<AccountIdentities>,
  resources: readonly DeclaredResource[],
  others: readonly Identity[],
  earlier?: readonly DeclaredResource[],
): Read<AccountIdentities> => {
  const ofAccount = once(() => knownPolicies(base.ok ? base.value.identities : []));
  const known = (arn: string): Policy | undefined => ofAccount().get(arn) ?? policyOfAws(arn);
  const holders = heldElsewhere(resources, base.ok ? base.value.identities : []);
  const own = identitiesOf(declaredDetails(resources, holders), undefined, known);
  const sources = new Map(
    ofType(resources, 'role', 'user', 'group').map(({ arn, address, origin }) => [
      arn,
      `${origin.file.path} (${address})`,
    ]),
  );
  const declared = own.identities.map((each) => {
    const declaredIn = sources.get(each.principal.arn);
    return declaredIn === undefined ? each : { ...each, principal: { ...each.principal, declaredIn } };
  });
  if (!base.ok)
    return found({ ...own, identities: inOrder([...declared, ...others]), unlisted: base.unread });
  const { identities, groups } = overlaid(base.value, { declared, own }, resources, known, earlier);
  const changed = new Set(ofType(resources, 'managed-policy').map(({ arn }) => arn));
  return found({
    ...base.value,
    identities: inOrder(identities),
    profiles: new Map([...base.value.profiles, ...own.profiles]),
    directory: {
      groups,
      otherVersions: (arn) => {
        const inForce = changed.has(arn) ? ofAccount().get(arn) : undefined;
        return [...base.value.directory.otherVersions(arn), ...(inForce ? [inForce] : [])];
      },
    },
    problems: [
      ...base.value.problems.filter(({ policy }) =>
        own.identities.every((each) => !isPolicyOf(policy, each)),
      ),
      ...own.problems,
    ],
  });
};

/** The detail of a principal of the account, to which declared resources attach policies. */
export type HeldDetail = PolicyHolder & { entry: Json };

/** The roles and users to which declared policies are attached, and of which nobody knows anything else. */
const heldElsewhere = (resources: readonly DeclaredResource[], known: readonly Identity[]): HeldDetail[] => {
  const keyOf = (type: string, name: string): string => `${type} ${name.toLowerCase()}`;
  const there = new Set([
    ...ofType(resources, 'role', 'user', 'group').map(({ type, name }) => keyOf(type, name)),
    ...known.map(({ principal: { kind }, name }) => keyOf(kind, name)),
  ]);
  const held = ofType(resources, 'attached-policy').flatMap(({ holder: { type, name }, scope }) => {
    if (type === 'group' || there.has(keyOf(type, name))) return [];
    const arn = heldArn({ type, name }, scope);
    const own = type === 'role' ? 'Role' : 'User';
    const unknown = [{ PolicyName: 'policies that only the account tells' }];
    const entry = { [`${own}Name`]: name, Arn: arn, [`${own}PolicyList`]: unknown };
    return [[keyOf(type, name), { type, name, entry }] as const];
  });
  return [...new Map(held).values()];
};

/** The ARN of what a policy is attached to, if it is declared nowhere: nobody knows its path, which is mostly none. */
const heldArn = ({ type, name }: PolicyHolder, { partition, account }: Scope): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

/** The ARNs in lower case of roles and users to which declared policies are attached. */
export const holdersIn = (resources: readonly DeclaredResource[]): ReadonlySet<string> =>
  new Set(
    ofType(resources, 'attached-policy').map(({ holder, scope }) => heldArn(holder, scope).toLowerCase()),
  );

/**
 * What is declared of IAM in the form of `get-account-authorization-details`, with the `holders` to which policies are attached and that
 * are not declared themselves.
 */
export const declaredDetails = (
  resources: readonly DeclaredResource[],
  holders: readonly HeldDetail[] = [],
): JsonObject => {
  const attachedTo = attachedIn(resources);
  const list = (type: HeldDetail['type']): Json[] =>
    [...ofType(resources, type), ...holders.filter((each) => each.type === type)].map(({ entry, name }) =>
      withAttached(
        type === 'user' ? withGroups(entry, groupsWith(resources, name)) : entry,
        type,
        attachedTo(type, name),
      ),
    );
  return {
    RoleDetailList: list('role'),
    UserDetailList: list('user'),
    GroupDetailList: list('group'),
    Policies: ofType(resources, 'managed-policy').map(({ entry }) => entry),
  };
};

/** Whether a policy of that name is the principal’s own: an inline one, or its trust policy. */
const isPolicyOf = (policy: string, { principal: { arn } }: Identity): boolean =>
  policy.startsWith(inlineName(arn, '')) || policy.endsWith(` ${arn}`);

/** The groups that are declared to have a user. */
const groupsWith = (resources: readonly DeclaredResource[], user: string): string[] =>
  ofType(resources, 'membership').flatMap((each) =>
    each.user.toLowerCase() === user.toLowerCase() ? each.group : [],
  );

const withGroups = (entry: Json, groups: readonly string[]): Json =>
  groups.length === 0 || !isObject(entry)
    ? entry
    : { ...entry, GroupList: [...new Set([...asList(member(entry, 'GroupList')), ...groups])] };

/** The entry of a principal in IAM’s listing, with the policies that other resources attach to it. */
const withAttached = (
  entry: Json,
  type: 'role' | 'user' | 'group',
  attached: readonly DeclaredOf<'attached-policy'>[],
): Json => {
  if (attached.length === 0 || !isObject(entry)) return entry;
  const inlineKey = INLINE_LISTS[type];
  const inline = attached.flatMap(({ policy }): JsonObject[] =>
    'arn' in policy ? [] : [{ PolicyName: policy.name, PolicyDocument: policy.document }],
  );
  const managed = attached.flatMap(({ policy }): JsonObject[] =>
    'arn' in policy
      ? [{ PolicyName: policy.arn.slice(policy.arn.lastIndexOf('/') + 1), PolicyArn: policy.arn }]
      : [],
  );
  return {
    ...entry,
    [inlineKey]: [...asList(member(entry, inlineKey)), ...inline],
    AttachedManagedPolicies: [...asList(member(entry, 'AttachedManagedPolicies')), ...managed],
  };
};

/** The managed policies that principals of the account have, by ARN. */
const knownPolicies = (identities: readonly Identity[]): Map<string, Policy> =>
  new Map(
    identities.flatMap(({ policies: { identity, boundary } }) =>
      [...(identity?.policies ?? []), ...(boundary?.policies ?? [])].flatMap((policy): [string, Policy][] =>
        policy.name.startsWith('arn:') && !policy.name.includes(' ') ? [[policy.name, policy]] : [],
      ),
    ),
  );
