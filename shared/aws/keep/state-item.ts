import { gunzipSync, gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { type Finding, SEVERITIES, STATUSES } from '../../domain/finding.ts';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import type { ReadTimes } from '../../domain/read-times.ts';
import { ending, hasRun } from '../../findings/closing-changes.ts';
import { condense, type EvidenceLimits } from '../../findings/fingerprint.ts';
import { evidenceOf, type FinishedEntry, withoutEvidence } from '../../findings/finished-entries.ts';
import {
  CHANGE_KINDS,
  type Change,
  isClosing,
  LEFT_BY,
  type LeftBy,
  type ResourceState,
  type UnreadPart,
} from '../../findings/state.ts';
import type { Became } from '../../findings/what-became.ts';
import { isObject, type Json, member } from '../../json/json.ts';

export type Item = Record<string, AttributeValue>;

/** A state up to this size stays readable in the console. Each KB of an item costs a write unit. */
const MAX_PLAIN_BYTES = 32 * 1024;
/** An item may have 400 KB with its names and key (DynamoDB developer guide, “Constraints”). */
const MAX_STATE_BYTES = 390 * 1024;
/** How many entries of a grouped finding keep their evidence where all of it is too long. */
const CONDENSED_ENTRIES = 10;
/**
 * The first of these limits that fits is used: as much as possible is kept, because sinks are told what is stored here.
 */
const KEPT: readonly EvidenceLimits[] = [
  { pieces: 10, characters: 1000 },
  { pieces: 2, characters: 200 },
  { pieces: 0, characters: 0 },
];
const GZIP = 'gzip:';

/**
 * The form in which states are stored. A version without this number called every end `resolved`, whatever its reason;
 * its states are still read.
 */
const FORM = 2;

/**
 * The state as text. Throws where even the shortest form is too large. The message then goes to the dead-letter queue.
 */
export const encodeState = (pk: string, state: ResourceState): string => {
  const plain = stateText(state);
  if (Buffer.byteLength(plain) <= MAX_PLAIN_BYTES) return plain;
  for (const shorter of [undefined, ...KEPT]) {
    const packed = GZIP + gzipSync(shorter ? stateText(condensed(state, shorter)) : plain).toString('base64');
    if (packed.length <= MAX_STATE_BYTES) return packed;
  }
  throw new Error(`${pk} has ${Object.keys(state.open).length} open findings, more than an item can hold`);
};

const condensed = (state: ResourceState, kept: EvidenceLimits): ResourceState => ({
  ...state,
  open: Object.fromEntries(Object.entries(state.open).map(([id, finding]) => [id, condense(finding, kept)])),
  ...(state.finished && { finished: { ...state.finished, ...fewerShown(state.finished.entries) } }),
  ...(state.unread && { unread: condensedUnread(state.unread, kept) }),
  undelivered: state.undelivered.map((change) => ({ ...change, finding: condense(change.finding, kept) })),
});

const condensedUnread = ({ controls, forms }: UnreadPart, kept: EvidenceLimits): UnreadPart => ({
  controls,
  forms: Object.fromEntries(Object.entries(forms).map(([id, form]) => [id, condense(form, kept)])),
});

const fewerShown = (entries: Record<string, FinishedEntry[]> | undefined) =>
  entries && {
    entries: Object.fromEntries(
      Object.entries(entries).map(([id, ofOne]) => [id, withoutEvidence(ofOne, CONDENSED_ENTRIES)]),
    ),
  };

/**
 * Changes of open findings are stored by id only, as `open` holds the findings. The evidence of entries is stored there
 * too.
 */
const stateText = ({
  observedAt,
  readAt,
  toldAt,
  open,
  undelivered,
  finished,
  passed,
  configuration,
  left,
  unread,
}: ResourceState): string =>
  JSON.stringify({
    form: FORM,
    observedAt,
    readAt,
    toldAt,
    open: Object.values(open).map((finding) => (finished?.entries ? { ...finding, evidence: [] } : finding)),
    ...(finished && { finished }),
    ...(passed !== undefined && { passed }),
    ...(configuration !== undefined && { configuration }),
    ...(left && { left }),
    ...(unread && { unread }),
    undelivered: undelivered.map(({ finding, ...change }) =>
      isClosing(change) ? { ...change, finding } : { ...change, id: finding.id },
    ),
  });

export const decodeItem = (pk: string, item: Item): ResourceState => {
  const version = Number(item.version?.N);
  const stored = decodeText(pk, item.state?.S);
  const observedAt = member(stored, 'observedAt');
  const open = member(stored, 'open');
  const undelivered = member(stored, 'undelivered');
  const toldAt = member(stored, 'toldAt');
  const readAt = member(stored, 'readAt');
  if (!Number.isSafeInteger(version) || !isTime(observedAt)) throw malformed(pk);
  if (toldAt !== undefined && !isTime(toldAt)) throw malformed(pk);
  if (readAt !== undefined && !isReadTimes(readAt)) throw malformed(pk);
  if (!Array.isArray(open) || !open.every(isFinding) || !Array.isArray(undelivered)) throw malformed(pk);
  const finished = decodeFinished(pk, member(stored, 'finished'));
  const passed = member(stored, 'passed');
  if (passed !== undefined && typeof passed !== 'number') throw malformed(pk);
  const configuration = member(stored, 'configuration');
  if (configuration !== undefined && typeof configuration !== 'string') throw malformed(pk);
  const left = member(stored, 'left');
  if (left !== undefined && !isLeft(left)) throw malformed(pk);
  const unread: unknown = member(stored, 'unread');
  if (unread !== undefined && !isUnreadPart(unread)) throw malformed(pk);
  const decodeChange = member(stored, 'form') === FORM ? changeOf : changeOfFirstForm;
  const entries = new Map(Object.entries(finished?.entries ?? {}));
  const byId = new Map(
    open.map((finding) => {
      const ofOne = entries.get(finding.id);
      return [finding.id, ofOne ? { ...finding, evidence: evidenceOf(ofOne, finding.subject) } : finding];
    }),
  );
  return {
    version,
    observedAt,
    ...(readAt !== undefined && { readAt }),
    ...(toldAt !== undefined && { toldAt }),
    open: Object.fromEntries(byId),
    undelivered: undelivered.map((change) => decodeChange(change, byId) ?? fail(malformed(pk))),
    ...(finished && { finished }),
    ...(passed !== undefined && { passed }),
    ...(configuration !== undefined && { configuration }),
    ...(left !== undefined && { left }),
    ...(unread !== undefined && { unread }),
  };
};

/**
 * `resolved` in the first form may also mean that nobody judged the finding. So such an end is not reported as mended.
 */
const changeOfFirstForm = (change: Json, open: ReadonlyMap<string, Finding>): Change | undefined => {
  const decoded = changeOf(change, open);
  if (decoded?.kind !== 'resolved') return decoded;
  const { finding } = decoded;
  return { ...decoded, ...ending(finding, undefined, becameInFirstForm(finding), finding.lastObservedAt) };
};

const becameInFirstForm = ({ status, resource }: Finding): Became => {
  if (status === 'NOT_AVAILABLE') return { is: hasRun(resource) ? 'gathered' : 'gone' };
  const because = 'an earlier version of Pipewarden closed it without storing the reason';
  return { is: 'unjudged', why: 'not-known', because };
};

const changeOf = (change: Json, open: ReadonlyMap<string, Finding>): Change | undefined => {
  const kind = CHANGE_KINDS.find((known) => known === member(change, 'kind'));
  const id = member(change, 'id');
  const takenBy = member(change, 'takenBy');
  const openedTo = member(change, 'openedTo');
  if (kind === undefined || !isNames(takenBy) || !isNames(openedTo)) return undefined;
  const finding = isClosing({ kind })
    ? member(change, 'finding')
    : open.get(typeof id === 'string' ? id : '');
  if (!isFinding(finding)) return undefined;
  return { kind, finding, ...(takenBy && { takenBy }), ...(openedTo && { openedTo }) };
};

const isNames = (value: Json | undefined): value is string[] | undefined =>
  value === undefined || (Array.isArray(value) && value.every((name) => typeof name === 'string'));

const isTime = (value: Json | undefined): value is string =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));

const isReadTimes = (value: unknown): value is ReadTimes =>
  isObject(value) && Object.values(value).every((time) => Number.isSafeInteger(time));

const isLeft = (value: unknown): value is Record<string, LeftBy> =>
  isObject(value) && Object.values(value).every((way) => LEFT_BY.some((known) => known === way));

const isUnreadPart = (value: unknown): value is UnreadPart => {
  const [controls, forms] = [member(value, 'controls'), member(value, 'forms')];
  return (
    isObject(controls) &&
    Object.values(controls).every(isUnreadControl) &&
    isObject(forms) &&
    Object.values(forms).every(isFinding)
  );
};

const isUnreadControl = (value: unknown): boolean => {
  const parts = member(value, 'parts');
  return (
    ['unread', 'ungathered'].some((is) => is === member(value, 'is')) &&
    typeof member(value, 'because') === 'string' &&
    [member(value, 'saidAt'), member(value, 'judgedAt')].every(
      (time) => time === undefined || isTime(time),
    ) &&
    Array.isArray(parts) &&
    parts.every(
      (pair) =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        (pair[0] === null || typeof pair[0] === 'string') &&
        isTime(pair[1]),
    )
  );
};

const decodeFinished = (pk: string, stored: Json | undefined): ResourceState['finished'] => {
  if (stored === undefined) return undefined;
  const expireDays = member(stored, 'expireDays');
  const entries = member(stored, 'entries');
  if (typeof expireDays !== 'number') throw malformed(pk);
  if (entries === undefined) return { expireDays };
  if (!isEntries(entries)) throw malformed(pk);
  return { expireDays, entries };
};

const isEntries = (value: unknown): value is Record<string, FinishedEntry[]> =>
  isObject(value) && Object.values(value).every((ofOne) => Array.isArray(ofOne) && ofOne.every(isEntry));

const isEntry = (value: unknown): value is FinishedEntry => {
  const evidence = member(value, 'evidence');
  return (
    typeof member(value, 'key') === 'string' &&
    isTime(member(value, 'observedAt')) &&
    STATUSES.some((status) => status === member(value, 'status')) &&
    SEVERITIES.some((severity) => severity === member(value, 'severity')) &&
    [undefined, true].some((accepted) => accepted === member(value, 'isAccepted')) &&
    (evidence === undefined ||
      ['at', 'found', 'expected'].every((name) => typeof member(evidence, name) === 'string'))
  );
};

const isFinding = (value: unknown): value is Finding => {
  const texts = ['id', 'control', 'title', 'firstObservedAt', 'lastObservedAt'];
  const resource = member(value, 'resource');
  return (
    texts.every((key) => typeof member(value, key) === 'string') &&
    STATUSES.some((status) => status === member(value, 'status')) &&
    SEVERITIES.some((severity) => severity === member(value, 'severity')) &&
    typeof member(resource, 'arn') === 'string' &&
    typeof member(resource, 'type') === 'string' &&
    Array.isArray(member(value, 'evidence')) &&
    typeof member(member(value, 'remediation'), 'text') === 'string' &&
    isUnjudged(member(value, 'unjudged'))
  );
};

const isUnjudged = (value: Json | undefined): boolean =>
  value === undefined ||
  (UNJUDGED_WHYS.some((why) => why === member(value, 'why')) &&
    typeof member(value, 'because') === 'string' &&
    isTime(member(value, 'since')));

export const decodeText = (pk: string, text: string | undefined): Json => {
  try {
    const packed = text?.startsWith(GZIP) ? Buffer.from(text.slice(GZIP.length), 'base64') : undefined;
    return JSON.parse(packed ? gunzipSync(packed).toString('utf8') : (text ?? ''));
  } catch (error) {
    throw malformed(pk, error);
  }
};

/** The error for a state that cannot be read. Starting anew instead would silently resolve every open finding. */
export const malformed = (pk: string, cause?: unknown): Error =>
  new Error(`the item ${pk} of the findings table is malformed`, { cause });

const fail = (error: Error): never => {
  throw error;
};
