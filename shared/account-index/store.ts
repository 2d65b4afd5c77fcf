import { differing, type Entries, type Entry, type IndexKind, merged, partOf, relisted } from './entries.ts';
import { partLost } from './part-lost.ts';
import { entriesInPart, partText } from './part-text.ts';

/**
 * The form of entries and parts, and of what entries are made from. Whoever changes what is derived from a definition or kept of a
 * principal raises it, so that no look reads what an earlier version has written.
 */
export const FORM = 8;

/** What an index was made from, and when its listings began (milliseconds since 1970), by Region for pipelines. */
export type IndexHead = {
  form: number;
  /** The digest of the configuration that decides what pipelines ask. */
  configuration: string;
  principals: number;
  pipelines: Readonly<Record<string, number>>;
};

/** The name of the error of a part that no item can hold. */
export const TOO_LARGE = 'IndexTooLarge';

/** No listing tells these; where one is lost, looks are due that may have been made. */
export const UNLISTED: IndexKind = 'settled';

/**
 * How far a listing of IAM has come: when it began (milliseconds since 1970), IAM’s mark for its next page, and how many entries it
 * has told so far.
 */
export type Progress = { since: number; marker: string; told: number };

/**
 * Where the index of one account is kept. Two implementations, one contract (test/contract/account-index.test.ts): memory and
 * DynamoDB. Every read sees all writes that were answered before. `read` and `readSome` reject with an error named `PART_LOST` rather
 * than tell less than a listing has told, also where the head is lost as well: whoever asks may have an outline from before.
 */
export type IndexStore = {
  head(): Promise<IndexHead | undefined>;
  /** Writes the head, unless its listing of IAM began before the head was dropped. */
  writeHead(head: IndexHead): Promise<void>;
  /**
   * From now on nobody uses the index, until a listing is complete that begins at this time or later (milliseconds since 1970). A head
   * whose listing began later stays.
   */
  dropHead(at: number): Promise<void>;
  progress(): Promise<Progress | undefined>;
  /** Undefined: the listing is complete. */
  writeProgress(progress: Progress | undefined): Promise<void>;
  /** All entries of the kinds, read together. */
  read<K extends IndexKind>(kinds: readonly K[]): Promise<Record<K, Entries>>;
  /** The same of an index that may be in the making, or may have lost something: what is there. */
  readAvailable<K extends IndexKind>(kinds: readonly K[]): Promise<Record<K, Entries>>;
  /** The entries with these keys, or with keys that begin so before a space; others may be among them. */
  readSome(kind: IndexKind, keys: readonly string[]): Promise<Entries>;
  /** Adds entries. One that is newer stays as it is; so does one that says the same, unless an event told of a change (`isNews`). */
  merge(kind: IndexKind, entries: Entries, isNews: boolean): Promise<void>;
  /** Replaces all entries by those of a listing that began at `since`. What was read after that stays, too. */
  relist(kind: IndexKind, entries: Entries, since: number): Promise<void>;
};

/** An index that lives as long as the process. It tells entries as parts tell them. */
export const memoryIndex = (): IndexStore => {
  let head: IndexHead | undefined;
  let notBefore = 0;
  let progress: Progress | undefined;
  const kept = new Map<IndexKind, Map<string, Entry>>();
  const listed = new Set<IndexKind>([UNLISTED]);
  const of = (kind: IndexKind): Map<string, Entry> => kept.get(kind) ?? new Map();
  const keep = (kind: IndexKind, entries: Entries): void => {
    kept.set(kind, entriesInPart(partText(entries)) ?? new Map());
  };
  const checked = (kinds: readonly IndexKind[]): void => {
    const missing = kinds.find((kind) => !listed.has(kind));
    if (missing) throw partLost(`${missing} is missing, which a listing writes`);
  };
  const readAvailable = async <K extends IndexKind>(kinds: readonly K[]) =>
    Object.fromEntries(kinds.map((kind) => [kind, new Map(of(kind))])) as unknown as Record<K, Entries>;
  return {
    head: async () => head,
    writeHead: async (written) => {
      if (written.principals < notBefore) return;
      notBefore = written.principals;
      head = written;
    },
    dropHead: async (at) => {
      if (at < notBefore) return;
      notBefore = at;
      head = undefined;
    },
    progress: async () => progress,
    writeProgress: async (written) => {
      progress = written;
    },
    read: async (kinds) => {
      checked(kinds);
      return readAvailable(kinds);
    },
    readAvailable,
    readSome: async (kind, keys) => {
      checked([kind]);
      const parts = new Set(keys.map((key) => partOf(kind, key)));
      return new Map([...of(kind)].filter(([key]) => parts.has(partOf(kind, key))));
    },
    merge: async (kind, entries, isNews) => {
      keep(kind, merged(of(kind), isNews ? entries : differing(of(kind), entries)));
    },
    relist: async (kind, entries, since) => {
      listed.add(kind);
      keep(kind, relisted(of(kind), entries, since));
    },
  };
};
