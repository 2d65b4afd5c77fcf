import { styleText } from 'node:util';
import stringWidth from 'string-width';
import { type Evidence, type Finding, SEVERITIES, type Severity, type Status } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { isOpen, OPEN_STATUSES } from '../../domain/status.ts';
import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { COMMAND_SHELLS } from '../../text/shell-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { PlaceOf } from '../places/evidence-places.ts';
import { byCause } from './causes.ts';
import { isAboutMissingLists, overviewLines, overviewOf } from './overview.ts';
import type { Results, Summary } from './results.ts';

const MINIMUM_WIDTH = 40;
const LONGEST_VALUE = 400;
const MOST_EVIDENCE = 3;

type TableOptions = { width: number; color: boolean; placeOf?: PlaceOf };

/**
 * The results for a terminal of `width` columns: most severe first, by control. A remedy that all findings of a control
 * share is printed once. Nothing in the findings can move the cursor or forge a line. Evidence in a file is printed
 * with its line and column.
 */
export const toTable = (
  results: Results,
  { width, color, placeOf = () => undefined }: TableOptions,
): string => {
  const page: Page = {
    width: Math.max(MINIMUM_WIDTH, width),
    paint: (style, text) => (color ? styleText(STYLES[style], text, { validateStream: false }) : text),
    withShortArns: (text) => withShortArns(text, results),
    placeOf: (finding, at) => {
      const place = placeOf(finding);
      const region = place?.regions.find((each) => each.at === at);
      return place && region ? `${place.path}:${region.line}:${region.column} ${at}` : at;
    },
  };
  const listed = results.findings.filter(({ suppression }) => suppression === undefined);
  const overview = results.overview ?? overviewOf(results.findings);
  const isTold = (finding: Finding) => overview.notConfigured.length > 0 && isAboutMissingLists(finding);
  const open = foldUnread(listed.filter((each) => isOpen(each.status) && !isTold(each)));
  const blocks = [
    [heading(results, page), ...overviewLines(overview).flatMap((line) => overviewField(line, page))].join(
      '\n',
    ),
    ...SEVERITIES.toReversed().flatMap((severity) =>
      severityBlocks(
        severity,
        open.filter((finding) => finding.severity === severity),
        page,
      ),
    ),
    ...lineBlock('Passed', withStatus(listed, 'PASSED'), page, () => ''),
    ...lineBlock('Not applicable', withStatus(listed, 'NOT_APPLICABLE'), page, () => ''),
    ...lineBlock(
      'Suppressed',
      results.findings.filter(({ suppression }) => suppression !== undefined),
      page,
      ({ suppression }) => `  until ${suppression?.expires}: ${suppression?.reason}`,
    ),
    ...(open.some(({ remediation }) => remediation.patch?.startsWith('aws '))
      ? [page.paint('quiet', `Commands are for ${COMMAND_SHELLS}.`)]
      : []),
    summaryLine(results.summary, page),
  ];
  return `${blocks.join('\n\n')}\n`;
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

const GAP_CONTROL = 'evidence-readable';

/** The counts of a run in one line: `12 evaluated: 6 passed, 4 failed, 1 warning, 1 not available, 0 suppressed`. */
export const summaryText = (summary: Summary): string =>
  `${summary.evaluated} evaluated: ${summary.passed} passed, ${summary.failed} failed, ` +
  `${counted(summary.warning, 'warning')}, ` +
  `${summary.notAvailable} not available, ${summary.suppressed} suppressed`;

type Style = Severity | Status | 'strong' | 'quiet';

const STYLES: Record<Style, Parameters<typeof styleText>[0]> = {
  CRITICAL: ['bold', 'white', 'bgRed'],
  HIGH: ['bold', 'red'],
  MEDIUM: ['bold', 'yellow'],
  LOW: ['bold', 'blue'],
  INFORMATIONAL: ['bold', 'gray'],
  FAILED: ['bold', 'red'],
  WARNING: ['bold', 'yellow'],
  NOT_AVAILABLE: ['bold', 'magenta'],
  PASSED: ['bold', 'green'],
  NOT_APPLICABLE: ['gray'],
  strong: ['bold'],
  quiet: ['gray'],
};

type Page = {
  width: number;
  paint: (style: Style, text: string) => string;
  withShortArns: (text: string) => string;
  placeOf: (finding: Finding, at: string) => string;
};

/** The start of an ARN with an account. The values of command options do not match, as people copy them. */
const ARN_START = /(?<=^|[\s(])(?<!--[\w-]{1,40} )arn:[\w-]+:[\w-]+:([\w-]*):(\d{12}):(?!root\b)/g;

/** The heading shows account and Region, so that ARNs of that account and Region are shortened, as in `role/fraud`. */
const withShortArns = (text: string, { account, region }: Results): string =>
  text.replace(ARN_START, (start, inRegion: string, inAccount: string) =>
    inAccount === account && (inRegion === '' || inRegion === region) ? '' : start,
  );

const MARKS: Record<Status, string> = {
  FAILED: '✗ FAILED',
  WARNING: '! WARNING',
  NOT_AVAILABLE: '? NOT AVAILABLE',
  PASSED: '✓ PASSED',
  NOT_APPLICABLE: '- NOT APPLICABLE',
};

const heading = ({ account, region, generatedAt }: Results, page: Page): string =>
  page.paint(
    'quiet',
    oneLine(visibleText([account, region, generatedAt].filter(Boolean).join('  ')), page.width),
  );

const withStatus = (findings: readonly Finding[], status: Status): Finding[] =>
  findings.filter((finding) => finding.status === status);

const severityBlocks = (severity: Severity, findings: readonly Finding[], page: Page): string[] => {
  if (findings.length === 0) return [];
  const counts = OPEN_STATUSES.map((status) => ({ status, count: withStatus(findings, status).length }))
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
    return label + (isCut ? oneLine(`${line} …`, page.width - OVERVIEW_LABEL) : line);
  });
};

const controlBlock = (findings: readonly Finding[], page: Page): string => {
  const [first] = findings;
  if (!first) return '';
  const shared =
    findings.length > 1 &&
    findings.every(({ remediation }) => mending(remediation) === mending(first.remediation));
  const name = shortened(first.control);
  const [control = '', ...title] = wrap(`${name}  ${shortened(first.title)}`, page.width);
  return [
    control.startsWith(name) ? page.paint('strong', name) + control.slice(name.length) : control,
    ...title,
    ...byCause(findings).flatMap((group) => causeLines(group, page, { withRemedy: !shared })),
    ...(shared ? remedyLines(first, page, 2) : []),
  ].join('\n');
};

/** A person looks at a few of them, and the machine formats list all. */
const MOST_OF_A_CAUSE = 10;

/** Findings of one cause are printed once, with all their resources, and with the command for each of them. */
const causeLines = (
  [first, ...others]: readonly [Finding, ...Finding[]],
  page: Page,
  { withRemedy }: { withRemedy: boolean },
): string[] => {
  if (others.length === 0) return findingLines(first, page, { withRemedy });
  const names = others.map(({ resource }) => resourceName(resource.arn));
  const left = names.length - MOST_OF_A_CAUSE;
  const shown = `${names.slice(0, MOST_OF_A_CAUSE).join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
  const patches = others
    .slice(0, MOST_OF_A_CAUSE)
    .filter(({ remediation: { patch = '' } }) => patch.trim() !== '' && isPrinted(patch.trim()))
    .flatMap(({ remediation }) => commandLines(remediation, page, 4));
  return [
    ...findingLines(first, page, { withRemedy: false }),
    ...field('also on', `${shown}: one cause, ${others.length + 1} findings`, page, 4),
    ...(withRemedy ? [...remedyLines(first, page, 4), ...patches] : []),
  ];
};

const mending = ({ text, patch }: Finding['remediation']): string => JSON.stringify([text, patch]);

const findingLines = (finding: Finding, page: Page, { withRemedy }: { withRemedy: boolean }): string[] => {
  const mark = MARKS[finding.status];
  const lines = wrap(headline(finding), page.width - stringWidth(mark) - 4);
  const evidence = finding.evidence
    .slice(0, MOST_EVIDENCE)
    .map((each) => ({ ...each, at: page.placeOf(finding, each.at) }));
  const left = finding.evidence.length - evidence.length;
  return [
    ...lines.map((line, index) =>
      index === 0
        ? `  ${page.paint(finding.status, mark)}  ${line}`
        : ' '.repeat(stringWidth(mark) + 4) + line,
    ),
    ...evidence.flatMap((each, index) => evidenceLines(each, evidence[index + 1], page)),
    ...(left > 0 ? [`    ${page.paint('quiet', `and ${left} more, all in --format json and html`)}`] : []),
    ...(withRemedy ? remedyLines(finding, page, 4) : []),
  ];
};

const headline = ({ resource, subject }: Finding): string =>
  shortened(`${resource.type} ${resourceName(resource.arn)}${subject === undefined ? '' : ` › ${subject}`}`);

/** An expected value that the next piece of evidence repeats is printed there only. */
const evidenceLines = (
  { at, found, expected }: Evidence,
  next: Evidence | undefined,
  page: Page,
): string[] => {
  const isExpectedAgain = next?.expected === expected;
  return [
    ...field('at', at, page, 4),
    ...(isExpectedAgain && next.found === found ? [] : field('found', found, page, 4)),
    ...(isExpectedAgain ? [] : field('expected', expected, page, 4)),
  ];
};

const remedyLines = (
  { remediation: { text, ...command } }: Finding,
  page: Page,
  indent: number,
): string[] => [...field('remedy', text, page, indent), ...commandLines(command, page, indent)];

const commandLines = (
  { patch, undo, changes = '' }: Omit<Finding['remediation'], 'text'>,
  page: Page,
  indent: number,
): string[] => [
  ...(patch === undefined ? [] : patchLines(patch.trim(), page, indent)),
  ...(undo === undefined ? [] : patchLines(undo, page, indent, 'undo')),
  ...field('changes', changes, page, indent),
];

/**
 * A document belongs in a file and is not printed. A command is there to be copied, so that only the terminal wraps it.
 */
const patchLines = (patch: string, page: Page, indent: number, name: 'patch' | 'undo' = 'patch'): string[] =>
  isPrinted(patch)
    ? [label(name, page, indent) + visibleText(patch)]
    : field(name, `${patch.length} characters, in --format json and html`, page, indent);

const isPrinted = (patch: string): boolean => !patch.includes('\n') && patch.length <= LONGEST_VALUE;

const LABEL_WIDTH = 10;

const label = (name: string, page: Page, indent: number): string =>
  ' '.repeat(indent) + page.paint('quiet', name.padEnd(LABEL_WIDTH));

const field = (name: string, value: string, page: Page, indent: number): string[] => {
  if (value === '') return [];
  const margin = ' '.repeat(indent + LABEL_WIDTH);
  return wrap(shortened(page.withShortArns(value)), page.width - margin.length).map(
    (line, index) => (index === 0 ? label(name, page, indent) : margin) + line,
  );
};

const shortened = (value: string): string => {
  const shown = visibleText(cut(value, LONGEST_VALUE));
  return value.length <= LONGEST_VALUE ? shown : `${shown} (${[...value].length} characters)`;
};

const lineBlock = (
  heading: string,
  findings: readonly Finding[],
  page: Page,
  note: (finding: Finding) => string,
): string[] => {
  if (findings.length === 0) return [];
  const lines = findings.map((finding) =>
    oneLine(`  ${shortened(finding.control)}  ${headline(finding)}${visibleText(note(finding))}`, page.width),
  );
  return [[page.paint('strong', heading), ...lines].join('\n')];
};

const summaryLine = (summary: Summary, page: Page): string => {
  const worst: Status =
    summary.failed > 0 ? 'FAILED' : summary.warning + summary.notAvailable > 0 ? 'WARNING' : 'PASSED';
  return wrap(summaryText(summary), page.width)
    .map((line) => page.paint(worst, line))
    .join('\n');
};

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

const AFTER_PUNCTUATION = /[/:,;&=|]/;

/** The text in lines of at most `width` columns, broken at a space or, as ARNs have none, after punctuation. */
const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line: string[] = [];
  let taken = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    const columns = stringWidth(segment);
    if (taken + columns > width && line.length > 0) {
      const end = segment === ' ' ? line.length : breakAt(line);
      lines.push(line.slice(0, end).join('').trimEnd());
      line = line.slice(end);
      taken = stringWidth(line.join(''));
      if (segment === ' ') continue;
    }
    line.push(segment);
    taken += columns;
  }
  return [...lines, line.join('')];
};

/** A space far to the left is still a better break than the middle of an ARN. */
const breakAt = (line: readonly string[]): number => {
  const space = line.lastIndexOf(' ') + 1;
  if (space > line.length / 4) return space;
  const punctuation = line.findLastIndex((grapheme) => AFTER_PUNCTUATION.test(grapheme)) + 1;
  return punctuation > line.length / 2 ? punctuation : line.length;
};

const oneLine = (text: string, width: number): string => {
  const [line = '', ...rest] = wrap(text, width - 1);
  return rest.length === 0 ? line : `${line}…`;
};
