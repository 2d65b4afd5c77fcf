import { keeping } from '../../memo.ts';

/**
 * A pattern as a list of UTF-16 code units: {@link ANY} matches any run of characters, {@link ONE} a single one. The
 * wildcards are negative numbers, so that they differ from a literal `*` (from `${*}` or from a variable's value).
 */
export type Glob = readonly number[];
export const ANY = -1;
export const ONE = -2;

const STAR = 42;
const QUESTION = 63;

/** Whether a text contains a wildcard. */
export const isPattern = (text: string): boolean => /[*?]/.test(text);

/** Parses a text in which `*` and `?` are wildcards, as in an IAM Resource element. */
export const parseGlob = (pattern: string): Glob => {
  const glob: number[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const unit = pattern.charCodeAt(at);
    glob.push(unit === STAR ? ANY : unit === QUESTION ? ONE : unit);
  }
  return glob;
};

/** The pattern that matches this text only. */
export const literalGlob = (text: string): Glob =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

/** The same pattern with each run of wildcards in one form: its `?` first, then one `*` if the run has any. */
export const canonicalGlob = (glob: Glob): Glob => {
  if (isCanonical(glob)) return glob;
  const canonical: number[] = [];
  let hasStar = false;
  for (const unit of glob) {
    if (unit === ANY) hasStar = true;
    else {
      if (unit !== ONE && hasStar) {
        canonical.push(ANY);
        hasStar = false;
      }
      canonical.push(unit);
    }
  }
  if (hasStar) canonical.push(ANY);
  return canonical;
};

/** Most patterns are canonical as they are written. */
const isCanonical = (glob: Glob): boolean => {
  for (let at = 1; at < glob.length; at++)
    if (glob[at - 1] === ANY && (glob[at] === ANY || glob[at] === ONE)) return false;
  return true;
};

/** The pattern as text. A literal `*` looks like a wildcard there. */
export const globText = (glob: Glob): string =>
  textOf(glob.map((unit) => (unit === ANY ? STAR : unit === ONE ? QUESTION : unit)));

/** A function takes a bounded number of arguments. */
const MAX_UNITS = 4096;

const textOf = (units: readonly number[]): string => {
  let text = '';
  for (let at = 0; at < units.length; at += MAX_UNITS)
    text += String.fromCharCode(...units.slice(at, at + MAX_UNITS));
  return text;
};

/**
 * A function that tells whether a text matches. It searches the pieces between the wildcards from left to right and
 * never goes back, so the time is bounded by pattern × text, however many `*` the pattern has.
 */
export const globMatcher = (glob: Glob): ((text: string) => boolean) => {
  const pieces = piecesOf(glob);
  const first = pieces[0] ?? { text: '' };
  if (pieces.length === 1) return (text) => text.length === first.text.length && isAt(text, first, 0);
  const last = pieces.at(-1) ?? first;
  const between = pieces.slice(1, -1).filter(({ text }) => text.length > 0);
  const shortest = pieces.reduce((sum, { text }) => sum + text.length, 0);
  return (text) => {
    const end = text.length - last.text.length;
    if (text.length < shortest || !isAt(text, first, 0) || !isAt(text, last, end)) return false;
    let from = first.text.length;
    for (const piece of between) {
      const at = find(text, piece, from, end);
      if (at < 0) return false;
      from = at + piece.text.length;
    }
    return from <= end;
  };
};

/** The configuration's patterns are tested again for each pipeline and role. */
const kept = keeping<(text: string) => boolean>(4096);
const matcherOf = (pattern: string): ((text: string) => boolean) => globMatcher(parseGlob(pattern));

/** Whether the text matches a pattern in which `*` matches any run of characters and `?` a single one. */
export const matchesGlob = (pattern: string, text: string): boolean => kept(pattern, matcherOf)(text);

/**
 * A function that tells whether a text matches one of many patterns. Texts without wildcards and patterns of folders (`folder/*`) are
 * looked up in sets, so that thousands of them stay fast.
 */
export const anyMatcher = (patterns: readonly string[]): ((text: string) => boolean) => {
  const folders = new Set(patterns.filter(isFolder).map((pattern) => pattern.slice(0, -1)));
  const texts = new Set(patterns.filter((pattern) => !isPattern(pattern)));
  const among = indexesAmong(patterns.filter((pattern) => isPattern(pattern) && !isFolder(pattern)));
  return (text) => {
    if (texts.has(text)) return true;
    for (let at = folders.size > 0 ? text.indexOf('/') : -1; at >= 0; at = text.indexOf('/', at + 1))
      if (folders.has(text.slice(0, at + 1))) return true;
    return among(text, 1).length > 0;
  };
};

/** A function that finds, of many values, those of which one of the patterns matches a text, in their order. */
export const matchingAmong = <T>(
  all: readonly { patterns: readonly string[]; value: T }[],
): ((text: string) => T[]) => {
  const owners = all.flatMap((one) => one.patterns.map(() => one));
  const among = indexesAmong(all.flatMap(({ patterns }) => patterns));
  return (text) => {
    const found = new Set<(typeof all)[number] | undefined>();
    for (const index of among(text)) found.add(owners[index]);
    return [...found].flatMap((one) => (one ? [one.value] : []));
  };
};

/**
 * A function that finds the places of the patterns that match a text, in order, or as many of them as are asked for. Only patterns whose
 * text before the first wildcard begins the text are tried, and none is read before that: most are never tried.
 */
const indexesAmong = (patterns: readonly string[]): ((text: string, most?: number) => number[]) => {
  const byStart = new Map<
    string,
    { pattern: string; index: number; matches?: (text: string) => boolean }[]
  >();
  for (const [index, pattern] of patterns.entries()) {
    const start = pattern.split(/[*?]/, 1)[0] ?? '';
    const known = byStart.get(start);
    if (known) known.push({ pattern, index });
    else byStart.set(start, [{ pattern, index }]);
  }
  const lengths = [...new Set([...byStart.keys()].map(({ length }) => length))];
  return (text, most = patterns.length) => {
    const found: number[] = [];
    for (let at = 0; at < lengths.length; at++) {
      const tried = byStart.get(text.slice(0, lengths[at])) ?? NONE;
      for (let next = 0; next < tried.length; next++) {
        const one = tried[next];
        if (!one) continue;
        one.matches ??= matcherOf(one.pattern);
        if (!one.matches(text)) continue;
        found.push(one.index);
        if (found.length >= most) return inOrder(found);
      }
    }
    return inOrder(found);
  };
};
const NONE: readonly never[] = [];
const inOrder = (places: number[]): number[] => places.sort((one, other) => one - other);

/** Whether one of these matches; without a function of its own for each text, as it is asked hundreds of thousands of times. */
export const isAnyMatching = (matchers: readonly ((text: string) => boolean)[], text: string): boolean => {
  for (let at = 0; at < matchers.length; at++) if (matchers[at]?.(text)) return true;
  return false;
};

const isFolder = (pattern: string): boolean => /^[^*?]*\/\*$/.test(pattern);

/** Whether the text matches at least one of the patterns. */
export const matchesAny = (patterns: readonly string[], text: string): boolean => {
  for (let at = 0; at < patterns.length; at++) if (matchesGlob(patterns[at] ?? '', text)) return true;
  return false;
};

/** The positions in a pattern and, because a star may match nothing, the positions after each star reached. */
export const pastStars = (places: Iterable<number>, pattern: Glob): Set<number> => {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === ANY) all.add(place + 1);
  return all;
};

/** The part of a pattern between two `*`. `units` is set where the part contains a `?`. */
type Piece = { text: string; units?: readonly number[] };

const piecesOf = (glob: Glob): Piece[] => {
  const pieces: Piece[] = [];
  for (let start = 0; start <= glob.length; ) {
    const star = glob.indexOf(ANY, start);
    const end = star < 0 ? glob.length : star;
    const units = glob.slice(start, end);
    const hasOne = units.includes(ONE);
    const text = textOf(hasOne ? units.map((unit) => (unit === ONE ? 0 : unit)) : units);
    pieces.push(hasOne ? { text, units } : { text });
    start = end + 1;
    if (star < 0) break;
  }
  return pieces;
};

const isAt = (text: string, { text: piece, units }: Piece, at: number): boolean => {
  if (!units) return text.startsWith(piece, at);
  for (let index = 0; index < units.length; index++) {
    const unit = units[index];
    if (unit !== ONE && unit !== text.charCodeAt(at + index)) return false;
  }
  return true;
};

/** Where the piece first occurs at or after `from`, ending at or before `end`; -1 if it does not occur. */
const find = (text: string, piece: Piece, from: number, end: number): number => {
  if (!piece.units) {
    const at = text.indexOf(piece.text, from);
    return at >= 0 && at + piece.text.length <= end ? at : -1;
  }
  for (let at = from; at + piece.text.length <= end; at++) if (isAt(text, piece, at)) return at;
  return -1;
};
