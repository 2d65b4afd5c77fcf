/** How many a second, and how many at once after a pause. */
export type Rate = { perSecond: number; burst: number };

/** What was left at a time, in milliseconds since 1970; below nothing where some have been promised already. */
export type Bucket = { tokens: number; at: number };

/** The bucket with one token taken, and how many milliseconds to wait until it is there. */
export const takeToken = (
  bucket: Bucket | undefined,
  { perSecond, burst }: Rate,
  now: number,
): { bucket: Bucket; waitMs: number } => {
  // A clock that goes back fills nothing.
  const at = Math.max(now, bucket?.at ?? now);
  const filled = bucket ? bucket.tokens + ((at - bucket.at) / 1000) * perSecond : burst;
  const tokens = Math.min(burst, filled) - 1;
  return { bucket: { tokens, at }, waitMs: Math.max(0, Math.ceil((-tokens / perSecond) * 1000)) };
};

/** Waits for a turn within the rate. Turns are given in the order in which they are asked for. */
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
