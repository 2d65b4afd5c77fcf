import { setTimeout as sleep } from 'node:timers/promises';
import type { Process } from './processes.ts';
import type { Queue } from './queue-server.ts';

/** Passes events to a function, as Lambda's event source mappings do. `emptyTakes` counts how often there was nothing to take. */
export type Source = { isIdle(): boolean; emptyTakes(): number; stop(): Promise<void> };

const PAUSE_MS = 25;
/** Lambda asks a stream four times a second. */
const STREAM_PAUSE_MS = 250;

/** Takes and handles events until it is stopped, with a pause if there is nothing to take. */
const loop = <T>(
  take: () => readonly T[] | Promise<readonly T[]>,
  handle: (taken: readonly T[]) => Promise<void>,
  pause = PAUSE_MS,
): Source => {
  let isStopped = false;
  let isIdle = false;
  let emptyTakes = 0;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const taken = await take();
      isIdle = taken.length === 0;
      if (isIdle) emptyTakes++;
      if (isIdle) await sleep(pause);
      else await handle(taken);
    }
  };
  const running = run();
  return {
    isIdle: () => isIdle,
    emptyTakes: () => emptyTakes,
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
};

/**
 * Passes the messages of a queue to a function, and removes those that it does not report as failed. If the function
 * fails, or answers so late that a message was received again, it comes again, and `onUnanswered` hears its body.
 */
export const queueSource = (
  queue: Queue,
  process: Process,
  { batch, arn, onUnanswered }: { batch: number; arn: string; onUnanswered: (body: string) => void },
): Source =>
  loop(
    () => queue.receive(batch),
    async (received) => {
      const records = received.map(({ message, receipt }) => ({
        messageId: message.id,
        receiptHandle: receipt,
        body: message.body,
        attributes: {
          ApproximateReceiveCount: String(message.receives),
          SentTimestamp: String(message.sentAt),
        },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: arn,
      }));
      const failed = await process.handle(records).catch(() => undefined);
      for (const { message, receipt } of received)
        if (!failed || (!failed.includes(message.id) && !queue.remove(receipt))) onUnanswered(message.body);
    },
  );

/** A record of a table's stream. */
export type StreamRecord = {
  eventName: string;
  dynamodb: { SequenceNumber: string; NewImage?: Record<string, Record<string, unknown>> };
};

/** The filter of the stack's event source mapping: news that the deliverer did not write itself. */
const isNews = ({ eventName, dynamodb }: StreamRecord): boolean =>
  eventName !== 'REMOVE' && dynamodb.NewImage?.undelivered?.N !== undefined;

const STREAM_BATCH = 25;
const STREAM_RETRIES = 5;
/** A batch that is not full waits this long for more records. */
const STREAM_WINDOW_MS = 1_000;

/**
 * Passes the news of a stream to a function, in order. A failed batch comes again from its first failed record, five
 * times, and then goes to `putAside`. A stream record is only a hint, as the retry queue's message is.
 */
export const streamSource = (
  read: () => Promise<StreamRecord[]>,
  process: Process,
  putAside: (records: StreamRecord[]) => void,
): Source => {
  let waiting: StreamRecord[] = [];
  let attempts = 0;
  const take = async (): Promise<StreamRecord[]> => {
    const more = async (): Promise<void> => void waiting.push(...(await read()).filter(isNews));
    const since = Date.now();
    if (waiting.length < STREAM_BATCH) await more();
    while (attempts === 0 && waiting.length > 0 && waiting.length < STREAM_BATCH) {
      if (Date.now() - since > STREAM_WINDOW_MS) break;
      await sleep(STREAM_PAUSE_MS);
      await more();
    }
    return waiting.slice(0, STREAM_BATCH);
  };
  const source = loop(
    take,
    async (records) => {
      const failed = await process.handle(records).catch(() => records.map(sequenceOf));
      const first = records.findIndex((record) => failed.includes(sequenceOf(record)));
      const done = first === -1 ? records.length : first;
      attempts = done > 0 ? 0 : attempts + 1;
      waiting = waiting.slice(done);
      if (attempts > STREAM_RETRIES) {
        putAside([...records]);
        waiting = waiting.slice(records.length - done);
        attempts = 0;
      }
    },
    STREAM_PAUSE_MS,
  );
  return { ...source, isIdle: () => waiting.length === 0 && source.isIdle() };
};

const sequenceOf = ({ dynamodb }: StreamRecord): string => dynamodb.SequenceNumber;
