import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RetryQueue } from './retries.ts';

/**
 * The longest delay of a message
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
 */
const MAX_DELAY = 900;

export const connectRetryQueue = (client: SQSClient, queueUrl: string): RetryQueue => ({
  send: async (resourceArn, delaySeconds) => {
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify({ resourceArn }),
        DelaySeconds: Math.min(MAX_DELAY, delaySeconds),
      }),
    );
  },
  postpone: async (receiptHandle, seconds) => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  },
});
