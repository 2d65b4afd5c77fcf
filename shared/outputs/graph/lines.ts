import stringWidth from 'string-width';
import type { Status } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import type { Picture, PictureFinding, PictureNode } from './picture.ts';

const MOST_TRAITS = 6;
const MOST_FINDINGS = 4;
/** The length of a line in a box, in columns of a monospace font. */
export const LINE_COLUMNS = 34;

/** A line of a picture. `whole` is the whole text where the line shows a short one. */
export type TextLine = { text: string; whole?: string | undefined; finding?: PictureFinding | undefined };

/** The lines of a step below its name. */
export const linesOf = ({ traits, findings }: Pick<PictureNode, 'traits' | 'findings'>): TextLine[] => {
  const left = traits.length - MOST_TRAITS;
  return [
    ...traits.slice(0, MOST_TRAITS).map(({ kind, text }) => ({
      text: `${kind.padEnd(7)}${shortened(kind === 'role' ? resourceName(text) : text, LINE_COLUMNS - 7)}`,
      whole: `${kind} ${text}`,
    })),
    ...(left > 0 ? [{ text: `and ${left} more` }] : []),
    ...findingLines(findings),
  ];
};

const findingLines = (findings: readonly PictureFinding[]): TextLine[] => {
  const left = findings.length - MOST_FINDINGS;
  return [
    ...findings.slice(0, MOST_FINDINGS).map((finding) => ({
      text: `${MARKS[finding.status]} ${finding.control}`,
      whole: `${finding.severity} ${finding.status}: ${finding.title}`,
      finding,
    })),
    ...(left > 0 ? [{ text: `and ${left} more findings` }] : []),
  ];
};

/** The lines about the whole pipeline. */
export const headLines = ({ roleArn, findings, left, of }: Picture): TextLine[] => [
  ...(roleArn === undefined ? [] : [{ text: `role ${resourceName(roleArn)}`, whole: roleArn }]),
  ...findingLines(findings),
  ...(left > 0 ? [{ text: `${left} more ${of?.noun ?? 'step'}s are not drawn` }] : []),
];

const MARKS: Record<Status, string> = {
  FAILED: '✗',
  WARNING: '!',
  NOT_AVAILABLE: '?',
  PASSED: '✓',
  NOT_APPLICABLE: '-',
};

const LONGEST_SHOWN = 300;

/** Text from outside, cut to what a tooltip can show. */
export const shown = (text: string): string => visibleText(cut(text, LONGEST_SHOWN));

/**
 * A text that fits into the columns, as SVG breaks no lines. Its middle is left out: names in a pipeline often begin
 * alike and differ at the end.
 */
export const shortened = (text: string, columns: number): string => {
  const characters = [...shown(text)];
  if (fitting(characters, columns).length === characters.length) return characters.join('');
  const start = fitting(characters, Math.floor(columns / 3)).join('');
  const end = fitting(characters.toReversed(), columns - 1 - stringWidth(start)).toReversed();
  return `${start}…${end.join('')}`;
};

/** The first characters, as many as fit into the columns. */
const fitting = (characters: readonly string[], columns: number): readonly string[] => {
  let width = 0;
  const end = characters.findIndex((character) => {
    width += stringWidth(character);
    return width > columns;
  });
  return end < 0 ? characters : characters.slice(0, end);
};
