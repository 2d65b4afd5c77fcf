import type { Status } from '../../findings/finding.ts';
import { displayWidth, resourceName, visibleText } from '../table.ts';
import type { Picture, PictureFinding, PictureNode } from './picture.ts';

const MOST_TRAITS = 6;
const MOST_FINDINGS = 4;
/** In columns of the monospace lines. */
export const LINE_COLUMNS = 34;

/** A line of a picture; `whole` is what it is short for. */
export type TextLine = { text: string; whole?: string | undefined; finding?: PictureFinding | undefined };

/** Buckets and folders of a pipeline begin alike, and differ at their end. */
const shortened = (text: string): string => {
  const room = LINE_COLUMNS - 7;
  const characters = [...shown(text)];
  return characters.length <= room
    ? characters.join('')
    : `${characters.slice(0, 8).join('')}…${characters.slice(9 - room).join('')}`;
};

/** What is said of a step below its name. */
export const linesOf = ({ traits, findings }: Pick<PictureNode, 'traits' | 'findings'>): TextLine[] => {
  const left = traits.length - MOST_TRAITS;
  return [
    ...traits.slice(0, MOST_TRAITS).map(({ kind, text }) => ({
      text: `${kind.padEnd(7)}${kind === 'role' ? resourceName(text) : shortened(text)}`,
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

/** What is said of the whole pipeline. */
export const headLines = ({ roleArn, findings, left }: Picture): TextLine[] => [
  ...(roleArn === undefined ? [] : [{ text: `role ${resourceName(roleArn)}`, whole: roleArn }]),
  ...findingLines(findings),
  ...(left > 0 ? [{ text: `${left} more steps are not drawn` }] : []),
];

const MARKS: Record<Status, string> = {
  FAILED: '✗',
  WARNING: '!',
  NOT_AVAILABLE: '?',
  PASSED: '✓',
  NOT_APPLICABLE: '-',
};

const LONGEST_SHOWN = 300;

/** Text from outside, as far as a tooltip has room for it. */
export const shown = (text: string): string =>
  text.length > LONGEST_SHOWN ? `${visibleText(text.slice(0, LONGEST_SHOWN))}…` : visibleText(text);

/** What fits into the columns: SVG breaks no lines. */
export const clipped = (text: string, columns: number): string => {
  const characters = [...shown(text)];
  let [width, end] = [0, 0];
  for (; end < characters.length && width <= columns; end++) width += displayWidth(characters[end] ?? '');
  return width <= columns ? characters.join('') : `${characters.slice(0, end - 2).join('')}…`;
};
