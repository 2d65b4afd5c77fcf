import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  type IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand, CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  AttachPolicyCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand as CreateOrganizationPolicyCommand,
  ListRootsCommand,
  MoveAccountCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { CreateResourceShareCommand, type RAMClient } from '@aws-sdk/client-ram';
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
} from '@aws-sdk/client-s3';
import {
  CreateHyperParameterTuningJobCommand,
  type CreateHyperParameterTuningJobCommandInput,
  CreateModelCommand,
  type CreateModelCommandInput,
  CreatePipelineCommand,
  CreateProcessingJobCommand,
  type CreateProcessingJobCommandInput,
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  CreateTransformJobCommand,
  type CreateTransformJobCommandInput,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { awsClients } from '../../shared/aws/read/clients.ts';
import { liveReader } from '../../shared/aws/read/live-reader.ts';
import type { ExecutionRef } from '../../shared/definition/execution-ref.ts';
import { ABSENT, found, type Read } from '../../shared/reader/read-result.ts';
import type { Reader } from '../../shared/reader/reader.ts';
import { openSnapshot } from '../../shared/reader/snapshot/reader.ts';
import { tellSteps } from '../support/emulators/execution-steps.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { describeWith } from '../support/jest/tools.ts';

/** The account of moto. */
const scope = { account: '123456789012', region: 'eu-west-1', partition: 'aws' };
const arn = (resource: string) => `arn:aws:sagemaker:${scope.region}:${scope.account}:${resource}`;
const role = (name: string) => `arn:aws:iam::${scope.account}:role/${name}`;

const definition = JSON.stringify({
  Version: '2020-12-01',
  Steps: [{ Name: 'TrainModel', Type: 'Training', Arguments: { TrainingJobName: 'fraud-train' } }],
});

const ALGORITHM = { TrainingImage: 'example:1', TrainingInputMode: 'File' } as const;
const INSTANCE = { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 } as const;
const OUTPUT = { S3OutputPath: 's3://acme-images/out' } as const;
const STOP = { MaxRuntimeInSeconds: 60 } as const;

const training: CreateTrainingJobCommandInput = {
  TrainingJobName: 'fraud-train-kytlemm1lvpq-cIpzShs3Qp',
  RoleArn: role('steps/train'),
  AlgorithmSpecification: ALGORITHM,
  OutputDataConfig: OUTPUT,
  ResourceConfig: INSTANCE,
  StoppingCondition: STOP,
};
const processing: CreateProcessingJobCommandInput = {
  ProcessingJobName: 'pipelines-kytlemm1lvpq-Prepare-cIpzShs3Qp',
  RoleArn: role('steps/prepare'),
  AppSpecification: { ImageUri: 'example:1' },
  ProcessingResources: { ClusterConfig: INSTANCE },
};
const transform: CreateTransformJobCommandInput = {
  TransformJobName: 'pipelines-kytlemm1lvpq-Score-cIpzShs3Qp',
  ModelName: 'model',
  TransformInput: { DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://acme-images/in' } } },
  TransformOutput: OUTPUT,
  TransformResources: { InstanceType: 'ml.m5.large', InstanceCount: 1 },
};
const tuning: CreateHyperParameterTuningJobCommandInput = {
  HyperParameterTuningJobName: 'tune-kytlemm1lvpq-cIpzShs3Qp',
  HyperParameterTuningJobConfig: {
    Strategy: 'Random',
    ResourceLimits: { MaxNumberOfTrainingJobs: 1, MaxParallelTrainingJobs: 1 },
  },
  TrainingJobDefinitions: ['a', 'b'].map((name) => ({
    DefinitionName: name,
    RoleArn: role(`steps/tune-${name}`),
    AlgorithmSpecification: ALGORITHM,
    OutputDataConfig: OUTPUT,
    ResourceConfig: INSTANCE,
    StoppingCondition: STOP,
  })),
};
const model: CreateModelCommandInput = {
  ModelName: 'fraud-model',
  ExecutionRoleArn: role('steps/model'),
  PrimaryContainer: { Image: 'example:1' },
};

const corsDocument = {
  CORSRules: [
    {
      AllowedHeaders: ['*'],
      AllowedMethods: ['PUT', 'GET'],
      AllowedOrigins: ['https://b.example', 'https://a.example'],
      ExposeHeaders: ['Access-Control-Allow-Origin'],
      MaxAgeSeconds: 3000,
    },
  ],
};
const tagging = { TagSet: [{ Key: 'pipewarden', Value: 'image-bucket' }] };

const allow = (Action: string, more: object = { Resource: '*' }) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, ...more }],
});
const bucketPolicy = allow('s3:GetObject', { Principal: '*', Resource: 'arn:aws:s3:::acme-images/*' });
const keyPolicy = allow('kms:Decrypt', { Principal: { AWS: role('steps/train') }, Resource: '*' });
const trust = allow('sts:AssumeRole', { Principal: { Service: 'sagemaker.amazonaws.com' } });
const fullAccess = allow('*');
const scp = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] };
const managed = `arn:aws:iam::${scope.account}:policy/read+more`;

type Opened = { reader: Reader; executionArn: string; keyId: string; close: () => Promise<void> };

const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab';

/** The account as files. What the account lacks is written as absent, because a missing file means "not read". */
const openAsSnapshot = async (): Promise<Opened> => {
  const dir = await mkdtemp(join(tmpdir(), 'pipewarden-reader-'));
  const executionArn = arn('pipeline/Fraud/execution/kytlemm1lvpq');
  const absent = { absent: true };
  const files: Record<string, unknown> = {
    'caller-identity.json': {
      UserId: 'U',
      Account: scope.account,
      Arn: role('auditor'),
      Region: scope.region,
    },
    'iam/account-authorization-details.json': {
      UserDetailList: [
        { UserName: 'ana', Arn: `arn:aws:iam::${scope.account}:user/ana`, GroupList: ['builders'] },
      ],
      GroupDetailList: [
        {
          GroupName: 'builders',
          Arn: `arn:aws:iam::${scope.account}:group/builders`,
          GroupPolicyList: [{ PolicyName: 'build', PolicyDocument: allow('sagemaker:CreatePipeline') }],
        },
      ],
      RoleDetailList: [
        {
          RoleName: 'train',
          Arn: role('steps/train'),
          AssumeRolePolicyDocument: trust,
          RolePolicyList: [{ PolicyName: 'own', PolicyDocument: allow('sagemaker:CreateTrainingJob') }],
          AttachedManagedPolicies: [{ PolicyName: 'read+more', PolicyArn: managed }],
          Tags: [{ Key: 'team', Value: 'fraud' }],
        },
      ],
      Policies: [
        { Arn: managed, PolicyVersionList: [{ IsDefaultVersion: true, Document: allow('s3:GetObject') }] },
      ],
    },
    'organizations/scps.json': [
      { target: 'r-ab12', policies: [{ Name: 'FullAWSAccess', Content: JSON.stringify(fullAccess) }] },
      { target: 'ou-ab12-x', policies: [{ Name: 'FullAWSAccess', Content: JSON.stringify(fullAccess) }] },
      {
        target: scope.account,
        policies: [
          { Name: 'FullAWSAccess', Content: JSON.stringify(fullAccess) },
          { Name: 'no-s3', Content: JSON.stringify(scp) },
        ],
      },
    ],
    'organizations/organization.json': { Organization: { Id: 'o-example', MasterAccountId: scope.account } },
    [`kms/${KEY_ID}/policy.json`]: { Policy: JSON.stringify(keyPolicy) },
    'kms/aliases.json': { Aliases: [{ AliasName: 'alias/images', TargetKeyId: KEY_ID }] },
    's3/acme-images/policy.json': { Policy: JSON.stringify(bucketPolicy) },
    's3/acme-plain/policy.json': absent,
    'sagemaker/pipelines/Fraud/executions/kytlemm1lvpq.json': {
      PipelineExecutionArn: executionArn,
      PipelineParameters: [{ Name: 'Base', Value: 'fraud' }],
    },
    'sagemaker/pipelines/Fraud/pipeline.json': {
      PipelineName: 'Fraud',
      PipelineArn: arn('pipeline/Fraud'),
      RoleArn: role('pipelines/fraud'),
      PipelineDefinition: definition,
    },
    'sagemaker/pipelines/Fraud/executions/kytlemm1lvpq-steps.json': {
      PipelineExecutionSteps: [
        {
          StepName: 'TrainModel',
          StepStatus: 'Executing',
          Metadata: { TrainingJob: { Arn: arn('training-job/train') } },
        },
      ],
    },
    'sagemaker/pipelines/Fraud/versions.json': { PipelineVersionSummaries: [{ PipelineVersionId: 1 }] },
    'sagemaker/pipelines/gone/pipeline.json': absent,
    'sagemaker/jobs/training-job/train.json': {
      ...training,
      TrainingJobArn: arn(`training-job/${training.TrainingJobName}`),
    },
    [`sagemaker/jobs/processing-job/${processing.ProcessingJobName}.json`]: processing,
    [`sagemaker/jobs/transform-job/${transform.TransformJobName}.json`]: transform,
    [`sagemaker/jobs/hyper-parameter-tuning-job/${tuning.HyperParameterTuningJobName}.json`]: tuning,
    'sagemaker/jobs/model/fraud-model.json': model,
    'sagemaker/jobs/training-job/gone.json': absent,
    'sagemaker/jobs/model/gone.json': absent,
    's3/acme-images/cors.json': corsDocument,
    's3/acme-images/tagging.json': tagging,
    's3/acme-plain/cors.json': absent,
    'cloudtrail/trails.json': [
      {
        Trail: {
          Name: 'management-events',
          TrailARN: `arn:aws:cloudtrail:${scope.region}:${scope.account}:trail/management-events`,
          HomeRegion: scope.region,
          IsMultiRegionTrail: true,
        },
        Status: { IsLogging: true },
        EventSelectors: { EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }] },
      },
    ],
    's3/acme-plain/tagging.json': absent,
    'ram/resource-shares.json': [],
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), JSON.stringify(content));
  }
  const opened = await openSnapshot(dir);
  if (!opened.ok) throw new Error(opened.unread.message);
  return { reader: opened.value, executionArn, keyId: KEY_ID, close: () => rm(dir, { recursive: true }) };
};

/** Makes the account in moto through its API. */
const openLive = async (): Promise<Opened> => {
  const moto = await startMoto();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const clients = awsClients({ region: scope.region });
  const { sagemaker } = clients;
  const { s3, iam, kms, organizations } = {
    s3: await clients.s3(),
    iam: await clients.iam(),
    kms: await clients.kms(),
    organizations: await clients.organizations(),
  };
  await makeIdentities(iam);
  await makeOrganization(organizations);
  const keyId = await makeKey(kms);
  await sagemaker.send(
    new CreatePipelineCommand({
      PipelineName: 'Fraud',
      ClientRequestToken: 'a'.repeat(32),
      RoleArn: role('pipelines/fraud'),
      PipelineDefinition: definition,
    }),
  );
  const { PipelineExecutionArn } = await sagemaker.send(
    new StartPipelineExecutionCommand({
      PipelineName: 'Fraud',
      PipelineParameters: [{ Name: 'Base', Value: 'fraud' }],
    }),
  );
  await tellSteps(sagemaker, PipelineExecutionArn ?? '', 'TrainModel', [arn('training-job/train')]);
  await sagemaker.send(new CreateTrainingJobCommand(training));
  await sagemaker.send(new CreateProcessingJobCommand(processing));
  await sagemaker.send(new CreateTransformJobCommand(transform));
  await sagemaker.send(new CreateHyperParameterTuningJobCommand(tuning));
  await sagemaker.send(new CreateModelCommand(model));
  for (const Bucket of ['acme-images', 'acme-plain']) {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  }
  const corsConfiguration = { CORSConfiguration: corsDocument };
  await s3.send(new PutBucketCorsCommand({ Bucket: 'acme-images', ...corsConfiguration }));
  await s3.send(new PutBucketTaggingCommand({ Bucket: 'acme-images', Tagging: tagging }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-images', Policy: JSON.stringify(bucketPolicy) }));
  await makeTrail(await clients.cloudtrail(scope.region), 'acme-plain');
  const ram = await clients.ram();
  await shareSubnet(ram);
  return {
    reader: liveReader({ ...clients, scope }),
    executionArn: PipelineExecutionArn ?? '',
    keyId,
    close: async () => {
      for (const client of [sagemaker, s3, iam, kms, organizations, ram]) client.destroy();
      await moto.stop();
    },
  };
};

/** A share without pipelines, as moto knows no others. */
const shareSubnet = async (ram: RAMClient): Promise<void> => {
  await ram.send(
    new CreateResourceShareCommand({
      name: 'network',
      resourceArns: [`arn:aws:ec2:${scope.region}:${scope.account}:subnet/subnet-0a1b2c3d`],
      principals: ['444455556666'],
    }),
  );
};

const makeIdentities = async (iam: IAMClient): Promise<void> => {
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'train',
      Path: '/steps/',
      AssumeRolePolicyDocument: JSON.stringify(trust),
      Tags: [{ Key: 'team', Value: 'fraud' }],
    }),
  );
  const own = JSON.stringify(allow('sagemaker:CreateTrainingJob'));
  await iam.send(new PutRolePolicyCommand({ RoleName: 'train', PolicyName: 'own', PolicyDocument: own }));
  const read = JSON.stringify(allow('s3:GetObject'));
  await iam.send(new CreatePolicyCommand({ PolicyName: 'read+more', PolicyDocument: read }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'train', PolicyArn: managed }));
  await iam.send(new CreateUserCommand({ UserName: 'ana' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'builders' }));
  await iam.send(new AddUserToGroupCommand({ UserName: 'ana', GroupName: 'builders' }));
  const build = JSON.stringify(allow('sagemaker:CreatePipeline'));
  const inGroup = { GroupName: 'builders', PolicyName: 'build', PolicyDocument: build };
  await iam.send(new PutGroupPolicyCommand(inGroup));
};

/** Puts the account into an organizational unit with an SCP of its own. */
const makeOrganization = async (organizations: OrganizationsClient): Promise<void> => {
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await organizations.send(new ListRootsCommand({}));
  const root = Roots?.[0]?.Id ?? '';
  const { OrganizationalUnit } = await organizations.send(
    new CreateOrganizationalUnitCommand({ ParentId: root, Name: 'ml' }),
  );
  await organizations.send(
    new MoveAccountCommand({
      AccountId: scope.account,
      SourceParentId: root,
      DestinationParentId: OrganizationalUnit?.Id ?? '',
    }),
  );
  const Type = 'SERVICE_CONTROL_POLICY';
  const { Policy } = await organizations.send(
    new CreateOrganizationPolicyCommand({
      Name: 'no-s3',
      Type,
      Description: 'x',
      Content: JSON.stringify(scp),
    }),
  );
  const attached = { PolicyId: Policy?.PolicySummary?.Id ?? '', TargetId: scope.account };
  await organizations.send(new AttachPolicyCommand(attached));
};

const makeKey = async (kms: KMSClient): Promise<string> => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy: JSON.stringify(keyPolicy) }));
  const keyId = KeyMetadata?.KeyId ?? '';
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/images', TargetKeyId: keyId }));
  return keyId;
};

const codeOf = (read: Read<unknown>): string => (read.ok ? 'read' : read.unread.code);

/** The tests that every implementation of the Reader must pass. */
const readerContract = (open: () => Promise<Opened>): void => {
  let opened: Opened;
  const reader = () => opened.reader;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());

  test('a pipeline is read with its role and its unchanged definition', async () => {
    expect(await reader().describePipeline('Fraud')).toMatchObject(
      found({
        name: 'Fraud',
        arn: expect.stringMatching(/^arn:aws:sagemaker:eu-west-1:123456789012:pipeline\/fraud$/i),
        roleArn: role('pipelines/fraud'),
        definitionText: definition,
      }),
    );
  });

  test('an execution is read with the definition that it runs', async () => {
    const execution: ExecutionRef = {
      executionArn: opened.executionArn,
    };
    expect(await reader().describeExecutionDefinition(execution)).toMatchObject(
      found({ pipelineName: 'Fraud', roleArn: role('pipelines/fraud'), definitionText: definition }),
    );
  });

  test('an execution is read with the jobs that its steps started', async () => {
    const steps = await reader().listExecutionSteps(opened.executionArn);
    expect(steps).toMatchObject(
      found([
        { name: 'TrainModel', jobArns: [arn('training-job/train')], isRunning: true, isRetried: false },
      ]),
    );
    const other = opened.executionArn.replace(/.{12}$/, 'z'.repeat(12));
    expect(await reader().listExecutionSteps(other)).toMatchObject({ ok: false });
  });

  test('a version of a pipeline is read', async () => {
    expect(await reader().describePipelineVersion('Fraud', 1)).toMatchObject(
      found({ name: 'Fraud', roleArn: role('pipelines/fraud'), definitionText: definition }),
    );
    expect(await reader().describePipelineVersion('gone', 1)).toMatchObject({ ok: false });
  });

  test.each([
    ['training-job', training.TrainingJobName, [role('steps/train')]],
    ['processing-job', processing.ProcessingJobName, [role('steps/prepare')]],
    ['transform-job', transform.TransformJobName, []],
    [
      'hyper-parameter-tuning-job',
      tuning.HyperParameterTuningJobName,
      [role('steps/tune-a'), role('steps/tune-b')],
    ],
    ['model', model.ModelName, [role('steps/model')]],
  ] as const)('a %s comes with its name, ARN and roles', async (kind, name = '', roleArns) => {
    const read = await reader().describeJob(kind, name);
    expect(read).toMatchObject(found({ kind, name, roleArns }));
    expect(read.ok && read.value.arn.toLowerCase()).toBe(arn(`${kind}/${name}`).toLowerCase());
  });

  test('a role is read with its path', async () => {
    expect(await reader().getRole('train')).toEqual(found({ name: 'train', arn: role('steps/train') }));
  });

  test('users and roles are read with their policies and those of their groups', async () => {
    const read = await reader().readIdentities();
    const identities = read.ok ? read.value.identities : [];
    const actions = identities.map(({ name, policies: { identity }, trust, principal: { tags } }) => [
      name,
      identity?.policies.flatMap(({ statements }) => statements.flatMap(({ actions: { texts } }) => texts)),
      trust?.statements.length,
      Object.fromEntries(tags ?? []),
    ]);
    expect(actions).toEqual([
      ['train', ['sagemaker:CreateTrainingJob', 's3:GetObject'], 1, { team: 'fraud' }],
      ['ana', ['sagemaker:CreatePipeline'], undefined, {}],
    ]);
    expect(read.ok && read.value.problems).toEqual([]);
  });

  test('the SCPs are read level by level, from the root to the account', async () => {
    const read = await reader().readOrganizationPolicies();
    const full = { name: 'FullAWSAccess', document: fullAccess };
    const [account, ...above] = (read.ok ? read.value.scps : []).toReversed();
    expect(account).toEqual({ target: scope.account, policies: [full, { name: 'no-s3', document: scp }] });
    expect(above.toReversed()).toEqual([
      { target: expect.stringMatching(/^r-/), policies: [full] },
      { target: expect.stringMatching(/^ou-/), policies: [full] },
    ]);
    expect(read).toMatchObject(found({ managementAccount: scope.account }));
  });

  test('the organization is read with its id', async () => {
    expect(await reader().readOwnOrganization()).toMatchObject({
      ok: true,
      value: { id: expect.stringMatching(/^o-/) },
    });
  });

  test('the policy of a bucket is read, and is null if there is none', async () => {
    expect(await reader().getBucketPolicy('acme-images')).toEqual(found(bucketPolicy));
    expect(await reader().getBucketPolicy('acme-plain')).toEqual(found(null));
    expect(await reader().getBucketPolicy('acme-unknown')).toMatchObject({ ok: false });
  });

  test('the policy of a key is read by the key’s id, ARN or alias', async () => {
    const arnOf = (name: string) => `arn:aws:kms:${scope.region}:${scope.account}:${name}`;
    const { keyId } = opened;
    for (const key of [keyId, arnOf(`key/${keyId}`), 'alias/images', arnOf('alias/images')]) {
      expect(await reader().getKeyPolicy(key)).toEqual(found({ id: keyId, policy: keyPolicy }));
    }
    expect(await reader().getKeyPolicy('alias/gone')).toMatchObject({ ok: false });
    expect(codeOf(await reader().getKeyPolicy('arn:aws:kms:eu-west-1:999988887777:key/x'))).toBe(
      'OutsideScope',
    );
  });

  test('an execution is read with its parameters', async () => {
    const { executionArn } = opened;
    expect(await reader().describeExecution(executionArn)).toMatchObject(
      found({ executionArn, parameters: { Base: 'fraud' } }),
    );
    expect(await reader().describeExecution(arn('pipeline/gone/execution/kytlemm1lvpq'))).toMatchObject({
      ok: false,
    });
  });

  test('a share that holds no pipeline is left out', async () => {
    expect(await reader().readShares()).toEqual(found([]));
  });

  test('a trail is read with whether it is logging, and what it logs', async () => {
    expect(await reader().readTrails()).toEqual(
      found({
        trails: [
          {
            arn: `arn:aws:cloudtrail:${scope.region}:${scope.account}:trail/management-events`,
            homeRegion: scope.region,
            isMultiRegion: true,
            isLogging: found(true),
            selectors: found([[{ field: 'eventCategory', equals: ['Management'] }]]),
          },
        ],
      }),
    );
  });

  test('the CORS rules and tags of a bucket are read', async () => {
    expect(await reader().getBucketCors('acme-images')).toEqual(
      found([
        {
          allowedHeaders: ['*'],
          allowedMethods: ['GET', 'PUT'],
          allowedOrigins: ['https://a.example', 'https://b.example'],
          exposeHeaders: ['Access-Control-Allow-Origin'],
          maxAgeSeconds: 3000,
        },
      ]),
    );
    expect(await reader().getBucketTags('acme-images')).toEqual(
      found(new Map([['pipewarden', 'image-bucket']])),
    );
  });

  test('a bucket without CORS configuration or tags has none, and is not unread', async () => {
    expect(await reader().getBucketCors('acme-plain')).toEqual(found([]));
    expect(await reader().getBucketTags('acme-plain')).toEqual(found(new Map()));
  });

  test('a resource that does not exist is absent', async () => {
    expect(codeOf(await reader().describePipeline('gone'))).toBe(ABSENT);
    expect(codeOf(await reader().describeJob('training-job', 'gone'))).toBe(ABSENT);
    expect(codeOf(await reader().describeJob('model', 'gone'))).toBe(ABSENT);
    expect(codeOf(await reader().getRole('gone'))).toBe(ABSENT);
  });

  test('an unknown bucket is not taken for a bucket without configuration', async () => {
    expect(await reader().getBucketCors('acme-unknown')).toMatchObject({ ok: false });
    expect(await reader().getBucketTags('acme-unknown')).toMatchObject({ ok: false });
  });

  test('the lists contain all resources', async () => {
    expect(await reader().listPipelines()).toMatchObject(found([{ name: 'Fraud' }]));
    expect(await reader().listBuckets()).toEqual(found(['acme-images', 'acme-plain']));
    const jobs = await reader().listJobs();
    for (const { kind, name } of jobs.ok ? jobs.value : []) {
      expect(await reader().describeJob(kind, name)).toMatchObject({ ok: true });
    }
    expect(jobs.ok).toBe(true);
  });

  test.each([
    ['that climbs', '../../caller-identity'],
    ['that is absolute', '/etc/passwd'],
    ['of a parent', '..'],
    ['of no length', ''],
    ['with NUL', 'a\0b'],
    ['with a slash', 'a/b'],
    ['with a backslash', 'a\\b'],
    ['of a prototype', '__proto__'],
    ['of 5,000 characters', 'x'.repeat(5000)],
  ])('a name %s gets an answer, and leads to no other file', async (_, name) => {
    const executionArn = arn(`pipeline/${name}/execution/kytlemm1lvpq`);
    const reads: Read<unknown>[] = [
      await reader().describePipeline(name),
      await reader().describeJob('training-job', name),
      await reader().describeExecutionDefinition({ executionArn }),
      await reader().listExecutionSteps(executionArn),
      await reader().getBucketCors(name),
      await reader().getBucketTags(name),
      await reader().getRole(name),
      await reader().getBucketPolicy(name),
      await reader().getKeyPolicy(name),
      await reader().describeExecution(executionArn),
      await reader().listPipelineVersions(name),
      await reader().describePipelineVersion(name, 1),
    ];
    expect(reads.filter(({ ok }) => ok)).toEqual([]);
    for (const read of reads) expect(read.ok ? 0 : read.unread.message.length).toBeLessThan(600);
  });
};

describe('a snapshot folder', () => readerContract(openAsSnapshot));
describeWith('moto', 'live AWS, over HTTP', () => readerContract(openLive));
