import { SageMakerClient, type SageMakerClientConfig } from '@aws-sdk/client-sagemaker';
import { once, oncePer } from '../../memo.ts';
import type { AwsClients } from './aws-clients.ts';

/** Without a Region or credentials, the SDK finds them as it always does: environment, profile, execution role. */
export type ClientOptions = {
  region?: string;
  credentials?: NonNullable<SageMakerClientConfig['credentials']>;
  maxAttempts?: number;
  /** The longest that one attempt may take, in milliseconds. */
  requestMillis?: number;
  /** `adaptive` for what others in the account share the limits of: it slows all calls of a client when one is throttled. */
  retryMode?: 'standard' | 'adaptive';
};

/** Clients with bounded times: a call that hangs must leave a Lambda function time to say so. */
export const awsClients = (options: ClientOptions = {}): AwsClients => {
  const config = clientConfig({ retryMode: 'adaptive', ...options });
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
  const isEmulator = Boolean(AWS_ENDPOINT_URL || AWS_ENDPOINT_URL_S3);
  return {
    sagemaker: new SageMakerClient(config),
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
    cloudtrail: oncePer(async (region) => {
      const { makeCloudTrailClient } = await import('./trail-calls.ts');
      return makeCloudTrailClient({ ...config, region });
    }),
  };
};

/** The configuration that every client of this project has: connect in 2 s, answer in 10 s, 6 attempts. */
export const clientConfig = ({
  region,
  credentials,
  maxAttempts = 6,
  requestMillis = 10_000,
  retryMode = 'standard',
}: ClientOptions = {}) => ({
  ...(region === undefined ? {} : { region }),
  ...(credentials === undefined ? {} : { credentials }),
  retryMode,
  maxAttempts,
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: requestMillis,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: 50 },
  },
});
