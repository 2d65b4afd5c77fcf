import {
  type AccountIdentities,
  type Group,
  type Identity,
  inlineName,
} from '../iam/decide/authorization-details.ts';
import { indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Policy, PolicyKind } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { asList, member } from '../json/json.ts';
import { once, oncePer } from '../memo.ts';
import { attachedIn } from './attached.ts';
import type { DeclaredResource, PolicyHolder } from './declared.ts';
import { type DeclaredOf, ofType } from './of-type.ts';
import { keyOfNamed, whatStays } from './what-stays.ts';

/** Principals with their policies, without those of groups. */
type Held = { holder: PolicyHolder; arn: string; policies: readonly Policy[] };

/** The users, roles and groups of an account once what is declared is deployed. */
export const overlaid = (
  base: AccountIdentities,
  { declared, own }: { declared: readonly Identity[]; own: AccountIdentities },
  resources: readonly DeclaredResource[],
  known: (arn: string) => Policy | undefined,
  earlier: readonly DeclaredResource[] | undefined,
): { identities: Identity[]; groups: Group[] } => {
  const stays = whatStays(resources, earlier);
  const attachedTo = attachedIn(resources);
  const current = documentsNow(ofType(resources, 'managed-policy'));
  const members = ofType(resources, 'membership');

  /** What is left of what the account gives a principal, and what is attached to it. */
  const policiesThen = ({ holder, arn, policies }: Held): Policy[] => {
    const more = attachedTo(holder.type, holder.name).map(({ policy }) =>
      attachedPolicy(policy, arn, current, known),
    );
    const names = new Set(more.map(({ name }) => name));
    return [
      ...policies.filter(({ name }) => !names.has(name) && stays.isKept(holder, arn, name)).map(current),
      ...more,
    ];
  };
  /** What the account gives a declared principal besides what is declared: nothing, unless the source tells what it gave it before. */
  const besides = (
    holder: PolicyHolder,
    arn: string,
    policies: readonly Policy[],
    ownOnes: readonly Policy[],
  ) => {
    if (!stays.isUpdated(holder.type, holder.name)) return [];
    const names = new Set(ownOnes.map(({ name }) => name));
    return policies.filter(({ name }) => !names.has(name) && stays.isKept(holder, arn, name)).map(current);
  };

  const groupHolder = (name: string): PolicyHolder => ({ type: 'group', name });
  const baseGroups = new Map(base.directory.groups.map((each) => [each.name.toLowerCase(), each]));
  const declaredGroups = new Map(own.directory.groups.map((each) => [each.name.toLowerCase(), each]));
  const groups = [
    ...base.directory.groups.flatMap((each): Group[] => {
      if (declaredGroups.has(each.name.toLowerCase())) return [];
      if (stays.isGone(keyOfNamed('group', each.name))) return [];
      const { name, arn } = each;
      return [
        {
          ...each,
          policies: once(() => policiesThen({ holder: groupHolder(name), arn, policies: each.policies() })),
        },
      ];
    }),
    ...own.directory.groups.map((each): Group => {
      const { name, arn } = each;
      const before = baseGroups.get(name.toLowerCase());
      if (!before) return each;
      return {
        ...each,
        policies: once(() => [
          ...each.policies(),
          ...besides(groupHolder(name), arn, before.policies(), each.policies()),
        ]),
      };
    }),
  ];
  const byName = new Map(groups.map((each) => [each.name.toLowerCase(), each]));
  const ofGroup = oncePer((name: string): readonly Policy[] => {
    const group = byName.get(name.toLowerCase());
    return group ? group.policies() : [readPolicy('', { name: `group ${name}`, kind: 'identity' })];
  });
  const without = (identity: Identity, of: ReadonlyMap<string, Group>): Policy[] =>
    withoutInherited(identity, (name) => of.get(name.toLowerCase())?.policies());

  const before = new Map(base.identities.map((each) => [keyOf(each), each]));
  const isDeclared = new Set(declared.map(keyOf));
  const remaining = base.identities.flatMap((each): Identity[] => {
    const { arn } = each.principal;
    const type = typeOf(each);
    if (isDeclared.has(keyOf(each)) || stays.isGone(keyOfNamed(type, each.name))) return [];
    const holder: PolicyHolder = { type, name: each.name };
    const inGroups = groupsThen(each.name, each.groups, members, stays.isMember);
    const policies = [
      ...policiesThen({ holder, arn, policies: without(each, baseGroups) }),
      ...inGroups.flatMap(ofGroup),
    ];
    return [withPolicies(each, inGroups, policies, current)];
  });
  const overBase = declared.map((each): Identity => {
    const then = before.get(keyOf(each));
    const { arn } = each.principal;
    const type = typeOf(each);
    const holder: PolicyHolder = { type, name: each.name };
    const ofSource = without(each, declaredGroups);
    const left = then ? besides(holder, arn, without(then, baseGroups), ofSource) : [];
    const alsoIn =
      then && stays.isUpdated(type, each.name)
        ? then.groups.filter((group) => stays.isMember(each.name, group))
        : [];
    const inGroups = [...new Set([...each.groups, ...alsoIn])];
    const made = withPolicies(each, inGroups, [...ofSource, ...left, ...inGroups.flatMap(ofGroup)], current);
    return updated(made, then);
  });
  return { identities: [...remaining, ...overBase], groups };
};

const typeOf = ({ principal: { kind } }: Identity): 'user' | 'role' => (kind === 'user' ? 'user' : 'role');

const keyOf = (identity: Identity): string => keyOfNamed(typeOf(identity), identity.name);

/** The policies of a principal without those of its groups, which are listed after its own ones. */
const withoutInherited = (
  { policies: { identity }, groups }: Identity,
  ofGroup: (name: string) => readonly Policy[] | undefined,
): Policy[] => {
  const left = [...(identity?.policies ?? [])];
  for (const group of groups)
    for (const { name } of ofGroup(group) ?? [{ name: `group ${group}` }]) {
      const at = left.findLastIndex((each) => each.name === name);
      if (at >= 0) left.splice(at, 1);
    }
  return left;
};

const groupsThen = (
  user: string,
  groups: readonly string[],
  members: readonly DeclaredOf<'membership'>[],
  isMember: (user: string, group: string) => boolean,
): readonly string[] => {
  const more = members.flatMap((each) => (each.user.toLowerCase() === user.toLowerCase() ? each.group : []));
  const kept = groups.filter((group) => isMember(user, group));
  if (more.length === 0) return kept.length === groups.length ? groups : kept;
  return [...new Set([...kept, ...more])];
};

/** The identity with these policies, and with the boundary as it is declared; itself where nothing differs. */
const withPolicies = (
  identity: Identity,
  groups: readonly string[],
  policies: readonly Policy[],
  current: (policy: Policy) => Policy,
): Identity => {
  const { identity: own, boundary } = identity.policies;
  const now = changedIndex(own, policies);
  const bound = boundary && changedIndex(boundary, boundary.policies.map(current));
  if (now === own && bound === boundary && groups === identity.groups) return identity;
  return {
    ...identity,
    groups,
    policies: { ...(now && { identity: now }), ...(bound && { boundary: bound }) },
  };
};

const changedIndex = (
  index: PolicyIndex | undefined,
  policies: readonly Policy[],
): PolicyIndex | undefined =>
  index?.policies.length === policies.length && index.policies.every((each, at) => each === policies[at])
    ? index
    : indexPolicies(policies);

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

/** A policy of the account as it is declared, where it is. */
const documentsNow = (managed: readonly DeclaredOf<'managed-policy'>[]): ((policy: Policy) => Policy) => {
  const declared = new Map(managed.map((each) => [each.arn, each]));
  const read = oncePer((key: string): Policy | undefined => {
    const [kind, arn] = JSON.parse(key) as [PolicyKind, string];
    const of = declared.get(arn);
    if (!of) return undefined;
    const [document] = asList(member(of.entry, 'PolicyVersionList')).flatMap(
      (version) => member(version, 'Document') ?? [],
    );
    return readPolicy(document ?? '', { name: arn, kind });
  });
  return (policy) =>
    declared.has(policy.name) ? (read(JSON.stringify([policy.kind, policy.name])) ?? policy) : policy;
};

const attachedPolicy = (
  policy: DeclaredOf<'attached-policy'>['policy'],
  holderArn: string,
  current: (policy: Policy) => Policy,
  known: (arn: string) => Policy | undefined,
): Policy =>
  'arn' in policy
    ? current(known(policy.arn) ?? readPolicy('', { name: policy.arn, kind: 'identity' }))
    : readPolicy(policy.document, { name: inlineName(holderArn, policy.name), kind: 'identity' });
