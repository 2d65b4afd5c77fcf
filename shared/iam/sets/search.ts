import { type Classes, classOf, freshUnits, refined } from './alphabet.ts';
import { DEAD, type Language, type Runs } from './language.ts';
import type { WorkBudget } from './work-budget.ts';

declare const whole: unique symbol;

/**
 * Proves that a search covered a whole set. Only this module makes a proof, at the end of a complete walk, so a
 * search that was cut short can never answer for the whole set.
 */
export type Proof = { readonly [whole]: true };

const SEEN = {} as Proof;

/** The result of a search: one text for each axis, a proof that there are none, or that the work ran out. */
export type Search =
  | { is: 'found'; texts: readonly string[] }
  | { is: 'empty'; proof: Proof }
  | { is: 'cut' };

/** The proof for an empty set, and for patterns that have nothing in common. */
export const EMPTY: Extract<Search, { is: 'empty' }> = { is: 'empty', proof: SEEN };

/** The sets in all of which the text of an axis must lie. */
export type Axis = readonly Runs[];

/** A box: sets of texts, by axis, in which the texts must not lie all together. An absent set stands for any text. */
export type Sets = readonly (Language | undefined)[];

/** A node of the search: how far the sets have been read, and the boxes that may still contain the texts. */
type SearchNode = {
  axis: number;
  states: readonly number[];
  /**
   * The boxes that may still contain the texts, by their numbers in order, with their states; FREE for a box that
   * accepts any text here.
   */
  boxes: readonly number[];
  inBoxes: readonly number[];
  /** The least number of units that are still missing. */
  rest: number;
  /** The text read since the previous node; empty where a new axis begins. */
  text: string;
  before?: SearchNode | undefined;
};

/** The work of reading one unit in one set, in steps. */
const STEP = 6;

/** The steps of starting a search on one axis. */
const BEGIN = 300;

/** The steps of visiting one node. */
const LOOK = 30;

const FREE = -2;

/**
 * Finds texts that lie in all sets of their axes and not together in any box; short texts where that is easy. The
 * walk through the product of the automata prefers nodes near an end. It drops a node if another node is at least as
 * good: it has read as far, and every box accepts less from it. Such antichains keep the nodes few where the product
 * is large.
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
  /** The least number of units in the axes after each axis. */
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
  /** The boxes that are still open; undefined if a box is sure to contain the texts whatever follows. */
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
  /** Adds a node, unless an earlier node is at least as good. False if the work ran out. */
  const take = (place: SearchNode): boolean => {
    const key = `${place.axis} ${place.states.join()}`;
    const front = fronts.get(key);
    for (let at = 0; front && at < front.length; at++) {
      const compared = compare(front[at] ?? place, place, languageOf);
      if (!work.spend(1 + compared.boxes)) return false;
      if (compared.isBetter) return true;
    }
    if (front) front.push(place);
    else fronts.set(key, [place]);
    near.add(place, place.rest);
    return work.spend(2 + place.states.length + place.boxes.length);
  };
  /** Adds the node at which an axis begins, after the fixed beginning of all its texts. */
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
  /** Adds all nodes after one more unit. */
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
  /** The boxes that contain the axis's text, if it ends here. */
  const holding = ({ axis, boxes: open, inBoxes: stateIn }: SearchNode): number[] =>
    open.filter((box, at) => {
      const state = stateIn[at] ?? DEAD;
      return state === FREE || languageOf(box, axis)?.accepts(state);
    });
  /**
   * The units that must be tried at a node. A unit that only a box distinguishes need not be tried, if another unit
   * of the same class is as good for the sets and leaves the boxes at least as far behind.
   */
  const unitsAt = ({ axis, states, boxes: open, inBoxes: stateIn }: SearchNode): Iterable<number> => {
    const wanted = new Set<number>();
    const all = axes[axis] ?? [];
    for (let at = 0; at < all.length; at++) {
      const state = states[at] ?? DEAD;
      const units = all[at]?.listed(state) ?? [];
      if (all[at]?.isClosed(state)) return units.length > 1 ? new Set(units) : units;
      addAll(wanted, units);
    }
    const listed = new Set(wanted);
    for (let at = 0; at < open.length; at++) {
      const language = languageOf(open[at] ?? 0, axis);
      const state = stateIn[at] ?? DEAD;
      if (!language || state === FREE) continue;
      addAll(listed, language.listed(state));
      if (!language.isListedMore) addAll(wanted, language.listed(state));
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

/** A loop by index: functions run without an optimising compiler, where each step of an iterator makes an object. */
const addAll = (to: Set<number>, units: readonly number[]): void => {
  for (let at = 0; at < units.length; at++) to.add(units[at] ?? 0);
};

const extended = (ways: number[][], state: number): number[][] => {
  for (let at = 0; at < ways.length; at++) ways[at]?.push(state);
  return ways;
};

/** The wanted units, and one unlisted unit of each class; for a class whose units are all listed, all of them. */
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

/** The fixed beginning of all texts of an axis, and the states after it. */
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

/** Whether a node is at least as good as another that has been read as far, and how many boxes were compared. */
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

/** A queue that returns the nearest first, and equals in the order in which they were added. */
const queue = <T>(): { add: (one: T, distance: number) => void; next: () => T | undefined } => {
  // A map, because most distances have no list: the distances of one search may lie thousands apart.
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
