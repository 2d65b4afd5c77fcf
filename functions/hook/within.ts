import { setTimeout as sleep } from 'node:timers/promises';

/** The result of `run`, or the error of `late` where it takes longer. What runs on must be harmless, as nobody waits for it. */
export const within = async <T>(millis: number, run: () => Promise<T>, late: () => Error): Promise<T> => {
  const over = new AbortController();
  const end = sleep(Math.max(0, millis), undefined, { signal: over.signal, ref: false }).then(() => {
    throw late();
  });
  try {
    return await Promise.race([run(), end]);
  } finally {
    end.catch(() => {}); // nobody waits for it any more
    over.abort();
  }
};
