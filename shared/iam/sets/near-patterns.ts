/**
 * A function that gives those of many patterns that may have a text in common with one, as far as their beginnings tell: up
 * to the first wildcard or variable, the one begins with the other. It takes steps by the length of the one, and not by
 * how many there are.
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
  return (pattern) => {
    const beginning = beginningOf(pattern);
    const near: string[] = [];
    for (let length = 0; length < beginning.length; length++)
      near.push(...(byBeginning.get(beginning.slice(0, length)) ?? []));
    for (let at = firstFrom(beginnings, beginning); beginnings[at]?.startsWith(beginning); at++)
      near.push(...(byBeginning.get(beginnings[at] ?? '') ?? []));
    return near;
  };
};

const beginningOf = (pattern: string): string => pattern.split(/[*?$]/, 1)[0] ?? '';

const byUnits = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** The place of the first text in an order that is not less than one. */
const firstFrom = (ordered: readonly string[], text: string): number => {
  let [from, to] = [0, ordered.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ordered[middle] ?? '') < text) from = middle + 1;
    else to = middle;
  }
  return from;
};
