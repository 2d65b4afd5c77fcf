import { keeping } from '../../memo.ts';

/**
 * A pattern as a list of UTF-16 code units, in which {@link ANY} stands for any run of characters and {@link ONE} for
 * one. Numbers, not text, so that a `*` that is meant as such (`${*}`, a value put in for a variable) can be told apart.
 */
export type Glob = readonly number[];
export const ANY = -1;
export const ONE = -2;

const STAR = 42;
const QUESTION = 63;

/** Whether a text has a wildcard. */
export const isPattern = (text: string): boolean => /[*?]/.test(text);

/** The pattern of a text in which `*` and `?` are wildcards, as in an IAM Resource element. */
export const parseGlob = (pattern: string): Glob => {
  const glob: number[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const unit = pattern.charCodeAt(at);
    glob.push(unit === STAR ? ANY : unit === QUESTION ? ONE : unit);
  }
  return glob;
};

/** The pattern that only this text matches. */
export const literalGlob = (text: string): Glob =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));

/** The same pattern with each run of wildcards written in one way: as many `?` as there are, and then a `*` if there is one. */
export const canonicalGlob = (glob: Glob): Glob => {
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

/** How a pattern is written; a literal `*` looks like any other. */
export const globText = (glob: Glob): string => {
  let text = '';
  for (const unit of glob) text += String.fromCharCode(unit === ANY ? STAR : unit === ONE ? QUESTION : unit);
  return text;
};

/**
 * A function that says whether a text matches. The pieces between the wildcards are looked for from left to right and
 * never again, so that the time is bounded by pattern × text however many `*` there are; pieces without `?` are found
 * by the engine's own text search.
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

/** A configuration's patterns are asked again for each pipeline and role. */
const kept = keeping<(text: string) => boolean>(4096);

/** Whether the text matches a pattern in which `*` stands for any run of characters and `?` for one. */
export const matchesGlob = (pattern: string, text: string): boolean =>
  kept(pattern, () => globMatcher(parseGlob(pattern)))(text);

/** A function that says whether a text matches at least one of many patterns; those of folders cost nothing, however many. */
export const anyMatcher = (patterns: readonly string[]): ((text: string) => boolean) => {
  const folders = new Set(patterns.filter(isFolder).map((pattern) => pattern.slice(0, -1)));
  const others = patterns.filter((pattern) => !isFolder(pattern)).map((each) => globMatcher(parseGlob(each)));
  return (text) => {
    for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1))
      if (folders.has(text.slice(0, at + 1))) return true;
    return others.some((matches) => matches(text));
  };
};

const isFolder = (pattern: string): boolean => /^[^*?]*\/\*$/.test(pattern);

/** Whether the text matches at least one of the patterns. */
export const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern, text));

/** The places in a pattern, and those behind the stars at them, as a star may match nothing. */
export const pastStars = (places: Iterable<number>, pattern: Glob): Set<number> => {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === ANY) all.add(place + 1);
  return all;
};

/** What stands between two `*`; `units` where a `?` in it fits any character. */
type Piece = { text: string; units?: readonly number[] };

const piecesOf = (glob: Glob): Piece[] => {
  const pieces: Piece[] = [];
  for (let start = 0; start <= glob.length; ) {
    const star = glob.indexOf(ANY, start);
    const end = star < 0 ? glob.length : star;
    const units = glob.slice(start, end);
    let text = '';
    for (const unit of units) text += String.fromCharCode(unit === ONE ? 0 : unit);
    pieces.push(units.includes(ONE) ? { text, units } : { text });
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

/** Where the piece begins at or after `from`, ending at or before `end`; -1 where it does not. */
const find = (text: string, piece: Piece, from: number, end: number): number => {
  if (!piece.units) {
    const at = text.indexOf(piece.text, from);
    return at >= 0 && at + piece.text.length <= end ? at : -1;
  }
  for (let at = from; at + piece.text.length <= end; at++) if (isAt(text, piece, at)) return at;
  return -1;
};
