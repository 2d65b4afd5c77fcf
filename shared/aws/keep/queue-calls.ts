import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';

/** Calls the endpoint that is configured, as all clients do: by itself the SDK calls the host of a queue's URL. */
export const makeSqsClient = (config: SQSClientConfig): SQSClient =>
  new SQSClient({ ...config, useQueueUrlAsEndpoint: false });

/** A queue takes ten at a time. */
export const BATCH = 10;

/** A message's attributes, all of them texts; SQS takes no empty one. */
export type Attributes = Readonly<Record<string, string>>;

/** Sends a message as it is. @throws where the queue does not take it. */
export const sendMessage = async (
  client: SQSClient,
  queueUrl: string,
  body: string,
  attributes: Attributes = {},
): Promise<void> => {
  const entries = Object.entries(attributes).filter(([, value]) => value !== '');
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        entries.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
    }),
  );
};

/** A message in flight, and in how many seconds it may be received again. */
export type Delay = { receiptHandle: string; seconds: number };

/**
 * Says when messages in flight may be received again. One that is not in flight any more is left as it is.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
 */
export const delayMessages = async (
  client: SQSClient,
  queueUrl: string,
  delays: readonly Delay[],
): Promise<void> => {
  for (let from = 0; from < delays.length; from += BATCH) {
    const Entries = delays.slice(from, from + BATCH).map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
};
