import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import { filesOf, type HistoryFile, recordKey } from '../../shared/history/files.ts';
import type { HistoryRecord } from '../../shared/history/records.ts';
import { unpackRecords } from '../../shared/history/unpack-records.ts';

export type WriteDependencies = {
  /** Writes the records of one table, Region, account and day, and makes their partition known. */
  write: (file: HistoryFile) => Promise<void>;
  logger: Logger;
};

/** So many files are made and written at the same time: a batch of a hub has one for each account. */
const CONCURRENCY = 8;

/**
 * Writes the records of a batch as files. A message that nobody can unpack, or one of whose files could not be written, comes again and
 * is put aside in the end. What its other files have is then written once more, under the same ids, by which readers know a repeat.
 */
export const writeBatch =
  ({ write, logger }: WriteDependencies) =>
  async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    logger.addContext(context);
    const failed = new Set<string>();
    const fail = (messageId: string, why: string, error: unknown): void => {
      failed.add(messageId);
      logger.error(why, { messageId, error: error as Error });
    };
    const messagesOf = new Map<string, Set<string>>();
    const records: HistoryRecord[] = [];
    for (const { messageId, body } of Records) {
      try {
        for (const record of unpackRecords(body)) {
          records.push(record);
          const key = recordKey(record);
          messagesOf.set(key, (messagesOf.get(key) ?? new Set()).add(messageId));
        }
      } catch (error) {
        fail(messageId, 'a message of the history cannot be read', error);
      }
    }
    const files = filesOf(records);
    await pLimit(CONCURRENCY).map(files, async (file) => {
      try {
        await write(file);
      } catch (error) {
        for (const messageId of messagesOf.get(file.key) ?? [])
          fail(messageId, 'a file of the history could not be written', error);
      }
    });
    logger.info('kept', { messages: Records.length, records: records.length, files: files.length });
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
