/**
 * Kinds of UTF-16 units that sets of names distinguish. A set's classes say which kinds it treats alike; units that
 * it distinguishes within a kind, it lists.
 */
const MEMBERS = [
  'xabcdefghijklmnopqrstuvwyz',
  'XABCDEFGHIJKLMNOPQRSTUVWYZ',
  '0123456789',
  '-_.+=,@',
  '/',
  ':',
  '!~#$%&()*;<>?[]^`{|}\'"\\',
] as const;

/** The last kind is everything outside printable ASCII. */
const KINDS = MEMBERS.length + 1;

/** The class of each kind of units. Units of one class are treated alike, except those that a set lists. */
export type Classes = readonly number[];

/** For a set that treats all units alike, except those that it lists. */
export const ALIKE: Classes = new Array<number>(KINDS).fill(0);

/** ASCII letters and digits, and everything else. Sets that distinguish dashes, slashes or colons list them. */
export const ALPHANUMERIC: Classes = [0, 0, 0, 1, 1, 1, 1, 1];

/** Characters of role names (letters, digits and `-_.+=,@`), characters of role paths only, and everything else. */
export const ROLE_NAMES: Classes = [0, 0, 0, 0, 1, 1, 1, 2];

/** Lower-case letters and digits, and everything else. */
export const SMALL: Classes = [0, 1, 0, 1, 1, 1, 1, 1];

/** Digits, and everything else. */
export const DIGITS: Classes = [1, 1, 0, 1, 1, 1, 1, 1];

const kinds = new Map(
  MEMBERS.flatMap((members, kind) => Array.from(members, (member) => [member.charCodeAt(0), kind] as const)),
);

const UNITS = MEMBERS.map((members) => Array.from(members, (member) => member.charCodeAt(0)));

/** The kind of a unit. */
const kindOf = (unit: number): number => kinds.get(unit) ?? KINDS - 1;

/** The class of a unit that the set does not list. */
export const classOf = (classes: Classes, unit: number): number => classes[kindOf(unit)] ?? 0;

/** The coarsest classes that distinguish everything that any of the sets distinguishes. */
export const refined = (sets: readonly Classes[]): Classes => {
  const told = new Map<string, number>();
  return ALIKE.map((_, kind) => {
    const key = sets.map((classes) => classes[kind]).join();
    const number = told.get(key) ?? told.size;
    told.set(key, number);
    return number;
  });
};

/** One unlisted unit of each class; a class whose units are all listed has none. */
export const freshUnits = (classes: Classes, listed: ReadonlySet<number>): number[] => {
  const fresh = new Map<number, number>();
  classes.forEach((number, kind) => {
    if (fresh.has(number)) return;
    const unit = kind < MEMBERS.length ? freshMember(kind, listed) : freshOther(listed);
    if (unit !== undefined) fresh.set(number, unit);
  });
  return [...fresh.values()];
};

const freshMember = (kind: number, listed: ReadonlySet<number>): number | undefined =>
  UNITS[kind]?.find((unit) => !listed.has(unit));

/** Begins with accented letters, which are more readable than control characters. */
const freshOther = (listed: ReadonlySet<number>): number => {
  let unit = 0xe9;
  while (listed.has(unit)) unit++;
  return unit;
};

export const unitsOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
