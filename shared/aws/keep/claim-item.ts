import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

/**
 * Reserves a resource for one deliverer for a time, and returns a function that ends the reservation. Undefined where
 * another deliverer has the resource. The item is separate from the state, so that it wakes nobody through the stream.
 */
export const claimItem = async (
  { client, table }: { client: DynamoDBClient; table: string },
  pk: string,
  now: Date,
  milliseconds: number,
): Promise<(() => Promise<void>) | undefined> => {
  const Key = { pk: { S: pk }, sk: { S: 'delivery' } };
  const owner = { S: randomUUID() };
  const until = now.valueOf() + milliseconds;
  const isTaken = await unlessRefused(
    client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          ...Key,
          owner,
          claimedUntil: { N: String(until) },
          expiresAt: { N: String(Math.ceil(until / 1000)) },
        },
        ConditionExpression: 'attribute_not_exists(pk) OR claimedUntil <= :now',
        ExpressionAttributeValues: { ':now': { N: String(now.valueOf()) } },
      }),
    ),
  );
  if (!isTaken) return undefined;
  return async () => {
    await unlessRefused(
      client.send(
        new DeleteItemCommand({
          TableName: table,
          Key,
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':owner': owner },
        }),
      ),
    );
  };
};

const unlessRefused = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
