import { createHash } from 'node:crypto';
import { parseArn } from '../../domain/arn.ts';
import { type Finding, scopeOfFinding } from '../../domain/finding.ts';
import type { Scope } from '../../domain/scope.ts';
import { endedBy } from '../../findings/end-reason.ts';
import { fingerprint } from '../../findings/fingerprint.ts';
import type { Change, ChangeKind } from '../../findings/state.ts';
import { cut } from '../../text/cut.ts';
import { jsonBytes } from '../../text/one-line.ts';

/** An event for other programs, as input of PutEvents. Its time is the time of delivery. */
export type BusEvent = {
  Source: 'pipewarden';
  DetailType: `Pipewarden Finding ${Name}`;
  Resources: string[];
  Detail: string;
};

/** The limits of PutEvents for one call. A part of the bytes is left for names. */
const MAX_EVENTS = 10;
const MAX_BYTES = 250_000;
const MAX_RESOURCE = 2048;
/** Small enough that everything besides evidence always fits. */
const MAX_TEXT = 4000;

/**
 * The event for a change: the finding as in the results file, with account and Region, the change’s id, and why the
 * finding ended. Evidence that does not fit is left out and counted. A patch is whole or missing.
 */
export const toBusEvent = (change: Change, scope: Scope): BusEvent => {
  const name = nameOf(change);
  const { arn } = change.finding.resource;
  return {
    Source: 'pipewarden',
    DetailType: `Pipewarden Finding ${name}`,
    Resources: parseArn(arn) && arn.length <= MAX_RESOURCE ? [arn] : [],
    Detail: detailOf(change, scope),
  };
};

/** `Resolved`: judged again, and it passes or does not apply any more. No other name means mended. */
type Name = 'Opened' | 'Changed' | 'Resolved' | 'Closed' | 'Not Judged';

const NAMES: Readonly<Record<ChangeKind, Name>> = {
  opened: 'Opened',
  changed: 'Changed',
  refreshed: 'Changed',
  resolved: 'Resolved',
  gone: 'Closed',
  gathered: 'Closed',
  expired: 'Closed',
  unjudged: 'Not Judged',
};

const nameOf = ({ kind }: Pick<Change, 'kind'>): Name => NAMES[kind];

/**
 * An id that is the same however often a change is delivered: PutEvents is not idempotent, and EventBridge may deliver
 * an event twice. A `Changed` finding may return to an earlier form, so that its id contains the time too.
 */
const changeIdOf = (change: Change): string => {
  const { id, status, severity, firstObservedAt, lastObservedAt } = change.finding;
  const name = nameOf(change);
  const more = name === 'Changed' ? [fingerprint(change.finding), lastObservedAt] : [];
  const parts = JSON.stringify([id, name, status, severity, firstObservedAt, ...more]);
  return createHash('sha256').update(parts).digest('hex');
};

/** The events in batches that PutEvents accepts. */
export const busBatches = <T extends BusEvent>(events: readonly T[]): T[][] => {
  const groups: T[][] = [];
  let bytes = 0;
  for (const event of events) {
    const group = groups.at(-1);
    bytes += eventBytes(event);
    if (group && group.length < MAX_EVENTS && bytes <= MAX_BYTES) group.push(event);
    else {
      groups.push([event]);
      bytes = eventBytes(event);
    }
  }
  return groups;
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const eventBytes = ({ Source, DetailType, Resources, Detail }: BusEvent): number =>
  [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

const detailOf = (change: Change, own: Scope): string => {
  const { account, region } = scopeOfFinding(change.finding, own);
  const ended = endedBy(change);
  const compose = (finding: Finding, omitted: object): object => ({
    ...finding,
    account,
    region,
    changeId: changeIdOf(change),
    ...(ended && { reason: ended.how }),
    ...omitted,
  });
  const fits = (detail: object): boolean => jsonBytes(detail) <= MAX_BYTES - 10_000;
  const whole = compose(change.finding, {});
  if (fits(whole)) return text(whole);
  const { evidence } = change.finding;
  const bounded = shortened(change.finding);
  let shown = Math.min(evidence.length, 100);
  const detail = () =>
    compose({ ...bounded, evidence: evidence.slice(0, shown) }, { evidenceOmitted: evidence.length - shown });
  while (shown > 0 && !fits(detail())) shown = Math.floor(shown / 2);
  return text(detail());
};

const shortened = (finding: Finding): Finding => {
  const { patch, undo, changes, text: remedy } = finding.remediation;
  const keepsPatch =
    patch !== undefined && patch.length <= 5 * MAX_TEXT && (undo?.length ?? 0) <= 5 * MAX_TEXT;
  return {
    ...finding,
    title: cut(finding.title, MAX_TEXT),
    remediation: {
      text: cut(remedy, MAX_TEXT),
      ...(keepsPatch && {
        patch,
        ...(undo !== undefined && { undo }),
        ...(changes !== undefined && { changes: cut(changes, MAX_TEXT) }),
      }),
    },
    ...(finding.subject !== undefined && { subject: cut(finding.subject, MAX_TEXT) }),
    ...(finding.principal !== undefined && { principal: cut(finding.principal, MAX_TEXT) }),
  };
};

/** EventBridge refuses a detail with half a surrogate pair. */
const text = (detail: object): string =>
  JSON.stringify(detail, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value));
