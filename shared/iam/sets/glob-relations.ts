import { ANY, type Glob, ONE } from '../policy/glob.ts';

/**
 * Whether a pattern is seen to hold all texts of another: it matches the other as if that were a text, in which its `*`
 * takes any run of units and wildcards, and its `?` one unit or `?`. Both are canonical. What is not seen may still be so.
 */
export const covers = (outer: Glob, inner: Glob): boolean => {
  let [at, from] = [0, 0];
  // The last star, and how far it has reached: whatever stands before it is matched for good.
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

const takes = (wanted: number, unit: number): boolean => wanted === unit || (wanted === ONE && unit !== ANY);

/** Whether two patterns are seen to have no text in common: up to the first wildcard, or from the last on, they differ. */
export const areApart = (one: Glob, other: Glob): boolean =>
  differ(one, other, 'forwards') || differ(one, other, 'backwards');

/** Whether they differ before a wildcard comes, read from the start or from the end. */
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
