import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context, DynamoDBStreamEvent, SQSEvent } from 'aws-lambda';
import { deliverBatch } from '../../../../functions/deliver/deliver-batch.ts';
import { delayAfter } from '../../../../functions/deliver/retries.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { deferredDelivery, deliveryError, failAll, type Sink } from '../../../../shared/findings/sink.ts';
import { memoryStore, type Store } from '../../../../shared/findings/store.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { anObservation } from '../../../support/builders/observation.ts';

const arnOf = (name: string): string => `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`;
const at = (day: number): string => new Date(Date.UTC(2026, 10, 24) + day * 86_400_000).toISOString();

process.env.POWERTOOLS_METRICS_DISABLED = 'true';
const CONTEXT = {
  awsRequestId: 'r',
  functionName: 'deliver',
  functionVersion: '1',
  memoryLimitInMB: '256',
  invokedFunctionArn: 'arn',
  getRemainingTimeInMillis: () => 60_000,
} as unknown as Context;

let store: Store;
let heard: Record<string, string[]>;
let sent: [string, number][];
let postponed: [string, number][];
let isQueueDown: boolean;
let answers: number;

beforeEach(() => {
  store = memoryStore();
  heard = {};
  sent = [];
  postponed = [];
  isQueueDown = false;
  answers = 0;
});

/** Handles the ids that a sink is given; rejects if the sink does not take all of them. */
type Take = (ids: string[]) => Promise<void>;

const sink = (name: string, take: Take = async () => {}): Sink => ({
  name,
  deliver: async (changes) => {
    await take(changes.map(({ finding }) => finding.id));
    heard[name] = [...(heard[name] ?? []), ...changes.map(({ kind, finding }) => `${kind} ${finding.id}`)];
  },
});

const deliver = (
  sinks: readonly Sink[],
  event: DynamoDBStreamEvent | SQSEvent,
  over: { store?: Partial<Store>; context?: Partial<Context>; day?: number } = {},
) =>
  deliverBatch({
    store: { ...store, ...over.store },
    sinks,
    retries: {
      send: async (resourceArn, seconds) => {
        if (isQueueDown) throw new Error('the queue is down');
        sent.push([resourceArn, seconds]);
      },
      postpone: async (handle, seconds) => {
        if (isQueueDown) throw new Error('the queue is down');
        postponed.push([handle, seconds]);
      },
    },
    answerHeartbeat: async () => {
      answers++;
      if (isQueueDown) throw new Error('the queue is down');
    },
    now: () => new Date(at(over.day ?? 0)),
    logger: new Logger({ logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'test' }),
  })(event, { ...CONTEXT, ...over.context });

const see = async (name: string, day: number, ids: string[], over: Partial<Finding> = {}) => {
  const times = { firstObservedAt: at(day), lastObservedAt: at(day) };
  const resource = { type: 'pipeline' as const, arn: arnOf(name) };
  const findings = ids.map((id) => aFinding({ id, resource, ...times, ...over }));
  await store.observe(anObservation({ resourceArn: arnOf(name), observedAt: at(day), findings }));
};

const stream = (...names: string[]): DynamoDBStreamEvent => ({
  Records: names.map((name, index) => ({
    eventID: String(index),
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: `s-${index}`,
      Keys: { pk: { S: `resource#${arnOf(name).toLowerCase()}` }, sk: { S: 'state' } },
      NewImage: { arn: { S: arnOf(name) }, undelivered: { N: '1' } },
    },
  })),
});

const queue = (...messages: { name: string; receives?: number }[]): SQSEvent =>
  ({
    Records: messages.map(({ name, receives = 1 }, index) => ({
      messageId: `m-${index}`,
      receiptHandle: `h-${index}`,
      body: JSON.stringify({ resourceArn: arnOf(name) }),
      attributes: { ApproximateReceiveCount: String(receives) },
    })),
  }) as unknown as SQSEvent;

const NONE = { batchItemFailures: [] };
const failed = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('an undelivered change', () => {
  test('goes to each sink once, with those of all resources of the batch', async () => {
    await see('a', 0, ['a1', 'a2']);
    await see('b', 0, ['b1']);
    const given: number[] = [];
    const counting = sink('One', async (ids) => {
      given.push(ids.length);
    });
    const sinks = [counting, sink('Two')];
    expect(await deliver(sinks, stream('a', 'b', 'a'))).toEqual(NONE);
    expect(await deliver(sinks, stream('a', 'b'))).toEqual(NONE);
    expect(heard).toEqual({
      One: ['opened a1', 'opened a2', 'opened b1'],
      Two: ['opened a1', 'opened a2', 'opened b1'],
    });
    expect([given, sent]).toEqual([[3], []]);
  });

  test('leaves even where there are no sinks', async () => {
    await see('a', 0, ['a1']);
    expect(await deliver([], stream('a'))).toEqual(NONE);
    expect(await store.pending(arnOf('a'))).toEqual([]);
  });

  test('is read anew, as a record of the stream is only a hint', async () => {
    await see('a', 0, ['a1']);
    await see('a', 1, []);
    await deliver([sink('One')], stream('a'));
    expect(heard).toEqual({ One: ['resolved a1'] });
  });

  test('is delivered for a message of the queue too, also where time alone has changed something', async () => {
    await see('a', 0, ['a1']);
    await deliver([sink('One')], stream('a'));
    const refreshed = { ...sink('Two'), takesRefreshed: true };
    const sinks = [sink('One'), refreshed];
    expect(await deliver(sinks, queue({ name: 'a' }), { day: 29 })).toEqual(NONE);
    expect(heard.Two).toBeUndefined();
    expect(await deliver(sinks, queue({ name: 'a' }), { day: 30 })).toEqual(NONE);
    expect(heard).toEqual({ One: ['opened a1'], Two: ['refreshed a1'] });
    expect(await store.pending(arnOf('a'))).toEqual([]);
  });
});

describe('a heartbeat', () => {
  const heartbeat = (): DynamoDBStreamEvent['Records'][number] => ({
    eventID: 'h',
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: 'h',
      Keys: { pk: { S: 'heartbeat' }, sk: { S: 'heartbeat' } },
      NewImage: { undelivered: { N: '1' } },
    },
  });

  test('is answered once for a batch, and told to no sink', async () => {
    expect(await deliver([sink('One')], { Records: [heartbeat(), heartbeat()] })).toEqual(NONE);
    expect([answers, heard]).toEqual([1, {}]);
  });

  test('whose answer fails holds up no change, and does not come again', async () => {
    await see('a', 0, ['a1']);
    isQueueDown = true;
    const Records = [heartbeat(), ...stream('a').Records];
    expect(await deliver([sink('One')], { Records })).toEqual(NONE);
    expect([answers, heard]).toEqual([1, { One: ['opened a1'] }]);
  });

  test('is answered for no change, and for no message of the queue', async () => {
    await see('a', 0, ['a1']);
    await deliver([sink('One')], stream('a'));
    await deliver([sink('One')], queue({ name: 'a' }));
    expect(answers).toBe(0);
  });
});

describe('records without news', () => {
  test.each<[string, (record: DynamoDBStreamEvent['Records'][number]) => void]>([
    [
      'an item with nothing undelivered, or that a deliverer has written',
      ({ dynamodb }) => delete dynamodb?.NewImage?.undelivered,
    ],
    ['an item that is gone', ({ dynamodb }) => delete dynamodb?.NewImage],
    ['the history', ({ dynamodb }) => Object.assign(dynamodb?.Keys ?? {}, { sk: { S: 'history#x' } })],
    ['an execution', ({ dynamodb }) => Object.assign(dynamodb?.Keys ?? {}, { pk: { S: 'execution#x' } })],
    ['nothing at all', (record) => delete record.dynamodb],
  ])('are skipped: %s', async (_, change) => {
    await see('a', 0, ['a1']);
    const event = stream('a');
    for (const record of event.Records) change(record);
    expect(await deliver([sink('One')], event)).toEqual(NONE);
    expect(heard).toEqual({});
  });

  test.each([
    '',
    '[]',
    '{"resourceArn":1}',
    '{"resourceArn":""}',
    JSON.stringify({ resourceArn: 'x'.repeat(3000) }),
  ])('are not messages without a resource, which fail and are put aside: %.40s', async (body) => {
    const event = queue({ name: 'a' }, { name: 'b' });
    Object.assign(event.Records[0] ?? {}, { body });
    await see('b', 0, ['b1']);
    expect(await deliver([sink('One')], event)).toEqual(failed('m-0'));
    expect(heard).toEqual({ One: ['opened b1'] });
  });
});

describe('a sink that fails', () => {
  const broken = sink('Broken', async () => {
    throw new Error('no answer');
  });

  test('holds up no other sink, and a message makes it get the change later', async () => {
    await see('a', 0, ['a1']);
    expect(await deliver([broken, sink('One')], stream('a'))).toEqual(NONE);
    expect([heard, sent]).toEqual([{ One: ['opened a1'] }, [[arnOf('a'), 30]]]);
    expect(await deliver([sink('Broken'), sink('One')], queue({ name: 'a' }))).toEqual(NONE);
    expect(heard).toEqual({ One: ['opened a1'], Broken: ['opened a1'] });
    expect(await store.pending(arnOf('a'))).toEqual([]);
  });

  test('is told again only of what it did not take', async () => {
    await see('a', 0, ['a1', 'a2']);
    await see('b', 0, ['b1']);
    const partly = sink('One', async () => {
      throw deliveryError('One', failAll(['a2'], new Error('refused')));
    });
    await deliver([partly], stream('a', 'b'));
    expect(sent).toEqual([[arnOf('a'), 30]]);
    expect(await store.pending(arnOf('b'))).toEqual([]);
    await deliver([sink('One')], queue({ name: 'a' }));
    expect(heard).toEqual({ One: ['opened a2'] });
  });

  test('makes a message of the queue come again, later each time, until the queue puts it aside', async () => {
    await see('a', 0, ['a1']);
    const event = queue({ name: 'a', receives: 3 }, { name: 'a', receives: 1 });
    expect(await deliver([broken], event)).toEqual(failed('m-0', 'm-1'));
    expect([sent, postponed]).toEqual([
      [],
      [
        ['h-0', 120],
        ['h-1', 30],
      ],
    ]);
    expect([1, 2, 5, 6, 10].map(delayAfter)).toEqual([30, 60, 480, 900, 900]);
  });

  test('makes the records fail only where not even the queue takes them', async () => {
    await see('a', 0, ['a1']);
    await see('b', 0, ['b1']);
    isQueueDown = true;
    const partly = sink('One', async () => {
      throw deliveryError('One', failAll(['a1'], new Error('refused')));
    });
    expect(await deliver([partly], stream('a', 'b', 'a'))).toEqual(failed('s-0', 's-2'));
    expect(await deliver([broken], queue({ name: 'a' }))).toEqual(failed('m-0'));
  });

  test('does not keep the function waiting for longer than it may run', async () => {
    await see('a', 0, ['a1']);
    const hanging = sink('Hanging', () => new Promise(() => {}));
    const context = { getRemainingTimeInMillis: () => 8_050 };
    expect(await deliver([hanging, sink('One')], stream('a'), { context })).toEqual(NONE);
    expect([heard, sent]).toEqual([{ One: ['opened a1'] }, [[arnOf('a'), 30]]]);
  });
});

describe('a sink that holds findings back', () => {
  const until = (milliseconds: number) =>
    sink('Quiet', async (ids) => {
      const failures = failAll(ids, new Error('quiet hours'));
      throw deferredDelivery('Quiet', failures, new Date(Date.parse(at(0)) + milliseconds));
    });

  test.each([
    [60_000, 60],
    [8 * 3_600_000, 900],
  ])(
    'is told again when they are due, as far as the queue can wait: %d ms',
    async (milliseconds, seconds) => {
      await see('a', 0, ['a1']);
      expect(await deliver([until(milliseconds)], stream('a'))).toEqual(NONE);
      // Not a failure: the message that came is done with, and does not count its way to the dead letters.
      expect(await deliver([until(milliseconds)], queue({ name: 'a', receives: 9 }))).toEqual(NONE);
      expect([sent, postponed]).toEqual([Array(2).fill([arnOf('a'), seconds]), []]);
    },
  );

  test('does not delay the retry of one that fails', async () => {
    await see('a', 0, ['a1']);
    const broken = sink('Broken', async () => {
      throw new Error('no answer');
    });
    expect(await deliver([until(1000), broken], queue({ name: 'a' }))).toEqual(failed('m-0'));
  });
});

describe('a resource', () => {
  test('that another deliverer has at this moment is left to it, and tried again later', async () => {
    await see('a', 0, ['a1']);
    const release = await store.claim(arnOf('a'), 60_000);
    expect(await deliver([sink('One')], stream('a'))).toEqual(NONE);
    expect([heard, sent]).toEqual([{}, [[arnOf('a'), 30]]]);
    await release?.();
    await deliver([sink('One')], queue({ name: 'a' }));
    expect(heard).toEqual({ One: ['opened a1'] });
  });

  test('is not delivered twice by two deliveries at once', async () => {
    await see('a', 0, ['a1']);
    await Promise.all([1, 2, 3].map(() => deliver([sink('One')], stream('a'))));
    expect([heard, sent]).toEqual([{ One: ['opened a1'] }, Array(2).fill([arnOf('a'), 30])]);
  });

  test('that cannot be read holds up no other', async () => {
    await see('a', 0, ['a1']);
    await see('b', 0, ['b1']);
    const pending: Store['pending'] = async (arn) => {
      if (arn === arnOf('a')) throw new Error('malformed');
      return store.pending(arn);
    };
    expect(await deliver([sink('One')], stream('a', 'b'), { store: { pending } })).toEqual(NONE);
    expect([heard, sent]).toEqual([{ One: ['opened b1'] }, [[arnOf('a'), 30]]]);
    expect(await store.claim(arnOf('a'), 1000)).toBeDefined();
  });

  test('comes again where the acknowledgement cannot be written', async () => {
    await see('a', 0, ['a1']);
    const acknowledge: Store['acknowledge'] = async () => {
      throw new Error('throttled');
    };
    expect(await deliver([sink('One')], stream('a'), { store: { acknowledge } })).toEqual(NONE);
    expect(sent).toEqual([[arnOf('a'), 30]]);
  });
});
