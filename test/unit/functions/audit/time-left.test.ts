import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { inTime } from '../../../../functions/audit/time-left.ts';

const left = (milliseconds: number) => ({ getRemainingTimeInMillis: () => milliseconds });
const OUT_OF_TIME = { name: 'OutOfTime', message: 'the function had no time left for this message' };

test('a function for which there is time runs, and its failure is passed on', async () => {
  expect(await inTime(left(60_000), async () => 'done')).toBe('done');
  await expect(inTime(left(60_000), () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
});

test('no function is begun with too little time left', async () => {
  let begun = 0;
  const run = async () => ++begun;
  await expect(inTime(left(14_999), run)).rejects.toMatchObject(OUT_OF_TIME);
  expect(begun).toBe(0);
});

test('a function that takes too long is not waited for', async () => {
  const context = { getRemainingTimeInMillis: () => 15_000 };
  // Had it been waited for, there would be no error.
  await expect(inTime(context, () => sleep(60_000, undefined, { ref: false }), 14_900)).rejects.toMatchObject(
    OUT_OF_TIME,
  );
});
