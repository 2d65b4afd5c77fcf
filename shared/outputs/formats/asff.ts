import { parseArn } from '../../domain/arn.ts';
import type { Evidence, Finding, Severity, Status } from '../../domain/finding.ts';
import { type ResourceType, resourceName } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import type { ClosingKind } from '../../findings/state.ts';
import type { DescribedControl } from '../../judging/control.ts';
import { field, jsonBytes, oneLine } from '../../text/one-line.ts';

/** The parts of a control that go into a finding. */
export type ControlText = Pick<DescribedControl, 'description' | 'risk' | 'references' | 'requirements'>;

export type RecordState = 'ACTIVE' | 'ARCHIVED';

/** The part of AwsSecurityFinding (AWS Security Finding Format, 2018-10-08) that Pipewarden fills. */
export type AsffFinding = {
  SchemaVersion: '2018-10-08';
  Id: string;
  ProductArn: string;
  ProductName: string;
  CompanyName: string;
  GeneratorId: string;
  AwsAccountId: string;
  CreatedAt: string;
  UpdatedAt: string;
  FirstObservedAt: string;
  LastObservedAt: string;
  Title: string;
  Description: string;
  Remediation: { Recommendation: { Text: string; Url?: string } };
  ProductFields: Record<string, string>;
  Resources: [
    {
      Type: AsffResourceType;
      Id: string;
      Partition?: AsffPartition;
      Region?: string;
      Details: { Other: Record<string, string> };
    },
  ];
  Compliance: {
    Status: 'PASSED' | 'FAILED' | 'WARNING' | 'NOT_AVAILABLE';
    RelatedRequirements?: string[];
  };
  RecordState: RecordState;
  /**
   * Severity and Types are given here only: Security Hub may refuse or ignore an update that has them at the top level.
   */
  FindingProviderFields: { Severity: { Label: Severity; Original: string }; Types: string[] };
};

type AsffResourceType = 'AwsIamRole' | 'AwsIamUser' | 'AwsIamGroup' | 'AwsIamPolicy' | 'Other';

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-us-iso', 'aws-us-iso-b'] as const;
type AsffPartition = (typeof PARTITIONS)[number];

const PRODUCT = 'Pipewarden';
const TYPES = ['Software and Configuration Checks/AWS Security Best Practices'];

// AWS writes “240 KB” and “6 MB” without saying whether a KB has 1,000 or 1,024 bytes. The smaller reading is never
// refused.
const MAX_FINDING_BYTES = 240_000;
const MAX_BATCH_BYTES = 6_000_000;
const MAX_BATCH_FINDINGS = 100;

// Details.Other holds 50 pairs: three for each piece of evidence, five for the rest.
const MAX_EVIDENCE = 15;
const MAX_OTHER_VALUE = 1023;
const MAX_FIELD_VALUE = 2048;
const MAX_PATCH_PARTS = 10;
const MAX_REQUIREMENTS = 32;
const MAX_REQUIREMENT = 64;
// AWS documents no limit. 512 is the limit of other identifiers, and longer than any ARN that is audited.
const MAX_RESOURCE_ID = 512;

/**
 * The finding in the AWS Security Finding Format, within all its limits
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html).
 * `updatedAt` must be later than in the last import of the same finding, or Security Hub ignores this import
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html).
 * An archived record never says FAILED or WARNING, and a suppressed finding is always archived. PASSED means that the
 * control judged the resource and it passes. NOT_AVAILABLE is also Security Hub’s own word for an incomplete check, a
 * deleted resource, and what does not apply
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/controls-overall-status.html). `control` is undefined for a
 * control that this version no longer has.
 */
export const toAsff = (
  finding: Finding,
  context: {
    scope: Scope;
    control: ControlText | undefined;
    productVersion: string;
    updatedAt: string;
    recordState: RecordState;
    /** How the finding ended; undefined where it is open. */
    ending?: ClosingKind | undefined;
  },
): AsffFinding => {
  // Without evidence a finding is always under 150 KB, so that leaving out evidence is enough.
  let shown = Math.min(finding.evidence.length, MAX_EVIDENCE);
  let asff = compose(finding, context, shown);
  while (shown > 0 && jsonBytes(asff) > MAX_FINDING_BYTES) asff = compose(finding, context, --shown);
  return asff;
};

/**
 * The findings in batches that BatchImportFindings accepts: at most 100 findings and 6 MB of JSON
 * (https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html).
 */
export const batches = (findings: readonly AsffFinding[]): AsffFinding[][] => {
  const groups: AsffFinding[][] = [];
  const empty = jsonBytes({ Findings: [] });
  let bytes = 0;
  for (const finding of findings) {
    const group = groups.at(-1);
    const added = jsonBytes(finding) + ','.length;
    if (group && group.length < MAX_BATCH_FINDINGS && bytes + added <= MAX_BATCH_BYTES) {
      group.push(finding);
      bytes += added;
    } else {
      groups.push([finding]);
      bytes = empty + added;
    }
  }
  return groups;
};

const compose = (
  finding: Finding,
  { scope, control, productVersion, updatedAt, recordState, ending }: Parameters<typeof toAsff>[1],
  shown: number,
): AsffFinding => {
  const record = finding.suppression ? 'ARCHIVED' : recordState;
  const url = control?.references.find(
    (reference) => reference.startsWith('https://') && URL.canParse(reference),
  );
  return {
    SchemaVersion: '2018-10-08',
    Id: finding.id,
    ProductArn: `arn:${scope.partition}:securityhub:${scope.region}:${scope.account}:product/${scope.account}/default`,
    ProductName: PRODUCT,
    CompanyName: PRODUCT,
    GeneratorId: `pipewarden/${finding.control}`,
    AwsAccountId: scope.account,
    CreatedAt: finding.firstObservedAt,
    UpdatedAt: updatedAt,
    FirstObservedAt: finding.firstObservedAt,
    LastObservedAt: finding.lastObservedAt,
    Title: title(finding),
    Description: description(finding, control, ending),
    Remediation: {
      Recommendation: { Text: field(finding.remediation.text, 512), ...(url && { Url: url }) },
    },
    ProductFields: productFields(finding, productVersion),
    Resources: [
      {
        Type: asffType(finding.resource.type),
        Id: field(finding.resource.arn, MAX_RESOURCE_ID),
        ...place(finding.resource.arn, scope),
        Details: { Other: details(finding, shown) },
      },
    ],
    Compliance: {
      Status: complianceStatus(finding.status, record),
      ...relatedRequirements(control?.requirements ?? []),
    },
    RecordState: record,
    FindingProviderFields: {
      Severity: { Label: finding.severity, Original: finding.severity },
      Types: TYPES,
    },
  };
};

/** https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources-attributes.html#asff-resources-type */
const asffType = (type: ResourceType): AsffResourceType => {
  switch (type) {
    case 'role':
      return 'AwsIamRole';
    case 'user':
      return 'AwsIamUser';
    case 'group':
      return 'AwsIamGroup';
    case 'policy':
      return 'AwsIamPolicy';
    default:
      return 'Other';
  }
};

const relatedRequirements = (
  requirements: readonly string[],
): Pick<AsffFinding['Compliance'], 'RelatedRequirements'> =>
  requirements.length === 0
    ? {}
    : {
        RelatedRequirements: requirements.slice(0, MAX_REQUIREMENTS).map((id) => field(id, MAX_REQUIREMENT)),
      };

const complianceStatus = (status: Status, record: RecordState): AsffFinding['Compliance']['Status'] => {
  switch (status) {
    case 'PASSED':
      return 'PASSED';
    case 'FAILED':
    case 'WARNING':
      return record === 'ACTIVE' ? status : 'NOT_AVAILABLE';
    case 'NOT_AVAILABLE':
    case 'NOT_APPLICABLE':
      return 'NOT_AVAILABLE';
  }
};

/** The title is cut before the resource’s name, so that findings on two resources never look the same. */
const title = ({ title: compliantState, resource, subject }: Finding): string => {
  const name = `${resource.type} ${field(resourceName(resource.arn), 80)}`;
  const suffix = ` (${name}${subject === undefined ? '' : `, ${field(subject, 60)}`})`;
  return `${field(compliantState, 256 - suffix.length)}${suffix}`;
};

const description = (
  finding: Finding,
  control: ControlText | undefined,
  ending: ClosingKind | undefined,
): string => {
  const sentences = [
    opening(finding, ending),
    control?.description ?? finding.title,
    control && `Risk: ${control.risk}`,
  ];
  return field(sentences.filter((sentence) => sentence).join(' '), 1024);
};

const opening = (finding: Finding, ending: ClosingKind | undefined): string => {
  const { status, evidence, suppression, remediation, unjudged } = finding;
  if (suppression) return `Suppressed until ${suppression.expires}: ${field(suppression.reason, 300)}.`;
  if (status === 'PASSED') return 'The control holds.';
  // The remediation of a finding that ended in another way than by passing says how it ended.
  if (ending) return field(remediation.text, 300);
  const since = unjudged
    ? `Not judged since ${unjudged.since} (${field(unjudged.because, 200)}); before that: `
    : '';
  const [first] = evidence;
  if (!first) return since;
  const more = evidence.length > 1 ? ` (and ${evidence.length - 1} more)` : '';
  return `${since}${field(first.at, 200)}: found ${field(first.found, 200)}; expected ${field(first.expected, 200)}${more}.`;
};

const productFields = (finding: Finding, productVersion: string): Record<string, string> => {
  const { account, control, status, resource, subject, principal, trigger, remediation, unjudged } = finding;
  const fields = {
    ProviderName: PRODUCT,
    ProviderVersion: productVersion,
    'pipewarden/Control': control,
    'pipewarden/Status': status,
    'pipewarden/ResourceType': resource.type,
    'pipewarden/Account': account,
    'pipewarden/Subject': subject,
    'pipewarden/Principal': principal,
    'pipewarden/TriggerEventId': trigger?.eventId,
    'pipewarden/TriggerEventName': trigger?.eventName,
    'pipewarden/TriggerEventTime': trigger?.eventTime,
    'pipewarden/NotJudgedSince': unjudged?.since,
    'pipewarden/NotJudgedWhy': unjudged && `${unjudged.why}: ${unjudged.because}`,
  };
  const { patch, undo, changes } = remediation;
  const shown = patchFields('Patch', patch);
  const isShown = !('pipewarden/PatchOmitted' in shown);
  return {
    ...filled({ ...fields, 'pipewarden/Changes': changes }, MAX_FIELD_VALUE),
    ...shown,
    ...(isShown && patchFields('Undo', undo)),
  };
};

/** A patch is shown whole or not at all: half a policy document would be applied as if it were a whole one. */
const patchFields = (name: 'Patch' | 'Undo', patch: string | undefined): Record<string, string> => {
  if (patch === undefined || patch.trim() === '') return {};
  // A command that goes on after a backslash is joined into one line. JSON has no such lines and no raw line breaks in
  // its strings, so that its lines can be joined too.
  const lines = isJson(patch) ? [patch] : patch.replace(/\\\r?\n\s*/g, ' ').split(/\r?\n/);
  const parts = lines
    .filter((line) => line.trim() !== '')
    .flatMap((line) => chunks(oneLine(line), MAX_FIELD_VALUE));
  if (parts.length > MAX_PATCH_PARTS) {
    return { [`pipewarden/${name}Omitted`]: `${patch.length} characters; the results file has it` };
  }
  return Object.fromEntries(parts.map((part, index) => [`pipewarden/${name}/${index + 1}`, part]));
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const chunks = (text: string, size: number): string[] => {
  const parts: string[] = [];
  for (let rest = text; rest !== ''; rest = rest.slice(parts.at(-1)?.length)) {
    parts.push(rest.length <= size ? rest : rest.slice(0, size).replace(/[\uD800-\uDBFF]$/, ''));
  }
  return parts;
};

const details = (
  { resource, subject, principal, evidence }: Finding,
  shown: number,
): Record<string, string> => {
  const omitted = evidence.length - shown;
  return {
    ...filled({ ResourceType: resource.type, Subject: subject, Principal: principal }, MAX_OTHER_VALUE),
    ...Object.assign({}, ...evidence.slice(0, shown).map(evidencePairs)),
    ...(omitted > 0 && { EvidenceOmitted: String(omitted) }),
  };
};

const evidencePairs = ({ at, found, expected }: Evidence, index: number): Record<string, string> => ({
  [`Evidence/${index + 1}/At`]: field(at, MAX_OTHER_VALUE),
  [`Evidence/${index + 1}/Found`]: field(found, MAX_OTHER_VALUE),
  [`Evidence/${index + 1}/Expected`]: field(expected, MAX_OTHER_VALUE),
});

const filled = (values: Record<string, string | undefined>, max: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, field(value, max)]])),
  );

/**
 * Global resources have no Region in their ARN, and files have no ARN. The scope of the audit fills in what is missing.
 */
const place = (arn: string, scope: Scope): { Partition?: AsffPartition; Region?: string } => {
  const parsed = parseArn(arn);
  const named = PARTITIONS.find((known) => known === (parsed?.partition ?? scope.partition));
  const region = parsed && isRegion(parsed.region) ? parsed.region : scope.region;
  return { ...(named && { Partition: named }), ...(isRegion(region) && { Region: region }) };
};

const isRegion = (text: string): boolean => /^[a-z]{2,4}(-[a-z]+)+-\d$/.test(text) && text.length <= 16;
