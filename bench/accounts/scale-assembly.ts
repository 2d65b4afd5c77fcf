import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bucket, Document, Role, ScaleAccount, Statement } from './scale-account.ts';

type Resource = { Type: string; Properties: Record<string, unknown> };
type Resources = Record<string, Resource>;

/**
 * Writes an account as the CDK writes an app with a stack for each team and one for what they share: a folder with a manifest and templates,
 * in which references stand in place of the ARNs of the stack’s own roles. Returns the files of the templates.
 */
export const writeAssembly = async (
  folder: string,
  account: ScaleAccount,
  pipelines: number,
): Promise<string[]> => {
  const all = Array.from({ length: pipelines }, (_, index) => account.pipelineAt(index));
  const teams = [...new Set(all.map(({ name }) => name.split('-')[0] ?? ''))];
  const ofTeam = (text: string): string | undefined => teams.find((team) => text.includes(team));
  const stacks = new Map<string, Resources>();
  for (const team of [undefined, ...teams]) {
    const roles = account.roles.filter(({ arn }) => ofTeam(arn) === team);
    const own = new Map(roles.map(({ arn }, index) => [arn, `Role${index}`]));
    const resources = [
      ...(team === undefined ? Object.entries(account.managed).flatMap(managedPolicy) : []),
      ...roles.map((role, index) => [`Role${index}`, roleResource(role, own)] as const),
      ...account.buckets
        .filter(({ name }) => ofTeam(name) === team)
        .map((bucket, index) => bucketResources(`Bucket${index}`, bucket)),
      ...all
        .filter(({ name }) => team !== undefined && ofTeam(name) === team)
        .map(
          ({ name, roleArn, definitionText }, index) =>
            [
              `Pipeline${index}`,
              {
                Type: 'AWS::SageMaker::Pipeline',
                Properties: {
                  PipelineName: name,
                  RoleArn: reference(roleArn, own),
                  PipelineDefinition: { PipelineDefinitionBody: joined(definitionText, own) },
                },
              },
            ] as const,
        ),
    ];
    stacks.set(`Stack-${team ?? 'shared'}`, Object.fromEntries(resources.flatMap(entriesOf)));
  }
  await mkdir(folder, { recursive: true });
  const { account: id, region } = account.place;
  const artifacts = [...stacks.keys()].map((stack) => [
    stack,
    {
      type: 'aws:cloudformation:stack',
      environment: `aws://${id}/${region}`,
      properties: { templateFile: `${stack}.template.json`, stackName: stack },
    },
  ]);
  const files = [...stacks].map(([stack, Resources]) => ({
    path: join(folder, `${stack}.template.json`),
    content: { Resources },
  }));
  const manifest = { version: '48.0.0', artifacts: Object.fromEntries(artifacts) };
  for (const { path, content } of [...files, { path: join(folder, 'manifest.json'), content: manifest }])
    await writeFile(path, JSON.stringify(content, null, 1));
  return files.map(({ path }) => path);
};

type Named = readonly [id: string, resource: Resource];

const entriesOf = (of: Named | readonly Named[]): Named[] =>
  typeof of[0] === 'string' ? [of as Named] : [...(of as readonly Named[])];

const reference = (arn: string, own: ReadonlyMap<string, string>): unknown => {
  const id = own.get(arn);
  return id === undefined ? arn : { 'Fn::GetAtt': [id, 'Arn'] };
};

/** A text with references in place of ARNs, as the CDK writes it. */
const joined = (text: string, own: ReadonlyMap<string, string>): unknown => {
  const parts = text.split(/(arn:aws:iam::\d+:role\/[\w/-]+)/);
  return { 'Fn::Join': ['', parts.map((part) => reference(part, own))] };
};

const referring = (statements: readonly Statement[], own: ReadonlyMap<string, string>): unknown =>
  JSON.parse(JSON.stringify(statements), (_, value: unknown) =>
    typeof value === 'string' ? reference(value, own) : value,
  );

const tagsOf = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const roleResource = (
  { name, path, trust, policies, managed, tags }: Role,
  own: ReadonlyMap<string, string>,
): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: name,
    Path: path,
    AssumeRolePolicyDocument: trust,
    ManagedPolicyArns: managed,
    Policies: Object.entries(policies).map(([PolicyName, { Version, Statement }]) => ({
      PolicyName,
      PolicyDocument: { Version, Statement: referring(Statement, own) },
    })),
    Tags: tagsOf(tags),
  },
});

/** A policy of the account; AWS’s own are there without it. */
const managedPolicy = ([arn, PolicyDocument]: [string, Document], index: number): Named[] =>
  arn.includes(':aws:policy/')
    ? []
    : [
        [
          `Policy${index}`,
          {
            Type: 'AWS::IAM::ManagedPolicy',
            Properties: { ManagedPolicyName: arn.split('/').at(-1), PolicyDocument },
          },
        ],
      ];

const bucketResources = (id: string, { name, policy, cors, tags }: Bucket): Named[] => [
  [
    id,
    {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: name,
        Tags: tagsOf(tags),
        ...(cors && { CorsConfiguration: { CorsRules: cors.CORSRules.map(inCloudFormation) } }),
      },
    },
  ],
  [
    `${id}Policy`,
    {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: id }, PolicyDocument: policy },
    },
  ],
];

/** CloudFormation calls what browsers may read `ExposedHeaders`. */
const inCloudFormation = (rule: Record<string, readonly string[]>) =>
  Object.fromEntries(
    Object.entries(rule).map(([name, value]) => [name === 'ExposeHeaders' ? 'ExposedHeaders' : name, value]),
  );
