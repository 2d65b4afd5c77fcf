import type { ExecutionRef } from '../definition/execution-ref.ts';
import type { JobKindId } from '../definition/job-kinds.ts';
import type { Unread } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import type { AccountIdentities } from '../iam/decide/authorization-details.ts';
import type { Json } from '../json/json.ts';
import type { Read } from './read-result.ts';

/** A pipeline, from DescribePipeline. */
export type PipelineFact = {
  name: string;
  arn: string;
  roleArn: string;
  definitionText: string;
  /** ISO 8601; missing where a snapshot does not contain it. */
  modifiedAt?: string;
  /** Whether it is only declared, so that SageMaker has not accepted its definition yet. */
  isDeclared?: true;
  /** Why nobody knows the definition yet, of a declared pipeline; its text is empty then. */
  untoldDefinition?: Unread;
};

/** The definition that an execution runs, and its pipeline. */
export type ExecutionDefinition = {
  pipelineName: string;
  /** The pipeline’s role, under which SageMaker runs the steps; missing where it could not be read. */
  roleArn?: string;
  /** When the pipeline was last modified (ISO 8601). */
  modifiedAt?: string;
  definitionText: string;
};

/** A step of an execution, from ListPipelineExecutionSteps. */
export type ExecutionStep = {
  name: string;
  /** The jobs that the last attempt of the step started. */
  jobArns: readonly string[];
  isRunning: boolean;
  /** When the last attempt began (ISO 8601). */
  startedAt?: string;
  /** Whether the step had several attempts. Jobs of earlier attempts are not listed. */
  isRetried: boolean;
};

/** A job, from its Describe call. */
export type JobDescription = {
  kind: JobKindId;
  name: string;
  arn: string;
  roleArns: string[];
  /** The tuning job for which SageMaker created this training job. */
  tuningJobArn?: string;
  createdAt?: string;
};

/** One rule of a bucket’s CORS configuration. The order of the values in its lists means nothing. */
export type CorsRule = {
  allowedHeaders: string[];
  allowedMethods: string[];
  allowedOrigins: string[];
  exposeHeaders: string[];
  maxAgeSeconds?: number;
};

/** A role, from GetRole. */
export type RoleFact = { name: string; arn: string };

/** A pipeline in a listing. A snapshot’s listing contains only the name. */
export type PipelineSummary = { name: string; roleArn?: string; modifiedAt?: string };

/** A version of a pipeline, the time of its creation (ISO 8601), and its aliases. */
export type PipelineVersion = { id: number; createdAt?: string; aliases: readonly string[] };

/** An execution, from DescribePipelineExecution and ListPipelineParametersForExecution. */
export type ExecutionFact = {
  executionArn: string;
  /** The version that it runs; missing where AWS does not tell. */
  versionId?: number;
  /** Of an execution of AWS's own pipelines alone: the role that its caller chose. */
  roleArn?: string;
  parameters: Readonly<Record<string, string>>;
};

/** The policies of one level of an organization: the root, an organizational unit, or the account. */
export type OrganizationLevel = { target: string; policies: readonly { name: string; document: Json }[] };

/** The SCPs and RCPs that apply to the account, root first. Without levels where the account is in no organization. */
export type OrganizationPolicies = {
  scps: readonly OrganizationLevel[];
  rcps: readonly OrganizationLevel[];
  /** The account that neither SCPs nor RCPs limit. */
  managementAccount?: string;
  /** The organization itself, where the answer that holds its policies tells it; null where there is none. */
  own?: OwnOrganization | null;
  /** When AWS told the policies (ISO 8601), where a file holds them that was written then. */
  toldAt?: string;
};

/** The organization that an account is in, and the account’s path in it (`o-…/r-…/ou-…/`) where AWS tells it. */
export type OwnOrganization = { id: string; path?: string };

/**
 * A condition on one field of a record. All its operators must hold. An operator holds if any of its values matches; a
 * `not…` operator, if none does.
 */
export type FieldSelector = {
  field: string;
  equals?: readonly string[];
  startsWith?: readonly string[];
  endsWith?: readonly string[];
  notEquals?: readonly string[];
  notStartsWith?: readonly string[];
  notEndsWith?: readonly string[];
};

/** A trail of the account or of its organization. */
export type TrailFact = {
  arn: string;
  homeRegion: string;
  isMultiRegion: boolean;
  isLogging: Read<boolean>;
  /** Whether it is the organization's trail, of which CloudTrail does not tell member accounts everything. */
  isOrganizationTrail?: true;
  /**
   * A trail logs a record if all conditions of one of these lists hold. Basic selectors are written as advanced ones.
   */
  selectors: Read<readonly (readonly FieldSelector[])[]>;
};

/** Trails, and the Regions whose trails could not be listed. Trails of all Regions are listed in each. */
export type ListedTrails = {
  trails: readonly TrailFact[];
  unlisted?: readonly { region: string; unread: Unread }[];
};

export type Tags = ReadonlyMap<string, string>;

/** An account, organization, organizational unit, role, user or service with which RAM shares, as RAM names it. */
export type SharePrincipal = {
  id: string;
  /** Whether it is outside of the organization of the account that shares; true where nothing tells. */
  isExternal: boolean;
};

/** A permission of a share: which actions on pipelines it allows. */
export type SharePermission = {
  /** The ARN with the version: `arn:… version 2`. */
  name: string;
  actions: Read<readonly string[]>;
  /** Whether it allows some of them only under a condition. */
  isConditional?: true;
};

/** A resource share of this account, by which AWS RAM shares pipelines with others, or did so until lately. */
export type PipelineShare = {
  arn: string;
  name: string;
  /** Whether principals outside of the organization can be added. */
  allowsExternal: boolean;
  pipelineArns: readonly string[];
  /** The pipelines that the share no longer holds. RAM tells them for some time. */
  formerPipelineArns: readonly string[];
  principals: readonly SharePrincipal[];
  permissions: Read<readonly SharePermission[]>;
};

/** The readers of an account, one for each Region. The first is asked for what the account has once for all Regions. */
export type AccountReaders = readonly [Reader, ...Reader[]];

/** The policy of a KMS key, and the key’s id, to which an alias leads; of a key that is only declared, nobody knows an id. */
export type KeyPolicy = { id?: string; policy: Json };

/**
 * What AWS says now. Two implementations, one contract (test/contract/reader.test.ts): live AWS and a snapshot folder.
 * The `list…` methods are for the audit of a whole account; looks that events ask for never call them.
 */
export type Reader = {
  readonly scope: Scope;
  /** The ARN of whoever reads the account, or made the snapshot. */
  readonly caller?: string;
  /** When the snapshot was taken (ISO 8601): nothing in it is newer. Missing where the account is read live. */
  readonly takenAt?: string;
  describePipeline(name: string): Promise<Read<PipelineFact>>;
  /** The pipeline with the definition of one version. */
  describePipelineVersion(name: string, versionId: number): Promise<Read<PipelineFact>>;
  /** The definition that an execution ran, which may not be the pipeline’s present one. */
  describeExecutionDefinition(execution: ExecutionRef): Promise<Read<ExecutionDefinition>>;
  describeJob(kind: JobKindId, name: string): Promise<Read<JobDescription>>;
  /** An empty list where the bucket has no CORS configuration. */
  getBucketCors(bucket: string): Promise<Read<CorsRule[]>>;
  getBucketTags(bucket: string): Promise<Read<Tags>>;
  getRole(name: string): Promise<Read<RoleFact>>;
  /** All users and roles of the account with their policies, also those of their groups. */
  readIdentities(): Promise<Read<AccountIdentities>>;
  readOrganizationPolicies(): Promise<Read<OrganizationPolicies>>;
  /** The account’s organization, which every account of it may ask for; null where the account is in none. */
  readOwnOrganization(): Promise<Read<OwnOrganization | null>>;
  /** The bucket policy; null where the bucket has none. */
  getBucketPolicy(bucket: string): Promise<Read<Json | null>>;
  /** The policy of a KMS key, with its id. `key` is an ARN, alias or id. */
  getKeyPolicy(key: string): Promise<Read<KeyPolicy>>;
  /** The trails that log in this Region, or in the Region where IAM’s records arrive. */
  readTrails(): Promise<Read<ListedTrails>>;
  /** The shares that hold pipelines of this account and Region, or held some until lately. */
  readShares(): Promise<Read<PipelineShare[]>>;
  /** The steps that have begun so far. */
  listExecutionSteps(executionArn: string): Promise<Read<ExecutionStep[]>>;
  /**
   * The ARN of the execution with that id, which is unique in a Region; undefined where the snapshot holds nothing of it.
   * Missing where AWS is asked, which finds an execution only by its ARN.
   */
  findExecution?(executionId: string): Promise<string | undefined>;
  describeExecution(executionArn: string): Promise<Read<ExecutionFact>>;
  listPipelineVersions(name: string): Promise<Read<PipelineVersion[]>>;
  listPipelines(): Promise<Read<PipelineSummary[]>>;
  listBuckets(): Promise<Read<string[]>>;
  /** The jobs that somebody can still act on: those in progress, or all jobs of a snapshot. */
  listJobs(): Promise<Read<{ kind: JobKindId; name: string }[]>>;
};
