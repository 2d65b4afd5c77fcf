import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { inTurn } from '../../shared/in-turn.ts';

test('functions with the same key run one after the other, others do not wait', async () => {
  const turn = inTurn();
  const log: string[] = [];
  const run = (name: string, milliseconds: number) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await sleep(milliseconds);
    log.push(`${name} ends`);
    return name;
  };
  const done = await Promise.all([
    turn('a', run('first', 20)),
    turn('a', run('second', 1)),
    turn('b', run('other', 1)),
  ]);
  expect(done).toEqual(['first', 'second', 'other']);
  expect(log.filter((line) => !line.startsWith('other'))).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
  ]);
  expect(log.indexOf('other ends')).toBeLessThan(log.indexOf('first ends'));
});

test('a failure reaches its own caller, and does not stop the next function', async () => {
  const turn = inTurn();
  const failed = turn('a', () => Promise.reject(new Error('refused')));
  const next = turn('a', async () => 'done');
  await expect(failed).rejects.toThrow('refused');
  expect(await next).toBe('done');
});
