import type { JobKindId } from '../definition/job-kinds.ts';
import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import type { RequestTrigger } from '../domain/trigger.ts';

/** The start of an execution, with the values that its caller gave the pipeline’s parameters. */
export type ExecutionStart = {
  /** Who started it, where the record tells. */
  principalArn?: string;
  executionArn?: string;
  /** The role that the caller chose for a pipeline of AWS itself; other starts name none. */
  roleArn?: string;
  /**
   * Missing where the record does not contain them all: CloudTrail leaves out long ones, and the record of a retry has
   * none.
   */
  parameters?: Readonly<Record<string, string>>;
  /** Whether the caller chose the version, which may not be the newest. Missing where the record does not tell. */
  isVersionChosen?: boolean;
  /** The record is that of a retry: the execution was started earlier. */
  isRetried?: true;
  /** The version’s id. An alias in the event does not tell the id. */
  versionId?: number;
  trigger: RequestTrigger;
};

/** A definition that CreatePipeline or UpdatePipeline set, as far as the record tells. */
export type DefinitionChange = {
  /** The version that it made. */
  versionId?: number;
  /** Missing where the record does not contain it: it is often too long for CloudTrail. */
  definitionText?: string;
  roleArn?: string;
  trigger: RequestTrigger;
};

/** A version of a pipeline that was changed. `versionId` is missing where the record does not tell it. */
export type VersionUpdate = { versionId?: number; principalArn?: string; trigger: RequestTrigger };

/**
 * What the creator of a job claims: that an execution started it. Anybody may choose a session’s name or a tag, so that
 * the claim proves nothing. It only tells where to look for SageMaker’s own word.
 */
export type ExecutionClaim = {
  /** `session`: the session has a name such as SageMaker gives to the sessions of steps. */
  by: 'session' | 'tag';
  executionId: string;
  executionArn?: string;
  /** The first 20 characters of the step's name. */
  stepNameStart?: string;
};

/** Who made a call, as far as the record tells. */
export type Caller = {
  /** The role or user; never a session. */
  principalArn?: string;
  /** The session, where the record does not name the role behind it. The role’s path is then not known. */
  sessionArn?: string;
  claim?: ExecutionClaim;
};

/** The step that started a job, on SageMaker’s own word. */
export type StartedByStep = { executionArn: string; stepName?: string };

/** What an event tells of a job. A field is missing where the event does not tell it. */
export type JobHint = {
  kind: JobKindId;
  name?: string;
  /** Whether `name` has the case that the caller gave. SageMaker lower-cased the names in older ARNs. */
  nameKeepsCase: boolean;
  roleArns?: string[];
  /** Who created the job. Only the CloudTrail record of the call tells this. */
  caller?: Caller;
  /** Only SageMaker’s own event tells this. */
  step?: StartedByStep;
  /** Set by SageMaker’s own event. There is also a CloudTrail record of the job, which tells who created it. */
  hasRecord?: true;
};

/**
 * What changed in an organization, by the ids of policies, roots, organizational units and accounts. It concerns all accounts in or
 * below these, or that have these policies. `all`: the event does not tell it.
 */
export type OrganizationReach = 'all' | readonly string[];

type RequestBase<T extends AuditedType> = {
  type: T;
  resource: Resource & { type: T };
  /** The account and Region of the event. A look that another look leads to, and that lacks it, stays in the same account. */
  scope?: Scope;
  /** What changed, as far as it is known. Empty where nothing is known but that somebody should look. */
  changed: readonly ChangeOf<T>[];
  trigger?: RequestTrigger;
  /** When the look that led to this one had told the index what it learnt (ISO 8601), if another invocation made it. */
  learntAt?: string;
  /** The users and roles whose changes led to this look, by ARN, if another invocation made theirs. */
  ledBy?: readonly string[];
  /** No look follows from this one. */
  isLast?: true;
};

/** “Look at this resource, because of that event.” Verdicts come from what AWS says now, never from the event alone. */
export type AuditRequest =
  | (RequestBase<'pipeline'> & {
      name: string;
      executions: ExecutionStart[];
      /** Versions that UpdatePipelineVersion changed: an alias was moved, or a name was set. */
      versionUpdates?: VersionUpdate[];
      /** The event says that the pipeline was deleted, so that a pipeline that cannot be found is not a gap. */
      deleted: boolean;
      /** Definitions that the pipeline had meanwhile, also for a pipeline that was deleted. */
      definitionChanges?: DefinitionChange[];
    })
  | (RequestBase<'job'> & { job: JobHint })
  /** `isFollowed`: only the inputs of pipelines led to it, and it may be another account’s. */
  | (RequestBase<'bucket'> & { name: string; deleted: boolean; isFollowed?: true })
  /** What a principal may do is judged together with what pipelines need of it. */
  | (RequestBase<'role' | 'user'> & { name: string; deleted: boolean })
  /** A group or managed policy: each principal that has it is looked at. */
  | (RequestBase<'group'> & { name: string })
  | (RequestBase<'policy'> & { name: string })
  /** A KMS key, or an alias of one: each role that needs it is looked at. */
  | RequestBase<'key'>
  /** Shares of AWS RAM, or what their permissions allow, changed: each pipeline that is or was shared is looked at. */
  | RequestBase<'share'>
  /** SCPs or RCPs changed: each role that a pipeline uses is looked at. `reach`: an event tells it of the whole organization. */
  | (RequestBase<'organization'> & { reach?: OrganizationReach })
  /** The account itself: whether its calls are logged, and which lists could not be read. */
  | (RequestBase<'account'> & { gaps: readonly Gap[] });

/** A record that could not be understood, with its place and its beginning. It is reported. */
export type UnreadableRecord = { at: string; reason: string; excerpt: string; trigger?: RequestTrigger };

/** A record that needs no look, with the reason. */
export type IgnoredRecord = { at: string; reason: string; trigger?: RequestTrigger };

/** What the records of one input lead to. */
export type ReadEvents = {
  requests: AuditRequest[];
  ignored: IgnoredRecord[];
  unreadable: UnreadableRecord[];
};

export type RequestOf<T extends AuditRequest['type']> = Extract<AuditRequest, { type: T }>;
