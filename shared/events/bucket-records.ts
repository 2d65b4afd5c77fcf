import { parseArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import { type Call, type Reading, type RecordReaders, readersOf } from './record.ts';

const readBucket = (call: Call): Reading => {
  const name = asText(memberAnyCase(call.request, 'bucketName')) ?? bucketInResources(call.record);
  if (!name) return { unreadable: `the record of ${call.eventName} names no bucket` };
  const arn = `arn:${call.partition}:s3:::${name}`;
  const deleted = call.eventName === 'DeleteBucket';
  return {
    requests: [{ type: 'bucket', resource: { type: 'bucket', arn }, name, trigger: call.trigger, deleted }],
  };
};

const bucketInResources = (record: Json): string | undefined =>
  asList(memberAnyCase(record, 'resources'))
    .map((resource) => parseArn(asText(memberAnyCase(resource, 'ARN')) ?? ''))
    .find((arn) => arn?.service === 's3' && !arn.resource.includes('/'))?.resource;

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
export const BUCKET_READERS: RecordReaders = new Map(
  readersOf(
    [
      'PutBucketCors',
      'DeleteBucketCors',
      'PutBucketPolicy',
      'DeleteBucketPolicy',
      'PutBucketTagging',
      'DeleteBucketTagging',
      'DeleteBucket',
    ],
    readBucket,
  ),
);
