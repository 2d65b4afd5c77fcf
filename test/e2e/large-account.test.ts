import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { ACCOUNT, cloudTrail, envelope, REGION, roleArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG, FRAUD_DEFINITION } from '../support/builders/fraud-config.ts';
import { ROLES, roleDetails } from '../support/commands/cli.ts';
import { type FaultProxy, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { createState } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';

/** Nearly as much as IAM takes as inline policies of a role. */
const LONG_POLICY = {
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: Array.from(
    { length: 100 },
    (_, index) => `arn:aws:s3:::data-of-a-team/${index}/${'x'.repeat(60)}`,
  ),
};

/** More than looks list: more than two million characters. */
const MANY_ROLES = Array.from({ length: 220 }, (_, index) => roleDetails(`others/r${index}`, LONG_POLICY));

const LISTS_IAM = 'GetAccountAuthorizationDetails';

describeWith('moto', 'an event of a large account without an index, with the bundled functions', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  let common: Record<string, string>;
  let iam: IAMClient;
  let sqs: SQSClient;
  let dynamodb: DynamoDBClient;
  let queues: { requests: string; deadLetters: string; inventories: string; others: string };

  const start = (name: string, more: Record<string, string> = {}): Lambda =>
    startLambda(
      name,
      `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
      { ...common, AWS_ENDPOINT_URL: proxy.endpoint, ...more },
      { isQuiet: true },
    );

  const withFunction = async (
    name: string,
    more: Record<string, string>,
    use: (lambda: Lambda) => Promise<void>,
  ): Promise<void> => {
    const lambda = start(name, more);
    try {
      await use(lambda);
    } finally {
      await lambda.stop();
    }
  };

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    iam = new IAMClient(options);
    sqs = new SQSClient(options);
    dynamodb = new DynamoDBClient(options);
    common = await createState(options, FRAUD_CONFIG);
    await createRoles(moto.endpoint, ROLES);
    await pLimit(4).map(MANY_ROLES, (role) => createRoles(moto.endpoint, [role]));
    const sagemaker = new SageMakerClient(options);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: 'fraud-daily',
        PipelineDefinition: FRAUD_DEFINITION,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    sagemaker.destroy();
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'fraud',
        PolicyName: 'more',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
        }),
      }),
    );
    const queue = async (QueueName: string, Attributes: Record<string, string>): Promise<string> =>
      (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
    queues = {
      requests: await queue('requests', { VisibilityTimeout: '360' }),
      deadLetters: await queue('dead-letters', {}),
      inventories: await queue('inventories.fifo', { FifoQueue: 'true' }),
      others: await queue('others.fifo', { FifoQueue: 'true' }),
    };
  });

  afterAll(async () => {
    for (const client of [iam, sqs, dynamodb]) client?.destroy();
    await proxy?.stop();
    await moto?.stop();
  });

  const event = envelope(
    cloudTrail(
      'PutRolePolicy',
      { roleName: 'fraud', policyName: 'more' },
      { eventSource: 'iam.amazonaws.com' },
    ),
  );

  /** Hands out the event once more. Returns whether it comes again, after how many seconds, and which calls were made. */
  const receive = async (lambda: Lambda, receives: number) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queues.requests, MessageBody: JSON.stringify(event) }));
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queues.requests }),
    );
    proxy.take();
    const again = await lambda.handle([
      {
        messageId: message?.MessageId,
        receiptHandle: message?.ReceiptHandle,
        body: message?.Body,
        attributes: { ApproximateReceiveCount: String(receives) },
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:requests`,
      },
    ]);
    const calls = proxy.take();
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: queues.requests, ReceiptHandle: message?.ReceiptHandle }),
    );
    const delays = calls
      .filter(({ operation }) => operation === 'ChangeMessageVisibilityBatch')
      .flatMap(({ body }) => (JSON.parse(body) as { Entries: { VisibilityTimeout: number }[] }).Entries);
    return {
      isAgain: again.length > 0,
      seconds: delays.map(({ VisibilityTimeout }) => VisibilityTimeout),
      calls: calls.map(({ operation }) => operation),
    };
  };

  const take = async (QueueUrl: string) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    for (const { ReceiptHandle } of Messages)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages;
  };

  const findings = async (
    table = 'findings',
  ): Promise<{ arn: string; control: string; status: string }[]> => {
    const found = [];
    for await (const { state } of dynamodbStore({ client: dynamodb, table }).states())
      for (const { resource, control, status, evidence, remediation } of Object.values(state.open))
        found.push({ arn: resource.arn, control, status, evidence, text: remediation.text });
    return found.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
  };

  /** What a function finds that lists whatever there is. */
  const listed = async () => {
    await createFindingsTable(dynamodb, 'listed');
    await withFunction('audit', { FINDINGS_TABLE: 'listed' }, async (unbounded) => {
      expect(await receive(unbounded, 1)).toMatchObject({ isAgain: false });
    });
    return findings('listed');
  };

  const unread = (text: RegExp) => ({
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    control: 'evidence-readable',
    status: 'NOT_AVAILABLE',
    evidence: [expect.objectContaining({ found: expect.stringMatching(text) })],
    text: expect.any(String),
  });

  test('is judged at once where AWS refuses the listing: the finding names the action', async () => {
    proxy.fail(({ operation }) =>
      operation === LISTS_IAM
        ? {
            status: 403,
            type: 'text/xml',
            body: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>',
          }
        : undefined,
    );
    await withFunction('audit', { INVENTORY_QUEUE_URL: queues.others }, async (audit) => {
      expect(await receive(audit, 1)).toMatchObject({ isAgain: false });
    });
    const [only, ...others] = await findings();
    expect([only, others]).toEqual([unread(/^AccessDenied: /), []]);
    expect(only).toMatchObject({ text: expect.stringContaining(`iam:${LISTS_IAM}`) });
    proxy.fail(() => undefined);
  });

  test('waits for the index, has asked for it once, and then comes to what a listing comes to', async () => {
    await withFunction(
      'audit',
      {
        DEAD_LETTER_QUEUE_URL: queues.deadLetters,
        INVENTORY_QUEUE_URL: queues.inventories,
      },
      waitsAndIsJudged,
    );
  });

  const waitsAndIsJudged = async (audit: Lambda): Promise<void> => {
    const before = await findings();
    const first = await receive(audit, 1);
    expect(first.isAgain).toBe(true);
    expect(first.calls.filter((call) => call === LISTS_IAM)).toHaveLength(1);
    for (const seconds of first.seconds) expect(Math.abs(seconds - 60)).toBeLessThanOrEqual(12);
    expect(first.seconds).toHaveLength(1);
    expect(audit.log()).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        error: expect.objectContaining({
          message: expect.stringMatching(/waits for the index of the account .*the inventory function makes/),
        }),
      }),
    );
    const again = await receive(audit, 4);
    expect(again.isAgain).toBe(true);
    expect(again.calls).not.toContain(LISTS_IAM);
    for (const seconds of again.seconds) expect(Math.abs(seconds - 3600)).toBeLessThanOrEqual(720);
    expect(await findings()).toEqual(before);

    // What comes again at its last receive is put aside, and the finding says what is missing.
    expect(await receive(audit, 5)).toMatchObject({ isAgain: false });
    const [aside, ...others] = await take(queues.deadLetters);
    expect([aside?.Body, others]).toEqual([JSON.stringify(event), []]);
    expect(aside?.MessageAttributes).toMatchObject({
      ErrorName: { StringValue: 'NotIndexedYet' },
      Reason: { StringValue: expect.stringContaining('waits for the index') },
    });
    expect(await findings()).toEqual([unread(/^TooLargeToList: .*index/)]);

    const [wish, ...more] = await take(queues.inventories);
    expect([JSON.parse(wish?.Body ?? ''), more]).toEqual([{ account: ACCOUNT, unlessIndexed: true }, []]);
    await withFunction('inventory', {}, async (inventory) => {
      await inventory.invoke({ Records: [{ body: wish?.Body }] });
    });
    const last = await receive(audit, 1);
    expect(last.isAgain).toBe(false);
    expect(last.calls).not.toContain(LISTS_IAM);
    const found = await findings();
    expect(found).toEqual(await listed());
    expect(found).toContainEqual(expect.objectContaining({ arn: roleArn('pipelines/fraud') }));
    expect(await take(queues.inventories)).toEqual([]);
  };
});
