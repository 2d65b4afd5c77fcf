import {
  type CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { type BucketLocationConstraint, CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';

/** A trail of all Regions that logs all management events, as a sound account has one; its ARN. */
export const makeTrail = async (s3: S3Client, cloudtrail: CloudTrailClient): Promise<string> => {
  const Bucket = 'management-event-logs';
  const LocationConstraint = (await s3.config.region()) as BucketLocationConstraint;
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }));
  const { TrailARN = '' } = await cloudtrail.send(
    new CreateTrailCommand({ Name: 'management-events', S3BucketName: Bucket, IsMultiRegionTrail: true }),
  );
  // AWS gives a new trail this selector; moto gives it none.
  const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true }];
  await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: TrailARN, EventSelectors }));
  await cloudtrail.send(new StartLoggingCommand({ Name: TrailARN }));
  return TrailARN;
};
