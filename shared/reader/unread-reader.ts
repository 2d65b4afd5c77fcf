import type { Unread } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import type { Read } from './read-result.ts';
import type { Reader } from './reader.ts';

/** The reader of an account’s Region that cannot be read: each answer is why. Nobody can then take the Region for an empty one. */
export const unreadReader = (scope: Scope, unread: Unread): Reader => {
  const no = async (): Promise<Read<never>> => ({ ok: false, unread });
  return {
    scope,
    describePipeline: no,
    describePipelineVersion: no,
    describeExecutionDefinition: no,
    describeJob: no,
    getBucketCors: no,
    getBucketTags: no,
    getRole: no,
    readIdentities: no,
    readOrganizationPolicies: no,
    readOwnOrganization: no,
    getBucketPolicy: no,
    getKeyPolicy: no,
    readTrails: no,
    readShares: no,
    listExecutionSteps: no,
    describeExecution: no,
    listPipelineVersions: no,
    listPipelines: no,
    listBuckets: no,
    listJobs: no,
  };
};
