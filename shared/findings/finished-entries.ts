import { createHash } from 'node:crypto';
import { type Evidence, type Finding, type Severity, type Status, severityRank } from '../domain/finding.ts';
import { isDefinite, isOpen, statusWeight } from '../domain/status.ts';

/** What one finished job or execution adds to the finding that groups all such findings of its pipeline. */
export type FinishedEntry = {
  /** A digest of the ARN of the job or execution in lower case. */
  key: string;
  observedAt: string;
  /**
   * PASSED or NOT_APPLICABLE means that the entry has left the finding. It is kept for an hour, so that a look which
   * comes late does not bring it back.
   */
  status: Status;
  severity: Severity;
  /** The entry left because a suppression of the job’s own ARN covers it; the job did not pass. */
  isAccepted?: true;
  /** Missing in entries that have left, and in open entries beyond the newest 100, which are only counted. */
  evidence?: Evidence;
};

/**
 * `now` is the time at which entries are checked; `expireDays`, how many days an open entry stays after its job was
 * last seen.
 */
export type Lifetime = { now: string; expireDays: number };

const MAX_SHOWN = 100;
/** Of more open entries the oldest are dropped, and the finding then says “at least”. */
const MAX_ENTRIES = 1000;
const MAX_LEFT = 100;
/** Longer than any look takes from reading AWS to storing its result. */
const LEFT_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether a job that was last seen at `seenAt` has been open for all of its days. */
export const isExpired = (seenAt: string, { now, expireDays }: Lifetime): boolean =>
  expiryOf(seenAt, expireDays) <= Date.parse(now);

/** When the entry of a job that was last seen at `seenAt` expires, in milliseconds since 1970. */
export const expiryOf = (seenAt: string, expireDays: number): number =>
  Date.parse(seenAt) + expireDays * DAY_MS;

/** The key of a job or execution among the entries. */
export const entryKey = (arn: string): string =>
  createHash('sha256').update(arn.toLowerCase()).digest('base64url').slice(0, 16);

/** The entry for a finding on one job. It keeps the first piece of evidence, which names the job. */
export const entryOf = (
  { status, severity, evidence }: Finding,
  key: string,
  observedAt: string,
): FinishedEntry => {
  const [first] = evidence;
  return { key, observedAt, status, severity, ...(isOpen(status) && first ? { evidence: first } : {}) };
};

/**
 * Both lists of entries as one: one entry for each job, newest first, without expired ones. The order of the two lists
 * makes no difference. Only the newest 100 open entries keep their evidence.
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

/** The entries, of which only the first `shown` keep their evidence; the others are counted. */
export const withoutEvidence = (entries: readonly FinishedEntry[], shown: number): FinishedEntry[] =>
  entries.map((entry, index) => {
    if (index < shown || entry.evidence === undefined) return entry;
    const { evidence: _, ...counted } = entry;
    return counted;
  });

/** An entry that was judged beats one that could not be judged; then the newer look beats the older one. */
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

/** The finding that says what its entries say together; undefined where no entry is open. */
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

/** The evidence of a grouped finding: one piece for each job, newest first, and how many more jobs there are. */
export const evidenceOf = (entries: readonly FinishedEntry[], subject = 'entries'): Evidence[] => {
  const open = entries.filter(({ status }) => isOpen(status));
  const shown = open.flatMap(({ evidence }) => evidence ?? []);
  const more = open.length - shown.length;
  if (more === 0) return shown;
  const count = open.length >= MAX_ENTRIES ? `at least ${more}` : String(more);
  const expected = shown[0]?.expected ?? '';
  return [...shown, { at: `further ${subject}`, found: `${count} more like these`, expected }];
};
