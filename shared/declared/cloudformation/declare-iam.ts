import { arnName } from '../../domain/arn.ts';
import { asText, isObject, type Json } from '../../json/json.ts';
import type { DeclaredResource, PolicyHolder } from '../declared.ts';
import {
  baseOf,
  type Declaring,
  entryOf,
  propertyOrigin,
  type TellingAround,
  tagsProperty,
  textProperty,
  textsProperty,
} from './declared-parts.ts';
import { jsonProperty } from './embedded-text.ts';
import { NO_VALUE, part } from './evaluation.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';

/**
 * Inline policies as AWS lists them. A document that is unknown is left out, which the engine takes for one that it cannot read; so is a whole
 * list that is unknown.
 */
const inlinePolicies = (resource: Resource, scene: StackScene): Json[] => {
  const value = scene.property(resource, 'Policies');
  if (value === NO_VALUE) return [];
  if (!Array.isArray(value)) return [unreadable(resource, scene, 'Policies')];
  return value.map((each, index) => {
    const document = scene.known(part(each, 'PolicyDocument'));
    const name = scene.known(part(each, 'PolicyName'));
    if (document !== undefined && asText(name) !== undefined && isObject(each)) return each;
    return entryOf(
      { PolicyName: asText(name) ?? `policy ${index} of ${resource.id}`, PolicyDocument: document },
      propertyOrigin(resource, 'Policies', index),
      scene,
    );
  });
};

/** A policy of which nothing is known but that it is attached. */
const unreadable = (resource: Resource, scene: StackScene, property: string): Json =>
  entryOf({ PolicyName: `${property} of ${resource.id}` }, propertyOrigin(resource, property), scene);

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html */
const principalEntry = (resource: Resource, scene: StackScene, type: 'Role' | 'User' | 'Group') => {
  const { name, arn } = scene.named(resource);
  const attached = textsProperty(resource, 'ManagedPolicyArns', scene);
  const boundary = scene.property(resource, 'PermissionsBoundary');
  const inline = inlinePolicies(resource, scene);
  const policies = attached.isWhole ? inline : [...inline, unreadable(resource, scene, 'ManagedPolicyArns')];
  return {
    name,
    arn,
    policies,
    members: {
      Path: textProperty(resource, 'Path', scene) ?? '/',
      [`${type}Name`]: name,
      Arn: arn,
      [`${type}PolicyList`]: policies,
      AttachedManagedPolicies: attached.texts.map(({ text, index }) =>
        entryOf(
          { PolicyName: arnName(text), PolicyArn: text },
          propertyOrigin(resource, 'ManagedPolicyArns', index),
          scene,
        ),
      ),
      PermissionsBoundary:
        boundary === NO_VALUE || type === 'Group'
          ? undefined
          : entryOf(
              {
                PermissionsBoundaryType: 'Policy',
                // A boundary that is unknown is one whose document nobody can read, rather than none.
                PermissionsBoundaryArn: asText(scene.known(boundary)) ?? `boundary of ${resource.id}`,
              },
              propertyOrigin(resource, 'PermissionsBoundary'),
              scene,
            ),
      Tags: tagsProperty(resource, scene),
    } satisfies Record<string, Json | undefined>,
  };
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export const declareRole: Declaring = (resource, scene, around) => {
  const { name, arn, members } = principalEntry(resource, scene, 'Role');
  const entry = entryOf(
    {
      ...members,
      AssumeRolePolicyDocument: scene.known(jsonProperty(resource, scene, 'AssumeRolePolicyDocument')),
      InstanceProfileList: [...around(roleKey(scene, name))],
    },
    resource.properties,
    scene,
  );
  return [{ type: 'role', ...baseOf(resource, scene), name, arn, entry }];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html */
export const declareUser: Declaring = (resource, scene) => {
  const { name, arn, policies, members } = principalEntry(resource, scene, 'User');
  const groups = textsProperty(resource, 'Groups', scene);
  const entry = entryOf(
    {
      ...members,
      ...(!groups.isWhole && { UserPolicyList: [...policies, unreadable(resource, scene, 'Groups')] }),
      GroupList: [...new Set(groups.texts.map(({ text }) => text))],
    },
    resource.properties,
    scene,
  );
  return [{ type: 'user', ...baseOf(resource, scene), name, arn, entry }];
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html */
export const declareGroup: Declaring = (resource, scene) => {
  const { name, arn, members } = principalEntry(resource, scene, 'Group');
  const entry = entryOf(members, resource.properties, scene);
  return [{ type: 'group', ...baseOf(resource, scene), name, arn, entry }];
};

const HOLDERS = [
  ['Roles', 'role'],
  ['Users', 'user'],
  ['Groups', 'group'],
] as const;

/** To what a policy is attached, and where the template says so. */
type Attachment = { holder: PolicyHolder; at: string };

/** The roles, users and groups to which a policy is attached. Of those that are unknown, it is reported that nobody knows them. */
const attachmentsOf = (resource: Resource, scene: StackScene): Attachment[] =>
  HOLDERS.flatMap(([property, type]) => {
    const { texts, isWhole } = textsProperty(resource, property, scene);
    if (!isWhole)
      scene.report(
        propertyOrigin(resource, property),
        `it is unknown to which ${property.toLowerCase()} the policy is attached; it is judged without them`,
      );
    return texts.map(({ text, index }) => ({
      holder: { type, name: text },
      at: ` ${property}/${index}`,
    }));
  });

/** A document that is unknown is one that the engine cannot read. */
const documentOf = (resource: Resource, scene: StackScene): Json =>
  scene.known(jsonProperty(resource, scene, 'PolicyDocument')) ?? null;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
export const declareManagedPolicy: Declaring = (resource, scene) => {
  const { name, arn } = scene.named(resource);
  const base = baseOf(resource, scene);
  const origin = resource.properties;
  const version = entryOf(
    {
      Document: scene.known(jsonProperty(resource, scene, 'PolicyDocument')),
      VersionId: 'v1',
      IsDefaultVersion: true,
    },
    origin,
    scene,
  );
  const entry = entryOf(
    {
      PolicyName: name,
      Arn: arn,
      Path: textProperty(resource, 'Path', scene) ?? '/',
      DefaultVersionId: 'v1',
      PolicyVersionList: [version],
    },
    origin,
    scene,
  );
  return [
    { type: 'managed-policy', ...base, arn, entry },
    ...attachmentsOf(resource, scene).map(
      ({ holder, at }): DeclaredResource => ({
        type: 'attached-policy',
        ...base,
        address: `${base.address}${at}`,
        holder,
        policy: { arn },
      }),
    ),
  ];
};

const inlineOn = (
  resource: Resource,
  scene: StackScene,
  attachments: readonly Attachment[],
): DeclaredResource[] => {
  const base = baseOf(resource, scene);
  const name = textProperty(resource, 'PolicyName', scene) ?? resource.id;
  const document = documentOf(resource, scene);
  return attachments.map(({ holder, at }) => ({
    type: 'attached-policy',
    ...base,
    address: `${base.address}${at}`,
    holder,
    policy: { name, document },
  }));
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
export const declarePolicy: Declaring = (resource, scene) =>
  inlineOn(resource, scene, attachmentsOf(resource, scene));

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html and its siblings */
export const declareInlinePolicy =
  (type: PolicyHolder['type'], property: 'RoleName' | 'UserName' | 'GroupName'): Declaring =>
  (resource, scene) => {
    const name = textProperty(resource, property, scene);
    if (name === undefined)
      scene.report(
        propertyOrigin(resource, property),
        `it is unknown to which ${type} the policy is attached; it is judged without it`,
      );
    return name === undefined ? [] : inlineOn(resource, scene, [{ holder: { type, name }, at: '' }]);
  };

/** What an instance profile says of its roles. */
export const aroundInstanceProfile: TellingAround = (resource, scene) => {
  const { name, arn } = scene.named(resource);
  const profile = entryOf({ InstanceProfileName: name, Arn: arn }, resource.properties, scene);
  const roles = textsProperty(resource, 'Roles', scene);
  if (!roles.isWhole)
    scene.report(
      propertyOrigin(resource, 'Roles'),
      'it is unknown whose instance profile this is; no role is judged with it',
    );
  return roles.texts.map(({ text }) => ({
    of: roleKey(scene, text),
    told: profile,
  }));
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-usertogroupaddition.html */
export const declareGroupAddition: Declaring = (resource, scene) => {
  const group = textProperty(resource, 'GroupName', scene);
  const users = textsProperty(resource, 'Users', scene);
  if (group === undefined || !users.isWhole)
    scene.report(
      propertyOrigin(resource, 'Users'),
      'it is unknown who joins which group; it is judged without those who are unknown',
    );
  if (group === undefined) return [];
  const base = baseOf(resource, scene);
  return users.texts.map(({ text, index }) => ({
    type: 'membership',
    ...base,
    address: `${base.address} Users/${index}`,
    user: text,
    group,
  }));
};

/** By what an instance profile tells of itself. */
export const roleKey = ({ scope }: Pick<StackScene, 'scope'>, name: string): string =>
  `role ${scope.account} ${name}`;
