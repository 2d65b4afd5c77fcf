import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ACCOUNT, cloudTrail, envelope, REGION, sagemakerArn } from '../support/builders/events.ts';
import { type Run, run } from '../support/commands/cli.ts';
import {
  type Call,
  type Fault,
  type FaultProxy,
  jsonFault,
  startFaultProxy,
} from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

describeWith('moto', 'pipewarden dlq', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  let sqs: SQSClient;
  let urls: Record<string, string>;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    sqs = new SQSClient(options);
  });

  beforeEach(async () => {
    const queue = async (name: string): Promise<string> => {
      const QueueName = `${name}-${randomUUID().slice(0, 8)}`;
      return (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
    };
    const inOrder = async (name: string): Promise<string> => {
      const QueueName = `${name}-${randomUUID().slice(0, 8)}.fifo`;
      return (
        (await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true' } }))).QueueUrl ??
        ''
      );
    };
    urls = {
      DeadLetterQueueUrl: await queue('dead-letters'),
      RequestsQueueUrl: await queue('requests'),
      DeliveryDeadLetterQueueUrl: await queue('delivery-dead-letters'),
      DeliveryRetriesQueueUrl: await queue('retries'),
      InventoryDeadLetterQueueUrl: await inOrder('inventory-dead-letters'),
      InventoryQueueUrl: await inOrder('inventories'),
    };
    answer();
  });

  /** The proxy knows the stack Pipewarden, and makes the requested faults. */
  const answer = (faultOf: (call: Call) => Fault | undefined = () => undefined): void =>
    proxy.fail((call) => {
      if (call.operation !== 'DescribeStacks') return faultOf(call);
      const stack = new URLSearchParams(call.body).get('StackName');
      if (stack === 'PipewardenIamEvents' && call.region === 'us-east-1')
        return stackAnswer(
          { DeadLetterQueueUrl: urls.ForwarderDeadLetters ?? '' },
          `Pipewarden: forwards the events of IAM and Organizations to ${REGION}`,
        );
      return stack === 'Pipewarden' && call.region === REGION ? stackAnswer(urls) : NO_STACK;
    });

  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });

  const dlq = (...args: string[]): Promise<Run> =>
    run(['dlq', ...args, '--region', REGION], {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });

  const updated = (pipelineName: string) => envelope(cloudTrail('UpdatePipeline', { pipelineName }));

  const putAside = async (body: string, attributes: Record<string, string> = {}): Promise<string> => {
    const { MessageId = '' } = await sqs.send(
      new SendMessageCommand({
        QueueUrl: urls.DeadLetterQueueUrl,
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, StringValue]) => [
            name,
            { DataType: 'String', StringValue },
          ]),
        ),
      }),
    );
    return MessageId;
  };

  const bodiesIn = async (QueueUrl: string | undefined): Promise<string[]> => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body = '' }) => Body).toSorted();
  };

  const REASON = {
    Reason: 'DescribePipeline was not answered (ThrottlingException): Rate exceeded',
    ErrorName: 'NotReadYet',
    FailedAt: '2026-11-20T10:00:00.000Z',
    Receives: '5',
  };

  test('list shows time, event, resource, reason and number of receives, and changes nothing', async () => {
    const event = updated('fraud');
    const told = await putAside(JSON.stringify(event), REASON);
    const untold = await putAside('{"truncated": \u001b[31m');
    const undelivered = await putAside(JSON.stringify(updated('risk')), {
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'not authorized to send',
      RULE_ARN: `arn:aws:events:${REGION}:${ACCOUNT}:rule/r`,
    });
    const listed = await dlq('list', '--format', 'json');
    expect(listed).toMatchObject({ status: 0, stderr: '3 messages\n' });
    const { queueUrl, messages } = JSON.parse(listed.stdout);
    expect(queueUrl).toBe(urls.DeadLetterQueueUrl);
    expect(messages).toHaveLength(3);
    expect(messages).toContainEqual({
      id: told,
      failedAt: REASON.FailedAt,
      eventId: (event.detail as { eventID: string }).eventID,
      eventName: 'UpdatePipeline',
      resource: sagemakerArn('pipeline/fraud'),
      errorName: 'NotReadYet',
      reason: REASON.Reason,
      receives: 5,
    });
    expect(messages).toContainEqual({
      id: untold,
      failedAt: expect.stringMatching(/^\d{4}-/),
      reason: 'not known: the queue itself put the message aside after its last receive',
      receives: expect.any(Number),
    });
    expect(messages).toContainEqual(
      expect.objectContaining({
        id: undelivered,
        errorName: 'NO_PERMISSIONS',
        reason: 'not authorized to send',
      }),
    );
    const table = await dlq('list', '--queue-url', urls.DeadLetterQueueUrl ?? '');
    expect(table.stdout.split('\n')).toEqual([
      expect.stringMatching(/^WHEN +RECEIVES +EVENT +RESOURCE +ID +REASON$/),
      expect.stringMatching(
        /^2026-11-20 10:00:00 +5 +UpdatePipeline +fraud +\S+ +NotReadYet: DescribePipeline /,
      ),
      expect.anything(),
      expect.anything(),
      '',
    ]);
    expect(await bodiesIn(urls.DeadLetterQueueUrl)).toHaveLength(3);
  });

  test('an empty queue has no messages', async () => {
    expect(await dlq('list')).toEqual({
      status: 0,
      stdout: 'WHEN  RECEIVES  EVENT  RESOURCE  ID  REASON\n',
      stderr: '0 messages\n',
    });
  });

  test('replay sends all messages unchanged, removes them, and says so', async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => JSON.stringify(updated(`fraud-${index}`)));
    for (const body of bodies) await putAside(body, REASON);
    const dry = await dlq('replay', '--dry-run');
    expect(dry).toMatchObject({ status: 0, stderr: '12 would be replayed, 0 failed, 0 not found\n' });
    expect(await bodiesIn(urls.RequestsQueueUrl)).toEqual([]);
    const replayed = await dlq('replay');
    expect(replayed).toMatchObject({ status: 0, stderr: '12 replayed, 0 failed, 0 not found\n' });
    expect(replayed.stdout.match(/^replayed {2}\S+ {2}UpdatePipeline {2}arn:\S+$/gm)).toHaveLength(12);
    expect(await bodiesIn(urls.DeadLetterQueueUrl)).toEqual([]);
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: urls.RequestsQueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      }),
    );
    expect(Messages).toHaveLength(10);
    for (const { Body, MessageAttributes } of Messages) {
      expect(bodies).toContain(Body);
      expect(MessageAttributes).toBeUndefined();
    }
  });

  test('replay of one message leaves the others; an unknown id is named, with status 3', async () => {
    const wanted = await putAside('one');
    await putAside('two');
    const args = ['replay', '--id', wanted, 'nobody'];
    expect(await dlq(...args)).toEqual({
      status: 3,
      stdout: `replayed  ${wanted}  -  -\nnot found  nobody\n`,
      stderr: '1 replayed, 0 failed, 1 not found\n',
    });
    expect(await bodiesIn(urls.RequestsQueueUrl)).toEqual(['one']);
    expect(await bodiesIn(urls.DeadLetterQueueUrl)).toEqual(['two']);
  });

  test('a message that cannot be sent stays in the dead-letter queue', async () => {
    const id = await putAside('one');
    answer(({ operation }) => (operation === 'SendMessage' ? jsonFault('AccessDenied', 403) : undefined));
    const failed = await dlq(
      'replay',
      '--queue-url',
      urls.DeadLetterQueueUrl ?? '',
      '--to',
      urls.RequestsQueueUrl ?? '',
    );
    expect(failed).toMatchObject({ status: 3, stderr: '0 replayed, 1 failed, 0 not found\n' });
    expect(failed.stdout).toContain(`not sent  ${id}`);
    expect(await bodiesIn(urls.DeadLetterQueueUrl)).toEqual(['one']);
  });

  test('two replays at once send each message at least once, and lose none', async () => {
    const bodies = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    for (const body of bodies) await putAside(body);
    const runs = await Promise.all([dlq('replay'), dlq('list'), dlq('replay')]);
    const sent = new Set(runs.flatMap(({ stdout }) => stdout.match(/(?<=^replayed {2})\S+/gm) ?? []));
    const rest = await dlq('replay');
    for (const id of rest.stdout.match(/(?<=^replayed {2})\S+/gm) ?? []) sent.add(id);
    expect(sent.size).toBe(30);
    expect(await bodiesIn(urls.DeadLetterQueueUrl)).toEqual([]);
  });

  test.each<[string, () => string[], RegExp]>([
    [
      'a stack that is not there',
      () => ['list', '--stack', 'nothing'],
      /^pipewarden: the stack nothing cannot be read in account 111122223333, Region eu-west-1: .+\n$/,
    ],
    [
      'a queue that is not there',
      () => ['list', '--queue-url', `${moto.endpoint}/${ACCOUNT}/nothing`],
      /^pipewarden: the queue http:\S+\/nothing: .+\n$/,
    ],
    [
      'what is no URL',
      () => ['list', '--queue-url', 'nothing'],
      /^pipewarden: "nothing" is not the URL of a queue\n$/,
    ],
    [
      'one queue for both',
      () => ['replay', '--queue-url', 'http://q/1/a', '--to', 'http://q/1/a'],
      /are the same\n$/,
    ],
  ])('%s is wrong usage', async (_title, args, message) => {
    const { status, stdout, stderr } = await dlq(...args());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('what deliveries and inventories have put aside is listed and replayed as well', async () => {
    const QueueUrl = urls.DeliveryDeadLetterQueueUrl;
    const MessageBody = JSON.stringify({ resourceArn: sagemakerArn('pipeline/fraud') });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const ofStream = {
      requestContext: { condition: 'RetryAttemptsExhausted' },
      DDBStreamBatchInfo: { batchSize: 3 },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(ofStream) }));
    const listed = await dlq('list', '--of', 'deliveries', '--format', 'json');
    expect(JSON.parse(listed.stdout).messages).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ resource: sagemakerArn('pipeline/fraud') }),
        expect.objectContaining({ errorName: 'RetryAttemptsExhausted', isStreamBatch: true }),
      ]),
    );
    const replayed = await dlq('replay', '--of', 'deliveries');
    expect(replayed).toMatchObject({ status: 3, stderr: expect.stringContaining('1 replayed, 1 failed') });
    expect(replayed.stdout).toContain('the next sweep has what is undelivered delivered');
    expect(await bodiesIn(urls.DeliveryRetriesQueueUrl)).toEqual([MessageBody]);

    const wish = { account: ACCOUNT };
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: urls.InventoryDeadLetterQueueUrl,
        MessageBody: JSON.stringify(wish),
        MessageGroupId: ACCOUNT,
        MessageDeduplicationId: 'first',
      }),
    );
    const inventories = await dlq('replay', '--of', 'inventories');
    expect(inventories).toMatchObject({ status: 0, stdout: expect.stringContaining(ACCOUNT) });
    expect(await bodiesIn(urls.InventoryQueueUrl)).toEqual([JSON.stringify(wish)]);
    expect(await bodiesIn(urls.InventoryDeadLetterQueueUrl)).toEqual([]);
  });

  test('what could not be forwarded from another Region is replayed to the home Region', async () => {
    const elsewhere = new SQSClient({
      endpoint: moto.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { QueueUrl = '' } = await elsewhere.send(
      new CreateQueueCommand({ QueueName: `forward-${randomUUID()}` }),
    );
    urls.ForwarderDeadLetters = QueueUrl;
    const body = JSON.stringify(updated('fraud'));
    await elsewhere.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
    const { status, stderr } = await run(
      ['dlq', 'replay', '--region', 'us-east-1', '--stack', 'PipewardenIamEvents'],
      { env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint } },
    );
    elsewhere.destroy();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '1 replayed, 0 failed, 0 not found\n' });
    expect(await bodiesIn(urls.RequestsQueueUrl)).toEqual([body]);
  });
});
