import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';

/**
 * With less time left than `BEGIN` (milliseconds) no message is begun. A message that was begun may run until `END` is
 * left.
 */
const BEGIN = 15_000;
const END = 4_000;

/** The error of a message for which the function has no time. */
const outOfTime = (): Error =>
  Object.assign(new Error('the function had no time left for this message'), { name: 'OutOfTime' });

/**
 * Runs `run` if there is time, and rejects before Lambda ends the function. Otherwise the function would return
 * nothing, and the whole batch would come again.
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
