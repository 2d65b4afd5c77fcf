import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import { ALERT_PREFIX } from './dynamodb-alert-memory.ts';
import { RESOURCE_PREFIX } from './dynamodb-store.ts';

type Item = Record<string, AttributeValue>;

/** What became of the items of a restored table. */
export type RestoredCounts = { restored: number; there: number; expired: number; derived: number };

/** How many items are written at the same time. */
const CONCURRENCY = 10;

/**
 * Copies findings, their history and what channels were told from a table into another, where they lack. What is there stays, because
 * it is newer. A dry run only asks whether it is there. What is derived or soon over (indexes, claims, marks of sweeps, coverage) is left
 * out, because the next sweep makes it anew.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
 */
export const restoreItems = async (
  client: DynamoDBClient,
  { from, to, now, isDry }: { from: string; to: string; now: Date; isDry: boolean },
): Promise<RestoredCounts> => {
  const counts: RestoredCounts = { restored: 0, there: 0, expired: 0, derived: 0 };
  for await (const { Items = [] } of paginateScan({ client }, { TableName: from, ConsistentRead: true }))
    await pLimit(CONCURRENCY).map(Items, async (item) => {
      const became = fateOf(item, now) ?? (await (isDry ? askFor : putMissing)(client, to, item));
      counts[became]++;
    });
  return counts;
};

const fateOf = ({ pk, sk, expiresAt }: Item, now: Date): 'expired' | 'derived' | undefined => {
  const isFinding = pk?.S?.startsWith(RESOURCE_PREFIX) && /^(?:state$|history#)/.test(sk?.S ?? '');
  if (!isFinding && !pk?.S?.startsWith(ALERT_PREFIX)) return 'derived';
  return Number(expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1000 <= now.valueOf() ? 'expired' : undefined;
};

const askFor = async (
  client: DynamoDBClient,
  TableName: string,
  { pk, sk }: Item,
): Promise<'restored' | 'there'> => {
  const Key = { ...(pk && { pk }), ...(sk && { sk }) };
  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key, ProjectionExpression: 'pk', ConsistentRead: true }),
  );
  return Item ? 'there' : 'restored';
};

const putMissing = async (
  client: DynamoDBClient,
  TableName: string,
  Item: Item,
): Promise<'restored' | 'there'> => {
  try {
    await client.send(
      new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
    );
    return 'restored';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'there';
    throw error;
  }
};
