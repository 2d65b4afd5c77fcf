import { ChangeMessageVisibilityCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { makeSqsClient } from '../../shared/aws/keep/queue-calls.ts';
import { clientConfig } from '../../shared/aws/read/clients.ts';
import type { RetryQueue } from './retries.ts';

/**
 * The longest delay of a message
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
 */
const MAX_DELAY = 900;

export const connectRetryQueue = (queueUrl: string): RetryQueue => {
  const client = makeSqsClient(clientConfig());
  return {
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
  };
};
