import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';

/** Makes the findings table with the settings of the stack. */
export const createFindingsTable = async (client: DynamoDBClient, TableName: string): Promise<void> => {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
};

/**
 * The records that the table's stream would deliver since the last call, filtered as in the stack. They are derived
 * from the table itself, because moto cannot give a stream to a function.
 */
export const streamOf = (client: DynamoDBClient, TableName: string): (() => Promise<DynamoDBRecord[]>) => {
  const seen = new Map<string, string | undefined>();
  let sequence = 0;
  return async () => {
    const records: DynamoDBRecord[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName })) {
      for (const item of Items) {
        const key = JSON.stringify([item.pk, item.sk]);
        if (!item.undelivered || seen.get(key) === item.version?.N) continue;
        seen.set(key, item.version?.N);
        records.push(recordOf(item, ++sequence));
      }
    }
    return records;
  };
};

/** The same, of a table at an endpoint. */
export const streamAt = async (
  endpoint: string,
  region: string,
  table: string,
): Promise<DynamoDBRecord[]> => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    return await streamOf(client, table)();
  } finally {
    client.destroy();
  }
};

const recordOf = (item: Record<string, AttributeValue>, sequence: number): DynamoDBRecord => {
  const { pk, sk } = item;
  return {
    eventID: String(sequence),
    eventName: 'MODIFY',
    eventSource: 'aws:dynamodb',
    dynamodb: { SequenceNumber: String(sequence), Keys: { pk, sk }, NewImage: item },
  } as DynamoDBRecord;
};
