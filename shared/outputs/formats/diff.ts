import { styleText } from 'node:util';
import * as z from 'zod/mini';
import { type Finding, SEVERITIES } from '../../domain/finding.ts';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import { resourceName } from '../../domain/resource.ts';
import {
  differences,
  type FirstSeen,
  type NotJudged,
  type RunComparison,
} from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';
import { withoutOwnPlace } from './causes.ts';
import { type Labels, labelsOf } from './resource-label.ts';
import { countSchema, findingSchema, timeSchema } from './results-schema.ts';

/** When the two results were made, and what either of them does not say of its run. */
type Times = { before: string; after: string; notTold?: readonly string[] };

/** The output of `pipewarden diff --format json`, version 1.0. */
export type DiffResults = {
  schemaVersion: '1.0';
  before: string;
  after: string;
  summary: Record<
    'new' | 'firstSeen' | 'mended' | 'gone' | 'changed' | 'unread' | 'notJudged' | 'stillOpen',
    number
  >;
  notTold?: string[];
  new: Finding[];
  firstSeen: FirstSeen[];
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
    firstSeen: countSchema,
    mended: countSchema,
    gone: countSchema,
    changed: countSchema,
    unread: countSchema,
    notJudged: countSchema,
    stillOpen: countSchema.check(z.describe('Findings that say the same as before')),
  }),
  notTold: z.exactOptional(
    z.array(z.string()).check(z.describe('What the results do not say, so that nobody can compare it')),
  ),
  new: z
    .array(findingSchema)
    .check(z.describe('Not there before, or suppressed before and not suppressed now')),
  firstSeen: z
    .array(z.strictObject({ finding: findingSchema, because: z.string() }))
    .check(z.describe('Open now, and not looked at before, so that nobody knows whether they are new')),
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
export const toDiffJson = (comparison: RunComparison, { notTold = [], ...times }: Times): string => {
  const { added, firstSeen, mended, gone, changed, open, unread, notJudged } = comparison;
  const diff: DiffResults = {
    schemaVersion: '1.0',
    ...times,
    ...(notTold.length > 0 && { notTold: [...notTold] }),
    summary: countsOf(comparison),
    new: added,
    firstSeen,
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
  firstSeen,
  mended,
  gone,
  changed,
  open,
  unread,
  notJudged,
}: RunComparison): DiffResults['summary'] => ({
  new: added.length,
  firstSeen: firstSeen.length,
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
  { color, scopes }: { color: boolean; scopes?: readonly { account: string }[] },
): string => {
  const paint = (style: Style, text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const { added, firstSeen, mended, gone, changed, open, unread, notJudged } = comparison;
  const all = [
    ...[...added, ...mended, ...gone, ...unread],
    ...[...changed, ...open].map(({ after }) => after),
    ...[...notJudged, ...firstSeen].map(({ finding }) => finding),
  ];
  const labels = labelsOf(all, scopes);
  const block = (heading: string, style: Style, lines: readonly DiffLine[], textsOf = linesOf) =>
    lines.length === 0
      ? []
      : [
          [
            paint(style, `${heading} (${lines.length})`),
            ...textsOf(lines, labels).map((line) => `  ${line}`),
          ].join('\n'),
        ];
  const counts = countsOf(comparison);
  return `${[
    [`${times.before}  to  ${times.after}`, ...(times.notTold ?? [])]
      .map((line) => paint('gray', visibleText(line)))
      .join('\n'),
    ...block('New', ['bold', 'red'], added.map(plain)),
    ...block(
      'Not looked at before',
      ['bold', 'yellow'],
      firstSeen.map(({ finding, because }) => ({ finding, note: because })),
      notJudgedLines,
    ),
    ...block('Mended', ['bold', 'green'], mended.map(plain)),
    ...block('Gone', 'bold', gone.map(plain)),
    ...block(
      'Changed',
      ['bold', 'yellow'],
      changed.map((pair) => ({ finding: pair.after, note: differences(pair).join(', ') })),
    ),
    ...block('Could not be read any more', ['bold', 'magenta'], unread.map(plain)),
    ...block(
      'Not judged any more',
      ['bold', 'magenta'],
      notJudged.map(({ finding, because }) => ({ finding, note: because })),
      notJudgedLines,
    ),
    ...block(
      'Still open',
      'bold',
      open.map(({ after }) => plain(after)),
    ),
    `${counts.new} new, ${counts.firstSeen} not looked at before, ${counts.mended} mended, ${counts.gone} gone, ${counts.changed} changed, ${counts.unread} unread, ${counts.notJudged} not judged, ${counts.stillOpen} still open`,
  ].join('\n\n')}\n`;
};

const LONGEST_NAME = 200;
const MOST_PLACES = 5;

type DiffLine = { finding: Finding; note?: string };

const plain = (finding: Finding): DiffLine => ({ finding });

/** A line for each finding; for those that say the same of the same name in several accounts or Regions, one line. */
const linesOf = (lines: readonly DiffLine[], labels: Labels): string[] => {
  const keyed = lines.map((line, index) => ({ line, key: alikeKey(line) ?? String(index) }));
  return [...groupBy(keyed, ({ key }) => key).values()].flatMap(([first, ...others]) => {
    if (!first) return [];
    const { finding, note } = first.line;
    const { severity, control, resource, subject } = finding;
    const name = `${labels.of(finding)}${subject === undefined ? '' : ` › ${subject}`}`;
    const places = others.map(({ line }) => line.finding);
    const { word, text } = labels.others(finding, places, MOST_PLACES);
    const more = places.length === 0 ? '' : `; also ${word} ${text}`;
    const end = note === undefined ? '' : `: ${note}`;
    return visibleText(
      `${severity.padEnd(13)} ${control}  ${resource.type} ${cut(name, LONGEST_NAME)}${more}${end}`,
    );
  });
};

/** An account that was not judged is told once, and not once for each of its findings. */
const MOST_OF_ACCOUNT = 3;

const notJudgedLines = (lines: readonly DiffLine[], labels: Labels): string[] => {
  const groups = groupBy(lines, ({ finding, note = '' }) => {
    const { account } = finding;
    return account === undefined ? '' : JSON.stringify([account, withoutOwnPlace(note, finding)]);
  });
  return [...groups].flatMap(([key, of]) => {
    const [first] = of;
    if (!first || key === '' || of.length <= MOST_OF_ACCOUNT) return linesOf(of, labels);
    const counts = SEVERITIES.toReversed().flatMap((severity) => {
      const count = of.filter(({ finding }) => finding.severity === severity).length;
      return count === 0 ? [] : `${count} ${severity.toLowerCase()}`;
    });
    return visibleText(`${counts.join(', ')} in ${first.finding.account}: ${first.note}`);
  });
};

const alikeKey = ({ finding, note = '' }: DiffLine): string | undefined => {
  const { account, severity, control, resource, subject = null } = finding;
  return account === undefined
    ? undefined
    : JSON.stringify([
        severity,
        control,
        resource.type,
        resourceName(resource.arn),
        subject,
        withoutOwnPlace(note, finding),
      ]);
};
