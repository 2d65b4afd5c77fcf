import type { Read } from './read-result.ts';

/**
 * How long and how many answers are kept. `seconds: 0` keeps none; callers then only share calls that are under way.
 */
export type ReadCacheOptions<T> = {
  now: () => Date;
  seconds: number;
  maxEntries: number;
  /** The largest sum of the sizes of all kept values. */
  maxSize?: number;
  sizeOf?: (value: T) => number;
};

export type ReadCache<T> = {
  read: (key: string, ask: () => Promise<Read<T>>) => Promise<Read<T>>;
  forget: (key: string) => void;
  /** Drops all answers that were asked for before `time`, in milliseconds since 1970. */
  forgetBefore: (time: number) => void;
};

type CachedRead<T> = { read: DatedRead<T>; size: number };
type DatedRead<T> = Extract<Read<T>, { ok: true }> & { asOf: number };
type UnderWay<T> = { read: Promise<Read<T>>; asOf: number };

/**
 * Keeps answers, but never failures; the least recently used answer is dropped first. Callers at the same time share
 * one call. A call that began before `forget` is not shared, as it may return what was true before the change.
 */
export const readCache = <T>({
  now,
  seconds,
  maxEntries,
  maxSize = Number.POSITIVE_INFINITY,
  sizeOf = () => 0,
}: ReadCacheOptions<T>): ReadCache<T> => {
  const kept = new Map<string, CachedRead<T>>();
  const underWay = new Map<string, UnderWay<T>>();
  let size = 0;

  const drop = (key: string): void => {
    size -= kept.get(key)?.size ?? 0;
    kept.delete(key);
  };

  const keep = (key: string, entry: CachedRead<T>): void => {
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
    if (entry.read.asOf + seconds * 1000 <= now().getTime()) return undefined;
    keep(key, entry);
    return entry.read;
  };

  const ask = async (key: string, make: () => Promise<Read<T>>): Promise<Read<T>> => {
    const asOf = now().getTime();
    const asked = { read: make().then((read) => (read.ok ? datedBy(read, asOf) : read)), asOf };
    underWay.set(key, asked);
    try {
      const read = await asked.read;
      const isCurrent = underWay.get(key) === asked;
      if (isCurrent && read.ok && seconds > 0)
        keep(key, { read: datedBy(read, asOf), size: sizeOf(read.value) });
      return read;
    } finally {
      if (underWay.get(key) === asked) underWay.delete(key);
    }
  };

  const forget = (key: string): void => {
    drop(key);
    underWay.delete(key);
  };

  return {
    read: async (key, make) => fresh(key) ?? underWay.get(key)?.read ?? ask(key, make),
    forget,
    forgetBefore: (time) => {
      for (const [key, { read }] of [...kept]) if (read.asOf < time) forget(key);
      for (const [key, { asOf }] of [...underWay]) if (asOf < time) forget(key);
    },
  };
};

/** The answer with the time for which it holds. One that was itself kept holds for an earlier time than that of the question. */
const datedBy = <T>(read: Extract<Read<T>, { ok: true }>, asked: number): DatedRead<T> => ({
  ...read,
  asOf: Math.min(read.asOf ?? asked, asked),
});
