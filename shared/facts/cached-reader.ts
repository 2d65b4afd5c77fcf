import type { ResourceType } from '../findings/finding.ts';
import { pipelineOfExecution } from './execution.ts';
import { readCache } from './read-cache.ts';
import type {
  CorsRule,
  ExecutionDefinition,
  ExecutionRef,
  JobDescription,
  PipelineFact,
  Reader,
  RoleFact,
  Tags,
} from './reader.ts';

/** How long facts are kept, in seconds, and how many. */
export type CacheOptions = {
  now: () => Date;
  roleSeconds?: number;
  bucketSeconds?: number;
  maxDefinitions?: number;
};

/** A Reader that can be told of a change, so that it asks anew. */
export type CachedReader = Reader & { forget: (resource: { type: ResourceType; name: string }) => void };

/** A definition may have a megabyte, so that a count alone would not bound the memory. */
const MAX_DEFINITION_CHARACTERS = 32 * 1024 * 1024;
const MAX_ENTRIES = 5_000;

/**
 * A Reader that asks once for what many events ask for. Roles and buckets are kept for a short time, the definition of
 * an execution, which never changes, as long as there is room. Pipelines and jobs are not kept, as they are what events
 * are about, but those who ask at the same time share one call.
 */
export const cachedReader = (
  reader: Reader,
  { now, roleSeconds = 60, bucketSeconds = 60, maxDefinitions = 500 }: CacheOptions,
): CachedReader => {
  const inFlight = { now, maxEntries: MAX_ENTRIES, seconds: 0 };
  const pipelines = readCache<PipelineFact>(inFlight);
  const jobs = readCache<JobDescription>(inFlight);
  const roles = readCache<RoleFact>({ now, maxEntries: MAX_ENTRIES, seconds: roleSeconds });
  const cors = readCache<CorsRule[]>({ now, maxEntries: MAX_ENTRIES, seconds: bucketSeconds });
  const tags = readCache<Tags>({ now, maxEntries: MAX_ENTRIES, seconds: bucketSeconds });
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
    describeJob: (kind, name) => jobs.read(`${kind}/${name}`, () => reader.describeJob(kind, name)),
    describeExecutionDefinition: (execution) =>
      definitions.read(executionKey(execution), () => reader.describeExecutionDefinition(execution)),
    getRole: (name) => roles.read(name, () => reader.getRole(name)),
    getBucketCors: (bucket) => cors.read(bucket, () => reader.getBucketCors(bucket)),
    getBucketTags: (bucket) => tags.read(bucket, () => reader.getBucketTags(bucket)),
    listPipelines: () => reader.listPipelines(),
    listBuckets: () => reader.listBuckets(),
    listJobs: () => reader.listJobs(),
    forget: ({ type, name }) => {
      if (type === 'role') roles.forget(name);
      if (type === 'bucket') {
        cors.forget(name);
        tags.forget(name);
      }
    },
  };
};

/** All steps of an execution share its definition; without its ARN, the answer hangs on everything that is known. */
const executionKey = (execution: ExecutionRef): string => {
  const { executionArn, executionId, kind, principalArn, stepNameStart, baseJobName } = execution;
  if (executionArn !== undefined && pipelineOfExecution(executionArn) !== undefined) return executionArn;
  return JSON.stringify([executionId, kind, principalArn, stepNameStart, baseJobName]);
};
