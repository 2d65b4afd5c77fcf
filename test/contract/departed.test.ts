import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { notingLeft } from '../../functions/deliver/left-findings.ts';
import { departures, endDeparted, formerMembers } from '../../functions/sweep/departed.ts';
import { allCoverage, noteCoverage } from '../../shared/aws/keep/coverage.ts';
import { memoryStore, type Store } from '../../shared/findings/store.ts';
import { coveredMembers } from '../../shared/sweep/covered-members.ts';
import { type OpenResource, openResources } from '../../shared/sweep/open-state.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { aFinding } from '../support/builders/finding.ts';
import { anObservation } from '../support/builders/observation.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { describeWith } from '../support/jest/tools.ts';

const MEMBER = '444455556666';
const NOW = new Date('2026-11-24T10:00:00.000Z');
const logger = { info: () => {}, error: () => {} } as unknown as Parameters<typeof endDeparted>[2]['logger'];
const unread = { call: 'ListAccountsForParent', code: 'NotActive', message: 'it is closed' };

test('an account has left only where the accounts that are watched could be listed', () => {
  const watched = { accounts: [ACCOUNT], inactive: [{ account: '777788889999', unread }], gaps: [] };
  const departed = departures(watched);
  expect([ACCOUNT, undefined].map(departed)).toEqual([undefined, undefined]);
  expect(departed(MEMBER)?.why).toBe('account-unwatched');
  expect(departed('777788889999')?.why).toBe('account-closed');
  const gaps = [{ call: 'ListAccounts', code: 'AccessDenied', message: 'no' }];
  expect(departures({ ...watched, gaps })(MEMBER)).toBeUndefined();
});

describeWith('DynamoDB Local', 'a deployment that has watched other accounts', () => {
  let local: Awaited<ReturnType<typeof startDynamodbLocal>>;
  let dynamodb: DynamoDBClient;
  let store: Store;
  let table: string;
  let made = 0;
  beforeAll(async () => {
    local = await startDynamodbLocal();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    dynamodb = new DynamoDBClient({ endpoint: local.endpoint, region: REGION, credentials });
  });
  afterAll(async () => {
    dynamodb?.destroy();
    await local?.stop();
  });
  const pipeline = (account: string): string => `arn:aws:sagemaker:${REGION}:${account}:pipeline/fraud`;
  beforeEach(async () => {
    table = `departed-${++made}`;
    await createFindingsTable(dynamodb, table);
    store = memoryStore();
    for (const account of [ACCOUNT, MEMBER]) {
      const arn = pipeline(account);
      const findings = [aFinding({ id: account, resource: { type: 'pipeline', arn } })];
      const observation = anObservation({
        resourceArn: arn,
        observedAt: '2026-11-24T09:00:00.000Z',
        findings,
      });
      await store.acknowledge(arn, (await store.observe(observation)).changes, []);
      const place = { account, region: REGION };
      await noteCoverage({ client: dynamodb, table }, place, { at: new Date(0), unread: null });
    }
  });

  /** Does what a sweep of the deployment’s own account does, and tells what it could not write. */
  const sweep = async (of: Pick<Store, 'depart' | 'states'> = store) => {
    const departed = await formerMembers({ dynamodb, table }, ACCOUNT);
    const open: OpenResource[] = [];
    for await (const each of openResources(of, NOW, async () => {}))
      if (departed(each.account)) open.push(each);
    const connection = { store: { ...store, ...of }, dynamodb, table, now: () => NOW, logger };
    return endDeparted(open, departed, connection);
  };
  const codes = async () =>
    (await allCoverage({ client: dynamodb, table })).map(({ account, unread: why }) => [account, why?.code]);
  const NEITHER = [
    [ACCOUNT, undefined],
    [MEMBER, undefined],
  ];

  test('ends what is open in them with its next sweep, and leaves its own alone', async () => {
    expect(await sweep()).toEqual([]);
    expect(await store.pending(pipeline(ACCOUNT))).toEqual([]);
    expect(await store.pending(pipeline(MEMBER))).toMatchObject([
      { kind: 'unjudged', finding: { unjudged: { why: 'account-unwatched' } } },
    ]);
    expect(await codes()).toEqual([
      [ACCOUNT, undefined],
      [MEMBER, 'NotWatched'],
    ]);
    const departed = await formerMembers({ dynamodb, table }, ACCOUNT);
    expect(departed(MEMBER)).toBeUndefined();
  });

  test('tells of findings that stay active in a member which refuses the hub, and no sweep forgets it', async () => {
    await sweep();
    const [change] = await store.pending(pipeline(MEMBER));
    if (!change) throw new Error('nothing has ended');
    const note = notingLeft({
      table: { client: dynamodb, table },
      now: () => NOW,
      logger: { warn: () => {} },
    });
    await note({ account: MEMBER, region: REGION }, [change.finding]);
    await sweep();
    const coverage = await allCoverage({ client: dynamodb, table });
    const [, member] = coveredMembers({ coverage }, { schedule: 'rate(1 day)', now: NOW });
    expect(member).toMatchObject({
      account: MEMBER,
      isUnwatched: true,
      why: expect.stringContaining('still shows findings of the hub as active'),
      todo: expect.stringMatching(/^set the workflow of these findings to RESOLVED/),
    });
  });

  test('tries again where something could not be written', async () => {
    const failing = {
      states: () => store.states(),
      depart: async () => {
        throw new Error('the table is busy');
      },
    };
    expect(await sweep(failing)).toMatchObject([{ message: expect.stringContaining('busy') }]);
    expect(await codes()).toEqual(NEITHER);
    expect(await sweep()).toEqual([]);
    expect(await store.pending(pipeline(MEMBER))).toHaveLength(1);
  });
});
