/** What the function makes (a promise, say), made when it is first asked for, and the same ever after. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** The same for each key. */
export const oncePer = <T>(make: (key: string) => T): ((key: string) => T) => {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
};

/** What was made for a key, or is made now. So many are kept; of more, which only hostile input has, all are forgotten. */
export const keeping = <T>(most: number): ((key: string, make: (key: string) => T) => T) => {
  const kept = new Map<string, T>();
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (kept.size >= most) kept.clear();
    kept.set(key, made);
    return made;
  };
};

/** What is found of an object, found once for each, and let go with it. */
export const remembered = <K extends object, T>(find: (key: K) => T): ((key: K) => T) => {
  const known = new WeakMap<K, { found: T }>();
  return (key) => {
    const found = known.get(key) ?? { found: find(key) };
    known.set(key, found);
    return found.found;
  };
};
