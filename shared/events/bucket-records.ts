import { type Arn, parseArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { Call, Reading } from './record.ts';

export const readBucket = (call: Call<'bucket'>): Reading =>
  lookAt(asText(memberAnyCase(call.request, 'bucketName')), call);

/** The same call tags buckets, access points and other resources of S3. */
export const readTaggedResource = (call: Call<'tagged resource'>): Reading => {
  const tagged = parseArn(asText(memberAnyCase(call.request, 'resourceArn')) ?? '');
  if (tagged && !isBucket(tagged)) return { ignored: 'what was tagged is no bucket' };
  return lookAt(tagged?.resource ?? asText(memberAnyCase(call.request, 'bucketName')), call);
};

const lookAt = (told: string | undefined, call: Call<'bucket' | 'tagged resource'>): Reading => {
  const name = told || bucketInResources(call.record);
  if (!name) return { unreadable: `the record of ${call.eventName} names no bucket` };
  const arn = `arn:${call.partition}:s3:::${name}`;
  const { changed, deletes = false } = call.audited;
  return {
    requests: [
      {
        type: 'bucket',
        resource: { type: 'bucket', arn },
        name,
        changed,
        trigger: call.trigger,
        deleted: deletes,
      },
    ],
  };
};

const bucketInResources = (record: Json): string | undefined =>
  asList(memberAnyCase(record, 'resources'))
    .map((resource) => parseArn(asText(memberAnyCase(resource, 'ARN')) ?? ''))
    .find((arn) => arn && isBucket(arn))?.resource;

/** The ARN of an object contains a slash, and the ARN of an access point an account. */
const isBucket = ({ service, account, resource }: Arn): boolean =>
  service === 's3' && account === '' && !resource.includes('/');
