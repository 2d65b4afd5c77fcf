import { expect, test } from '@jest/globals';
import { keepingLatest, onceDone } from '../../shared/memo.ts';

test('of more than may be kept, the one that nobody has asked for longest is let go', () => {
  const made: string[] = [];
  const kept = keepingLatest(2, (key) => {
    made.push(key);
    return { key };
  });
  const [one] = [kept('one'), kept('other'), kept('one'), kept('third')];
  expect(made).toEqual(['one', 'other', 'third']);
  expect(kept('one')).toBe(one);
  kept('other');
  expect(made).toEqual(['one', 'other', 'third', 'other']);
});

test('what was done is not done again, and what failed is done again when somebody asks the next time', async () => {
  const answers = [new Error('no table'), new Error('no bucket'), 'connected'];
  let times = 0;
  const done = onceDone(async () => {
    const answer = answers[times++];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const [one, other] = [done(), done()];
  await expect(one).rejects.toThrow('no table');
  await expect(other).rejects.toThrow('no table');
  expect(times).toBe(1);
  await expect(done()).rejects.toThrow('no bucket');
  expect([await done(), await done()]).toEqual(['connected', 'connected']);
  expect(times).toBe(3);
});
