import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';

/** With less left, in milliseconds, no message is begun; what was begun is waited for until as much as `END` is left. */
const BEGIN = 15_000;
const END = 4_000;

/** What of a batch is left over when the function's time is up. */
const outOfTime = (): Error =>
  Object.assign(new Error('the function had no time left for this message'), { name: 'OutOfTime' });

/**
 * Runs what there is time for, and rejects for the rest before Lambda ends the function: it would answer nothing, and
 * the whole batch would come again.
 */
export const inTime = async <T>(
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  run: () => Promise<T>,
  keep = END,
): Promise<T> => {
  const left = context.getRemainingTimeInMillis();
  if (left < BEGIN) throw outOfTime();
  const over = new AbortController();
  const end = sleep(left - keep, undefined, { signal: over.signal, ref: false }).then(() => {
    throw outOfTime();
  });
  try {
    return await Promise.race([run(), end]);
  } finally {
    end.catch(() => {}); // nobody waits for it any more
    over.abort();
  }
};
