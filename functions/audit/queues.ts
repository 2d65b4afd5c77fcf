import type { SQSClient } from '@aws-sdk/client-sqs';
import { clientConfig } from '../../shared/aws/read/clients.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import { once } from '../../shared/memo.ts';
import type { FailureQueues } from './dead-letter.ts';

/** The queues over SQS. The client is loaded with the first failed message. */
export const connectQueues = (deadLetterQueueUrl: string): FailureQueues => {
  const calls = once(() => import('../../shared/aws/keep/queue-calls.ts'));
  const client = once(async (): Promise<SQSClient> => (await calls()).makeSqsClient(clientConfig(QUICK)));
  return {
    setAside: async (body, attributes) => {
      const { sendMessage } = await calls();
      await sendMessage(await client(), deadLetterQueueUrl, body, attributes);
    },
    delay: async (source, delays) => {
      const { delayMessages } = await calls();
      await delayMessages(await client(), queueUrl(source, deadLetterQueueUrl), delays);
    },
  };
};

/** Little time is left when messages have failed. */
const QUICK = { maxAttempts: 3, requestMillis: 2_000 };

/** The URL of a queue in the same account and Region as the dead-letter queue. */
const queueUrl = (queueArn: string, deadLetterQueueUrl: string): string => {
  const name = parseArn(queueArn)?.resource;
  if (!name) throw new Error(`no queue has the ARN ${JSON.stringify(queueArn).slice(0, 200)}`);
  return deadLetterQueueUrl.slice(0, deadLetterQueueUrl.lastIndexOf('/') + 1) + name;
};
