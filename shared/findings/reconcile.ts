import { type Finding, severityRank } from '../domain/finding.ts';
import { isDefinite, isOpen, statusWeight } from '../domain/status.ts';
import { ending, expired, hasRun, moved, standing } from './closing-changes.ts';
import { asOf, isOvertaken } from './evidence-time.ts';
import { isExpired } from './finished-entries.ts';
import { type FindingForms, nextState } from './next-state.ts';
import { reconcileGrouped } from './reconcile-grouped.ts';
import { reconcileLate } from './reconcile-late.ts';
import type { Observation, Reconciled, ResourceState } from './state.ts';
import { unreadAfter } from './unread-controls.ts';
import { type Became, hasPassed, type IsSameConfiguration, judgementIn, whatBecame } from './what-became.ts';

/**
 * The state after an observation, and all changes to deliver: also those that an earlier observation left undelivered,
 * as a crash between storing and delivering must lose nothing. Each finding has at most one change, in its newest form.
 * An observation that is older than the state goes to `reconcileLate`, so that the order makes no difference.
 */
export const reconcile = (previous: ResourceState | undefined, observation: Observation): Reconciled => {
  const { finishedArn, observedAt, expireDays, readAt } = observation;
  if (finishedArn !== undefined && expireDays !== undefined) {
    return reconcileGrouped(previous, { now: observedAt, expireDays }, { ...observation, finishedArn });
  }
  const seen = worstById(underKnownIds(observation.findings, previous));
  if (previous && isOvertaken(observation, previous)) return reconcileLate(previous, observation, seen);
  const known = new Map(Object.entries(previous?.open ?? {}));
  const isSameConfiguration =
    previous?.configuration === undefined ? undefined : previous.configuration === observation.configuration;
  const forms: FindingForms = new Map();
  for (const id of new Set([...known.keys(), ...seen.keys()])) {
    const form = formOf(known.get(id), seen.get(id), observation, isSameConfiguration);
    if (form) forms.set(id, form);
  }
  const unread = unreadAfter(previous, observation, forms, seen);
  const about = {
    observedAt: asOf(observation),
    ...(readAt && { readAt }),
    ...(expireDays === undefined ? {} : { finished: { expireDays } }),
    ...(observation.passed ? { passed: observation.passed } : {}),
    ...configurationOf(forms, previous, observation),
    ...(unread && { unread }),
  };
  return nextState(previous, forms, about, observedAt);
};

/** Findings that stand unjudged were judged by the older configuration, so that its digest is kept. */
const configurationOf = (
  forms: FindingForms,
  previous: ResourceState | undefined,
  { configuration }: Observation,
): Pick<ResourceState, 'configuration'> => {
  const open = [...forms.values()].flatMap((form) => ('open' in form ? form.open : []));
  if (open.length === 0) return {};
  if (!open.some(({ unjudged }) => unjudged)) return { configuration };
  return previous?.configuration === undefined ? {} : { configuration: previous.configuration };
};

type Form = FindingForms extends Map<string, infer F> ? F : never;

/** A finding after an observation; undefined where it neither was open nor is. */
const formOf = (
  before: Finding | undefined,
  now: Finding | undefined,
  observation: Observation,
  isSameConfiguration: IsSameConfiguration,
): Form | undefined => {
  if (!before) return now && isOpen(now.status) ? { open: now } : undefined;
  const { observedAt, gone, movedTo, judged } = observation;
  const stays = hasRun(before.resource) && isDefinite(before.status);
  if (now && (isDefinite(now.status) || (isOpen(now.status) && !stays))) return said(before, now, observedAt);
  const judgement = judgementIn(judged, before.control);
  const isMoved = movedTo !== undefined && (judgement?.is === 'mixed' || judgement?.is === 'unread');
  const became: Became = gone
    ? { is: 'gone' }
    : whatBecame(before, judgement, { hasPassed: hasPassed(judgement, before), isSameConfiguration });
  if (became.is === 'gathered' && isMoved) return { closed: moved(before, movedTo, observedAt) };
  if (stays && became.is !== 'mended' && became.is !== 'gathered') return whatRan(before, observation);
  return became.is === 'unjudged' && became.why === 'unread'
    ? { open: standing(before, undefined, { because: became.because, observedAt }) }
    : { closed: ending(before, now, became, observedAt) };
};

/**
 * The form of a finding that the observation reports. Where it could not be judged, the last definite verdict stands.
 */
const said = (before: Finding, now: Finding, observedAt: string): Form => {
  if (!isOpen(now.status)) return { closed: ending(before, now, { is: 'mended' }, observedAt) };
  const { firstObservedAt } = before;
  if (isDefinite(now.status) || !isDefinite(before.status)) return { open: { ...now, firstObservedAt } };
  return { open: standing(before, now, { because: '', observedAt }) };
};

/**
 * A verdict on a job or an execution stays until it expires. A denied Describe call, a deleted record or a changed
 * configuration does not undo what ran.
 */
const whatRan = (before: Finding, { observedAt, expireDays }: Observation): Form => {
  if (expireDays === undefined) return { open: before };
  const lifetime = { now: observedAt, expireDays };
  return isExpired(before.lastObservedAt, lifetime)
    ? { closed: expired(before, lifetime) }
    : { open: before };
};

/**
 * A finding keeps the id under which it is known until it ends: earlier versions had the Region in the ids of findings on
 * roles, users and buckets, and whoever was told of such a finding must hear of its end under the same id.
 */
const underKnownIds = (
  findings: readonly Finding[],
  previous: Pick<ResourceState, 'open' | 'unread'> | undefined,
): readonly Finding[] => {
  const known = [...Object.values(previous?.unread?.forms ?? {}), ...Object.values(previous?.open ?? {})];
  if (known.length === 0) return findings;
  const ids = new Map(known.map((finding) => [partOf(finding), finding.id]));
  return findings.map((finding) => {
    const id = ids.get(partOf(finding));
    return id === undefined || id === finding.id ? finding : { ...finding, id };
  });
};

/** What tells apart the findings on one resource. */
const partOf = ({ control, subject }: Finding): string => JSON.stringify([control, subject ?? null]);

/** A control may report two things of one subject; the worse one counts, whatever their order. */
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
