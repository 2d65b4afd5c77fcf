import type { Scope } from '../../domain/scope.ts';
import type { ListingBound } from '../../reader/listing-bound.ts';
import type { Reader } from '../../reader/reader.ts';
import type { AwsClients } from './aws-clients.ts';
import { listJobsInProgress, readJob } from './job-calls.ts';
import { organizationOf } from './organization-of.ts';
import {
  listPipelineSummaries,
  listSteps,
  listVersions,
  readExecution,
  readExecutionDefinition,
  readPipeline,
  readPipelineVersion,
} from './pipeline-calls.ts';

/**
 * The Reader over AWS’s APIs. A method rejects with an `AwsAccessError` where no call can succeed; any other failure is
 * a value that says why nothing could be read. `bound`: the most that it lists.
 */
export const liveReader = ({
  sagemaker,
  s3,
  iam,
  kms,
  organizations,
  ram,
  cloudtrail,
  scope,
  bound,
}: AwsClients & { scope: Scope; bound?: ListingBound | undefined }): Reader => {
  const buckets = async () => ({ ...(await import('./bucket-calls.ts')), client: await s3() });
  const roles = async () => ({ ...(await import('./role-calls.ts')), client: await iam() });
  // Made anew for each question, as nothing of one answer is kept for the next.
  const organization = () => organizationOf(organizations, { caller: scope.account });
  return {
    scope,
    describePipeline: (name) => readPipeline(sagemaker, scope, name),
    describePipelineVersion: (name, versionId) => readPipelineVersion(sagemaker, scope, name, versionId),
    describeExecutionDefinition: (execution) => readExecutionDefinition(sagemaker, scope, execution),
    describeJob: (kind, name) => readJob(sagemaker, scope, kind, name),
    getBucketCors: async (bucket) => {
      const { client, readBucketCors } = await buckets();
      return readBucketCors(client, bucket);
    },
    getBucketTags: async (bucket) => {
      const { client, readBucketTags } = await buckets();
      return readBucketTags(client, bucket);
    },
    getRole: async (name) => {
      const { client, readRole } = await roles();
      return readRole(client, name);
    },
    readIdentities: async () => {
      const { client, readIdentities } = await roles();
      return readIdentities(client, bound?.iamCharacters);
    },
    readOrganizationPolicies: () => organization().policiesOf(scope.account),
    readOwnOrganization: () => organization().ownOf(scope.account),
    getBucketPolicy: async (bucket) => {
      const { client, readBucketPolicy } = await buckets();
      return readBucketPolicy(client, bucket);
    },
    getKeyPolicy: async (key) => {
      const { readKeyPolicy } = await import('./key-calls.ts');
      return readKeyPolicy(await kms(), scope, key);
    },
    readTrails: async () => {
      const { readTrails } = await import('./trail-calls.ts');
      return readTrails(cloudtrail, scope);
    },
    readShares: async () => {
      const { readShares } = await import('./share-calls.ts');
      return readShares(await ram());
    },
    listExecutionSteps: (executionArn) => listSteps(sagemaker, executionArn),
    describeExecution: (executionArn) => readExecution(sagemaker, executionArn),
    listPipelineVersions: (name) => listVersions(sagemaker, name),
    listPipelines: () => listPipelineSummaries(sagemaker, bound?.pipelines),
    listBuckets: async () => {
      const { client, listBucketNames } = await buckets();
      return listBucketNames(client);
    },
    listJobs: () => listJobsInProgress(sagemaker),
  };
};
