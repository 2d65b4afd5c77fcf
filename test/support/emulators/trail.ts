import {
  type CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';

/** Makes a trail for all Regions that logs all management events, and returns its ARN. */
export const makeTrail = async (cloudtrail: CloudTrailClient, S3BucketName: string): Promise<string> => {
  const { TrailARN = '' } = await cloudtrail.send(
    new CreateTrailCommand({ Name: 'management-events', S3BucketName, IsMultiRegionTrail: true }),
  );
  // AWS gives a new trail this selector; moto does not.
  const EventSelectors = [{ ReadWriteType: 'All' as const, IncludeManagementEvents: true }];
  await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: TrailARN, EventSelectors }));
  await cloudtrail.send(new StartLoggingCommand({ Name: TrailARN }));
  return TrailARN;
};
