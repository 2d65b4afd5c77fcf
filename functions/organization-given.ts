import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { once } from '../shared/memo.ts';
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
  let made: UploadedOrganization | undefined;
  const uploaded = once(async () => {
    const { uploadedOrganization } = await import('./uploaded-organization.ts');
    made = uploadedOrganization({ ...connected, place: { bucket: required(env, 'CONFIG_BUCKET'), key } });
    return made;
  });
  return {
    policiesOf: async (account) => (await uploaded()).policiesOf(account),
    ownOf: async (account) => (await uploaded()).ownOf(account),
    reaches: async (reach) => (await uploaded()).reaches(reach),
    forgetBefore: (time) => made?.forgetBefore(time),
  };
};
