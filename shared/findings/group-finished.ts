import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { type Evidence, type Finding, findingId, type Remediation, severityRank } from '../domain/finding.ts';
import type { Resource } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import { isOpen, statusWeight } from '../domain/status.ts';
import { groupBy } from '../group-by.ts';
import { counted } from '../text/counted.ts';
import { cut } from '../text/cut.ts';
import { hasRun } from './closing-changes.ts';
import { entryKey, entryOf, groupedFinding, mergeEntries } from './finished-entries.ts';
import type { Observation } from './state.ts';
import { applySuppressions } from './suppression.ts';

/** How many days a finding on a finished job stays open unless the configuration says otherwise. */
const EXPIRE_DAYS = 30;
/** The longest period that the configuration takes. A run without a store uses it, as it has just seen everything. */
const MAX_EXPIRE_DAYS = 365;
const MAX_PIECES = 5;
const MAX_TEXT = 1000;

export const expireDaysOf = ({ finished }: Pick<Config, 'finished'>): number =>
  finished?.expireDays ?? EXPIRE_DAYS;

/** Whether a finding is the one of all jobs or executions of a pipeline. A step may have the name of the group, and other ids. */
export const isOfWhatHasRun = ({ id, control, subject, resource: { arn } }: Finding): boolean => {
  if (subject !== 'jobs' && subject !== 'executions') return false;
  const scope = parseArn(arn);
  return (
    scope !== undefined && id === findingId({ control, scope, resourceArn: `${arn}/${subject}`, subject })
  );
};

type GroupContext = { scope: Scope; config: Pick<Config, 'finished' | 'suppressions'> };

/**
 * What to store after a look at a job or an execution. Its open findings go into one finding for each control on its
 * pipeline. Three things stay with the job: verdicts that passed, findings that a suppression of the job’s own ARN
 * covers, and everything where no pipeline is known. Observations of other resources are returned unchanged.
 */
export const groupFinished = (
  observation: Observation,
  resource: Resource,
  pipelineArn: string | undefined,
  { scope, config }: GroupContext,
): Observation[] => {
  if (!hasRun(resource)) return [observation];
  const expireDays = expireDaysOf(config);
  const { observedAt, findings, judged, configuration } = observation;
  if (pipelineArn === undefined) {
    const withNotes = findings.map((finding) =>
      isOpen(finding.status) ? { ...finding, remediation: noted(finding, 'it', expireDays) } : finding,
    );
    return [{ ...observation, expireDays, findings: withNotes }];
  }
  const subject = `${resource.type}s`;
  const groupArn = `${pipelineArn}/${subject}`;
  // Made from another ARN than the pipeline’s, as a step can have the name that the group has (“jobs”).
  const idOf = (control: string): string => findingId({ control, scope, resourceArn: groupArn, subject });
  const byControl = [...groupBy(findings, ({ control }) => control)];
  const isAccepted = ([, ofControl]: [string, Finding[]]): boolean =>
    ofControl.some(isCovered) && !ofControl.some(isGrouped);
  const grouped = byControl
    .filter((of) => !isAccepted(of))
    .flatMap(([control, ofControl]) => {
      const id = idOf(control);
      const about = { id, resource: { type: 'pipeline' as const, arn: pipelineArn }, subject };
      const [worst, ...others] = ofControl.filter(isGrouped).toSorted(byWeight);
      if (!worst) return ofControl.slice(0, 1).map((first) => ({ ...cleanOf(first, ofControl), ...about }));
      const { text } = noted(worst, 'the last of them', expireDays);
      const evidence = [entryEvidence(resource.arn, [worst, ...others])];
      const finding = { ...worst, ...about, evidence, remediation: { text } };
      return applySuppressions(finding, config.suppressions, new Date(observedAt));
    });
  return [
    {
      ...observation,
      expireDays,
      findings: findings.filter((finding) => !isGrouped(finding)),
      movedTo: pipelineArn,
    },
    {
      resourceArn: groupArn,
      observedAt,
      findings: grouped,
      judged,
      configuration,
      gone: false,
      expireDays,
      finishedArn: resource.arn,
      accepted: byControl.filter(isAccepted).map(([control]) => idOf(control)),
    },
  ];
};

/** The grouped findings of a run that has no store: all its observations of jobs and executions, put together. */
export const groupedFindings = (observations: readonly Observation[]): Finding[] => {
  const said = observations.flatMap(({ finishedArn, observedAt, findings }) =>
    finishedArn === undefined
      ? []
      : findings
          .filter(({ status }) => isOpen(status))
          .map((finding) => ({ finding, entry: entryOf(finding, entryKey(finishedArn), observedAt) })),
  );
  const now = observations.map(({ observedAt }) => observedAt).reduce(later, '');
  return [...groupBy(said, ({ finding }) => finding.id).values()].flatMap((ofOne) => {
    const [worst] = ofOne.map(({ finding }) => finding).toSorted(byWeight);
    const entries = mergeEntries(
      [],
      ofOne.map(({ entry }) => entry),
      { now, expireDays: MAX_EXPIRE_DAYS },
    );
    return (worst && groupedFinding(worst, entries)) ?? [];
  });
};

const later = (one: string, other: string): string => (one > other ? one : other);

/**
 * A finding that a suppression covers by the job’s own ARN is not grouped, as a grouped finding has the pipeline’s ARN.
 */
const isGrouped = ({ status, suppression }: Finding): boolean => isOpen(status) && !suppression;

const isCovered = ({ status, suppression }: Finding): boolean => isOpen(status) && suppression !== undefined;

/** A finding whose only use is to take the job’s earlier entry out of the group. */
const cleanOf = (first: Finding, ofControl: readonly Finding[]): Finding => {
  const isUnjudged = ofControl.every(({ status }) => status === 'NOT_APPLICABLE');
  return { ...first, status: isUnjudged ? 'NOT_APPLICABLE' : 'PASSED', evidence: [] };
};

const byWeight = (one: Finding, other: Finding): number =>
  statusWeight(other.status) - statusWeight(one.status) ||
  severityRank(other.severity) - severityRank(one.severity);

const noted = ({ remediation }: Finding, last: string, expireDays: number): Remediation => ({
  ...remediation,
  text: `${remediation.text} Nobody can change what has run: this finding closes as expired ${counted(expireDays, 'day')} after ${last} was seen.`,
});

/**
 * One piece of evidence for one job, whatever number of findings its control made. Lengths are bounded, as a job’s
 * names come from outside.
 */
const entryEvidence = (arn: string, findings: readonly Finding[]): Evidence => {
  const pieces = findings.flatMap(({ evidence }) => evidence);
  const together = (texts: readonly string[]): string => {
    const distinct = [...new Set(texts)];
    const more = distinct.length > MAX_PIECES ? [`and ${distinct.length - MAX_PIECES} more`] : [];
    return shortened([...distinct.slice(0, MAX_PIECES).map(shortened), ...more].join('; '));
  };
  return {
    at: `${shortened(arn)} ${together(pieces.map(({ at }) => at))}`,
    found: together(pieces.map(({ found }) => found)),
    expected: together(pieces.map(({ expected }) => expected)),
  };
};

const shortened = (text: string): string => cut(text, MAX_TEXT);
