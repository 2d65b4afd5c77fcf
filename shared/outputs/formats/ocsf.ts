import { parseArn } from '../../domain/arn.ts';
import type { Finding, Severity, Status } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { DescribedControl } from '../../judging/control.ts';
import { toJsonText } from '../../text/strict-json.ts';
import type { Results } from './results.ts';

/** The parts of a control that go into a finding. */
type ControlText = Pick<DescribedControl, 'description' | 'references' | 'requirements' | 'standards'>;

export type OcsfContext = {
  controls: (id: string) => ControlText | undefined;
  version: string;
  partition: string;
};

const SEVERITY: Readonly<Record<Severity, [number, string]>> = {
  INFORMATIONAL: [1, 'Informational'],
  LOW: [2, 'Low'],
  MEDIUM: [3, 'Medium'],
  HIGH: [4, 'High'],
  CRITICAL: [5, 'Critical'],
};

const COMPLIANCE: Readonly<Record<Status, [number, string]>> = {
  PASSED: [1, 'Pass'],
  WARNING: [2, 'Warning'],
  FAILED: [3, 'Fail'],
  NOT_AVAILABLE: [0, 'Unknown'],
  NOT_APPLICABLE: [99, 'Not applicable'],
};

/**
 * The findings as Compliance Findings (class 2003) of the Open Cybersecurity Schema Framework 1.6, one JSON object for
 * each line (https://schema.ocsf.io/1.6.0/classes/compliance_finding).
 */
export const toOcsf = (results: Results, context: OcsfContext): string =>
  results.findings.map((finding) => `${toJsonText(complianceFinding(finding, results, context))}\n`).join('');

/** The run that a finding is of. */
export type OcsfRun = Pick<Results, 'account' | 'region' | 'generatedAt' | 'scopes'>;

/** A finding as a Compliance Finding. */
export const complianceFinding = (finding: Finding, results: OcsfRun, context: OcsfContext): object => {
  const { severity, remediation, evidence, trigger, cause } = finding;
  const control = context.controls(finding.control);
  const account = finding.account ?? results.account;
  const place =
    finding.account === undefined ? undefined : results.scopes?.find((each) => each.account === account);
  const region = finding.account === undefined ? results.region : parseArn(finding.resource.arn)?.region;
  const [severityId, severityName] = SEVERITY[severity];
  return {
    ...activityOf(finding),
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    severity_id: severityId,
    severity: severityName,
    ...times('', results.generatedAt),
    message: `${finding.title}: ${finding.status}`,
    metadata: {
      version: '1.6.0',
      profiles: ['cloud', 'datetime'],
      product: { name: 'Pipewarden', vendor_name: 'Pipewarden', version: context.version },
      ...(trigger && { correlation_uid: trigger.eventId, event_code: trigger.eventName }),
    },
    cloud: {
      provider: 'AWS',
      ...(account && {
        account: {
          uid: account,
          type_id: 10,
          type: 'AWS Account',
          ...(place?.name !== undefined && { name: place.name }),
        },
      }),
      ...organizationOf(place?.path),
      ...(region && { region }),
      cloud_partition: context.partition,
    },
    finding_info: infoOf(finding, control),
    compliance: complianceOf(finding, control),
    resources: [resourceOf(finding, results, context)],
    evidences: evidence.map((each, index) => ({ uid: String(index + 1), name: each.at, data: { ...each } })),
    remediation: {
      desc: remediation.text,
      ...(control && { references: [...control.references] }),
    },
    ...((remediation.patch ?? cause) === undefined
      ? {}
      : {
          unmapped: {
            ...(remediation.patch !== undefined && commandOf(remediation)),
            ...(cause !== undefined && { cause }),
          },
        }),
  };
};

/** The organization of the account and the unit that it is in. */
const organizationOf = (path: string | undefined): object => {
  const [uid, ...units] = (path ?? '').split('/').filter(Boolean);
  const unit = units.at(-1);
  return uid === undefined ? {} : { org: { uid, ...(unit !== undefined && { ou_uid: unit }) } };
};

const commandOf = ({ patch, undo, changes }: Finding['remediation']): object => ({
  patch,
  ...(undo !== undefined && { undo }),
  ...(changes !== undefined && { changes }),
});

/** An open finding has the activity Create in every run: only the receiver knows whether it is new. */
const activityOf = ({ status, suppression }: Finding): object => {
  const isOver = status === 'PASSED' || status === 'NOT_APPLICABLE';
  const [statusId, name] = suppression ? [3, 'Suppressed'] : isOver ? [4, 'Resolved'] : [1, 'New'];
  const [activityId, activity] = isOver ? [3, 'Close'] : [1, 'Create'];
  return {
    activity_id: activityId,
    activity_name: activity,
    type_uid: 200_300 + activityId,
    type_name: `Compliance Finding: ${activity}`,
    status_id: statusId,
    status: name,
    ...(suppression && { comment: `until ${suppression.expires}: ${suppression.reason}` }),
  };
};

const infoOf = (finding: Finding, control: ControlText | undefined): object => ({
  uid: finding.id,
  title: finding.title,
  desc: control?.description ?? finding.title,
  types: ['Software and Configuration Checks/AWS Security Best Practices'],
  ...times('created_', finding.firstObservedAt),
  ...times('first_seen_', finding.firstObservedAt),
  ...times('last_seen_', finding.lastObservedAt),
  ...times('modified_', finding.lastObservedAt),
});

const complianceOf = (finding: Finding, control: ControlText | undefined): object => {
  const { status, evidence } = finding;
  const [statusId, name] = COMPLIANCE[status];
  return {
    control: finding.control,
    desc: finding.title,
    status_id: statusId,
    status: name,
    status_code: status,
    status_details: evidence.map(({ at, found, expected }) => `${at}: found ${found}; expected ${expected}`),
    requirements: [...(control?.requirements ?? [])],
    standards: [...(control?.standards ?? [])],
  };
};

const resourceOf = (
  { resource, subject, principal }: Finding,
  results: OcsfRun,
  { partition }: OcsfContext,
): object => {
  const arn = parseArn(resource.arn);
  const region = arn ? arn.region : results.region;
  return {
    uid: resource.arn,
    name: resourceName(resource.arn),
    type: resource.type,
    cloud_partition: arn?.partition ?? partition,
    ...(region && { region }),
    ...((subject ?? principal) === undefined
      ? {}
      : {
          data: { ...(subject !== undefined && { subject }), ...(principal !== undefined && { principal }) },
        }),
  };
};

/** The datetime profile adds the same time in RFC 3339 beside each time in milliseconds. */
const times = (prefix: string, iso: string): object => ({
  [`${prefix}time`]: Date.parse(iso),
  [`${prefix}time_dt`]: iso,
});
