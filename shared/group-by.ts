/** The entries by key, both in the order in which they come: `Map.groupBy`, which Node 20 does not have. */
export const groupBy = <T>(entries: Iterable<T>, keyOf: (entry: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return groups;
};
