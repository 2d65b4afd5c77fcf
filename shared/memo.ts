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
    const known = made.get(key);
    if (known !== undefined) return known;
    const found = make(key);
    made.set(key, found);
    return found;
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

/** What was made for a key, or is made now. So many are kept; of more, the one that nobody has asked for longest is let go. */
export const keepingLatest = <T>(most: number, make: (key: string) => T): ((key: string) => T) => {
  const kept = new Map<string, T>();
  return (key) => {
    const found = kept.get(key) ?? make(key);
    kept.delete(key);
    kept.set(key, found);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return found;
  };
};

/** What is found of an object, found once for each, and let go with it. */
export const remembered = <K extends object, T>(find: (key: K) => T): ((key: K) => T) =>
  rememberedIn(new WeakMap<K, T>(), find);

/**
 * The same for the parts of an object, kept as long as the function itself is: let something remember this function with
 * the object. Maps that hold their keys cost far less than those that let them go.
 */
export const rememberedPart = <K extends object, T>(find: (key: K) => T): ((key: K) => T) =>
  rememberedIn(new Map<K, T>(), find);

const rememberedIn = <K extends object, T>(
  known: Pick<WeakMap<K, T>, 'get' | 'has' | 'set'>,
  find: (key: K) => T,
): ((key: K) => T) => {
  return (key) => {
    const before = known.get(key);
    if (before !== undefined || known.has(key)) return before as T;
    const found = find(key);
    known.set(key, found);
    return found;
  };
};
