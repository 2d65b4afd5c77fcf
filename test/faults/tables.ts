import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  paginateQuery,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { ResourceState } from '../../shared/findings/state.ts';
import type { StreamRecord } from './sources.ts';

/** The tables of one run in DynamoDB Local, and the findings table's stream. */
export type Tables = {
  findings: string;
  readStream(): Promise<StreamRecord[]>;
  interfere(key: object): Promise<void>;
  /** Deletes those items of an account’s index whose sort keys are chosen, and returns how many were there. */
  loseIndex(account: string, isLost: (sortKey: string) => boolean): Promise<number>;
  states(): Promise<Map<string, ResourceState>>;
  /** The number of items with undelivered changes. */
  undelivered(): Promise<number>;
  stop(): void;
};

type Client = {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};

export const createTables = async (client: Client, run: string): Promise<Tables> => {
  const dynamodb = new DynamoDBClient(client);
  const findings = `findings-${run}`;
  const made = await dynamodb.send(
    new CreateTableCommand({
      TableName: findings,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  const store = dynamodbStore({ client: dynamodb, table: findings });
  return {
    findings,
    readStream: streamReader(client.endpoint, made.TableDescription?.LatestStreamArn ?? ''),
    interfere: async (Key) => {
      const input = {
        TableName: findings,
        Key: Key as Record<string, { S: string }>,
        UpdateExpression: 'SET version = version + :one',
        ConditionExpression: 'attribute_exists(version)',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      await dynamodb.send(new UpdateItemCommand(input)).catch((error: Error) => {
        if (error.name !== 'ConditionalCheckFailedException') throw error;
      });
    },
    loseIndex: async (account, isLost) => {
      const input = {
        TableName: findings,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `index#${account}` } },
        ProjectionExpression: 'pk, sk',
      };
      let lost = 0;
      for await (const { Items = [] } of paginateQuery({ client: dynamodb }, input))
        for (const Key of Items) {
          const sortKey = Key.sk?.S ?? '';
          if (!isLost(sortKey)) continue;
          await dynamodb.send(new DeleteItemCommand({ TableName: findings, Key }));
          lost++;
        }
      return lost;
    },
    states: async () => {
      const states = new Map<string, ResourceState>();
      for await (const { resourceArn, state } of store.states()) states.set(resourceArn, state);
      return states;
    },
    undelivered: async () => {
      const input = {
        TableName: findings,
        FilterExpression: 'undelivered > :none OR delivering > :none',
        ExpressionAttributeValues: { ':none': { N: '0' } },
      } as const;
      let count = 0;
      for await (const { Items = [] } of paginateScan({ client: dynamodb }, input)) {
        count += Items.length;
      }
      return count;
    },
    stop: () => dynamodb.destroy(),
  };
};

/** The stream's API over HTTP, because nothing else here needs its client. */
const streamReader = (endpoint: string, StreamArn: string): (() => Promise<StreamRecord[]>) => {
  const call = async <T>(operation: string, input: object): Promise<T> => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(input),
    });
    if (!response.ok) throw new Error(`${operation}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  type Described = { StreamDescription: { Shards: { ShardId: string }[] } };
  type Got = { Records: StreamRecord[]; NextShardIterator?: string };
  const shards = new Map<string, { iterator?: string; last?: string }>();
  const iteratorOf = async (ShardId: string, last: string | undefined): Promise<string> => {
    const from =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last };
    const input = { StreamArn, ShardId, ...from };
    return (await call<{ ShardIterator: string }>('GetShardIterator', input)).ShardIterator;
  };
  return async () => {
    const { StreamDescription } =
      shards.size > 0
        ? { StreamDescription: { Shards: [] } }
        : await call<Described>('DescribeStream', { StreamArn });
    for (const { ShardId } of StreamDescription.Shards) shards.set(ShardId, {});
    const records: StreamRecord[] = [];
    for (const [shardId, { iterator, last }] of shards) {
      try {
        const ShardIterator = iterator ?? (await iteratorOf(shardId, last));
        const { Records, NextShardIterator } = await call<Got>('GetRecords', { ShardIterator, Limit: 200 });
        records.push(...Records);
        const seen = Records.at(-1)?.dynamodb.SequenceNumber ?? last;
        shards.set(shardId, {
          ...(NextShardIterator !== undefined && { iterator: NextShardIterator }),
          ...(seen !== undefined && { last: seen }),
        });
      } catch (error) {
        // DynamoDB Local forgets iterators of shards that have been empty so far.
        if (!/TrimmedDataAccess|ExpiredIterator/.test(String(error))) throw error;
        shards.set(shardId, last === undefined ? {} : { last });
      }
    }
    return records;
  };
};
