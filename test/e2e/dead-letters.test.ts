import { randomUUID } from 'node:crypto';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ACCOUNT, cloudTrail, envelope, REGION, roleArn } from '../support/builders/events.ts';
import { ROLES } from '../support/commands/cli.ts';
import { type Fault, type FaultProxy, jsonFault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { createState } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';

const BROKEN = JSON.stringify({
  Version: '2020-12-01',
  Steps: [{ Name: 'Train', Type: 'Training', Arguments: { RoleArn: roleArn('admin') } }],
});

describeWith('moto', 'a message that cannot be handled', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  let common: Record<string, string>;
  let lambda: Lambda;
  let sqs: SQSClient;
  let dynamodb: DynamoDBClient;
  let sagemaker: SageMakerClient;
  let requests: string;
  let deadLetters: string;
  let pipeline: string;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    sqs = new SQSClient(options);
    dynamodb = new DynamoDBClient(options);
    sagemaker = new SageMakerClient(options);
    await createRoles(moto.endpoint, ROLES);
    common = await createState(options, { version: 1 });
  });

  beforeEach(async () => {
    await lambda?.stop();
    const queue = async (name: string): Promise<string> => {
      const QueueName = `${name}-${randomUUID().slice(0, 8)}`;
      const Attributes = { VisibilityTimeout: '360' };
      return (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
    };
    requests = await queue('requests');
    deadLetters = await queue('dead-letters');
    pipeline = `fraud-${randomUUID().slice(0, 8)}`;
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: pipeline,
        PipelineDefinition: BROKEN,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    lambda = startLambda('audit', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:audit`, {
      ...common,
      AWS_ENDPOINT_URL: proxy.endpoint,
      DEAD_LETTER_QUEUE_URL: deadLetters,
      MAX_RECEIVES: '3',
    });
    proxy.fail(() => undefined);
    proxy.take();
  });

  afterAll(async () => {
    await lambda?.stop();
    await proxy?.stop();
    await moto?.stop();
  });

  const receive = async (queueUrl: string): Promise<Message[]> => {
    const input = {
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All' as const],
      MessageAttributeNames: ['All'],
    };
    return (await sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };

  const send = (body: object | string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: requests,
        MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );

  /** Does what Lambda's poller does: passes on the messages, and deletes those that do not come again. */
  const poll = async (given: { receives?: number; remainingMillis?: number } = {}): Promise<number> => {
    const messages = await receive(requests);
    const records = messages.map(({ MessageId, ReceiptHandle, Body, Attributes = {} }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: {
        ...Attributes,
        ...(given.receives === undefined ? {} : { ApproximateReceiveCount: String(given.receives) }),
      },
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${requests.split('/').at(-1)}`,
    }));
    const again = await lambda.handle(records, given.remainingMillis);
    for (const { MessageId = '', ReceiptHandle } of messages)
      if (!again.includes(MessageId))
        await sqs.send(new DeleteMessageCommand({ QueueUrl: requests, ReceiptHandle }));
    return again.length;
  };

  const delays = (): number[] =>
    proxy
      .take()
      .filter(({ operation }) => operation === 'ChangeMessageVisibilityBatch')
      .flatMap(({ body }) =>
        (JSON.parse(body) as { Entries: { VisibilityTimeout: number }[] }).Entries.map(
          ({ VisibilityTimeout }) => VisibilityTimeout,
        ),
      );

  const stored = async (): Promise<string> =>
    JSON.stringify((await dynamodb.send(new ScanCommand({ TableName: 'findings' }))).Items);

  const reasons = async () =>
    (await receive(deadLetters)).map(({ Body, MessageAttributes = {} }) => ({
      body: Body,
      ...Object.fromEntries(
        Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
      ),
    }));

  const updated = () => envelope(cloudTrail('UpdatePipeline', { pipelineName: pipeline }));

  test('because it is unreadable goes to the dead-letter queue at once, unchanged and with the reason, and becomes a finding', async () => {
    await send('{"truncated": ');
    expect(await poll()).toBe(0);
    expect(await reasons()).toEqual([
      {
        body: '{"truncated": ',
        Reason: expect.stringContaining('the message is not JSON'),
        ErrorName: 'Unreadable',
        FailedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        EventId: expect.any(String),
        Receives: '1',
      },
    ]);
    expect(await receive(requests)).toEqual([]);
    expect(await stored()).toContain('the message is not JSON');
    expect(lambda.log()).toContainEqual(
      expect.objectContaining({ RecordsUnreadable: 1, MessagesFailed: 0, MessagesDeadLettered: 1 }),
    );
  });

  const inXml = (code: string): Fault => ({
    status: 400,
    type: 'text/xml',
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`,
  });
  const throttled = jsonFault('ThrottlingException');
  test.each<[string, Fault]>([
    ['throttles', throttled],
    ['fails', jsonFault('InternalFailure', 500)],
    ['answers through a gateway that is down', { status: 503, body: '<html>' }],
    ['cuts the connection', 'reset'],
  ])(
    'because AWS %s comes again later, without a verdict, and is judged when AWS answers',
    async (_how, fault) => {
      proxy.fail(({ operation }) => (operation === 'DescribePipeline' ? fault : undefined));
      await send(updated());
      expect(await poll()).toBe(1);
      expect(await stored()).not.toContain(pipeline);
      const [delay, ...others] = delays();
      expect(others).toEqual([]);
      expect(delay).toBeGreaterThanOrEqual(8);
      expect(delay).toBeLessThanOrEqual(12);
      proxy.fail(() => undefined);
      const again = updated();
      await send(again);
      expect(await poll()).toBe(0);
      expect(await stored()).toContain(pipeline);
      expect(await reasons()).toEqual([]);
    },
  );

  test('because a list that its verdict needs is throttled comes again, and no role is judged meanwhile', async () => {
    proxy.fail(({ operation }) =>
      operation === 'GetAccountAuthorizationDetails' ? inXml('Throttling') : undefined,
    );
    await send(updated());
    expect(await poll()).toBe(1);
    expect(await stored()).not.toContain('GetAccountAuthorizationDetails');
  });

  test('because AWS denies the call becomes NOT_AVAILABLE, and does not come again', async () => {
    proxy.fail(({ operation }) =>
      operation === 'DescribePipeline' ? jsonFault('AccessDeniedException') : undefined,
    );
    await send(updated());
    expect(await poll()).toBe(0);
    expect(await stored()).toMatch(new RegExp(`${pipeline}.*NOT_AVAILABLE|NOT_AVAILABLE.*${pipeline}`));
  });

  test('on its last receive goes to the dead-letter queue, with the error and the event', async () => {
    proxy.fail(({ operation }) => (operation === 'DescribePipeline' ? throttled : undefined));
    const event = updated();
    await send(event);
    expect(await poll({ receives: 3 })).toBe(0);
    expect(await reasons()).toEqual([
      expect.objectContaining({
        body: JSON.stringify(event),
        Reason: expect.stringContaining('DescribePipeline was not answered (ThrottlingException)'),
        ErrorName: 'NotReadYet',
        EventId: (event.detail as { eventID: string }).eventID,
        EventName: 'UpdatePipeline',
        Receives: '3',
      }),
    ]);
    expect(await receive(requests)).toEqual([]);
  });

  test('stays in its queue if the dead-letter queue refuses it', async () => {
    proxy.fail(({ operation }) => (operation === 'SendMessage' ? jsonFault('AccessDenied', 403) : undefined));
    await send('{');
    expect(await poll({ receives: 3 })).toBe(1);
    expect(await reasons()).toEqual([]);
  });

  test('because the function has no time left comes again, without having been begun', async () => {
    await send(updated());
    expect(await poll({ remainingMillis: 10_000 })).toBe(1);
    const operations = proxy.take().map(({ operation }) => operation);
    expect(operations.filter((operation) => !operation.includes('GetObject'))).toEqual([
      'ChangeMessageVisibilityBatch',
    ]);
  });

  test('because AWS never answers comes again before the function’s time-out', async () => {
    proxy.fail(({ operation }) => (operation === 'DescribePipeline' ? 'hang' : undefined));
    await send(updated());
    expect(await poll({ remainingMillis: 16_000 })).toBe(1);
  });
});
