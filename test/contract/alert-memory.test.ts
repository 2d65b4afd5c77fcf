import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LastTold } from '../../shared/alerts/alerting.ts';
import { dynamodbAlertMemory } from '../../shared/aws/keep/dynamodb-alert-memory.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const TABLE = 'findings';

describeWith('moto', 'what channels were told, in DynamoDB', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: DynamoDBClient;

  beforeAll(async () => {
    moto = await startMoto();
    client = new DynamoDBClient({
      endpoint: moto.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const keys = ['pk', 'sk'] as const;
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        KeySchema: [
          { AttributeName: keys[0], KeyType: 'HASH' },
          { AttributeName: keys[1], KeyType: 'RANGE' },
        ],
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  });

  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  const memory = () => dynamodbAlertMemory({ client, table: TABLE });
  const told = (changes: Partial<LastTold> = {}): LastTold => ({
    state: 'open',
    severity: 'HIGH',
    fingerprint: 'abc',
    ...changes,
  });

  test('is kept for each finding and channel, and the last word counts', async () => {
    const place = { channel: 'C0ALERTS', ts: '1795000001.000001', isShared: false };
    await memory().remember(
      'Slack',
      new Map([
        ['a', told({ place })],
        ['b', told()],
      ]),
    );
    await memory().remember('SNS', new Map([['a', told({ state: 'closed' })]]));
    await memory().remember('Slack', new Map([['b', told({ severity: 'LOW' })]]));
    expect(await memory().recall('Slack', ['a', 'b', 'c', 'a'])).toEqual(
      new Map([
        ['a', told({ place })],
        ['b', told({ severity: 'LOW' })],
      ]),
    );
    expect(await memory().recall('SNS', ['a', 'b'])).toEqual(new Map([['a', told({ state: 'closed' })]]));
  });

  test('of hundreds of findings at once', async () => {
    const many = new Map(Array.from({ length: 230 }, (_, index) => [`many-${index}`, told()]));
    await memory().remember('Slack', many);
    expect(await memory().recall('Slack', [...many.keys()])).toEqual(many);
    expect(await memory().recall('Slack', [])).toEqual(new Map());
  });

  test('what cannot be read counts as not told', async () => {
    const Item = { pk: { S: 'alert#broken' }, sk: { S: 'Slack' }, told: { S: '{"state":"open"' } };
    await client.send(new PutItemCommand({ TableName: TABLE, Item }));
    expect(await memory().recall('Slack', ['broken'])).toEqual(new Map());
  });
});
