import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type AuditContext, auditResource } from '../../shared/audit/audit-resource.ts';
import { isOpen } from '../../shared/domain/status.ts';
import { isOvertaken } from '../../shared/findings/evidence-time.ts';
import {
  CHANGE_KINDS,
  type Change,
  isEmpty,
  type Observation,
  type ResourceState,
} from '../../shared/findings/state.ts';
import type { Store } from '../../shared/findings/store.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import { mergeRequests } from '../../shared/requests/merge.ts';
import { seenExecutions } from '../../shared/requests/seen-executions.ts';
import { inTurn } from './in-turn.ts';

export type LookAt = (request: AuditRequest) => Promise<void>;

/** For one batch. */
export type LookDependencies = {
  audit: AuditContext;
  /** Another context, in which nothing was read before that time, in milliseconds since 1970. */
  anew: (since: number) => AuditContext;
  store: Store;
  logger: Logger;
  metrics: Metrics;
};

/**
 * Looks at a resource, stores what is seen, and looks at what it leads to. Where what was seen is older than what is
 * known, and that in turn older than the event, neither has seen what the event did: then it looks anew.
 */
export const lookAt = async (
  request: AuditRequest,
  look: LookAt,
  dependencies: LookDependencies,
): Promise<void> => {
  const { audit, store } = dependencies;
  for (const execution of seenExecutions([request])) await store.rememberExecution(execution);
  const since = sinceWhen(request, audit.now());
  const eventId = request.trigger?.eventId;
  const lookIn = async (context: AuditContext) => {
    const { observations, follow } = await auditResource(request, context);
    const stored = (observation: Observation) => report(observation, dependencies, eventId);
    return { follow, isMissing: await isMissing(observations, since, stored) };
  };
  const lookAnew = (time: number) => lookIn(dependencies.anew(time));
  let seen = await lookIn(audit);
  if (seen.isMissing) seen = await lookAnew(since);
  // Another has read a part later, and the rest before the event: only what is read from now on is newer in all parts.
  if (seen.isMissing) seen = await lookAnew(audit.now().valueOf());
  await Promise.all(mergeRequests(seen.follow).map(look));
};

/**
 * What a look must have seen: its event, or, of a sweep, how things are now. CloudTrail tells the second alone, at the
 * end of which the event may have come.
 */
const sinceWhen = ({ trigger }: AuditRequest, now: Date): number => {
  const time = Date.parse(trigger?.eventTime ?? '');
  return Number.isNaN(time) ? now.valueOf() : Math.min(time + 999, now.valueOf());
};

/**
 * Stores all, and says whether one was too old to add anything to what is itself older than it must be. Where both find
 * nothing, neither is worth to have all that the account's looks share read again.
 */
const isMissing = async (
  observations: readonly Observation[],
  since: number,
  store: (observation: Observation) => Promise<ResourceState>,
): Promise<boolean> => {
  let isAny = false;
  for (const observation of observations) {
    const state = await store(observation);
    const isSilent = isEmpty(state) && !observation.findings.some(({ status }) => isOpen(status));
    isAny ||= !isSilent && isOvertaken(observation, state) && Date.parse(state.observedAt) < since;
  }
  return isAny;
};

/** One after the other for each resource: else many jobs of a pipeline at once would stand in each other's way. */
const reports = inTurn();

/** Stores an observation. What changed is delivered by another function, which the table's stream wakes. */
export const report = (
  observation: Observation,
  { store, logger, metrics }: Pick<LookDependencies, 'store' | 'logger' | 'metrics'>,
  eventId: string | undefined,
): Promise<ResourceState> =>
  reports(observation.resourceArn.toLowerCase(), async () => {
    const { state, changes } = await store.observe(observation);
    const correlation_id = observation.findings[0]?.trigger?.eventId ?? eventId ?? observation.resourceArn;
    logger.info('audited', { correlation_id, resource: observation.resourceArn, changes: changes.length });
    count(metrics, changes);
    return state;
  });

const count = (metrics: Metrics, changes: readonly Change[]): void => {
  for (const kind of CHANGE_KINDS) {
    const of = changes.filter((change) => change.kind === kind).length;
    if (of > 0) metrics.addMetric(`Findings_${kind}`, MetricUnit.Count, of);
  }
};
