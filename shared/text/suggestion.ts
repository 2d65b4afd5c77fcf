import leven from 'leven';

/** How many characters of a word from outside are compared, so that a hostile word costs no time. */
const MAX_WORD = 100;

/** With how many names a word is compared: the names are from outside as well. */
const MAX_NAMES = 2000;

/** A shorter word is the beginning of too many names to mean one of them. */
const SHORTEST_BEGINNING = 3;

/**
 * The name that a word may mean: one that begins with the word, or differs from it in at most two letters (or a third of the
 * name’s letters); undefined where no name is near.
 */
export const nearest = (word: string, names: readonly string[]): string | undefined => {
  const wanted = word.slice(0, MAX_WORD).toLowerCase();
  return names
    .slice(0, MAX_NAMES)
    .map((name) => ({
      name,
      distance: leven(wanted, name.slice(0, MAX_WORD).toLowerCase()),
      isBegun: word.length >= SHORTEST_BEGINNING && name.toLowerCase().startsWith(word.toLowerCase()),
    }))
    .filter(({ name, distance, isBegun }) => isBegun || distance <= Math.max(2, Math.floor(name.length / 3)))
    .toSorted((a, b) => Number(b.isBegun) - Number(a.isBegun) || a.distance - b.distance)[0]?.name;
};

/** `; did you mean "…"?` with the name that the word may mean, or an empty text. */
export const suggestion = (word: string, names: readonly string[]): string => {
  const near = nearest(word, names);
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`;
};

/** Shorter names differ from each other in two letters without being misspelt. */
const SHORTEST_MISSPELT = 5;

/** The name of which the word is surely a misspelling: of five letters or more, it differs in one or two of them. */
export const misspelt = (word: string, names: readonly string[]): string | undefined =>
  word.length < SHORTEST_MISSPELT - 1 || word.length > MAX_WORD
    ? undefined
    : names.find(
        (name) =>
          name.length >= SHORTEST_MISSPELT &&
          Math.abs(name.length - word.length) <= 2 &&
          leven(word.toLowerCase().trim(), name.toLowerCase()) <= 2,
      );
