import { expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { connected } from '../../../functions/connected.ts';

const CONTEXT = {} as Context;

test('a handler is connected once, and anew after an error', async () => {
  let connections = 0;
  const handler = connected(async () => {
    const number = ++connections;
    if (number === 2) throw new Error('no configuration');
    return async (event: string) => {
      if (event === 'bad') throw new Error('no answer');
      return `${event} ${number}`;
    };
  });
  expect([await handler('a', CONTEXT), await handler('b', CONTEXT)]).toEqual(['a 1', 'b 1']);
  await expect(handler('bad', CONTEXT)).rejects.toThrow('no answer');
  await expect(handler('c', CONTEXT)).rejects.toThrow('no configuration');
  expect(await handler('d', CONTEXT)).toBe('d 3');
});
