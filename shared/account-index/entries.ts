import type { Json } from '../json/json.ts';

/** What is known of one thing, and when AWS was asked (milliseconds since 1970). `value` null: the thing did not exist then. */
export type Entry = { asOf: number; value: Json };

/** Entries by key, such as an ARN. */
export type Entries = ReadonlyMap<string, Entry>;

/**
 * The kinds of entries of an account’s index, and in how many parts each kind is kept. A look reads all parts of an outline,
 * and of what is large only the parts with the keys that it asks for. Changing a number makes every index unreadable: change
 * `FORM` with it.
 */
export const PARTS_OF = {
  /** By ARN, a user or role as IAM lists it, without what its inline policies say of which nobody asks but its own look. */
  principals: 16,
  /** By ARN, the same with what its inline policies say of S3, if they say something of it. */
  writers: 16,
  /** By ARN, the same with all policies. */
  'whole-principals': 256,
  /** By ARN, a managed policy as IAM lists it, with its versions. */
  'managed-policies': 32,
  /** By ARN, a group as IAM lists it. */
  groups: 4,
  /** By ARN, what a principal was to others (`bearingOf`) when all that hang on it were looked at for the last time. */
  settled: 16,
  /** By ARN, which roles a pipeline asks something of, and what of it looks at other roles ask. */
  pipelines: 16,
  /** By bucket and the ARN of a pipeline, the same with what the pipeline asks that is about the bucket. */
  'bucket-pipelines': 64,
  /** By ARN, all that a pipeline asks of the account. */
  'whole-pipelines': 256,
} as const satisfies Record<string, number>;

export type IndexKind = keyof typeof PARTS_OF;

/** The kinds that tell what others’ looks ask; all looks of a batch share what is read of them. */
export const OUTLINE = [
  'principals',
  'managed-policies',
  'groups',
  'pipelines',
] as const satisfies readonly IndexKind[];

/**
 * The part in which a key is kept: FNV-1a of the name, which spreads names that differ in a few characters. Neither paths make a
 * difference, which records leave out, nor what stands behind a space, so that one read finds all keys that begin alike.
 */
export const partOf = (kind: IndexKind, key: string): number => {
  const first = firstOf(key);
  const name = first.slice(first.lastIndexOf('/') + 1);
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  return hash % PARTS_OF[kind];
};

/** What stands before the space: the keys of a bucket’s pipelines begin with the bucket, by which looks ask for all of them. */
export const firstOf = (key: string): string => key.split(' ', 1)[0] ?? '';

/**
 * The entry that stays of two about one thing: the newer one. Of two of the same time the one with the greater text stays, so
 * that the order in which they come makes no difference.
 */
const later = (one: Entry, other: Entry): Entry => {
  if (one.asOf !== other.asOf) return one.asOf > other.asOf ? one : other;
  return JSON.stringify(one.value) >= JSON.stringify(other.value) ? one : other;
};

/** All entries of both, of each thing the later one. In whichever order entries are merged, the same comes out. */
export const merged = (known: Entries, more: Entries): Map<string, Entry> => {
  const all = new Map(known);
  for (const [key, entry] of more) {
    const before = all.get(key);
    all.set(key, before ? later(before, entry) : entry);
  }
  return all;
};

/** The entries whose values are not known already. */
export const differing = (known: Entries, more: Entries): Map<string, Entry> =>
  new Map([...more].filter(([key, { value }]) => !isSameValue(known.get(key)?.value, value)));

/** Whether two values tell the same; a thing of which there is no entry does not exist. */
export const isSameValue = (one: Json = null, other: Json = null): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/**
 * The entries after a listing of everything, which began at `since`: what is listed, and what somebody has read since. What
 * is older and not listed does not exist any more, and that it was gone needs no entry either.
 */
export const relisted = (known: Entries, listed: Entries, since: number): Map<string, Entry> =>
  merged(
    new Map([...known].filter(([, { asOf }]) => asOf >= since)),
    new Map([...listed].filter(([, { value }]) => value !== null)),
  );

/** The values of the things that exist, by key and in the order of the keys. */
export const existing = (entries: Entries): [string, Json][] => {
  const found: [string, Json][] = [];
  for (const [key, { value }] of entries) if (value !== null) found.push([key, value]);
  return found.sort((one, other) => (one[0] < other[0] ? -1 : 1));
};
