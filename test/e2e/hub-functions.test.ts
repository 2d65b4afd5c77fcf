import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { allCoverage } from '../../shared/aws/keep/coverage.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { hubSuffix, memberRoleArn } from '../../shared/domain/member-roles.ts';
import type { Store } from '../../shared/findings/store.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { inFolder, run } from '../support/commands/cli.ts';
import { startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';
import { playSweep, type SweepSteps } from '../support/lambda/play-sweep.ts';
import { type CloudTrailStandIn, startCloudTrail } from '../support/standins/cloudtrail.ts';
import { type SecurityHubs, startSecurityHubs } from '../support/standins/security-hubs.ts';
import { type StsStandIn, startSts } from '../support/standins/sts.ts';

const [MEMBER, SHUT, STRANGER] = ['444455556666', '777788889999', '999999999999'] as const;
const OTHER_REGION = 'us-east-1';
const EXTERNAL_ID = '0a1b2c3d-4e5f';
/** The roles of members have a path and a prefix. */
const MEMBER_ROLES_BEGIN = '/team/acme-';
const CONFIG = {
  version: 1,
  organization: { accounts: [MEMBER, SHUT], regions: [REGION, OTHER_REGION] },
  prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud-*'] }],
  roles: {
    execution: ['arn:aws:iam::${account}:role/pipelines/*'],
    steps: ['arn:aws:iam::${account}:role/steps/*'],
  },
};
const reader = (account: string) =>
  memberRoleArn(
    'reader',
    { partition: 'aws', account },
    hubSuffix({ account: ACCOUNT, region: REGION }),
    MEMBER_ROLES_BEGIN,
  );
const pipelineArn = (account: string, region: string, name: string) =>
  `arn:aws:sagemaker:${region}:${account}:pipeline/${name}`;

describeWith('moto', 'the functions of a hub, bundled', () => {
  let world: FunctionWorld;
  let sts: StsStandIn;
  let hubs: SecurityHubs;
  let history: CloudTrailStandIn;
  let store: Store;
  let dynamodb: DynamoDBClient;
  let s3: S3Client;
  let lambdas: { audit: Lambda; deliver: Lambda; sweep: Lambda };

  beforeAll(async () => {
    world = await startFunctionWorld(CONFIG);
    sts = await startSts(world.endpoint, { externalId: EXTERNAL_ID });
    hubs = await startSecurityHubs(
      [ACCOUNT, MEMBER, SHUT].flatMap((account) =>
        [REGION, OTHER_REGION].map((region) => ({ account, region })),
      ),
    );
    history = await startCloudTrail(world.endpoint);
    dynamodb = new DynamoDBClient(world.client);
    store = dynamodbStore({ client: dynamodb, table: 'findings' });
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({
        Bucket: 'sweeps',
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const start = (name: string) =>
      world.start(name, hubs.endpoint, {
        AWS_ENDPOINT_URL_STS: sts.endpoint,
        AWS_ENDPOINT_URL_CLOUDTRAIL: history.endpoint,
        EXTERNAL_ID,
        MEMBER_ROLES_BEGIN,
        SWEEP_BUCKET: 'sweeps',
      });
    lambdas = { audit: start('audit'), deliver: start('deliver'), sweep: start('sweep') };
  });

  afterAll(async () => {
    await Promise.all(Object.values(lambdas ?? {}).map((lambda) => lambda.stop()));
    for (const each of [dynamodb, s3]) each?.destroy();
    await Promise.all([sts?.stop(), hubs?.stop(), history?.stop()]);
    await world?.stop();
  });

  /** A pipeline whose step has no base job name, in an account and Region of the emulator. */
  const create = async (account: string, region = REGION): Promise<string> => {
    const name = `fraud-${randomUUID().slice(0, 8)}`;
    const upstream = new STSClient(world.client);
    const { Credentials } = await upstream.send(
      new AssumeRoleCommand({ RoleArn: reader(account), RoleSessionName: 'tests' }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
    const sagemaker = new SageMakerClient({
      ...world.client,
      region,
      ...(account !== ACCOUNT && { credentials }),
    });
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: name,
        PipelineDefinition: JSON.stringify({
          Version: '2020-12-01',
          Steps: [
            { Name: 'Train', Type: 'Training', Arguments: { RoleArn: `arn:aws:iam::${account}:role/admin` } },
          ],
        }),
        RoleArn: `arn:aws:iam::${account}:role/pipelines/fraud`,
        ClientRequestToken: randomUUID(),
      }),
    );
    for (const each of [upstream, sagemaker]) each.destroy();
    return name;
  };

  const updated = (account: string, name: string, region = REGION) =>
    envelope(
      cloudTrail(
        'UpdatePipeline',
        { pipelineName: name },
        { recipientAccountId: account, awsRegion: region },
      ),
    );

  const openOn = async (arn: string): Promise<Finding[]> => {
    for await (const { resourceArn, state } of store.states())
      if (resourceArn === arn) return Object.values(state.open);
    return [];
  };
  const controlsOn = async (arn: string): Promise<string[]> =>
    (await openOn(arn)).map(({ control }) => control).toSorted();
  const PREFIXED = ['pipeline-job-prefix', 'step-role-authorised'];

  test('look at each event with the role of its own account, and tell its own Security Hub', async () => {
    const [own, one, other] = [
      await create(ACCOUNT),
      await create(MEMBER),
      await create(MEMBER, OTHER_REGION),
    ];
    expect(
      await lambdas.audit.deliver(
        updated(ACCOUNT, own),
        updated(MEMBER, one),
        updated(MEMBER, other, OTHER_REGION),
        updated(STRANGER, one),
      ),
    ).toEqual([]);
    expect(await controlsOn(pipelineArn(ACCOUNT, REGION, own))).toEqual(PREFIXED);
    expect(await controlsOn(pipelineArn(MEMBER, REGION, one))).toEqual(PREFIXED);
    expect(await controlsOn(pipelineArn(MEMBER, OTHER_REGION, other))).toEqual(PREFIXED);
    // One role for all clients of the account, in all Regions and batches.
    await lambdas.audit.deliver(updated(MEMBER, one));
    expect(sts.asked()).toEqual([reader(MEMBER)]);
    expect(lambdas.audit.log()).toContainEqual(expect.objectContaining({ EventsUnwatched: 1 }));

    expect(await world.deliverNews(lambdas.deliver)).toEqual({ batchItemFailures: [] });
    const told = (account: string, region: string) =>
      [...hubs.hub(account, region).findings().values()].map((finding) => [
        String(finding.GeneratorId).replace('pipewarden/', ''),
        (finding.Resources as { Id: string }[])[0]?.Id,
      ]);
    for (const [account, region, name] of [
      [ACCOUNT, REGION, own],
      [MEMBER, REGION, one],
      [MEMBER, OTHER_REGION, other],
    ] as const)
      for (const control of PREFIXED)
        expect(told(account, region)).toContainEqual([control, pipelineArn(account, region, name)]);
    expect([...hubs.keys(ACCOUNT)]).toEqual(['test']);
    expect([...hubs.keys(MEMBER)]).not.toContain('test');
  });

  const textOf = async (Key: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'sweeps', Key }));
    return (await Body?.transformToString()) ?? '';
  };
  /** Up to when each account is swept, and how many of its messages come again. */
  const sweep = async (sweepId: string, accounts?: readonly string[]) => {
    const again: Record<string, number> = {};
    const inTurn = pLimit(1); // a container handles one event at a time
    const steps: SweepSteps = {
      invoke: (input) => inTurn(() => lambdas.sweep.invoke(input)),
      read: textOf,
      send: async (account, messages) => {
        const failed = await inTurn(() => lambdas.audit.deliver(...messages));
        again[account] = (again[account] ?? 0) + failed.length;
      },
    };
    const until = await playSweep(sweepId, steps, accounts);
    return Object.fromEntries(
      [...until].map(([account, to]) => [account, { until: to, again: again[account] }]),
    );
  };

  test('tell of an account that they cannot read, and look at it once they can', async () => {
    const root = `arn:aws:iam::${SHUT}:root`;
    sts.deny(SHUT);
    const [own, one] = [await create(ACCOUNT), await create(SHUT)];
    expect(await lambdas.audit.deliver(updated(SHUT, one), updated(ACCOUNT, own))).toEqual([0]);
    expect(await controlsOn(pipelineArn(ACCOUNT, REGION, own))).toEqual(PREFIXED);
    expect(await controlsOn(root)).toEqual(['evidence-readable', 'scope-covered']);

    const swept = await sweep('first');
    expect(Object.keys(swept)).toEqual([ACCOUNT, MEMBER, SHUT]);
    expect(swept[SHUT]).toEqual({ until: null, again: 1 });
    expect(swept[MEMBER]).toEqual({ until: expect.any(String), again: 0 });
    const coverage = await allCoverage({ client: dynamodb, table: 'findings' });
    expect(
      coverage.map(({ account, region, unread, lastSweep }) => [account, region, unread?.code, !!lastSweep]),
    ).toEqual([
      ...[REGION, OTHER_REGION].map((region) => [ACCOUNT, region, undefined, true]),
      ...[REGION, OTHER_REGION].map((region) => [MEMBER, region, undefined, true]),
      ...[REGION, OTHER_REGION].map((region) => [SHUT, region, 'AccessDenied', false]),
    ]);
    expect(await controlsOn(root)).toEqual(['evidence-readable', 'scope-covered']);

    sts.allow(SHUT);
    expect(await lambdas.audit.deliver(updated(SHUT, one))).toEqual([]);
    expect(await controlsOn(pipelineArn(SHUT, REGION, one))).toEqual(PREFIXED);
    expect((await sweep('second'))[SHUT]).toEqual({ until: expect.any(String), again: 0 });
    expect(await controlsOn(root)).toEqual([]);
  });

  test('deliver what other accounts take where one account refuses its findings, which come again', async () => {
    await world.deliverNews(lambdas.deliver);
    const before = await world.retries();
    hubs.hub(MEMBER, REGION).disable();
    const [own, one] = [await create(ACCOUNT), await create(MEMBER)];
    expect(await lambdas.audit.deliver(updated(ACCOUNT, own), updated(MEMBER, one))).toEqual([]);
    expect(await world.deliverNews(lambdas.deliver)).toEqual({ batchItemFailures: [] });
    const toldOn = (account: string, arn: string) =>
      [...hubs.hub(account, REGION).findings().values()].some(
        ({ Resources }) => (Resources as { Id: string }[])[0]?.Id === arn,
      );
    const theirs = pipelineArn(MEMBER, REGION, one);
    expect(toldOn(ACCOUNT, pipelineArn(ACCOUNT, REGION, own))).toBe(true);
    expect(await world.retries()).toBeGreaterThan(before);
    hubs.hub(MEMBER, REGION).enable();
    expect(toldOn(MEMBER, theirs)).toBe(false);
    const again = { messageId: 'm', body: JSON.stringify({ resourceArn: theirs }), receiptHandle: 'r' };
    expect(await lambdas.deliver.invoke({ Records: [again] })).toEqual({ batchItemFailures: [] });
    expect(toldOn(MEMBER, theirs)).toBe(true);
  });

  test('have a finding on an account whose external id is another', async () => {
    const stranger = world.start('audit', hubs.endpoint, {
      AWS_ENDPOINT_URL_STS: sts.endpoint,
      EXTERNAL_ID: 'another',
      MEMBER_ROLES_BEGIN,
    });
    try {
      expect(await stranger.deliver(updated(MEMBER, await create(MEMBER)))).toEqual([0]);
      const [finding] = await openOn(`arn:aws:iam::${MEMBER}:root`);
      expect(finding?.evidence[0]?.found).toContain(`sts:AssumeRole on resource: ${reader(MEMBER)}`);
    } finally {
      await stranger.stop();
    }
  });

  test('tell the command members what they cover', async () => {
    await inFolder({}, async (cwd) => {
      const endpoints: Record<string, string> = { AWS_ENDPOINT_URL: world.endpoint };
      const asked = async (...args: string[]) =>
        run(['members', '--table', 'findings', '--region', REGION, ...args], {
          cwd,
          env: {
            ...endpoints,
            AWS_ACCESS_KEY_ID: 'test',
            AWS_SECRET_ACCESS_KEY: 'test',
          },
        });
      const { stdout } = await asked('--format', 'json', '--quiet');
      const { members } = JSON.parse(stdout) as {
        members: { account: string; region: string; isCovered: boolean }[];
      };
      expect(members.map(({ account, region, isCovered }) => [account, region, isCovered])).toEqual([
        ...[REGION, OTHER_REGION].map((region) => [ACCOUNT, region, true]),
        ...[REGION, OTHER_REGION].map((region) => [MEMBER, region, false]),
        ...[REGION, OTHER_REGION].map((region) => [SHUT, region, true]),
      ]);
      const table = await asked();
      expect(table.status).toBe(1);
      expect(table.stdout).toMatch(/^ACCOUNT +REGION +UNIT +COVERED/);
      expect(table.stderr).toContain('6 accounts and Regions, 2 not covered');
      expect(table.stderr).not.toContain('start-execution');
      const machine = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:Pipewarden-Sweep`;
      const stacks = await startFaultProxy(world.endpoint);
      stacks.fail(({ operation }) =>
        operation === 'DescribeStacks' ? stackAnswer({ SweepMachineArn: machine }) : undefined,
      );
      endpoints.AWS_ENDPOINT_URL = stacks.endpoint;
      try {
        expect((await asked()).stderr).toContain(
          `--state-machine-arn ${machine} --input '{"accounts":["${MEMBER}"]}'`,
        );
      } finally {
        await stacks.stop();
      }
    });
  });

  test('sweep only the accounts that somebody asks for, and none that is not watched', async () => {
    expect(await sweep('some', [MEMBER])).toEqual({ [MEMBER]: { until: expect.any(String), again: 0 } });
    const unwatched = lambdas.sweep.invoke({ sweepId: 'none', accounts: [MEMBER, STRANGER] });
    await expect(unwatched).rejects.toThrow(`names no active account ${STRANGER}`);
  });

  test('end what is open of an account that the configuration does not name any more, and tell it once', async () => {
    const name = await create(SHUT);
    const arn = pipelineArn(SHUT, REGION, name);
    expect(await lambdas.audit.deliver(updated(SHUT, name))).toEqual([]);
    expect(await controlsOn(arn)).toEqual(PREFIXED);
    await world.deliverNews(lambdas.deliver);
    await world.configure({ ...CONFIG, organization: { ...CONFIG.organization, accounts: [MEMBER] } });
    try {
      const since = new Date(0).toISOString();
      for (const sweepId of ['without', 'again']) {
        await lambdas.sweep.invoke({ sweepId, accounts: true });
        expect(await world.deliverNews(lambdas.deliver)).toEqual({ batchItemFailures: [] });
        expect(await controlsOn(arn)).toEqual([]);
        const endings = await store.endings(arn, since);
        expect(endings.map(({ how }) => how)).toEqual(PREFIXED.map(() => 'account-unwatched'));
      }
      const findings = [...hubs.hub(SHUT, REGION).findings().values()].filter(
        ({ Resources }) => (Resources as { Id: string }[])[0]?.Id === arn,
      );
      expect(findings.map(({ RecordState }) => RecordState)).toEqual(PREFIXED.map(() => 'ARCHIVED'));
      expect(findings.map(({ Compliance }) => (Compliance as { Status: string }).Status)).toEqual(
        PREFIXED.map(() => 'NOT_AVAILABLE'),
      );
      const coverage = await allCoverage({ client: dynamodb, table: 'findings' });
      expect(coverage.flatMap(({ account, unread }) => (account === SHUT ? unread?.code : []))).toEqual([
        'NotWatched',
        'NotWatched',
      ]);
    } finally {
      await world.configure(CONFIG);
    }
  });
});
