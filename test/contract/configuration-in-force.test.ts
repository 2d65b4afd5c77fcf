import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type TellingDependencies, tellConfiguration } from '../../functions/audit/tell-configuration.ts';
import { readInForce } from '../../shared/aws/keep/configuration-in-force.ts';
import { readDeployedConfig } from '../../shared/aws/keep/stored-config.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import { memoryStore, type Store } from '../../shared/findings/store.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

const REGION = 'eu-west-1';
const ASSETS = 'assets';

const FIRST: FileConfig = { version: 1, prefixes: [{ prefix: 'fraud' }] };
const SECOND: FileConfig = {
  ...FIRST,
  suppressions: [
    {
      control: 'step-isolation',
      resource: 'arn:aws:sagemaker:*:*:pipeline/*',
      reason: 'noise',
      expires: '2027-01-31',
    },
  ],
};

describeWith('moto', 'the configuration in force', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let clients: { s3: S3Client; dynamodb: DynamoDBClient };
  let table: string;
  let copiesIn: string;
  let count = 0;

  beforeAll(async () => {
    moto = await startMoto();
    clients = connect();
    await clients.s3.send(new CreateBucketCommand({ Bucket: ASSETS, ...PLACE }));
  });
  afterAll(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await moto.stop();
  });
  beforeEach(async () => {
    count++;
    table = `findings-${count}`;
    copiesIn = `copies-${count}`;
    await createFindingsTable(clients.dynamodb, table);
    await clients.s3.send(new CreateBucketCommand({ Bucket: copiesIn, ...PLACE }));
  });

  const PLACE = { CreateBucketConfiguration: { LocationConstraint: REGION } } as const;

  const connect = () => {
    const given = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    };
    return { s3: new S3Client({ ...given, forcePathStyle: true }), dynamodb: new DynamoDBClient(given) };
  };

  /** A container starts by a configuration, and is killed at its call of the number `dies`: before it, or once it was answered. */
  const start = async (
    config: FileConfig,
    store: Store,
    { dies = Number.POSITIVE_INFINITY, isAnswered = false }: { dies?: number; isAnswered?: boolean } = {},
  ): Promise<number> => {
    const text = JSON.stringify(config);
    const sha256 = createHash('sha256').update(text).digest('hex');
    const key = `${sha256}.json`;
    await clients.s3.send(new PutObjectCommand({ Bucket: ASSETS, Key: key, Body: text }));
    const { s3, dynamodb } = connect();
    let calls = 0;
    const counting = async <T>(call: () => Promise<T>): Promise<T> => {
      const isLast = ++calls >= dies;
      if (isLast && !isAnswered) throw new Error('killed');
      const answer = await call();
      if (!isLast) return answer;
      // Nobody reads what an object holds any more.
      (answer as { output?: { Body?: Readable } } | undefined)?.output?.Body?.destroy();
      throw new Error('killed');
    };
    const step = { step: 'initialize', name: 'count' } as const;
    s3.middlewareStack.add((next) => (input) => counting(() => next(input)), step);
    dynamodb.middlewareStack.add((next) => (input) => counting(() => next(input)), step);
    const counted: Store = {
      ...store,
      observe: (observation) => counting(() => store.observe(observation)),
    };
    const place = { bucket: ASSETS, key, sha256, copiesIn };
    const findings = { client: dynamodb, table };
    const quiet = { info: () => {}, error: () => {}, warn: () => {}, addMetric: () => {} };
    try {
      const read = await readDeployedConfig(s3, place);
      const before = await readInForce(findings);
      await tellConfiguration(
        {
          read,
          place,
          findings,
          s3,
          store: counted,
          scope: { account: '111122223333', region: REGION, partition: 'aws' },
          now: () => new Date('2026-11-30T10:00:00Z'),
          logger: quiet as unknown as TellingDependencies['logger'],
          metrics: quiet as unknown as TellingDependencies['metrics'],
        },
        before,
      );
    } finally {
      for (const client of [s3, dynamodb]) client.destroy();
    }
    return calls;
  };

  /** All that the store has open, by resource and subject. */
  const told = async (store: Store): Promise<string[]> => {
    const found: string[] = [];
    for await (const { state } of store.states())
      for (const { resource, subject, status } of Object.values(state.open))
        found.push([status, resource.type, resource.arn, subject ?? ''].join(' '));
    return found.toSorted();
  };
  const sumOf = (config: FileConfig) => createHash('sha256').update(JSON.stringify(config)).digest('hex');
  const changed = (number: number, config: FileConfig) =>
    `pipewarden.yaml, change ${number}, SHA-256 ${sumOf(config).slice(0, 16)} `;
  const EXPECTED = [
    'FAILED configuration pipewarden.yaml step-isolation on arn:aws:sagemaker:*:*:pipeline/*',
    `WARNING event ${changed(1, SECOND)}`,
  ];

  test('is told once by whoever starts at the same time', async () => {
    const store = memoryStore();
    await start(FIRST, store);
    await Promise.all([1, 2, 3, 4].map(() => start(SECOND, store)));
    await start(SECOND, store);
    expect(await told(store)).toEqual(EXPECTED);
    expect(await readInForce({ client: clients.dynamodb, table })).toMatchObject({ changes: 1 });
  });

  test('is told of each of two that come at the same time', async () => {
    const store = memoryStore();
    await start(FIRST, store);
    const other: FileConfig = { ...FIRST, roles: { trusted: ['lambda.amazonaws.com'] } };
    await Promise.all([start(SECOND, store), start(other, store)]);
    const sums = [SECOND, other].map((config) => sumOf(config).slice(0, 16));
    const events = (await told(store)).flatMap((each) => /SHA-256 (\w+)/.exec(each)?.[1] ?? []);
    expect(events.toSorted()).toEqual(sums.toSorted());
  });

  test('is told again when it comes again', async () => {
    const store = memoryStore();
    for (const config of [FIRST, SECOND, FIRST, SECOND]) await start(config, store);
    const events = (await told(store)).filter((each) => each.startsWith('WARNING'));
    expect(events).toEqual([1, 2].map((number) => `WARNING event ${changed(number, SECOND)}`));
  });

  test.each([false, true])(
    'is told once, at whichever call a container is killed (answered: %s)',
    async (isAnswered) => {
      let calls = Number.POSITIVE_INFINITY;
      for (let dies = 1; dies <= calls; dies++) {
        count++;
        table = `findings-${count}`;
        copiesIn = `copies-${count}`;
        await createFindingsTable(clients.dynamodb, table);
        await clients.s3.send(new CreateBucketCommand({ Bucket: copiesIn, ...PLACE }));
        const store = memoryStore();
        await start(FIRST, store);
        const killed = await start(SECOND, store, { dies, isAnswered }).catch(() => undefined);
        if (killed !== undefined) calls = killed;
        await start(SECOND, store);
        expect([dies, await told(store)]).toEqual([dies, EXPECTED]);
      }
      expect(calls).toBeGreaterThan(5);
    },
  );

  test('is one item of the table, which holds nothing of the configuration', async () => {
    await start(SECOND, memoryStore());
    const { Items = [] } = await clients.dynamodb.send(new ScanCommand({ TableName: table }));
    expect(Items).toEqual([
      {
        pk: { S: 'configuration' },
        sk: { S: 'in-force' },
        sha256: { S: expect.stringMatching(/^[0-9a-f]{64}$/) },
        day: { S: '2026-11-30' },
        changes: { N: '0' },
      },
    ]);
  });
});
