import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

const KEY = { pk: { S: 'sweep#last' }, sk: { S: 'sweep' } };

/** The time up to which the last sweep that came to its end has looked for lost events; undefined where none has. */
export const lastSweep = async ({ client, table }: Table): Promise<Date | undefined> => {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: KEY }));
  const until = new Date(Item?.until?.S ?? '');
  return Number.isNaN(until.valueOf()) ? undefined : until;
};

/** Remembers a sweep that came to its end; one that ends late does not take the place of a newer one. */
export const rememberSweep = async (
  { client, table }: Table,
  { sweepId, until }: { sweepId: string; until: Date },
): Promise<void> => {
  const time = { S: until.toISOString() };
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...KEY, until: time, sweepId: { S: sweepId } },
        ConditionExpression: 'attribute_not_exists(pk) OR #until < :until',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': time },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
