import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandInput,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventBusSink } from '../../shared/aws/tell/event-bus-sink.ts';
import { type DeliveryError, isDeliveryError } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import { aFinding } from '../support/builders/finding.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const BUS = 'pipewarden';

const opened = (id: string): Change => ({ kind: 'opened', finding: aFinding({ id }) });

const errorOf = async (delivery: Promise<void>): Promise<DeliveryError> => {
  const error: unknown = await delivery.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDeliveryError(error)) throw new Error(`expected a DeliveryError, got ${String(error)}`);
  return error;
};

describeWith('moto', 'an EventBridge bus', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: EventBridgeClient;
  let sqs: SQSClient;
  let queueUrl: string;
  let slept: number[];

  beforeAll(async () => {
    moto = await startMoto({ account: scope.account });
    const options = {
      endpoint: moto.endpoint,
      region: scope.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    client = new EventBridgeClient(options);
    sqs = new SQSClient(options);
    ({ QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' })));
    await client.send(new CreateEventBusCommand({ Name: BUS }));
    const EventPattern = JSON.stringify({ source: ['pipewarden'] });
    await client.send(new PutRuleCommand({ Name: 'all', EventBusName: BUS, EventPattern }));
    const Arn = `arn:aws:sqs:${scope.region}:${scope.account}:events`;
    const target = { Id: 'queue', Arn };
    await client.send(new PutTargetsCommand({ Rule: 'all', EventBusName: BUS, Targets: [target] }));
  });
  afterAll(async () => {
    client.destroy();
    sqs.destroy();
    await moto.stop();
  });

  const sink = (busName = BUS, over: Partial<EventBridgeClient> = {}) => {
    slept = [];
    const sending = { send: client.send.bind(client), ...over } as EventBridgeClient;
    const sleep = async (milliseconds: number) => {
      slept.push(milliseconds);
    };
    return eventBusSink({ client: sending, busName, scope, sleep });
  };

  const received = async (): Promise<Record<string, unknown>[]> => {
    const all: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) return all;
      all.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as Record<string, unknown>));
    }
  };

  /** A bus that refuses some entries a few times. */
  const refusing = (refused: string, times: number) => {
    let left = times;
    const requests: number[] = [];
    const send = async (command: PutEventsCommand) => {
      const { Entries = [] }: PutEventsCommandInput = command.input;
      requests.push(Entries.length);
      const isRefused = Entries.map(({ Detail }) => left > 0 && String(Detail).includes(refused));
      if (isRefused.includes(true)) left--;
      const passed = Entries.filter((_, index) => !isRefused[index]);
      const answer =
        passed.length > 0 ? await client.send(new PutEventsCommand({ Entries: passed })) : { Entries: [] };
      const answers = [...(answer.Entries ?? [])];
      const fault = { ErrorCode: 'InternalFailure', ErrorMessage: 'Try later' };
      return { Entries: isRefused.map((is) => (is ? fault : answers.shift())) };
    };
    return { requests, over: { send } as unknown as Partial<EventBridgeClient> };
  };

  test('gets an event for each change', async () => {
    await sink().deliver([...Array.from({ length: 11 }, (_, index) => opened(`f-${index}`))]);
    await sink().deliver([{ kind: 'expired', finding: aFinding({ id: 'f-0', status: 'NOT_AVAILABLE' }) }]);
    const events = await received();
    expect(events).toHaveLength(12);
    expect(events[0]).toMatchObject({
      source: 'pipewarden',
      'detail-type': 'Pipewarden Finding Opened',
      detail: { id: 'f-0', account: scope.account, region: scope.region },
    });
    expect(events.at(-1)).toMatchObject({
      'detail-type': 'Pipewarden Finding Closed',
      detail: { id: 'f-0', reason: 'expired' },
    });
  });

  test('gets only the refused entries again', async () => {
    const { requests, over } = refusing('"f-1"', 2);
    await sink(BUS, over).deliver([opened('f-0'), opened('f-1'), opened('f-2')]);
    expect([requests, slept]).toEqual([
      [3, 1, 1],
      [400, 800],
    ]);
    expect((await received()).map(({ detail }) => (detail as { id: string }).id)).toEqual([
      'f-0',
      'f-2',
      'f-1',
    ]);
  });

  test('is named with each entry that it refuses', async () => {
    const { over } = refusing('"f-1"', 9);
    const error = await errorOf(sink(BUS, over).deliver([opened('f-0'), opened('f-1')]));
    expect(error.failures).toEqual([{ id: 'f-1', code: 'InternalFailure', message: 'Try later' }]);
    expect(await received()).toHaveLength(1);
  });

  test('has not accepted the entries that its answer lacks', async () => {
    const send = (async () => ({ Entries: [{ EventId: 'x' }] })) as unknown as EventBridgeClient['send'];
    const error = await errorOf(
      sink(BUS, { send }).deliver(Array.from({ length: 4 }, (_, i) => opened(`f-${i}`))),
    );
    expect(error.failures).toEqual([
      { id: 'f-3', code: 'Unaccounted', message: 'the answer does not say why' },
    ]);
  });

  test('has accepted nothing if it does not answer', async () => {
    const silent = new EventBridgeClient({
      endpoint: 'http://127.0.0.1:9',
      region: scope.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const error = await errorOf(
      eventBusSink({ client: silent, busName: BUS, scope }).deliver([opened('f-0'), opened('f-1')]),
    );
    expect(error.failures.map(({ id }) => id)).toEqual(['f-0', 'f-1']);
    silent.destroy();
  });
});
