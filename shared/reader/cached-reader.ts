import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { Trigger } from '../domain/trigger.ts';
import type { AccountIdentities } from '../iam/decide/authorization-details.ts';
import type { Json } from '../json/json.ts';
import { type ReadCache, readCache } from './read-cache.ts';
import type {
  CorsRule,
  ExecutionDefinition,
  ExecutionFact,
  ExecutionStep,
  JobDescription,
  KeyPolicy,
  OrganizationPolicies,
  OwnOrganization,
  PipelineFact,
  PipelineShare,
  PipelineVersion,
  Reader,
  RoleFact,
  Tags,
} from './reader.ts';

/** How long facts are kept, in seconds, and where definitions are kept. */
export type CacheOptions = {
  now: () => Date;
  /** Also for users, groups, managed policies and shares. */
  roleSeconds?: number;
  /** Also for key policies. */
  bucketSeconds?: number;
  organizationSeconds?: number;
  /** The definitions of executions, which readers may share, so that all of them together are bounded. */
  definitions?: ReadCache<ExecutionDefinition>;
  /** All users and roles, by account, which the readers of several accounts may share for the same reason. */
  identities?: ReadCache<AccountIdentities>;
};

/** A resource, and what changed about it; `trigger`: the event that tells of it. */
export type ChangedResource = {
  [T in AuditedType]: { type: T; changed: readonly ChangeOf<T>[]; trigger?: Trigger } & (T extends
    | 'role'
    | 'bucket'
    ? { name: string }
    : unknown);
}[AuditedType];

/** A Reader that can be told that a resource changed, so that it asks AWS again. */
export type CachedReader = Reader & {
  forget: (resource: ChangedResource) => void;
  /** Drops all answers that are kept for a time and that were asked for before `time`, in milliseconds since 1970. */
  forgetBefore: (time: number) => void;
};

/** A definition can have a megabyte, so that a number of definitions alone would not bound the memory. */
const MAX_DEFINITION_CHARACTERS = 32 * 1024 * 1024;
const MAX_ENTRIES = 5_000;

/** The key of facts of which an account has only one. */
const ONLY = '';

/** Definitions of executions, which never change, by the ARN of the execution. */
export const definitionCache = ({
  now,
  maxEntries = 500,
}: {
  now: () => Date;
  maxEntries?: number;
}): ReadCache<ExecutionDefinition> =>
  readCache({
    now,
    maxEntries,
    seconds: Number.POSITIVE_INFINITY,
    maxSize: MAX_DEFINITION_CHARACTERS,
    sizeOf: ({ definitionText }) => definitionText.length,
  });

/** All users and roles of the accounts that were asked for last: those of 1,000 roles take some 40 MB. */
export const identityCache = ({
  now,
  maxEntries = MAX_ENTRIES,
  roleSeconds = 60,
}: Pick<CacheOptions, 'now' | 'roleSeconds'> & { maxEntries?: number }): ReadCache<AccountIdentities> =>
  readCache({ now, maxEntries, seconds: roleSeconds });

/**
 * A Reader that asks once for what many events ask for. Roles, buckets, keys and the organization are kept for a short
 * time. The definition of an execution never changes and is kept while there is room. Pipelines, executions and jobs
 * are not kept, but callers at the same time share one call. Each answer has the time for which it holds (`asOf`).
 */
export const cachedReader = (
  reader: Reader,
  {
    now,
    roleSeconds = 60,
    bucketSeconds = 60,
    organizationSeconds = 300,
    definitions = definitionCache({ now }),
    identities = identityCache({ now, roleSeconds }),
  }: CacheOptions,
): CachedReader => {
  const { account } = reader.scope;
  const inFlight = { now, maxEntries: MAX_ENTRIES, seconds: 0 };
  const pipelines = readCache<PipelineFact>(inFlight);
  const jobs = readCache<JobDescription>(inFlight);
  const executions = readCache<ExecutionFact>(inFlight);
  const steps = readCache<ExecutionStep[]>(inFlight);
  const versions = readCache<PipelineVersion[]>(inFlight);
  const shortly = (seconds: number) => ({ now, maxEntries: MAX_ENTRIES, seconds });
  const roles = readCache<RoleFact>(shortly(roleSeconds));
  const shares = readCache<PipelineShare[]>(shortly(roleSeconds));
  const organization = readCache<OrganizationPolicies>(shortly(organizationSeconds));
  const ownOrganization = readCache<OwnOrganization | null>(shortly(organizationSeconds));
  const cors = readCache<CorsRule[]>(shortly(bucketSeconds));
  const tags = readCache<Tags>(shortly(bucketSeconds));
  const bucketPolicies = readCache<Json | null>(shortly(bucketSeconds));
  const keyPolicies = readCache<KeyPolicy>(shortly(bucketSeconds));
  const ofBucket: Record<ChangeOf<'bucket'>, Pick<ReadCache<unknown>, 'forget'>[]> = {
    existence: [bucketPolicies, cors, tags],
    policy: [bucketPolicies],
    cors: [cors],
    tags: [tags],
    uses: [],
  };
  return {
    scope: reader.scope,
    describePipeline: (name) => pipelines.read(name, () => reader.describePipeline(name)),
    describePipelineVersion: (name, versionId) =>
      pipelines.read(JSON.stringify([name, versionId]), () =>
        reader.describePipelineVersion(name, versionId),
      ),
    describeJob: (kind, name) => jobs.read(`${kind}/${name}`, () => reader.describeJob(kind, name)),
    describeExecutionDefinition: (execution) =>
      definitions.read(execution.executionArn, () => reader.describeExecutionDefinition(execution)),
    getRole: (name) => roles.read(name, () => reader.getRole(name)),
    getBucketCors: (bucket) => cors.read(bucket, () => reader.getBucketCors(bucket)),
    getBucketTags: (bucket) => tags.read(bucket, () => reader.getBucketTags(bucket)),
    getBucketPolicy: (bucket) => bucketPolicies.read(bucket, () => reader.getBucketPolicy(bucket)),
    getKeyPolicy: (key) => keyPolicies.read(key, () => reader.getKeyPolicy(key)),
    readIdentities: () => identities.read(account, () => reader.readIdentities()),
    readOwnOrganization: () => ownOrganization.read(ONLY, () => reader.readOwnOrganization()),
    readOrganizationPolicies: () => organization.read(ONLY, () => reader.readOrganizationPolicies()),
    listExecutionSteps: (executionArn) =>
      steps.read(executionArn, () => reader.listExecutionSteps(executionArn)),
    describeExecution: (executionArn) =>
      executions.read(executionArn, () => reader.describeExecution(executionArn)),
    listPipelineVersions: (name) => versions.read(name, () => reader.listPipelineVersions(name)),
    readTrails: () => reader.readTrails(),
    readShares: () => shares.read(ONLY, () => reader.readShares()),
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
          if (changed.some((change) => change !== 'uses')) identities.forget(account);
          return;
        case 'user':
          if (changed.some((change) => change !== 'uses')) identities.forget(account);
          return;
        case 'group':
        case 'policy':
          if (changed.length > 0) identities.forget(account);
          return;
        case 'key':
          // An alias may have led to any of them.
          if (changed.length > 0) keyPolicies.forgetBefore(Number.POSITIVE_INFINITY);
          return;
        case 'organization':
          if (changed.length > 0) for (const cache of [organization, ownOrganization]) cache.forget(ONLY);
          return;
        case 'bucket':
          for (const cache of changed.flatMap((change) => ofBucket[change])) cache.forget(resource.name);
          return;
        case 'pipeline':
          if (changed.includes('sharing')) shares.forget(ONLY);
          return; // nothing else of a pipeline is kept
        case 'share':
          if (changed.length > 0) shares.forget(ONLY);
          return;
        case 'job':
        case 'account':
          return; // nothing of them is kept
      }
    },
    forgetBefore: (time) => {
      const ofAccount = [roles, identities, shares, organization, ownOrganization];
      for (const cache of [...ofAccount, cors, tags, bucketPolicies, keyPolicies]) cache.forgetBefore(time);
    },
  };
};
