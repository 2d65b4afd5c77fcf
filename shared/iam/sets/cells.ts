import { DEAD, type Language } from './language.ts';

/** The texts of a universe that lie in the same sets, by the shortest of them. */
export type Cell = { inside: readonly boolean[]; witness: string };

declare const whole: unique symbol;

/**
 * Shows that a search saw a set as a whole. Only this module makes one, when a walk has come to its end: so no answer
 * that speaks of a whole set can be made of a search that was cut short.
 */
export type Proof = { readonly [whole]: true };

const SEEN = {} as Proof;

/** The cells of a universe; without a proof the search was cut short, and some may be missing. */
export type Cells = { cells: readonly Cell[]; proof: Proof | undefined };

/** Enough for the patterns of any real role; hostile ones end here, and the answer is that it is not known. */
const MAX_STATES = 20_000;

/**
 * Cuts a universe into cells, one for each combination of sets that a text of it can lie in: whatever is decided by
 * these sets alone is decided the same for all texts of a cell, so that to ask about its witness is to ask about all.
 * A breadth-first walk through the product of the automata.
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
      if (visited.size >= MAX_STATES) return { cells: [...cells.values()], proof: undefined };
      visited.set(key, { states, unit, before: step });
    }
  }
  return { cells: [...cells.values()], proof: SEEN };
};

/** A state that was reached, and from where. */
type ReachedState = { states: readonly number[]; unit?: number; before?: ReachedState };

const witnessOf = (step: ReachedState): string => {
  const units: number[] = [];
  for (let at: ReachedState | undefined = step; at?.unit !== undefined; at = at.before) units.push(at.unit);
  return units
    .reverse()
    .map((unit) => String.fromCharCode(unit))
    .join('');
};

/** What names are mostly made of comes first, so that witnesses look like names. */
const USUAL = 'xabcdefghijklmnopqrstuvwyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+=,';

/** Every unit that some set tells apart, and one that none does, which stands for all others. */
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
