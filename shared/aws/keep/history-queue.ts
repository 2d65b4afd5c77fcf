import type { SQSClient } from '@aws-sdk/client-sqs';
import { packRecords } from '../../history/pack-records.ts';
import type { HistoryRecord } from '../../history/records.ts';
import { sendMessage } from './queue-calls.ts';

/** The queue of the history. */
export type HistoryQueue = { client: SQSClient; queueUrl: string };

/**
 * Sends records to the history, one message after the other. @throws where the queue does not take one: whoever has made them must make
 * them again, and a record that was taken before is known by its id.
 */
export const sendRecords = async (
  { client, queueUrl }: HistoryQueue,
  records: readonly HistoryRecord[],
): Promise<void> => {
  for (const body of packRecords(records)) await sendMessage(client, queueUrl, body);
};
