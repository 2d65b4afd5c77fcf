import { matchesPath } from '../config/path-pattern.ts';
import type { Suppression } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import type { Finding } from '../domain/finding.ts';
import { isOpen } from '../domain/status.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

/**
 * The finding, marked as suppressed where a suppression for its control and resource is in force, up to the end of its
 * last day (UTC). After that day the remediation says that the suppression has expired. Of several suppressions the one
 * that lasts longest decides. ARNs are compared without case. A linted file has no ARN: `paths` are the paths by which a
 * suppression may name it.
 */
export const applySuppressions = (
  finding: Finding,
  suppressions: readonly Suppression[] | undefined,
  now: Date,
  paths: readonly string[] = [],
): Finding => {
  const { suppression: _, ...unsuppressed } = finding;
  const [longest] = (suppressions ?? [])
    .filter(({ control, resource }) => control === finding.control && isAbout(resource, finding, paths))
    .toSorted((one, other) => other.expires.localeCompare(one.expires));
  if (!longest || !isOpen(finding.status)) return unsuppressed;

  const { reason, expires } = longest;
  if (now.toISOString().slice(0, 10) <= expires) return { ...unsuppressed, suppression: { reason, expires } };
  const note = `The suppression of ${expires} (${reason}) has expired.`;
  return {
    ...unsuppressed,
    remediation: { ...finding.remediation, text: `${note} ${finding.remediation.text}` },
  };
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
