import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import DataLoader from 'dataloader';
import pLimit from 'p-limit';
import {
  differing,
  type Entries,
  type Entry,
  firstOf,
  type IndexKind,
  merged,
  OUTLINE,
  PARTS_OF,
  partOf,
  relisted,
} from '../../account-index/entries.ts';
import { partLost } from '../../account-index/part-lost.ts';
import { readable, toldEntries } from '../../account-index/part-text.ts';
import { type IndexHead, type IndexStore, TOO_LARGE, UNLISTED } from '../../account-index/store.ts';
import { groupBy } from '../../group-by.ts';
import { inTurn } from '../../in-turn.ts';
import { isObject, type Json } from '../../json/json.ts';
import { packPart, type UnpackedPart, unpackPart } from './packed-part.ts';
import { type Item, malformed } from './state-item.ts';

const MAX_ATTEMPTS = 12;
const CONCURRENCY = 8;
/** An item may have 400 KB with its names and key. */
const MAX_BYTES = 390 * 1024;
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS = 100;

/** All entries of these are read by looks: by the keys of their parts, in one call. */
const OF_LOOKS: ReadonlySet<string> = new Set<IndexKind>([...OUTLINE, 'writers']);

/** Looks at users and roles add to these. */
const LEARNED: ReadonlySet<string> = new Set<IndexKind>([
  'principals',
  'writers',
  'whole-principals',
  'settled',
]);

const HEAD = 'head';
const PROGRESS = 'progress';
/** The sort keys of a kind’s parts begin alike, so that one query reads them. */
const skOf = (kind: IndexKind, part: number): string => `${kind}#${part.toString().padStart(3, '0')}`;

/**
 * The index of an account in the findings table: the items with `pk` = `index#ACCOUNT`. Each part of a kind is an item with the
 * packed entries and a `version`, which every write raises and must find unchanged. A part that a listing has written has the
 * attribute `listed`, and keeps it: a part without it was lost, or no listing has told it yet. None of them wakes the deliverer.
 */
export const dynamodbIndex = ({
  client,
  table,
  account,
}: {
  client: DynamoDBClient;
  table: string;
  account: string;
}): IndexStore => {
  const pk = { S: `index#${account}` };
  const keyOf = (sk: string) => ({ pk, sk: { S: sk } });
  /** Items that looks ask for at the same time are read in one call. */
  const items = new DataLoader<string, Item | undefined>(
    async (sks) => {
      const bySk = new Map((await readGroup([...new Set(sks)])).map((item) => [item.sk?.S, item]));
      return sks.map((sk) => bySk.get(sk));
    },
    { cache: false, maxBatchSize: MAX_KEYS },
  );
  const get = (sk: string): Promise<Item | undefined> => items.load(sk);
  /** The parts that a look reads before it adds to them, as this process has read or written them last. */
  const seen = new Map<string, Item>();
  /** What a part of these said in its last version. Outlines keep it anyway, and so nobody unpacks again what nobody has changed. */
  const unpacked = new Map<string, { version: string; part: UnpackedPart | undefined }>();
  const decodedOf = (item: Item, asked?: AskedKeys): UnpackedPart | undefined => {
    const [sk, version] = [item.sk?.S ?? '', item.version?.N];
    if (version === undefined || !OF_LOOKS.has(kindOf(sk))) return decoded(item, { asked });
    const known = unpacked.get(sk);
    if (known?.version === version) return known.part;
    // Looks ask for the values of few writers, and an account has thousands.
    const decode = kindOf(sk) === 'writers' ? decodedLazily : decoded;
    const part = decode(item, { known: known?.part?.entries });
    unpacked.set(sk, { version, part });
    return part;
  };
  /** What parts tell, by their sort keys, without those that nobody can read. */
  const decodedAll = (items: readonly Item[], asked?: AskedKeys): Map<string, Entries> =>
    new Map(
      items.flatMap((item) => {
        const part = decodedOf(item, asked);
        return part ? [[item.sk?.S ?? '', part.entries] as const] : [];
      }),
    );
  /** Looks of one process that change one part would refuse each other. */
  const turnOf = inTurn();

  /**
   * `before`: the part as it was read before, if it was. A part of which nobody can read what is asked for is made anew, as one that was
   * lost.
   */
  const change = (
    sk: string,
    step: (known: Entries) => Map<string, Entry>,
    {
      isListing,
      asked,
      before,
    }: { isListing: boolean; asked?: AskedKeys; before?: { item: Item | undefined } },
  ): Promise<void> =>
    turnOf(sk, async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const item = attempt === 1 && before ? before.item : await get(sk);
        // A listing replaces what nobody can read.
        const part = item && (isListing ? decoded(item) : decodedOf(item, asked));
        const read = part && readable(part.entries, asked?.isAsked);
        const known = read ?? new Map<string, Entry>();
        const after = step(known);
        const wasListed = read !== undefined && item?.listed !== undefined;
        const isListed = isListing || wasListed;
        if (read && isSame(known, after) && isListed === wasListed) return;
        const told = { entries: after, left: read ? part.left : new Map() };
        if (await put(sk, item, told, isListed)) return;
        seen.delete(sk);
        await sleep(Math.random() * Math.min(1000, 20 * 2 ** attempt));
      }
      throw new Error(`${pk.S} ${sk} was changed by others ${MAX_ATTEMPTS} times in a row`);
    });

  const put = async (
    sk: string,
    before: Item | undefined,
    { entries: after, left }: UnpackedPart,
    isListed: boolean,
  ): Promise<boolean> => {
    const entries = await packPart(kindOf(sk), after, left);
    if (!entries || entries.length > MAX_BYTES)
      throw Object.assign(
        new Error(`${pk.S} ${sk}: its ${after.size + left.size} entries are more than an item can hold`),
        { name: TOO_LARGE },
      );
    const version = before?.version?.N;
    // A part that was deleted and made again must not have a version that it had before.
    const next = version === undefined ? String(randomInt(2 ** 47)) : String(Number(version) + 1);
    const item: Item = {
      ...keyOf(sk),
      version: { N: next },
      entries: { B: entries },
      ...(isListed && { listed: { BOOL: true } }),
    };
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ...(version === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: '#version = :version',
                ExpressionAttributeNames: { '#version': 'version' },
                ExpressionAttributeValues: { ':version': { N: version } },
              }),
        }),
      );
      see(item);
      // This process need not unpack what it has written.
      if (OF_LOOKS.has(kindOf(sk)))
        unpacked.set(sk, { version: next, part: { entries: toldEntries(after), left } });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  const see = (item: Item): void => {
    const sk = item.sk?.S ?? '';
    if (LEARNED.has(kindOf(sk))) seen.set(sk, item);
  };

  const readHead = async (): Promise<IndexHead | undefined> => {
    const item = await get(HEAD);
    return item?.head && headIn(item);
  };

  /** What parts tell, unless one of them is lost. */
  const entriesIn = (
    kind: IndexKind,
    sks: readonly string[],
    items: readonly Item[],
    asked?: AskedKeys,
  ): Entries => {
    const told = decodedAll(items, asked);
    const there = new Set(items.flatMap(({ sk, listed }) => (listed ? (sk?.S ?? []) : [])));
    const missing = kind === UNLISTED ? undefined : sks.find((sk) => !there.has(sk) || !told.has(sk));
    if (missing !== undefined) throw partLost(`${pk.S} ${missing} is missing, which a listing writes`);
    return together(told);
  };

  const readKind = async (kind: IndexKind): Promise<Item[]> => {
    const input = {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :kind)',
      ExpressionAttributeValues: { ':pk': pk, ':kind': { S: `${kind}#` } },
      ConsistentRead: true,
    };
    const items: Item[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, input)) items.push(...Items);
    return items;
  };

  const readGroup = async (sks: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    let Keys: Item[] = sks.map(keyOf);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS && Keys.length > 0; attempt++) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
      if (Keys.length > 0) await sleep(Math.random() * Math.min(1000, 20 * 2 ** attempt));
    }
    if (Keys.length > 0) throw new Error(`${table} left ${Keys.length} items of ${pk.S} unread`);
    return items;
  };

  const readParts = async (sks: readonly string[]): Promise<Item[]> => {
    const read = (await Promise.all(sks.map(get))).filter((item) => item !== undefined);
    for (const item of read) see(item);
    return read;
  };

  /** Parts of few keys are asked for by their keys, all in one call. */
  const isFew = (kind: IndexKind): boolean => OF_LOOKS.has(kind);

  const readKinds = async <K extends IndexKind>(kinds: readonly K[], tell: Tell) => {
    const [few, ...large] = await Promise.all([
      readParts(kinds.filter(isFew).flatMap(sksOf)),
      ...kinds.filter((kind) => !isFew(kind)).map(readKind),
    ]);
    const byKind = groupBy([few, ...large].flat(), ({ sk }) => kindOf(sk?.S ?? ''));
    const told = kinds.map((kind) => [kind, tell(kind, sksOf(kind), byKind.get(kind) ?? [])] as const);
    return Object.fromEntries(told) as unknown as Record<K, Entries>;
  };

  return {
    head: readHead,
    writeHead: async ({ form, configuration, principals, pipelines }) => {
      const began = { N: String(principals) };
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf(HEAD),
              head: { S: JSON.stringify({ form, configuration, principals, pipelines }) },
              notBefore: began,
            },
            ConditionExpression: 'attribute_not_exists(notBefore) OR notBefore <= :began',
            ExpressionAttributeValues: { ':began': began },
          }),
        );
      } catch (error) {
        // Whoever dropped the head, or wrote a newer one, wants no listing from before.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    dropHead: async (at) => {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyOf(HEAD), notBefore: { N: String(at) } },
            ConditionExpression: 'attribute_not_exists(notBefore) OR notBefore <= :at',
            ExpressionAttributeValues: { ':at': { N: String(at) } },
          }),
        );
      } catch (error) {
        // A listing that began later is there, or somebody wants one that begins later.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
    progress: async () => {
      const item = await get(PROGRESS);
      const { since, marker, told } = item ?? {};
      return since?.N !== undefined && marker?.S !== undefined && told?.N !== undefined
        ? { since: Number(since.N), marker: marker.S, told: Number(told.N) }
        : undefined;
    },
    writeProgress: async (progress) => {
      const Key = keyOf(PROGRESS);
      if (!progress) {
        await client.send(new DeleteItemCommand({ TableName: table, Key }));
        return;
      }
      const { since, marker, told } = progress;
      const Item = { ...Key, since: { N: String(since) }, marker: { S: marker }, told: { N: String(told) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
    read: (kinds) => readKinds(kinds, entriesIn),
    readAvailable: (kinds) => readKinds(kinds, (_kind, _sks, items) => together(decodedAll(items))),
    readSome: async (kind, keys) => {
      const sks = [...new Set(keys.map((key) => skOf(kind, partOf(kind, key))))];
      // Such a part tells of others as well, whose values nobody reads. What is settled is looked for by names.
      return entriesIn(kind, sks, await readParts(sks), kind === UNLISTED ? undefined : askedBy(keys));
    },
    merge: async (kind, entries, isNews) => {
      const byPart = groupBy([...entries], ([key]) => skOf(kind, partOf(kind, key)));
      await pLimit(CONCURRENCY).map([...byPart], ([sk, more]) =>
        change(sk, (known) => merged(known, isNews ? new Map(more) : differing(known, new Map(more))), {
          isListing: false,
          asked: askedBy(more.map(([key]) => key)),
          // What is news is written in any case, so that a part which was read a while ago is refused if it has changed.
          ...(isNews && seen.has(sk) && { before: { item: seen.get(sk) } }),
        }),
      );
    },
    relist: async (kind, entries, since) => {
      const byPart = groupBy([...entries], ([key]) => skOf(kind, partOf(kind, key)));
      const items = new Map((await readParts(sksOf(kind))).map((item) => [item.sk?.S, item]));
      await pLimit(CONCURRENCY).map(sksOf(kind), (sk) =>
        change(sk, (known) => relisted(known, new Map(byPart.get(sk)), since), {
          isListing: true,
          before: { item: items.get(sk) },
        }),
      );
    },
  };
};

const kindOf = (sk: string): string => sk.split('#', 1)[0] ?? '';

const sksOf = (kind: IndexKind): string[] =>
  Array.from({ length: PARTS_OF[kind] }, (_, part) => skOf(kind, part));

/** Whether somebody asks for the entry with this key, and for one whose key begins so. */
type AskedKeys = { isAsked: (key: string) => boolean; isMeant: (first: string) => boolean };

const askedBy = (keys: readonly string[]): AskedKeys => {
  const [asked, firsts] = [new Set(keys), new Set(keys.map(firstOf))];
  return {
    isAsked: (key) => asked.has(key) || asked.has(firstOf(key)),
    isMeant: (first) => firsts.has(first),
  };
};

/** What the items of some parts of a kind tell. */
type Tell = (kind: IndexKind, sks: readonly string[], items: readonly Item[]) => Entries;

/** Whether a write would change nothing that anybody asks for. */
const isSame = (known: Entries, after: Entries): boolean =>
  known.size === after.size &&
  [...after].every(([key, entry]) => {
    const before = known.get(key);
    return before === entry || (before?.asOf === entry.asOf && before.value === entry.value);
  });

const together = (parts: ReadonlyMap<string, Entries>): Entries => {
  const all = new Map<string, Entry>();
  // An account has thousands, and a loop over a map makes two objects of each.
  const add = (entry: Entry, key: string): void => void all.set(key, entry);
  for (const part of parts.values()) part.forEach(add);
  return all;
};

/**
 * What a part tells; undefined for one that was not written here, or of which a value that is asked for cannot be read. `known`: what it
 * told in an earlier version.
 */
const decoded = (
  item: Item,
  { known, asked }: { known?: Entries | undefined; asked?: AskedKeys | undefined } = {},
): UnpackedPart | undefined => {
  const part = decodedLazily(item, { known, asked });
  return part && readable(part.entries, asked?.isAsked) && part;
};

/** The same, with values that may turn out to be no JSON when somebody asks for them. */
const decodedLazily = (
  { sk, entries }: Item,
  { known, asked }: { known?: Entries | undefined; asked?: AskedKeys | undefined },
): UnpackedPart | undefined =>
  entries?.B &&
  unpackPart(kindOf(sk?.S ?? ''), entries.B, { known, ...(asked && { isMeant: asked.isMeant }) });

const headIn = ({ pk, head }: Item): IndexHead => {
  const told: Json = JSON.parse(head?.S ?? 'null');
  if (isObject(told)) {
    const { form, configuration, principals, pipelines } = told;
    if (
      typeof form === 'number' &&
      typeof configuration === 'string' &&
      typeof principals === 'number' &&
      isObject(pipelines) &&
      Object.values(pipelines).every((time) => typeof time === 'number')
    )
      return { form, configuration, principals, pipelines: pipelines as Record<string, number> };
  }
  throw malformed(`${pk?.S ?? ''} ${HEAD}`);
};
