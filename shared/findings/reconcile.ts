import { type Finding, severityRank } from '../domain/finding.ts';
import { isDefinite, isOpen, statusWeight } from '../domain/status.ts';
import { advance, type Forms } from './advance.ts';
import { asOf, isOvertaken } from './as-of.ts';
import { expired, hasRun, moved, resolved } from './closing.ts';
import { isExpired } from './entries.ts';
import { reconcileGathered } from './gathering.ts';
import type { Change, Observation, Outcome, ResourceState } from './state.ts';

/**
 * The state after an observation, and everything that is still to be delivered after it: also what an earlier
 * observation left undelivered, as a crash between storing and delivering must lose nothing. Each finding appears at
 * most once, in its newest form. An observation older than the state's adds nothing, and returns that state itself,
 * unless it gathers: then the order makes no difference.
 */
export const reconcile = (previous: ResourceState | undefined, observation: Observation): Outcome => {
  const { gathers, observedAt, expireDays, readAt } = observation;
  if (gathers !== undefined && expireDays !== undefined) {
    return reconcileGathered(previous, { now: observedAt, expireDays }, { ...observation, gathers });
  }
  if (previous && isOvertaken(observation, previous)) {
    return { state: previous, changes: previous.undelivered };
  }
  const known = new Map(Object.entries(previous?.open ?? {}));
  const seen = worstById(observation.findings);
  const forms: Forms = new Map();
  for (const id of new Set([...known.keys(), ...seen.keys()])) {
    const before = known.get(id);
    const now = seen.get(id);
    const standing = openFinding(before, now, observation);
    if (standing) forms.set(id, { open: standing });
    else if (before) forms.set(id, { closed: closedBy(before, now, observation) });
  }
  const about = {
    observedAt: asOf(observation),
    ...(readAt && { readAt }),
    ...(expireDays === undefined ? {} : { finished: { expireDays } }),
    ...(observation.passed ? { passed: observation.passed } : {}),
  };
  return advance(previous, forms, about, observedAt);
};

/** The open form of a finding after an observation; undefined where it is not open any more. */
const openFinding = (
  before: Finding | undefined,
  now: Finding | undefined,
  observation: Observation,
): Finding | undefined => {
  if (before && mayStand(before, now, observation)) {
    return isOver(before, observation) ? undefined : before;
  }
  if (!now || !isOpen(now.status)) return undefined;
  return before ? { ...now, firstObservedAt: before.firstObservedAt } : now;
};

/** What ran, ran: neither a denied Describe call nor a deleted record undoes the verdict on it. */
const mayStand = (before: Finding, now: Finding | undefined, { gone }: Observation): boolean =>
  hasRun(before.resource) && isDefinite(before.status) && (now ? !isDefinite(now.status) : gone);

const isOver = ({ lastObservedAt }: Finding, { observedAt, expireDays }: Observation): boolean =>
  expireDays !== undefined && isExpired(lastObservedAt, { now: observedAt, expireDays });

const closedBy = (before: Finding, now: Finding | undefined, observation: Observation): Change => {
  const { movedTo, observedAt, expireDays } = observation;
  if (expireDays !== undefined && mayStand(before, now, observation)) {
    return expired(before, { now: observedAt, expireDays });
  }
  if (movedTo !== undefined && !now) return { kind: 'resolved', finding: moved(before, movedTo, observedAt) };
  return { kind: 'resolved', finding: resolved(before, now, observation) };
};

/** A control may say two things of one subject: the worse one stands, in whatever order they come. */
const worstById = (findings: readonly Finding[]): Map<string, Finding> => {
  const worst = new Map<string, Finding>();
  for (const finding of findings) {
    const other = worst.get(finding.id);
    if (!other || outweighs(finding, other)) worst.set(finding.id, finding);
  }
  return worst;
};

const outweighs = (one: Finding, other: Finding): boolean => {
  const difference =
    statusWeight(one.status) - statusWeight(other.status) ||
    severityRank(one.severity) - severityRank(other.severity);
  return difference === 0 ? JSON.stringify(one) > JSON.stringify(other) : difference > 0;
};
