import { deflateSync } from 'node:zlib';
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Entry, existing, OUTLINE, PARTS_OF, partOf } from '../../shared/account-index/entries.ts';
import { keptIndex } from '../../shared/account-index/kept-index.ts';
import { PART_LOST } from '../../shared/account-index/part-lost.ts';
import { FORM, type IndexStore, memoryIndex, TOO_LARGE } from '../../shared/account-index/store.ts';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

let accounts = 111122223333;
/** An account of its own for each test, so that tests can share a table. */
const newAccount = (): string => String(++accounts);

const role = (name: number | string): string => `arn:aws:iam::111122223333:role/r-${name}`;

const entries = (count: number, asOf: number, value: Entry['value'] = 'one'): Map<string, Entry> =>
  new Map(Array.from({ length: count }, (_, index) => [role(index), { asOf, value }]));

/** What an entry says, however the index keeps it. */
const said = (entry: Entry | undefined) => entry && { asOf: entry.asOf, value: entry.value };

const contract = (open: (account: string) => IndexStore): void => {
  test('an index that nobody has made has no head and no entries', async () => {
    const index = open(newAccount());
    expect(await index.head()).toBeUndefined();
    expect(await index.progress()).toBeUndefined();
    expect([...(await index.readAvailable(['principals'])).principals]).toEqual([]);
  });

  test('entries, the head and the progress are read as they were written', async () => {
    const index = open(newAccount());
    const head = { form: FORM, configuration: 'c', principals: 5, pipelines: { 'eu-west-1': 6 } };
    await index.writeProgress({ since: 7, marker: 'm', told: 8 });
    await index.merge('principals', entries(100, 1), true);
    await index.merge(
      'whole-pipelines',
      new Map([['p', { asOf: 2, value: { name: 'é', roles: [] } }]]),
      true,
    );
    expect(await index.progress()).toEqual({ since: 7, marker: 'm', told: 8 });
    const {
      principals,
      groups,
      'whole-pipelines': pipelines,
    } = await index.readAvailable(['principals', 'groups', 'whole-pipelines']);
    expect(existing(principals)).toEqual(existing(entries(100, 1)));
    expect(groups.size).toBe(0);
    expect(said(pipelines.get('p'))).toEqual({ asOf: 2, value: { name: 'é', roles: [] } });
    await index.writeProgress(undefined);
    expect(await index.progress()).toBeUndefined();
    await index.writeHead(head);
    expect(await index.head()).toEqual(head);
  });

  test('a head that was dropped stays away until a listing is complete that began later', async () => {
    const index = open(newAccount());
    const head = (principals: number) => ({ form: FORM, configuration: 'c', principals, pipelines: {} });
    await index.writeHead(head(5));
    await index.dropHead(10);
    expect(await index.head()).toBeUndefined();
    await index.writeHead(head(7));
    expect(await index.head()).toBeUndefined();
    await index.writeHead(head(12));
    await index.writeHead(head(11));
    expect((await index.head())?.principals).toBe(12);
    // Whoever drops an older one leaves it, and lowers no bar.
    await index.dropHead(9);
    expect((await index.head())?.principals).toBe(12);
    await index.dropHead(20);
    await index.dropHead(13);
    await index.writeHead(head(15));
    expect(await index.head()).toBeUndefined();
  });

  test('some entries are read by their keys', async () => {
    const index = open(newAccount());
    await index.relist('whole-principals', new Map(), 1);
    await index.merge('whole-principals', entries(50, 1), true);
    const some = await index.readSome('whole-principals', [role(3), role(4), role('none')]);
    expect(said(some.get(role(3)))).toEqual({ asOf: 1, value: 'one' });
    expect(said(some.get(role(4)))).toEqual({ asOf: 1, value: 'one' });
    expect(some.has(role('none'))).toBe(false);
  });

  test('what no listing has told yet is told to nobody who must know all of it', async () => {
    const index = open(newAccount());
    await index.merge('groups', entries(3, 1), true);
    await expect(index.read(['groups'])).rejects.toMatchObject({ name: PART_LOST });
    await expect(index.readSome('groups', [role(0)])).rejects.toMatchObject({ name: PART_LOST });
    await index.relist('groups', entries(3, 2), 2);
    expect((await index.read(['groups'])).groups.size).toBe(3);
    expect((await index.readSome('groups', [role(0)])).get(role(0))?.value).toBe('one');
    // No listing tells what looks have settled.
    expect((await index.read(['settled'])).settled.size).toBe(0);
  });

  test('an older answer replaces no newer one', async () => {
    const index = open(newAccount());
    await index.merge('principals', entries(1, 5, null), true);
    await index.merge('principals', entries(1, 3), true);
    expect(said((await index.readAvailable(['principals'])).principals.get(role(0)))).toEqual({
      asOf: 5,
      value: null,
    });
  });

  test('what is no news and says the same keeps its time', async () => {
    const index = open(newAccount());
    await index.merge('principals', entries(1, 1), true);
    await index.merge('principals', entries(1, 5), false);
    expect((await index.readAvailable(['principals'])).principals.get(role(0))?.asOf).toBe(1);
    await index.merge('principals', entries(1, 5), true);
    expect((await index.readAvailable(['principals'])).principals.get(role(0))?.asOf).toBe(5);
    await index.merge('principals', entries(1, 6, 'two'), false);
    expect((await index.readAvailable(['principals'])).principals.get(role(0))?.value).toBe('two');
  });

  test('looks that write at the same time lose nothing of each other', async () => {
    const account = newAccount();
    const stores = [open(account), open(account), open(account)];
    const part = partOf('groups', role(0));
    const alike = Array.from({ length: 400 }, (_, index) => role(index)).filter(
      (key) => partOf('groups', key) === part,
    );
    await Promise.all(
      alike
        .slice(0, 24)
        .map((key, index) =>
          stores[index % 3]?.merge('groups', new Map([[key, { asOf: 1, value: key }]]), true),
        ),
    );
    const { groups } = await open(account).readAvailable(['groups']);
    expect(existing(groups).map(([key]) => key)).toEqual(alike.slice(0, 24).toSorted());
  });

  test('a listing drops what it does not hold', async () => {
    const index = open(newAccount());
    await index.merge('principals', entries(40, 1), true);
    await index.merge('principals', new Map([['new', { asOf: 9, value: 'new' }]]), true);
    await index.relist('principals', entries(20, 5, 'two'), 5);
    const { principals } = await index.readAvailable(['principals']);
    expect(existing(principals)).toEqual(
      existing(new Map([...entries(20, 5, 'two'), ['new', { asOf: 9, value: 'new' }]])),
    );
  });

  test('accounts share nothing', async () => {
    const [one, other] = [newAccount(), newAccount()];
    await open(one).merge('principals', entries(3, 1), true);
    expect((await open(other).readAvailable(['principals'])).principals.size).toBe(0);
  });
};

describe('the index in memory', () => {
  const stores = new Map<string, IndexStore>();
  contract((account) => {
    const known = stores.get(account) ?? memoryIndex();
    stores.set(account, known);
    return known;
  });
});

const inTable = (start: () => Promise<{ endpoint: string; stop(): Promise<void> }>) => () => {
  const TABLE = 'findings';
  let emulator: Awaited<ReturnType<typeof start>>;
  const clients: DynamoDBClient[] = [];
  const client = (): DynamoDBClient => {
    const made = new DynamoDBClient({
      endpoint: emulator.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    clients.push(made);
    return made;
  };

  beforeAll(async () => {
    emulator = await start();
    await createFindingsTable(client(), TABLE);
  });
  afterAll(async () => {
    for (const each of clients) each.destroy();
    await emulator?.stop();
  });

  contract((account) => dynamodbIndex({ client: client(), table: TABLE, account }));

  const lose = (account: string, kind: string, part: number) =>
    client().send(
      new DeleteItemCommand({
        TableName: TABLE,
        Key: { pk: { S: `index#${account}` }, sk: { S: `${kind}#${String(part).padStart(3, '0')}` } },
      }),
    );

  const breakPart = (account: string, sk: string, packed: Uint8Array) =>
    client().send(
      new PutItemCommand({
        TableName: TABLE,
        Item: {
          pk: { S: `index#${account}` },
          sk: { S: sk },
          version: { N: '3' },
          entries: { B: packed },
          listed: { BOOL: true },
        },
      }),
    );

  test('a part that is lost is told, with or without a head and even after others wrote into it, until a listing', async () => {
    const account = newAccount();
    const index = dynamodbIndex({ client: client(), table: TABLE, account });
    const listed = entries(40, 5);
    const [lost, kept] = [partOf('groups', role(0)), partOf('groups', role(1))];
    expect(lost).not.toBe(kept);
    await index.relist('groups', listed, 5);
    await index.merge('settled', entries(40, 5), true);
    await index.writeHead({ form: FORM, configuration: 'c', principals: 5, pipelines: {} });
    expect((await index.read(['groups', 'settled'])).groups.size).toBe(40);
    await lose(account, 'groups', lost);
    await lose(account, 'settled', partOf('settled', role(0)));
    const isLost = { name: PART_LOST };
    await expect(index.read(['groups'])).rejects.toMatchObject(isLost);
    await index.merge('groups', new Map([[role(0), { asOf: 6, value: 'new' }]]), true);
    await expect(index.read(['groups'])).rejects.toMatchObject(isLost);
    await expect(index.readSome('groups', [role(0)])).rejects.toMatchObject(isLost);
    expect((await index.readSome('groups', [role(1)])).get(role(1))?.value).toBe('one');
    expect((await index.readSome('settled', [role(0)])).size).toBe(0);
    await index.dropHead(6);
    await expect(index.read(['groups'])).rejects.toMatchObject(isLost);
    await expect(index.readSome('groups', [role(0)])).rejects.toMatchObject(isLost);
    await index.relist('groups', listed, 7);
    expect((await index.read(['groups'])).groups.size).toBe(40);
  });

  test.each([
    ['that is not packed', Buffer.from('not packed')],
    ['of which a value is no JSON', deflateSync(`1\t${JSON.stringify(role(0))}\t{"Arn":`)],
  ])('a part %s counts as lost, until a listing makes it anew', async (_, packed) => {
    const account = newAccount();
    const index = dynamodbIndex({ client: client(), table: TABLE, account });
    await index.relist('groups', entries(40, 5), 5);
    const sk = `groups#${String(partOf('groups', role(0))).padStart(3, '0')}`;
    await breakPart(account, sk, packed);
    await expect(index.read(['groups'])).rejects.toMatchObject({ name: PART_LOST });
    expect((await index.readAvailable(['groups'])).groups.has(role(0))).toBe(false);
    await index.merge('groups', new Map([[role(0), { asOf: 6, value: 'new' }]]), true);
    await expect(index.read(['groups'])).rejects.toMatchObject({ name: PART_LOST });
    await index.relist('groups', entries(40, 7), 7);
    expect((await index.read(['groups'])).groups.size).toBe(40);
  });

  test('what is broken of a pipeline counts as lost for whoever asks for it, and for nobody else', async () => {
    const account = newAccount();
    const index = dynamodbIndex({ client: client(), table: TABLE, account });
    const first = 'pipeline/p-0';
    const part = partOf('whole-pipelines', first);
    const names = Array.from({ length: 5000 }, (_, at) => `pipeline/p-${at + 1}`);
    const second = names.find((name) => partOf('whole-pipelines', name) === part) ?? '';
    const told = (asOf: number) =>
      new Map<string, Entry>([first, second].map((key) => [key, { asOf, value: { name: key } }]));
    await index.relist('whole-pipelines', told(5), 5);
    const Key = {
      pk: { S: `index#${account}` },
      sk: { S: `whole-pipelines#${String(part).padStart(3, '0')}` },
    };
    const { Item } = await client().send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true }));
    const packed = Buffer.from(Item?.entries?.B ?? []);
    packed.subarray(-4).fill(0);
    await breakPart(account, Key.sk.S, packed);
    const values = async (key: string) => (await index.readSome('whole-pipelines', [key])).get(key)?.value;
    expect(await values(first)).toEqual({ name: first });
    await index.merge('whole-pipelines', new Map([[first, { asOf: 6, value: 'new' }]]), true);
    expect(await values(first)).toBe('new');
    await expect(values(second)).rejects.toMatchObject({ name: PART_LOST });
    await expect(index.read(['whole-pipelines'])).rejects.toMatchObject({ name: PART_LOST });
    await index.relist('whole-pipelines', told(7), 7);
    expect(await values(second)).toEqual({ name: second });
  });

  test('what a role writes, where that is no JSON, counts as lost, until a listing makes it anew', async () => {
    const account = newAccount();
    const store = dynamodbIndex({ client: client(), table: TABLE, account });
    const now = (): Date => new Date('2026-11-30T12:00:00Z');
    const listed = now().valueOf() - 1000;
    const told = new Map<string, Entry>([
      [role(0), { asOf: listed, value: { Arn: role(0), RoleName: 'r-0', RolePolicyList: [] } }],
    ]);
    const list = async (at: number): Promise<void> => {
      for (const kind of OUTLINE) await store.relist(kind, kind === 'principals' ? told : new Map(), at);
      await store.relist('writers', told, at);
      await store.writeHead({
        form: FORM,
        configuration: '',
        principals: at,
        pipelines: { 'eu-west-1': at },
      });
    };
    const writers = async () => {
      const index = keptIndex({ store, now, configuration: '', regions: ['eu-west-1'] });
      const outline = await index.outline();
      return outline && index.writers(outline, () => true);
    };
    await list(listed);
    expect((await writers())?.identities.map(({ name }) => name)).toEqual(['r-0']);
    await breakPart(
      account,
      `writers#${String(partOf('writers', role(0))).padStart(3, '0')}`,
      deflateSync(`1\t${JSON.stringify(role(0))}\t{"Arn":`),
    );
    await expect(writers()).rejects.toMatchObject({ name: PART_LOST });
    expect(await writers()).toBeUndefined();
    await list(now().valueOf() + 1);
    expect((await writers())?.identities.map(({ name }) => name)).toEqual(['r-0']);
  });

  test('a part that packs well and could never be unpacked is too large', async () => {
    const index = dynamodbIndex({ client: client(), table: TABLE, account: newAccount() });
    const blanks = new Map([[role(0), { asOf: 1, value: '%20'.repeat(23_000_000) }]]);
    await expect(index.merge('groups', blanks, true)).rejects.toMatchObject({ name: TOO_LARGE });
    await index.merge('groups', entries(1, 2), true);
    expect((await index.readAvailable(['groups'])).groups.get(role(0))?.asOf).toBe(2);
  });

  test('a listing of nothing is whole', async () => {
    const account = newAccount();
    const index = dynamodbIndex({ client: client(), table: TABLE, account });
    await index.relist('groups', new Map(), 5);
    await index.writeHead({ form: FORM, configuration: 'c', principals: 5, pipelines: {} });
    expect((await index.read(['groups'])).groups.size).toBe(0);
  });

  test('a part that was deleted is made again', async () => {
    const account = newAccount();
    const index = dynamodbIndex({ client: client(), table: TABLE, account });
    await index.merge('groups', entries(20, 1), true);
    for (let part = 0; part < PARTS_OF.groups; part++) await lose(account, 'groups', part);
    expect((await index.readAvailable(['groups'])).groups.size).toBe(0);
    await index.merge('groups', entries(20, 1), true);
    expect((await index.readAvailable(['groups'])).groups.size).toBe(20);
  });
};

describeWith('moto', 'the index in moto', inTable(startMoto));
describeWith('DynamoDB Local', 'the index in DynamoDB Local', inTable(startDynamodbLocal));
