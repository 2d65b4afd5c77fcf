import { type Finding, SEVERITIES, type Status } from '../../domain/finding.ts';
import { isOpen } from '../../domain/status.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { listed } from '../../text/listed.ts';
import { code, longestRun, plain } from '../../text/markdown-text.ts';
import { oneLine } from '../../text/one-line.ts';
import { shellsOf } from '../../text/shell-text.ts';
import { byCause } from './causes.ts';
import { complianceMarkdown } from './compliance-views.ts';
import { coverageText } from './coverage.ts';
import { EXCEPTION_COLUMNS, type ExceptionEntry, exceptionsLine } from './exceptions-register.ts';
import { isAboutMissingLists, isReadable, overviewLines, overviewOf } from './overview.ts';
import { type Labels, labelsOf } from './resource-label.ts';
import type { Results } from './results.ts';
import { COVERAGE_COLUMNS, type CoverageRow, coverageLine } from './run-coverage.ts';
import { summaryText } from './table.ts';
import { whySettled } from './why-settled.ts';

/** GitHub accepts 65,536 characters in a comment; the rest is left for the text around ours. */
const MAX_LENGTH = 60_000;
const MAX_EVIDENCE = 10;
const MAX_PATCH = 4_000;
const MAX_LINE = 400;
/** So many accounts are named in the heading. */
const MAX_ACCOUNTS = 3;

const WORDS: Record<Status, string> = {
  FAILED: 'failed',
  WARNING: 'warning',
  NOT_AVAILABLE: 'not available',
  PASSED: 'passed',
  NOT_APPLICABLE: 'not applicable',
};

/**
 * The findings as a comment on a pull request, most severe first, as many as fit. All text from outside is code, in
 * which GitHub sees no links, no mentions and no HTML.
 */
export const toMarkdown = (results: Results): string => {
  const { findings, summary, account, region } = results;
  const unsuppressed = findings.filter(({ suppression }) => suppression === undefined);
  const labels = labelsOf(findings, results.scopes);
  const accounts = new Set(results.scopes?.map((each) => each.account)).size;
  const whose = accounts > MAX_ACCOUNTS ? counted(accounts, 'account') : account;
  const where = [whose, region].filter(Boolean).map(code).join(' ');
  const overview = results.overview ?? overviewOf(findings, { scopes: results.scopes });
  const lines = overviewLines(overview, {
    accounts: coverageText(results.scopes),
    coverage: coverageLine(results.coverage),
    exceptions: exceptionsLine(results.exceptions, results.generatedAt),
  }).map(([name, value]) => `- ${name}: ${code(cut(value, MAX_LINE))}\n`);
  const framework = results.compliance ? `\n${complianceMarkdown(results.compliance)}` : '';
  const head = `## Pipewarden\n\n${where}${where && ': '}${summaryText(summary)}\n\n${lines.join('')}${framework}`;
  const isTold = (finding: Finding) => overview.notConfigured.length > 0 && isAboutMissingLists(finding);
  const blocks = SEVERITIES.toReversed().flatMap((severity) =>
    byCause(
      unsuppressed.filter(
        (finding) => finding.severity === severity && isOpen(finding.status) && !isTold(finding),
      ),
    ).map(([finding, ...others], index) => ({
      text: block(finding, others, labels),
      heading: index === 0 ? `\n### ${severity}\n\n` : '',
    })),
  );
  const others = unsuppressed
    .filter((finding) => !isOpen(finding.status) && !isReadable(finding))
    .map((finding) => ({ text: line(finding, labels), heading: '' }));
  if (others[0]) others[0].heading = '\n### Passed and not applicable\n\n';
  const suppressed = findings
    .filter(({ suppression }) => suppression !== undefined)
    .map((finding) => suppressedBlock(finding, labels));
  if (suppressed[0]) suppressed[0].heading = '\n### Suppressed\n\n';
  const coverage = coverageTable(results.coverage ?? []);
  const exceptions = exceptionsTable(results.exceptions ?? []);
  return fitting(head, [...blocks, ...others, ...suppressed, ...exceptions, ...coverage]);
};

/** The register of exceptions. */
const exceptionsTable = (entries: readonly ExceptionEntry[]): { text: string; heading: string }[] => {
  if (entries.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const text = [
    line(EXCEPTION_COLUMNS.map(([head]) => head)),
    line(EXCEPTION_COLUMNS.map(() => '---')),
    ...entries.map((entry) => line(EXCEPTION_COLUMNS.map(([, cell]) => inCell(cell(entry))))),
  ].join('');
  return [{ text, heading: '\n### Exceptions\n\n' }];
};

/** A bar ends a cell even in code. */
const inCell = (text: string): string =>
  text === '' ? '' : code(cut(text, MAX_LINE)).replaceAll('|', '\\|');

/** How each control judged what was looked at. */
const coverageTable = (rows: readonly CoverageRow[]): { text: string; heading: string }[] => {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const heads = ['Control', ...COVERAGE_COLUMNS.map(([, label]) => label), 'Why'];
  const text = [
    line(heads),
    line(heads.map(() => '---')),
    ...rows.map((row) =>
      line([
        code(row.control),
        ...COVERAGE_COLUMNS.map(([key]) => String(row[key] ?? '–')),
        row.why === undefined ? '' : code(cut(row.why, MAX_LINE)).replaceAll('|', '\\|'),
      ]),
    ),
  ].join('');
  return [{ text, heading: '\n### Coverage\n\n' }];
};

const fitting = (head: string, blocks: readonly { text: string; heading: string }[]): string => {
  let text = head;
  for (const [index, { heading, text: next }] of blocks.entries()) {
    if (text.length + heading.length + next.length > MAX_LENGTH)
      return `${text}\n${blocks.length - index} more are in the other formats.\n`;
    text += heading + next;
  }
  return text;
};

const headline = (finding: Finding, labels: Labels): string => {
  const { control, resource, subject } = finding;
  const step = subject === undefined ? '' : ` › ${code(subject)}`;
  return `**${code(control)}** ${resource.type} ${code(labels.of(finding))}${step}`;
};

const line = (finding: Finding, labels: Labels): string => {
  const why = whySettled(finding);
  return `- ${headline(finding, labels)}: ${WORDS[finding.status]}${why === '' ? '' : ` (${code(why)})`}\n`;
};

const block = (finding: Finding, others: readonly Finding[], labels: Labels): string => {
  const { status, title, evidence, remediation } = finding;
  const left = evidence.length - MAX_EVIDENCE;
  return [
    `- ${headline(finding, labels)}: ${WORDS[status]}. ${plain(title)}.`,
    ...evidence
      .slice(0, MAX_EVIDENCE)
      .map(({ at, found, expected }) => `  - ${code(at)}: found ${code(found)}, expected ${code(expected)}`),
    ...(left > 0 ? [`  - and ${left} more`] : []),
    ...(others.length > 0 ? [`  - one cause, also ${alsoOn(finding, others, labels)}`] : []),
    `  - remedy: ${code(remediation.text)}`,
    ...[finding, ...others.slice(0, MAX_EVIDENCE)].flatMap(({ remediation: { patch, undo, changes } }) => [
      ...patchLines('patch', patch),
      ...(undo === undefined ? [] : ['  - to take it back:', ...patchLines('undo', undo)]),
      ...(changes === undefined ? [] : [`  - changes: ${code(changes)}`]),
    ]),
    '',
  ].join('\n');
};

const alsoOn = (finding: Finding, others: readonly Finding[], labels: Labels): string => {
  // In results of one account, each name is code for itself.
  if (finding.account === undefined)
    return `on ${listed(
      others.map((each) => code(labels.of(each))),
      MAX_EVIDENCE,
    )}`;
  const { word, text } = labels.others(finding, others, MAX_EVIDENCE);
  return `${word} ${code(text)}`;
};

const suppressedBlock = (finding: Finding, labels: Labels): { text: string; heading: string } => {
  const { expires = '', reason = '' } = finding.suppression ?? {};
  return { text: `- ${headline(finding, labels)}: until ${code(expires)}, ${code(reason)}\n`, heading: '' };
};

/** A patch is shown whole or not at all: half a document would be applied as if it were a whole one. */
const patchLines = (name: 'patch' | 'undo', patch: string | undefined): string[] => {
  if (patch === undefined || patch.trim() === '') return [];
  if (patch.length > MAX_PATCH) return [`  - ${name}: ${patch.length} characters, in the JSON results`];
  const fence = '`'.repeat(Math.max(3, longestRun(patch) + 1));
  const lines = patch.split(/\r\n?|\n/).map(oneLine);
  const shells = name === 'patch' ? shellsOf(patch) : undefined;
  return [
    ...(shells === undefined ? [] : [`  - the command, ${shells}:`]),
    '',
    ...[fence, ...lines, fence].map((each) => `    ${each}`),
    '',
  ];
};
