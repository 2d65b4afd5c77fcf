import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { loadedLater } from '../shared/reader/organization-source.ts';
import { deployedOrganization } from './deployed-objects.ts';
import type { UploadedOrganization } from './uploaded-organization.ts';

/** The policies of the organization that the deployment was given, if it was; they are loaded with the first question. */
export const organizationGiven = (
  env: NodeJS.ProcessEnv,
  connected: {
    s3: () => Promise<S3Client>;
    findings: { client: DynamoDBClient; table: string };
    now: () => Date;
  },
): UploadedOrganization | undefined => {
  const place = deployedOrganization(env);
  if (!place) return undefined;
  const { source, ...told } = loadedLater(async () => {
    const { uploadedOrganization } = await import('./uploaded-organization.ts');
    return uploadedOrganization({ ...connected, place });
  });
  return { ...told, reaches: async (reach) => (await source()).reaches(reach) };
};
