import { type Finding, type Severity, severityRank } from '../domain/finding.ts';
import { isFaulty } from '../domain/status.ts';
import { fingerprint } from '../findings/fingerprint.ts';
import { type Change, type ClosingKind, closingKind } from '../findings/state.ts';

/** Where a channel keeps the message about a finding. `isShared` = it is about others too, and not to be rewritten. */
export type MessageAddress = { channel: string; ts: string; isShared: boolean };

/** What a channel was last told of a finding. */
export type LastTold = {
  state: 'open' | 'closed';
  /** The worst that was told since it opened. */
  severity: Severity;
  /** Of the form that was told. */
  fingerprint: string;
  place?: MessageAddress;
};

/** What each channel has been told, so that it hears of an end only after a beginning, and of nothing twice. */
export type AlertMemory = {
  recall(channel: string, findingIds: readonly string[]): Promise<Map<string, LastTold>>;
  remember(channel: string, told: ReadonlyMap<string, LastTold>): Promise<void>;
};

/** WORSENED: it is open as before, and graver. CHANGED: it says something else, which is no news by itself. */
type OpenAlertStatus = 'OPENED' | 'REOPENED' | 'WORSENED' | 'CHANGED';

/**
 * How the channel hears of an end. RESOLVED is for what was judged again and is well, or does not apply any more; nothing
 * else may be taken for mended. CLOSED: gone, expired, or told by another finding. NOT_JUDGED: nobody judges it any more.
 */
export const END_STATUSES = ['RESOLVED', 'CLOSED', 'NOT_JUDGED', 'SUPPRESSED'] as const;
export type EndStatus = (typeof END_STATUSES)[number];

export type AlertStatus = OpenAlertStatus | EndStatus;

/** Whether the channel is told that it is over; undefined where not. */
export const endStatus = ({ status }: Pick<Alert, 'status'>): EndStatus | undefined =>
  END_STATUSES.find((end) => end === status);

/** One thing to tell a channel. */
export type Alert = { status: AlertStatus; kind: Change['kind']; finding: Finding; told?: LastTold };

/**
 * What a channel is to be told of a change; undefined where nothing. People are told of what fails or is at risk and
 * is not suppressed, where the channel wants it, and of the end of all that they were told of, whatever it is.
 */
export const alertOf = (
  { kind, finding }: Change,
  told: LastTold | undefined,
  wants: (finding: Finding) => boolean,
): Alert | undefined => {
  const alert = (status: AlertStatus): Alert => ({ status, kind, finding, ...(told && { told }) });
  const closing = closingKind({ kind });
  const end = closing ? END_OF[closing] : finding.suppression ? 'SUPPRESSED' : undefined;
  if (end) return told?.state === 'open' ? alert(end) : undefined;
  const isWanted = isFaulty(finding.status) && wants(finding);
  if (told?.state !== 'open') return isWanted ? alert(told ? 'REOPENED' : 'OPENED') : undefined;
  if (told.fingerprint === fingerprint(finding)) return undefined;
  const isWorse = isWanted && severityRank(finding.severity) > severityRank(told.severity);
  return alert(isWorse ? 'WORSENED' : 'CHANGED');
};

/** A sentence that says how it ended, for people. */
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

/** What is to be remembered once the channel has taken an alert. */
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
