import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asList, asText, type Json, type JsonObject, member } from '../../../shared/json/json.ts';

/** Everything of a snapshot that a CloudFormation template can declare under its own name, as such a template. */
export const templateOfAccount = (snapshot: string): JsonObject => {
  const details = jsonIn(snapshot, 'iam', 'account-authorization-details.json') ?? {};
  const resources = [
    ...listIn(details, 'RoleDetailList').filter(isOwn).map(roleOf),
    ...listIn(details, 'UserDetailList').map(userOf),
    ...listIn(details, 'GroupDetailList').map(groupOf),
    ...listIn(details, 'Policies').filter(isCustomer).map(managedPolicyOf),
    ...profilesIn(details),
    ...foldersIn(snapshot, 'sagemaker', 'pipelines').flatMap((name) => pipelineOf(snapshot, name)),
    ...foldersIn(snapshot, 's3').flatMap((name) => bucketOf(snapshot, name)),
  ];
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Resources: Object.fromEntries(resources.map((resource, index) => [`R${index}`, resource])),
  };
};

const jsonIn = (...path: string[]): Json | undefined => {
  const file = join(...path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Json) : undefined;
};

const foldersIn = (...path: string[]): string[] => {
  const folder = join(...path);
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
};

const listIn = (value: Json | undefined, key: string): Json[] => asList(member(value, key));
const textIn = (value: Json, key: string): string => asText(member(value, key)) ?? '';

/** Nobody can declare the roles of AWS’s own services and of Identity Center. */
const isOwn = (role: Json): boolean => !pathOf(role).startsWith('/aws-');
const isCustomer = (policy: Json): boolean => !textIn(policy, 'Arn').includes(':iam::aws:');

const given = (properties: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([key, value]): [string, Json][] =>
      value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[key, value]],
    ),
  );

/** The path in the ARN, as not every snapshot tells it by itself. */
const pathOf = (entry: Json): string =>
  /:(?:role|user|group|policy|instance-profile)(\/(?:.*\/)?)/.exec(textIn(entry, 'Arn'))?.[1] ?? '/';

/** AWS’s own tags cannot be declared. */
const tagsOf = (entry: Json | undefined, key = 'Tags'): Json[] =>
  listIn(entry, key).filter((tag) => !textIn(tag, 'Key').startsWith('aws:'));

const boundaryOf = (entry: Json): Json | undefined =>
  member(member(entry, 'PermissionsBoundary'), 'PermissionsBoundaryArn');

const policiesOf = (entry: Json, key: string): Record<string, Json | undefined> => ({
  Policies: listIn(entry, key).map((policy) =>
    given({ PolicyName: member(policy, 'PolicyName'), PolicyDocument: member(policy, 'PolicyDocument') }),
  ),
  ManagedPolicyArns: listIn(entry, 'AttachedManagedPolicies').map((each) => textIn(each, 'PolicyArn')),
});

const roleOf = (role: Json): JsonObject => ({
  Type: 'AWS::IAM::Role',
  Properties: given({
    RoleName: member(role, 'RoleName'),
    Path: pathOf(role),
    AssumeRolePolicyDocument: member(role, 'AssumeRolePolicyDocument'),
    ...policiesOf(role, 'RolePolicyList'),
    PermissionsBoundary: boundaryOf(role),
    Tags: tagsOf(role),
  }),
});

const userOf = (user: Json): JsonObject => ({
  Type: 'AWS::IAM::User',
  Properties: given({
    UserName: member(user, 'UserName'),
    Path: pathOf(user),
    ...policiesOf(user, 'UserPolicyList'),
    Groups: listIn(user, 'GroupList'),
    PermissionsBoundary: boundaryOf(user),
    Tags: tagsOf(user),
  }),
});

const groupOf = (group: Json): JsonObject => ({
  Type: 'AWS::IAM::Group',
  Properties: given({
    GroupName: member(group, 'GroupName'),
    Path: pathOf(group),
    ...policiesOf(group, 'GroupPolicyList'),
  }),
});

const managedPolicyOf = (policy: Json): JsonObject => ({
  Type: 'AWS::IAM::ManagedPolicy',
  Properties: given({
    ManagedPolicyName: member(policy, 'PolicyName'),
    Path: pathOf(policy),
    PolicyDocument: member(
      listIn(policy, 'PolicyVersionList').find((version) => member(version, 'IsDefaultVersion') === true),
      'Document',
    ),
  }),
});

const profilesIn = (details: Json): JsonObject[] =>
  listIn(details, 'RoleDetailList')
    .filter(isOwn)
    .flatMap((role) =>
      listIn(role, 'InstanceProfileList').map((profile) => ({
        Type: 'AWS::IAM::InstanceProfile',
        Properties: given({
          InstanceProfileName: member(profile, 'InstanceProfileName'),
          Path: pathOf(profile),
          Roles: [textIn(role, 'RoleName')],
        }),
      })),
    );

const pipelineOf = (snapshot: string, folder: string): JsonObject[] => {
  const pipeline = jsonIn(snapshot, 'sagemaker', 'pipelines', folder, 'pipeline.json');
  if (pipeline === undefined) return [];
  const definition = member(pipeline, 'PipelineDefinition') ?? '';
  return [
    {
      Type: 'AWS::SageMaker::Pipeline',
      Properties: given({
        PipelineName: member(pipeline, 'PipelineName'),
        RoleArn: member(pipeline, 'RoleArn'),
        PipelineDefinition: {
          PipelineDefinitionBody: typeof definition === 'string' ? definition : JSON.stringify(definition),
        },
      }),
    },
  ];
};

/** A bucket of which the snapshot holds everything; of another one, the template would claim what nobody read. */
const bucketOf = (snapshot: string, name: string): JsonObject[] => {
  const [cors, tags, policy] = ['cors', 'tagging', 'policy'].map((file) =>
    jsonIn(snapshot, 's3', name, `${file}.json`),
  );
  if (cors === undefined || tags === undefined || policy === undefined) return [];
  const rules = listIn(cors, 'CORSRules').map((rule) =>
    given({
      AllowedHeaders: member(rule, 'AllowedHeaders'),
      AllowedMethods: member(rule, 'AllowedMethods'),
      AllowedOrigins: member(rule, 'AllowedOrigins'),
      ExposedHeaders: member(rule, 'ExposeHeaders'),
      MaxAge: member(rule, 'MaxAgeSeconds'),
    }),
  );
  const text = member(policy, 'Policy');
  return [
    {
      Type: 'AWS::S3::Bucket',
      Properties: given({
        BucketName: name,
        CorsConfiguration: rules.length > 0 ? { CorsRules: rules } : undefined,
        Tags: tagsOf(tags, 'TagSet'),
      }),
    },
    ...(text === undefined
      ? []
      : [
          {
            Type: 'AWS::S3::BucketPolicy',
            Properties: {
              Bucket: name,
              PolicyDocument: typeof text === 'string' ? (JSON.parse(text) as Json) : text,
            },
          },
        ]),
  ];
};
