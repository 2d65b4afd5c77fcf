import {
  type BatchGetItemCommand,
  DynamoDBClient,
  paginateScan,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import { auditBatch } from '../../functions/audit/audit-batch.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { handledBetween, noteHandled } from '../../shared/aws/keep/handled-events.ts';
import type { Config } from '../../shared/config/schema.ts';
import { cachedReader } from '../../shared/reader/cached-reader.ts';
import { cloudTrail, envelope, roleArn, sagemakerArn, session, stepJob } from '../support/builders/events.ts';
import { FRAUD_DEFINITION } from '../support/builders/fraud-config.ts';
import { type Account, memoryReader } from '../support/builders/memory-reader.ts';
import { batchOver, oneAccount, quietBatch } from '../support/builders/quiet-batch.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { describeWith } from '../support/jest/tools.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const CONFIG: Config = {
  version: 1,
  prefixes: [
    { prefix: 'fraud-train', roles: [roleArn('pipelines/fraud')], pipelines: ['fraud-*'] },
    { prefix: 'scratch', roles: [roleArn('data-scientist')] },
  ],
  roles: { execution: [roleArn('pipelines/*')], steps: [roleArn('steps/*')] },
};
const EXECUTION = 'p4jn9xou8a8s';
const EXECUTION_ARN = sagemakerArn(`pipeline/fraud-scoring/execution/${EXECUTION}`);

/** The jobs that a step started: three as declared, and two under a role that the step does not name. */
const STEP_JOBS = ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc', 'dddddddddd', 'eeeeeeeeee'].map(
  (token, index) => ({
    name: `fraud-train-${EXECUTION}-${token}`,
    role: index < 3 ? 'steps/train' : 'steps/other',
  }),
);
/** Jobs that people started: the second takes a prefix that it may not have. */
const OWN_JOBS = ['scratch-notebook', 'fraud-train-by-hand'];

const ACCOUNT: Account = {
  executions: {
    [EXECUTION]: {
      pipelineName: 'fraud-scoring',
      roleArn: roleArn('pipelines/fraud'),
      definitionText: FRAUD_DEFINITION,
    },
  },
  steps: {
    [EXECUTION_ARN]: [
      {
        name: 'Train',
        jobArns: STEP_JOBS.map(({ name }) => sagemakerArn(`training-job/${name}`)),
        isRetried: false,
        isRunning: false,
      },
    ],
  },
};

const RECORDS: Record<string, unknown>[] = [
  ...STEP_JOBS.map(({ name, role }) => {
    const record = stepJob({ executionId: EXECUTION, step: 'Train', name, role });
    const tags = [{ key: 'sagemaker:pipeline-execution-arn', value: EXECUTION_ARN }];
    return { ...record, requestParameters: { ...(record.requestParameters as object), tags } };
  }),
  ...OWN_JOBS.map((name) =>
    cloudTrail(
      'CreateTrainingJob',
      { trainingJobName: name, roleArn: roleArn('steps/train') },
      {
        userIdentity: session('data-scientist', 'maya'),
        responseElements: { trainingJobArn: sagemakerArn(`training-job/${name}`) },
      },
    ),
  ),
];
const MESSAGES = RECORDS.map((record) => ({
  eventId: String(record.eventID),
  body: JSON.stringify(envelope(record)),
}));

/** A container is killed at the call of this number: before the call, or after it and before its answer. */
type Kill = { at: number; isAfter: boolean };

describeWith('DynamoDB Local', 'events of jobs, with a table that checks conditions as DynamoDB does', () => {
  let emulator: Awaited<ReturnType<typeof startDynamodbLocal>>;
  let tables = 0;
  const clients: DynamoDBClient[] = [];

  const newClient = (): DynamoDBClient => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ endpoint: emulator.endpoint, region: 'eu-west-1', credentials });
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    emulator = await startDynamodbLocal();
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await emulator?.stop();
  });

  const newTable = async (): Promise<string> => {
    const table = `findings-${++tables}`;
    await createFindingsTable(newClient(), table);
    return table;
  };

  /** An execution environment of the function. Once it is killed, nothing of it reaches the table any more. */
  const container = (table: string, kill?: Kill) => {
    const client = newClient();
    const sent: string[] = [];
    let [calls, isKilled] = [0, false];
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const isLast = kill?.at === calls++;
        if (isKilled || (isLast && !kill?.isAfter)) {
          isKilled = true;
          throw new Error('killed');
        }
        sent.push(context.commandName ?? '');
        if (isLast) isKilled = true;
        const answer = await next(args);
        if (isKilled) throw new Error('killed');
        return answer;
      },
      { step: 'initialize' },
    );
    const now = () => new Date();
    const store = dynamodbStore({ client, table });
    const reader = cachedReader(memoryReader(ACCOUNT).reader, { now });
    const handle = auditBatch({
      ...quietBatch(),
      ...oneAccount({
        audit: () => batchOver(reader, CONFIG, now),
        cache: reader,
        store,
      }),
      noteHandled: (handled) => noteHandled({ client, table }, now(), handled),
    });
    /** Returns the messages that come again: those that failed, and all of a container that was killed. */
    const receive = async (bodies: readonly string[]): Promise<string[]> => {
      const Records = bodies.map((body, index) => ({ messageId: String(index), body }));
      const { batchItemFailures } = await handle({ Records } as unknown as SQSEvent, CONTEXT);
      if (isKilled) return [...bodies];
      return batchItemFailures.map(({ itemIdentifier }) => bodies[Number(itemIdentifier)] ?? '');
    };
    return { receive, sent };
  };

  /** What the table holds: of each resource its open findings and what is still to be told, without times. */
  const held = async (table: string) => {
    const all: Record<string, unknown> = {};
    for await (const { resourceArn, state } of dynamodbStore({ client: newClient(), table }).states())
      all[resourceArn] = {
        open: Object.values(state.open).map(({ control, status, evidence }) => [
          control,
          status,
          evidence.map(({ at }) => at).toSorted(),
        ]),
        undelivered: state.undelivered.map(({ kind, finding }) => [kind, finding.control]),
      };
    return all;
  };

  const items = async (table: string): Promise<string[]> => {
    const pks: string[] = [];
    for await (const { Items = [] } of paginateScan({ client: newClient() }, { TableName: table }))
      pks.push(...Items.map(({ pk }) => pk?.S ?? ''));
    return pks;
  };

  test('the clean jobs of a batch cost one read of the states and one write, and leave nothing but a note', async () => {
    const table = await newTable();
    const { receive, sent } = container(table);
    const clean = [0, 1, 2, 5].map((index) => MESSAGES[index]?.body ?? '');
    expect(await receive(clean)).toEqual([]);
    expect(sent).toEqual(['BatchGetItemCommand', 'BatchWriteItemCommand']);
    expect(await items(table)).toEqual([expect.stringMatching(/^handled#\d{4}-\d\d-\d\dT\d\d$/)]);
  });

  test('a clean job writes no state beside open findings of other jobs of its pipeline', async () => {
    const table = await newTable();
    const [clean = '', failing = ''] = [0, 3].map((index) => MESSAGES[index]?.body);
    expect(await container(table).receive([failing])).toEqual([]);
    const before = await held(table);
    const { receive, sent } = container(table);
    expect(await receive([clean])).toEqual([]);
    expect(sent).toEqual(['BatchGetItemCommand', 'BatchWriteItemCommand']);
    expect(await held(table)).toEqual(before);
  });

  const delivery = fc.record({
    // Each event once, and some of them again.
    order: fc
      .array(fc.nat(MESSAGES.length - 1), { maxLength: 12 })
      .chain((again) =>
        fc.shuffledSubarray([...MESSAGES.keys(), ...again], { minLength: MESSAGES.length + again.length }),
      ),
    batch: fc.integer({ min: 1, max: 10 }),
    kills: fc.array(fc.record({ at: fc.nat(12), isAfter: fc.boolean() }), { maxLength: 6 }),
  });

  test('come out the same whatever their order and however often they come, in two containers at once that are killed at any call', async () => {
    const once = await newTable();
    for (const { body } of MESSAGES) expect(await container(once).receive([body])).toEqual([]);
    const expected = await held(once);
    expect(Object.keys(expected)).toEqual(
      expect.arrayContaining([expect.stringMatching(/fraud-scoring\/jobs$/)]),
    );
    expect(Object.keys(expected)).toHaveLength(2);

    await fc.assert(
      fc.asyncProperty(delivery, async ({ order, batch, kills }) => {
        const table = await newTable();
        const since = new Date();
        let queue = order.map((index) => MESSAGES[index]?.body ?? '');
        let killed = 0;
        while (queue.length > 0) {
          const [one, other] = [queue.slice(0, batch), queue.slice(batch, 2 * batch)];
          const again = await Promise.all(
            [one, other].map((bodies) => container(table, kills[killed++]).receive(bodies)),
          );
          queue = [...queue.slice(2 * batch), ...again.flat()];
        }
        expect(await held(table)).toEqual(expected);
        const noted = await handledBetween({ client: newClient(), table }, since, new Date());
        for (const { eventId } of MESSAGES) expect(noted.ids).toContain(eventId);
      }),
      { numRuns: 40 },
    );
  });

  test('notes are found from the hour of one time to the hour of another, and no id is too long for them', async () => {
    const notes = { client: newClient(), table: await newTable() };
    const at = (time: string) => new Date(`2026-11-24T${time}:00.000Z`);
    await noteHandled(notes, at('08:59'), [{ eventIds: ['before'], regions: [] }]);
    await noteHandled(notes, at('09:10'), [
      { eventIds: ['first', 'first', '', 'x'.repeat(300)], regions: [] },
    ]);
    await noteHandled(notes, at('09:10'), [{ eventIds: ['second'], regions: [] }]);
    await noteHandled(notes, at('11:59'), [{ eventIds: ['last'], regions: [] }]);
    await noteHandled(notes, at('12:00'), [{ eventIds: ['after'], regions: [] }]);
    await noteHandled(notes, at('09:30'), [{ eventIds: [], regions: [] }]);
    const found = await handledBetween(notes, at('09:50'), at('11:05'));
    expect([...found.ids].toSorted()).toEqual(['first', 'last', 'second']);
    const { Items = [] } = await notes.client.send(new ScanCommand({ TableName: notes.table }));
    const expiries = Items.map(({ expiresAt }) => Number(expiresAt?.N));
    expect(Math.min(...expiries) * 1000).toBeGreaterThan(at('08:59').valueOf() + 48 * 60 * 60 * 1000);
  });

  test('a table that answers no read makes the messages come again, and a note that fails does not', async () => {
    const table = await newTable();
    const clean = [MESSAGES[0]?.body ?? ''];
    expect(await container(table, { at: 0, isAfter: false }).receive(clean)).toEqual(clean);
    const { receive, sent } = container(table);
    expect(await receive(clean)).toEqual([]);
    expect(sent).toHaveLength(2);
  });

  test('reads that a throttled table leaves unanswered are repeated', async () => {
    const table = await newTable();
    await container(table).receive([MESSAGES[3]?.body ?? '']);
    const client = newClient();
    let refusals = 2;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName !== 'BatchGetItemCommand' || refusals-- <= 0) return next(args);
          const { RequestItems } = args.input as BatchGetItemCommand['input'];
          return { output: { $metadata: {}, UnprocessedKeys: RequestItems }, response: {} } as never;
        },
      { step: 'initialize' },
    );
    const arn = sagemakerArn('pipeline/fraud-scoring/jobs');
    const observation = {
      resourceArn: arn,
      observedAt: new Date().toISOString(),
      findings: [],
      judged: {},
      configuration: '',
      gone: false,
      expireDays: 30,
      finishedArn: sagemakerArn('training-job/other'),
    };
    const { state } = await dynamodbStore({ client, table }).observe(observation);
    expect([refusals < 0, Object.keys(state.open)]).toEqual([true, [expect.any(String)]]);
  });
});
