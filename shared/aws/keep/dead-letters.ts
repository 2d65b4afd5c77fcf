import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type DeadLetter, deadLetter, OF_STREAM } from '../../events/dead-letter.ts';
import { BATCH, delayMessages, sendMessage } from './queue-calls.ts';

/** A dead letter that this program has received. Nobody else receives it before `visibleAt`. */
export type HeldLetter = DeadLetter & {
  body: string;
  receiptHandle: string;
  visibleAt: number;
  /** Its group, in a queue that is first in, first out. */
  group?: string;
};

/**
 * For how many seconds a received message is hidden. It is short, so that a killed program hides no message for long.
 */
const HIDDEN_SECONDS = 30;
/** A receipt is not used within this time of its end, as somebody else may have the message by then. */
const MARGIN_MILLIS = 2_000;
/** A short poll asks only some servers of a queue. Two long polls without an answer mean that the queue is empty. */
const EMPTY_ANSWERS = 2;
const WAIT_SECONDS = 1;

/** How many messages a queue holds, by its own estimate: those that can be received, and those in flight. */
export const countMessages = async (
  client: SQSClient,
  queueUrl: string,
): Promise<{ visible: number; inFlight: number }> => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages) || 0,
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible) || 0,
  };
};

/**
 * Gives each message of the queue to `use`, at most `most` of them. Messages for which `use` answers false become
 * visible again at the end, so that no message comes twice. Nothing is ever lost, as a message is hidden for half a
 * minute only.
 */
export const eachDeadLetter = async (
  client: SQSClient,
  queueUrl: string,
  most: number,
  use: (letter: HeldLetter) => Promise<boolean>,
): Promise<void> => {
  const seen = new Set<string>();
  const held = new Map<string, HeldLetter>();
  let empty = 0;
  try {
    for (let round = 0; seen.size < most && empty < EMPTY_ANSWERS && round < most + BATCH; round++) {
      const letters = await receive(client, queueUrl);
      empty = letters.length === 0 ? empty + 1 : 0;
      for (const letter of letters) held.set(letter.id, letter);
      for (const letter of letters) {
        if (seen.has(letter.id) || seen.size >= most || !isHeld(letter)) continue;
        seen.add(letter.id);
        if (await use(letter)) held.delete(letter.id);
      }
    }
  } finally {
    const left = [...held.values()]
      .filter(isHeld)
      .map(({ receiptHandle }) => ({ receiptHandle, seconds: 0 }));
    await delayMessages(client, queueUrl, left);
  }
};

const isHeld = ({ visibleAt }: HeldLetter): boolean => Date.now() < visibleAt - MARGIN_MILLIS;

const receive = async (client: SQSClient, queueUrl: string): Promise<HeldLetter[]> => {
  const visibleAt = Date.now() + HIDDEN_SECONDS * 1000;
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  );
  return Messages.map((message) => heldLetter(message, visibleAt));
};

const heldLetter = (message: Message, visibleAt: number): HeldLetter => {
  const { MessageId: id = '', Body: body = '', ReceiptHandle: receiptHandle = '', Attributes = {} } = message;
  const attributes = new Map(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [
      name,
      StringValue,
    ]),
  );
  return {
    ...deadLetter({ id, body, attributes, system: new Map(Object.entries(Attributes)) }),
    body,
    receiptHandle,
    visibleAt,
    ...(Attributes.MessageGroupId !== undefined && { group: Attributes.MessageGroupId }),
  };
};

/** What happened to a message that was to be sent again. */
export type Replayed = 'replayed' | 'not sent' | 'not deleted';

/** A queue, and a client of its Region. */
export type QueueOf = { client: SQSClient; url: string };

/**
 * Sends the message to the queue that it came from, and then deletes it here. Where deleting fails the message exists
 * twice, which does no harm: the auditor knows the events that it has handled.
 */
export const replay = async (
  { from, to }: { from: QueueOf; to: QueueOf },
  { id, body, receiptHandle, group, isStreamBatch }: HeldLetter,
): Promise<{ outcome: Replayed; error?: unknown }> => {
  if (isStreamBatch) return { outcome: 'not sent', error: new Error(OF_STREAM) };
  try {
    await sendMessage(to.client, to.url, body, {}, group === undefined ? undefined : { group, id });
  } catch (error) {
    return { outcome: 'not sent', error };
  }
  try {
    await from.client.send(new DeleteMessageCommand({ QueueUrl: from.url, ReceiptHandle: receiptHandle }));
    return { outcome: 'replayed' };
  } catch (error) {
    return { outcome: 'not deleted', error };
  }
};
