import { createHash } from 'node:crypto';
import {
  GetBucketCorsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  paginateListBuckets,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { Json } from '../../json/json.ts';
import { corsRules } from '../../reader/answers/cors.ts';
import { INCOMPLETE } from '../../reader/answers/describe.ts';
import { policyDocument } from '../../reader/answers/policy-document.ts';
import { tagsOf } from '../../reader/answers/tags.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import type { CorsRule, Tags } from '../../reader/reader.ts';
import { isAwsAccessError, isRefusedByRegion, refusingRegion } from './access-error.ts';
import { allPages, call, shorten } from './call.ts';
import { namingActions } from './naming-actions.ts';
import { regionRefused } from './refusing-region.ts';

/** Buckets are listed for the whole account, so that some are in other Regions. */
export const makeS3Client = (config: S3ClientConfig): S3Client =>
  namingActions('s3', new S3Client({ ...config, followRegionRedirects: true }));

/** All names that S3 has ever allowed. No other text may become part of a URL. */
const BUCKET_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

/** The CORS rules of a bucket; an empty list where it has no CORS configuration. */
export const readBucketCors = async (client: S3Client, bucket: string): Promise<Read<CorsRule[]>> => {
  const name = 'GetBucketCors';
  const output = await bucketCall(client, { name, bucket }, () =>
    client.send(new GetBucketCorsCommand({ Bucket: bucket })),
  );
  if (!output.ok) return output.unread.code === 'NoSuchCORSConfiguration' ? found([]) : output;
  const rules = corsRules(output.value.CORSRules ?? []);
  return rules ? found(rules) : notRead(name, INCOMPLETE, `the CORS rules of ${bucket} cannot be understood`);
};

/** The tags of a bucket; none where it has no tag set. */
export const readBucketTags = async (client: S3Client, bucket: string): Promise<Read<Tags>> => {
  const name = 'GetBucketTagging';
  const output = await bucketCall(client, { name, bucket }, () =>
    client.send(new GetBucketTaggingCommand({ Bucket: bucket })),
  );
  if (!output.ok) return output.unread.code === 'NoSuchTagSet' ? found(new Map()) : output;
  const tags = tagsOf(output.value.TagSet ?? []);
  return tags ? found(tags) : notRead(name, INCOMPLETE, `the tags of ${bucket} cannot be understood`);
};

/** The policy of a bucket; null where it has none. */
export const readBucketPolicy = async (client: S3Client, bucket: string): Promise<Read<Json | null>> => {
  const name = 'GetBucketPolicy';
  const output = await bucketCall(client, { name, bucket }, () =>
    client.send(new GetBucketPolicyCommand({ Bucket: bucket })),
  );
  if (!output.ok) return output.unread.code === 'NoSuchBucketPolicy' ? found(null) : output;
  const document = policyDocument(output.value.Policy);
  return document === undefined
    ? notRead(name, INCOMPLETE, `the answer holds no policy of ${bucket}`)
    : found(document);
};

/**
 * The text of an object; undefined where it is larger than that many bytes.
 * @throws where it cannot be read, or is another one than was deployed (`ObjectReplaced`).
 */
export const readObjectText = async (
  client: S3Client,
  { bucket, key, sha256 }: StoredObject,
  maxBytes: number,
): Promise<string | undefined> => {
  const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!Body) throw new Error('the object has no content');
  if (ContentLength > maxBytes) {
    (Body as { destroy?: () => void }).destroy?.();
    return undefined;
  }
  const bytes = await Body.transformToByteArray();
  const found = sha256 && createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw Object.assign(
      new Error(
        `somebody has replaced it since it was deployed: its SHA-256 is ${found}, and that of the deployment ${sha256}`,
      ),
      { name: OBJECT_REPLACED },
    );
  return Buffer.from(bytes).toString('utf8');
};

/** The name of the error of an object that is not the one that was deployed. */
export const OBJECT_REPLACED = 'ObjectReplaced';

/** Where an object is, and the SHA-256 (hexadecimal) that its bytes must have, if that was recorded. */
export type StoredObject = { bucket: string; key: string; sha256?: string | undefined };

/** The names of all buckets of the account, in all Regions. */
export const listBucketNames = (client: S3Client): Promise<Read<string[]>> =>
  call('ListBuckets', () =>
    allPages(paginateListBuckets({ client }, { MaxBuckets: 1000 }), ({ Buckets }) =>
      Buckets?.flatMap(({ Name }) => Name ?? []),
    ),
  );

/** A Region that is off in the account and has the bucket says nothing of the account elsewhere, so that what it refuses is the answer. */
const bucketCall = async <T>(
  client: S3Client,
  { name, bucket }: { name: string; bucket: string },
  send: () => Promise<T>,
): Promise<Read<T>> => {
  if (!BUCKET_NAME.test(bucket))
    return notRead(name, 'InvalidBucketName', shorten(`no bucket can be named ${JSON.stringify(bucket)}`));
  try {
    return await call(name, send);
  } catch (error) {
    const region = isAwsAccessError(error) && isRefusedByRegion(error) ? refusingRegion(error) : undefined;
    if (region === undefined || region === (await client.config.region())) throw error;
    return { ok: false, unread: regionRefused(name, error as Error, { region }) };
  }
};
