import { createHash } from 'node:crypto';
import type { Approval } from './approval.ts';
import { parseArn } from './arn.ts';
import type { Unjudged } from './judgement.ts';
import type { Resource } from './resource.ts';
import type { RoleChange } from './role-change.ts';
import type { Scope } from './scope.ts';
import type { Trigger } from './trigger.ts';

/** The severity labels of ASFF, lowest first. */
export const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The place of a severity in that order; 0 for INFORMATIONAL. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** All statuses, gravest last. No other order of statuses exists. */
export const STATUSES = ['NOT_APPLICABLE', 'PASSED', 'NOT_AVAILABLE', 'WARNING', 'FAILED'] as const;
/** WARNING: a risk but no breach. NOT_AVAILABLE: it could not be read. NOT_APPLICABLE: there is nothing to judge. */
export type Status = (typeof STATUSES)[number];
/** A status that keeps a finding open. */
export type OpenStatus = Exclude<Status, 'PASSED' | 'NOT_APPLICABLE'>;

/** What a person can look up: where (JSON pointer, policy or API call), what is there, and what should be there. */
export type Evidence = { at: string; found: string; expected: string };

/**
 * What mends a finding. `patch` can be applied as it stands: a JSON document or a command. Beside a command stand the
 * command that takes it back (`undo`) and one sentence that says what it changes for whom (`changes`).
 */
export type Remediation = { text: string; patch?: string; undo?: string; changes?: string };

/** A command that a person may paste. None is given without the command that takes it back. */
export type Command = { patch: string; undo: string; changes: string };

/** Advice with a command, with a document to put in place, or with neither. */
type Mending =
  | Command
  | { patch: string; isDocument: true; undo?: never; changes?: never }
  | { patch?: never; undo?: never; changes?: never };

/**
 * A remediation as a control makes it; the engine can try its change of the judged role. `plain` is the text where the policy
 * of the change is not shown, if the text points at that policy. `isOfSteps` marks advice to change steps of a definition, and
 * not the role whose policies the evidence names.
 */
export type TriedRemediation = {
  text: string;
  plain?: string;
  change?: RoleChange;
  isOfSteps?: true;
} & Mending;

/**
 * What a control says of one resource, or of one part of it (the subject). FAILED without evidence does not compile.
 * NOT_APPLICABLE of a part means that a finding of the control on another resource reports the fault of that part.
 */
export type Verdict =
  | { status: 'PASSED' | 'NOT_APPLICABLE'; subject?: string; because?: string }
  | {
      status: OpenStatus;
      subject?: string;
      severity?: Severity;
      evidence: [Evidence, ...Evidence[]];
      remediation: TriedRemediation;
    };

/** A verdict of one control on one resource (and subject), with its times. The results file lists findings. */
export type Finding = {
  /**
   * `pipewarden/<control>/<sha256 of partition, account, Region, resource and subject>`. The Region is left out for what an
   * account has once for all Regions, such as a role.
   */
  id: string;
  control: string;
  status: Status;
  severity: Severity;
  title: string;
  resource: Resource;
  subject?: string;
  /** The account, in results of several accounts or Regions and where the ARN of the resource does not tell who looked at it. */
  account?: string;
  /** The same for findings of a run that have one cause; missing for a finding that is alone with its cause. */
  cause?: string;
  evidence: Evidence[];
  remediation: Remediation;
  principal?: string;
  trigger?: Trigger;
  firstObservedAt: string;
  lastObservedAt: string;
  /** When the evidence was read, which is before the run where a snapshot holds it. Told in results alone. */
  evidenceAt?: string;
  suppression?: { reason: string; expires: string } & Approval;
  /** Set where the newest look could not judge the finding, so that `status` is from an earlier look. */
  unjudged?: Unjudged;
};

/** The account that a finding is of; undefined where neither the finding nor the ARN of its resource tells it. */
export const accountOfFinding = ({
  account,
  resource,
}: Pick<Finding, 'account' | 'resource'>): string | undefined => {
  const owner = account ?? parseArn(resource.arn)?.account ?? '';
  return /^\d{12}$/.test(owner) ? owner : undefined;
};

/** The account and Region of a finding, where it or the ARN of its resource tells them; else those of the deployment. */
export const scopeOfFinding = (finding: Pick<Finding, 'account' | 'resource'>, own: Scope): Scope => ({
  ...own,
  account: accountOfFinding(finding) ?? own.account,
  region: parseArn(finding.resource.arn)?.region || own.region,
});

/** Whether an ARN names something that an account has once for all Regions: a role, user, bucket, policy or organization. */
export const isOfAllRegions = (resourceArn: string): boolean => parseArn(resourceArn)?.region === '';

/**
 * The identity of a finding: the same for any case of the ARN, and another one for each control, account, Region, resource
 * and subject. What an account has once for all Regions has one identity in all of them. At most 512 characters, Security
 * Hub’s limit for an Id.
 */
export const findingId = (about: {
  control: string;
  scope: Scope;
  resourceArn: string;
  subject?: string | undefined;
}): string => {
  const { partition, account, region } = about.scope;
  // As JSON, so that no text can end one part and begin the next.
  const parts = JSON.stringify([
    partition,
    account,
    isOfAllRegions(about.resourceArn) ? '' : region,
    about.resourceArn.toLowerCase(),
    about.subject ?? null,
  ]);
  return `pipewarden/${about.control}/${createHash('sha256').update(parts).digest('hex')}`;
};
