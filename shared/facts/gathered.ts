import type { Config } from '../config/schema.ts';
import type { SeenExecution } from '../definition/execution-ref.ts';
import type { Unread } from '../domain/gap.ts';
import type { Trigger } from '../domain/trigger.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import type { Read } from '../reader/read.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { AccountEvidence } from './account-evidence.ts';
import type { FactName, Facts } from './facts.ts';

/** One execution of a pipeline, or one change of a version: a resource for itself. */
export type GatheredExecution = { arn: string; trigger: Trigger; facts: GatheredFacts };

/** The facts of one resource, each read or not. */
export type GatheredFacts = { [F in FactName]?: Read<Facts[F]> };

/** What was gathered for one request. */
export type Gathered = {
  /** The resource's ARN as AWS gives it, where it was read. */
  arn: string;
  facts: GatheredFacts;
  /** The resource was deleted: its findings are closed. */
  gone: boolean;
  /** The resource does not exist, though something names it still: what would be judged of it alone is gone. */
  isAbsent?: true;
  /** A pipeline's executions that were started with values of their own: each is a resource for itself. */
  executions: readonly GatheredExecution[];
  /** What a pipeline asks of the account, or why that is not known. */
  use?: PipelineUse | UnreadPipeline;
  /** What is to be looked at next. */
  follow?: readonly AuditRequest[];
  /** What the whole account's evidence lacks, so that nothing is said of this resource. */
  accountGaps?: readonly Unread[];
  principalArn?: string;
};

/** What gathering needs beside the request. */
export type GatherContext = {
  reader: Reader;
  config: Config;
  /** An execution whose start was seen, in this batch of events or earlier. */
  recallExecution: (executionId: string) => Promise<Omit<SeenExecution, 'executionId'> | undefined>;
  evidence: AccountEvidence;
};

export const NOTHING_MORE = { executions: [] };
