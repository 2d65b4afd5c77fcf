import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noteHeartbeats, readHeartbeats } from '../../shared/aws/keep/heartbeats.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

describeWith('moto', 'heartbeats in DynamoDB', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: DynamoDBClient;
  const table = 'findings';

  beforeAll(async () => {
    moto = await startMoto();
    client = new DynamoDBClient({
      endpoint: moto.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    await createFindingsTable(client, table);
  });

  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  test('are kept for each rule, whichever batch they come in, and wake the deliverer', async () => {
    const [first, second] = [new Date('2026-11-24T09:17:00Z'), new Date('2026-11-24T10:17:00Z')];
    expect(await readHeartbeats({ client, table })).toEqual(new Map());
    const rule = (name: string) => `arn:aws:events:eu-west-1:111122223333:rule/Pipewarden-${name}`;
    const note = (at: Date, ...names: string[]) =>
      noteHeartbeats(
        { client, table },
        names.map((name) => ({ rule: rule(name), at })),
        at,
      );
    await note(first, 'a', 'b', 'a');
    await note(second, 'b', 'c');
    expect(await readHeartbeats({ client, table })).toEqual(
      new Map([
        [rule('a'), first],
        [rule('b'), second],
        [rule('c'), second],
      ]),
    );
    const key = { pk: { S: 'heartbeat' }, sk: { S: 'heartbeat' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key }));
    expect(Item).toMatchObject({
      undelivered: { N: '1' },
      expiresAt: { N: String(second.valueOf() / 1000 + 24 * 60 * 60) },
    });
  });
});
