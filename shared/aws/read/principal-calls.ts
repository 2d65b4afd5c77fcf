import {
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  type GetRoleCommandOutput,
  GetRolePolicyCommand,
  GetUserCommand,
  type GetUserCommandOutput,
  GetUserPolicyCommand,
  type IAMClient,
  type PolicyVersion,
  paginateGetGroup,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroupsForUser,
  paginateListInstanceProfilesForRole,
  paginateListPolicyVersions,
  paginateListRolePolicies,
  paginateListUserPolicies,
} from '@aws-sdk/client-iam';
import { isPolicyOfAws } from '../../domain/arn.ts';
import type { Json } from '../../json/json.ts';
import { ABSENT, type Read } from '../../reader/read-result.ts';
import { allPages, call } from './call.ts';

/** A user, role, group or managed policy of IAM. */
export type IamThing = { type: 'role' | 'user' | 'group' | 'policy'; name: string; arn: string };

/**
 * One thing as IAM tells it now, in the form of `get-account-authorization-details`, with the groups and managed policies that it
 * refers to, unless `isKnown` says of their ARN that they need not be read.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export const readDetailsOf = async (
  client: IAMClient,
  thing: IamThing,
  isKnown: (arn: string) => boolean,
): Promise<Read<Json>> => {
  const { type, name, arn } = thing;
  const itself = await call(
    CALLS[type],
    (): Promise<Partial<GetRoleCommandOutput & GetUserCommandOutput>> => {
      switch (type) {
        case 'role':
          return client.send(new GetRoleCommand({ RoleName: name }));
        case 'user':
          return client.send(new GetUserCommand({ UserName: name }));
        case 'group':
          return client.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }));
        case 'policy':
          return client.send(new GetPolicyCommand({ PolicyArn: arn }));
      }
    },
  );
  if (!itself.ok) return itself;
  const read = await call(`the policies after ${CALLS[type]}`, async () => {
    switch (type) {
      case 'role': {
        const role = await roleDetail(client, name, itself.value);
        const policies = await policiesOf(client, [role], isKnown);
        return json({ RoleDetailList: [role], Policies: policies });
      }
      case 'user': {
        const { user, groupNames } = await userDetail(client, name, itself.value);
        const groups = await Promise.all(groupNames.map((group) => groupDetail(client, group)));
        const policies = await policiesOf(client, [user, ...groups], isKnown);
        return json({ UserDetailList: [user], GroupDetailList: groups, Policies: policies });
      }
      case 'group': {
        const group = await groupDetail(client, name);
        return json({ GroupDetailList: [group], Policies: await policiesOf(client, [group], isKnown) });
      }
      case 'policy':
        return json({ Policies: [await policyDetail(client, arn)] });
    }
  });
  // Something of it was deleted meanwhile, which says nothing of itself.
  return !read.ok && read.unread.code === ABSENT
    ? { ok: false, unread: { ...read.unread, code: 'ChangedMeanwhile', isTransient: true } }
    : read;
};

/** The call that says that the thing does not exist. */
const CALLS = { role: 'GetRole', user: 'GetUser', group: 'GetGroup', policy: 'GetPolicy' } as const;

/** Dates become texts, and what is undefined is left out. */
const json = (details: object): Json => JSON.parse(JSON.stringify(details));

const roleDetail = async (client: IAMClient, name: string, { Role }: Partial<GetRoleCommandOutput>) => {
  const [names, attached, profiles] = await Promise.all([
    allPages(paginateListRolePolicies({ client }, { RoleName: name }), ({ PolicyNames }) => PolicyNames),
    allPages(
      paginateListAttachedRolePolicies({ client }, { RoleName: name }),
      ({ AttachedPolicies }) => AttachedPolicies,
    ),
    allPages(
      paginateListInstanceProfilesForRole({ client }, { RoleName: name }),
      ({ InstanceProfiles }) => InstanceProfiles,
    ),
  ]);
  const inline = await Promise.all(
    names.map((policy) => client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policy }))),
  );
  const { Description: _, MaxSessionDuration: __, ...role } = Role ?? {};
  return {
    ...role,
    InstanceProfileList: profiles,
    RolePolicyList: inline.map(({ PolicyName, PolicyDocument }) => ({ PolicyName, PolicyDocument })),
    AttachedManagedPolicies: attached,
  };
};

const userDetail = async (client: IAMClient, name: string, { User }: Partial<GetUserCommandOutput>) => {
  const [names, attached, groups] = await Promise.all([
    allPages(paginateListUserPolicies({ client }, { UserName: name }), ({ PolicyNames }) => PolicyNames),
    allPages(
      paginateListAttachedUserPolicies({ client }, { UserName: name }),
      ({ AttachedPolicies }) => AttachedPolicies,
    ),
    allPages(paginateListGroupsForUser({ client }, { UserName: name }), ({ Groups }) => Groups),
  ]);
  const inline = await Promise.all(
    names.map((policy) => client.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policy }))),
  );
  const { PasswordLastUsed: _, ...user } = User ?? {};
  return {
    user: {
      ...user,
      UserPolicyList: inline.map(({ PolicyName, PolicyDocument }) => ({ PolicyName, PolicyDocument })),
      AttachedManagedPolicies: attached,
      GroupList: groups.flatMap(({ GroupName }) => GroupName ?? []),
    },
    groupNames: groups.flatMap(({ GroupName }) => GroupName ?? []),
  };
};

const groupDetail = async (client: IAMClient, name: string) => {
  const [groups, names, attached] = await Promise.all([
    allPages(paginateGetGroup({ client }, { GroupName: name }), (page) => [page]),
    allPages(paginateListGroupPolicies({ client }, { GroupName: name }), ({ PolicyNames }) => PolicyNames),
    allPages(
      paginateListAttachedGroupPolicies({ client }, { GroupName: name }),
      ({ AttachedPolicies }) => AttachedPolicies,
    ),
  ]);
  const inline = await Promise.all(
    names.map((policy) => client.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName: policy }))),
  );
  return {
    ...groups[0]?.Group,
    Users: groups.flatMap(({ Users = [] }) => Users.flatMap(({ Arn }) => Arn ?? [])),
    GroupPolicyList: inline.map(({ PolicyName, PolicyDocument }) => ({ PolicyName, PolicyDocument })),
    AttachedManagedPolicies: attached,
  };
};

type Attaching = {
  AttachedManagedPolicies: readonly { PolicyArn?: string | undefined }[];
  PermissionsBoundary?: { PermissionsBoundaryArn?: string | undefined } | undefined;
};

const policiesOf = (
  client: IAMClient,
  details: readonly Attaching[],
  isKnown: (arn: string) => boolean,
): Promise<object[]> => {
  const arns = details.flatMap(({ AttachedManagedPolicies, PermissionsBoundary }) =>
    [
      ...AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn),
      PermissionsBoundary?.PermissionsBoundaryArn,
    ].flatMap((arn) => arn ?? []),
  );
  return Promise.all(
    [...new Set(arns)].filter((arn) => !isKnown(arn)).map((arn) => policyDetail(client, arn)),
  );
};

/** Of a managed policy of AWS the default version alone, as nobody can put another one in force. */
const policyDetail = async (client: IAMClient, arn: string): Promise<object> => {
  const isOfAws = isPolicyOfAws(arn);
  const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn: arn }));
  const listed: PolicyVersion[] = isOfAws
    ? [{ VersionId: Policy?.DefaultVersionId, IsDefaultVersion: true }]
    : await allPages(paginateListPolicyVersions({ client }, { PolicyArn: arn }), ({ Versions }) => Versions);
  const versions = await Promise.all(
    listed.map(({ VersionId }) => client.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }))),
  );
  return { ...Policy, PolicyVersionList: versions.flatMap(({ PolicyVersion: version }) => version ?? []) };
};
