/**
 * Kinds of units (UTF-16) that sets of names tell apart. A set that treats two kinds alike says so by its classes; what
 * it tells apart within a kind, it lists as units.
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

/** All that is not printable ASCII comes last. */
const KINDS = MEMBERS.length + 1;

/** For each kind of units, the number of its class: units of one class are alike, but for those that a set lists. */
export type Classes = readonly number[];

/** A set that treats all units alike, but for those that it lists. */
export const ALIKE: Classes = new Array<number>(KINDS).fill(0);

/** Letters and digits of ASCII; dashes, slashes and colons are listed by the sets that tell them apart. */
export const ALPHANUMERIC: Classes = [0, 0, 0, 1, 1, 1, 1, 1];

/** What may be in the name of a role (letters, digits and `-_.+=,@`), what in its path alone, and the rest. */
export const ROLE_NAMES: Classes = [0, 0, 0, 0, 1, 1, 1, 2];

/** Small letters and digits, and the rest. */
export const SMALL: Classes = [0, 1, 0, 1, 1, 1, 1, 1];

/** Digits, and the rest. */
export const DIGITS: Classes = [1, 1, 0, 1, 1, 1, 1, 1];

const kinds = new Map(
  MEMBERS.flatMap((members, kind) => Array.from(members, (member) => [member.charCodeAt(0), kind] as const)),
);

/** The kind of a unit. */
const kindOf = (unit: number): number => kinds.get(unit) ?? KINDS - 1;

/** The class of a unit that a set does not list. */
export const classOf = (classes: Classes, unit: number): number => classes[kindOf(unit)] ?? 0;

/** The coarsest classes that are within those of each set. */
export const refined = (sets: readonly Classes[]): Classes => {
  const told = new Map<string, number>();
  return ALIKE.map((_, kind) => {
    const key = sets.map((classes) => classes[kind]).join();
    const number = told.get(key) ?? told.size;
    told.set(key, number);
    return number;
  });
};

/** One unit of each class that is not among those that are listed; classes of which all are listed have none. */
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
  unitsOf(MEMBERS[kind] ?? '').find((unit) => !listed.has(unit));

/** Letters with accents come before control characters. */
const freshOther = (listed: ReadonlySet<number>): number => {
  let unit = 0xe9;
  while (listed.has(unit)) unit++;
  return unit;
};

export const unitsOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
