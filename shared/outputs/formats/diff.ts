import { styleText } from 'node:util';
import * as z from 'zod/mini';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { type Comparison, differences } from '../../findings/compare.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import { countSchema, findingSchema, timeSchema } from './results.ts';

type Times = { before: string; after: string };

/** What `pipewarden diff --format json` puts out, version 1.0. */
export type DiffResults = {
  schemaVersion: '1.0';
  before: string;
  after: string;
  summary: Record<'new' | 'mended' | 'changed' | 'unread' | 'stillOpen', number>;
  new: Finding[];
  mended: Finding[];
  changed: { differences: string[]; before: Finding; after: Finding }[];
  unread: Finding[];
  stillOpen: string[];
};

/** docs/diff.schema.json is made from it. */
export const diffSchema: z.ZodMiniType<DiffResults> = z.strictObject({
  schemaVersion: z.literal('1.0'),
  before: timeSchema.check(z.describe('When the old results were made')),
  after: timeSchema.check(z.describe('When the new results were made')),
  summary: z.strictObject({
    new: countSchema,
    mended: countSchema,
    changed: countSchema,
    unread: countSchema,
    stillOpen: countSchema.check(z.describe('Those that say the same as before')),
  }),
  new: z.array(findingSchema).check(z.describe('Not there before, or suppressed before and no more')),
  mended: z.array(findingSchema).check(z.describe('As they were')),
  changed: z
    .array(
      z.strictObject({
        differences: z
          .array(z.string())
          .check(z.minLength(1), z.describe('What of the two forms differs, for a reader')),
        before: findingSchema,
        after: findingSchema,
      }),
    )
    .check(z.describe('Open in both, and not the same')),
  unread: z
    .array(findingSchema)
    .check(
      z.describe('Not there any more, and not mended: their resource could not be judged. As they were'),
    ),
  stillOpen: z.array(z.string().check(z.minLength(1))).check(z.describe('The ids of findings')),
});

/** For programs: whole findings of what changed, and the ids of what is still open. */
export const toDiffJson = (comparison: Comparison, times: Times): string => {
  const { added, mended, changed, open, unread } = comparison;
  const diff: DiffResults = {
    schemaVersion: '1.0',
    ...times,
    summary: countsOf(comparison),
    new: added,
    mended,
    changed: changed.map((pair) => ({ differences: differences(pair), ...pair })),
    unread,
    stillOpen: open.map(({ after }) => after.id),
  };
  return `${JSON.stringify(diff, null, 2)}\n`;
};

const countsOf = ({ added, mended, changed, open, unread }: Comparison): DiffResults['summary'] => ({
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
  return visibleText(`${severity.padEnd(13)} ${control}  ${resource.type} ${cut(name, LONGEST_NAME)}`);
};
