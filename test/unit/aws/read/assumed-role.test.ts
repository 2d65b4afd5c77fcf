import { expect, test } from '@jest/globals';
import { untilExpired } from '../../../../shared/aws/read/assumed-role.ts';

const MINUTE_MS = 60_000;

/** Credentials that are made anew at each call; each expires so many minutes after it was made. */
const credentials = (...minutes: (number | Error)[]) => {
  let made = 0;
  const ask = untilExpired(async () => {
    const left = minutes[made++];
    if (left instanceof Error) throw left;
    return { number: made, expiration: new Date(Date.now() + (left ?? 60) * MINUTE_MS) };
  });
  return { ask, made: () => made };
};

test('credentials are the same for all who ask, until five minutes before they expire', async () => {
  const { ask, made } = credentials(60);
  const [one, other] = await Promise.all([ask(), ask()]);
  expect([one.number, other.number, (await ask()).number, made()]).toEqual([1, 1, 1, 1]);
});

test('credentials that are about to expire are asked for again, once for all who ask', async () => {
  const { ask, made } = credentials(4, 60);
  expect((await ask()).number).toBe(1);
  const again = await Promise.all([ask(), ask(), ask()]);
  expect([again.map(({ number }) => number), made()]).toEqual([[2, 2, 2], 2]);
});

test('a refusal is not kept', async () => {
  const { ask, made } = credentials(new Error('denied'), 60);
  await expect(ask()).rejects.toThrow('denied');
  expect([(await ask()).number, made()]).toEqual([2, 2]);
});
