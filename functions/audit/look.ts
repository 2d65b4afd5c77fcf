import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { contextsOf } from '../../shared/audit/account-contexts.ts';
import { type AuditContext, type Audited, auditResource } from '../../shared/audit/audit-resource.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { ResourceType } from '../../shared/domain/resource.ts';
import { isOpen } from '../../shared/domain/status.ts';
import { sinceWhen } from '../../shared/domain/trigger.ts';
import { isOvertaken, lacksChange } from '../../shared/findings/evidence-time.ts';
import {
  CHANGE_KINDS,
  type Change,
  isEmpty,
  type Observation,
  type ResourceState,
} from '../../shared/findings/state.ts';
import type { Store } from '../../shared/findings/store.ts';
import type { Control } from '../../shared/judging/control.ts';
import type { AccountReaders } from '../../shared/reader/reader.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import { seenExecutions } from '../../shared/requests/seen-executions.ts';

/** Looks at a resource, and returns the resources to look at next. */
export type LookAt = (request: AuditRequest) => Promise<readonly AuditRequest[]>;

/** Everything that the looks of one batch share. The readers are those of the Regions that are watched. */
export type BatchContext = Omit<AuditContext, 'controls' | 'reader'> & {
  readers: AccountReaders;
  /** Keeps what the look has read for looks at other resources, before any of these is made. */
  learn?: (request: AuditRequest, audited: Audited) => Promise<void>;
  /** Notes where in its organization the account is, for routes and reports; missing where there is no hub. */
  notePlace?: () => Promise<void>;
  /** Hears of which requests all looks were made to which they led, or are asked of others by messages that a queue has taken. */
  settle?: (requests: readonly AuditRequest[]) => Promise<void>;
  /** The ARNs of those among these requests whose changes lead to looks at others. */
  leading?: (requests: readonly AuditRequest[]) => Promise<readonly string[]>;
};

/** What the looks of one batch need. */
export type LookDependencies = {
  audit: BatchContext;
  /** All controls that judge this type of resource, or more. */
  controls: (type: ResourceType) => Promise<readonly Control[]>;
  /** A context that uses no answer from before a time (milliseconds since 1970). */
  anew: (since: number) => BatchContext;
  store: Store;
  /** Keeps what the look tells the history; missing where none is kept. */
  tellHistory?: (observation: Observation) => void;
  logger: Logger;
  metrics: Metrics;
};

/**
 * Looks at a resource, stores the observations, and returns the resources that they lead to. Where the look was
 * older than the stored state, and the state may lack the event’s change, the look is made again.
 */
export const lookAt = async (
  request: AuditRequest,
  dependencies: LookDependencies,
): Promise<readonly AuditRequest[]> => {
  const { audit, store } = dependencies;
  for (const execution of seenExecutions([request])) await store.rememberExecution(execution);
  // For a sweep, what is read from now on.
  const since = sinceWhen(request.trigger, audit.now());
  const eventId = request.trigger?.eventId;
  const controls = await dependencies.controls(request.type);
  const lookIn = async (context: BatchContext) => {
    const { readers, learn, notePlace, settle: _, leading: __, ...shared } = context;
    const hasIndex = learn !== undefined;
    const contextOf = contextsOf(readers, { ...shared, controls });
    const audited = await auditResource(request, contextOf(request));
    await learn?.(request, audited);
    if (request.type === 'organization' && request.changed.length > 0) await notePlace?.();
    const { observations, follow } = audited;
    const stored = (observation: Observation) => report(observation, dependencies, eventId);
    return { follow, isMissing: await isMissing(observations, { since, hasIndex }, stored) };
  };
  const lookAnew = (time: number) => lookIn(dependencies.anew(time));
  let seen = await lookIn(audit);
  if (seen.isMissing) seen = await lookAnew(since);
  // Another auditor has read some of the evidence later, and the rest before the event. Only a look that reads
  // everything from now on is newer in every part.
  if (seen.isMissing) seen = await lookAnew(audit.now().valueOf());
  return seen.follow;
};

/**
 * Stores all observations. Returns whether one of them was older than the stored state while that state may lack what
 * happened before `since`, so that the event’s change is missing. With an index, a state that says something else may lack it
 * whatever its age: the index tells a change only after the look at it, so that others who read the index in between know nothing
 * of it. Where neither has a finding, reading again is not worth it.
 */
const isMissing = async (
  observations: readonly Observation[],
  { since, hasIndex }: { since: number; hasIndex: boolean },
  store: (observation: Observation) => Promise<ResourceState>,
): Promise<boolean> => {
  const missing = observations.map(async (observation) => {
    const state = await store(observation);
    const isSilent = isEmpty(state) && !observation.findings.some(({ status }) => isOpen(status));
    return (
      !isSilent &&
      isOvertaken(observation, state) &&
      (lacksChange(observation, state, since) || (hasIndex && saysOtherwise(observation, state)))
    );
  });
  return (await allOf(missing)).includes(true);
};

/** Whether a state has other open findings than an observation, or other evidence. */
const saysOtherwise = ({ findings }: Observation, { open }: ResourceState): boolean => {
  const said = findings.filter(({ status }) => isOpen(status)).map(verdictOf);
  const known = Object.values(open).map(verdictOf);
  return JSON.stringify(said.toSorted()) !== JSON.stringify(known.toSorted());
};

const verdictOf = ({ control, subject, status, evidence }: Finding): string =>
  JSON.stringify([control, subject, status, evidence]);

/** What it takes to store an observation. */
export type Reporting = Pick<LookDependencies, 'store' | 'tellHistory' | 'logger' | 'metrics'>;

/** Stores an observation. Another function, which the table’s stream wakes, delivers the changes. */
export const report = async (
  observation: Observation,
  { store, tellHistory, logger, metrics }: Reporting,
  eventId: string | undefined,
): Promise<ResourceState> => {
  const { state, changes } = await store.observe(observation);
  tellHistory?.(observation);
  const correlation_id = observation.findings[0]?.trigger?.eventId ?? eventId ?? observation.resourceArn;
  logger.info('audited', { correlation_id, resource: observation.resourceArn, changes: changes.length });
  count(metrics, changes);
  return state;
};

/** All answers; rejects with the first failure once nothing runs any more. */
export const allOf = async <T>(running: readonly Promise<T>[]): Promise<T[]> => {
  await Promise.allSettled(running);
  return Promise.all(running);
};

const count = (metrics: Metrics, changes: readonly Change[]): void => {
  for (const kind of CHANGE_KINDS) {
    const of = changes.filter((change) => change.kind === kind).length;
    if (of > 0) metrics.addMetric(`Findings_${kind}`, MetricUnit.Count, of);
  }
};
