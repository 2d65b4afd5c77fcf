import { type BucketLocationConstraint, CreateBucketCommand } from '@aws-sdk/client-s3';
import { makeS3Client } from '../../../shared/aws/read/bucket-calls.ts';

/** A client of S3 in moto, with a new bucket. `isLocked`: with Object Lock, where S3 takes nothing without a checksum. */
export const motoBucket = async (
  {
    endpoint,
    region,
    isLocked = false,
  }: { endpoint: string; region: BucketLocationConstraint; isLocked?: boolean },
  Bucket: string,
): Promise<ReturnType<typeof makeS3Client>> => {
  const s3 = makeS3Client({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  });
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint: region },
      ...(isLocked && { ObjectLockEnabledForBucket: true }),
    }),
  );
  return s3;
};
