import { isOfIam, parseArn } from '../domain/arn.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import type { Directory, Group } from '../iam/decide/authorization-details.ts';
import type { ContextValue } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { indexPolicies, mayAllow } from '../iam/decide/policy-index.ts';
import { resourcesAllowed } from '../iam/decide/resources-allowed.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Policy } from '../iam/policy/policy.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import { decidingKeys } from '../iam/sets/statements.ts';
import { once, remembered, rememberedPart } from '../memo.ts';
import type { GivingCall } from '../policies/administrator-policy.ts';
import { type Call, mayBeAllowed, mayBeAllowedAny, type Reaching } from './iam-calls.ts';
import {
  ownPermission,
  standingWith,
  withoutBoundary,
  wouldBeAdministrator,
  wouldBeUnbounded,
} from './standing.ts';
import { administratorAccess, giving, inOrder, type Way } from './way.ts';

/** The calls that change what a role or user may do. */
const CALLS = {
  role: {
    put: 'iam:PutRolePolicy',
    attach: 'iam:AttachRolePolicy',
    remove: 'iam:DeleteRolePolicy',
    detach: 'iam:DetachRolePolicy',
    bound: 'iam:PutRolePermissionsBoundary',
    unbound: 'iam:DeleteRolePermissionsBoundary',
    tag: 'iam:TagRole',
    untag: 'iam:UntagRole',
  },
  user: {
    put: 'iam:PutUserPolicy',
    attach: 'iam:AttachUserPolicy',
    remove: 'iam:DeleteUserPolicy',
    detach: 'iam:DetachUserPolicy',
    bound: 'iam:PutUserPermissionsBoundary',
    unbound: 'iam:DeleteUserPermissionsBoundary',
    tag: 'iam:TagUser',
    untag: 'iam:UntagUser',
  },
} as const satisfies Record<'role' | 'user', Record<string, GivingCall>>;

const OF_POLICIES = ['iam:CreatePolicyVersion', 'iam:SetDefaultPolicyVersion'] as const;
const OF_GROUPS = [
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:DeleteGroupPolicy',
  'iam:DetachGroupPolicy',
  'iam:PutGroupPolicy',
  'iam:RemoveUserFromGroup',
] as const satisfies readonly GivingCall[];

/** The calls that change what many roles, or many users, may do at once. */
const OF_MANY = { role: OF_POLICIES, user: [...OF_POLICIES, ...OF_GROUPS] } as const;

/** The calls that change what a role, or a user, may do. */
export const WRITING = {
  role: [...Object.values(CALLS.role), ...OF_MANY.role],
  user: [...Object.values(CALLS.user), ...OF_MANY.user],
} as const;

const WRITES = { role: mayBeAllowedAny(WRITING.role), user: mayBeAllowedAny(WRITING.user) };

/** Whether a principal may change what roles, or users, may do; a quick answer, because most may not. */
export const mayWrite = ({ policies }: AccountPrincipal, kind: 'role' | 'user'): boolean =>
  WRITES[kind](policies);

/**
 * Of these roles or users, those that a principal may change: the others are in no statement. Whoever may change policies or groups
 * changes all who have them.
 */
export const writtenAmong = (
  { policies: { identity } }: AccountPrincipal,
  kind: 'role' | 'user',
  all: readonly AccountPrincipal[],
): readonly AccountPrincipal[] => {
  if (!identity) return [];
  const meant = OF_MANY[kind].some((action) => mayAllow(identity, action))
    ? undefined
    : resourcesAllowed(identity, Object.values(CALLS[kind]));
  return meant ? all.filter((each) => matchesAny(meant, each.identity.principal.arn)) : all;
};

/** AWS lets nobody change these by calls of IAM. */
export const isOfAws = (arn: string): boolean => /:role\/(?:aws-service-role|aws-reserved)\//.test(arn);

/**
 * The ways by which a principal makes another one, or itself, an administrator by changing its policies: it adds
 * permissions, or takes away what keeps those that are there from being used.
 */
export const waysToWrite = (
  by: AccountPrincipal,
  to: AccountPrincipal,
  reaching: Reaching,
  directory: Directory,
): (() => Way | undefined)[] => {
  if (isOfAws(to.identity.principal.arn)) return [];
  return [
    () => written(by, to, reaching, directory),
    ...(kindOf(to) === 'user'
      ? joinings(by, reaching, directory).map((joining) => () => joined(to, joining))
      : []),
    ...changesOf(directory)(to).map((change) => () => changed(by, to, reaching, directory, change)),
  ];
};

const kindOf = ({ identity }: AccountPrincipal): 'role' | 'user' =>
  identity.principal.kind === 'user' ? 'user' : 'role';

const boundaryOf = ({ boundary }: Policies): string | null => boundary?.policies[0]?.name ?? null;

/** The calls that give every permission, if neither a boundary that stays nor an SCP keeps it from being used. */
const written = (
  by: AccountPrincipal,
  to: AccountPrincipal,
  reaching: Reaching,
  directory: Directory,
): Way | undefined => {
  const call = writing(by, to, reaching, directory);
  if (!call) return undefined;
  const would = wouldBeAdministrator(to);
  if (would === 'yes') return [call];
  const lifts = changesOf(directory)(to).filter(({ isOfBoundary }) => isOfBoundary);
  const lifted = lifts.map((lift) => changing(by, to, reaching, lift)).find(Boolean);
  if (lifted && wouldBeUnbounded(to) === 'yes') return [call, lifted];
  return would === 'unknown' ? [{ ...call, isSure: false }] : undefined;
};

/** The first call that adds any permission to a role or user, or to one of a user’s groups. */
const writing = (
  by: AccountPrincipal,
  to: AccountPrincipal,
  reaching: Reaching,
  directory: Directory,
): Call | undefined => {
  const { arn } = to.identity.principal;
  const { put, attach } = CALLS[kindOf(to)];
  const boundary = { 'iam:PermissionsBoundary': boundaryOf(to.policies) };
  return (
    giving(by, put, arn, reaching, boundary, to) ??
    giving(by, attach, arn, reaching, { ...boundary, 'iam:PolicyARN': administratorAccess(by) }, to) ??
    ownPoliciesOf(to)
      .map((policyArn) => giving(by, 'iam:CreatePolicyVersion', policyArn, reaching))
      .find(Boolean) ??
    groupsOf(to, directory)
      .map((group) => writingGroup(by, group, reaching))
      .find(Boolean)
  );
};

const writingGroup = (by: AccountPrincipal, { arn }: Pick<Group, 'arn'>, reaching: Reaching) =>
  giving(by, 'iam:PutGroupPolicy', arn, reaching) ??
  giving(by, 'iam:AttachGroupPolicy', arn, reaching, { 'iam:PolicyARN': administratorAccess(by) });

const groupsOf = ({ identity }: AccountPrincipal, { groups }: Directory): Group[] =>
  groups.filter(({ name }) => identity.groups.includes(name));

/** The policies of the account’s own that a role or user has attached. */
const ownPoliciesOf = ({ policies, scope }: AccountPrincipal): string[] =>
  (policies.identity?.policies ?? []).flatMap(({ name }) =>
    name.startsWith(`arn:${scope.partition}:iam::${scope.account}:policy/`) ? name : [],
  );

/** Calls that add any user to a group, and the permissions that a user of the group has; absent: every permission. */
type Joining = { calls: Way; policies?: readonly Policy[] };

/** The groups to which a principal may add users: groups that are administrators, and those whose policies it may write. */
export const joinings = (by: AccountPrincipal, reaching: Reaching, directory: Directory): Joining[] =>
  mayBeAllowed(by.policies, 'iam:AddUserToGroup') ? joiningsOf(by)(reaching)(directory) : [];

/** Found once for all users whom the principal may add. */
const joiningsOf = remembered((by: AccountPrincipal) =>
  rememberedPart((reaching: Reaching) =>
    rememberedPart(({ groups }: Directory): Joining[] =>
      groups.flatMap((group): Joining[] => {
        const adding = giving(by, 'iam:AddUserToGroup', group.arn, reaching);
        if (!adding) return [];
        const write = writingGroup(by, group, reaching);
        return [
          ...(isOfAdministrators(group) ? [{ calls: [adding] as const, policies: group.policies() }] : []),
          ...(write ? [{ calls: [adding, write] as const }] : []),
        ];
      }),
    ),
  ),
);

/** Whether a user who has nothing but the policies of the group perhaps is an administrator. */
const isOfAdministrators = remembered((group: Group): boolean => {
  const user = { kind: 'user', arn: group.arn.replace(/:group\/.*/, ':user/any') } as const;
  const [, account] = /^arn:[^:]*:iam::(\d{12}):/.exec(group.arn) ?? [];
  const principal = { ...user, ...(account !== undefined && { account }), tags: new Map() };
  return standingWith({ identity: indexPolicies(group.policies()) }, principal).answer !== 'no';
});

const joined = (to: AccountPrincipal, { calls, policies }: Joining): Way | undefined => {
  if (!policies) {
    const would = wouldBeAdministrator(to);
    return would === 'no' ? undefined : would === 'yes' ? calls : unsure(calls);
  }
  const own = to.policies.identity?.policies ?? [];
  const told = standingWith(
    { ...to.policies, identity: indexPolicies([...own, ...policies]) },
    to.identity.principal,
  );
  return told.answer === 'no' ? undefined : inOrder(calls, ownPermission(to, told));
};

const unsure = ([first, ...others]: Way): Way => [{ ...first, isSure: false }, ...others];

/** One call that changes which policies hold for a role or user, and what it may do then. */
type Change = {
  action: GivingCall;
  resource: string;
  keys?: Readonly<Record<string, ContextValue>>;
  isOfBoundary?: true;
  after: AccountPrincipal;
};

const changing = (by: AccountPrincipal, to: AccountPrincipal, reaching: Reaching, change: Change) =>
  giving(by, change.action, change.resource, reaching, change.keys, to);

/** The call of a change, if the role or user is an administrator after it, or can then make itself one. */
const changed = (
  by: AccountPrincipal,
  to: AccountPrincipal,
  reaching: Reaching,
  directory: Directory,
  change: Change,
): Way | undefined => {
  const call = changing(by, to, reaching, change);
  if (!call) return undefined;
  const { after } = change;
  const { administrator: told } = after;
  if (told.answer !== 'no') return [call, ownPermission(after, told)];
  return by.identity.principal.arn === to.identity.principal.arn
    ? inOrder(call, written(after, after, reaching, directory))
    : undefined;
};

/** The changes of what holds for a role or user that may set permissions free. */
const changesOf = remembered((directory: Directory) =>
  remembered((to: AccountPrincipal): Change[] => [
    ...boundaryChanges(to, directory),
    ...removals(to, directory),
    ...ownPoliciesOf(to).flatMap((policyArn) =>
      directory.otherVersions(policyArn).map(
        (version): Change => ({
          action: 'iam:SetDefaultPolicyVersion',
          resource: policyArn,
          after: asIf(
            to,
            identityOf(to, (each) => (each.name === policyArn ? version : each)),
          ),
        }),
      ),
    ),
    ...tagChanges(to),
  ]),
);

/** The role or user with other policies. Whether it is an administrator is asked anew. */
const asIf = (
  to: AccountPrincipal,
  policies: Policies,
  principal = to.identity.principal,
): AccountPrincipal => {
  const told = once((): AdministratorAnswer => standingWith(policies, principal));
  return {
    ...to,
    identity: { ...to.identity, principal },
    policies,
    get administrator() {
      return told();
    },
  };
};

/** The policies of a role or user, each replaced; one that becomes undefined is left out. */
const identityOf = (
  { policies }: AccountPrincipal,
  replaced: (policy: Policy) => Policy | undefined,
): Policies => ({
  ...policies,
  identity: indexPolicies((policies.identity?.policies ?? []).flatMap((each) => replaced(each) ?? [])),
});

const boundaryChanges = (to: AccountPrincipal, { otherVersions }: Directory): Change[] => {
  const boundaryArn = boundaryOf(to.policies);
  if (boundaryArn === null) return [];
  const { arn } = to.identity.principal;
  const { bound, unbound } = CALLS[kindOf(to)];
  const after = asIf(to, withoutBoundary(to.policies));
  const isOwn = isOfIam(boundaryArn, 'policy/') && parseArn(boundaryArn)?.account === to.scope.account;
  return [
    { action: unbound, resource: arn, keys: { 'iam:PermissionsBoundary': boundaryArn }, after },
    { action: bound, resource: arn, keys: { 'iam:PermissionsBoundary': administratorAccess(to) }, after },
    ...(isOwn
      ? [
          { action: 'iam:CreatePolicyVersion' as const, resource: boundaryArn, after },
          ...otherVersions(boundaryArn).map((version) => ({
            action: 'iam:SetDefaultPolicyVersion' as const,
            resource: boundaryArn,
            after: asIf(to, { ...to.policies, boundary: indexPolicies([version]) }),
          })),
        ]
      : []),
  ].map((change): Change => ({ ...change, isOfBoundary: true }));
};

/** The removal of each policy that denies something, where it is attached. */
const removals = (to: AccountPrincipal, directory: Directory): Change[] => {
  const { arn } = to.identity.principal;
  const { remove, detach } = CALLS[kindOf(to)];
  const denies = (to.policies.identity?.policies ?? []).filter(({ statements }) =>
    statements.some(({ effect }) => effect === 'Deny'),
  );
  if (denies.length === 0) return [];
  const ofGroups = groupsOf(to, directory);
  return denies.flatMap((policy): Change[] => {
    const { name } = policy;
    const after = asIf(
      to,
      identityOf(to, (each) => (each === policy ? undefined : each)),
    );
    const isInline = name.includes(' ');
    const keys = { 'iam:PolicyARN': name };
    const fromGroups = ofGroups
      .filter((group) => group.policies().some((each) => each.name === name))
      .flatMap((group): Change[] => [
        isInline
          ? { action: 'iam:DeleteGroupPolicy', resource: group.arn, after }
          : { action: 'iam:DetachGroupPolicy', resource: group.arn, keys, after },
        {
          action: 'iam:RemoveUserFromGroup',
          resource: group.arn,
          after: withoutGroup(to, group),
        },
      ]);
    if (fromGroups.length > 0) return fromGroups;
    const boundary = { 'iam:PermissionsBoundary': boundaryOf(to.policies) };
    return [
      isInline
        ? { action: remove, resource: arn, keys: boundary, after }
        : { action: detach, resource: arn, keys: { ...keys, ...boundary }, after },
    ];
  });
};

const withoutGroup = (to: AccountPrincipal, group: Group): AccountPrincipal => {
  const names = new Set(group.policies().map(({ name }) => name));
  return asIf(
    to,
    identityOf(to, (each) => (names.has(each.name) ? undefined : each)),
  );
};

/** Other tags, if conditions ask for them: what they would be is not known. */
const tagChanges = (to: AccountPrincipal): Change[] => {
  const { policies, identity } = to;
  const asks = ['iam:putrolepolicy', 'iam:attachrolepolicy'].some((action) =>
    [...decidingKeys(policies, action)].some((key) => key.startsWith('aws:principaltag/')),
  );
  if (!asks) return [];
  const { tags: _, ...principal } = identity.principal;
  const after = asIf(to, policies, principal);
  const { tag, untag } = CALLS[kindOf(to)];
  return [tag, untag].map((action): Change => ({ action, resource: identity.principal.arn, after }));
};
