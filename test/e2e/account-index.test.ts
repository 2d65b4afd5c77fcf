import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Store } from '../../shared/findings/store.ts';
import { ACCOUNT, cloudTrail, envelope, REGION, roleArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG, FRAUD_DEFINITION } from '../support/builders/fraud-config.ts';
import { ROLES, run } from '../support/commands/cli.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';

/** Calls that list an account. */
const LISTING = /GetAccountAuthorizationDetails|ListPipelines$/;

describeWith('moto', 'the index of an account, with the bundled functions', () => {
  let world: FunctionWorld;
  let queueUrl: string;
  let audit: Lambda;
  let store: Store;
  let iam: IAMClient;
  let sqs: SQSClient;
  let dynamodb: DynamoDBClient;
  let s3: S3Client;

  beforeAll(async () => {
    world = await startFunctionWorld(FRAUD_CONFIG);
    [iam, sqs, dynamodb] = [
      new IAMClient(world.client),
      new SQSClient(world.client),
      new DynamoDBClient(world.client),
    ];
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    store = dynamodbStore({ client: dynamodb, table: 'findings' });
    await createRoles(world.endpoint, ROLES);
    const sagemaker = new SageMakerClient(world.client);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: 'fraud-daily',
        PipelineDefinition: FRAUD_DEFINITION,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    sagemaker.destroy();
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'inventories.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    queueUrl = QueueUrl;
    audit = world.start('audit', world.endpoint, { INVENTORY_QUEUE_URL: queueUrl });
  });

  afterAll(async () => {
    await audit?.stop();
    for (const client of [iam, sqs, dynamodb, s3]) client?.destroy();
    await world?.stop();
  });

  /** Takes the wishes out of the queue, which hands out one of the account at a time. */
  const wishes = async (): Promise<string[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    return Messages.map(({ Body = '' }) => Body);
  };

  const inventory = async (body: string): Promise<void> => {
    const lambda = world.start('inventory', world.endpoint);
    try {
      await lambda.invoke({ Records: [{ body }] });
    } finally {
      await lambda.stop();
    }
  };

  const changed = (policyDocument: object) =>
    envelope(
      cloudTrail(
        'PutRolePolicy',
        {
          roleName: 'fraud',
          policyName: 'more',
          policyDocument: JSON.stringify(policyDocument),
        },
        { eventSource: 'iam.amazonaws.com' },
      ),
    );

  const put = async (action: string): Promise<ReturnType<typeof envelope>> => {
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
    };
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'fraud',
        PolicyName: 'more',
        PolicyDocument: JSON.stringify(document),
      }),
    );
    return changed(document);
  };

  const openOn = async (arn: string): Promise<string[]> => {
    for await (const { resourceArn, state } of store.states())
      if (resourceArn === arn)
        return Object.values(state.open)
          .map(({ control, status }) => `${control} ${status}`)
          .toSorted();
    return [];
  };

  const show = () =>
    run(['index', 'show', '--table', 'findings', '--format', 'json'], {
      env: {
        AWS_ENDPOINT_URL: world.endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
    });

  test('an event before the first inventory lists the account and asks for an inventory; later events list nothing and come to the same', async () => {
    expect(await show()).toMatchObject({ status: 3 });
    world.proxy.take();
    expect(await audit.deliver(await put('iam:PassRole'))).toEqual([]);
    expect(Object.keys(world.proxy.take()).filter((call) => LISTING.test(call))).not.toEqual([]);
    const listed = await openOn(roleArn('pipelines/fraud'));
    expect(listed).not.toEqual([]);

    const [wish = '', ...more] = await wishes();
    expect([JSON.parse(wish), more]).toEqual([{ account: ACCOUNT, unlessIndexed: true }, []]);
    await inventory(wish);
    const { status, stdout } = await show();
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ account: ACCOUNT, principals: ROLES.length, pipelines: 1 });

    // Other looks may have wished for the same.
    world.proxy.take();
    await inventory(wish);
    expect(Object.keys(world.proxy.take()).filter((call) => LISTING.test(call))).toEqual([]);
    await inventory(JSON.stringify({ account: ACCOUNT }));
    expect(Object.keys(world.proxy.take()).filter((call) => LISTING.test(call))).toHaveLength(2);

    expect(await audit.deliver(await put('iam:PassRole'))).toEqual([]);
    const calls = Object.keys(world.proxy.take());
    expect(calls).toContain('iam.ListRolePolicies');
    expect(calls.filter((call) => LISTING.test(call))).toEqual([]);
    expect(await openOn(roleArn('pipelines/fraud'))).toEqual(listed);

    expect(await audit.deliver(await put('logs:PutLogEvents'))).toEqual([]);
    expect(await openOn(roleArn('pipelines/fraud'))).not.toEqual(listed);
    expect(Object.keys(world.proxy.take()).filter((call) => LISTING.test(call))).toEqual([]);
  });

  test('a sweep has the index made anew before its looks, which list nothing', async () => {
    await s3.send(
      new CreateBucketCommand({
        Bucket: 'sweeps',
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const more = { INVENTORY_QUEUE_URL: queueUrl, SWEEP_BUCKET: 'sweeps' };
    const sweep = world.start('sweep', world.endpoint, more);
    try {
      const swept = (await sweep.invoke({ sweepId: 's' })) as { key: string; since: number };
      const isListed = () => sweep.invoke({ sweepId: 's', since: swept.since });
      expect(await isListed()).toEqual({ isListed: false });
      const [wish = '', ...others] = await wishes();
      expect([JSON.parse(wish), others]).toEqual([
        expect.objectContaining({ account: ACCOUNT, notBefore: swept.since }),
        [],
      ]);
      await inventory(wish);
      expect(await isListed()).toEqual({ isListed: true });

      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'sweeps', Key: swept.key }));
      const messages = JSON.parse((await Body?.transformToString()) ?? '') as object[];
      expect(messages.length).toBeGreaterThan(1);
      world.proxy.take();
      expect(await audit.deliver(...messages)).toEqual([]);
      const calls = Object.keys(world.proxy.take());
      expect(calls).toContain('sagemaker.DescribePipeline');
      expect(calls.filter((call) => LISTING.test(call))).toEqual([]);
      expect(await wishes()).toEqual([]);
    } finally {
      await sweep.stop();
    }
  });
});
