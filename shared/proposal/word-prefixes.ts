import { groupBy } from '../group-by.ts';
import { withoutTrailing } from '../text/trim.ts';

/** A prefix and the names that it covers. `isExact`: the prefix is the one whole name that it covers. */
export type WordPrefix = { prefix: string; names: string[]; isExact: boolean };

/** Bounds the depth: names have at most 256 characters, and a hostile name may consist of dashes alone. */
const MAX_WORDS = 128;

/**
 * The fewest prefixes, cut between words, that cover all names and none of the others. A name that other names begin
 * with is covered by itself alone.
 */
export const wordPrefixes = (names: readonly string[], others: readonly string[] = []): WordPrefix[] =>
  cover([...new Set(names)].toSorted(), others, 1);

const cover = (names: readonly string[], others: readonly string[], depth: number): WordPrefix[] =>
  [...groupBy(names, (name) => name.split('-', depth).join('-')).values()].flatMap((group): WordPrefix[] => {
    const [first = ''] = group;
    if (group.length === 1) return [{ prefix: first, names: [first], isExact: true }];
    const words = commonWords(group);
    const prefix = withoutTrailing(words.join('-'), '-');
    const isOwn = prefix !== '' && !others.some((other) => isUnder(prefix, other));
    if (isOwn) return [{ prefix, names: group, isExact: false }];
    if (depth >= MAX_WORDS) return group.map((name) => ({ prefix: name, names: [name], isExact: true }));
    return cover(group, others, Math.min(MAX_WORDS, Math.max(depth, words.length) + 1));
  });

/** Whether a name is the prefix itself or continues it with another word. */
const isUnder = (prefix: string, name: string): boolean => name === prefix || name.startsWith(`${prefix}-`);

const commonWords = ([first = '', ...others]: readonly string[]): string[] => {
  const words = first.split('-');
  const lists = others.map((other) => other.split('-'));
  const end = words.findIndex((word, at) => lists.some((list) => list[at] !== word));
  return end < 0 ? words : words.slice(0, end);
};
