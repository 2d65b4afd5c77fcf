import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { RAMClient } from '@aws-sdk/client-ram';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

/**
 * The clients that the live Reader needs. All but SageMaker’s are loaded when they are first used: they are more than
 * half of the code, and most events need none of them.
 */
export type AwsClients = {
  sagemaker: SageMakerClient;
  s3: () => Promise<S3Client>;
  iam: () => Promise<IAMClient>;
  kms: () => Promise<KMSClient>;
  organizations: () => Promise<OrganizationsClient>;
  ram: () => Promise<RAMClient>;
  /** A client for the given Region, because IAM’s records often arrive in another Region than the pipelines’. */
  cloudtrail: (region: string) => Promise<CloudTrailClient>;
};
