import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { loadedLater } from '../shared/reader/organization-source.ts';
import { required } from './environment.ts';
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
  const key = env.ORGANIZATION_POLICIES_KEY;
  if (key === undefined) return undefined;
  const { source, ...told } = loadedLater(async () => {
    const { uploadedOrganization } = await import('./uploaded-organization.ts');
    return uploadedOrganization({ ...connected, place: { bucket: required(env, 'CONFIG_BUCKET'), key } });
  });
  return { ...told, reaches: async (reach) => (await source()).reaches(reach) };
};
