import type { ExecutionRef } from '../definition/execution-ref.ts';
import { pipelineOfExecution } from '../domain/arn.ts';
import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { AccountIdentities } from '../iam/decide/authorization-details.ts';
import type { Json } from '../json/json.ts';
import { type ReadCache, readCache } from './read-cache.ts';
import type {
  CorsRule,
  ExecutionDefinition,
  ExecutionFact,
  JobDescription,
  OrganizationPolicies,
  PipelineFact,
  PipelineVersion,
  Reader,
  RoleFact,
  Tags,
} from './reader.ts';

/** How long facts are kept, in seconds, and how many. */
export type CacheOptions = {
  now: () => Date;
  /** Of roles, and of all that IAM holds. */
  roleSeconds?: number;
  /** Of buckets and the policies of keys. */
  bucketSeconds?: number;
  organizationSeconds?: number;
  maxDefinitions?: number;
};

/** A resource, and what is known to have changed of it. */
export type ChangedResource = {
  [T in AuditedType]: { type: T; changed: readonly ChangeOf<T>[] } & (T extends 'role' | 'bucket'
    ? { name: string }
    : unknown);
}[AuditedType];

/** A Reader that can be told of a change, so that it asks anew. */
export type CachedReader = Reader & {
  forget: (resource: ChangedResource) => void;
  /** Forgets what is kept for a short time and was asked for before that time, in milliseconds since 1970. */
  forgetBefore: (time: number) => void;
};

/** A definition may have a megabyte, so that a count alone would not bound the memory. */
const MAX_DEFINITION_CHARACTERS = 32 * 1024 * 1024;
const MAX_ENTRIES = 5_000;

/** Of what there is only one. */
const ONLY = '';

/**
 * A Reader that asks once for what many events ask for. Roles, buckets, keys and the organization are kept for a short
 * time, the definition of an execution, which never changes, as long as there is room. Pipelines, executions and jobs
 * are not kept, as they are what events are about, but those who ask at the same time share one call. An answer says as
 * of when it holds (`asOf`).
 */
export const cachedReader = (
  reader: Reader,
  {
    now,
    roleSeconds = 60,
    bucketSeconds = 60,
    organizationSeconds = 300,
    maxDefinitions = 500,
  }: CacheOptions,
): CachedReader => {
  const inFlight = { now, maxEntries: MAX_ENTRIES, seconds: 0 };
  const pipelines = readCache<PipelineFact>(inFlight);
  const jobs = readCache<JobDescription>(inFlight);
  const executions = readCache<ExecutionFact>(inFlight);
  const versions = readCache<PipelineVersion[]>(inFlight);
  const shortly = (seconds: number) => ({ now, maxEntries: MAX_ENTRIES, seconds });
  const roles = readCache<RoleFact>(shortly(roleSeconds));
  const identities = readCache<AccountIdentities>(shortly(roleSeconds));
  const organization = readCache<OrganizationPolicies>(shortly(organizationSeconds));
  const cors = readCache<CorsRule[]>(shortly(bucketSeconds));
  const tags = readCache<Tags>(shortly(bucketSeconds));
  const bucketPolicies = readCache<Json | null>(shortly(bucketSeconds));
  const keyPolicies = readCache<Json>(shortly(bucketSeconds));
  const ofBucket: Record<ChangeOf<'bucket'>, Pick<ReadCache<unknown>, 'forget'>[]> = {
    existence: [bucketPolicies, cors, tags],
    policy: [bucketPolicies],
    cors: [cors],
    tags: [tags],
    uses: [],
  };
  const definitions = readCache<ExecutionDefinition>({
    now,
    maxEntries: maxDefinitions,
    seconds: Number.POSITIVE_INFINITY,
    maxSize: MAX_DEFINITION_CHARACTERS,
    sizeOf: ({ definitionText }) => definitionText.length,
  });
  return {
    scope: reader.scope,
    describePipeline: (name) => pipelines.read(name, () => reader.describePipeline(name)),
    describePipelineVersion: (name, versionId) =>
      pipelines.read(JSON.stringify([name, versionId]), () =>
        reader.describePipelineVersion(name, versionId),
      ),
    describeJob: (kind, name) => jobs.read(`${kind}/${name}`, () => reader.describeJob(kind, name)),
    describeExecutionDefinition: (execution) =>
      definitions.read(executionKey(execution), () => reader.describeExecutionDefinition(execution)),
    getRole: (name) => roles.read(name, () => reader.getRole(name)),
    getBucketCors: (bucket) => cors.read(bucket, () => reader.getBucketCors(bucket)),
    getBucketTags: (bucket) => tags.read(bucket, () => reader.getBucketTags(bucket)),
    getBucketPolicy: (bucket) => bucketPolicies.read(bucket, () => reader.getBucketPolicy(bucket)),
    getKeyPolicy: (key) => keyPolicies.read(key, () => reader.getKeyPolicy(key)),
    readIdentities: () => identities.read(ONLY, () => reader.readIdentities()),
    readOrganizationPolicies: () => organization.read(ONLY, () => reader.readOrganizationPolicies()),
    describeExecution: (executionArn) =>
      executions.read(executionArn, () => reader.describeExecution(executionArn)),
    listPipelineVersions: (name) => versions.read(name, () => reader.listPipelineVersions(name)),
    readTrails: () => reader.readTrails(),
    listPipelines: async () => {
      const asOf = now().getTime();
      const read = await reader.listPipelines();
      return read.ok ? { ...read, asOf } : read;
    },
    listBuckets: () => reader.listBuckets(),
    listJobs: () => reader.listJobs(),
    forget: (resource) => {
      const { type, changed } = resource;
      switch (type) {
        case 'role':
          if (changed.includes('existence')) roles.forget(resource.name);
          if (changed.some((change) => change !== 'uses')) identities.forget(ONLY);
          return;
        case 'user':
          if (changed.some((change) => change !== 'uses')) identities.forget(ONLY);
          return;
        case 'group':
        case 'policy':
          if (changed.length > 0) identities.forget(ONLY);
          return;
        case 'organization':
          if (changed.length > 0) organization.forget(ONLY);
          return;
        case 'bucket':
          for (const cache of changed.flatMap((change) => ofBucket[change])) cache.forget(resource.name);
          return;
        case 'pipeline':
        case 'job':
        case 'account':
          return; // nothing of them is kept
      }
    },
    forgetBefore: (time) => {
      const shortlyKept = [roles, identities, organization, cors, tags, bucketPolicies, keyPolicies];
      for (const cache of shortlyKept) cache.forgetBefore(time);
    },
  };
};

/** All steps of an execution share its definition; without its ARN, the answer hangs on everything that is known. */
const executionKey = (execution: ExecutionRef): string => {
  const { executionArn, executionId, kind, principalArn, stepNameStart, baseJobName } = execution;
  if (executionArn !== undefined && pipelineOfExecution(executionArn) !== undefined) return executionArn;
  return JSON.stringify([executionId, kind, principalArn, stepNameStart, baseJobName]);
};
