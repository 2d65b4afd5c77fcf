import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../shared/domain/finding.ts';
import type { Account } from './account.ts';
import { BASE } from './base.ts';
import { cleanAccount, pipelineName, type Source } from './clean-account.ts';
import { inTwoRegions, lostElsewhere } from './elsewhere.ts';
import { eventPath } from './event-path.ts';
import { eventsBetween } from './events.ts';
import { happenings } from './happenings.ts';
import { judge } from './judge.ts';
import { type Mutation, mutations } from './mutations.ts';
import { pasted } from './paste.ts';

/**
 * The corpus: clean accounts have no findings, each mutation has exactly the expected ones, pasting each remedy mends
 * it, and events lead to the same verdicts, which end when the mutation is undone. `npm run corpus` prints the table.
 */

/** The outcome of one account or mutation. */
export type Outcome = {
  name: string;
  group: string;
  missed: string[];
  extra: string[];
  /** The number of pasted patches, and what they failed to do. */
  patches: number;
  unmended: string[];
  /** Differences by events, or after the mutation is undone; undefined if no event reports the change. */
  byEvents?: string[];
  /** Differences between the live account and its snapshot; undefined if the account was not read live. */
  live?: string[];
};

/** Compares an account that is read live with its snapshot. */
export type JudgeLive = (account: Account) => Promise<string[]>;

const controlsOf = (findings: Iterable<Finding>): string[] =>
  [...new Set([...findings].map(({ control }) => control))].sort();

const difference = (one: readonly string[], other: readonly string[]): string[] =>
  one.filter((each) => !other.includes(each));

/** Checks that a clean account has no findings. */
export const judgeClean = async (source: Source, group: string): Promise<Outcome> => {
  const findings = await judge(cleanAccount([source]));
  return { name: source.name, group, missed: [], extra: findings.map(said), patches: 0, unmended: [] };
};

/** Breaks one thing and checks the findings. */
export const judgeMutation = async (
  base: Account,
  mutation: Mutation,
  judgeLive?: JudgeLive,
): Promise<Outcome> => {
  const { name, expects, change, files } = mutation;
  const account = structuredClone(base);
  change(account);
  const findings = await judge(account, { files });
  const got = controlsOf(findings);
  const unmended = files ? [] : await unmendedBy(account, findings);
  const byEvents = files ? undefined : await differencesByEvents(base, account, findings);
  const live = files || !judgeLive ? undefined : await judgeLive(account);
  return {
    name,
    group: expects.length === 1 ? (expects[0] ?? '') : 'several',
    missed: difference(expects, got),
    extra: difference(got, expects),
    patches: findings.filter(({ remediation }) => remediation.patch !== undefined).length,
    unmended,
    ...(byEvents && { byEvents }),
    ...(live && { live }),
  };
};

const said = ({ control, status, resource, subject }: Finding): string =>
  `${control} ${status} ${resource.arn}${subject === undefined ? '' : ` ${subject}`}`;

/** Each patch must end its finding, cause no new one, and take nothing from copies of the pipelines in another Region. */
const unmendedBy = async (account: Account, findings: readonly Finding[]): Promise<string[]> => {
  const before = new Map(findings.map((finding) => [finding.id, finding]));
  const problems: string[] = [];
  for (const finding of findings.filter(({ remediation }) => remediation.patch !== undefined)) {
    const mended = pasted(account, finding);
    for (const lost of lostElsewhere(account, pasted(inTwoRegions(account), finding)))
      problems.push(`${said(finding)} mended takes something from another Region: ${lost}`);
    const after = await judge(mended);
    const stays = after.find(({ id }) => id === finding.id);
    if (stays && (stays.status === finding.status || stays.status === 'FAILED'))
      problems.push(`${said(finding)} stays`);
    for (const each of after)
      if (!before.has(each.id)) problems.push(`${said(finding)} mended brings ${said(each)}`);
  }
  return problems;
};

/** Differences when the audit function gets the events of the change, and then of its undoing. */
const differencesByEvents = async (
  base: Account,
  account: Account,
  findings: readonly Finding[],
): Promise<string[] | undefined> => {
  const events = eventsBetween(base, account);
  const undone = eventsBetween(account, base);
  if (!events || !undone) return undefined;
  const path = eventPath();
  await path.handle(account, events);
  const [told, expected] = [[...path.known.values()].map(said).sort(), findings.map(said).sort()];
  await path.handle(base, undone);
  return [
    ...difference(expected, told).map((each) => `not told by events: ${each}`),
    ...difference(told, expected).map((each) => `told by events only: ${each}`),
    ...[...path.known.values()].map((finding) => `open when undone: ${said(finding)}`),
  ];
};

/** Judges what happens in an account (executions, jobs), which only events report. */
export const judgeHappenings = async (base: Account): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const { name, expects, event, before, change } of happenings()) {
    const path = eventPath();
    const account = structuredClone(base);
    change?.(account);
    if (before) await path.handle(account, [before]);
    await path.handle(account, [event]);
    const got = controlsOf(path.known.values());
    outcomes.push({
      name,
      group: 'events',
      missed: difference(expects, got),
      extra: difference(got, expects),
      patches: 0,
      unmended: [],
      byEvents: [],
    });
  }
  return outcomes;
};

/** The published definitions beside the project, if they exist. */
export const publishedDefinitions = (
  folder = join(import.meta.dirname, '../../../shared/cases/pipelines'),
): Source[] => {
  const list = (path: string): string[] => {
    try {
      return readdirSync(path).filter((file) => file.endsWith('.json'));
    } catch {
      return [];
    }
  };
  return ['real', 'generated'].flatMap((kind) =>
    list(join(folder, kind)).map((file) => ({
      name: pipelineName(file.replace(/\.json$/, '')),
      definitionText: readFileSync(join(folder, kind, file), 'utf8'),
    })),
  );
};

export const isRight = ({ missed, extra, unmended, byEvents = [], live = [] }: Outcome): boolean =>
  [missed, extra, unmended, byEvents, live].every((problems) => problems.length === 0);

/** Everything that can be judged without other programs. */
export const runCorpus = async (
  more: readonly { source: Source; group: string }[] = [],
  onOutcome: (outcome: Outcome) => void = () => {},
  judgeLive?: JudgeLive,
): Promise<Outcome[]> => {
  const base = cleanAccount(BASE);
  const outcomes: Outcome[] = [];
  const add = (outcome: Outcome): void => {
    outcomes.push(outcome);
    onOutcome(outcome);
  };
  const clean = await judge(base);
  add({
    name: 'the base account',
    group: 'clean',
    missed: [],
    extra: clean.map(said),
    patches: 0,
    unmended: [],
  });
  for (const source of publishedDefinitions()) add(await judgeClean(source, 'clean: published'));
  for (const { source, group } of more) add(await judgeClean(source, group));
  for (const mutation of mutations(base)) add(await judgeMutation(base, mutation, judgeLive));
  for (const outcome of await judgeHappenings(base)) add(outcome);
  return outcomes;
};

/** The outcomes as a table with a line for each control, then the problems, then a line with the totals. */
export const tableOf = (outcomes: readonly Outcome[]): string => {
  const groups = [...new Set(outcomes.map(({ group }) => group))];
  const sum = (of: readonly Outcome[], count: (outcome: Outcome) => number): number =>
    of.reduce((total, each) => total + count(each), 0);
  const row = (name: string, of: readonly Outcome[]): string =>
    [
      name.padEnd(34),
      of.length,
      of.filter(({ missed }) => missed.length === 0).length,
      sum(of, ({ missed }) => missed.length),
      sum(of, ({ extra }) => extra.length),
      sum(of, ({ patches }) => patches),
      sum(of, ({ unmended }) => unmended.length),
      of.filter(({ byEvents }) => byEvents !== undefined).length,
      sum(of, ({ byEvents }) => byEvents?.length ?? 0),
      of.filter(({ live }) => live !== undefined).length,
      sum(of, ({ live }) => live?.length ?? 0),
    ]
      .map((cell, column) => (column === 0 ? cell : String(cell).padStart(9)))
      .join('');
  const head = [
    '',
    'cases',
    'caught',
    'missed',
    'extra',
    'patches',
    'unmended',
    'by event',
    'differ',
    'live',
    'differ',
  ];
  const wrong = outcomes
    .filter((outcome) => !isRight(outcome))
    .flatMap(({ name, missed, extra, unmended, byEvents = [], live = [] }) => [
      `✗ ${name}`,
      ...missed.map((each) => `    missed: ${each}`),
      ...extra.map((each) => `    extra: ${each}`),
      ...unmended.map((each) => `    remedy: ${each}`),
      ...[...byEvents, ...live].map((each) => `    ${each}`),
    ]);
  return [
    head.map((cell, column) => (column === 0 ? cell.padEnd(34) : cell.padStart(9))).join(''),
    ...groups.map((group) =>
      row(
        group,
        outcomes.filter((outcome) => outcome.group === group),
      ),
    ),
    row('all', outcomes),
    ...wrong,
    `${outcomes.filter(isRight).length} right, ${outcomes.filter((outcome) => !isRight(outcome)).length} wrong`,
  ].join('\n');
};
