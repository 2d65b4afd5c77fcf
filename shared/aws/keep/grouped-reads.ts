import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from './state-item.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS = 100;
const MAX_ROUNDS = 8;
/** Looks of a batch that AWS answers at once come this close together. */
const GROUP_MS = 10;

/**
 * Reads items by their `pk`, all that are asked for within ten milliseconds with one call, because the looks of a
 * batch end together. A read sees every write that was answered before it was asked for; it is undefined where there is
 * no such item, and rejects where the table does not answer.
 */
export const groupedReads = (
  { client, table }: { client: DynamoDBClient; table: string },
  sk: string,
): ((pk: string) => Promise<Item | undefined>) => {
  type Group = { pks: Set<string>; items: Promise<ReadonlyMap<string, Item>> };
  let open: Group | undefined;

  const group = (): Group => {
    const pks = new Set<string>();
    const items = sleep(GROUP_MS).then(() => {
      open = undefined;
      return readAll([...pks]);
    });
    return { pks, items };
  };

  const readAll = async (pks: readonly string[]): Promise<ReadonlyMap<string, Item>> => {
    const parts = Array.from({ length: Math.ceil(pks.length / MAX_KEYS) }, (_, index) =>
      pks.slice(index * MAX_KEYS, (index + 1) * MAX_KEYS),
    );
    const items = (await Promise.all(parts.map(readPart))).flat();
    return new Map(items.map((item) => [item.pk?.S ?? '', item]));
  };

  /** The SDK does not repeat what a throttled table leaves unread, as that is not an error. */
  const readPart = async (pks: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    let Keys: Item[] = pks.map((pk) => ({ pk: { S: pk }, sk: { S: sk } }));
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
      if (Keys.length === 0) return items;
      await sleep(Math.random() * 50 * 2 ** round);
    }
    throw new Error(`${table} left ${Keys.length} of its items unread ${MAX_ROUNDS} times`);
  };

  return async (pk) => {
    open ??= group();
    const { pks, items } = open;
    pks.add(pk);
    return (await items).get(pk);
  };
};
