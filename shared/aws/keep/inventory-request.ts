import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

/** What asks for an inventory of an account. */
export const inventoryRequest = z.strictObject({
  account: z.string().check(z.regex(/^\d{12}$/)),
  /** When a sweep began that looks at everything (milliseconds since 1970). */
  sweptFrom: z.optional(z.number()),
});

export type InventoryRequest = z.infer<typeof inventoryRequest>;

const MINUTE_MS = 60 * 1000;

/**
 * Asks for an inventory of an account. The queue takes the wishes of one minute as one, and hands out one message of an
 * account at a time, so that no account is listed twice at once.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
 */
export const askForInventory = async (
  { client, queueUrl }: { client: SQSClient; queueUrl: string },
  request: InventoryRequest,
  now: Date,
): Promise<void> => {
  const { account } = request;
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(request),
      MessageGroupId: account,
      MessageDeduplicationId: `${account}-${Math.floor(now.valueOf() / MINUTE_MS)}`,
    }),
  );
};
