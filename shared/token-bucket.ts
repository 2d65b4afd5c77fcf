/** How many calls a second, and how many at once after a pause. */
export type Rate = { perSecond: number; burst: number };

/** How many tokens were left at a time (milliseconds since 1970). Below zero, callers already wait for tokens. */
export type Bucket = { tokens: number; at: number };

/** The bucket after one token was taken, and how many milliseconds to wait for that token. */
export const takeToken = (
  bucket: Bucket | undefined,
  { perSecond, burst }: Rate,
  now: number,
): { bucket: Bucket; waitMs: number } => {
  // A clock that goes back adds no tokens.
  const at = Math.max(now, bucket?.at ?? now);
  const filled = bucket ? bucket.tokens + ((at - bucket.at) / 1000) * perSecond : burst;
  const tokens = Math.min(burst, filled) - 1;
  return { bucket: { tokens, at }, waitMs: Math.max(0, Math.ceil((-tokens / perSecond) * 1000)) };
};

/**
 * A function that waits until the rate allows the next call. Callers get their turns in the order in which they ask.
 */
export const turns = (
  rate: Rate,
  { now, sleep }: { now: () => Date; sleep: (milliseconds: number) => Promise<void> },
): (() => Promise<void>) => {
  let bucket: Bucket | undefined;
  return async () => {
    const taken = takeToken(bucket, rate, now().valueOf());
    bucket = taken.bucket;
    if (taken.waitMs > 0) await sleep(taken.waitMs);
  };
};
