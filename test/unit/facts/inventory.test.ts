import { expect, test } from '@jest/globals';
import { existing } from '../../../shared/account-index/entries.ts';
import { type IndexStore, memoryIndex } from '../../../shared/account-index/store.ts';
import { type Inventory, type ReadPage, takeInventory } from '../../../shared/facts/inventory.ts';
import type { Json } from '../../../shared/json/json.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const PASSING = 'arn:aws:iam::111122223333:policy/passing';

const ROLES = Array.from({ length: 50 }, (_, index) => ({
  RoleName: `r${index}`,
  Arn: `arn:aws:iam::111122223333:role/r${index}`,
  AttachedManagedPolicies: index === 7 ? [{ PolicyArn: PASSING }] : [],
  RolePolicyList: [
    {
      PolicyName: 'logs',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
      },
    },
  ],
}));

/** The last page tells the policy that the role r7 has. */
const POLICY = {
  Arn: PASSING,
  PolicyVersionList: [
    {
      IsDefaultVersion: true,
      Document: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }],
      },
    },
  ],
};

/** 50 pages of one role each; `fails` says which calls get no answer. */
const pagesOf = (fails: (call: number) => boolean) => {
  const read: string[] = [];
  let calls = 0;
  const readPage: ReadPage = async (marker = '0') => {
    calls++;
    if (fails(calls)) return notRead('GetAccountAuthorizationDetails', 'Throttling', 'slow down');
    read.push(marker);
    const page = Number(marker);
    const details = {
      RoleDetailList: [ROLES[page] as unknown as Json],
      Policies: page === ROLES.length - 1 ? [POLICY as unknown as Json] : [],
    };
    return found(page + 1 < ROLES.length ? { details, marker: String(page + 1) } : { details });
  };
  return { readPage, read };
};

const inventoryOf = (store: IndexStore, readPage: ReadPage, time = 1_000_000): Inventory => ({
  store,
  readPage,
  readers: [memoryReader({ listing: [] }).reader],
  config: { version: 1 },
  configuration: 'c',
  now: () => new Date(time),
});

const told = async (store: IndexStore) => existing((await store.read(['principals'])).principals);

test('an inventory that goes on after each failed page ends, and reads no page twice', async () => {
  const whole = memoryIndex();
  await takeInventory(inventoryOf(whole, pagesOf(() => false).readPage));
  const store = memoryIndex();
  const { readPage, read } = pagesOf((call) => call % 10 === 0);
  let attempts = 0;
  let isDone = false;
  while (!isDone && attempts < 20) {
    attempts++;
    isDone = (await takeInventory(inventoryOf(store, readPage))).ok;
  }
  expect(isDone).toBe(true);
  expect(read).toEqual(ROLES.map((_, page) => String(page)));
  expect(await told(store)).toEqual(await told(whole));
  expect(await store.progress()).toBeUndefined();
});

test('a listing that was stopped, and of which something is lost since, begins anew', async () => {
  const store = memoryIndex();
  const { readPage, read } = pagesOf((call) => call === 4);
  await takeInventory(inventoryOf(store, readPage));
  await store.relist('whole-principals', new Map(), 2_000_000);
  expect(await takeInventory(inventoryOf(store, readPage))).toMatchObject({
    ok: true,
    value: { principals: 50 },
  });
  expect(read.slice(0, 5)).toEqual(['0', '1', '2', '0', '1']);
});

test('a listing that was stopped long ago begins anew', async () => {
  const store = memoryIndex();
  const { readPage, read } = pagesOf((call) => call === 3);
  await takeInventory(inventoryOf(store, readPage));
  const result = await takeInventory(inventoryOf(store, readPage, 1_000_000 + 2 * 60 * 60 * 1000));
  expect(result).toMatchObject({ ok: true, value: { principals: 50 } });
  expect(read.slice(0, 4)).toEqual(['0', '1', '0', '1']);
});

test('a listing that was stopped before a sweep dropped the index is not gone on with; one that was stopped after it is', async () => {
  const since = 1_000_000;
  const store = memoryIndex();
  const { readPage, read } = pagesOf((call) => call === 3 || call === 6);
  await takeInventory(inventoryOf(store, readPage));
  await store.dropHead(since + 5);
  const swept = (time: number) => ({ ...inventoryOf(store, readPage, time), notBefore: since + 5 });
  expect((await takeInventory(swept(since + 10))).ok).toBe(false);
  expect((await takeInventory(swept(since + 20))).ok).toBe(true);
  expect(read.slice(0, 6)).toEqual(['0', '1', '0', '1', '2', '3']);
  expect(await store.head()).toMatchObject({ principals: since + 10 });
});

test('an index has no head until everything was listed', async () => {
  const store = memoryIndex();
  expect(await takeInventory(inventoryOf(store, pagesOf((call) => call === 3).readPage))).toMatchObject({
    ok: false,
    unread: { code: 'Throttling' },
  });
  expect(await store.head()).toBeUndefined();
});

test('what a look has written since the listing began stays', async () => {
  const store = memoryIndex();
  const arn = 'arn:aws:iam::111122223333:role/r3';
  const since = 1_000_000;
  await store.merge('principals', new Map([[arn, { asOf: since + 5, value: null }]]), true);
  await store.merge('principals', new Map([['old', { asOf: since - 5, value: 'x' }]]), true);
  await takeInventory(inventoryOf(store, pagesOf(() => false).readPage, since));
  const names = (await told(store)).map(([key]) => key);
  expect(names).toHaveLength(49);
  expect(names).not.toContain(arn);
});
