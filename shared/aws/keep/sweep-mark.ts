import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

const KEY = { pk: { S: 'sweep#last' }, sk: { S: 'sweep' } };

/** Up to when the last complete sweep looked for lost events; undefined where there was none. */
export const lastSweep = async ({ client, table }: Table): Promise<Date | undefined> => {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: KEY }));
  const until = new Date(Item?.until?.S ?? '');
  return Number.isNaN(until.valueOf()) ? undefined : until;
};

/** Notes a complete sweep. A sweep that ends late does not replace a newer one. */
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
