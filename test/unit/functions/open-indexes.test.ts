import { expect, test } from '@jest/globals';
import type { AccountContext } from '../../../functions/account-context.ts';
import type { AccountIndex } from '../../../functions/audit/account-index.ts';
import { openIndexes } from '../../../functions/audit/open-indexes.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

/** Indexes that tell of which configuration they are, and how to open that of an account. */
const indexes = () => {
  const made: AccountContext['config'][] = [];
  const opened = openIndexes(async () => ({ config }) => {
    made.push(config);
    return { config } as unknown as AccountIndex;
  });
  return { opened, made };
};

const account = (): AccountContext => {
  const reader = { ...memoryReader({}).reader, forget: () => {}, forgetBefore: () => {} };
  const { scope } = reader;
  return { scope, readers: [reader], clients: {} as never, config: { version: 1 }, known: () => new Map() };
};

test('an index serves the batches of its account until the account has another configuration', async () => {
  const { opened, made } = indexes();
  const before = account();
  expect(opened.known(before)).toBeUndefined();
  const index = await opened.open(before);
  expect(await opened.open({ ...before, known: () => new Map() })).toBe(index);
  expect(made).toEqual([before.config]);

  const moved = { ...before, config: { version: 1 as const, roles: { steps: [] } } };
  const anew = await opened.open(moved);
  expect(anew).not.toBe(index);
  expect(opened.known(moved)).toBe(anew);
  expect(made).toEqual([before.config, moved.config]);
});

test('the index that nobody has opened longest is let go first', async () => {
  const { opened } = indexes();
  const accounts = Array.from({ length: 10 }, account);
  for (const each of accounts) await opened.open(each);
  const [first, second] = accounts;
  if (!first || !second) throw new Error('there are ten accounts');
  await opened.open(first);
  await opened.open(account());
  expect([first, second].map((each) => opened.known(each) !== undefined)).toEqual([true, false]);
});
