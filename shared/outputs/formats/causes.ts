import { createHash } from 'node:crypto';
import { arnName, parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { isFaulty, isOpen } from '../../domain/status.ts';
import { groupBy } from '../../group-by.ts';

/** The stack or module that made a role, by its ARN; undefined where nothing tells. */
export type StackOf = (arn: string) => string | undefined;

/**
 * The stack, product or module that a role’s tags tell: CloudFormation and Service Catalog name it, and what Terraform
 * makes with `default_tags` carries the same tags.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export const stackOfTags = (tags: ReadonlyMap<string, string> | undefined): string | undefined => {
  for (const key of STACK_TAGS) {
    const value = tags?.get(key);
    if (value) return `${key}=${value}`;
  }
  const own = [...(tags ?? [])].filter(([key]) => key !== 'name').toSorted(byTagKey);
  return own.length < FEWEST_TAGS ? undefined : JSON.stringify(own);
};

/** Keys are in lower case, as IAM takes keys that differ in case alone for the same. */
const STACK_TAGS = [
  'aws:servicecatalog:productarn',
  'aws:cloudformation:stack-id',
  'aws:cloudformation:stack-name',
];

/** One tag alone, such as an environment, is on everything. */
const FEWEST_TAGS = 2;

const byTagKey = ([one]: [string, string], [other]: [string, string]): number => (one < other ? -1 : 1);

/**
 * The findings, each with the id of its cause if others have it for the same cause: the same statement of the same kind
 * on roles of one stack, the same document on several roles, or one share of several pipelines. Each finding stays as it is.
 */
export const withCauses = (findings: readonly Finding[], stackOf: StackOf = () => undefined): Finding[] => {
  const causes = new Map<string, string>();
  const causeOf = new Map<Finding, string>();
  // In an order of their own, so that the id of a cause does not depend on the order of the findings.
  for (const finding of findings.toSorted((one, other) => (one.id < other.id ? -1 : 1))) {
    const keys = keysOf(finding, stackOf);
    const cause = keys.map((key) => causes.get(key)).find((known) => known !== undefined) ?? keys[0];
    if (cause === undefined) continue;
    for (const key of keys) if (!causes.has(key)) causes.set(key, cause);
    causeOf.set(finding, cause);
  }
  const ofCause = groupBy([...causeOf], ([, cause]) => cause);
  return findings.map((finding) => {
    const cause = causeOf.get(finding);
    const isShared = cause !== undefined && (ofCause.get(cause)?.length ?? 0) > 1;
    return isShared ? { ...finding, cause: digest(cause) } : finding;
  });
};

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** What findings of one cause have in common: all that is told, but for the role’s own name; or, in one stack, the kind. */
const keysOf = (finding: Finding, stackOf: StackOf): string[] => {
  const { control, status, severity, subject, resource, evidence, remediation, suppression } = finding;
  if (!isFaulty(status) || suppression || !isOfCommonDocuments(finding)) return [];
  const about = [control, status, severity, resource.type, subject ?? null];
  const told = (text: string): string => withoutOwnName(withoutExample(text), resource.arn);
  const same = evidence.map(({ at, found, expected }) => [at, found, expected].map(told));
  const kind = evidence.map(({ found, expected }) => [told(found), told(expected)]);
  // Roles that share a statement may be named in it themselves.
  const asWritten = evidence.map(({ found, expected }) => [found, expected]);
  const stack = stackOf(resource.arn);
  return [
    JSON.stringify([...about, same, told(remediation.text)]),
    ...(stack === undefined
      ? []
      : [kind, asWritten].map((each, index) => JSON.stringify([...about, index, each, stack]))),
  ];
};

/** Policies may be on several users or roles, and a share holds several pipelines. */
const isOfCommonDocuments = ({ resource: { type }, evidence }: Finding): boolean =>
  type === 'role' ||
  type === 'user' ||
  (type === 'pipeline' && parseArn(evidence[0]?.at ?? '')?.service === 'ram');

/** Of all that a statement allows, the example may be another for each role. */
const withoutExample = (text: string): string => text.replace(/ such as \S+/g, ' such as {}');

/** A shorter name could be a part of any word. */
const SHORTEST_NAME = 4;

/** The text without what names the resource, so that texts on several resources can be compared. */
export const withoutOwnName = (text: string, arn: string): string => {
  const name = arnName(arn);
  const masked = text.replaceAll(arn, '{}');
  return name.length < SHORTEST_NAME ? masked : masked.replaceAll(name, '{}');
};

/** The text without the account and Region of a finding, so that texts of several accounts can be compared. */
export const withoutOwnPlace = (
  text: string,
  { account, resource }: Pick<Finding, 'account' | 'resource'>,
): string => {
  const region = parseArn(resource.arn)?.region;
  const masked = account === undefined ? text : text.replaceAll(account, '{account}');
  return region ? masked.replaceAll(region, '{region}') : masked;
};

/**
 * The findings of several accounts or Regions, in which those that say the same but for their accounts, Regions and the names
 * of their resources in these have one cause, as a stack set makes them. Each finding stays as it is.
 */
export const withSharedCauses = (findings: readonly Finding[]): Finding[] => {
  const keyed = findings.flatMap((finding) => {
    const key = sharedKey(finding);
    return key === undefined ? [] : [{ key, finding }];
  });
  const shared = [...groupBy(keyed, ({ key }) => key)].filter(([, of]) => of.length > 1);
  /** Which cause another one turned out to be the same as. */
  const sameAs = new Map<string, string>();
  const rootOf = (cause: string): string => {
    let root = cause;
    for (let next = sameAs.get(root); next !== undefined; next = sameAs.get(root)) root = next;
    return root;
  };
  const ofGroup = new Map<Finding, string>();
  for (const [key, of] of shared) {
    const [first = '', ...others] = [
      ...new Set([digest(key), ...of.flatMap(({ finding }) => finding.cause ?? [])].map(rootOf)),
    ].toSorted();
    for (const other of others) sameAs.set(other, first);
    for (const { finding } of of) ofGroup.set(finding, first);
  }
  return findings.map((finding) => {
    const cause = ofGroup.get(finding) ?? finding.cause;
    return cause === undefined ? finding : { ...finding, cause: rootOf(cause) };
  });
};

const sharedKey = (finding: Finding): string | undefined => {
  const { account, control, status, severity, resource, subject, evidence, remediation, suppression } =
    finding;
  if (account === undefined || !isOpen(status) || suppression || resource.type === 'configuration')
    return undefined;
  const told = (text: string): string => withoutOwnPlace(text, finding);
  return JSON.stringify([
    control,
    status,
    severity,
    resource.type,
    told(resource.arn),
    told(subject ?? ''),
    evidence.map(({ at, found, expected }) => [at, found, expected].map(told)),
    told(remediation.text),
  ]);
};

/** The findings by cause, each cause where its first finding is. A finding without a cause is alone. */
export const byCause = <F extends Pick<Finding, 'cause'>>(findings: readonly F[]): [F, ...F[]][] => {
  const groups: [F, ...F[]][] = [];
  const ofCause = new Map<string, F[]>();
  for (const finding of findings) {
    const known = finding.cause === undefined ? undefined : ofCause.get(finding.cause);
    if (known) known.push(finding);
    else {
      const group: [F, ...F[]] = [finding];
      groups.push(group);
      if (finding.cause !== undefined) ofCause.set(finding.cause, group);
    }
  }
  return groups;
};
