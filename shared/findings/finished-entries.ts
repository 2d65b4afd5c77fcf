import { createHash } from 'node:crypto';
import { type Evidence, type Finding, type Severity, type Status, severityRank } from '../domain/finding.ts';
import { isDefinite, isOpen, statusWeight } from '../domain/status.ts';

/** What one finished thing (a job, an execution) adds to a finding that is gathered for its pipeline. */
export type FinishedEntry = {
  /** A digest of its ARN, whatever the case. */
  key: string;
  observedAt: string;
  /** PASSED or NOT_APPLICABLE: it has left, which is remembered for looks that come late. */
  status: Status;
  severity: Severity;
  /** It has left because a suppression of its own ARN covers it, and did not pass. */
  isAccepted?: true;
  /** Missing of what has left, and of what is only counted. */
  evidence?: Evidence;
};

/** The time that entries are held against, and how many days they stay after they were last seen. */
export type Lifetime = { now: string; expireDays: number };

const MAX_SHOWN = 100;
/** Beyond it the oldest are dropped, and the finding says that there are at least so many. */
const MAX_ENTRIES = 1000;
const MAX_LEFT = 100;
/** Longer than any look can take from reading AWS to storing what it saw. */
const LEFT_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether what was last seen then has been open for its whole time. */
export const isExpired = (seenAt: string, { now, expireDays }: Lifetime): boolean =>
  expiryOf(seenAt, expireDays) <= Date.parse(now);

/** When what was last seen then expires, in milliseconds since 1970. */
export const expiryOf = (seenAt: string, expireDays: number): number =>
  Date.parse(seenAt) + expireDays * DAY_MS;

/** A finished thing's key among the entries. */
export const entryKey = (arn: string): string =>
  createHash('sha256').update(arn.toLowerCase()).digest('base64url').slice(0, 16);

/** What a finding on one finished thing adds; its evidence is the first piece, which names the thing. */
export const entryOf = (
  { status, severity, evidence }: Finding,
  key: string,
  observedAt: string,
): FinishedEntry => {
  const [first] = evidence;
  return { key, observedAt, status, severity, ...(isOpen(status) && first ? { evidence: first } : {}) };
};

/**
 * The entries after some more: one for each thing, newest first, without those whose time is over. The order in which
 * they come makes no difference. Only the newest 100 keep their evidence.
 */
export const mergeEntries = (
  known: readonly FinishedEntry[],
  more: readonly FinishedEntry[],
  lifetime: Lifetime,
): FinishedEntry[] => {
  const byKey = new Map<string, FinishedEntry>();
  for (const entry of [...known, ...more]) {
    if (isOver(entry, lifetime)) continue;
    const other = byKey.get(entry.key);
    if (!other || prevails(entry, other)) byKey.set(entry.key, entry);
  }
  const sorted = [...byKey.values()].toSorted(byTime);
  const open = sorted.filter(({ status }) => isOpen(status));
  const left = sorted.filter(({ status }) => !isOpen(status));
  return [...withoutEvidence(open.slice(0, MAX_ENTRIES), MAX_SHOWN), ...left.slice(0, MAX_LEFT)];
};

const isOver = ({ status, observedAt }: FinishedEntry, lifetime: Lifetime): boolean =>
  isOpen(status)
    ? isExpired(observedAt, lifetime)
    : Date.parse(observedAt) + LEFT_MS <= Date.parse(lifetime.now);

/** The entries with the evidence of the newest only; the others are counted. */
export const withoutEvidence = (entries: readonly FinishedEntry[], shown: number): FinishedEntry[] =>
  entries.map((entry, index) => {
    if (index < shown || entry.evidence === undefined) return entry;
    const { evidence: _, ...counted } = entry;
    return counted;
  });

/** What was judged beats what could not be; then the newer look beats the older one. */
const prevails = (one: FinishedEntry, other: FinishedEntry): boolean => {
  const difference =
    Number(isSettled(one)) - Number(isSettled(other)) ||
    Date.parse(one.observedAt) - Date.parse(other.observedAt) ||
    statusWeight(one.status) - statusWeight(other.status) ||
    severityRank(one.severity) - severityRank(other.severity);
  return difference === 0 ? JSON.stringify(one) > JSON.stringify(other) : difference > 0;
};

const isSettled = ({ status, isAccepted }: FinishedEntry): boolean =>
  isDefinite(status) || isAccepted === true;

const byTime = (one: FinishedEntry, other: FinishedEntry): number =>
  Date.parse(other.observedAt) - Date.parse(one.observedAt) || (one.key < other.key ? -1 : 1);

/** The finding with what its entries say together; undefined where none of them is open. */
export const groupedFinding = (base: Finding, entries: readonly FinishedEntry[]): Finding | undefined => {
  const open = entries.filter(({ status }) => isOpen(status));
  const [newest] = open;
  const oldest = open.at(-1);
  if (!newest || !oldest) return undefined;
  return {
    ...base,
    status: open.map(({ status }) => status).reduce((a, b) => (statusWeight(a) >= statusWeight(b) ? a : b)),
    severity: open
      .map(({ severity }) => severity)
      .reduce((a, b) => (severityRank(a) >= severityRank(b) ? a : b)),
    evidence: evidenceOf(entries, base.subject),
    firstObservedAt: oldest.observedAt,
    lastObservedAt: newest.observedAt,
  };
};

/** The evidence of a gathered finding: one piece for each thing, newest first, and how many more there are. */
export const evidenceOf = (entries: readonly FinishedEntry[], subject = 'entries'): Evidence[] => {
  const open = entries.filter(({ status }) => isOpen(status));
  const shown = open.flatMap(({ evidence }) => evidence ?? []);
  const more = open.length - shown.length;
  if (more === 0) return shown;
  const count = open.length >= MAX_ENTRIES ? `at least ${more}` : String(more);
  const expected = shown[0]?.expected ?? '';
  return [...shown, { at: `further ${subject}`, found: `${count} more like these`, expected }];
};
