import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

/** The mark of the deployment’s own account has the key that it had before a deployment watched several. */
const keyOf = (member: string | undefined) => ({ pk: { S: 'sweep#last' }, sk: { S: member ?? 'sweep' } });

/**
 * Up to when the last complete sweep of an account looked for lost events; undefined where there was none. `member`: the number
 * of the account, where it is not the deployment’s own.
 */
export const lastSweep = async ({ client, table }: Table, member?: string): Promise<Date | undefined> => {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(member) }));
  const until = new Date(Item?.until?.S ?? '');
  return Number.isNaN(until.valueOf()) ? undefined : until;
};

/** Notes a complete sweep. A sweep that ends late does not replace a newer one. */
export const rememberSweep = async (
  { client, table }: Table,
  { sweepId, until, member }: { sweepId: string; until: Date; member?: string | undefined },
): Promise<void> => {
  const time = { S: until.toISOString() };
  try {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: { ...keyOf(member), until: time, sweepId: { S: sweepId } },
        ConditionExpression: 'attribute_not_exists(pk) OR #until < :until',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':until': time },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
};
