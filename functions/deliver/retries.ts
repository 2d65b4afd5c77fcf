import type { Logger } from '@aws-lambda-powertools/logger';
import type { DeliveryRecord } from './records.ts';

/** The queue of resources that must be delivered again. */
export type RetryQueue = {
  /** Rejects where the queue does not take the message. */
  send(resourceArn: string, delaySeconds: number): Promise<void>;
  /** Sets when a message that is being handled comes again. */
  postpone(receiptHandle: string, seconds: number): Promise<void>;
};

/**
 * In how many seconds a resource is to be delivered again. `isFailure` is false for changes that are only held back.
 */
export type Retry = { seconds: number; isFailure: boolean };

type ResourceRetry = { resourceArn: string; records: readonly DeliveryRecord[]; retry?: Retry };

type Dependencies = { retries: RetryQueue; logger: Logger };

const FIRST_DELAY = 30;
const LONGEST_DELAY = 900;

/**
 * Arranges that resources come again, and returns the ids of records that Lambda must deliver again: failed messages,
 * which the queue counts and puts aside in the end, and records whose resources the retry queue did not take.
 */
export const settleRetries = async (
  works: readonly ResourceRetry[],
  dependencies: Dependencies,
): Promise<string[]> => (await Promise.all(works.map((work) => settleRetry(work, dependencies)))).flat();

const settleRetry = async (
  { resourceArn, records, retry }: ResourceRetry,
  { retries, logger }: Dependencies,
): Promise<string[]> => {
  if (!retry) return [];
  const messages = records.filter(({ message }) => message);
  if (retry.isFailure && messages.length > 0) {
    await Promise.allSettled(messages.map((record) => postpone(record, retries)));
    return messages.map(({ id }) => id);
  }
  try {
    await retries.send(resourceArn, retry.seconds);
    return [];
  } catch (error) {
    logger.error('the retry queue did not take a resource', { resource: resourceArn, error: error as Error });
    return records.map(({ id }) => id);
  }
};

/** Where this call is refused, the message comes again after the queue’s visibility timeout. */
const postpone = async ({ message }: DeliveryRecord, retries: RetryQueue): Promise<void> => {
  if (message) await retries.postpone(message.receiptHandle, delayAfter(message.receives));
};

/** In how many seconds a message comes again, by how often it was received: 30, 60, 120 … 900. */
export const delayAfter = (receives: number): number =>
  Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.max(0, receives - 1));
