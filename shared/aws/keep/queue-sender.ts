import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { BATCH, requireTaken } from './queue-calls.ts';

/** Sends messages to a queue in batches of ten. `flush` sends the rest. Both reject where SQS refuses a message. */
export const queueSender = (
  client: SQSClient,
  QueueUrl: string,
): { send: (message: object) => Promise<void>; flush: () => Promise<void> } => {
  let waiting: object[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const Entries = waiting.map((message, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(message),
    }));
    waiting = [];
    requireTaken(await client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
  };
  return {
    send: async (message) => {
      waiting.push(message);
      if (waiting.length === BATCH) await flush();
    },
    flush,
  };
};
