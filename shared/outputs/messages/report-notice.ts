import { type Finding, SEVERITIES } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import type { Scope } from '../../domain/scope.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { oneLine } from '../../text/one-line.ts';
import type { Results } from '../formats/results.ts';

/** Where a report is stored. */
export type ReportPlace = { scope: Scope; bucket: string; key: string };

/** The notice of a report. `text` is a summary without the link. */
export type ReportNotice = { subject: string; text: string; link: string; file: string };

const MAX_SUBJECT = 99;
const MAX_LINE = 200;
const MAX_WORST = 5;

/** The notice of a report: what is open, what is new or gone since the previous report, and the worst findings. */
export const reportNotice = (
  results: Results,
  { previous, isIncomplete, place }: { previous?: Results; isIncomplete: boolean; place: ReportPlace },
): ReportNotice => {
  const { account, region, findings, summary } = results;
  const open = findings.filter(({ suppression }) => suppression === undefined);
  const warnings = counted(summary.warning, 'warning');
  const counts = `${summary.failed} failed, ${warnings}`;
  const lines = [
    `Pipewarden: open findings of account ${account}, Region ${region}, at ${results.generatedAt}`,
    '',
    `${counts}, ${summary.notAvailable} not available, ${summary.suppressed} suppressed, ${summary.passed} passed`,
    ...bySeverity(open),
    ...(previous ? [since(findings, previous)] : []),
    ...(isIncomplete
      ? ['Some states could not be read, so that the report is incomplete: see the log.']
      : []),
    '',
    ...open.slice(0, MAX_WORST).map(lineOf),
    ...(open.length > MAX_WORST ? [`… and ${open.length - MAX_WORST} more`] : []),
  ];
  return {
    subject: `Pipewarden report: ${counts} in ${account} ${region}`.slice(0, MAX_SUBJECT),
    text: lines.join('\n'),
    link: consoleLink(place),
    file: `s3://${place.bucket}/${place.key}`,
  };
};

/** The notice as one text, for mail. */
export const noticeText = ({ text, link, file }: ReportNotice): string =>
  `${text}\n\nReport: ${link}\n(${file})`;

const bySeverity = (open: readonly Finding[]): string[] => {
  const faulty = open.filter(({ status }) => status !== 'NOT_AVAILABLE');
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const count = faulty.filter((finding) => finding.severity === severity).length;
    return count > 0 ? [`${count} ${severity.toLowerCase()}`] : [];
  });
  return counts.length > 0 ? [`By severity: ${counts.join(', ')}`] : [];
};

const since = (findings: readonly Finding[], previous: Results): string =>
  `Since ${previous.generatedAt}: ${missing(findings, previous.findings)} new, ${missing(previous.findings, findings)} not open any more`;

/** How many of the findings are not among the others. */
const missing = (findings: readonly Finding[], others: readonly Finding[]): number => {
  const ids = new Set(others.map(({ id }) => id));
  return findings.filter(({ id }) => !ids.has(id)).length;
};

const lineOf = ({ severity, control, resource, title }: Finding): string =>
  cut(oneLine(`- ${severity} ${control} on ${resourceName(resource.arn)}: ${title}`), MAX_LINE);

const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/**
 * A page of the S3 console instead of a presigned URL. Such a URL would open the report to everybody whom the mail
 * reaches, and it would end with the short-lived credentials of the function that signed it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
const consoleLink = ({ scope, bucket, key }: ReportPlace): string => {
  const link = new URL(
    `https://${CONSOLES[scope.partition] ?? 'console.aws.amazon.com'}/s3/object/${bucket}`,
  );
  link.searchParams.set('region', scope.region);
  link.searchParams.set('prefix', key);
  return link.href;
};
