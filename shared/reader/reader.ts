import type { ExecutionRef } from '../definition/execution-ref.ts';
import type { JobKindId } from '../definition/job-kinds.ts';
import type { Scope } from '../domain/scope.ts';
import type { AccountIdentities } from '../iam/decide/authorization-details.ts';
import type { Json } from '../json/json.ts';
import type { Read } from './read-result.ts';

/** A pipeline as DescribePipeline gives it. */
export type PipelineFact = {
  name: string;
  arn: string;
  roleArn: string;
  definitionText: string;
  /** ISO 8601; missing where a snapshot's file does not tell. */
  modifiedAt?: string;
};

/** The definition that an execution runs, and the pipeline it belongs to. */
export type ExecutionDefinition = {
  pipelineName: string;
  /** The role of the pipeline, under which SageMaker runs its steps; missing where it could not be read. */
  roleArn?: string;
  /** Since when the pipeline is as it is, ISO 8601. */
  modifiedAt?: string;
  definitionText: string;
};

/** A step of an execution, as SageMaker lists it. */
export type ExecutionStep = {
  name: string;
  /** The jobs that it has started, those of its last attempt. */
  jobArns: readonly string[];
  isRunning: boolean;
  /** When its last attempt began, ISO 8601. */
  startedAt?: string;
  /** It was tried more than once, so that earlier jobs of it are not listed. */
  isRetried: boolean;
};

/** A job as its Describe call gives it. */
export type JobDescription = {
  kind: JobKindId;
  name: string;
  arn: string;
  roleArns: string[];
  /** The tuning job that SageMaker made a training job for. */
  tuningJobArn?: string;
  createdAt?: string;
};

/** One rule of a bucket's CORS configuration; lists are sets, in no order. */
export type CorsRule = {
  allowedHeaders: string[];
  allowedMethods: string[];
  allowedOrigins: string[];
  exposeHeaders: string[];
  maxAgeSeconds?: number;
};

/** A role as GetRole gives it. */
export type RoleFact = { name: string; arn: string };

/** A pipeline as a listing gives it; a snapshot's says nothing but the name. */
export type PipelineSummary = { name: string; roleArn?: string; modifiedAt?: string };

/** A version of a pipeline, when it was made (ISO 8601), and the aliases that lead to it. */
export type PipelineVersion = { id: number; createdAt?: string; aliases: readonly string[] };

/** An execution as DescribePipelineExecution and ListPipelineParametersForExecution give it. */
export type ExecutionFact = {
  executionArn: string;
  /** The version that it runs; missing where AWS does not tell. */
  versionId?: number;
  parameters: Readonly<Record<string, string>>;
};

/** The policies of one level of an organization: the root, an organizational unit, or the account. */
export type OrganizationLevel = { target: string; policies: readonly { name: string; document: Json }[] };

/** The SCPs and RCPs that bear on the account, root first; no level at all where it is in no organization. */
export type OrganizationPolicies = {
  scps: readonly OrganizationLevel[];
  rcps: readonly OrganizationLevel[];
  /** Which neither SCPs nor RCPs limit. */
  managementAccount?: string;
};

/** A condition on one field of a record: it must meet all of its operators, each with any (or, of a Not, none) of the values. */
export type FieldSelector = {
  field: string;
  equals?: readonly string[];
  startsWith?: readonly string[];
  endsWith?: readonly string[];
  notEquals?: readonly string[];
  notStartsWith?: readonly string[];
  notEndsWith?: readonly string[];
};

/** A trail of CloudTrail, of the account or of its organization. */
export type TrailFact = {
  arn: string;
  homeRegion: string;
  isMultiRegion: boolean;
  isLogging: Read<boolean>;
  /** What is logged: records that meet all conditions of one of these; basic selectors are written as advanced ones. */
  selectors: Read<readonly (readonly FieldSelector[])[]>;
};

/** Tags of a resource. */
export type Tags = ReadonlyMap<string, string>;

/**
 * What AWS says now. Two implementations, one contract (test/contract/reader.test.ts): a snapshot folder, and live AWS.
 * The `list…` methods are for auditing a whole account; the event path never calls them.
 */
export type Reader = {
  readonly scope: Scope;
  describePipeline(name: string): Promise<Read<PipelineFact>>;
  /** The pipeline as that version of it was defined. */
  describePipelineVersion(name: string, versionId: number): Promise<Read<PipelineFact>>;
  /** The definition that an execution ran, which need not be its pipeline's present one. */
  describeExecutionDefinition(execution: ExecutionRef): Promise<Read<ExecutionDefinition>>;
  describeJob(kind: JobKindId, name: string): Promise<Read<JobDescription>>;
  /** An empty list where the bucket has no CORS configuration. */
  getBucketCors(bucket: string): Promise<Read<CorsRule[]>>;
  getBucketTags(bucket: string): Promise<Read<Tags>>;
  getRole(name: string): Promise<Read<RoleFact>>;
  /** The users and roles of the account with their policies, groups' included: one listing for all of them. */
  readIdentities(): Promise<Read<AccountIdentities>>;
  readOrganizationPolicies(): Promise<Read<OrganizationPolicies>>;
  /** The policy document of a bucket; null where it has none. */
  getBucketPolicy(bucket: string): Promise<Read<Json | null>>;
  /** The key policy of a KMS key, by the key's ARN, alias or id. */
  getKeyPolicy(key: string): Promise<Read<Json>>;
  /** The trails that log in this Region, or in the one that IAM's records arrive in. */
  readTrails(): Promise<Read<TrailFact[]>>;
  /** Those that have begun so far. */
  listExecutionSteps(executionArn: string): Promise<Read<ExecutionStep[]>>;
  describeExecution(executionArn: string): Promise<Read<ExecutionFact>>;
  listPipelineVersions(name: string): Promise<Read<PipelineVersion[]>>;
  listPipelines(): Promise<Read<PipelineSummary[]>>;
  listBuckets(): Promise<Read<string[]>>;
  /** The jobs that can still be acted on: all of a snapshot, or those in progress. */
  listJobs(): Promise<Read<{ kind: JobKindId; name: string }[]>>;
};
