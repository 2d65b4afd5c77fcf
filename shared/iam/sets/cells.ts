import { DEAD, type Language } from './language.ts';

/** All texts of a universe that lie in the same sets. `witness` is the shortest of them. */
export type Cell = { inside: readonly boolean[]; witness: string };

declare const whole: unique symbol;

/**
 * Says that no cell is missing. Only this module says so, at the end of a complete walk, so a walk that was cut short
 * can never answer for the whole universe.
 */
type AllCells = { readonly [whole]: true };

const ALL_CELLS = {} as AllCells;

/** The cells of a universe. Without `all` the walk was cut short, and cells may be missing. */
export type Cells = { cells: readonly Cell[]; all: AllCells | undefined };

/** Enough for the patterns of any real role. Hostile patterns exceed it, and the answer is then unknown. */
const MAX_STATES = 20_000;

/**
 * Divides a universe into cells, one for each combination of sets that its texts can lie in. A decision that depends
 * only on these sets is the same for all texts of a cell, so deciding the witness decides them all. The cells are
 * found by a breadth-first walk through the product of the automata.
 */
export const cellsOf = (universe: Language, languages: readonly Language[]): Cells => {
  const all = [universe, ...languages];
  const alphabet = alphabetOf(all);
  const start = all.map((language) => language.start);
  const visited = new Map<string, ReachedState>([[start.join(), { states: start }]]);
  const cells = new Map<string, Cell>();
  for (const step of visited.values()) {
    if (universe.accepts(step.states[0] ?? DEAD)) {
      const inside = languages.map((language, at) => language.accepts(step.states[at + 1] ?? DEAD));
      const key = inside.map(Number).join('');
      if (!cells.has(key)) cells.set(key, { inside, witness: witnessOf(step) });
    }
    for (const unit of alphabet) {
      const first = universe.step(step.states[0] ?? DEAD, unit);
      if (first === DEAD) continue;
      const states = all.map((language, at) =>
        at === 0 ? first : language.step(step.states[at] ?? DEAD, unit),
      );
      const key = states.join();
      if (visited.has(key)) continue;
      if (visited.size >= MAX_STATES) return { cells: [...cells.values()], all: undefined };
      visited.set(key, { states, unit, before: step });
    }
  }
  return { cells: [...cells.values()], all: ALL_CELLS };
};

/** A state that was reached, and the state before it. */
type ReachedState = { states: readonly number[]; unit?: number; before?: ReachedState };

const witnessOf = (step: ReachedState): string => {
  const units: number[] = [];
  for (let at: ReachedState | undefined = step; at?.unit !== undefined; at = at.before) units.push(at.unit);
  return units
    .reverse()
    .map((unit) => String.fromCharCode(unit))
    .join('');
};

/** Usual characters of names come first, so that witnesses look like names. */
const USUAL = 'xabcdefghijklmnopqrstuvwyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+=,';

/** Every unit that some set distinguishes, and one further unit, which stands for all others. */
const alphabetOf = (languages: readonly Language[]): number[] => {
  const special = new Set(languages.flatMap((language) => [...language.units]));
  const usual = Array.from(USUAL, (character) => character.charCodeAt(0));
  const other = usual.find((unit) => !special.has(unit)) ?? firstOutside(special);
  const rank = (unit: number): number => (usual.indexOf(unit) + usual.length + 1) % (usual.length + 1);
  return [...special, other].toSorted((a, b) => rank(a) - rank(b) || a - b);
};

const firstOutside = (units: ReadonlySet<number>): number => {
  let unit = 33;
  while (units.has(unit)) unit++;
  return unit;
};
