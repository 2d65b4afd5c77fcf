import type { Read } from './read.ts';

/** How long and how many answers are kept; `seconds: 0` keeps none and only shares the calls that are under way. */
export type ReadCacheOptions<T> = {
  now: () => Date;
  seconds: number;
  maxEntries: number;
  /** The most that the sizes of all values may add up to. */
  maxSize?: number;
  sizeOf?: (value: T) => number;
};

/** Answers by key. */
export type ReadCache<T> = {
  read: (key: string, ask: () => Promise<Read<T>>) => Promise<Read<T>>;
  forget: (key: string) => void;
  clear: () => void;
};

type Kept<T> = { read: Read<T>; size: number; expires: number };

/**
 * Keeps what was read, never what failed; the least recently used leaves first. Those who ask for one thing at one
 * time share one call, but not one that began before the thing was forgotten: it may hold what was true before.
 */
export const readCache = <T>({
  now,
  seconds,
  maxEntries,
  maxSize = Number.POSITIVE_INFINITY,
  sizeOf = () => 0,
}: ReadCacheOptions<T>): ReadCache<T> => {
  const kept = new Map<string, Kept<T>>();
  const underWay = new Map<string, Promise<Read<T>>>();
  let size = 0;

  const drop = (key: string): void => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };

  const keep = (key: string, entry: Kept<T>): void => {
    drop(key);
    kept.set(key, entry);
    size += entry.size;
    for (const oldest of kept.keys()) {
      if (kept.size <= maxEntries && size <= maxSize) return;
      drop(oldest);
    }
  };

  const fresh = (key: string): Read<T> | undefined => {
    const entry = kept.get(key);
    if (!entry) return undefined;
    drop(key);
    if (entry.expires <= now().getTime()) return undefined;
    keep(key, entry);
    return entry.read;
  };

  const ask = async (key: string, make: () => Promise<Read<T>>): Promise<Read<T>> => {
    const expires = now().getTime() + seconds * 1000;
    const asked = make();
    underWay.set(key, asked);
    try {
      const read = await asked;
      const isCurrent = underWay.get(key) === asked;
      if (isCurrent && read.ok && seconds > 0) keep(key, { read, size: sizeOf(read.value), expires });
      return read;
    } finally {
      if (underWay.get(key) === asked) underWay.delete(key);
    }
  };

  return {
    read: async (key, make) => fresh(key) ?? underWay.get(key) ?? ask(key, make),
    forget: (key) => {
      drop(key);
      underWay.delete(key);
    },
    clear: () => {
      kept.clear();
      underWay.clear();
      size = 0;
    },
  };
};
