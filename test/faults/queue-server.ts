import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The settings of a queue; times in seconds. */
export type QueueSettings = {
  visibilityTimeout: number;
  /** Of each group, the queue hands out one message at a time, and takes one of several with the same deduplication id. */
  isInOrder?: boolean;
  deadLetters?: { name: string; maxReceives: number };
};

export type Message = {
  id: string;
  body: string;
  attributes: Record<string, string>;
  sentAt: number;
  receives: number;
  /** The SDK's name for the call that sent it, which is the same for all attempts of the call; undefined without the SDK. */
  invocation?: string;
};

type Stored = Message & { visibleAt: number; receipt?: string; group?: string };

export type Queue = {
  /** Receives up to this many visible messages and hides them for the visibility timeout. */
  receive(most: number): { message: Message; receipt: string }[];
  /** Whether it was there. Does nothing if the message was received again since. */
  remove(receipt: string): boolean;
  send(body: string, more?: Sending): void;
  /** All messages in the queue: visible, delayed or in flight. */
  messages(): readonly Message[];
};

/** What a call can say of the message that it sends. */
type Sending = {
  attributes?: Record<string, string>;
  delaySeconds?: number;
  invocation?: string | undefined;
  group?: string | undefined;
  deduplicationId?: string | undefined;
};

/** A queue in order takes a deduplication id once in five minutes. */
const DEDUPLICATION_SECONDS = 300;

/** A stand-in for SQS over its JSON protocol, with the operations that the functions use. */
export type QueueServer = {
  endpoint: string;
  urlOf(name: string): string;
  queue(name: string, settings?: QueueSettings): Queue;
  stop(): Promise<void>;
};

type Input = Record<string, unknown>;

/**
 * SQS in this process, because moto takes some milliseconds for each message. It is a standard queue: a receipt is
 * valid until the message is received again, each receive counts, and one too many moves the message to the
 * dead-letter queue. Requested delays (DelaySeconds, ChangeMessageVisibility) and the time of a deduplication id pass `timeScale`
 * times as fast; the visibility timeout does not, because the functions run no faster. A queue in order is one of FIFO type.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export const startQueueServer = async (timeScale: number): Promise<QueueServer> => {
  const queues = new Map<string, Queue & { postpone(receipt: string, seconds: number): boolean }>();
  const scaled = (seconds: number): number => Date.now() + (seconds * 1000) / timeScale;

  const makeQueue = ({ visibilityTimeout, deadLetters, isInOrder = false }: QueueSettings) => {
    const stored = new Map<string, Stored>();
    const taken = new Map<string, number>();
    const byReceipt = (receipt: string): Stored | undefined => {
      const message = stored.get(receipt.split(' ')[0] ?? '');
      return message?.receipt === receipt ? message : undefined;
    };
    const isSpent = ({ receives }: Stored) => deadLetters && receives >= deadLetters.maxReceives;
    return {
      receive: (most: number) => {
        const received: { message: Message; receipt: string }[] = [];
        const earlier = new Set<string | undefined>();
        for (const message of stored.values()) {
          if (received.length === most) break;
          if (isInOrder && earlier.has(message.group)) continue;
          earlier.add(message.group);
          if (message.visibleAt > Date.now()) continue;
          if (isSpent(message)) {
            stored.delete(message.id);
            queues.get(deadLetters?.name ?? '')?.send(message.body, message);
            continue;
          }
          message.receives++;
          message.visibleAt = Date.now() + visibilityTimeout * 1000;
          message.receipt = `${message.id} ${randomUUID()}`;
          received.push({ message: { ...message }, receipt: message.receipt });
        }
        return received;
      },
      remove: (receipt: string) => {
        const message = byReceipt(receipt);
        return message !== undefined && stored.delete(message.id);
      },
      send: (
        body: string,
        { attributes = {}, delaySeconds = 0, invocation, group, deduplicationId }: Sending = {},
      ) => {
        if (deduplicationId !== undefined) {
          if ((taken.get(deduplicationId) ?? 0) > Date.now()) return;
          taken.set(deduplicationId, scaled(DEDUPLICATION_SECONDS));
        }
        const id = randomUUID();
        stored.set(id, {
          id,
          body,
          attributes,
          sentAt: Date.now(),
          receives: 0,
          visibleAt: scaled(delaySeconds),
          ...(invocation !== undefined && { invocation }),
          ...(group !== undefined && { group }),
        });
      },
      postpone: (receipt: string, seconds: number) => {
        const message = byReceipt(receipt);
        if (!message || message.visibleAt < Date.now()) return false;
        message.visibleAt = scaled(seconds);
        return true;
      },
      messages: () => [...stored.values()],
    };
  };

  const named = (input: Input) => {
    const name = String(input.QueueUrl).split('/').at(-1) ?? '';
    const found = queues.get(name);
    if (!found) throw new Error(`there is no queue ${name}`);
    return found;
  };

  const operations: Record<string, (input: Input, invocation: string | undefined) => object> = {
    SendMessage: (input, invocation) => {
      const { MessageBody, MessageAttributes = {}, DelaySeconds = 0 } = input;
      const { MessageGroupId: group, MessageDeduplicationId: deduplicationId } = input as Record<
        string,
        string | undefined
      >;
      const delaySeconds = Number(DelaySeconds);
      if (!(delaySeconds >= 0 && delaySeconds <= 900)) throw new Error(`DelaySeconds: ${DelaySeconds}`);
      const given = Object.entries(MessageAttributes as Record<string, { StringValue: string }>);
      const attributes = Object.fromEntries(given.map(([name, { StringValue }]) => [name, StringValue]));
      named(input).send(String(MessageBody), {
        attributes,
        delaySeconds,
        invocation,
        group,
        deduplicationId,
      });
      const MD5OfMessageBody = createHash('md5').update(String(MessageBody)).digest('hex');
      return { MessageId: randomUUID(), MD5OfMessageBody };
    },
    ChangeMessageVisibility: (input) => {
      named(input).postpone(String(input.ReceiptHandle), Number(input.VisibilityTimeout));
      return {};
    },
    ChangeMessageVisibilityBatch: (input) => {
      const entries = input.Entries as { Id: string; ReceiptHandle: string; VisibilityTimeout: number }[];
      const outcome = entries.map(({ Id, ReceiptHandle, VisibilityTimeout }) => ({
        Id,
        isDone: named(input).postpone(ReceiptHandle, VisibilityTimeout),
      }));
      return {
        Successful: outcome.filter(({ isDone }) => isDone).map(({ Id }) => ({ Id })),
        Failed: outcome
          .filter(({ isDone }) => !isDone)
          .map(({ Id }) => ({ Id, Code: 'MessageNotInflight', SenderFault: true })),
      };
    },
  };

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const operation = request.headers['x-amz-target']?.toString().split('.').at(-1) ?? '';
    const answer = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
    };
    try {
      const run = operations[operation];
      if (!run) throw new Error(`${operation} is not modelled here`);
      answer(200, run(JSON.parse(body) as Input, request.headers['amz-sdk-invocation-id']?.toString()));
    } catch (error) {
      answer(400, { __type: 'com.amazonaws.sqs#InvalidParameterValue', message: String(error) });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    urlOf: (name) => `${endpoint}/111122223333/${name}`,
    queue: (name, settings = { visibilityTimeout: 30 }) => {
      const made = makeQueue(settings);
      queues.set(name, made);
      return made;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
