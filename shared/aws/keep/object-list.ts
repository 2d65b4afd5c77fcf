import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** The first keys with a prefix, in the order of their bytes. One call gives at most 1,000. */
export const listObjects = async (
  client: S3Client,
  { bucket, prefix }: { bucket: string; prefix: string },
  most: number,
): Promise<string[]> => {
  const input = { Bucket: bucket, Prefix: prefix, MaxKeys: most };
  const { Contents = [] } = await client.send(new ListObjectsV2Command(input));
  return Contents.flatMap(({ Key }) => Key ?? []);
};
