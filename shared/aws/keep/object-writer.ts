import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** An object to be written. */
export type NewObject = { Bucket: string; Key: string; ContentType: string };

/** S3 takes at most 10,000 parts, all but the last of at least 5 MB. */
const PART_BYTES = 8 * 1024 * 1024;

/**
 * A bucket with Object Lock takes only objects with a checksum, of which all parts have the same kind.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
 */
const CHECKED = { ChecksumAlgorithm: 'SHA256' } as const;

/** Writes texts as one object, with at most one part of it in memory. The object appears whole or not at all. */
export const writeObject = async (
  client: S3Client,
  { ContentType, ...object }: NewObject,
  texts: AsyncIterable<string>,
  partBytes = PART_BYTES,
): Promise<void> => {
  const parts: CompletedPart[] = [];
  let uploadId: string | undefined;
  const upload = async (Body: Buffer): Promise<void> => {
    const { UploadId } = uploadId
      ? { UploadId: uploadId }
      : await client.send(new CreateMultipartUploadCommand({ ...object, ...CHECKED, ContentType }));
    uploadId = UploadId;
    const PartNumber = parts.length + 1;
    const { ETag, ChecksumSHA256 } = await client.send(
      new UploadPartCommand({ ...object, ...CHECKED, UploadId, PartNumber, Body }),
    );
    parts.push({ ETag, ChecksumSHA256, PartNumber });
  };
  try {
    let held: Buffer[] = [];
    let bytes = 0;
    for await (const text of texts) {
      const chunk = Buffer.from(text);
      held.push(chunk);
      bytes += chunk.length;
      if (bytes < partBytes) continue;
      await upload(Buffer.concat(held));
      held = [];
      bytes = 0;
    }
    const rest = Buffer.concat(held);
    if (parts.length === 0) {
      await client.send(new PutObjectCommand({ ...object, ...CHECKED, ContentType, Body: rest }));
      return;
    }
    if (rest.length > 0) await upload(rest);
    await client.send(
      new CompleteMultipartUploadCommand({
        ...object,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts },
      }),
    );
  } catch (error) {
    if (uploadId) await abort(client, object, uploadId);
    throw error;
  }
};

/**
 * A failure of this clean-up is ignored: why the upload failed matters more, and the bucket’s life cycle cleans up too.
 */
const abort = async (
  client: S3Client,
  object: Omit<NewObject, 'ContentType'>,
  UploadId: string,
): Promise<void> => {
  await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined);
};
