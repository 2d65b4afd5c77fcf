import { arnName, parseArn } from '../../domain/arn.ts';
import { type Finding, scopeOfFinding } from '../../domain/finding.ts';
import type { ResourceType } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import { regionOfRecord } from '../../events/audited-calls.ts';

/** Where a report is stored. */
export type ReportPlace = { scope: Scope; bucket: string; key: string };

const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/**
 * A page of the S3 console instead of a presigned URL. Such a URL would open the report to everybody whom the mail
 * reaches, and it would end with the short-lived credentials of the function that signed it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
export const reportLink = ({ scope, bucket, key }: ReportPlace): string => {
  const link = new URL(`https://${CONSOLES[scope.partition] ?? CONSOLES.aws}/s3/object/${bucket}`);
  link.searchParams.set('region', scope.region);
  link.searchParams.set('prefix', key);
  return link.href;
};

/** CloudTrail’s ids. An id of another form is of an event that CloudTrail does not have. */
const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_NAME = 512;

/**
 * The page of the console that shows what an alert is about: CloudTrail’s page of the event that led to it, else the resource’s
 * own. Undefined where no page is certain, because a link that leads nowhere is worse than none. Whoever follows the link must be
 * signed in to the account of the finding. AWS documents neither form; both are those of the console’s own address bar.
 */
export const alertLink = (finding: Finding, own: Scope): string | undefined => {
  const scope = scopeOfFinding(finding, own);
  const host = CONSOLES[scope.partition];
  return host === undefined ? undefined : (eventLink(finding, scope, host) ?? resourceLink(finding, host));
};

const eventLink = (
  { resource, trigger }: Finding,
  { partition }: Scope,
  host: string,
): string | undefined => {
  if (!trigger || !EVENT_ID.test(trigger.eventId)) return undefined;
  const region = regionOfRecord(trigger.eventName, {
    partition,
    region: parseArn(resource.arn)?.region ?? '',
  });
  return region === undefined
    ? undefined
    : `https://${region}.${host}/cloudtrailv2/home?region=${region}#/events/${trigger.eventId}`;
};

/** The pages of what has one. Pipelines, executions and jobs are shown in SageMaker Studio, which has no such address. */
const PAGES: Partial<Record<ResourceType, (name: string) => string>> = {
  role: (name) => `iam/home#/roles/details/${name}`,
  user: (name) => `iam/home#/users/details/${name}`,
  group: (name) => `iam/home#/groups/details/${name}`,
  bucket: (name) => `s3/buckets/${name}`,
};

const resourceLink = ({ resource: { type, arn } }: Finding, host: string): string | undefined => {
  const name = parseArn(arn) && arnName(arn);
  if (name === undefined || name === '' || name.length > MAX_NAME || !name.isWellFormed()) return undefined;
  const page = PAGES[type]?.(encodeURIComponent(name));
  return page === undefined ? undefined : `https://${host}/${page}`;
};
