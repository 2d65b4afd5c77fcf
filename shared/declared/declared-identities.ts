import {
  type AccountIdentities,
  type Identity,
  identitiesOf,
  inlineName,
  inOrder,
} from '../iam/decide/authorization-details.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { once } from '../memo.ts';
import { found, type Read } from '../reader/read-result.ts';
import { policyOfAws } from './aws-policies.ts';
import type { DeclaredResource, PolicyHolder } from './declared.ts';
import { type DeclaredOf, isUndeclared, ofType } from './of-type.ts';

/**
 * The users and roles once what is declared is deployed. A declared principal stands in place of one of its name; a policy that is
 * attached to a principal of the account is added to what it has. `others` stand for the roles of an account of which nothing is
 * known.
 */
export const declaredIdentities = (
  base: Read<AccountIdentities>,
  resources: readonly DeclaredResource[],
  others: readonly Identity[],
): Read<AccountIdentities> => {
  if (!base.ok && !isUndeclared(base.unread)) return base;
  const attachedTo = attachedIn(resources);
  const ofAccount = once(() => knownPolicies(base.ok ? base.value.identities : []));
  const known = (arn: string): Policy | undefined => ofAccount().get(arn) ?? policyOfAws(arn);
  const own = identitiesOf(declaredDetails(resources), undefined, known);
  const sources = new Map(
    ofType(resources, 'role', 'user', 'group').map(({ arn, address, origin }) => [
      arn,
      `${origin.file.path} (${address})`,
    ]),
  );
  const key = ({ principal, name }: Identity) => `${principal.kind} ${name.toLowerCase()}`;
  const declaredOnes = own.identities.map((each) => {
    const declaredIn = sources.get(each.principal.arn);
    return declaredIn === undefined ? each : { ...each, principal: { ...each.principal, declaredIn } };
  });
  const declared = new Set(declaredOnes.map(key));
  if (!base.ok)
    return found({
      ...own,
      identities: inOrder([...declaredOnes, ...others]),
      unlisted: base.unread,
    });
  const before = new Map(base.value.identities.map((each) => [each.principal.arn, each]));
  const managed = ofType(resources, 'managed-policy');
  const remaining = base.value.identities
    .filter((each) => !declared.has(key(each)))
    .map((each) => {
      const more = attachedTo(each.principal.kind, each.name).map(({ policy }) =>
        attachedPolicy(policy, each.principal.arn, managed, known),
      );
      return more.length === 0 ? each : withPolicies(each, more);
    });
  return found({
    ...base.value,
    identities: inOrder([
      ...remaining,
      ...declaredOnes.map((each) => updated(each, before.get(each.principal.arn))),
    ]),
    profiles: new Map([...base.value.profiles, ...own.profiles]),
    directory: {
      groups: [...base.value.directory.groups, ...own.directory.groups],
      otherVersions: (arn) => base.value.directory.otherVersions(arn),
    },
    problems: [
      ...base.value.problems.filter(({ policy }) =>
        own.identities.every((each) => !isPolicyOf(policy, each)),
      ),
      ...own.problems,
    ],
  });
};

type AttachedTo = (type: string, name: string) => DeclaredOf<'attached-policy'>[];

/** The policies that are declared apart from their principals, by these. */
const attachedIn = (resources: readonly DeclaredResource[]): AttachedTo => {
  const attached = ofType(resources, 'attached-policy');
  return (type, name) =>
    attached.filter(({ holder }) => holder.type === type && holder.name.toLowerCase() === name.toLowerCase());
};

/** The detail of a principal of the account, to which declared resources attach policies. */
export type HeldDetail = PolicyHolder & { entry: Json };

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
      withAttached(entry, type, attachedTo(type, name)),
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

/** An update leaves a principal its id, its last use and the tags that only AWS sets. */
const updated = (identity: Identity, before: Identity | undefined): Identity => {
  if (!before) return identity;
  const { uniqueId, tags = new Map() } = before.principal;
  const ofAws = [...tags].filter(([key]) => key.startsWith('aws:'));
  return {
    ...identity,
    principal: {
      ...identity.principal,
      ...(uniqueId !== undefined && { uniqueId }),
      tags: new Map([...(identity.principal.tags ?? []), ...ofAws]),
    },
    ...(before.lastUsed !== undefined && { lastUsed: before.lastUsed }),
    ...(before.lastUsedIn !== undefined && { lastUsedIn: before.lastUsedIn }),
  };
};

/** The entry of a principal in IAM’s listing, with the policies that other resources attach to it. */
const withAttached = (
  entry: Json,
  type: 'role' | 'user' | 'group',
  attached: readonly DeclaredOf<'attached-policy'>[],
): Json => {
  if (attached.length === 0 || !isObject(entry)) return entry;
  const inlineKey = `${{ role: 'Role', user: 'User', group: 'Group' }[type]}PolicyList`;
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

const attachedPolicy = (
  policy: DeclaredOf<'attached-policy'>['policy'],
  holderArn: string,
  managed: readonly DeclaredOf<'managed-policy'>[],
  known: (arn: string) => Policy | undefined,
): Policy => {
  if (!('arn' in policy))
    return readPolicy(policy.document, { name: inlineName(holderArn, policy.name), kind: 'identity' });
  const entry = managed.find(({ arn }) => arn === policy.arn)?.entry;
  const document = asList(member(entry, 'PolicyVersionList')).flatMap(
    (version) => member(version, 'Document') ?? [],
  );
  const [own] = document;
  return own === undefined
    ? (known(policy.arn) ?? readPolicy('', { name: policy.arn, kind: 'identity' }))
    : readPolicy(own, { name: policy.arn, kind: 'identity' });
};

const withPolicies = (identity: Identity, more: readonly Policy[]): Identity => ({
  ...identity,
  policies: {
    ...identity.policies,
    identity: indexPolicies([
      ...(identity.policies.identity?.policies ?? []).filter(({ name }) =>
        more.every((each) => each.name !== name),
      ),
      ...more,
    ]),
  },
});
