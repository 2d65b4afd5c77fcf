import { createHash } from 'node:crypto';
import type { Unjudged } from './judgement.ts';
import type { Resource } from './resource.ts';
import type { RoleChange } from './role-change.ts';
import type { Scope } from './scope.ts';
import type { Trigger } from './trigger.ts';

/** The ASFF severity labels, lowest first. */
export const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The severity's place in the order, 0 for INFORMATIONAL. */
export const severityRank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Gravest last: the one order of statuses. */
export const STATUSES = ['NOT_APPLICABLE', 'PASSED', 'NOT_AVAILABLE', 'WARNING', 'FAILED'] as const;
/** WARNING is a risk and not a breach; NOT_AVAILABLE could not be read; NOT_APPLICABLE has nothing to judge. */
export type Status = (typeof STATUSES)[number];
/** A status that keeps a finding open. */
export type OpenStatus = Exclude<Status, 'PASSED' | 'NOT_APPLICABLE'>;

/** Something a person can look up: where (JSON pointer, policy, API call), what is there, and what should be. */
export type Evidence = { at: string; found: string; expected: string };

/** What mends it. `patch` can be applied as it is: a JSON document, or a command line. */
export type Remediation = { text: string; patch?: string };

/** A remediation that the engine can try: what it changes of the role that is judged. */
export type TriedRemediation = Remediation & { change?: RoleChange };

/** What a control says of one resource, or of one of its steps (the subject). A failure without evidence does not compile. */
export type Verdict =
  | { status: 'PASSED' | 'NOT_APPLICABLE'; subject?: string; because?: string }
  | {
      status: OpenStatus;
      subject?: string;
      severity?: Severity;
      evidence: [Evidence, ...Evidence[]];
      remediation: TriedRemediation;
    };

/** One control on one resource (and subject), at one time: an element of the results file (contract, version 1.0). */
export type Finding = {
  /** `pipewarden/<control>/<sha256 of account, Region, resource and subject>`: the same whatever the auditor's version. */
  id: string;
  control: string;
  status: Status;
  severity: Severity;
  title: string;
  resource: Resource;
  subject?: string;
  evidence: Evidence[];
  remediation: Remediation;
  principal?: string;
  trigger?: Trigger;
  firstObservedAt: string;
  lastObservedAt: string;
  suppression?: { reason: string; expires: string };
  /** That the status is the last that is known, and not of the newest look. */
  unjudged?: Unjudged;
};

/**
 * The identity of a finding: the same for every version of the auditor and whatever the case of the ARN, and different
 * for each control, account, Region, resource and subject. At most 512 characters, Security Hub's limit for an Id.
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
    region,
    about.resourceArn.toLowerCase(),
    about.subject ?? null,
  ]);
  return `pipewarden/${about.control}/${createHash('sha256').update(parts).digest('hex')}`;
};
