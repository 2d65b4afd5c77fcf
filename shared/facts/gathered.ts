import type { Config } from '../config/schema.ts';
import type { SeenExecution } from '../definition/execution-ref.ts';
import type { AuditedType } from '../domain/change.ts';
import type { Unread } from '../domain/gap.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { Trigger } from '../domain/trigger.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import type { Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { AccountEvidence } from './account-evidence.ts';
import { FACTS_OF, type FactName, type FactOf, type Facts } from './facts.ts';

/** That there is nothing to know: the controls that require the fact have nothing to say of this resource, and why. */
export type NotApplicable = { ok: false; notApplicable: string };

export const notApplicable = (because: string): NotApplicable => ({ ok: false, notApplicable: because });

/** A fact, or why there is none: it could not be read, or there is nothing to know. */
export type Fact<T> = Read<T> | NotApplicable;

/** The facts of one resource: something is said of each that is gathered of its type. */
export type GatheredFacts<T extends ResourceType> = T extends ResourceType
  ? { readonly [F in FactOf<T>]: Fact<Facts[F]> }
  : never;

/** Facts of a resource of whatever type. */
export type SomeFacts = { readonly [F in FactName]?: Fact<Facts[F]> };

/** One execution of a pipeline, or one change of a version: a resource for itself. */
export type GatheredExecution = { arn: string; trigger: Trigger; facts: GatheredFacts<'execution'> };

/** What was gathered for one request. */
export type Gathered<T extends AuditedType> = T extends AuditedType ? { type: T } & GatheredOf<T> : never;

type GatheredOf<T extends AuditedType> = {
  /** The resource's ARN as AWS gives it, where it was read. */
  arn: string;
  facts: GatheredFacts<T>;
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

/** What is gathered of a resource of which each fact is wanting for the same reason. */
export const withoutFacts = <T extends AuditedType>(
  type: T,
  reason: Exclude<Fact<never>, { ok: true }>,
  about: Pick<GatheredOf<T>, 'arn'> & Partial<GatheredOf<T>>,
): Gathered<T> => {
  const facts = Object.fromEntries(FACTS_OF[type].map((name: FactName) => [name, reason]));
  return { gone: false, executions: [], ...about, type, facts } as Gathered<T>;
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
