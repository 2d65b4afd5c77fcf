import { type Finding, SEVERITIES } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { accountsOf } from '../../findings/run-places.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { oneLine } from '../../text/one-line.ts';
import { byCause } from '../formats/causes.ts';
import { coverageText } from '../formats/coverage.ts';
import { exceptionsReminder } from '../formats/exceptions-register.ts';
import { labelsOf } from '../formats/resource-label.ts';
import type { Results } from '../formats/results.ts';
import { type ReportPlace, reportLink } from './console-links.ts';

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
  const { account, region, findings, summary, scopes = [] } = results;
  const accounts = accountsOf({ scopes }).length;
  const isOfSeveral = accounts > 1;
  const whose = isOfSeveral ? counted(accounts, 'account') : `account ${account}`;
  const coverage = isOfSeveral ? coverageText(scopes) : undefined;
  const reminder = exceptionsReminder(results.exceptions, results.generatedAt);
  const open = findings.filter(({ suppression }) => suppression === undefined);
  const warnings = counted(summary.warning, 'warning');
  const counts = `${summary.failed} failed, ${warnings}`;
  const lines = [
    `Pipewarden: open findings of ${whose}, Region ${region}, at ${results.generatedAt}`,
    '',
    `${counts}, ${summary.notAvailable} not available, ${summary.suppressed} suppressed, ${summary.passed} passed`,
    ...(coverage === undefined ? [] : [cut(oneLine(coverage), MAX_LINE)]),
    ...bySeverity(open),
    ...(previous ? [since(findings, previous)] : []),
    ...(reminder === undefined ? [] : [cut(oneLine(`Exceptions: ${reminder}`), MAX_LINE)]),
    ...(isIncomplete
      ? ['Some states could not be read, so that the report is incomplete: see the log.']
      : []),
    '',
    ...(isOfSeveral ? worstCauses(open, results) : worst(open)),
  ];
  return {
    subject: `Pipewarden report: ${counts} in ${isOfSeveral ? whose : `${account} ${region}`}`.slice(
      0,
      MAX_SUBJECT,
    ),
    text: lines.join('\n'),
    link: reportLink(place),
    file: `s3://${place.bucket}/${place.key}`,
  };
};

const worst = (open: readonly Finding[]): string[] => [
  ...open.slice(0, MAX_WORST).map((finding) => lineOf(finding, resourceName(finding.resource.arn))),
  ...(open.length > MAX_WORST ? [`… and ${open.length - MAX_WORST} more`] : []),
];

/** Of several accounts, the findings of one cause are one line, with the number of their accounts. */
const worstCauses = (open: readonly Finding[], { scopes }: Results): string[] => {
  const causes = byCause(open);
  const labels = labelsOf(open, scopes);
  const shown = causes.slice(0, MAX_WORST).map((of) => {
    const accounts = new Set(of.map(({ account }) => account)).size;
    const [first] = of;
    const name = accounts > 1 ? resourceName(first.resource.arn) : labels.of(first);
    return lineOf(first, accounts > 1 ? `${name} in ${accounts} accounts` : name);
  });
  const left = causes.length - MAX_WORST;
  return [...shown, ...(left > 0 ? [`… and ${left} more`] : [])];
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

const lineOf = ({ severity, control, title }: Finding, name: string): string =>
  cut(oneLine(`- ${severity} ${control} on ${name}: ${title}`), MAX_LINE);
