import type { CompiledStatement } from '../decide/policy-index.ts';
import type { Factor, Formula, Leaf } from './formula.ts';
import { everyOf, someOf } from './language.ts';
import { areApartAtSight, isWithinAtSight, opaque, type Pattern } from './pattern.ts';
import { EMPTY, type Search, search } from './search.ts';
import type { WorkBudget } from './work-budget.ts';

/** A formula that is to hold, or is not to. */
export type Goal = { formula: Formula; holds: boolean };

/** What a search for texts that reach all goals found, and at which statement the work ended where it did. */
export type Solution = Search & { at?: CompiledStatement | undefined };

/** One way to reach what is wanted: a set in which an axis must lie, and further goals. */
type Option = { held?: Held; goals: readonly Goal[]; source?: CompiledStatement };

/** A set in which an axis must lie. */
type Held = { axis: number; pattern: Pattern };

/** Sets, by axis, in which the texts must not lie together; one that is left out is any text. */
export type Box = readonly (Pattern | undefined)[];

/** What is settled so far; all of it has been looked over. */
type Settled = {
  held: readonly Held[];
  boxes: readonly Box[];
  /** Of each, one way must be taken. */
  choices: readonly (readonly Option[])[];
  /** The first statement that was chosen, which is one that grants. */
  source: CompiledStatement | undefined;
};

/** Two patterns that are compared at sight cost so many steps. */
const SIGHT = 6;

/**
 * Texts of the axes for which all goals are reached. Statements are tried one by one, as one Allow is enough to grant: of
 * each it is seen first whether its patterns lie apart from what is asked, or within what denies them, which settles
 * nearly all; of the rest a walk through automata is made.
 */
export const solve = (
  axes: readonly (readonly Pattern[])[],
  goals: readonly Goal[],
  boxes: readonly Box[],
  work: WorkBudget,
): Solution => {
  const universe = axes.flatMap((patterns, axis) => patterns.map((pattern) => ({ axis, pattern })));
  return solveFrom({ held: [], boxes, choices: [], source: undefined }, universe, goals, axes.length, work);
};

const solveFrom = (
  from: Settled,
  added: readonly Held[],
  goals: readonly Goal[],
  axes: number,
  work: WorkBudget,
): Solution => {
  let settled = from;
  let held = [...added];
  let pending = [...goals];
  for (;;) {
    const more = reached(pending, axes);
    if (!more) return EMPTY;
    const seen = lookOver(settled, { ...more, held: [...held, ...more.held] }, work);
    if (seen === 'cut') return { is: 'cut', at: settled.source };
    if (seen === 'empty') return EMPTY;
    settled = seen;
    const single = settled.choices.find((options) => options.length === 1);
    const [option] = single ?? [];
    if (!option) break;
    settled = {
      ...settled,
      choices: settled.choices.filter((choice) => choice !== single),
      source: settled.source ?? option.source,
    };
    held = option.held ? [option.held] : [];
    pending = [...option.goals];
  }
  const [choice, ...choices] = settled.choices.toSorted((a, b) => a.length - b.length);
  if (!choice) return walk(settled, axes, work);
  let cut: Solution | undefined;
  for (const option of choice) {
    const source = settled.source ?? option.source;
    const found = solveFrom(
      { ...settled, choices, source },
      option.held ? [option.held] : [],
      option.goals,
      axes,
      work,
    );
    if (found.is === 'found') return found;
    if (found.is === 'cut') cut ??= found;
  }
  return cut ?? EMPTY;
};

const walk = ({ held, boxes, source }: Settled, axes: number, work: WorkBudget): Solution => {
  const near = boxes.filter((box) => !held.some(({ axis, pattern }) => isApart(box[axis], pattern)));
  const found = search(
    Array.from({ length: axes }, (_, at) =>
      held.flatMap(({ axis, pattern }) => (axis === at ? pattern.runs() : [])),
    ),
    near.map((box) => box.map((pattern) => pattern?.language())),
    work,
  );
  return found.is === 'cut' ? { ...found, at: source } : found;
};

const isApart = (one: Pattern | undefined, other: Pattern): boolean =>
  one !== undefined && areApartAtSight(one, other);

/** What goals come to: sets, boxes and choices; undefined where one of them cannot be reached. */
const reached = (
  goals: readonly Goal[],
  axes: number,
): Pick<Settled, 'held' | 'boxes' | 'choices'> | undefined => {
  const held: Held[] = [];
  const boxes: Box[] = [];
  const choices: Option[][] = [];
  const pending = [...goals];
  for (let goal = pending.pop(); goal; goal = pending.pop()) {
    const { formula, holds } = goal;
    switch (formula.is) {
      case 'yes':
        if (!holds) return undefined;
        break;
      case 'no':
        if (holds) return undefined;
        break;
      case 'every':
      case 'some':
        if ((formula.is === 'every') === holds)
          pending.push(...formula.of.map((of) => ({ formula: of, holds })));
        else choices.push(waysOf(formula, holds));
        break;
      case 'leaf': {
        const { factors, source } = formula;
        if (holds)
          for (const { axis, patterns, isNot } of factors) {
            if (isNot) boxes.push(...patterns.map((pattern) => boxAt(axis, pattern, axes)));
            else choices.push(patterns.map((pattern) => ({ held: { axis, pattern }, goals: [], source })));
          }
        else if (factors.some(({ isNot }) => isNot)) choices.push(exceptions(formula));
        else boxes.push(...boxesOf(factors, axes));
        break;
      }
    }
  }
  return { held, boxes, choices };
};

/** The ways in which a formula can hold, or not hold, of which one part is enough. */
const waysOf = (formula: Formula, holds: boolean): Option[] => {
  switch (formula.is) {
    case 'yes':
    case 'no':
      return (formula.is === 'yes') === holds ? [{ goals: [] }] : [];
    case 'every':
    case 'some':
      return (formula.is === 'some') === holds
        ? formula.of.flatMap((of) => waysOf(of, holds))
        : [{ goals: [{ formula, holds }] }];
    case 'leaf': {
      const { factors, source } = formula;
      const first = holds ? factors.find(({ isNot }) => !isNot) : undefined;
      if (!first) return [{ goals: [{ formula, holds }], source }];
      const rest = factors.filter((factor) => factor !== first);
      const goals = rest.length > 0 ? [{ formula: { ...formula, factors: rest }, holds }] : [];
      return first.patterns.map((pattern) => ({ held: { axis: first.axis, pattern }, goals, source }));
    }
  }
};

/** The ways not to lie in a statement that leaves something out: within that, or beside its other factors. */
const exceptions = (leaf: Leaf): Option[] => {
  const others = leaf.factors.filter(({ isNot }) => !isNot);
  const inside = leaf.factors
    .filter(({ isNot }) => isNot)
    .flatMap(({ axis, patterns }) =>
      patterns.map((pattern): Option => ({ held: { axis, pattern }, goals: [] })),
    );
  const beside: Option = { goals: [{ formula: { ...leaf, factors: others }, holds: false }] };
  return others.length > 0 ? [...inside, beside] : inside;
};

/** The box of all texts of which one axis lies in a set. */
export const boxAt = (axis: number, pattern: Pattern, axes: number): Box =>
  axes === 1 ? [pattern] : Array.from({ length: axes }, (_, at) => (at === axis ? pattern : undefined));

/** The boxes that make up a statement: one for each pattern of its last factor, the resource. */
const boxesOf = (factors: readonly Factor[], axes: number): Box[] => {
  const [last, ...rest] = factors.toReversed();
  if (!last) return [new Array<undefined>(axes).fill(undefined)];
  return last.patterns.map((pattern) =>
    rest.reduce(
      (box: Box, { axis, patterns }) => box.with(axis, intersection(box[axis], unionOf(patterns))),
      boxAt(last.axis, pattern, axes),
    ),
  );
};

const unionOf = (patterns: readonly Pattern[]): Pattern => {
  const [only] = patterns;
  return only && patterns.length === 1
    ? only
    : opaque(() => someOf(patterns.map(({ language }) => language())));
};

const intersection = (one: Pattern | undefined, other: Pattern): Pattern =>
  one ? opaque(() => everyOf([one.language(), other.language()])) : other;

/**
 * What was settled together with more: whether that is seen to be impossible, and the choices that are left. What is
 * added is compared with all, what was there before with what is added alone.
 */
const lookOver = (
  before: Settled,
  more: Pick<Settled, 'held' | 'boxes' | 'choices'>,
  work: WorkBudget,
): Settled | 'empty' | 'cut' => {
  const held = [...before.held, ...more.held];
  const boxes = [...before.boxes, ...more.boxes];
  const pairs =
    more.held.length * (held.length + before.boxes.length) +
    more.boxes.length * held.length +
    sizeOf(before.choices) * more.held.length +
    sizeOf(more.choices) * held.length;
  if (!work.spend(1 + pairs * SIGHT)) return 'cut';
  const apart = more.held.some((one) =>
    held.some((other) => other.axis === one.axis && areApartAtSight(one.pattern, other.pattern)),
  );
  const isHeld = (pattern: Pattern | undefined, axis: number): boolean =>
    pattern === undefined ||
    held.some((each) => each.axis === axis && isWithinAtSight(each.pattern, pattern));
  const holdsAll = (box: Box): boolean => box.every(isHeld);
  const mayHold = (box: Box): boolean =>
    more.held.some(({ axis, pattern }) => {
      const of = box[axis];
      return of !== undefined && isWithinAtSight(pattern, of);
    });
  if (apart || more.boxes.some(holdsAll) || before.boxes.some((box) => mayHold(box) && holdsAll(box)))
    return 'empty';
  const choices: (readonly Option[])[] = [];
  for (const [options, beside] of [
    ...before.choices.map((choice) => [choice, more.held] as const),
    ...more.choices.map((choice) => [choice, held] as const),
  ]) {
    const left = options.filter(({ held: wanted }) => !wanted || !isApartFrom(wanted, beside));
    if (left.length === 0) return 'empty';
    if (!left.some((option) => isReached(option, beside))) choices.push(left);
  }
  return { held, boxes, choices, source: before.source };
};

const sizeOf = (choices: readonly (readonly Option[])[]): number =>
  choices.reduce((sum, { length }) => sum + length, 0);

const isApartFrom = ({ axis, pattern }: Held, held: readonly Held[]): boolean =>
  held.some((other) => other.axis === axis && areApartAtSight(pattern, other.pattern));

/** Whether nothing has to be done for it. */
const isReached = ({ held: wanted, goals }: Option, held: readonly Held[]): boolean =>
  goals.length === 0 &&
  (!wanted ||
    held.some(({ axis, pattern }) => axis === wanted.axis && isWithinAtSight(pattern, wanted.pattern)));
