import { expect, test } from '@jest/globals';
import { BASE } from './base.ts';
import { cleanAccount } from './clean-account.ts';
import { judgeMutation, type Outcome } from './corpus.ts';
import { judge } from './judge.ts';
import { type Mutation, mutations } from './mutations.ts';

const base = cleanAccount(BASE);
const all = mutations(base);

test('a clean account has no findings', async () => {
  expect(await judge(base)).toEqual([]);
});

test('there are enough mutations, each with a name of its own, for every control of accounts and definitions', () => {
  expect(all.length).toBeGreaterThanOrEqual(150);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

const RIGHT: Partial<Outcome> = { missed: [], extra: [], unmended: [] };

test.each(all.map((mutation): [string, Mutation] => [mutation.name, mutation]))('%s', async (_, mutation) => {
  const outcome = await judgeMutation(base, mutation);
  expect(outcome).toMatchObject(outcome.byEvents ? { ...RIGHT, byEvents: [] } : RIGHT);
});
