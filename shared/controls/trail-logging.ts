import { adviceOnGaps, evidenceOfGaps, gapsIn, missedRecords } from '../concerns/missed-records.ts';
import { parseArn } from '../domain/arn.ts';
import type { Evidence, TriedRemediation } from '../domain/finding.ts';
import { type AuditedCalls, auditedCallsOf, missedBy } from '../facts/logged-calls.ts';
import { defineControl } from '../judging/control.ts';
import { loggingTrails } from '../judging/satisfying-trails.ts';
import type { TrailFact } from '../reader/reader.ts';
import { shellText } from '../text/shell-text.ts';

/** Enough for an account's trails and those of its organization. */
const MAX_EVIDENCE = 20;

export const control = defineControl({
  id: 'trail-logging',
  system: 'The audit itself',
  title: 'A trail logs the management events that audits start from',
  severity: 'HIGH',
  on: ['account'],
  requires: ['trails'],
  satisfiedBy: ({ trails }) => (trails ? loggingTrails(trails) : []),
  evaluate: ({ trails: { scope, ...listed } }) => {
    const { trails } = listed;
    const missed = auditedCallsOf(scope).filter((calls) => missedBy(trails, calls).length > 0);
    const open = gapsIn(
      listed,
      missed.map(({ region }) => region),
    );
    const gaps = evidenceOfGaps(open);
    // What nothing that is unread could log is missed for certain, whatever is not known of other calls.
    const certain = missed.filter(({ region }) => evidenceOfGaps(gapsIn(listed, [region])).length === 0);
    const records = certain.flatMap((calls) => missedRecords(trails, calls)).slice(0, MAX_EVIDENCE);
    const [first, ...others] = [...records, ...gaps];
    if (!first) return [{ status: 'PASSED' }];
    const severity = severityOf(missed);
    const evidence: [Evidence, ...Evidence[]] = [first, ...others];
    const advice = gaps.length > 0 ? [adviceOnGaps(open, scope.account)] : [];
    if (records.length === 0)
      return [{ status: 'NOT_AVAILABLE', ...severity, evidence, remediation: { text: advice.join(' ') } }];
    const mend = remedy(trails, certain, scope.account);
    const remediation = { ...mend, text: [mend.text, ...advice].join(' ') };
    return [{ status: 'FAILED', ...severity, evidence, remediation }];
  },
});

/** Without the calls of SageMaker nothing is heard of pipelines. `missed`: those that no trail is known to log. */
const severityOf = (missed: readonly AuditedCalls[]): { severity?: 'MEDIUM' } =>
  missed.some(({ source }) => source === 'sagemaker.amazonaws.com') ? {} : { severity: 'MEDIUM' };

const remedy = (
  trails: readonly TrailFact[],
  missed: readonly AuditedCalls[],
  account: string,
): TriedRemediation => {
  const stopped = trails.find(
    (trail) =>
      trail.isLogging.ok &&
      !trail.isLogging.value &&
      missed.every(
        (calls) => missedBy([{ ...trail, isLogging: { ok: true, value: true } }], calls).length === 0,
      ),
  );
  // CloudTrail lets members of an organization neither start nor stop its trail.
  const owner = parseArn(stopped?.arn ?? '')?.account ?? account;
  if (stopped && owner !== account)
    return {
      text: `Ask account ${owner} to start the logging of ${stopped.arn}, or have a trail of this account log.`,
    };
  if (stopped)
    return {
      text: `Start the logging of ${stopped.arn}.`,
      patch: `aws cloudtrail start-logging --name ${shellText(stopped.arn)} --region ${shellText(stopped.homeRegion)}`,
      undo: `aws cloudtrail stop-logging --name ${shellText(stopped.arn)} --region ${shellText(stopped.homeRegion)}`,
      changes:
        'The trail delivers its records again, to whoever reads its bucket; nobody’s permissions change.',
    };
  const what = [...new Set(missed.map(({ source, region }) => `${source} in ${region}`))].join(', ');
  return {
    text: `Have a trail of all Regions log all management events that write (${what}). Selectors replace those that a trail has, so add to them.`,
  };
};
