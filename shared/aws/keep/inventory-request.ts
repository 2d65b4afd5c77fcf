import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

/** What asks for an inventory of an account. */
export const inventoryRequest = z.strictObject({
  account: z.string().check(z.regex(/^\d{12}$/)),
  /** Whether a sweep that begins now asks for it. */
  isSwept: z.exactOptional(z.literal(true)),
});

export type InventoryRequest = z.infer<typeof inventoryRequest>;

const MINUTE_MS = 60 * 1000;

/**
 * Asks for an inventory of an account. The queue takes the same wish once in five minutes, and hands out one message of an
 * account at a time, so that no account is listed twice at once.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
 */
export const askForInventory = async (
  { client, queueUrl }: { client: SQSClient; queueUrl: string },
  wish: InventoryRequest,
  now: Date,
): Promise<void> => {
  const { account, isSwept = false } = wish;
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(wish),
      MessageGroupId: account,
      MessageDeduplicationId: `${account}-${isSwept ? 'swept-' : ''}${Math.floor(now.valueOf() / MINUTE_MS)}`,
    }),
  );
};
