import { styleText } from 'node:util';
import * as z from 'zod/mini';
import type { Finding } from '../../domain/finding.ts';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import { resourceName } from '../../domain/resource.ts';
import { differences, type NotJudged, type RunComparison } from '../../findings/compare-runs.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import { countSchema, findingSchema, timeSchema } from './results.ts';

type Times = { before: string; after: string };

/** The output of `pipewarden diff --format json`, version 1.0. */
export type DiffResults = {
  schemaVersion: '1.0';
  before: string;
  after: string;
  summary: Record<'new' | 'mended' | 'gone' | 'changed' | 'unread' | 'notJudged' | 'stillOpen', number>;
  new: Finding[];
  mended: Finding[];
  gone: Finding[];
  changed: { differences: string[]; before: Finding; after: Finding }[];
  unread: Finding[];
  notJudged: NotJudged[];
  stillOpen: string[];
};

/** `docs/diff.schema.json` is generated from this schema. */
export const diffSchema: z.ZodMiniType<DiffResults> = z.strictObject({
  schemaVersion: z.literal('1.0'),
  before: timeSchema.check(z.describe('When the old results were made')),
  after: timeSchema.check(z.describe('When the new results were made')),
  summary: z.strictObject({
    new: countSchema,
    mended: countSchema,
    gone: countSchema,
    changed: countSchema,
    unread: countSchema,
    notJudged: countSchema,
    stillOpen: countSchema.check(z.describe('Findings that say the same as before')),
  }),
  new: z
    .array(findingSchema)
    .check(z.describe('Not there before, or suppressed before and not suppressed now')),
  mended: z
    .array(findingSchema)
    .check(
      z.describe('Their control judged them again, and they pass or do not apply any more. As they were'),
    ),
  gone: z
    .array(findingSchema)
    .check(z.describe('Their resource, or the part that they were about, does not exist any more')),
  changed: z
    .array(
      z.strictObject({
        differences: z
          .array(z.string())
          .check(z.minLength(1), z.describe('How the two forms differ, in words')),
        before: findingSchema,
        after: findingSchema,
      }),
    )
    .check(z.describe('Open in both results, with differences')),
  unread: z
    .array(findingSchema)
    .check(z.describe('Not mended: their resource could not be judged. As they were')),
  notJudged: z
    .array(z.strictObject({ finding: findingSchema, why: z.enum(UNJUDGED_WHYS), because: z.string() }))
    .check(z.describe('Open before, and judged by nobody now, so that nobody knows whether they still hold')),
  stillOpen: z.array(z.string().check(z.minLength(1))).check(z.describe('The ids of findings')),
});

/** The output for programs: whole findings for what changed, ids for what is still open. */
export const toDiffJson = (comparison: RunComparison, times: Times): string => {
  const { added, mended, gone, changed, open, unread, notJudged } = comparison;
  const diff: DiffResults = {
    schemaVersion: '1.0',
    ...times,
    summary: countsOf(comparison),
    new: added,
    mended,
    gone,
    changed: changed.map((pair) => ({ differences: differences(pair), ...pair })),
    unread,
    notJudged,
    stillOpen: open.map(({ after }) => after.id),
  };
  return `${JSON.stringify(diff, null, 2)}\n`;
};

const countsOf = ({
  added,
  mended,
  gone,
  changed,
  open,
  unread,
  notJudged,
}: RunComparison): DiffResults['summary'] => ({
  new: added.length,
  mended: mended.length,
  gone: gone.length,
  changed: changed.length,
  unread: unread.length,
  notJudged: notJudged.length,
  stillOpen: open.length,
});

type Style = Parameters<typeof styleText>[0];

/** The output for a terminal: a line for each finding that changed. */
export const toDiffTable = (
  comparison: RunComparison,
  times: Times,
  { color }: { color: boolean },
): string => {
  const paint = (style: Style, text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const block = (heading: string, style: Style, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : [[paint(style, `${heading} (${lines.length})`), ...lines.map((line) => `  ${line}`)].join('\n')];
  const { added, mended, gone, changed, open, unread, notJudged } = comparison;
  const counts = countsOf(comparison);
  return `${[
    paint('gray', visibleText(`${times.before}  to  ${times.after}`)),
    ...block('New', ['bold', 'red'], added.map(lineOf)),
    ...block('Mended', ['bold', 'green'], mended.map(lineOf)),
    ...block('Gone', 'bold', gone.map(lineOf)),
    ...block(
      'Changed',
      ['bold', 'yellow'],
      changed.map((pair) => `${lineOf(pair.after)}: ${visibleText(differences(pair).join(', '))}`),
    ),
    ...block('Could not be read any more', ['bold', 'magenta'], unread.map(lineOf)),
    ...block(
      'Not judged any more',
      ['bold', 'magenta'],
      notJudged.map(({ finding, because }) => `${lineOf(finding)}: ${visibleText(because)}`),
    ),
    ...block(
      'Still open',
      'bold',
      open.map(({ after }) => lineOf(after)),
    ),
    `${counts.new} new, ${counts.mended} mended, ${counts.gone} gone, ${counts.changed} changed, ${counts.unread} unread, ${counts.notJudged} not judged, ${counts.stillOpen} still open`,
  ].join('\n\n')}\n`;
};

const LONGEST_NAME = 200;

const lineOf = ({ severity, control, resource, subject }: Finding): string => {
  const name = `${resourceName(resource.arn)}${subject === undefined ? '' : ` › ${subject}`}`;
  return visibleText(`${severity.padEnd(13)} ${control}  ${resource.type} ${cut(name, LONGEST_NAME)}`);
};
