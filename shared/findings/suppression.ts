import { matchesPath } from '../config/path-pattern.ts';
import type { Suppression } from '../config/schema.ts';
import { approvalOf } from '../domain/approval.ts';
import { parseArn } from '../domain/arn.ts';
import type { Finding } from '../domain/finding.ts';
import { isOpen } from '../domain/status.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

/** A linted file, which has no ARN. */
export type SuppressibleFile = {
  /** The paths by which a suppression may name it. */
  paths: readonly string[];
  /** The suppressions that stand in the file itself. */
  own: readonly Omit<Suppression, 'resource'>[];
  /** The step that a JSON pointer of evidence leads into. */
  stepAt: (pointer: string) => string | undefined;
};

/**
 * The finding, marked as suppressed where a suppression for its control and resource is in force, up to the end of its
 * last day (UTC). After that day the remediation says that the suppression has expired. Of several suppressions the one
 * that lasts longest decides. A suppression of a step covers what is about that step alone, so that a finding about several steps
 * needs one for each. ARNs are compared without case.
 */
export const applySuppressions = (
  finding: Finding,
  suppressions: readonly Suppression[] | undefined,
  now: Date,
  file?: SuppressibleFile,
): Finding => {
  const { suppression: _, ...unsuppressed } = finding;
  if (!isOpen(finding.status)) return unsuppressed;
  const about = [
    ...(suppressions ?? []).filter(({ resource }) => isAbout(resource, finding, file?.paths ?? [])),
    ...(file?.own ?? []),
  ].filter(({ control }) => control === finding.control);
  const lasting = stepsOf(finding, file).map((step) =>
    about
      .filter((each) => each.step === undefined || (step !== undefined && matchesGlob(each.step, step)))
      .toSorted((one, other) => other.expires.localeCompare(one.expires)),
  );
  const [soonest] = lasting
    .flatMap(([longest]) => longest ?? [])
    .toSorted((one, other) => one.expires.localeCompare(other.expires));
  if (!soonest || lasting.some((each) => each.length === 0)) return unsuppressed;

  const { reason, expires } = soonest;
  if (now.toISOString().slice(0, 10) <= expires)
    return { ...unsuppressed, suppression: { reason, expires, ...approvalOf(soonest) } };
  const note = `The suppression of ${expires} (${reason}) has expired.`;
  return {
    ...unsuppressed,
    remediation: { ...finding.remediation, text: `${note} ${finding.remediation.text}` },
  };
};

/** The steps that a finding is about; undefined for what is about none, or not told. */
const stepsOf = (
  { subject, evidence }: Finding,
  file: SuppressibleFile | undefined,
): (string | undefined)[] => {
  if (subject !== undefined) return [subject];
  const steps = new Set(evidence.map(({ at }) => file?.stepAt(at)));
  return steps.size === 0 ? [undefined] : [...steps];
};

/** Whether a suppression names a control and this resource, even if its last day is over. */
export const hasSuppression = (
  suppressions: readonly Suppression[] | undefined,
  control: string,
  arn: string,
): boolean => (suppressions ?? []).some((each) => each.control === control && isNamed(each.resource, arn));

const isNamed = (resource: string, arn: string): boolean =>
  matchesGlob(resource.toLowerCase(), arn.toLowerCase());

const isAbout = (resource: string, finding: Finding, paths: readonly string[]): boolean =>
  parseArn(resource)
    ? isNamed(resource, finding.resource.arn)
    : paths.some((path) => matchesPath(resource, path));
