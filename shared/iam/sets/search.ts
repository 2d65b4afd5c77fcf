import { type Classes, classOf, freshUnits, refined } from './alphabet.ts';
import { DEAD, type Language, type Runs } from './language.ts';
import type { WorkBudget } from './work-budget.ts';

declare const whole: unique symbol;

/**
 * Shows that a search saw a set as a whole. Only this module makes one, when a walk has come to its end: so no answer
 * that speaks of a whole set can be made of a search that was cut short.
 */
export type Proof = { readonly [whole]: true };

const SEEN = {} as Proof;

/** What a search found: texts, one for each axis; the proof that there are none; or that there was too much to do. */
export type Search =
  | { is: 'found'; texts: readonly string[] }
  | { is: 'empty'; proof: Proof }
  | { is: 'cut' };

/** Nothing lies in no set, nor where two patterns are seen to have nothing in common. */
export const EMPTY: Extract<Search, { is: 'empty' }> = { is: 'empty', proof: SEEN };

/** The sets in which the text of one axis must lie, all of them. */
export type Axis = readonly Runs[];

/** Sets of texts, by axis, in which the texts must not lie together; one that is left out is any text. */
export type Sets = readonly (Language | undefined)[];

/** A place in the search: how far the sets have been read, and the boxes that may still hold the texts. */
type SearchNode = {
  axis: number;
  states: readonly number[];
  /** The boxes that are not left yet, by their numbers in order, and the state of each; FREE where it takes any text. */
  boxes: readonly number[];
  inBoxes: readonly number[];
  /** At least so many units are missing. */
  rest: number;
  /** What was read since the place before; nothing where a new axis begins. */
  text: string;
  before?: SearchNode | undefined;
};

/** What one set takes to read a unit, in the steps that work is counted in. */
const STEP = 6;

/** What it takes to begin with an axis. */
const BEGIN = 300;

/** What it takes to look at a place. */
const LOOK = 30;

const FREE = -2;

/**
 * Texts that lie in the sets of each axis and together in none of the boxes; short ones, where that is easy. The walk
 * through the product of the automata takes first what is nearest to an end, and leaves out each place that another one
 * is at least as good as: it has read as far, and every box takes less from it. Such "antichains" keep the places few
 * where the product is large.
 * M. De Wulf, L. Doyen, T. Henzinger, J.-F. Raskin: Antichains: a new algorithm for checking universality of finite
 * automata (2006), https://doi.org/10.1007/11817963_5
 */
export const search = (axes: readonly Axis[], boxes: readonly Sets[], work: WorkBudget): Search => {
  const languageOf = (box: number, axis: number): Language | undefined => boxes[box]?.[axis];
  const classes = axes.map((axis, at) =>
    refined([
      ...axis.map((runs) => runs.classes),
      ...boxes.flatMap((box) => (box[at] ? [box[at].classes] : [])),
    ]),
  );
  /** How many units at least the axes behind one take. */
  const later = axes.map((_, at) =>
    axes.slice(at + 1).reduce(
      (sum, axis) =>
        sum +
        1 +
        restOf(
          axis,
          axis.map(({ start }) => start),
        ),
      0,
    ),
  );
  const isSure = (box: number, axis: number, state: number): boolean => {
    if (state !== FREE && !languageOf(box, axis)?.isFull(state)) return false;
    for (let next = axis + 1; next < axes.length; next++)
      if (languageOf(box, next) !== undefined) return false;
    return true;
  };
  /** The boxes that are not left; undefined where one of them is sure to hold whatever follows. */
  const inBoxes = (
    axis: number,
    open: readonly number[],
    stateOf: (box: number, at: number) => number,
  ): Pick<SearchNode, 'boxes' | 'inBoxes'> | undefined => {
    const after: { boxes: number[]; inBoxes: number[] } = { boxes: [], inBoxes: [] };
    for (let at = 0; at < open.length; at++) {
      const box = open[at] ?? 0;
      const state = stateOf(box, at);
      if (state === DEAD) continue;
      if (isSure(box, axis, state)) return undefined;
      after.boxes.push(box);
      after.inBoxes.push(state);
    }
    return after;
  };

  const near = queue<SearchNode>();
  const fronts = new Map<string, SearchNode[]>();
  /** Takes a place up, unless one that was taken up before is as good; false where there is no more work. */
  const take = (place: SearchNode): boolean => {
    const key = `${place.axis} ${place.states.join()}`;
    const front = fronts.get(key);
    for (const each of front ?? []) {
      const compared = compare(each, place, languageOf);
      if (!work.spend(1 + compared.boxes)) return false;
      if (compared.isBetter) return true;
    }
    if (front) front.push(place);
    else fronts.set(key, [place]);
    near.add(place, place.rest);
    return work.spend(2 + place.states.length + place.boxes.length);
  };
  /** Takes up the place where an axis begins, behind what all its texts begin with. */
  const enter = (axis: number, open: readonly number[], before?: SearchNode): boolean => {
    const runs = axes[axis] ?? [];
    const { text, states } = beginning(runs);
    if (!work.spend(BEGIN + (text.length + 1) * runs.length * STEP + open.length * (1 + text.length / 8)))
      return false;
    const after = inBoxes(axis, open, (box) => {
      const language = languageOf(box, axis);
      return language ? language.after(text) : FREE;
    });
    if (!after) return true;
    const begun: SearchNode = {
      ...{ axis, states: [], boxes: [], inBoxes: [], rest: 0, text: '' },
      before,
    };
    const rest = restOf(runs, states) + (later[axis] ?? 0);
    return take({ axis, states, ...after, rest, text, before: begun });
  };
  /** Takes up all places after one more unit. */
  const read = (place: SearchNode, unit: number): boolean => {
    const { axis, boxes: open, inBoxes: stateIn } = place;
    const runs = axes[axis] ?? [];
    let ways: number[][] = [[]];
    for (let at = 0; at < runs.length; at++) {
      const next = runs[at]?.steps(place.states[at] ?? DEAD, unit) ?? [];
      ways =
        next.length === 1
          ? extended(ways, next[0] ?? DEAD)
          : next.flatMap((state) => ways.map((way) => [...way, state]));
    }
    if (ways.length === 0) return true;
    const after = inBoxes(axis, open, (box, at) => {
      const state = stateIn[at] ?? DEAD;
      return state === FREE ? FREE : (languageOf(box, axis)?.step(state, unit) ?? DEAD);
    });
    if (!after) return true;
    return ways.every((states) =>
      take({
        axis,
        states,
        ...after,
        rest: restOf(runs, states) + (later[axis] ?? 0),
        text: String.fromCharCode(unit),
        before: place,
      }),
    );
  };
  /** The boxes that hold the text of the axis, if it ends here. */
  const holding = ({ axis, boxes: open, inBoxes: stateIn }: SearchNode): number[] =>
    open.filter((box, at) => {
      const state = stateIn[at] ?? DEAD;
      return state === FREE || languageOf(box, axis)?.accepts(state);
    });
  /**
   * The units that matter at a place. What a box alone tells apart need not be read where another unit of the same class
   * does as well for the sets, and leaves the boxes at least as far behind.
   */
  const unitsAt = ({ axis, states, boxes: open, inBoxes: stateIn }: SearchNode): Iterable<number> => {
    const wanted = new Set<number>();
    for (const [at, runs] of (axes[axis] ?? []).entries()) {
      const state = states[at] ?? DEAD;
      if (runs.isClosed(state)) return new Set(runs.listed(state));
      for (const unit of runs.listed(state)) wanted.add(unit);
    }
    const listed = new Set(wanted);
    for (const [at, box] of open.entries()) {
      const language = languageOf(box, axis);
      const state = stateIn[at] ?? DEAD;
      if (!language || state === FREE) continue;
      for (const unit of language.listed(state)) {
        listed.add(unit);
        if (!language.isListedMore) wanted.add(unit);
      }
    }
    return unitsFor(classes[axis] ?? [], wanted, listed);
  };
  const costOf = ({ axis, states, boxes: open, inBoxes: stateIn }: SearchNode): number => {
    let cost = 2 + states.length;
    for (let at = 0; at < open.length; at++)
      cost += languageOf(open[at] ?? 0, axis)?.cost(stateIn[at] ?? DEAD) ?? 1;
    return cost;
  };

  if (!enter(0, [...boxes.keys()])) return { is: 'cut' };
  for (let place = near.next(); place; place = near.next()) {
    const { axis, states } = place;
    if (!work.spend(LOOK)) return { is: 'cut' };
    if ((axes[axis] ?? []).every((runs, at) => runs.accepts(states[at] ?? DEAD))) {
      const open = holding(place);
      if (axis + 1 < axes.length) {
        if (!enter(axis + 1, open, place)) return { is: 'cut' };
      } else if (open.length === 0) return { is: 'found', texts: textsOf(place) };
    }
    const cost = costOf(place) * STEP;
    for (const unit of unitsAt(place)) if (!work.spend(cost) || !read(place, unit)) return { is: 'cut' };
  }
  return EMPTY;
};

const restOf = (axis: Axis, states: readonly number[]): number =>
  axis.reduce((sum, runs, at) => sum + runs.rest(states[at] ?? DEAD), 0);

const extended = (ways: number[][], state: number): number[][] => {
  for (const way of ways) way.push(state);
  return ways;
};

/** Those that are wanted, and of each class one that nothing lists; where all are listed, all of them. */
const unitsFor = (
  classes: Classes,
  wanted: ReadonlySet<number>,
  listed: ReadonlySet<number>,
): Iterable<number> => {
  const fresh = freshUnits(classes, listed);
  const told = new Set(fresh.map((unit) => classOf(classes, unit)));
  const others = [...listed].filter((unit) => !wanted.has(unit) && !told.has(classOf(classes, unit)));
  return [...fresh, ...wanted, ...others];
};

/** What all texts of an axis begin with, and the states behind it. */
const beginning = (axis: Axis): { text: string; states: number[] } => {
  let states = axis.map(({ start }) => start);
  let text = '';
  for (;;) {
    const closed = axis.findIndex((runs, at) => runs.isClosed(states[at] ?? DEAD));
    const [unit, ...others] = axis[closed]?.listed(states[closed] ?? DEAD) ?? [];
    if (unit === undefined || others.length > 0) return { text, states };
    const next = axis.map((runs, at) => runs.steps(states[at] ?? DEAD, unit));
    if (next.some((ways) => ways.length !== 1)) return { text, states };
    states = next.map(([state]) => state ?? DEAD);
    text += String.fromCharCode(unit);
  }
};

/** Whether the one is at least as good as the other, which has been read as far, and how many boxes it took to tell. */
const compare = (
  one: SearchNode,
  other: SearchNode,
  languageOf: (box: number, axis: number) => Language | undefined,
): { isBetter: boolean; boxes: number } => {
  if (one.boxes.length > other.boxes.length) return { isBetter: false, boxes: 0 };
  let at = 0;
  for (let index = 0; index < one.boxes.length; index++) {
    const box = one.boxes[index] ?? 0;
    while (at < other.boxes.length && (other.boxes[at] ?? 0) < box) at++;
    if (other.boxes[at] !== box) return { isBetter: false, boxes: at };
    const [mine, others] = [one.inBoxes[index] ?? DEAD, other.inBoxes[at] ?? DEAD];
    if (mine !== others && !languageOf(box, one.axis)?.isBelow(mine, others))
      return { isBetter: false, boxes: at };
  }
  return { isBetter: true, boxes: other.boxes.length };
};

/** What was added, the nearest first, and of those that are as near, the one that was added first. */
const queue = <T>(): { add: (one: T, distance: number) => void; next: () => T | undefined } => {
  // Most distances have no list: those of one search may lie thousands apart.
  const lists = new Map<number, { of: T[]; from: number }>();
  let nearest = Number.POSITIVE_INFINITY;
  return {
    add: (one, distance) => {
      const list = lists.get(distance);
      if (list) list.of.push(one);
      else lists.set(distance, { of: [one], from: 0 });
      nearest = Math.min(nearest, distance);
    },
    next: () => {
      while (lists.size > 0) {
        const list = lists.get(nearest);
        if (list && list.from < list.of.length) return list.of[list.from++];
        lists.delete(nearest);
        nearest++;
      }
      return undefined;
    },
  };
};

const textsOf = (last: SearchNode): string[] => {
  const texts: string[] = [''];
  for (let place: SearchNode | undefined = last; place; place = place.before) {
    texts[0] = place.text + texts[0];
    if (place.before && place.states.length === 0) texts.unshift('');
  }
  return texts;
};
