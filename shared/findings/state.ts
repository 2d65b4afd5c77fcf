import { advance, type Forms } from './advance.ts';
import { asOf, isOvertaken, type ReadTimes } from './as-of.ts';
import { expired, hasRun, moved, resolved } from './closing.ts';
import { type Entry, isExpired } from './entries.ts';
import { type Finding, severityRank } from './finding.ts';
import { reconcileGathered } from './gathering.ts';
import { isDefinite, isOpen, statusWeight } from './status.ts';

/** `expired` = its time is over, unmended. `refreshed` = it stands as it was told 30 days ago. */
export const CHANGE_KINDS = ['opened', 'changed', 'resolved', 'expired', 'refreshed'] as const;

/** What changed about a finding since the last observation that was delivered. */
export type Change = {
  kind: (typeof CHANGE_KINDS)[number];
  finding: Finding;
  /** The names of the sinks that have taken it; missing where none has. */
  takenBy?: string[];
  /** Of what is opened: the sinks that have taken an earlier form of it, so that this one is only a change to them. */
  openedTo?: string[];
};

/** Whether the change ends the finding. */
export const isClosing = ({ kind }: Pick<Change, 'kind'>): boolean =>
  kind === 'resolved' || kind === 'expired';

/** One look at a resource: everything that its controls say of it now. `gone` = the resource no longer exists. */
export type Observation = {
  resourceArn: string;
  observedAt: string;
  /** Where its evidence may have been kept for a while. */
  readAt?: ReadTimes;
  findings: Finding[];
  /** How many verdicts passed, where they are only counted. */
  passed?: number;
  gone: boolean;
  /** Of something finished (a job, an execution): how many days its findings stay after they were last seen. */
  expireDays?: number;
  /** The one finished thing that is observed: what is said of it adds to what stands open, and replaces only its own. */
  gathers?: string;
  /** The pipeline under which the open findings of this finished thing are gathered. */
  movedTo?: string;
};

/**
 * What is remembered of a resource: its open findings, and which changes have not been delivered yet.
 * `version` counts the writes, so that two auditors that look at the same time cannot undo each other.
 */
export type ResourceState = {
  version: number;
  /** As of when the newest look saw the resource: what an older one says adds nothing. */
  observedAt: string;
  /** Of the evidence of that look. */
  readAt?: ReadTimes;
  /** By finding id. Read through `Object.hasOwn` or `Object.entries` only. */
  open: Record<string, Finding>;
  /** Since when every open finding has been told, or is undelivered; missing where none is open. */
  toldAt?: string;
  /** At most one per finding. What is undelivered of an open finding is always its form in `open`. */
  undelivered: Change[];
  /** Of something finished. `entries`, by finding id, are what its gathered findings are made of. */
  finished?: { expireDays: number; entries?: Record<string, Entry[]> };
  /** How many verdicts passed in the newest look; missing where none did, and of something finished. */
  passed?: number;
};

/** The state after something happened to it, and everything that is to be delivered now. */
export type Outcome = { state: ResourceState; changes: Change[] };

/** Whether there is nothing left to tell: the state is then remembered for what passed, and for looks that come late. */
export const isEmpty = (state: ResourceState): boolean =>
  Object.keys(state.open).length === 0 && state.undelivered.length === 0;

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
