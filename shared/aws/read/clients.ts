import { SageMakerClient, type SageMakerClientConfig } from '@aws-sdk/client-sagemaker';
import { once, oncePer } from '../../memo.ts';
import type { AwsClients } from './aws-clients.ts';
import { namingActions } from './naming-actions.ts';
import { withUnmodelledMembers } from './unmodelled-members.ts';

/** Without `region` or `credentials` the SDK finds them as usual: environment, profile, execution role. */
export type ClientOptions = {
  region?: string;
  credentials?: NonNullable<SageMakerClientConfig['credentials']>;
  maxAttempts?: number;
  /** The longest time of one attempt, in milliseconds. */
  requestMillis?: number;
  /** `adaptive` slows down all calls of a client after one was throttled, for limits that the whole account shares. */
  retryMode?: 'standard' | 'adaptive';
  /** The connections of another client, with its `requestMillis`. */
  requestHandler?: NonNullable<SageMakerClientConfig['requestHandler']>;
};

/**
 * The clients of the live Reader. Their times are bounded, so that a call that hangs leaves a function time to say so.
 */
export const awsClients = (options: ClientOptions = {}): AwsClients => {
  const config = clientConfig({ retryMode: 'adaptive', ...options });
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
  const isEmulator = Boolean(AWS_ENDPOINT_URL || AWS_ENDPOINT_URL_S3);
  return {
    sagemaker: withUnmodelledMembers(namingActions('sagemaker', new SageMakerClient(config))),
    s3: once(async () => {
      const { makeS3Client } = await import('./bucket-calls.ts');
      return makeS3Client({ ...config, forcePathStyle: isEmulator });
    }),
    iam: once(async () => {
      const { makeIamClient } = await import('./role-calls.ts');
      return makeIamClient(config);
    }),
    kms: once(async () => {
      const { makeKmsClient } = await import('./key-calls.ts');
      return makeKmsClient(config);
    }),
    organizations: once(async () => {
      const { makeOrganizationsClient } = await import('./organization-calls.ts');
      return makeOrganizationsClient(config);
    }),
    ram: once(async () => {
      const { makeRamClient } = await import('./share-calls.ts');
      return makeRamClient(config);
    }),
    cloudtrail: oncePer(async (region) => {
      const { makeCloudTrailClient } = await import('./trail-calls.ts');
      return makeCloudTrailClient({ ...config, region });
    }),
  };
};

/** The configuration of every client: connect within 2 s, answer within 10 s, 6 attempts. */
export const clientConfig = ({
  region,
  credentials,
  maxAttempts = 6,
  requestMillis = 10_000,
  retryMode = 'standard',
  requestHandler = {
    connectionTimeout: 2_000,
    requestTimeout: requestMillis,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: 50 },
  },
}: ClientOptions = {}) => ({
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials }),
  retryMode,
  maxAttempts,
  requestHandler,
});
