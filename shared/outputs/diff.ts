import { styleText } from 'node:util';
import { type Comparison, differences } from '../findings/compare.ts';
import type { Finding } from '../findings/finding.ts';
import { resourceName, visibleText } from './table.ts';

type Times = { before: string; after: string };

/** For programs: whole findings of what changed, and the ids of what is still open. */
export const toDiffJson = (comparison: Comparison, times: Times): string => {
  const { added, mended, changed, open, unread } = comparison;
  return `${JSON.stringify(
    {
      schemaVersion: '1.0',
      ...times,
      summary: countsOf(comparison),
      new: added,
      mended,
      changed: changed.map((pair) => ({ differences: differences(pair), ...pair })),
      unread,
      stillOpen: open.map(({ after }) => after.id),
    },
    null,
    2,
  )}\n`;
};

const countsOf = ({ added, mended, changed, open, unread }: Comparison) => ({
  new: added.length,
  mended: mended.length,
  changed: changed.length,
  unread: unread.length,
  stillOpen: open.length,
});

type Style = Parameters<typeof styleText>[0];

/** For a terminal: a line for each finding that changed. */
export const toDiffTable = (comparison: Comparison, times: Times, { color }: { color: boolean }): string => {
  const paint = (style: Style, text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const block = (heading: string, style: Style, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : [[paint(style, `${heading} (${lines.length})`), ...lines.map((line) => `  ${line}`)].join('\n')];
  const { added, mended, changed, open, unread } = comparison;
  const counts = countsOf(comparison);
  return `${[
    paint('gray', visibleText(`${times.before}  to  ${times.after}`)),
    ...block('New', ['bold', 'red'], added.map(lineOf)),
    ...block('Mended', ['bold', 'green'], mended.map(lineOf)),
    ...block(
      'Changed',
      ['bold', 'yellow'],
      changed.map((pair) => `${lineOf(pair.after)}: ${visibleText(differences(pair).join(', '))}`),
    ),
    ...block('Could not be read any more', ['bold', 'magenta'], unread.map(lineOf)),
    ...block(
      'Still open',
      'bold',
      open.map(({ after }) => lineOf(after)),
    ),
    `${counts.new} new, ${counts.mended} mended, ${counts.changed} changed, ${counts.unread} unread, ${counts.stillOpen} still open`,
  ].join('\n\n')}\n`;
};

const LONGEST_NAME = 200;

const lineOf = ({ severity, control, resource, subject }: Finding): string => {
  const name = `${resourceName(resource.arn)}${subject === undefined ? '' : ` › ${subject}`}`;
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
  return visibleText(`${severity.padEnd(13)} ${control}  ${resource.type} ${shown}`);
};
