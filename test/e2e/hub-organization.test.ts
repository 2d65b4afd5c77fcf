import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MoveAccountCommand } from '@aws-sdk/client-organizations';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCoverage } from '../../shared/aws/keep/coverage.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { makeOrganizationsClient } from '../../shared/aws/read/organization-calls.ts';
import { readWholeOrganization } from '../../shared/aws/read/whole-organization.ts';
import { hubSuffix, memberRoleArn } from '../../shared/domain/member-roles.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { ORGANIZATIONS } from '../support/builders/reading.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { type MadeOrganization, makeOrganization } from '../support/emulators/organization.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';
import { type StsStandIn, startSts } from '../support/standins/sts.ts';

const EXTERNAL_ID = '0a1b2c3d-4e5f';

describeWith('moto', 'a hub in an organization, bundled', () => {
  let world: FunctionWorld;
  let sts: StsStandIn;
  let sqs: SQSClient;
  let s3: S3Client;
  let dynamodb: DynamoDBClient;
  let made: MadeOrganization;
  let audit: Lambda;
  let queueUrl: string;

  beforeAll(async () => {
    world = await startFunctionWorld({ version: 1 });
    sts = await startSts(world.endpoint, { externalId: EXTERNAL_ID });
    const organizations = makeOrganizationsClient(world.client);
    made = await makeOrganization(organizations);
    organizations.destroy();
    sqs = new SQSClient(world.client);
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    dynamodb = new DynamoDBClient(world.client);
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'requests' }));
    queueUrl = QueueUrl;
    const config = { version: 1, organization: { accounts: Object.values(made.accounts) } };
    const object = { Bucket: 'assets', Key: 'pipewarden.json', Body: JSON.stringify(config) };
    await s3.send(new PutObjectCommand(object));
    audit = startAudit();
  });

  const startAudit = (more: Record<string, string> = {}): Lambda =>
    world.start('audit', world.endpoint, {
      AWS_ENDPOINT_URL_STS: sts.endpoint,
      EXTERNAL_ID,
      REQUESTS_QUEUE_URL: queueUrl,
      ...more,
    });

  afterAll(async () => {
    await audit?.stop();
    for (const each of [sqs, s3, dynamodb]) each?.destroy();
    await sts?.stop();
    await world?.stop();
  });

  /** An event that CloudTrail has delivered a minute late. */
  const event = (eventName: string, request: object) => {
    const eventTime = new Date(Date.now() - 60_000).toISOString();
    return {
      ...envelope(cloudTrail(eventName, request, { ...ORGANIZATIONS, eventTime })),
      account: ACCOUNT,
    };
  };

  /** The messages in the queue of requests, which are taken out. */
  const asked = async (): Promise<{ account: string; trigger: { eventName: string } }[]> => {
    const all: { account: string; trigger: { eventName: string } }[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return all;
      for (const { Body = '', ReceiptHandle } of Messages) {
        all.push(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  };
  const accountsOf = (messages: { account: string }[]) => messages.map(({ account }) => account).toSorted();

  test('asks for looks at the watched accounts that a change reaches', async () => {
    const { root, units, accounts, policies } = made;
    const { one, two, three } = accounts;
    const reached = async (eventName: string, request: object) => {
      expect(await audit.deliver(event(eventName, request))).toEqual([]);
      return accountsOf(await asked());
    };
    const all = [one, two, three].toSorted();
    expect(await reached('AttachPolicy', { policyId: 'p-1', targetId: units.ml })).toEqual(
      [one, two].toSorted(),
    );
    expect(await reached('DetachPolicy', { policyId: 'p-1', targetId: units.below })).toEqual([two]);
    expect(await reached('UpdatePolicy', { policyId: policies.ofUnit })).toEqual([one, two].toSorted());
    expect(await reached('UpdatePolicy', { policyId: policies.ofAccount })).toEqual([two]);
    expect(await reached('UpdatePolicy', { omitted: 'true' })).toEqual(all);
    expect(await reached('EnablePolicyType', { rootId: root })).toEqual(all);
    expect(await reached('MoveAccount', { accountId: three })).toEqual([three]);
    expect(await reached('DeletePolicy', { policyId: 'p-1' })).toEqual([]);
    // A policy of which nobody tells the targets may reach everybody.
    expect(await reached('UpdatePolicy', { policyId: 'p-notthere1' })).toEqual(all);
  });

  test('looks at each of them because of the event, and reads each level and policy once', async () => {
    await audit.deliver(event('UpdatePolicy', { omitted: 'true' }));
    const messages = await asked();
    expect(messages.map(({ trigger }) => trigger.eventName)).toEqual(Array(3).fill('UpdatePolicy'));
    world.proxy.take();
    expect(await audit.deliver(...messages)).toEqual([]);
    const calls = world.proxy.take();
    // The account of the hub was looked at before, with the root. What is new are SCPs and RCPs of two units and of three accounts.
    expect(calls['organizations.DescribePolicy']).toBe(2);
    expect(calls['organizations.ListPoliciesForTarget']).toBe(10);
    const states = new Set<string>();
    for await (const { resourceArn } of dynamodbStore({ client: dynamodb, table: 'findings' }).states())
      states.add(resourceArn);
    for (const account of Object.values(made.accounts))
      expect([...states]).not.toContain(`arn:aws:iam::${account}:root`);
  });

  /** A deployment that was given the policies of the organization as of that time, in a file without the account `three`. */
  const startGiven = async (asOf: Date): Promise<Lambda> => {
    const client = makeOrganizationsClient(world.client);
    const read = await readWholeOrganization(client, () => asOf);
    client.destroy();
    if (!read.ok) throw new Error(read.unread.message);
    const { [made.accounts.three]: _, ...accounts } = read.value.accounts;
    const Key = `${asOf.valueOf()}.json`;
    const Body = JSON.stringify({ ...read.value, accounts });
    await s3.send(new PutObjectCommand({ Bucket: 'assets', Key, Body }));
    return startAudit({ ORGANIZATION_POLICIES_KEY: Key });
  };

  /** What is open on the organization as an account sees it, with what is told first. */
  const openOn = async (account: string): Promise<string[]> => {
    const arn = `arn:aws:organizations::${account}:organization`;
    for await (const { resourceArn, state } of dynamodbStore({
      client: dynamodb,
      table: 'findings',
    }).states())
      if (resourceArn === arn)
        return Object.values(state.open).map(({ control, evidence }) => `${control}: ${evidence[0]?.found}`);
    return [];
  };

  const look = (account: string) => ({
    version: '0',
    id: `look-${account}`,
    source: 'pipewarden',
    'detail-type': 'Pipewarden Sweep',
    account,
    region: REGION,
    time: new Date().toISOString(),
    detail: { resource: { type: 'organization' } },
    changed: ['policy'],
  });

  test('takes the policies from the file that it was given, until an event tells of a change', async () => {
    const { units, accounts } = made;
    const { one, two, three } = accounts;
    const hour = 60 * 60 * 1000;
    let given = await startGiven(new Date());
    try {
      await asked();
      world.proxy.take();
      expect(await given.deliver(look(one), look(two), look(three))).toEqual([]);
      const calls = world.proxy.take();
      expect(Object.keys(calls).filter((call) => call.startsWith('organizations.'))).toEqual([]);
      expect([await openOn(one), await openOn(two)]).toEqual([[], []]);
      expect(await openOn(three)).toEqual([
        expect.stringMatching(/^evidence-readable: NotInFile: .*nothing of the account/),
      ]);

      const later = new Date().toISOString();
      const change = {
        ...envelope(
          cloudTrail(
            'AttachPolicy',
            { policyId: 'p-1', targetId: units.below },
            { ...ORGANIZATIONS, eventTime: later },
          ),
        ),
        account: ACCOUNT,
      };
      expect(await given.deliver(change)).toEqual([]);
      const messages = await asked();
      // What the file does not hold may be below the unit.
      expect(accountsOf(messages)).toEqual([two, three].toSorted());
      expect(await given.deliver(...messages, look(one))).toEqual([]);
      expect(await openOn(one)).toEqual([]);
      expect(await openOn(two)).toEqual([
        expect.stringMatching(
          new RegExp(`^evidence-readable: NotCurrent: .*${units.below}.*pipewarden snapshot --organization`),
        ),
      ]);

      await given.stop();
      given = await startGiven(new Date(Date.now() + hour));
      expect(await given.deliver(look(two))).toEqual([]);
      expect(await openOn(two)).toEqual([]);
    } finally {
      await given.stop();
    }
  });

  test('knows nothing of the policies where the file cannot be read', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'assets', Key: 'wrong.json', Body: '{"version":1}' }));
    const given = startAudit({ ORGANIZATION_POLICIES_KEY: 'wrong.json' });
    try {
      expect(await given.deliver(look(made.accounts.one))).toEqual([]);
      expect(await openOn(made.accounts.one)).toEqual([
        expect.stringMatching(
          /^evidence-readable: Incomplete: .*wrong\.json is not valid \(line 1, column 1: asOf/,
        ),
      ]);
    } finally {
      await given.stop();
    }
  });

  test('judges an account that is moved by the configuration of its new unit, and routes by its new place', async () => {
    const { root, units, accounts } = made;
    const { three } = accounts;
    const prefixes = (prefix: string) => [{ prefix, pipelines: ['*'] }];
    await world.configure({
      version: 1,
      organization: { accounts: Object.values(accounts) },
      prefixes: prefixes('of-root'),
      overrides: [{ organizationalUnits: [units.ml], prefixes: prefixes('of-unit') }],
    });
    const scope = { partition: 'aws', account: three };
    const reader = memberRoleArn('reader', scope, hubSuffix({ account: ACCOUNT, region: REGION }));
    const upstream = new STSClient(world.client);
    const { Credentials } = await upstream.send(
      new AssumeRoleCommand({ RoleArn: reader, RoleSessionName: 'tests' }),
    );
    const sagemaker = new SageMakerClient({
      ...world.client,
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    });
    const RoleArn = `arn:aws:iam::${three}:role/run`;
    const Arguments = { TrainingJobName: 'of-root-train', RoleArn };
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: 'moving',
        PipelineDefinition: JSON.stringify({
          Version: '2020-12-01',
          Steps: [{ Name: 'Train', Type: 'Training', Arguments }],
        }),
        RoleArn,
        ClientRequestToken: 'x'.repeat(32),
      }),
    );
    const organizations = makeOrganizationsClient(world.client);
    const moved = startAudit();
    // Another container, which has read the account's place before the move.
    const warm = startAudit();
    const misnamed = async (): Promise<boolean> => {
      for await (const { resourceArn, state } of dynamodbStore({
        client: dynamodb,
        table: 'findings',
      }).states())
        if (resourceArn.endsWith(`${three}:pipeline/moving`))
          return Object.values(state.open).some(({ control }) => control === 'pipeline-job-prefix');
      return false;
    };
    try {
      await asked();
      const update = () => {
        const eventTime = new Date().toISOString();
        const more = { recipientAccountId: three, awsRegion: REGION, eventTime };
        return {
          ...envelope(cloudTrail('UpdatePipeline', { pipelineName: 'moving' }, more)),
          account: three,
        };
      };
      for (const each of [moved, warm]) expect(await each.deliver(update())).toEqual([]);
      expect(await misnamed()).toBe(false);

      await organizations.send(
        new MoveAccountCommand({
          AccountId: three,
          SourceParentId: root,
          DestinationParentId: units.ml,
        }),
      );
      const eventTime = new Date().toISOString();
      const move = cloudTrail('MoveAccount', { accountId: three }, { ...ORGANIZATIONS, eventTime });
      expect(await moved.deliver({ ...envelope(move), account: ACCOUNT })).toEqual([]);
      const messages = await asked();
      expect(accountsOf(messages)).toEqual([three]);
      expect(await moved.deliver(...messages)).toEqual([]);
      expect(await misnamed()).toBe(true);
      expect(await warm.deliver(update())).toEqual([]);
      expect(await misnamed()).toBe(true);
      const place = { account: three, region: REGION };
      const { path } = (await readCoverage({ client: dynamodb, table: 'findings' }, place)) ?? {};
      expect(path).toMatch(new RegExp(`/${units.ml}/$`));
    } finally {
      for (const each of [moved, warm]) await each.stop();
      for (const each of [upstream, sagemaker, organizations]) each.destroy();
    }
  });
});
