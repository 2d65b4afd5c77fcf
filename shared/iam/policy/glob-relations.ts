import { ANY, canonicalGlob, type Glob, ONE, parseGlob } from './glob.ts';

/**
 * Whether comparing the patterns shows that `outer` contains all texts of `inner`. `inner` is matched like a text, in
 * which `*` of `outer` matches any run of units and wildcards, and `?` one unit or `?`. Both must be canonical. False
 * proves nothing.
 */
export const covers = (outer: Glob, inner: Glob): boolean => {
  let [at, from] = [0, 0];
  // The last star and how far it has reached. Everything before it is matched for good.
  let star = -1;
  let reached = 0;
  while (from < inner.length) {
    const wanted = outer[at];
    if (wanted === ANY) {
      star = at++;
      reached = from;
    } else if (wanted !== undefined && takes(wanted, inner[from] ?? ANY)) {
      at++;
      from++;
    } else if (star >= 0) {
      at = star + 1;
      from = ++reached;
    } else return false;
  }
  while (outer[at] === ANY) at++;
  return at === outer.length;
};

/** The same for patterns as they are written. */
export const coversPattern = (outer: string, inner: string): boolean =>
  covers(canonicalGlob(parseGlob(outer)), canonicalGlob(parseGlob(inner)));

const takes = (wanted: number, unit: number): boolean => wanted === unit || (wanted === ONE && unit !== ANY);

/**
 * Whether comparing the patterns shows that they have no text in common: they differ before the first wildcard or
 * after the last one.
 */
export const areApart = (one: Glob, other: Glob): boolean =>
  differ(one, other, 'forwards') || differ(one, other, 'backwards');

/** Whether the patterns differ before a wildcard, read forwards from the start or backwards from the end. */
const differ = (one: Glob, other: Glob, direction: 'forwards' | 'backwards'): boolean => {
  const least = Math.min(one.length, other.length);
  for (let read = 0; read < least; read++) {
    const mine = direction === 'forwards' ? one[read] : one[one.length - 1 - read];
    const others = direction === 'forwards' ? other[read] : other[other.length - 1 - read];
    if (mine === ANY || others === ANY) return false;
    if (mine !== ONE && others !== ONE && mine !== others) return true;
  }
  const longer = one.length > least ? one : other;
  const rest = direction === 'forwards' ? longer[least] : longer[longer.length - 1 - least];
  return longer.length > least && rest !== ANY;
};
