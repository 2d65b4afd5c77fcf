/** What the function makes (a promise, say), made when it is first asked for, and the same ever after. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * What the function does in time, done when somebody first asks, and not again. Whoever asks meanwhile waits for the same; after a failure it
 * is done again for whoever asks next.
 */
export const onceDone = <T>(act: () => Promise<T>): (() => Promise<T>) => {
  let done: Promise<T> | undefined;
  return () => {
    done ??= act().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
};

/** What the function makes for each key, made once for each. */
export const oncePer = <T, K = string>(make: (key: K) => T): ((key: K) => T) => {
  const made = new Map<K, T>();
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
export const remembered =
  <K extends object, T>(find: (key: K) => T): ((key: K) => T) =>
  (key) => {
    const kept = Kept.of(key);
    for (let at = 0; at < kept.length; at += 2) if (kept[at] === find) return kept[at + 1] as T;
    const found = find(key);
    kept.push(find, found);
    return found;
  };

/** A constructor that makes nothing new: the fields of a class below it are added to an object that is there already. */
class Itself {
  constructor(key: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the object is the one to which the field is added
    return key;
  }
}

/**
 * What was found of an object, in a private field of the object itself: each function that found something, with what it
 * found behind it. Nobody else sees such a field, and frozen objects take it too. A WeakMap for each function would do the same, but
 * the collector visits each entry of each WeakMap again and again, which took a quarter of an audit.
 */
class Kept extends Itself {
  readonly #found: unknown[] = [];
  static of(key: object): unknown[] {
    if (!(#found in key)) new Kept(key);
    return (key as Kept).#found;
  }
}

/**
 * The same for the parts of an object, kept as long as the function itself is: let something remember this function with
 * the object. Maps that hold their keys cost far less than those that let them go.
 */
export const rememberedPart = <K extends object, T>(find: (key: K) => T): ((key: K) => T) => {
  const known = new Map<K, T>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined || known.has(key)) return before as T;
    const found = find(key);
    known.set(key, found);
    return found;
  };
};

/**
 * The same for an object that neither lasts as long as the function nor ends before it, such as the pipelines of an account beside its
 * principals: each may be read anew while the other stays. There are few of these, so that the collector’s work on them does not count.
 */
export const rememberedBeside = <K extends object, T>(find: (key: K) => T): ((key: K) => T) => {
  const known = new WeakMap<K, { found: T }>();
  return (key) => {
    const before = known.get(key);
    if (before) return before.found;
    const found = find(key);
    known.set(key, { found });
    return found;
  };
};
