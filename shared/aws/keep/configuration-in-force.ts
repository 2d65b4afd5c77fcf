import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

/**
 * The configuration that looks were last made by: its SHA-256 (hexadecimal), the day (YYYY-MM-DD) on which it was last judged, and how often a
 * change of what it excepts was told.
 */
export type InForce = { sha256: string; day: string; changes: number };

/** The day of a time, in UTC. */
export const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

const KEY = { pk: { S: 'configuration' }, sk: { S: 'in-force' } };

/** The configuration that was last noted; undefined where none was. */
export const readInForce = async ({ client, table }: Table): Promise<InForce | undefined> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: KEY, ConsistentRead: true }),
  );
  const { sha256, day, changes } = Item ?? {};
  return sha256?.S === undefined
    ? undefined
    : { sha256: sha256.S, day: day?.S ?? '', changes: Number(changes?.N ?? 0) };
};

/** Notes the configuration in force, unless somebody has noted another one since `before` was read. */
export const noteInForce = async (
  { client, table }: Table,
  { sha256, day, changes }: InForce,
  before: InForce | undefined,
): Promise<void> => {
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...KEY, sha256: { S: sha256 }, day: { S: day }, changes: { N: String(changes) } },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'sha256 = :sha256 AND changes = :changes',
              ExpressionAttributeValues: {
                ':sha256': { S: before.sha256 },
                ':changes': { N: String(before.changes) },
              },
            }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
