import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { allCoverage } from '../../shared/aws/keep/coverage.ts';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { hubSuffix, memberRoleArn } from '../../shared/domain/member-roles.ts';
import { countIn } from '../../shared/facts/inventory.ts';
import type { Store } from '../../shared/findings/store.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { TRUST } from '../support/builders/principal-facts.ts';
import {
  type Call,
  type Fault,
  type FaultProxy,
  jsonFault,
  startFaultProxy,
} from '../support/emulators/fault-proxy.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';
import { playSweep, type SweepSteps } from '../support/lambda/play-sweep.ts';
import { type CloudTrailStandIn, startCloudTrail } from '../support/standins/cloudtrail.ts';
import { type StsStandIn, startSts } from '../support/standins/sts.ts';

const MEMBER = '444455556666';
const OTHER = 'eu-south-1';
const EXTERNAL_ID = '0a1b2c3d-4e5f';
const CONFIG = {
  version: 1,
  organization: { accounts: [MEMBER], regions: [REGION, OTHER] },
  prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud-*'] }],
  roles: { execution: ['arn:aws:iam::${account}:role/pipelines/*'] },
};
const READER = memberRoleArn(
  'reader',
  { partition: 'aws', account: MEMBER },
  hubSuffix({ account: ACCOUNT, region: REGION }),
);
const roleArn = (name: string) => `arn:aws:iam::${MEMBER}:role/${name}`;
const pipelineArn = (region: string, name: string) =>
  `arn:aws:sagemaker:${region}:${MEMBER}:pipeline/${name}`;
/** Only a pipeline of the other Region uses it, and the configuration does not name it. */
const ADMINISTRATOR = roleArn('administrator');

const isOfMember = ({ keyId, region }: Call): boolean => region === OTHER && keyId !== 'test';

/** https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html */
const OFF = (call: Call): Fault | undefined =>
  isOfMember(call) ? jsonFault('UnrecognizedClientException') : undefined;
/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html */
const DENIED_BY_SCP = (call: Call): Fault | undefined =>
  isOfMember(call) && call.service !== 'iam' ? jsonFault('AccessDeniedException') : undefined;
const NO_LIST = (call: Call): Fault | undefined =>
  isOfMember(call) && call.operation === 'ListPipelines' ? jsonFault('AccessDeniedException') : undefined;
const THROTTLED = (call: Call): Fault | undefined =>
  isOfMember(call) && call.operation === 'ListPipelines' ? jsonFault('ThrottlingException') : undefined;

/** Calls that list an account. */
const LISTING = /GetAccountAuthorizationDetails|ListPipelines$/;

describeWith('moto', 'a Region of an account that cannot be read, with the bundled functions', () => {
  let world: FunctionWorld;
  let proxy: FaultProxy;
  let sts: StsStandIn;
  let history: CloudTrailStandIn;
  let store: Store;
  let dynamodb: DynamoDBClient;
  let s3: S3Client;
  let sqs: SQSClient;
  let queueUrl: string;
  let lambdas: { audit: Lambda; sweep: Lambda; inventory: Lambda };

  beforeAll(async () => {
    world = await startFunctionWorld(CONFIG);
    sts = await startSts(world.endpoint, { externalId: EXTERNAL_ID });
    history = await startCloudTrail(world.endpoint);
    proxy = await startFaultProxy({
      upstreamOf: ({ service }) => (service === 'cloudtrail' ? history.endpoint : world.proxy.endpoint),
    });
    dynamodb = new DynamoDBClient(world.client);
    store = dynamodbStore({ client: dynamodb, table: 'findings' });
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    sqs = new SQSClient(world.client);
    await s3.send(
      new CreateBucketCommand({
        Bucket: 'sweeps',
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'inventories.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    queueUrl = QueueUrl;
    const start = (name: string) =>
      world.start(name, world.endpoint, {
        AWS_ENDPOINT_URL: proxy.endpoint,
        AWS_ENDPOINT_URL_STS: sts.endpoint,
        EXTERNAL_ID,
        INVENTORY_QUEUE_URL: queueUrl,
        SWEEP_BUCKET: 'sweeps',
      });
    lambdas = { audit: start('audit'), sweep: start('sweep'), inventory: start('inventory') };
    await createAccount();
  });

  afterAll(async () => {
    await Promise.all(Object.values(lambdas ?? {}).map((lambda) => lambda.stop()));
    for (const each of [dynamodb, s3, sqs]) each?.destroy();
    await Promise.all([sts?.stop(), history?.stop(), proxy?.stop()]);
    await world?.stop();
  });

  /** A pipeline in each Region: that of the home Region under a role of pipelines, the other one under an administrator. */
  const createAccount = async (): Promise<void> => {
    const upstream = new STSClient(world.client);
    const { Credentials } = await upstream.send(
      new AssumeRoleCommand({ RoleArn: READER, RoleSessionName: 'tests' }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const iam = new IAMClient({ ...world.client, credentials });
    const roles = [
      { name: 'fraud', Path: '/pipelines/', Action: 'sagemaker:CreateTrainingJob' },
      { name: 'administrator', Path: '/', Action: '*' },
    ];
    for (const { name, Path, Action } of roles) {
      await iam.send(
        new CreateRoleCommand({ RoleName: name, Path, AssumeRolePolicyDocument: JSON.stringify(TRUST) }),
      );
      const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument }));
    }
    for (const [region, name, RoleArn] of [
      [REGION, 'fraud-home', roleArn('pipelines/fraud')],
      [OTHER, 'fraud-other', ADMINISTRATOR],
    ] as const) {
      const sagemaker = new SageMakerClient({ ...world.client, region, credentials });
      await sagemaker.send(
        new CreatePipelineCommand({
          PipelineName: name,
          PipelineDefinition: JSON.stringify({
            Version: '2020-12-01',
            Steps: [{ Name: 'Train', Type: 'Training', Arguments: { TrainingJobName: 'other', RoleArn } }],
          }),
          RoleArn,
          ClientRequestToken: randomUUID(),
        }),
      );
      sagemaker.destroy();
    }
    for (const each of [upstream, iam]) each.destroy();
  };

  const inventories = async (): Promise<void> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    for (const { ReceiptHandle, Body = '' } of Messages) {
      await lambdas.inventory.invoke({ Records: [{ body: Body }] });
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  };

  const textOf = async (Key: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'sweeps', Key }));
    return (await Body?.transformToString()) ?? '';
  };

  /** Sweeps the member, with inventories while it waits for its index. Returns how many of its messages come again. */
  const sweep = async (): Promise<number> => {
    let again = 0;
    const inTurn = pLimit(1);
    const steps: SweepSteps = {
      invoke: (input) =>
        inTurn(async () => {
          if ('since' in input) await inventories();
          return lambdas.sweep.invoke(input);
        }),
      read: textOf,
      send: async (_, messages) => {
        again += (await inTurn(() => lambdas.audit.deliver(...messages))).length;
      },
    };
    const until = await playSweep(randomUUID(), steps, [MEMBER]);
    expect(until.get(MEMBER)).toEqual(expect.any(String));
    return again;
  };

  const openOn = async (arn: string): Promise<Finding[]> => {
    for await (const { resourceArn, state } of store.states())
      if (resourceArn === arn) return Object.values(state.open);
    return [];
  };
  const controlsOn = async (arn: string): Promise<string[]> =>
    (await openOn(arn)).map(({ control }) => control).toSorted();
  const endedOn = async (arn: string): Promise<string[]> =>
    (await store.endings(arn, new Date(0).toISOString())).map(({ how }) => how);
  const inOther = `arn:aws:sagemaker:${OTHER}:${MEMBER}:*`;

  const coverageOf = async (of: string) => {
    const all = await allCoverage({ client: dynamodb, table: 'findings' });
    return all.find(({ account, region }) => account === MEMBER && region === of);
  };
  const indexed = () => countIn(dynamodbIndex({ client: dynamodb, table: 'findings', account: MEMBER }));

  const roleChanged = (name: string) =>
    envelope(
      cloudTrail(
        'PutRolePolicy',
        { roleName: name, policyName: 'own' },
        { eventSource: 'iam.amazonaws.com', recipientAccountId: MEMBER },
      ),
    );

  /** A look at a role, and the calls that list. */
  const listedByLook = async (name: string): Promise<string[]> => {
    world.proxy.take();
    expect(await lambdas.audit.deliver(roleChanged(name))).toEqual([]);
    return Object.keys(world.proxy.take()).filter((call) => LISTING.test(call));
  };

  test('that is off from the beginning: the account has an index, and what hangs on that Region is unknown', async () => {
    proxy.fail(OFF);
    expect(await sweep()).toBe(1);
    expect(await indexed()).toMatchObject({
      pipelines: 1,
      unlisted: { [OTHER]: expect.stringContaining(`See that the Region ${OTHER} is on in the account`) },
    });
    const home = await coverageOf(REGION);
    expect([home?.unread, home?.lastSweep]).toEqual([undefined, expect.any(String)]);
    const other = await coverageOf(OTHER);
    expect([other?.unread?.code, other?.lastSweep]).toEqual(['NoAccess', undefined]);
    expect(await controlsOn(inOther)).toEqual(['evidence-readable', 'scope-covered']);
    expect(await controlsOn(pipelineArn(REGION, 'fraud-home'))).not.toEqual([]);

    expect(await listedByLook('fraud')).toEqual([]);
    const onRole = await openOn(roleArn('pipelines/fraud'));
    const unknown = onRole.filter(({ status }) => status === 'NOT_AVAILABLE');
    expect(unknown.map(({ control }) => control)).toContain('execution-role-least-privilege');
    expect(unknown.flatMap(({ evidence }) => evidence.map(({ at }) => at))).toContain(
      `pipeline of ${OTHER} that no list tells`,
    );
  });

  test('that comes on: the next sweep looks at its pipelines, and what was unknown is known', async () => {
    proxy.fail(() => undefined);
    expect(await sweep()).toBe(0);
    expect(await indexed()).toEqual({ principals: expect.any(Number), pipelines: 2 });
    const other = await coverageOf(OTHER);
    expect([other?.unread, other?.lastSweep]).toEqual([undefined, expect.any(String)]);
    expect(await controlsOn(inOther)).not.toContain('scope-covered');
    expect(await controlsOn(pipelineArn(OTHER, 'fraud-other'))).toContain('pipeline-job-prefix');
    expect(await controlsOn(ADMINISTRATOR)).toContain('execution-role-administrator');
    const onRole = await openOn(roleArn('pipelines/fraud'));
    expect(onRole.filter(({ status }) => status === 'NOT_AVAILABLE')).toEqual([]);
  });

  describe.each([
    ['goes off', OFF, 1, 'NoAccess', 'is on in the account'],
    ['an SCP denies', DENIED_BY_SCP, 0, 'AccessDeniedException', 'sagemaker:ListPipelines'],
    ['may be read but not listed', NO_LIST, 0, 'AccessDeniedException', 'sagemaker:ListPipelines'],
  ])('that %s later', (_, fault, again, code, told) => {
    test('ends no finding on its pipelines, nor on roles that they alone use', async () => {
      const before = await Promise.all([pipelineArn(OTHER, 'fraud-other'), ADMINISTRATOR].map(controlsOn));
      expect(before.every((controls) => controls.length > 0)).toBe(true);
      proxy.fail(fault);
      expect(await sweep()).toBe(again);
      expect(await listedByLook('administrator')).toEqual([]);
      for (const [index, arn] of [pipelineArn(OTHER, 'fraud-other'), ADMINISTRATOR].entries()) {
        expect(await controlsOn(arn)).toEqual(expect.arrayContaining(before[index] ?? []));
        expect(await endedOn(arn)).toEqual([]);
      }
      expect((await indexed()).unlisted?.[OTHER]).toContain(told);
      expect((await coverageOf(OTHER))?.unread?.code).toBe(code);
      expect(await controlsOn(inOther)).toEqual(
        expect.arrayContaining(['evidence-readable', 'scope-covered']),
      );
    });

    test('and is readable again: the next sweep tells so', async () => {
      proxy.fail(() => undefined);
      expect(await sweep()).toBe(0);
      expect((await coverageOf(OTHER))?.unread).toBeUndefined();
      expect(await controlsOn(inOther)).not.toContain('scope-covered');
      expect((await indexed()).unlisted).toBeUndefined();
    });
  });

  test('that is the home Region: an SCP that denies it ends nothing either, and the other Region is indexed', async () => {
    const places = [pipelineArn(REGION, 'fraud-home'), roleArn('pipelines/fraud')];
    const before = await Promise.all(places.map(controlsOn));
    proxy.fail(({ keyId, region, service }) =>
      region === REGION && keyId !== 'test' && service === 'sagemaker'
        ? jsonFault('AccessDeniedException')
        : undefined,
    );
    expect(await sweep()).toBe(0);
    expect((await indexed()).unlisted).toEqual({
      [REGION]: expect.stringContaining('AccessDeniedException'),
    });
    expect(await listedByLook('fraud')).toEqual([]);
    for (const [index, arn] of places.entries()) {
      expect(await controlsOn(arn)).toEqual(expect.arrayContaining(before[index] ?? []));
      expect(await endedOn(arn)).toEqual([]);
    }
    expect((await coverageOf(REGION))?.unread?.code).toBe('AccessDeniedException');
    expect((await coverageOf(OTHER))?.unread).toBeUndefined();
    proxy.fail(() => undefined);
    expect(await sweep()).toBe(0);
    expect((await coverageOf(REGION))?.unread).toBeUndefined();
  });

  test('that is the home Region, off with its STS: the account tells what to do', async () => {
    sts.deny(MEMBER, 'RegionDisabledException');
    const fresh = world.start('audit', world.endpoint, { AWS_ENDPOINT_URL_STS: sts.endpoint, EXTERNAL_ID });
    try {
      expect(await fresh.deliver(roleChanged('fraud'))).toEqual([0]);
      const found = (await openOn(`arn:aws:iam::${MEMBER}:root`)).flatMap(({ evidence }) => evidence);
      expect(found[0]?.found).toMatch(/RegionDisabledException.*turn the home Region of the hub/);
    } finally {
      sts.allow(MEMBER);
      await fresh.stop();
    }
    expect(await sweep()).toBe(0);
    expect(await controlsOn(`arn:aws:iam::${MEMBER}:root`)).toEqual([]);
  });

  test('stops no sweep of a deployment that watches its own account alone', async () => {
    const start = (name: string) =>
      world.start(name, world.endpoint, {
        AWS_ENDPOINT_URL: proxy.endpoint,
        INVENTORY_QUEUE_URL: queueUrl,
        SWEEP_BUCKET: 'sweeps',
      });
    const alone = { audit: start('audit'), sweep: start('sweep') };
    const sweepAlone = async (sweepId: string): Promise<string[]> => {
      const { key } = (await alone.sweep.invoke({ sweepId })) as { key: string };
      const messages = JSON.parse(await textOf(key)) as { detail: { resource: { type: string } } }[];
      const failed = await alone.audit.deliver(...messages);
      return failed.map((index) => JSON.stringify(messages[index]));
    };
    const there = `arn:aws:sagemaker:${OTHER}:${ACCOUNT}:*`;
    try {
      proxy.fail(({ region }) => (region === OTHER ? jsonFault('UnrecognizedClientException') : undefined));
      const again = await sweepAlone('alone-1');
      expect(again).toEqual([expect.stringContaining(`"region":"${OTHER}"`)]);
      expect(await controlsOn(there)).toEqual(['evidence-readable']);
      proxy.fail(() => undefined);
      expect(await sweepAlone('alone-2')).toEqual([]);
      expect(await controlsOn(there)).not.toContain('evidence-readable');
    } finally {
      await Promise.all(Object.values(alone).map((lambda) => lambda.stop()));
    }
  });

  test('that throttles its list for ever: the second attempt makes the index without it, and comes again', async () => {
    const index = dynamodbIndex({ client: dynamodb, table: 'findings', account: MEMBER });
    await index.dropHead(Date.now());
    proxy.fail(THROTTLED);
    const attempt = (ApproximateReceiveCount: string) =>
      lambdas.inventory.invoke({
        Records: [{ body: JSON.stringify({ account: MEMBER }), attributes: { ApproximateReceiveCount } }],
      });
    await expect(attempt('1')).rejects.toThrow('ThrottlingException');
    expect(await index.head()).toBeUndefined();
    await expect(attempt('2')).rejects.toThrow('lacks what AWS did not answer: ListPipelines');
    expect((await indexed()).unlisted?.[OTHER]).toContain('ThrottlingException');
    expect(await listedByLook('fraud')).toEqual([]);
    proxy.fail(() => undefined);
    await attempt('3');
    expect((await indexed()).unlisted).toBeUndefined();
  });
});
