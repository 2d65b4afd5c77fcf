import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteInstanceProfileCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyVersionCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, type KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand as CreateScpCommand,
  DeletePolicyCommand as DeleteScpCommand,
  DetachPolicyCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  MoveAccountCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import {
  type BucketLocationConstraint,
  type CORSRule,
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { CreatePipelineCommand, DeletePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsClients } from '../../shared/aws/read/aws-clients.ts';
import { makeS3Client } from '../../shared/aws/read/bucket-calls.ts';
import { clientConfig } from '../../shared/aws/read/clients.ts';
import { makeKmsClient } from '../../shared/aws/read/key-calls.ts';
import { makeOrganizationsClient } from '../../shared/aws/read/organization-calls.ts';
import { makeIamClient } from '../../shared/aws/read/role-calls.ts';
import { makeRamClient } from '../../shared/aws/read/share-calls.ts';
import { makeCloudTrailClient } from '../../shared/aws/read/trail-calls.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import type { Account, Document, Principal, ScpLevel } from './account.ts';

/** Differs from every tested account, because SCPs do not limit the management account. */
const MANAGEMENT_ACCOUNT = '999988887777';
const AWS_POLICY = 'arn:aws:iam::aws:policy/';
const FULL_ACCESS = 'p-FullAWSAccess';

/** Of a user, which has none. */
const NOBODY: Document = { Version: '2012-10-17', Statement: [] };

type Clients = {
  iam: IAMClient;
  s3: S3Client;
  kms: KMSClient;
  sagemaker: SageMakerClient;
  management: OrganizationsClient;
};

/**
 * One part of an account. It is removed and made again when its text differs. If it cannot be removed, the whole
 * account is loaded again.
 */
type Part = {
  key: string;
  text: string;
  make: () => Promise<unknown>;
  remove?: () => Promise<unknown>;
};

/** An account in moto: its parts by service, in the order in which they are made. */
type Loaded = { account: string; region: string; parts: Part[][]; world: World };

/** The clients of an account in moto, and moto's ids of the parts of its organization. */
type World = {
  clients: Clients;
  reading: AwsClients;
  targets: Map<string, string>;
  scps: Map<string, string>;
};

const loaded = new Map<string, Loaded>();

/** Makes the account in an emptied moto, and returns clients that read it as an audit does. */
const loadAccount = async (account: Account, endpoint: string): Promise<AwsClients> => {
  loaded.delete(endpoint);
  const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
  if (!answer.ok) throw new Error(`moto is not reset: ${answer.status} ${await answer.text()}`);
  const { account: id, region } = account;
  const world = await worldOf(account, endpoint);
  const parts = partsOf(account, world);
  await Promise.all([...parts.map((list) => inOrder(list, ({ make }) => make())), loadTrail(region, world)]);
  loaded.set(endpoint, { account: id, region, parts, world });
  return world.reading;
};

/** Every account here has a trail, and no snapshot contains one. */
const loadTrail = async (region: string, { clients, reading }: World): Promise<void> => {
  const Bucket = 'management-event-logs';
  const LocationConstraint = region as BucketLocationConstraint;
  await clients.s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }),
  );
  await makeTrail(await reading.cloudtrail(region), Bucket);
};

/** Turns the previously loaded account into this one, because two mutations have nearly everything in common. */
export const loadDifference = async (account: Account, endpoint: string): Promise<AwsClients> => {
  const before = loaded.get(endpoint);
  loaded.delete(endpoint);
  if (!before || before.account !== account.account || before.region !== account.region)
    return loadAccount(account, endpoint);
  const parts = partsOf(account, before.world);
  const changes = parts.map((list, service) => difference(before.parts[service] ?? [], list));
  if (changes.some(({ removed }) => removed.some(({ remove }) => !remove)))
    return loadAccount(account, endpoint);
  await Promise.all(
    changes.map(async ({ removed, made }) => {
      await inOrder(removed.toReversed(), async ({ remove }) => remove?.());
      await inOrder(made, ({ make }) => make());
    }),
  );
  loaded.set(endpoint, { ...before, parts });
  return before.world.reading;
};

const difference = (before: readonly Part[], after: readonly Part[]): { removed: Part[]; made: Part[] } => {
  const without = (parts: readonly Part[], others: readonly Part[]): Part[] => {
    const texts = new Map(others.map(({ key, text }) => [key, text]));
    return parts.filter(({ key, text }) => texts.get(key) !== text);
  };
  return { removed: without(before, after), made: without(after, before) };
};

const inOrder = async (parts: readonly Part[], change: (part: Part) => Promise<unknown>): Promise<void> => {
  for (const part of parts) await change(part);
};

const worldOf = async ({ account, region }: Account, endpoint: string): Promise<World> => {
  const configOf = async (of: string) => ({
    ...clientConfig({ region, credentials: await assumed(of, region, endpoint) }),
    endpoint,
  });
  const config = await configOf(account);
  const clients = {
    iam: makeIamClient(config),
    s3: makeS3Client({ ...config, forcePathStyle: true }),
    kms: makeKmsClient(config),
    sagemaker: new SageMakerClient(config),
    management: makeOrganizationsClient(await configOf(MANAGEMENT_ACCOUNT)),
  };
  const organizations = makeOrganizationsClient(config);
  const cloudtrail = makeCloudTrailClient(config);
  const ram = makeRamClient(config);
  const reading = {
    sagemaker: clients.sagemaker,
    s3: async () => clients.s3,
    iam: async () => clients.iam,
    kms: async () => clients.kms,
    organizations: async () => organizations,
    ram: async () => ram,
    cloudtrail: async () => cloudtrail,
  };
  return { clients, reading, targets: new Map(), scps: new Map() };
};

/** Credentials of that account: moto lets anyone assume a role, even one that does not exist. */
const assumed = async (account: string, region: string, endpoint: string) => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sts = new STSClient({ ...clientConfig({ region, credentials }), endpoint });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/auditor`, RoleSessionName: 'corpus' }),
  );
  sts.destroy();
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
};

const partsOf = (account: Account, world: World): Part[][] => [
  identityParts(account, world.clients.iam),
  Object.entries(account.buckets).map((bucket) => bucketPart(bucket, account.region, world.clients.s3)),
  Object.entries(account.keys).flatMap((key) => keyParts(key, world.clients.kms)),
  account.pipelines.map((pipeline) => pipelinePart(pipeline, world.clients.sagemaker)),
  organizationParts(account, world),
];

const nameAndPath = (arn: string): { name: string; path: string } => {
  const [, path = '/', name = ''] = /^[^/]*(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
  return { name, path };
};

/** moto rejects bare numbers, which AWS accepts and treats as texts. */
const documentText = (document: Document): string =>
  JSON.stringify(document, (_key, value) => (typeof value === 'number' ? String(value) : value));

const tagList = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const identityParts = ({ principals, managed }: Account, iam: IAMClient): Part[] => [
  ...Object.entries(managed).map(([arn, document]) => managedPart(arn, document, iam)),
  ...principals.map((principal) => {
    const policies = [...principal.managed, principal.boundary ?? ''].map((arn) => managed[arn] ?? null);
    const { make, remove } = principalCalls(principal, iam);
    return { key: principal.arn, text: JSON.stringify([principal, policies]), make, remove };
  }),
];

const managedPart = (arn: string, document: Document, iam: IAMClient): Part => {
  const { name: PolicyName, path: Path } = nameAndPath(arn);
  const PolicyDocument = documentText(document);
  const part = { key: arn, text: PolicyDocument };
  return arn.startsWith(AWS_POLICY)
    ? { ...part, make: () => assertAwsPolicy(arn, document, iam) }
    : {
        ...part,
        make: () => iam.send(new CreatePolicyCommand({ PolicyName, Path, PolicyDocument })),
        remove: () => iam.send(new DeletePolicyCommand({ PolicyArn: arn })),
      };
};

/** Checks that an AWS managed policy is as AWS wrote it. */
const assertAwsPolicy = async (arn: string, document: Document, iam: IAMClient): Promise<void> => {
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v1' }));
  const own = JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''));
  if (!isDeepStrictEqual(own, document))
    throw new Error(`${arn} is not what AWS says: ${JSON.stringify(own)}`);
};

const principalCalls = (
  { arn, policies, managed, boundary, trust = NOBODY, tags, profile }: Principal,
  iam: IAMClient,
): Required<Pick<Part, 'make' | 'remove'>> => {
  const { name, path: Path } = nameAndPath(arn);
  const isRole = arn.includes(':role/');
  const PermissionsBoundary = boundary;
  const inline = Object.entries(policies);
  const common = { Path, Tags: tagList(tags), ...(PermissionsBoundary && { PermissionsBoundary }) };
  const role = { RoleName: name };
  const user = { UserName: name };
  return {
    make: async () => {
      await (isRole
        ? iam.send(
            new CreateRoleCommand({ ...role, ...common, AssumeRolePolicyDocument: documentText(trust) }),
          )
        : iam.send(new CreateUserCommand({ ...user, ...common })));
      if (profile !== undefined) {
        await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: profile }));
        await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: profile, ...role }));
      }
      for (const [PolicyName, document] of inline) {
        const policy = { PolicyName, PolicyDocument: documentText(document) };
        await (isRole
          ? iam.send(new PutRolePolicyCommand({ ...role, ...policy }))
          : iam.send(new PutUserPolicyCommand({ ...user, ...policy })));
      }
      for (const PolicyArn of managed)
        await (isRole
          ? iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn }))
          : iam.send(new AttachUserPolicyCommand({ ...user, PolicyArn })));
    },
    remove: async () => {
      if (profile !== undefined) {
        await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: profile, ...role }));
        await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: profile }));
      }
      for (const PolicyArn of managed)
        await (isRole
          ? iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn }))
          : iam.send(new DetachUserPolicyCommand({ ...user, PolicyArn })));
      for (const [PolicyName] of inline)
        await (isRole
          ? iam.send(new DeleteRolePolicyCommand({ ...role, PolicyName }))
          : iam.send(new DeleteUserPolicyCommand({ ...user, PolicyName })));
      await (isRole ? iam.send(new DeleteRoleCommand(role)) : iam.send(new DeleteUserCommand(user)));
    },
  };
};

const bucketPart = (
  [Bucket, { policy, cors, tags }]: [string, Account['buckets'][string]],
  region: string,
  s3: S3Client,
): Part => ({
  key: Bucket,
  text: JSON.stringify([policy, cors, tags]),
  make: async () => {
    const LocationConstraint = region as BucketLocationConstraint;
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint } }),
      }),
    );
    if (policy) await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
    const CORSRules = cors as unknown as CORSRule[] | null;
    if (CORSRules) await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    const TagSet = tagList(tags);
    if (TagSet.length > 0) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  },
  remove: () => s3.send(new DeleteBucketCommand({ Bucket })),
});

/** The tests' moto uses a key's description as its id. */
const keyParts = ([KeyId, policy]: [string, Document], kms: KMSClient): Part[] => {
  const Policy = JSON.stringify(policy);
  return [
    { key: KeyId, text: '', make: () => kms.send(new CreateKeyCommand({ Description: KeyId })) },
    {
      key: `policy of ${KeyId}`,
      text: Policy,
      make: () => kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy })),
      remove: async () => {},
    },
  ];
};

const pipelinePart = (
  { name: PipelineName, roleArn: RoleArn, definition }: Account['pipelines'][number],
  sagemaker: SageMakerClient,
): Part => {
  const PipelineDefinition = JSON.stringify(definition);
  return {
    key: PipelineName,
    text: JSON.stringify([RoleArn, PipelineDefinition]),
    make: () =>
      sagemaker.send(
        new CreatePipelineCommand({
          PipelineName,
          RoleArn,
          PipelineDefinition,
          ClientRequestToken: randomUUID(),
        }),
      ),
    remove: () =>
      sagemaker.send(new DeletePipelineCommand({ PipelineName, ClientRequestToken: randomUUID() })),
  };
};

/** The parts of the organization: none if the account has no levels, otherwise its levels and the policies of each. */
const organizationParts = ({ account, scps }: Account, world: World): Part[] =>
  scps.length === 0
    ? []
    : [
        {
          key: 'organization',
          text: JSON.stringify(scps.map(({ target }) => target)),
          make: () => makeOrganization(account, scps, world),
        },
        ...scps.flatMap(({ target, policies }) =>
          policies.map(({ Name, Content }) => scpPart(target, Name, JSON.stringify(Content), world)),
        ),
      ];

/** Makes root, units and the member account; moto chooses the ids of root and units. */
const makeOrganization = async (
  account: string,
  scps: readonly ScpLevel[],
  { clients: { management }, targets }: World,
): Promise<void> => {
  const [root, ...below] = scps.map(({ target }) => target);
  if (!root || below.at(-1) !== account) throw new Error('the levels go from the root to the account');
  await management.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await management.send(new ListRootsCommand({}));
  const rootId = Roots?.[0]?.Id ?? '';
  const PolicyType = 'SERVICE_CONTROL_POLICY';
  await management.send(new EnablePolicyTypeCommand({ RootId: rootId, PolicyType }));
  const { CreateAccountStatus } = await management.send(
    new CreateAccountCommand({ AccountName: account, Email: 'account@example.com' }),
  );
  if (CreateAccountStatus?.AccountId !== account)
    throw new Error('this moto makes up account ids: start it by startMoto');
  targets.set(root, rootId).set(account, account);
  let parent = rootId;
  for (const Name of below.slice(0, -1)) {
    const made = await management.send(new CreateOrganizationalUnitCommand({ ParentId: parent, Name }));
    parent = made.OrganizationalUnit?.Id ?? '';
    targets.set(Name, parent);
  }
  if (parent !== rootId)
    await management.send(
      new MoveAccountCommand({ AccountId: account, SourceParentId: rootId, DestinationParentId: parent }),
    );
  for (const TargetId of new Set(targets.values()))
    await management.send(new DetachPolicyCommand({ PolicyId: FULL_ACCESS, TargetId }));
};

const scpPart = (target: string, Name: string, Content: string, world: World): Part => {
  const { management } = world.clients;
  const key = `${target} ${Name}`;
  const targetId = () => world.targets.get(target) ?? '';
  return {
    key,
    text: Content,
    make: async () => {
      const given = { Name, Content, Description: '', Type: 'SERVICE_CONTROL_POLICY' } as const;
      const PolicyId =
        Name === 'FullAWSAccess'
          ? FULL_ACCESS
          : ((await management.send(new CreateScpCommand(given))).Policy?.PolicySummary?.Id ?? '');
      world.scps.set(key, PolicyId);
      await management.send(new AttachPolicyCommand({ PolicyId, TargetId: targetId() }));
    },
    remove: async () => {
      const PolicyId = world.scps.get(key) ?? '';
      await management.send(new DetachPolicyCommand({ PolicyId, TargetId: targetId() }));
      if (PolicyId !== FULL_ACCESS) await management.send(new DeleteScpCommand({ PolicyId }));
    },
  };
};
