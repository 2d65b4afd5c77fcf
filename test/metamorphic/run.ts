import fc from 'fast-check';
import { randomOf } from '../differential/generate.ts';
import type { AccountSource } from './accounts.ts';
import {
  type Change,
  changed,
  kindOfChange,
  neutralChange,
  oneSidedChange,
  pinprickChange,
  placeOf,
  shownChange,
} from './changes.ts';
import { type Kind, quietedOf, type Violation, violationsOf } from './relations.ts';
import { type Subject, subjectsOf } from './subjects.ts';
import type { Place } from './vocabulary.ts';

/** A violation with the smallest change that shows it. */
export type Found = Violation & {
  number: number;
  account: string;
  arn: string;
  change: Change;
  /** What makes two of them the same kind. */
  kind: string;
  isShrunk: boolean;
};

/** What came of some cases. */
export type Outcome = {
  cases: number;
  found: Found[];
  /** Neutral changes of at most 12 statements, and how many verdicts of PASSED they were tried on and made unknown. */
  quiet: { passed: number; lost: number; byControl: Map<string, number> };
  slowest: { number: number; ms: number }[];
};

/** The principals of all accounts; of accounts that were broken in one place, those whose verdicts are other than before. */
export const allSubjects = async (sources: readonly AccountSource[]): Promise<Subject[]> => {
  const seen = new Set<string>();
  const subjects: Subject[] = [];
  for (const source of sources)
    for (const subject of await subjectsOf(source)) {
      const key = JSON.stringify([
        subject.arn,
        [...subject.before],
        source.name.startsWith('corpus: around'),
      ]);
      if (source.name.startsWith('corpus') && seen.has(key)) continue;
      seen.add(key);
      subjects.push(subject);
    }
  return subjects;
};

const isOpen = ({ before }: Subject): boolean =>
  [...before.values()].some(({ status }) => ['FAILED', 'WARNING', 'NOT_AVAILABLE'].includes(status));

type Case = { subject: Subject; changes: fc.Arbitrary<Change>; kind: Kind['is'] };

const known = new WeakMap<Subject, Record<string, fc.Arbitrary<Change>>>();

/** The arbitraries of a subject are made once. */
const changesFor = (subject: Subject, which: Which): fc.Arbitrary<Change> => {
  const made = known.get(subject) ?? {};
  known.set(subject, made);
  made[which] ??= makeChanges(placeOf(subject), which);
  return made[which];
};

type Which = 'neutral' | 'pinprick' | 'Allow' | 'Deny';

const makeChanges = (place: Place, which: Which): fc.Arbitrary<Change> => {
  switch (which) {
    case 'neutral':
      return neutralChange(place);
    case 'pinprick':
      return pinprickChange(place);
    case 'Allow':
    case 'Deny':
      return oneSidedChange(place, which);
  }
};

const caseOf = (subjects: Pools, seed: number, number: number): Case => {
  const random = randomOf(seed * 1_000_003 + number);
  const pool = subjects.open.length > 0 && random.chance(0.6) ? subjects.open : subjects.all;
  const subject = random.pick(pool);
  const which = random.chance(0.7)
    ? 'neutral'
    : random.pick<Which>(['pinprick', 'pinprick', 'Deny', 'Deny', 'Allow']);
  const kind = which === 'Allow' || which === 'Deny' ? 'real' : which;
  return { subject, changes: changesFor(subject, which), kind };
};

type Pools = { all: readonly Subject[]; open: readonly Subject[] };

const WORST: readonly Violation['relation'][] = ['hidden', 'worse', 'milder', 'alarm'];

/** So many changes are tried to find a smaller one, and for so long (milliseconds of CPU). */
const MAX_SHRINKS = 400;
const MAX_SHRINK_MS = 2_000;

/** The change without each part that the violation does not need. */
const reduced = async (change: Change, isSame: (change: Change) => Promise<boolean>): Promise<Change> => {
  let smallest = change;
  for (let at = change.steps.length - 1; at >= 0; at--) {
    const tried = { ...smallest, steps: smallest.steps.toSpliced(at, 1) };
    if (await isSame(tried)) smallest = tried;
  }
  for (let index = change.additions.length - 1; index >= 0; index--) {
    const without = { ...smallest, additions: smallest.additions.toSpliced(index, 1) };
    if (await isSame(without)) {
      smallest = without;
      continue;
    }
    for (let size = 16; size >= 1; size = Math.floor(size / 2))
      for (let at = (smallest.additions[index]?.statements.length ?? 0) - size; at >= 0; at -= size) {
        const additions = smallest.additions.map((each, place) =>
          place === index ? { ...each, statements: each.statements.toSpliced(at, size) } : each,
        );
        if (await isSame({ ...smallest, additions })) smallest = { ...smallest, additions };
      }
  }
  return smallest;
};

const effectsOf = ({ additions }: Change): Set<'Allow' | 'Deny'> =>
  new Set(
    additions.flatMap(({ statements }) =>
      statements.map(({ statement }) => (statement.Effect === 'Deny' ? 'Deny' : 'Allow')),
    ),
  );

/** Of each kind so many are made small; the others are counted. */
const SHRUNK_PER_KIND = { hidden: 12, worse: 6, milder: 3, alarm: 2 };

const roughKind = ({ relation, control, before, after }: Violation): string =>
  `${relation} ${control}: ${before} → ${after}`;

type Listeners = {
  onFound?: (found: Found) => void;
  /** With the CPU time that its first evaluation took. */
  onCase?: (number: number, ms: number) => void;
};

/** Runs cases by their numbers. */
export const runCases = async (
  all: readonly Subject[],
  seed: number,
  numbers: Iterable<number>,
  { onFound = () => {}, onCase = () => {} }: Listeners = {},
): Promise<Outcome> => {
  const pools: Pools = { all, open: all.filter(isOpen) };
  const outcome: Outcome = {
    cases: 0,
    found: [],
    quiet: { passed: 0, lost: 0, byControl: new Map() },
    slowest: [],
  };
  const counts = new Map<string, number>();
  for (const number of numbers) {
    const { subject, changes, kind } = caseOf(pools, seed, number);
    const judge = async (change: Change): Promise<{ violations: Violation[]; after: Subject['before'] }> => {
      const after = await subject.judge(changed(subject.held, change));
      return { violations: violationsOf(subject, after, { is: kind, effects: effectsOf(change) }), after };
    };
    let tries = 0;
    let first: Violation | undefined;
    let smallest: Change | undefined;
    let ms = 0;
    const started = process.cpuUsage();
    const spent = (): number => Math.round(process.cpuUsage(started).user / 1000);
    const isSpent = (): boolean => tries > MAX_SHRINKS || spent() > ms + MAX_SHRINK_MS;
    await fc.check(
      fc.asyncProperty(changes, async (change) => {
        if (tries++ > 0 && isSpent()) return true;
        const { violations, after } = await judge(change);
        if (tries === 1) {
          ms = spent();
          // The worst is shown: what is hidden comes before what is told and is not so.
          first = violations.toSorted((a, b) => WORST.indexOf(a.relation) - WORST.indexOf(b.relation))[0];
          if (kind === 'neutral' && sizeOf(change) <= 12) countQuiet(subject, after, outcome);
          smallest = change;
          return !first || (counts.get(roughKind(first)) ?? 0) >= SHRUNK_PER_KIND[first.relation];
        }
        const isSame = violations.some((each) => first && roughKind(each) === roughKind(first));
        if (isSame) smallest = change;
        return !isSame;
      }),
      { seed: (seed * 1_000_003 + number) | 0, numRuns: 1 },
    );
    outcome.cases++;
    onCase(number, ms);
    outcome.slowest = [...outcome.slowest, { number, ms }].toSorted((a, b) => b.ms - a.ms).slice(0, 10);
    if (!first || !smallest) continue;
    const rough = roughKind(first);
    counts.set(rough, (counts.get(rough) ?? 0) + 1);
    const isShrunk = tries > 1;
    const [wanted, until] = [rough, spent() + MAX_SHRINK_MS];
    if (isShrunk)
      smallest = await reduced(smallest, async (change) => {
        if (spent() > until) return false;
        const { violations } = await judge(change);
        return violations.some((each) => roughKind(each) === wanted);
      });
    const found: Found = {
      ...first,
      number,
      account: subject.account,
      arn: subject.arn,
      change: smallest,
      kind: isShrunk ? `${rough} | ${kind} ${kindOfChange(smallest)}` : rough,
      isShrunk,
    };
    outcome.found.push(found);
    onFound(found);
  }
  return outcome;
};

const sizeOf = ({ additions, steps }: Change): number =>
  steps.length + additions.reduce((sum, { statements }) => sum + statements.length, 0);

const countQuiet = (subject: Subject, after: Subject['before'], { quiet }: Outcome): void => {
  const passed = [...subject.before].filter(
    ([control, { status }]) => status === 'PASSED' && control !== 'evidence-readable',
  );
  quiet.passed += passed.length;
  for (const { control, before } of quietedOf(subject, after)) {
    if (before !== 'PASSED') continue;
    quiet.lost++;
    quiet.byControl.set(control, (quiet.byControl.get(control) ?? 0) + 1);
  }
};

/** A finding as it can be read, and how it is run again. */
export const shownFound = (found: Found, seed: number): string => {
  const { relation, control, before, after, account, arn, change, number } = found;
  return [
    `${relation}: ${control} ${before} → ${after} on ${arn} of ${account} (CASE=${number} SEED=${seed})`,
    ...shownChange(change)
      .split('\n')
      .map((line) => `    ${line}`),
  ].join('\n');
};
