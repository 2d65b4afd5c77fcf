import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bucket, takeToken, turns } from '../../shared/token-bucket.ts';

const RATE = { perSecond: 10, burst: 30 };

/** When each of the turns begins that are asked for at those times, in milliseconds. */
const begun = (times: readonly number[]): number[] => {
  let bucket: Bucket | undefined;
  return times.map((time) => {
    const taken = takeToken(bucket, RATE, time);
    bucket = taken.bucket;
    return Math.max(time, taken.bucket.at) + taken.waitMs;
  });
};

describe('a token bucket of 10 a second', () => {
  test('gives 30 at once, and then one each tenth of a second', () => {
    expect(begun(Array(33).fill(0))).toEqual([...Array(30).fill(0), 100, 200, 300]);
  });

  test('fills up in three seconds, and never beyond', () => {
    const busy = Array(30).fill(0);
    expect(begun([...busy, 1000, ...Array(10).fill(1000)]).slice(30)).toEqual([
      ...Array(10).fill(1000),
      1100,
    ]);
    expect(begun([...busy, ...Array(31).fill(60_000)]).slice(30)).toEqual([
      ...Array(30).fill(60_000),
      60_100,
    ]);
  });

  test('is not filled by a clock that goes back', () => {
    expect(begun([...Array(30).fill(5000), 0, 5000]).slice(30)).toEqual([5100, 5200]);
  });

  test('never gives more than its rate in any stretch of time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 200 }), (pauses) => {
        let time = 0;
        const all = begun(pauses.map((pause) => (time += pause % 7 === 0 ? pause : 0)));
        for (const [first, from] of all.entries())
          for (let last = first; last < all.length; last++)
            expect(last - first + 1).toBeLessThanOrEqual(31 + (((all[last] as number) - from) / 1000) * 10);
      }),
    );
  });

  test('sleeps as long as it says, in the order of those who ask', async () => {
    let clock = 0;
    const slept: number[] = [];
    const turn = turns(
      { perSecond: 10, burst: 1 },
      {
        now: () => new Date(clock),
        sleep: async (milliseconds) => {
          slept.push(milliseconds);
        },
      },
    );
    await Promise.all([turn(), turn(), turn()]);
    clock = 1000;
    await turn();
    expect(slept).toEqual([100, 200]);
  });
});
