import { styleText } from 'node:util';
import { type Finding, SEVERITIES, type Severity, type Status } from '../../domain/finding.ts';
import { isOpen, OPEN_STATUSES } from '../../domain/status.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { listed } from '../../text/listed.ts';
import { COMMAND_SHELLS, shellText } from '../../text/shell-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import { oneRow, wrap } from '../../text/wrap.ts';
import { type PlaceOf, placedAt } from '../places/evidence-places.ts';
import { byCause, withoutOwnName, withoutOwnPlace } from './causes.ts';
import { complianceTable } from './compliance-views.ts';
import { coverageText } from './coverage.ts';
import { exceptionsLine } from './exceptions-register.ts';
import { GAP_CONTROL, isAboutMissingLists, isReadable, overviewLines, overviewOf } from './overview.ts';
import { labelsOf } from './resource-label.ts';
import type { Results, Summary } from './results.ts';
import { COVERAGE_COLUMNS, type CoverageRow, coverageLine } from './run-coverage.ts';
import {
  commandLines,
  documentLines,
  field,
  findingLines,
  fixLines,
  hasFix,
  headline,
  isCommand,
  type Page,
  remedyLines,
  STYLES,
  shortened,
} from './table-finding.ts';
import { whySettled } from './why-settled.ts';

const MINIMUM_WIDTH = 40;

type TableOptions = {
  width: number;
  color: boolean;
  placeOf?: PlaceOf;
  /** Whether remedies are printed with their commands, and all evidence. */
  isFull?: boolean;
  /** The arguments with which `pipewarden fix` finds these findings again, as a shell takes them. */
  fixBy?: string;
};

/**
 * The results for a terminal of `width` columns: the overview, then the findings, most severe first, by control. A remedy
 * that all findings of a control share is printed once. What is left out for brevity is named with the command that
 * prints it. Nothing in the findings can move the cursor or forge a line. Evidence in a file is printed with its line
 * and column. Where a framework was asked for, its requirements take the place of the findings.
 */
export const toTable = (results: Results, options: TableOptions): string => {
  const page = pageOf(results, options);
  if (results.compliance)
    return `${complianceTable(results.compliance, page)}\n${summaryLine(results.summary, page)}\n`;
  const shown = results.findings.filter(({ suppression }) => suppression === undefined);
  const overview = results.overview ?? overviewOf(results.findings, { scopes: results.scopes });
  const isTold = (finding: Finding) => overview.notConfigured.length > 0 && isAboutMissingLists(finding);
  const open = withUnreadCauses(
    foldReasons(foldUnread(shown.filter((each) => isOpen(each.status) && !isTold(each))), page),
  );
  const blocks = [
    [
      heading(results, page),
      ...overviewLines(overview, {
        accounts: coverageText(results.scopes),
        coverage: coverageLine(results.coverage),
        exceptions: exceptionsLine(results.exceptions, results.generatedAt),
      }).flatMap((line) => overviewField(line, page)),
    ].join('\n'),
    ...SEVERITIES.toReversed().flatMap((severity) =>
      severityBlocks(
        severity,
        open.filter((finding) => finding.severity === severity),
        page,
      ),
    ),
    ...lineBlock(
      'Passed',
      withStatus(shown, 'PASSED').filter((finding) => !isReadable(finding)),
      page,
      settledNote,
    ),
    ...lineBlock('Not applicable', withStatus(shown, 'NOT_APPLICABLE'), page, settledNote),
    ...lineBlock(
      'Suppressed',
      results.findings.filter(({ suppression }) => suppression !== undefined),
      page,
      ({ suppression }) => `  until ${suppression?.expires}: ${suppression?.reason}`,
    ),
    ...(page.isFull ? coverageBlock(results.coverage, page) : []),
    ...notes(open, page),
    summaryLine(results.summary, page),
  ];
  return `${blocks.join('\n\n')}\n`;
};

/** How a table of this account and Region is put out. */
export const pageOf = (
  scope: Pick<Results, 'account' | 'region' | 'scopes' | 'findings'>,
  { width, color, placeOf = () => undefined, isFull = false, fixBy = '' }: TableOptions,
): Page => ({
  width: Math.max(MINIMUM_WIDTH, width),
  isFull,
  fixBy,
  paint: (style, text) => (color ? styleText(STYLES[style], text, { validateStream: false }) : text),
  labels: labelsOf(scope.findings, scope.scopes),
  withShortArns: (text) => withShortArns(text, scope),
  placeOf: (finding, at) => placedAt(at, placeOf(finding)),
});

const notes = (open: readonly Finding[], page: Page): string[] => {
  const hasCommand = open.some(({ remediation: { patch = '' } }) => isCommand(patch));
  const told = [
    ...(open.some((finding) => hasFix(finding, page))
      ? [
          `pipewarden fix prints all of a finding${hasCommand ? ', its command and how to undo it' : ''}; --full prints that of all.`,
        ]
      : []),
    ...(hasCommand ? [`Commands are for ${COMMAND_SHELLS}.`] : []),
  ];
  const lines = told.length > 0 ? wrap(told.join(' '), page.width) : [];
  return lines.length > 0 ? [lines.map((line) => page.paint('quiet', line)).join('\n')] : [];
};

/** One gap makes several controls NOT_AVAILABLE. Only the finding about the gap itself is printed. */
const foldUnread = (findings: readonly Finding[]): Finding[] => {
  const gapKey = ({ resource, evidence }: Finding) => JSON.stringify([resource.arn, evidence[0]?.at]);
  const unread = findings.filter(({ status }) => status === 'NOT_AVAILABLE');
  const told = new Set(unread.filter(({ control }) => control === GAP_CONTROL).map(gapKey));
  const isRepeated = (finding: Finding) =>
    finding.status === 'NOT_AVAILABLE' && finding.control !== GAP_CONTROL && told.has(gapKey(finding));
  return findings
    .filter((finding) => !isRepeated(finding))
    .map((finding) => {
      if (finding.control !== GAP_CONTROL) return finding;
      const kept = unread.filter((other) => isRepeated(other) && gapKey(other) === gapKey(finding));
      if (kept.length === 0) return finding;
      const controls = [...new Set(kept.map(({ control }) => control))].join(', ');
      const text = `${finding.remediation.text} Until then it keeps ${controls} from judging.`;
      return { ...finding, remediation: { ...finding.remediation, text } };
    });
};

/**
 * What hangs on the same evidence that could not be read is printed once, with the controls that it keeps from judging. A
 * full page has them all.
 */
const foldReasons = (findings: readonly Finding[], { isFull, labels }: Page): Finding[] => {
  const groups = groupBy(findings, (finding) => reasonOf(finding) ?? finding.id);
  return findings.flatMap((finding) => {
    const reason = reasonOf(finding);
    const [first, ...others] = (reason !== undefined && groups.get(reason)) || [finding];
    if (isFull || others.length === 0) return [finding];
    if (finding !== first) return [];
    const byControl = groupBy(others, ({ control }) => control);
    const kept = [...byControl].map(([control, of]) => `${control} (${listed(of.map(labels.of))})`);
    const text = `${finding.remediation.text} The same keeps from judging: ${kept.join(', ')}.`;
    return [{ ...finding, remediation: { ...finding.remediation, text } }];
  });
};

/** Why nothing could be judged, without what it was asked for; undefined where it is not unread evidence. */
const reasonOf = (finding: Finding): string | undefined => {
  const { status, evidence } = finding;
  if (status !== 'NOT_AVAILABLE') return undefined;
  const reasons = new Set(
    evidence.map(({ found: told }) => {
      const found = withoutOwnPlace(told, finding);
      const at = found.indexOf(UNREAD_MARK);
      return at < 0 ? found : found.slice(at + UNREAD_MARK.length);
    }),
  );
  const [reason] = reasons;
  return reasons.size === 1 && reason !== undefined && UNREAD_REASON.test(reason) ? reason : undefined;
};

const UNREAD_MARK = ' cannot be read: ';

/** A call or file, a code and a message. */
const UNREAD_REASON = /^\S{1,300}: [A-Z][A-Za-z]{1,80}: /;

/** What could not be read of many resources for the same reason is one cause here: one permission mends all of it. */
const withUnreadCauses = (findings: readonly Finding[]): Finding[] =>
  findings.map((finding) => {
    const { status, subject, resource, evidence, cause } = finding;
    if (status !== 'NOT_AVAILABLE' || cause !== undefined) return finding;
    const told = evidence.map(({ at, found }) =>
      [at, found].map((text) => withoutOwnPlace(withoutOwnName(text, resource.arn), finding)),
    );
    return { ...finding, cause: JSON.stringify([status, resource.type, subject ?? null, told]) };
  });

/** The counts of a run in one line: `12 evaluated: 6 passed, 4 failed, 1 warning, 1 not available, 0 suppressed`. */
export const summaryText = (summary: Summary): string =>
  `${summary.evaluated} evaluated: ${summary.passed} passed, ${summary.failed} failed, ` +
  `${counted(summary.warning, 'warning')}, ` +
  `${summary.notAvailable} not available, ${summary.suppressed} suppressed`;

/** The start of an ARN with an account. The values of command options do not match, as people copy them. */
const ARN_START = /(?<=^|[\s(])(?<!--[\w-]{1,40} )arn:[\w-]+:[\w-]+:([\w-]*):(\d{12}):(?!root\b)/g;

/** The heading shows account and Region, so that ARNs of that account and Region are shortened, as in `role/fraud`. */
const withShortArns = (text: string, { account, region }: Pick<Results, 'account' | 'region'>): string =>
  text.replace(ARN_START, (start, inRegion: string, inAccount: string) =>
    inAccount === account && (inRegion === '' || inRegion === region) ? '' : start,
  );

/** So many accounts are named in the heading. */
const MOST_ACCOUNTS = 3;

const heading = ({ account, region, scopes, generatedAt }: Results, page: Page): string => {
  const accounts = new Set(scopes?.map((each) => each.account)).size;
  const whose = accounts > MOST_ACCOUNTS ? counted(accounts, 'account') : account;
  return page.paint(
    'quiet',
    oneRow(visibleText([whose, region, generatedAt].filter(Boolean).join('  ')), page.width),
  );
};

const withStatus = (findings: readonly Finding[], status: Status): Finding[] =>
  findings.filter((finding) => finding.status === status);

const severityBlocks = (severity: Severity, findings: readonly Finding[], page: Page): string[] => {
  if (findings.length === 0) return [];
  const counts = OPEN_STATUSES.map((status) => ({
    status,
    count: byCause(withStatus(findings, status)).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${status.toLowerCase().replace('_', ' ')}`)
    .join(', ');
  const rule = '─'.repeat(Math.max(0, page.width - severity.length - counts.length - 5));
  const band = `${page.paint(severity, ` ${severity} `)} ${counts} ${page.paint('quiet', rule)}`;
  const groups = groupBy(findings, ({ control, title }) => JSON.stringify([control, title]));
  return [band, ...[...groups.values()].map((group) => controlBlock(group, page))];
};

/** The overview takes at most twelve lines of the first screen. */
const MOST_LINES = 3;

const OVERVIEW_LABEL = 16;

const overviewField = ([name, value]: [string, string], page: Page): string[] => {
  const wrapped = wrap(shortened(page.withShortArns(value)), page.width - OVERVIEW_LABEL);
  return wrapped.slice(0, MOST_LINES).map((line, index) => {
    const isCut = index === MOST_LINES - 1 && wrapped.length > MOST_LINES;
    const label =
      index === 0 ? page.paint('strong', name.padEnd(OVERVIEW_LABEL)) : ' '.repeat(OVERVIEW_LABEL);
    return label + (isCut ? oneRow(`${line} …`, page.width - OVERVIEW_LABEL) : line);
  });
};

const controlBlock = (findings: readonly Finding[], page: Page): string => {
  const [first] = findings;
  if (!first) return '';
  const name = shortened(first.control);
  const [control = '', ...title] = wrap(`${name}  ${shortened(first.title)}`, page.width);
  const ofFirst = mending(first);
  const isShared =
    findings.length > 1 && findings.every((each) => mending(each) === ofFirst && !hasFix(each, page));
  const remedies = new Map<string, Finding>();
  return [
    control.startsWith(name) ? page.paint('strong', name) + control.slice(name.length) : control,
    ...title,
    ...field('explain', `pipewarden explain ${shellText(first.control)}`, page, 2),
    ...byCause(findings).flatMap((group) => causeLines(group, page, isShared ? undefined : remedies)),
    ...(isShared ? remedyLines(first, page, 2) : []),
  ].join('\n');
};

const mending = ({ remediation: { text, patch } }: Finding): string => JSON.stringify([text, patch]);

/** A person looks at a few of them, and the machine formats list all. */
const MOST_OF_A_CAUSE = 10;

/**
 * Findings of one cause, printed once with all their resources. `remedies` are those that the control’s block has
 * printed already; without it, the block prints the remedy of all its findings at its end.
 */
const causeLines = (
  [first, ...others]: readonly [Finding, ...Finding[]],
  page: Page,
  remedies: Map<string, Finding> | undefined,
): string[] => [
  ...findingLines(first, page),
  ...alsoOn(first, others, page),
  ...(remedies ? remediesOf([first, ...others], page, remedies) : []),
];

const alsoOn = (first: Finding, others: readonly Finding[], page: Page): string[] => {
  if (others.length === 0) return [];
  const { word, text } = page.labels.others(first, others, MOST_OF_A_CAUSE);
  return field(`also ${word}`, `${text}: one cause, ${counted(others.length + 1, 'finding')}`, page, 4);
};

/** The remedy of a cause; of a remedy that differs from an earlier one in names alone, only whose it is like. */
const remediesOf = (
  [first, ...others]: readonly [Finding, ...Finding[]],
  page: Page,
  remedies: Map<string, Finding>,
): string[] => {
  const advice = withoutOwnName(first.remediation.text, first.resource.arn);
  const like = remedies.get(advice);
  if (!like) remedies.set(advice, first);
  if (page.isFull)
    return [
      ...remedyLines(first, page, 4),
      ...others.slice(0, MOST_OF_A_CAUSE).flatMap(({ remediation }) => commandLines(remediation, page, 4)),
    ];
  return [
    ...(like && advice !== ''
      ? [...field('remedy', `as for ${headline(like, page)}`, page, 4), ...documentLines(first, page, 4)]
      : remedyLines(first, page, 4)),
    ...fixLines(first, page, 4),
  ];
};

const settledNote = (finding: Finding): string => {
  const why = whySettled(finding);
  return why === '' ? '' : `  ${why}`;
};

const lineBlock = (
  heading: string,
  findings: readonly Finding[],
  page: Page,
  note: (finding: Finding) => string,
): string[] => {
  if (findings.length === 0) return [];
  const lines = findings.map((finding) =>
    oneRow(
      `  ${shortened(finding.control)}  ${headline(finding, page)}${visibleText(note(finding))}`,
      page.width,
    ),
  );
  return [[page.paint('strong', heading), ...lines].join('\n')];
};

/** How each control judged what was looked at. */
const coverageBlock = (rows: readonly CoverageRow[] = [], page: Page): string[] => {
  if (rows.length === 0) return [];
  const heads = COVERAGE_COLUMNS.map(([, label]) => label);
  const name = Math.max(...rows.map(({ control }) => control.length));
  const cells = rows.map((row) => ({
    ...row,
    counts: COVERAGE_COLUMNS.map(([key], index) =>
      String(row[key] ?? '-').padStart(heads[index]?.length ?? 0),
    ),
  }));
  return [
    [
      page.paint('strong', 'Coverage'),
      `  ${' '.repeat(name)}  ${heads.join('  ')}`,
      ...cells.map(({ control, counts, why }) =>
        oneRow(
          `  ${control.padEnd(name)}  ${counts.join('  ')}${why === undefined ? '' : `  ${visibleText(why)}`}`,
          page.width,
        ),
      ),
    ].join('\n'),
  ];
};

const summaryLine = (summary: Summary, page: Page): string => {
  const worst: Status =
    summary.failed > 0 ? 'FAILED' : summary.warning + summary.notAvailable > 0 ? 'WARNING' : 'PASSED';
  return wrap(summaryText(summary), page.width)
    .map((line) => page.paint(worst, line))
    .join('\n');
};
