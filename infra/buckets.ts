import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { HistoryMode } from './settings.ts';

/** The buckets of sweeps, reports, configurations and the history, if one is kept, and the bucket that logs access to them. */
export const stateBuckets = (
  stack: Stack,
  encryptionKey: IKey,
  history?: HistoryMode,
): { sweeps: Bucket; reports: Bucket; configurations: Bucket; history: Bucket | undefined } => {
  const closed = {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  } satisfies BucketProps;
  const accessLogs = new Bucket(stack, 'AccessLogs', {
    ...closed,
    // S3 delivers access logs only into buckets without a customer’s key.
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [
      { id: 'Expire', expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const encrypted = {
    ...closed,
    encryption: BucketEncryption.KMS,
    encryptionKey,
    bucketKeyEnabled: true,
    // The type of the CDK does not fit exactOptionalPropertyTypes.
    serverAccessLogsBucket: accessLogs as IBucket,
  } satisfies BucketProps;
  const sweeps = new Bucket(stack, 'Sweeps', {
    ...encrypted,
    serverAccessLogsPrefix: 'sweeps/',
    lifecycleRules: [
      { id: 'Expire', expiration: Duration.days(14), abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const reports = new Bucket(stack, 'Reports', {
    ...encrypted,
    serverAccessLogsPrefix: 'reports/',
    versioned: true,
    lifecycleRules: [
      {
        id: 'Expire',
        expiration: Duration.days(400),
        noncurrentVersionExpiration: Duration.days(90),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  // The functions go by a copy whose checksum they know, so that nothing of it is secret from whoever may read the functions, and no key
  // whose policy somebody changes can stop them.
  const configurations = new Bucket(stack, 'Configurations', {
    ...closed,
    encryption: BucketEncryption.S3_MANAGED,
    serverAccessLogsBucket: accessLogs as IBucket,
    serverAccessLogsPrefix: 'configurations/',
    versioned: true,
    lifecycleRules: [
      {
        id: 'Expire',
        noncurrentVersionExpiration: Duration.days(400),
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  // Object Lock can be switched on only when a bucket is made: without a default retention it keeps nothing by itself.
  const kept =
    history === undefined
      ? undefined
      : new Bucket(stack, 'History', {
          ...encrypted,
          serverAccessLogsPrefix: 'history/',
          versioned: true,
          objectLockEnabled: true,
          ...(history === 'locked' && { objectLockDefaultRetention: ObjectLockRetention.compliance(LOCKED) }),
          lifecycleRules: [
            {
              id: 'Expire',
              expiration: KEPT,
              noncurrentVersionExpiration: Duration.days(90),
              abortIncompleteMultipartUploadAfter: Duration.days(1),
            },
          ],
          removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        });
  return { sweeps, reports, configurations, history: kept };
};

/** A year and what an audit of it takes: so long nobody can delete a file of a history that is locked. */
const LOCKED = Duration.days(400);
/** Seven years. */
const KEPT = Duration.days(2557);
