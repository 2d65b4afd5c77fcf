import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { HistorySource } from '../../history/history-days.ts';
import { TABLE_NAMES } from '../../history/tables.ts';

/** A file of a history is never larger. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The history in a bucket. Only the folders of the days in question are listed: of each table, Region and account the keys from the first day
 * on, until one is of a later day than the last.
 */
export const historyBucket = (client: S3Client, bucket: string): HistorySource => ({
  names: async function* (first, last) {
    for (const table of TABLE_NAMES)
      for await (const region of foldersIn(client, bucket, `${table}/`))
        for await (const account of foldersIn(client, bucket, region)) {
          for await (const key of keysFrom(client, bucket, account, `${account}day=${first}`)) {
            if (key.slice(account.length) >= `day=${last}0`) break;
            yield key;
          }
        }
  },
  read: async (key) => {
    try {
      const { Body, ContentLength = 0 } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key }),
      );
      if (ContentLength <= MOST_BYTES) return (await Body?.transformToByteArray()) ?? 'it has no content';
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      return `it is larger than ${MOST_BYTES} bytes`;
    } catch (error) {
      if (error instanceof NoSuchKey) return 'it is gone';
      throw error;
    }
  },
});

async function* foldersIn(client: S3Client, Bucket: string, Prefix: string): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, Delimiter: '/', ContinuationToken }),
    );
    for (const { Prefix: folder } of page.CommonPrefixes ?? []) if (folder) yield folder;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}

async function* keysFrom(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  StartAfter: string,
): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, StartAfter, ContinuationToken }),
    );
    for (const { Key } of page.Contents ?? []) if (Key) yield Key;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}
