import { groupBy } from '../../group-by.ts';
import { asList, type Json, type JsonObject, member } from '../../json/json.ts';
import type { DeclaredResource, Origin, PolicyHolder } from '../declared.ts';
import { listOf, textOf, Untold } from '../hcl/values.ts';
import type { PlannedResource } from './plan.ts';
import { scopeOf } from './provider-scope.ts';
import { documentIn, documentOf, tagList } from './resource-values.ts';
import type { Part, World } from './world.ts';

/** Makes what a resource declares. */
export type Declares = (resource: PlannedResource, world: World) => DeclaredResource[];

const common = (resource: PlannedResource, world: World) => ({
  address: resource.address,
  scope: scopeOf(resource, world),
  origin: world.originOf(resource),
});

const need = (resource: PlannedResource, name: string, world: World): string =>
  world.text(resource, name) ?? '';

/** The texts of an attribute; undefined where it cannot be told, which is reported. */
const textsOf = (resource: PlannedResource, name: string, world: World): string[] | undefined => {
  try {
    const value = world.part(resource).attribute(name) ?? null;
    return value === null ? [] : listOf(value).flatMap((each) => (each === null ? [] : [textOf(each)]));
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    world.report({
      ...world.originOf(resource, name),
      message: `${error.message}; what this adds is not judged`,
    });
    return undefined;
  }
};

const withOrigin = <T extends JsonObject>(value: T, origin: Origin, world: World): T => {
  world.origins.set(value, origin);
  return value;
};

/** A policy of an entry, whose document is left out where it cannot be told: it counts as unread then. */
const inlinePolicy = (name: string, document: Json | undefined, origin: Origin, world: World): JsonObject =>
  withOrigin(
    { PolicyName: name, ...(document !== undefined && { PolicyDocument: document }) },
    origin,
    world,
  );

const managed = (arn: string): JsonObject => ({
  PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
  PolicyArn: arn,
});

const boundaryOf = (resource: PlannedResource, world: World): JsonObject => {
  const arn = world.text(resource, 'permissions_boundary');
  return arn
    ? { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn } }
    : {};
};

const textIn = (part: Part, name: string, otherwise: string): string => {
  try {
    const value = part.attribute(name) ?? null;
    return value === null ? otherwise : textOf(value);
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    return otherwise;
  }
};

/** The policies of the blocks `inline_policy`. A block without a policy says that there are none. */
const inlineBlocks = (resource: PlannedResource, world: World): JsonObject[] => {
  try {
    const isOwn = isListedByRole(resource, world);
    const apart = isOwn ? NO_NAMES : policiesApart(resource, world);
    return world
      .part(resource)
      .blocks('inline_policy')
      .flatMap((block, index) => {
        const name = textIn(block, 'name', `inline_policy[${index}]`);
        const document = apart.has(name) ? null : documentIn(block, 'policy', world);
        if (document === null || document === '') return [];
        const policy = inlinePolicy(name, document, block.origin, world);
        if (!isOwn) world.model.ofState.add(policy);
        return [policy];
      });
  } catch (error) {
    if (!(error instanceof Untold)) throw error;
    world.report({
      ...world.originOf(resource),
      message: `${error.message}; its inline policies count as unread`,
    });
    return [inlinePolicy('inline_policy', undefined, world.originOf(resource), world)];
  }
};

/** Whether the configuration of a role lists its inline policies, so that the role has no others. */
const isListedByRole = (resource: PlannedResource, world: World): boolean =>
  !resource.isOld || world.isSet(resource, 'inline_policy') === true;

const NO_NAMES: ReadonlySet<string> = new Set();

/** The names of a role’s inline policies that resources of their own declare. The state of the role lists them too, as they were before. */
const policiesApart = (resource: PlannedResource, world: World): ReadonlySet<string> => {
  const own = byRole('aws_iam_role_policy', world).get(need(resource, 'name', world)) ?? [];
  return new Set(own.map((each) => need(each, 'name', world)));
};

/**
 * The managed policies that the role itself lists. Where the configuration does not list any, the state lists what is attached, by
 * whatever resource.
 */
const managedOfRole = (resource: PlannedResource, world: World): JsonObject[] => {
  const isOwn = world.isSet(resource, 'managed_policy_arns');
  if (isOwn) return (textsOf(resource, 'managed_policy_arns', world) ?? [UNREAD_ARN]).map(managed);
  if (isOwn === false && !resource.isOld) return [];
  const policies = known(resource, 'managed_policy_arns').map(managed);
  if (resource.isOld) for (const each of policies) world.model.ofState.add(each);
  return policies;
};

/** Stands for attached policies of which nothing can be told, so that the principal does not look smaller than it is. */
const UNREAD_ARN = 'policies that only the deployment tells';

const known = ({ values }: PlannedResource, name: string): string[] =>
  asList(member(values, name)).flatMap((each) => (typeof each === 'string' ? [each] : []));

const ofType = (world: World, type: string): readonly PlannedResource[] => world.model.byType.get(type) ?? [];

/** The resources of a type by the role that they name. */
const byRole = (type: string, world: World): ReadonlyMap<string, readonly PlannedResource[]> =>
  world.kept(`role|${type}`, () => groupBy(ofType(world, type), (each) => need(each, 'role', world)));

const role: Declares = (resource, world) => {
  const name = need(resource, 'name', world);
  const arn = need(resource, 'arn', world);
  const trust = documentOf(resource, 'assume_role_policy', world);
  const profiles = byRole('aws_iam_instance_profile', world).get(name) ?? [];
  const entry: JsonObject = {
    RoleName: name,
    Arn: arn,
    Path: world.text(resource, 'path') ?? '/',
    ...(trust !== undefined && { AssumeRolePolicyDocument: trust }),
    RolePolicyList: inlineBlocks(resource, world),
    AttachedManagedPolicies: managedOfRole(resource, world),
    InstanceProfileList: profiles.map((each) => ({
      InstanceProfileName: need(each, 'name', world),
      Arn: need(each, 'arn', world),
    })),
    ...boundaryOf(resource, world),
    Tags: tagList(resource, world),
  };
  return [
    {
      type: 'role',
      ...common(resource, world),
      name,
      arn,
      entry: withOrigin(entry, world.originOf(resource), world),
    },
  ];
};

const user: Declares = (resource, world) => {
  const name = need(resource, 'name', world);
  const arn = need(resource, 'arn', world);
  const entry: JsonObject = {
    UserName: name,
    Arn: arn,
    Path: world.text(resource, 'path') ?? '/',
    UserPolicyList: [],
    GroupList: [],
    AttachedManagedPolicies: [],
    ...boundaryOf(resource, world),
    Tags: tagList(resource, world),
  };
  return [
    {
      type: 'user',
      ...common(resource, world),
      name,
      arn,
      entry: withOrigin(entry, world.originOf(resource), world),
    },
  ];
};

/** A group of which nothing can be told. */
const UNREAD_GROUP = 'groups, which only the deployment tells';

/** The groups of a user. */
const groupsOfUser: Declares = (resource, world) => {
  const name = need(resource, 'user', world);
  return membershipsOf(
    resource,
    (textsOf(resource, 'groups', world) ?? [UNREAD_GROUP]).map((each) => [name, each]),
    world,
  );
};

/** The users of a group; where nobody knows them, each user of the plan. */
const usersOfGroup: Declares = (resource, world) => {
  const name = need(resource, 'group', world);
  const users =
    textsOf(resource, 'users', world) ??
    ofType(world, 'aws_iam_user').map((each) => need(each, 'name', world));
  return membershipsOf(
    resource,
    users.map((each) => [each, name]),
    world,
  );
};

const membershipsOf = (
  resource: PlannedResource,
  pairs: readonly (readonly [user: string, group: string])[],
  world: World,
): DeclaredResource[] => {
  const own = common(resource, world);
  return pairs.map(([user, group]) => ({
    type: 'membership',
    ...own,
    address: `${resource.address} ${user} ${group}`,
    user,
    group,
  }));
};

const group: Declares = (resource, world) => {
  const name = need(resource, 'name', world);
  const arn = need(resource, 'arn', world);
  const entry: JsonObject = {
    GroupName: name,
    Arn: arn,
    Path: world.text(resource, 'path') ?? '/',
    GroupPolicyList: [],
    AttachedManagedPolicies: [],
  };
  return [
    {
      type: 'group',
      ...common(resource, world),
      name,
      arn,
      entry: withOrigin(entry, world.originOf(resource), world),
    },
  ];
};

const policy: Declares = (resource, world) => {
  const arn = need(resource, 'arn', world);
  const document = documentOf(resource, 'policy', world);
  const origin = world.originOf(resource);
  const entry: JsonObject = {
    PolicyName: need(resource, 'name', world),
    Arn: arn,
    Path: world.text(resource, 'path') ?? '/',
    DefaultVersionId: 'v1',
    PolicyVersionList: [
      withOrigin(
        { VersionId: 'v1', IsDefaultVersion: true, ...(document !== undefined && { Document: document }) },
        origin,
        world,
      ),
    ],
  };
  return [
    { type: 'managed-policy', ...common(resource, world), arn, entry: withOrigin(entry, origin, world) },
  ];
};

/** A document in place of one that cannot be told. The engine takes it for unread. */
const UNREAD_DOCUMENT = '';

const inlineOf =
  (type: PolicyHolder['type']): Declares =>
  (resource, world) => {
    const document = documentOf(resource, 'policy', world) ?? UNREAD_DOCUMENT;
    const name = need(resource, 'name', world);
    const holder = { type, name: need(resource, type, world) };
    return [{ type: 'attached-policy', ...common(resource, world), holder, policy: { name, document } }];
  };

const attachmentOf =
  (type: PolicyHolder['type']): Declares =>
  (resource, world) => [
    {
      type: 'attached-policy',
      ...common(resource, world),
      holder: { type, name: need(resource, type, world) },
      policy: { arn: need(resource, 'policy_arn', world) },
    },
  ];

/** One policy for many principals. */
const attachments: Declares = (resource, world) => {
  const policy = { arn: need(resource, 'policy_arn', world) };
  const own = common(resource, world);
  return (['role', 'user', 'group'] as const).flatMap((type) =>
    (textsOf(resource, `${type}s`, world) ?? []).map(
      (name): DeclaredResource => ({
        type: 'attached-policy',
        ...own,
        address: `${resource.address} ${type} ${name}`,
        holder: { type, name },
        policy,
      }),
    ),
  );
};

/** All policies of one principal, each of which is attached to it. */
const attachmentsOf =
  (type: PolicyHolder['type']): Declares =>
  (resource, world) => {
    const holder = { type, name: need(resource, `${type}_name`, world) };
    const own = common(resource, world);
    const arns = textsOf(resource, 'policy_arns', world);
    return [
      ...(arns ?? [UNREAD_ARN]).map(
        (arn): DeclaredResource => ({
          type: 'attached-policy',
          ...own,
          address: `${resource.address} ${arn}`,
          holder,
          policy: { arn },
        }),
      ),
      ...(arns
        ? [{ type: 'exclusive' as const, ...own, holder, kind: 'attached' as const, names: arns }]
        : []),
    ];
  };

/** The names of all inline policies of one principal, which other resources declare. */
const inlineNamesOf =
  (type: PolicyHolder['type']): Declares =>
  (resource, world) => {
    const holder = { type, name: need(resource, `${type}_name`, world) };
    const names = textsOf(resource, 'policy_names', world);
    return names ? [{ type: 'exclusive', ...common(resource, world), holder, kind: 'inline', names }] : [];
  };

/** What each type of resources of IAM declares. */
export const IAM: Readonly<Record<string, Declares>> = {
  aws_iam_role: role,
  aws_iam_user: user,
  aws_iam_group: group,
  aws_iam_policy: policy,
  aws_iam_role_policy: inlineOf('role'),
  aws_iam_user_policy: inlineOf('user'),
  aws_iam_group_policy: inlineOf('group'),
  aws_iam_role_policy_attachment: attachmentOf('role'),
  aws_iam_user_policy_attachment: attachmentOf('user'),
  aws_iam_group_policy_attachment: attachmentOf('group'),
  aws_iam_policy_attachment: attachments,
  aws_iam_user_group_membership: groupsOfUser,
  aws_iam_group_membership: usersOfGroup,
  aws_iam_role_policies_exclusive: inlineNamesOf('role'),
  aws_iam_user_policies_exclusive: inlineNamesOf('user'),
  aws_iam_group_policies_exclusive: inlineNamesOf('group'),
  aws_iam_role_policy_attachments_exclusive: attachmentsOf('role'),
  aws_iam_user_policy_attachments_exclusive: attachmentsOf('user'),
  aws_iam_group_policy_attachments_exclusive: attachmentsOf('group'),
};
