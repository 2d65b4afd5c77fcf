import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { confirmed } from '../../../cli/confirm.ts';

const terminal = (answer: string | undefined, isTTY = true) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  if (answer === undefined) input.end();
  else input.write(answer);
  return { input, output };
};

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  [undefined, false],
])('the answer %j means %j', async (answer, expected) => {
  const { input, output } = terminal(answer);
  expect(await confirmed('Go on?', { input, output })).toBe(expected);
  expect(String(output.read())).toContain('Go on? [y/N] ');
});

test('nobody is asked where there is no terminal', async () => {
  const { input, output } = terminal('y\n', false);
  expect(await confirmed('Go on?', { input, output })).toBeUndefined();
  expect(output.read()).toBeNull();
});
