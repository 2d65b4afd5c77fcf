import leven from 'leven';

/** A word that comes from outside is compared up to here, so that a hostile one costs no time. */
const MAX_WORD = 100;

/** Fewer letters begin too many names to mean one of them. */
const SHORTEST_BEGINNING = 3;

/**
 * `; did you mean "…"?` where one of the names begins with the word, or is at most two edits (or a third of the name) away.
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
