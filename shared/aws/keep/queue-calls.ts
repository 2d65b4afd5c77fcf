import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchCommandOutput,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { counted } from '../../text/counted.ts';
import { namingActions } from '../read/naming-actions.ts';

/** Uses the configured endpoint like all other clients. By default the SDK calls the host in the queue’s URL. */
export const makeSqsClient = (config: SQSClientConfig): SQSClient =>
  namingActions('sqs', new SQSClient({ ...config, useQueueUrlAsEndpoint: false }));

/** The largest batch that SQS takes. */
export const BATCH = 10;

/** The attributes of a message. All are texts; SQS refuses an empty one. */
export type Attributes = Readonly<Record<string, string>>;

/** The group of a message in a queue that is first in, first out, and the id by which the queue knows a repeat. */
export type InOrder = { group: string; id: string };

/** Sends a message. @throws where the queue does not take it. */
export const sendMessage = async (
  client: SQSClient,
  queueUrl: string,
  body: string,
  attributes: Attributes = {},
  inOrder?: InOrder,
): Promise<void> => {
  const entries = Object.entries(attributes).filter(([, value]) => value !== '');
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        entries.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
      ),
      ...(inOrder && { MessageGroupId: inOrder.group, MessageDeduplicationId: inOrder.id }),
    }),
  );
};

/** A message in flight, and in how many seconds it may be received again. */
export type Delay = { receiptHandle: string; seconds: number };

/**
 * Sets when messages in flight may be received again. Messages that are no longer in flight are left as they are.
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

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
export const MAX_DELAY_SECONDS = 900;

/** Sends messages, each of which may be received after some seconds. @throws where the queue does not take one of them. */
export const sendDelayed = async (
  client: SQSClient,
  queueUrl: string,
  messages: readonly { body: string; seconds: number }[],
): Promise<void> => {
  for (let from = 0; from < messages.length; from += BATCH) {
    const Entries = messages.slice(from, from + BATCH).map(({ body, seconds }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: seconds,
    }));
    requireTaken(await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })));
  }
};

/** @throws where SQS refused messages of a batch. */
export const requireTaken = ({ Failed = [] }: Pick<SendMessageBatchCommandOutput, 'Failed'>): void => {
  const [first] = Failed;
  if (first)
    throw new Error(`SQS refused ${counted(Failed.length, 'message')}: ${first.Code}: ${first.Message}`);
};
