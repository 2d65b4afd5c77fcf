import type { ExecutionRef } from '../definition/execution-ref.ts';
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
  /** Undefined for one that is retried: its record does not tell them. */
  parameters?: Readonly<Record<string, string>>;
  /** It runs a version that the caller chose, which may not be the pipeline's newest. */
  isVersionChosen: boolean;
  /** The version's id, where the event tells it; of an alias it tells only the name. */
  versionId?: number;
  trigger: Trigger;
};

/** A version of a pipeline that was changed; without an id, the record does not tell which. */
export type VersionUpdate = { versionId?: number; principalArn?: string; trigger: Trigger };

/** Who made a call, as far as the record tells. */
export type Caller = {
  /** The role or user: never a session, where the record names the role behind it. */
  principalArn?: string;
  /** The session that was used, where the record names no role: its role's path is not known. */
  sessionArn?: string;
};

/** What an event tells of a job. A field is missing where the event does not tell. */
export type JobHint = {
  kind: JobKindId;
  name?: string;
  /** The name keeps the case that the caller gave; older ARNs are lower-cased. */
  nameKeepsCase: boolean;
  roleArns?: string[];
  caller?: Caller;
  /** SageMaker's own event: the CloudTrail record of the same job will tell, or has told, who started it. */
  hasRecord?: true;
  /** A pipeline started it; false where the caller is known to be someone else. */
  startedByPipeline?: boolean;
  execution?: Omit<ExecutionRef, 'kind' | 'baseJobName'>;
};

type Look<T extends AuditedType> = {
  type: T;
  resource: Resource & { type: T };
  /** What is known to have changed: nothing, where nobody says more than that the resource be looked at. */
  changed: readonly ChangeOf<T>[];
  trigger?: Trigger;
};

/** "Look at this resource, because of that event." The verdict comes from the present state, never from the event alone. */
export type AuditRequest =
  | (Look<'pipeline'> & {
      name: string;
      executions: ExecutionStart[];
      /** Versions that were changed (UpdatePipelineVersion): an alias moved, or a name. */
      versionUpdates?: VersionUpdate[];
      /** The event says that the pipeline was deleted, so that its absence is no gap in the evidence. */
      deleted: boolean;
      /** What the event carried, for a pipeline that is gone when it is looked at. */
      inEvent?: { definitionText?: string; roleArn?: string };
    })
  | (Look<'job'> & { job: JobHint })
  | (Look<'bucket'> & { name: string; deleted: boolean })
  /** A principal: what it may do is judged together with what pipelines ask of it. */
  | (Look<'role' | 'user'> & { name: string; deleted: boolean })
  /** Something that stands behind principals: each of them that has it is looked at. */
  | (Look<'group'> & { name: string })
  | (Look<'policy'> & { name: string })
  /** SCPs or RCPs: each role that a pipeline uses is looked at. */
  | Look<'organization'>
  /** The account in the Region: whether its events are logged, and what of it could not be listed. */
  | (Look<'account'> & { gaps: readonly Gap[] });

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
