import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

/** That a rule has sent a heartbeat at a time. */
export type Heartbeat = { rule: string; at: Date };

const KEY = { pk: { S: 'heartbeat' }, sk: { S: 'heartbeat' } };
/** How the attributes begin that hold the times; a rule’s ARN follows. */
const PREFIX = 'at ';
const TTL_SECONDS = 24 * 60 * 60;

/** Whether a record of the table’s stream tells of a heartbeat. */
export const isHeartbeatKey = (pk: string | undefined): boolean => pk === KEY.pk.S;

/** Notes heartbeats, which wakes the deliverer as news of findings does. */
export const noteHeartbeats = async (
  { client, table }: Table,
  heartbeats: readonly Heartbeat[],
  now: Date,
): Promise<void> => {
  const noted = [...new Map(heartbeats.map((each) => [each.rule, each.at]))];
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: KEY,
      UpdateExpression: `SET undelivered = :one, expiresAt = :expiry, ${noted.map((_, index) => `#rule${index} = :at${index}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(
        noted.map(([rule], index) => [`#rule${index}`, PREFIX + rule]),
      ),
      ExpressionAttributeValues: {
        ':one': { N: '1' },
        ':expiry': { N: String(Math.ceil(now.valueOf() / 1000) + TTL_SECONDS) },
        ...Object.fromEntries(noted.map(([, at], index) => [`:at${index}`, { S: at.toISOString() }])),
      },
    }),
  );
};

/** When each rule has last sent a heartbeat that was noted. */
export const readHeartbeats = async ({ client, table }: Table): Promise<ReadonlyMap<string, Date>> => {
  const { Item = {} } = await client.send(
    new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }),
  );
  return new Map(
    Object.entries(Item).flatMap(([name, { S }]) => {
      const at = new Date(S ?? '');
      return name.startsWith(PREFIX) && !Number.isNaN(at.valueOf()) ? [[name.slice(PREFIX.length), at]] : [];
    }),
  );
};
