import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';

/**
 * The clients that a live Reader needs. All but SageMaker's are made when first used: their code is more than half of
 * what would be loaded otherwise, and most events need none of them.
 */
export type AwsClients = {
  sagemaker: SageMakerClient;
  s3: () => Promise<S3Client>;
  iam: () => Promise<IAMClient>;
  kms: () => Promise<KMSClient>;
  organizations: () => Promise<OrganizationsClient>;
  /** In the Region that is given: IAM's records arrive in another one than those of most pipelines. */
  cloudtrail: (region: string) => Promise<CloudTrailClient>;
};
