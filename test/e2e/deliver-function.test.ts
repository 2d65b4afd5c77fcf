import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { Store } from '../../shared/findings/store.ts';
import { ACCOUNT, REGION, sagemakerArn } from '../support/builders/events.ts';
import { aFinding } from '../support/builders/finding.ts';
import { anObservation } from '../support/builders/observation.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';
import { type SecurityHubStandIn, startSecurityHub } from '../support/standins/security-hub.ts';

const NONE = { batchItemFailures: [] };

describeWith('moto', 'the deliver function, bundled', () => {
  let world: FunctionWorld;
  let dynamodb: DynamoDBClient;
  let store: Store;
  let securityHub: SecurityHubStandIn;
  let lambda: Lambda;
  let resources = 0;
  let arn: string;

  beforeAll(async () => {
    world = await startFunctionWorld({ version: 1, securityHub: { resolveWorkflow: true } });
    dynamodb = new DynamoDBClient(world.client);
    store = dynamodbStore({ client: dynamodb, table: 'findings' });
  });

  beforeEach(async () => {
    securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
    lambda = world.start('deliver', securityHub.endpoint);
    arn = sagemakerArn(`pipeline/fraud-${++resources}`);
  });

  afterEach(async () => {
    await Promise.all([lambda.stop(), securityHub.stop()]);
  });

  afterAll(async () => {
    dynamodb?.destroy();
    await world?.stop();
  });

  const see = async (findings: Partial<Finding>[], second: number): Promise<void> => {
    const observedAt = new Date(Date.UTC(2026, 10, 24, 9, 0, second)).toISOString();
    const made = findings.map((over) =>
      aFinding({
        id: `pipewarden/step-isolation/${resources}`,
        severity: 'HIGH',
        resource: { type: 'pipeline', arn },
        firstObservedAt: observedAt,
        lastObservedAt: observedAt,
        ...over,
      }),
    );
    await store.observe(anObservation({ resourceArn: arn, observedAt, findings: made }));
  };

  const inSecurityHub = () =>
    [...securityHub.findings().values()].map(({ Compliance, RecordState, Workflow }) => [
      (Compliance as { Status: string }).Status,
      RecordState,
      (Workflow as { Status: string }).Status,
    ]);

  const onTheBus = async () =>
    (await world.events()).map(({ 'detail-type': type, detail }) => [type, detail.id, detail.reason]);

  test('tells Security Hub, the topic and the bus of a finding, and of its end', async () => {
    await see([{}], 0);
    expect(await world.deliverNews(lambda)).toEqual(NONE);
    const id = `pipewarden/step-isolation/${resources}`;
    expect(inSecurityHub()).toEqual([['FAILED', 'ACTIVE', 'NEW']]);
    expect(await onTheBus()).toEqual([['Pipewarden Finding Opened', id, undefined]]);
    expect(await world.alerts()).toHaveLength(1);

    await see([{}], 1);
    expect(await world.deliverNews(lambda)).toEqual(NONE);
    expect([await onTheBus(), await world.alerts()]).toEqual([[], []]);

    await see([], 2);
    expect(await world.deliverNews(lambda)).toEqual(NONE);
    expect(inSecurityHub()).toEqual([['PASSED', 'ARCHIVED', 'RESOLVED']]);
    expect(await onTheBus()).toEqual([['Pipewarden Finding Resolved', id, 'mended']]);
    expect(await world.alerts()).toHaveLength(1);
    expect(await store.pending(arn)).toEqual([]);
    expect(securityHub.ignoredUpdates()).toBe(0);
  });

  test('tells the other sinks if Security Hub is disabled, and only Security Hub once it is enabled', async () => {
    securityHub.disable();
    const waiting = await world.retries();
    await see([{}], 0);
    expect(await world.deliverNews(lambda)).toEqual(NONE);
    expect([(await onTheBus()).length, (await world.alerts()).length]).toEqual([1, 1]);
    expect(await world.retries()).toBe(waiting + 1);
    expect(await store.pending(arn)).toMatchObject([{ takenBy: ['EventBridge', 'SNS'] }]);

    // The function's own writes are no news.
    expect(await world.deliverNews(lambda)).toEqual(NONE);
    expect(await world.retries()).toBe(waiting + 1);
    expect(await lambda.deliver({ resourceArn: arn })).toEqual([0]);
    securityHub.enable();
    expect(await lambda.deliver({ resourceArn: arn })).toEqual([]);
    expect(inSecurityHub()).toEqual([['FAILED', 'ACTIVE', 'NEW']]);
    expect([await onTheBus(), await world.alerts(), await store.pending(arn)]).toEqual([[], [], []]);
    expect(lambda.log()).toContainEqual(expect.objectContaining({ SecurityHubFailures: 1 }));
  });

  test('fails only the message that names no resource', async () => {
    expect(await lambda.deliver('{', { resourceArn: arn })).toEqual([0]);
  });
});
