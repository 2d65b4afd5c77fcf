import type { JobKindId } from '../definition/job-kinds.ts';
import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource } from '../domain/resource.ts';
import type { Trigger } from '../domain/trigger.ts';

/** An execution that was started, with the values that its caller chose for the pipeline's parameters. */
export type ExecutionStart = {
  /** Who started it, where the record tells. */
  principalArn?: string;
  executionArn?: string;
  /** Missing where the record does not tell them all: it leaves out what is too long, and that of a retry tells none. */
  parameters?: Readonly<Record<string, string>>;
  /** It runs a version that the caller chose, which may not be the pipeline's newest; missing where the record does not tell. */
  isVersionChosen?: boolean;
  /** It was started before: the record is that of a retry. */
  isRetried?: true;
  /** The version's id, where the event tells it; of an alias it tells only the name. */
  versionId?: number;
  trigger: Trigger;
};

/** A definition that CreatePipeline or UpdatePipeline gave a pipeline, as far as the record tells. */
export type DefinitionChange = {
  /** The version that it made. */
  versionId?: number;
  /** Missing where the record does not hold it: it is often too long for CloudTrail. */
  definitionText?: string;
  roleArn?: string;
  trigger: Trigger;
};

/** A version of a pipeline that was changed; without an id, the record does not tell which. */
export type VersionUpdate = { versionId?: number; principalArn?: string; trigger: Trigger };

/**
 * What the creator of a job says of an execution that started it. Anybody may choose the name of a session, or a tag, so
 * that this ties a job to nothing: it tells where to look for SageMaker's own word.
 */
export type ExecutionClaim = {
  /** `session`: the creator poses as SageMaker itself, which names the sessions of steps so. */
  by: 'session' | 'tag';
  executionId: string;
  executionArn?: string;
  /** The first 20 characters of the step's name. */
  stepNameStart?: string;
};

/** Who made a call, as far as the record tells. */
export type Caller = {
  /** The role or user: never a session, where the record names the role behind it. */
  principalArn?: string;
  /** The session that was used, where the record names no role: its role's path is not known. */
  sessionArn?: string;
  claim?: ExecutionClaim;
};

/** The step of an execution that started a job, by SageMaker's own word. */
export type StartedByStep = { executionArn: string; stepName?: string };

/** What an event tells of a job. A field is missing where the event does not tell. */
export type JobHint = {
  kind: JobKindId;
  name?: string;
  /** The name keeps the case that the caller gave; older ARNs are lower-cased. */
  nameKeepsCase: boolean;
  roleArns?: string[];
  /** Who created it: only the CloudTrail record of the call tells. */
  caller?: Caller;
  /** Only SageMaker's own event tells. */
  step?: StartedByStep;
  /** SageMaker's own event: the CloudTrail record of the same job will tell, or has told, who created it. */
  hasRecord?: true;
};

type RequestBase<T extends AuditedType> = {
  type: T;
  resource: Resource & { type: T };
  /** What is known to have changed: nothing, where nobody says more than that the resource be looked at. */
  changed: readonly ChangeOf<T>[];
  trigger?: Trigger;
};

/** "Look at this resource, because of that event." The verdict comes from the present state, never from the event alone. */
export type AuditRequest =
  | (RequestBase<'pipeline'> & {
      name: string;
      executions: ExecutionStart[];
      /** Versions that were changed (UpdatePipelineVersion): an alias moved, or a name. */
      versionUpdates?: VersionUpdate[];
      /** The event says that the pipeline was deleted, so that its absence is no gap in the evidence. */
      deleted: boolean;
      /** What the pipeline was made of or changed to, for versions that others followed, and for a pipeline that is gone. */
      definitionChanges?: DefinitionChange[];
    })
  | (RequestBase<'job'> & { job: JobHint })
  | (RequestBase<'bucket'> & { name: string; deleted: boolean })
  /** A principal: what it may do is judged together with what pipelines ask of it. */
  | (RequestBase<'role' | 'user'> & { name: string; deleted: boolean })
  /** Something that stands behind principals: each of them that has it is looked at. */
  | (RequestBase<'group'> & { name: string })
  | (RequestBase<'policy'> & { name: string })
  /** SCPs or RCPs: each role that a pipeline uses is looked at. */
  | RequestBase<'organization'>
  /** The account in the Region: whether its events are logged, and what of it could not be listed. */
  | (RequestBase<'account'> & { gaps: readonly Gap[] });

/** A record that could not be understood: kept with its place and its beginning, and reported. */
export type UnreadableRecord = { at: string; reason: string; excerpt: string; trigger?: Trigger };

/** A record that was understood and needs no look: why not. */
export type IgnoredRecord = { at: string; reason: string; trigger?: Trigger };

/** What came of the records of one input. */
export type ReadEvents = {
  requests: AuditRequest[];
  ignored: IgnoredRecord[];
  unreadable: UnreadableRecord[];
};

export type RequestOf<T extends AuditRequest['type']> = Extract<AuditRequest, { type: T }>;
