import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { type AlertMemory, type LastTold, type MessageAddress, TOLD_STATES } from '../../alerts/alerting.ts';
import { SEVERITIES } from '../../domain/finding.ts';
import { type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';

/** Longer than an open finding goes without an alert: each alert writes the item again. */
const TTL_SECONDS = 400 * 24 * 60 * 60;
// DynamoDB’s own limits of a request.
const MAX_READ = 100;
const MAX_WRITTEN = 25;
const MAX_ROUNDS = 6;
const BACKOFF_MS = 50;

type Item = Record<string, AttributeValue>;

/**
 * What channels were told, in the findings table. Hash key `pk` is `alert#<finding id>`, range key `sk` the channel’s
 * name; `told` holds JSON, and `expiresAt` is the TTL.
 */
export const dynamodbAlertMemory = ({
  client,
  table,
  now = () => new Date(),
}: {
  client: DynamoDBClient;
  table: string;
  now?: () => Date;
}): AlertMemory => {
  const readSome = async (keys: Item[]): Promise<Item[]> => {
    const found: Item[] = [];
    let left = keys;
    for (let round = 0; left.length > 0; round++) {
      if (round === MAX_ROUNDS) throw new Error(`${left.length} items of ${table} could not be read`);
      if (round > 0) await sleep(BACKOFF_MS * 2 ** round);
      const request = { [table]: { Keys: left, ConsistentRead: true } };
      const answer = await client.send(new BatchGetItemCommand({ RequestItems: request }));
      found.push(...(answer.Responses?.[table] ?? []));
      left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return found;
  };
  const writeSome = async (items: Item[]): Promise<void> => {
    let left = items.map((Item) => ({ PutRequest: { Item } }));
    for (let round = 0; left.length > 0; round++) {
      if (round === MAX_ROUNDS) throw new Error(`${left.length} items of ${table} could not be written`);
      if (round > 0) await sleep(BACKOFF_MS * 2 ** round);
      const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = (answer.UnprocessedItems?.[table] ?? []) as typeof left;
    }
  };
  return {
    async recall(channel, findingIds) {
      const keys = [...new Set(findingIds)].map((id) => keyOf(channel, id));
      const told = new Map<string, LastTold>();
      for (const some of groups(keys, MAX_READ)) {
        for (const item of await readSome(some)) {
          const one = decode(item.told?.S);
          const id = item.pk?.S?.slice(ALERT_PREFIX.length);
          if (one && id !== undefined) told.set(id, one);
        }
      }
      return told;
    },
    async remember(channel, told) {
      const expiresAt = { N: String(Math.floor(now().valueOf() / 1000) + TTL_SECONDS) };
      const items = [...told].map(([id, one]) => ({
        ...keyOf(channel, id),
        told: { S: JSON.stringify(one) },
        expiresAt,
      }));
      for (const some of groups(items, MAX_WRITTEN)) await writeSome(some);
    },
  };
};

/** How the keys of what channels were told begin. */
export const ALERT_PREFIX = 'alert#';

const keyOf = (channel: string, id: string): Item => ({
  pk: { S: `${ALERT_PREFIX}${id}` },
  sk: { S: channel },
});

const groups = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/** An unreadable text counts as if the channel had been told nothing: a message twice is better than none. */
const decode = (text: string | undefined): LastTold | undefined => {
  const parsed = parseJson(text ?? '');
  if (!parsed.ok) return undefined;
  const state = TOLD_STATES.find((known) => known === member(parsed.value, 'state'));
  const severity = SEVERITIES.find((known) => known === member(parsed.value, 'severity'));
  const fingerprint = member(parsed.value, 'fingerprint');
  if (!state || !severity || typeof fingerprint !== 'string') return undefined;
  const place = decodePlace(member(parsed.value, 'place'));
  const isReturn = member(parsed.value, 'isReturn') === true;
  return { state, severity, fingerprint, ...(isReturn && { isReturn }), ...(place && { place }) };
};

const decodePlace = (value: Json | undefined): MessageAddress | undefined => {
  const [channel, ts, isShared] = ['channel', 'ts', 'isShared'].map((key) => member(value, key));
  return typeof channel === 'string' && typeof ts === 'string' && typeof isShared === 'boolean'
    ? { channel, ts, isShared }
    : undefined;
};
