import type { styleText } from 'node:util';
import stringWidth from 'string-width';
import type { Evidence, Finding, Severity, Status } from '../../domain/finding.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { shellsOf, shellText } from '../../text/shell-text.ts';
import { visibleText } from '../../text/visible-text.ts';
import { wrap } from '../../text/wrap.ts';
import { findingName } from './finding-name.ts';
import type { Labels } from './resource-label.ts';

export type Style = Severity | Status | 'strong' | 'quiet';

export const STYLES: Record<Style, Parameters<typeof styleText>[0]> = {
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

/** How a table is put out. */
export type Page = {
  width: number;
  /** Whether remedies have their commands, and nothing is left out that a person could read. */
  isFull: boolean;
  /** The arguments with which `pipewarden fix` finds these findings again. */
  fixBy: string;
  paint: (style: Style, text: string) => string;
  labels: Labels;
  withShortArns: (text: string) => string;
  placeOf: (finding: Finding, at: string) => string;
};

/** How much a person reads in a table, and how much in one that is asked to be full. */
const MOST_EVIDENCE = { short: 3, full: 50 };
const LONGEST_VALUE = { short: 400, full: 4_000 };

const MARKS: Record<Status, string> = {
  FAILED: '✗ FAILED',
  WARNING: '! WARNING',
  NOT_AVAILABLE: '? NOT AVAILABLE',
  PASSED: '✓ PASSED',
  NOT_APPLICABLE: '- NOT APPLICABLE',
};

const sizeOf = ({ isFull }: Page): 'full' | 'short' => (isFull ? 'full' : 'short');

/** What the finding is about, and its evidence. */
export const findingLines = (finding: Finding, page: Page): string[] => {
  const mark = MARKS[finding.status];
  const lines = wrap(headline(finding, page), page.width - stringWidth(mark) - 4);
  const evidence = (
    page.isFull ? finding.evidence.slice(0, MOST_EVIDENCE.full) : telling(finding.evidence)
  ).map((each) => ({ ...each, at: page.placeOf(finding, each.at) }));
  const left = finding.evidence.length - evidence.length;
  return [
    ...lines.map((line, index) =>
      index === 0
        ? `  ${page.paint(finding.status, mark)}  ${line}`
        : ' '.repeat(stringWidth(mark) + 4) + line,
    ),
    ...evidence.flatMap((each, index) =>
      evidenceLines(each, { before: evidence[index - 1], next: evidence[index + 1] }, page),
    ),
    ...(left > 0
      ? [
          `    ${page.paint('quiet', `and ${counted(left, 'more piece', 'more pieces')} of evidence${page.isFull ? ', all in --format json' : ''}`)}`,
        ]
      : []),
  ];
};

/**
 * The evidence that a person reads in a list: of one place, what is expected otherwise than before is left out, as it says
 * the same of another step, job or pipeline.
 */
const telling = (evidence: readonly Evidence[]): Evidence[] =>
  evidence
    .filter(({ at, expected }, index) => {
      const before = evidence[index - 1];
      return before?.at !== at || before.expected === expected;
    })
    .slice(0, MOST_EVIDENCE.short);

/** A finding in a few words: the type and name of its resource, and the part that it is about. */
export const headline = (
  finding: Pick<Finding, 'account' | 'resource' | 'subject'>,
  { labels }: Pick<Page, 'labels'>,
): string => {
  const { resource, subject } = finding;
  return shortened(`${resource.type} ${labels.of(finding)}${subject === undefined ? '' : ` › ${subject}`}`);
};

/** A place is printed once for all that was found there, and an expected value after the last piece that shares it. */
const evidenceLines = (
  { at, found, expected }: Evidence,
  { before, next }: { before: Evidence | undefined; next: Evidence | undefined },
  page: Page,
): string[] => {
  const isExpectedAgain = next?.expected === expected;
  const isFoundAgain = isExpectedAgain && next.found === found && next.at !== at;
  return [
    ...(before?.at === at ? [] : field('at', at, page, 4)),
    ...(isFoundAgain ? [] : field('found', found, page, 4)),
    ...(isExpectedAgain ? [] : field('expected', expected, page, 4)),
  ];
};

/** A remedy as a person first reads it, or whole with its command on a full page. */
export const remedyLines = (finding: Finding, page: Page, indent: number): string[] => {
  const { text, ...command } = finding.remediation;
  return page.isFull
    ? [...field('remedy', text, page, indent), ...commandLines(command, page, indent)]
    : [
        ...field('remedy', briefly(page.withShortArns(text)), page, indent, LONGEST_SENTENCE),
        ...documentLines(finding, page, indent),
      ];
};

/** The whole sentences at the beginning of a text that a person reads in a list; at least one. */
const briefly = (text: string): string => {
  if (text.length <= LONGEST_VALUE.short) return text;
  const last = text.lastIndexOf('. ', LONGEST_VALUE.short - 2);
  const end = last < 0 ? text.indexOf('. ') : last;
  const sentences = end < 0 ? text : `${text.slice(0, end + 1)} …`;
  return sentences.length > LONGEST_SENTENCE ? cut(text, LONGEST_VALUE.short) : sentences;
};

const LONGEST_SENTENCE = 800;

/** The command, its undo and what it changes. A command is there to be copied, so that only the terminal wraps it. */
export const commandLines = (
  { patch, undo, changes = '' }: Omit<Finding['remediation'], 'text'>,
  page: Page,
  indent: number,
): string[] => [
  ...(patch === undefined ? [] : patchLines(patch.trim(), page, indent)),
  ...(undo === undefined ? [] : patchLines(undo, page, indent, 'undo')),
  ...field('changes', changes, page, indent),
];

const patchLines = (patch: string, page: Page, indent: number, name: 'patch' | 'undo' = 'patch'): string[] =>
  patch.length <= LONGEST_VALUE.full
    ? patch
        .split('\n')
        .map((line, index) => (index === 0 ? label(name, page, indent) : margin(indent)) + visibleText(line))
    : field(name, `${patch.length} characters, in --format json`, page, indent);

/** A short document for a file. A command is left to `pipewarden fix`, which prints its undo beside it. */
export const documentLines = (
  { remediation: { patch = '' } }: Finding,
  page: Page,
  indent: number,
): string[] => (isBriefDocument(patch) ? patchLines(patch.trim(), page, indent) : []);

const isBriefDocument = (patch: string): boolean =>
  patch.trim() !== '' &&
  !isCommand(patch) &&
  !patch.trim().includes('\n') &&
  patch.length <= LONGEST_VALUE.short;

/** Whether a patch is a command for a shell, and no document. */
export const isCommand = (patch: string): boolean => shellsOf(patch) !== undefined;

/** The command that prints what a short table leaves out of a finding; nothing where it leaves out nothing. */
export const fixLines = (finding: Finding, page: Page, indent: number): string[] => {
  const { text, patch = '' } = finding.remediation;
  const isWhole =
    briefly(page.withShortArns(text)) === page.withShortArns(text) &&
    (patch.trim() === '' || isBriefDocument(patch)) &&
    finding.evidence.length === telling(finding.evidence).length;
  if (page.isFull || isWhole) return [];
  const command = `pipewarden fix ${shellText(findingName(finding))}${page.fixBy === '' ? '' : ` ${page.fixBy}`}`;
  return [label('fix', page, indent) + visibleText(command)];
};

/** Whether a short page leaves something out that `pipewarden fix` prints. */
export const hasFix = (finding: Finding, page: Page): boolean => fixLines(finding, page, 0).length > 0;

const LABEL_WIDTH = 10;

const label = (name: string, page: Page, indent: number): string =>
  ' '.repeat(indent) + page.paint('quiet', name.padEnd(LABEL_WIDTH));

const margin = (indent: number): string => ' '.repeat(indent + LABEL_WIDTH);

/** A labelled value, wrapped beside its label; nothing for an empty value. */
export const field = (
  name: string,
  value: string,
  page: Page,
  indent: number,
  longest = LONGEST_VALUE[sizeOf(page)],
): string[] => {
  if (value === '') return [];
  const text = shortened(page.withShortArns(value), longest);
  return wrap(text, page.width - indent - LABEL_WIDTH).map(
    (line, index) => (index === 0 ? label(name, page, indent) : margin(indent)) + line,
  );
};

/** A value in one line without what a terminal would obey, cut where it is too long to read. */
export const shortened = (value: string, longest = LONGEST_VALUE.short): string => {
  const shown = visibleText(cut(value, longest));
  return value.length <= longest ? shown : `${shown} (${counted([...value].length, 'character')})`;
};
