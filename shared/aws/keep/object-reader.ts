import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';

/** The text of an object; undefined where there is none, or where it has more than `maxBytes`. */
export const readObject = async (
  client: S3Client,
  { bucket, key }: { bucket: string; key: string },
  maxBytes: number,
): Promise<string | undefined> => {
  try {
    const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (ContentLength <= maxBytes) return await Body?.transformToString();
    (Body as { destroy?: () => void } | undefined)?.destroy?.();
    return undefined;
  } catch (error) {
    // Without the permission to list the bucket, S3 answers “denied” for an object that does not exist.
    if (error instanceof NoSuchKey || (error instanceof Error && error.name === 'AccessDenied'))
      return undefined;
    throw error;
  }
};
