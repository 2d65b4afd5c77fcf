import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

/** What asks for an inventory of an account. */
export const inventoryRequest = z.strictObject({
  account: z.string().check(z.regex(/^\d{12}$/)),
  /** When a sweep dropped the index, from which on the account is to be listed (milliseconds since 1970). */
  notBefore: z.optional(z.number()),
  /** The same time, where the sweep looks at everything. */
  sweptFrom: z.optional(z.number()),
  /** A look found no index. Where there is one when its wish comes to its turn, nothing is left to do. */
  unlessIndexed: z.optional(z.literal(true)),
});

export type InventoryRequest = z.infer<typeof inventoryRequest>;

const MINUTE_MS = 60 * 1000;

/**
 * Asks for an inventory of an account. The queue takes the wishes of looks in one minute as one, keeps each wish of a sweep, and hands
 * out one message of an account at a time, so that no account is listed twice at once.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
 */
export const askForInventory = async (
  { client, queueUrl }: { client: SQSClient; queueUrl: string },
  request: InventoryRequest,
  now: Date,
): Promise<void> => {
  const { account, notBefore, unlessIndexed } = request;
  const wish = notBefore ?? Math.floor(now.valueOf() / MINUTE_MS);
  // A person’s wish is not taken for that of a look, which may come to nothing.
  const of = unlessIndexed ? 'look' : 'anew';
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(request),
      MessageGroupId: account,
      MessageDeduplicationId: `${account}-${wish}-${of}`,
    }),
  );
};
