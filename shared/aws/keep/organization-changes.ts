import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { OrganizationReach } from '../../requests/audit-request.ts';

type Table = { client: DynamoDBClient; table: string };

const PARTITION = 'organization';
/** Stands for a change of which nobody knows what it reaches. */
const ALL = 'all';

/** When events last told of a change in the organization, in milliseconds since 1970: of all, and by the id of what changed. */
export type OrganizationChanges = { all: number; byId: ReadonlyMap<string, number> };

/** Notes that something changed, at the latest at a time (milliseconds since 1970). An earlier change than the noted one adds nothing. */
export const noteOrganizationChange = async (
  { client, table }: Table,
  reach: OrganizationReach,
  at: number,
): Promise<void> => {
  for (const id of reach === 'all' ? [ALL] : reach)
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { pk: { S: PARTITION }, sk: { S: id }, changedAt: { N: String(at) } },
          ConditionExpression: 'attribute_not_exists(pk) OR changedAt < :at',
          ExpressionAttributeValues: { ':at': { N: String(at) } },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
};

/** All noted changes. There is one item for each root, unit, account and policy that ever changed. */
export const readOrganizationChanges = async ({ client, table }: Table): Promise<OrganizationChanges> => {
  const byId = new Map<string, number>();
  const input = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: PARTITION } },
    ConsistentRead: true,
  };
  for await (const { Items = [] } of paginateQuery({ client }, input))
    for (const { sk, changedAt } of Items) byId.set(sk?.S ?? '', Number(changedAt?.N ?? 0));
  return { all: byId.get(ALL) ?? 0, byId };
};
