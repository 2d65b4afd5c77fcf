import { createHash } from 'node:crypto';
import { type Evidence, type Finding, type Status, severityRank } from './finding.ts';

/** What changed about a finding since the last observation that was delivered. */
export type Change = { kind: 'opened' | 'changed' | 'resolved'; finding: Finding };

/** One look at a resource: everything that its controls say of it now. `gone` = the resource no longer exists. */
export type Observation = { resourceArn: string; observedAt: string; findings: Finding[]; gone: boolean };

/**
 * What is remembered of a resource: its open findings, and which changes have not been delivered yet.
 * `version` counts the writes, so that two auditors that look at the same time cannot undo each other.
 */
export type ResourceState = {
  version: number;
  observedAt: string;
  /** By finding id. Read through `Object.hasOwn` or `Object.entries` only. */
  open: Record<string, Finding>;
  /** At most one per finding. What is undelivered of an open finding is always its form in `open`. */
  undelivered: Change[];
};

/** Whether the status keeps a finding open. */
export const isOpen = (status: Status): boolean => status !== 'PASSED' && status !== 'NOT_APPLICABLE';

/** Whether there is nothing left to remember. */
export const isEmpty = (state: ResourceState): boolean =>
  Object.keys(state.open).length === 0 && state.undelivered.length === 0;

/**
 * The state after an observation, and everything that is still to be delivered after it: also what an earlier
 * observation left undelivered, as a crash between storing and delivering must lose nothing. Each finding appears at
 * most once, in its newest form. An observation older than the state's adds nothing, and returns that state itself.
 */
export const reconcile = (
  previous: ResourceState | undefined,
  observation: Observation,
): { state: ResourceState; changes: Change[] } => {
  if (previous && Date.parse(observation.observedAt) < Date.parse(previous.observedAt)) {
    return { state: previous, changes: previous.undelivered };
  }
  const known = new Map(Object.entries(previous?.open ?? {}));
  const seen = worstById(observation.findings);
  const open = new Map<string, Finding>();
  const undelivered = new Map(previous?.undelivered.map((change) => [change.finding.id, change]));

  for (const id of new Set([...known.keys(), ...seen.keys()])) {
    const before = known.get(id);
    const now = seen.get(id);
    const standing = openFinding(before, now, observation.gone);
    if (standing) {
      open.set(id, standing);
      const kind = kindOf(before, standing, undelivered.get(id));
      if (kind) undelivered.set(id, { kind, finding: standing });
    } else if (before) {
      undelivered.set(id, { kind: 'resolved', finding: resolved(before, now, observation) });
    }
  }

  const changes = byId(undelivered.values(), (change) => change.finding.id);
  const state = {
    version: (previous?.version ?? 0) + 1,
    observedAt: observation.observedAt,
    open: Object.fromEntries(byId(open.entries(), ([id]) => id)),
    undelivered: changes,
  };
  return { state, changes };
};

/**
 * The state with those changes delivered. A change that was overtaken by a newer form in the meantime stays
 * undelivered. Where nothing was undelivered any more, it is the given state itself.
 */
export const acknowledge = (state: ResourceState, changes: readonly Change[]): ResourceState => {
  const delivered = new Map(changes.map((change) => [change.finding.id, change]));
  const undelivered = state.undelivered.filter((change) => {
    const sent = delivered.get(change.finding.id);
    return !sent || sent.kind !== change.kind || !isSame(sent.finding, change.finding);
  });
  if (undelivered.length === state.undelivered.length) return state;
  return { ...state, version: state.version + 1, undelivered };
};

const CONDENSED = 'sha256 of evidence that is too long to keep';

/** The finding with its evidence reduced to a digest, which still tells whether the evidence changed. */
export const condense = (finding: Finding): Finding => ({
  ...finding,
  evidence: [{ at: CONDENSED, found: evidenceDigest(finding.evidence), expected: '' }],
  remediation: { text: finding.remediation.text.slice(0, 200) },
});

/** The open form of a finding after an observation; undefined where it is not open any more. */
const openFinding = (
  before: Finding | undefined,
  now: Finding | undefined,
  gone: boolean,
): Finding | undefined => {
  // What ran, ran: neither a denied Describe call nor a deleted record undoes the verdict on it.
  const isUnread = now ? now.status === 'NOT_AVAILABLE' || now.status === 'NOT_APPLICABLE' : gone;
  if (before && hasRun(before) && before.status !== 'NOT_AVAILABLE' && isUnread) return before;
  if (!now || !isOpen(now.status)) return undefined;
  return before ? { ...now, firstObservedAt: before.firstObservedAt } : now;
};

const hasRun = ({ resource }: Finding): boolean => resource.type === 'job' || resource.type === 'execution';

const kindOf = (
  before: Finding | undefined,
  now: Finding,
  pending: Change | undefined,
): Change['kind'] | undefined => {
  // A sink may have taken the form without the suppression, so that it must hear of an end, not of a beginning.
  if (now.suppression && pending && !pending.finding.suppression) return 'changed';
  if (!before) return 'opened';
  return pending?.kind ?? (isSame(before, now) ? undefined : 'changed');
};

const resolved = (before: Finding, now: Finding | undefined, { observedAt, gone }: Observation): Finding => {
  const { suppression: _, ...finding } = now ?? before;
  return {
    ...finding,
    status: gone ? 'NOT_AVAILABLE' : 'PASSED',
    firstObservedAt: before.firstObservedAt,
    lastObservedAt: observedAt,
  };
};

/** Whether two forms of a finding say the same, whenever they were observed. */
const isSame = (one: Finding, other: Finding): boolean => material(one) === material(other);

const material = ({
  status,
  severity,
  title,
  subject,
  suppression,
  evidence,
  firstObservedAt,
}: Finding): string =>
  JSON.stringify([
    status,
    severity,
    title,
    subject ?? null,
    suppression ? [suppression.reason, suppression.expires] : null,
    evidenceDigest(evidence),
    firstObservedAt,
  ]);

/** AWS lists in no fixed order, so the order of the evidence counts for nothing. */
const evidenceDigest = (evidence: readonly Evidence[]): string => {
  const [first] = evidence;
  if (evidence.length === 1 && first?.at === CONDENSED) return first.found;
  const lines = evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
};

const BY_WEIGHT: readonly Status[] = ['NOT_APPLICABLE', 'PASSED', 'NOT_AVAILABLE', 'WARNING', 'FAILED'];

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
    BY_WEIGHT.indexOf(one.status) - BY_WEIGHT.indexOf(other.status) ||
    severityRank(one.severity) - severityRank(other.severity);
  return difference === 0 ? JSON.stringify(one) > JSON.stringify(other) : difference > 0;
};

const byId = <T>(items: Iterable<T>, idOf: (item: T) => string): T[] =>
  [...items].toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
