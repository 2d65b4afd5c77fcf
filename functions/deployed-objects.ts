import type { DeployedConfig } from '../shared/aws/keep/stored-config.ts';
import type { StoredObject } from '../shared/aws/read/bucket-calls.ts';
import { required } from './environment.ts';

/** The configuration, as it was deployed with the function, and where copies of it are kept. */
export const deployedConfig = (env: NodeJS.ProcessEnv): DeployedConfig => ({
  bucket: required(env, 'CONFIG_BUCKET'),
  key: required(env, 'CONFIG_KEY'),
  sha256: env.CONFIG_SHA256,
  copiesIn: env.CONFIG_COPIES_BUCKET,
});

/** The file of the organization’s policies, if one was deployed. The CDK puts all files of a stack into one bucket. */
export const deployedOrganization = (env: NodeJS.ProcessEnv): StoredObject | undefined => {
  const key = env.ORGANIZATION_POLICIES_KEY;
  return key === undefined
    ? undefined
    : { bucket: required(env, 'CONFIG_BUCKET'), key, sha256: env.ORGANIZATION_POLICIES_SHA256 };
};
