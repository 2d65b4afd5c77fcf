import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { isFaulty } from '../domain/status.ts';
import { fingerprint } from '../findings/fingerprint.ts';
import { type Change, type ClosingKind, closingKind } from '../findings/state.ts';

/**
 * Where a Slack channel holds the message about a finding. `isShared`: the message reports other findings too, so that
 * nobody may rewrite it for one of them.
 */
export type MessageAddress = { channel: string; ts: string; isShared: boolean };

export const TOLD_STATES = ['open', 'closed', 'telling', 'untold'] as const;

/**
 * What a channel was last told of a finding. `telling`: somebody began to tell that it opened, and has not noted since whether the
 * channel took that; `untold`: the channel refused it, and had been told nothing before.
 */
export type LastTold = {
  state: (typeof TOLD_STATES)[number];
  /** The highest severity that the channel was told since the finding opened. */
  severity: Severity;
  /** Of `telling`: the finding opened again. */
  isReturn?: boolean;
  /** The fingerprint of the form that the channel was told. */
  fingerprint: string;
  place?: MessageAddress;
};

/** What each channel was told, so that no channel hears of an end without a beginning, or of anything twice. */
export type AlertMemory = {
  recall(channel: string, findingIds: readonly string[]): Promise<Map<string, LastTold>>;
  remember(channel: string, told: ReadonlyMap<string, LastTold>): Promise<void>;
};

/** WORSENED: still open, with a higher severity. CHANGED: other evidence, which by itself is no news. */
type OpenAlertStatus = 'OPENED' | 'REOPENED' | 'WORSENED' | 'CHANGED';

/**
 * How a channel hears of an end. RESOLVED: judged again, and it passes or does not apply; only this may be read as
 * mended. CLOSED: gone, expired, or reported by another finding. NOT_JUDGED: nobody judges it any more.
 */
export const END_STATUSES = ['RESOLVED', 'CLOSED', 'NOT_JUDGED', 'SUPPRESSED'] as const;
export type EndStatus = (typeof END_STATUSES)[number];

export type AlertStatus = OpenAlertStatus | EndStatus;

/** The status of an alert that tells of an end; undefined for any other alert. */
export const endStatus = ({ status }: Pick<Alert, 'status'>): EndStatus | undefined =>
  END_STATUSES.find((end) => end === status);

/** One thing to tell a channel. */
export type Alert = {
  status: AlertStatus;
  kind: Change['kind'];
  finding: Finding;
  told?: LastTold;
  /** Why the channel is told what may be for another one. */
  note?: string;
};

/**
 * What to tell a channel about a change; undefined where nothing. A channel hears of FAILED and WARNING findings that
 * it wants and that are not suppressed, and of the end of every finding that it has heard of.
 */
export const alertOf = (
  { kind, finding }: Change,
  told: LastTold | undefined,
  wants: (finding: Finding) => boolean,
): Alert | undefined => {
  const alert = (status: AlertStatus): Alert => ({ status, kind, finding, ...(told && { told }) });
  const closing = closingKind({ kind });
  const end = closing ? END_OF[closing] : finding.suppression ? 'SUPPRESSED' : undefined;
  // An end of what the channel may not have heard of is better than a beginning that it never hears the end of.
  if (end) return told?.state === 'open' || told?.state === 'telling' ? alert(end) : undefined;
  const isWanted = isFaulty(finding.status) && wants(finding);
  if (told?.state !== 'open')
    return isWanted ? alert(told?.state === 'closed' || told?.isReturn ? 'REOPENED' : 'OPENED') : undefined;
  if (told.fingerprint === fingerprint(finding)) return undefined;
  const isWorse = isWanted && severityRank(finding.severity) > severityRank(told.severity);
  return alert(isWorse ? 'WORSENED' : 'CHANGED');
};

/** A sentence for people that says how the finding ended. */
export const endText = ({ kind, finding }: Pick<Alert, 'kind' | 'finding'>): string => {
  const { suppression, status, remediation } = finding;
  if (suppression) return `Suppressed until ${suppression.expires}: ${suppression.reason}`;
  return kind === 'resolved' && status === 'PASSED'
    ? 'Mended: judged again, and it passes.'
    : remediation.text;
};

const END_OF: Readonly<Record<ClosingKind, EndStatus>> = {
  resolved: 'RESOLVED',
  gone: 'CLOSED',
  gathered: 'CLOSED',
  expired: 'CLOSED',
  unjudged: 'NOT_JUDGED',
};

/** Whether an alert tells that a finding opened. */
export const isOpening = ({ status }: Alert): boolean => status === 'OPENED' || status === 'REOPENED';

/** What to remember of an opening before the channel is told. */
export const tellingOf = ({ status, finding, told }: Alert): LastTold => ({
  state: 'telling',
  ...(status === 'REOPENED' && { isReturn: true }),
  severity: finding.severity,
  fingerprint: fingerprint(finding),
  ...(told?.place && { place: told.place }),
});

/** What to remember of an opening after the channel refused it. */
export const refusedOf = (alert: Alert): LastTold => alert.told ?? { ...tellingOf(alert), state: 'untold' };

/** What to remember of an alert that the channel has taken. */
export const toldBy = ({ status, finding, told }: Alert, place = told?.place): LastTold => ({
  state: endStatus({ status }) ? 'closed' : 'open',
  severity:
    told?.state === 'open' && severityRank(told.severity) > severityRank(finding.severity)
      ? told.severity
      : finding.severity,
  fingerprint: fingerprint(finding),
  ...(place && { place }),
});

/** A memory that lives as long as the process. */
export const processMemory = (): AlertMemory => {
  const memory = new Map<string, LastTold>();
  const keyOf = (channel: string, id: string): string => JSON.stringify([channel, id]);
  return {
    async recall(channel, findingIds) {
      return new Map(
        findingIds.flatMap((id) => {
          const told = memory.get(keyOf(channel, id));
          return told ? [[id, structuredClone(told)] as const] : [];
        }),
      );
    },
    async remember(channel, told) {
      for (const [id, one] of told) memory.set(keyOf(channel, id), structuredClone(one));
    },
  };
};
