import { type Finding, scopeOfFinding } from '../domain/finding.ts';
import { isRegion } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import { isOpen } from '../domain/status.ts';
import type { Trigger } from '../domain/trigger.ts';
import { endedBy } from '../findings/end-reason.ts';
import { asOf } from '../findings/evidence-time.ts';
import type { Change, Observation } from '../findings/state.ts';
import type {
  ChangeRecord,
  HistoryRecord,
  LookRecord,
  NotJudgedControl,
  RecordedVerdict,
  WatchRecord,
} from './records.ts';

/** By which version and configuration of the auditor a record is made. */
export type MadeBy = Pick<HistoryRecord, 'version' | 'configuration'>;

/** The record of a look; undefined for an observation that tells nothing for the history. */
export const lookRecord = (observation: Observation, madeBy: MadeBy): LookRecord | undefined => {
  const { told, gone, observedAt } = observation;
  if (!told) return undefined;
  const notJudged = notJudgedIn(observation);
  const unread = new Set(notJudged.map(({ control }) => control));
  return {
    kind: 'look',
    at: isoTime(observedAt),
    ...placeOf(told.scope),
    ...madeBy,
    resource: resourceOf(told.resource),
    gone,
    evidenceAt: asOf(observation),
    ...(told.trigger && { trigger: triggerOf(told.trigger) }),
    ...(told.principal !== undefined && { principal: told.principal }),
    ...(told.pipelineVersion !== undefined && { pipelineVersion: told.pipelineVersion }),
    // That nothing is to be judged hangs on what nobody could read.
    verdicts: told.verdicts
      .filter(({ control, status }) => status !== 'NOT_APPLICABLE' || !unread.has(control))
      .map(verdictOf),
    notJudged,
  };
};

/** The controls that gave no verdict, as they are switched off, lack a list, or need what nobody could gather. */
const notJudgedIn = ({ judged }: Pick<Observation, 'judged'>): NotJudgedControl[] =>
  Object.entries(judged).flatMap(([control, judgement]): NotJudgedControl | [] =>
    judgement.is === 'left-out'
      ? { control, why: judgement.why, because: judgement.because }
      : judgement.is === 'ungathered' && !judgement.isInapplicable
        ? { control, why: 'unread', because: judgement.because }
        : [],
  );

const verdictOf = ({
  id,
  control,
  status,
  severity,
  subject,
  evidence,
  remediation,
  suppression,
}: Finding): RecordedVerdict => ({
  id,
  control,
  status,
  severity,
  ...(subject !== undefined && { subject }),
  evidence: evidenceOf(evidence),
  // A verdict that asks for nothing has its reason in place of advice.
  ...(!isOpen(status) && remediation.text !== '' && { because: remediation.text }),
  ...(suppression && { suppression: suppressionOf(suppression) }),
});

/** The record of a change; undefined for one that only repeats what was told. */
export const changeRecord = (
  { kind, finding }: Change,
  own: Scope,
  madeBy: MadeBy,
): ChangeRecord | undefined => {
  if (kind === 'refreshed') return undefined;
  const { id, control, status, severity, title, resource, subject, principal, trigger, suppression } =
    finding;
  const { account, region } = scopeOfFinding(finding, own);
  const ended = endedBy({ kind, finding });
  return {
    kind: 'change',
    at: isoTime(finding.lastObservedAt),
    ...placeOf({ account, region: isRegion(region) ? region : own.region }),
    ...madeBy,
    change: kind,
    finding: {
      id,
      control,
      status,
      severity,
      title,
      resource: resourceOf(resource),
      evidence: evidenceOf(finding.evidence),
      firstObservedAt: isoTime(finding.firstObservedAt),
      remediation: finding.remediation.text,
      ...(subject !== undefined && { subject }),
      ...(principal !== undefined && { principal }),
      ...(trigger && { trigger: triggerOf(trigger) }),
      ...(suppression && { suppression: suppressionOf(suppression) }),
    },
    ...(ended && { ended: { how: ended.how, because: ended.because } }),
  };
};

/** The record that the auditor watched, or could not. */
export const watchRecord = (
  watched: WatchRecord['watched'],
  about: { at: Date; scope: Pick<Scope, 'account' | 'region'> } & Pick<WatchRecord, 'because' | 'listed'>,
  madeBy: MadeBy,
): WatchRecord => ({
  kind: 'watch',
  at: about.at.toISOString(),
  ...placeOf(about.scope),
  ...madeBy,
  watched,
  ...(about.because !== undefined && { because: about.because }),
  ...(about.listed && { listed: about.listed }),
});

/** All times of a history have milliseconds, so that a time is one text. */
const isoTime = (time: string): string => new Date(time).toISOString();

// What a record holds is named member by member, so that it stays within its schema whatever else is known one day.
const placeOf = ({ account, region }: Pick<Scope, 'account' | 'region'>) => ({ account, region });
const resourceOf = ({ type, arn }: Finding['resource']) => ({ type, arn });
const triggerOf = ({ eventId, eventName, eventTime }: Trigger) => ({ eventId, eventName, eventTime });
const suppressionOf = ({ reason, expires }: NonNullable<Finding['suppression']>) => ({ reason, expires });
const evidenceOf = (evidence: Finding['evidence']) =>
  evidence.map(({ at, found, expected }) => ({ at, found, expected }));
