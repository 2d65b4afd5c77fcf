import type { Config } from '../config/schema.ts';
import type { SeenExecution } from '../definition/execution-ref.ts';
import type { AuditedType } from '../domain/change.ts';
import type { Unread } from '../domain/gap.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import type { RequestTrigger } from '../domain/trigger.ts';
import type { Recorded } from '../events/recorded-uses.ts';
import type { PipelineUse } from '../needs/pipeline-use.ts';
import type { UnreadPipeline } from '../needs/roster.ts';
import type { Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { AccountEvidence } from './account-evidence.ts';
import type { ScopeCoverage } from './coverage.ts';
import { FACTS_OF, type FactName, type FactOf, type Facts } from './facts.ts';

/**
 * States that a fact does not exist for this resource, and why; controls that require it have nothing to judge. `isUnknown`: nobody knows
 * whether it exists, which says nothing of what an earlier look saw, though the resource may be gone.
 */
export type NotApplicable = { ok: false; notApplicable: string; isUnknown?: true };

export const notApplicable = (because: string): NotApplicable => ({ ok: false, notApplicable: because });

/** States that nobody knows whether a fact exists for this resource, and why. */
export const notKnown = (because: string): NotApplicable => ({ ...notApplicable(because), isUnknown: true });

/** A fact, or why it is missing: it could not be read, or there is nothing to know. */
export type Fact<T> = Read<T> | NotApplicable;

/** The facts of one resource. Every fact of its type must be stated. */
export type GatheredFacts<T extends ResourceType> = T extends ResourceType
  ? { readonly [F in FactOf<T>]: Fact<Facts[F]> }
  : never;

/** Facts of a resource whose type is open. */
export type SomeFacts = { readonly [F in FactName]?: Fact<Facts[F]> };

/** One execution of a pipeline or one changed version, as a resource of its own. */
export type GatheredExecution = { arn: string; trigger: RequestTrigger; facts: GatheredFacts<'execution'> };

/** Everything that was gathered for one request. */
export type Gathered<T extends AuditedType> = T extends AuditedType ? { type: T } & GatheredOf<T> : never;

type GatheredOf<T extends AuditedType> = {
  /** The resource's ARN as AWS spells it, if the resource was read. */
  arn: string;
  facts: GatheredFacts<T>;
  /** The resource was deleted, so its findings are closed. */
  gone: boolean;
  /** The resource does not exist, but something still refers to it. Findings about the resource alone are closed. */
  isAbsent?: true;
  /** A pipeline's started executions and changed versions, each a resource of its own. */
  executions: readonly GatheredExecution[];
  /** What a pipeline needs of the account, or why this is unknown. */
  use?: PipelineUse | UnreadPipeline;
  /** Only the pipeline’s event tells it: AWS has no such pipeline at the time of the look. */
  isUseOfEvent?: true;
  /** The resources to look at next. */
  follow?: readonly AuditRequest[];
  /** Missing evidence about the whole account, because of which nothing is said about this resource. */
  accountGaps?: readonly Unread[];
  principalArn?: string;
};

/** A resource whose facts are all missing for the same reason. */
export const withoutFacts = <T extends AuditedType>(
  type: T,
  reason: Exclude<Fact<never>, { ok: true }>,
  about: Pick<GatheredOf<T>, 'arn'> & Partial<GatheredOf<T>>,
): Gathered<T> => {
  const facts = Object.fromEntries(FACTS_OF[type].map((name: FactName) => [name, reason]));
  return { gone: false, executions: [], ...about, type, facts } as Gathered<T>;
};

/** What gathering needs besides the request. */
export type GatherContext = {
  reader: Reader;
  config: Config;
  /** Recalls an execution whose start was recorded, in this batch of events or earlier. */
  recallExecution: (executionId: string) => Promise<Omit<SeenExecution, 'executionId'> | undefined>;
  evidence: AccountEvidence;
  /** What CloudTrail records show of everybody, where records were read. */
  recorded?: Recorded;
  now: () => Date;
  /** What a hub knows of a scope that it watches; null where nobody has tried yet. Missing where there is no hub. */
  coverage?: (place: Pick<Scope, 'account' | 'region'>) => Promise<Read<ScopeCoverage | null>>;
};

export const NOTHING_MORE = { executions: [] };
