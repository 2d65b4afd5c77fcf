import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Reads repeatedly until the result is as wanted. Only what never comes takes as long as the limit.
 * @throws {Error} with the last result, if the time is over.
 */
export const until = async <T>(
  read: () => Promise<T> | T,
  isWanted: (value: T) => boolean,
  milliseconds = 600_000,
): Promise<T> => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${JSON.stringify(value)}`);
    await sleep(250);
  }
};
