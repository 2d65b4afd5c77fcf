import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

const KEY = { pk: { S: 'changes' }, sk: { S: 'account' } };
/** Longer than anything is cached. */
const TTL_SECONDS = 60 * 60;

/** A word in the findings table that each change of the account's roles, policies and buckets renews. */
export const changeMark = ({
  client,
  table,
  now,
}: {
  client: DynamoDBClient;
  table: string;
  now: () => Date;
}) => ({
  read: async (): Promise<string> => {
    const input = { TableName: table, Key: KEY, ConsistentRead: true };
    return (await client.send(new GetItemCommand(input))).Item?.word?.S ?? 'none';
  },
  renew: async (): Promise<void> => {
    const expiresAt = { N: String(Math.floor(now().valueOf() / 1000) + TTL_SECONDS) };
    await client.send(
      new PutItemCommand({ TableName: table, Item: { ...KEY, word: { S: randomUUID() }, expiresAt } }),
    );
  },
});
