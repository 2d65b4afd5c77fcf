import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  RestoreTableToPointInTimeCommand,
  UpdateContinuousBackupsCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ACCOUNT, REGION, sagemakerArn } from '../support/builders/events.ts';
import { run } from '../support/commands/cli.ts';
import { type FaultProxy, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

type Item = Record<string, AttributeValue>;
const item = (pk: string, sk: string, more: Item = {}): Item => ({ pk: { S: pk }, sk: { S: sk }, ...more });
const pkOf = (name: string) => `resource#${sagemakerArn(`pipeline/${name}`)}`;
const seconds = (days: number) => ({ N: String(Math.floor(Date.now() / 1000) + days * 86_400) });

const FINDINGS = [
  item(pkOf('fraud'), 'state', { version: { N: '1' }, state: { S: '{"open":["old"]}' } }),
  item(pkOf('fraud'), 'history#2026-11-20T10:00:00.000Z#f', { expiresAt: seconds(300) }),
  item('alert#f', 'SNS', { told: { S: '{"state":"open"}' }, expiresAt: seconds(300) }),
];
const OVER = item(pkOf('fraud'), 'history#2025-01-01T10:00:00.000Z#f', { expiresAt: seconds(-1) });
const DERIVED = [
  item(pkOf('fraud'), 'delivery', { until: { N: '1' } }),
  item('sweep#last', 'sweep', { at: { N: '1' } }),
];

describeWith('moto', 'the findings, restored from a point in time', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  let client: DynamoDBClient;
  let table = '';
  let restored = '';

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
    client = new DynamoDBClient({
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  });
  afterAll(async () => {
    client?.destroy();
    await proxy?.stop();
    await moto?.stop();
  });

  const put = (Item: Item) => client.send(new PutItemCommand({ TableName: table, Item }));
  const remove = ({ pk, sk }: Item) =>
    client.send(
      new DeleteItemCommand({ TableName: table, Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } } }),
    );
  const itemsIn = async (TableName: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName }))
      all.push(
        ...Items.map((each) =>
          JSON.stringify(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1))),
        ),
      );
    return all.toSorted();
  };

  beforeEach(async () => {
    table = `findings-${randomUUID()}`;
    restored = `restored-${randomUUID()}`;
    proxy.fail(({ operation, body }) => {
      if (operation !== 'DescribeStacks') return undefined;
      return body.includes('PipewardenState') ? stackAnswer({ FindingsTable: table }) : NO_STACK;
    });
    await createFindingsTable(client, table);
    await client.send(
      new UpdateContinuousBackupsCommand({
        TableName: table,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );
    for (const each of [...FINDINGS, OVER, ...DERIVED]) await put(each);
    // As the documented command does. The emulator knows no time but now.
    await client.send(
      new RestoreTableToPointInTimeCommand({
        SourceTableName: table,
        TargetTableName: restored,
        UseLatestRestorableTime: true,
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName: restored });
  });

  const restore = (...args: string[]) =>
    run(['restore', restored, '--region', REGION, ...args], {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });

  test('lost findings, their history and what channels were told come back; the rest is made anew by sweeps', async () => {
    const before = await itemsIn(table);
    for (const each of [...FINDINGS, OVER, ...DERIVED]) await remove(each);
    expect(await itemsIn(table)).toEqual([]);
    expect(await restore('--dry-run')).toMatchObject({
      status: 0,
      stdout: '3 items would be copied, 0 there already, 1 over, 2 that sweeps make anew\n',
    });
    expect(await itemsIn(table)).toEqual([]);
    expect(await restore()).toMatchObject({
      status: 0,
      stdout: '3 items copied, 0 there already, 1 over, 2 that sweeps make anew\n',
    });
    const after = await itemsIn(table);
    expect(before).toEqual(expect.arrayContaining(after));
    expect(after).toHaveLength(FINDINGS.length);
    // A second run finds nothing to do, and the restored table can go.
    expect(await restore()).toMatchObject({
      stdout: expect.stringContaining('0 items copied, 3 there already'),
    });
    await client.send(new DeleteTableCommand({ TableName: restored }));
    expect(await itemsIn(table)).toEqual(after);
  });

  test('what is in the table stays, because it is newer', async () => {
    const newer = item(pkOf('fraud'), 'state', { version: { N: '2' }, state: { S: '{"open":[]}' } });
    await put(newer);
    const [, history] = FINDINGS;
    if (history) await remove(history);
    expect(await restore('--dry-run')).toMatchObject({
      stdout: expect.stringContaining('1 item would be copied, 2 there already'),
    });
    expect(await restore()).toMatchObject({
      stdout: expect.stringContaining('1 item copied, 2 there already'),
    });
    const states = (await itemsIn(table)).filter((each) => each.includes('"state",'));
    expect(states).toEqual([expect.stringContaining('{\\"open\\":[]}')]);
  });

  test.each([
    ['absent', () => table],
    [() => restored, 'absent'],
  ])('a table that is not there is named, also by a dry run (from %s into %s)', async (...tables) => {
    const [from = '', to = ''] = tables.map((each) => (typeof each === 'string' ? each : each()));
    const args = ['restore', from, '--table', to, '--region', REGION, '--dry-run'];
    const { status, stderr } = await run(args, {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining(`from ${from} into ${to}`),
    });
    expect(stderr).toContain(`aws dynamodb list-tables --region ${REGION}`);
  });

  test('the table of the deployment is not taken for a restored one', async () => {
    const { status, stderr } = await run(['restore', table, '--region', REGION], {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('name the restored one'),
    });
  });
});
