import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT_CALLS } from '../../../functions/pace.ts';
import { type Bucket, takeToken } from '../../../shared/token-bucket.ts';

/** When the calls are made that are asked for at those times, in milliseconds. */
const madeAt = (times: readonly number[]): number[] => {
  let bucket: Bucket | undefined;
  return times.map((time) => {
    const taken = takeToken(bucket, ACCOUNT_CALLS, time);
    bucket = taken.bucket;
    return time + taken.waitMs;
  });
};

test('whenever calls are asked for, ten seconds hold at most ten calls a second of an account', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000), { maxLength: 300 }), (pauses) => {
      let time = 0;
      const made = madeAt(pauses.map((pause) => (time += pause % 5 === 0 ? pause : 0)));
      for (const from of made)
        expect(made.filter((at) => at >= from && at < from + 10_000).length).toBeLessThanOrEqual(100);
    }),
  );
});
