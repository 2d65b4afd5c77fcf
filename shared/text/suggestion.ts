import leven from 'leven';

/** How many characters of a word from outside are compared, so that a hostile word costs no time. */
const MAX_WORD = 100;

/** A shorter word is the beginning of too many names to mean one of them. */
const SHORTEST_BEGINNING = 3;

/**
 * `; did you mean "…"?` where a name begins with the word, or differs from it in at most two letters (or a third of the
 * name’s letters). Else an empty text.
 */
export const suggestion = (word: string, names: readonly string[]): string => {
  const wanted = word.slice(0, MAX_WORD).toLowerCase();
  const near = names
    .map((name) => ({
      name,
      distance: leven(wanted, name.toLowerCase()),
      isBegun: word.length >= SHORTEST_BEGINNING && name.toLowerCase().startsWith(word.toLowerCase()),
    }))
    .filter(({ name, distance, isBegun }) => isBegun || distance <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => Number(b.isBegun) - Number(a.isBegun) || a.distance - b.distance)[0];
  return near ? `; did you mean ${JSON.stringify(near.name)}?` : '';
};
