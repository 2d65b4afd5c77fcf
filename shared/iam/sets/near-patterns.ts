/**
 * A function that returns the patterns that may have a text in common with a given one, judged by the beginnings
 * before the first wildcard or variable: one must begin with the other. Its time depends on how many lengths the beginnings
 * have, not on the number of patterns.
 */
export const nearPatterns = (patterns: readonly string[]): ((pattern: string) => string[]) => {
  const byBeginning = new Map<string, string[]>();
  for (const pattern of new Set(patterns)) {
    const beginning = beginningOf(pattern);
    const known = byBeginning.get(beginning);
    if (known) known.push(pattern);
    else byBeginning.set(beginning, [pattern]);
  }
  const beginnings = [...byBeginning.keys()].toSorted(byUnits);
  const lengths = [...new Set(beginnings.map(({ length }) => length))].toSorted((one, other) => one - other);
  return (pattern) => {
    const beginning = beginningOf(pattern);
    const near: string[] = [];
    for (const length of lengths) {
      if (length >= beginning.length) break;
      near.push(...(byBeginning.get(beginning.slice(0, length)) ?? []));
    }
    for (let at = firstFrom(beginnings, beginning); beginnings[at]?.startsWith(beginning); at++)
      near.push(...(byBeginning.get(beginnings[at] ?? '') ?? []));
    return near;
  };
};

const beginningOf = (pattern: string): string => {
  const end = pattern.search(/[*?$]/);
  return end < 0 ? pattern : pattern.slice(0, end);
};

const byUnits = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** The position of the first text in an ordered list that is not less than the given text. */
const firstFrom = (ordered: readonly string[], text: string): number => {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ordered[middle] ?? '') < text) from = middle + 1;
    else to = middle;
  }
  return from;
};
