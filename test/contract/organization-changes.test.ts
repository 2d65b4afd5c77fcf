import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spreadChange } from '../../functions/audit/spread.ts';
import { noteCoverage } from '../../shared/aws/keep/coverage.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import {
  noteOrganizationChange,
  readOrganizationChanges,
} from '../../shared/aws/keep/organization-changes.ts';
import type { Unread } from '../../shared/domain/gap.ts';
import { readEvents } from '../../shared/events/read-events.ts';
import type { Json } from '../../shared/json/json.ts';
import { found, notRead } from '../../shared/reader/read-result.ts';
import { organizationRequest } from '../../shared/requests/resource-requests.ts';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';

describeWith('moto', 'changes of the organization', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: DynamoDBClient;
  let sqs: SQSClient;
  const findings = () => ({ client, table: 'findings' });

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    const config = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    client = new DynamoDBClient(config);
    sqs = new SQSClient(config);
    await createFindingsTable(client, 'findings');
  });
  afterAll(async () => {
    for (const each of [client, sqs]) each?.destroy();
    await moto?.stop();
  });

  test('are noted in any order, the latest of each stays, and no state of a resource is among them', async () => {
    expect(await readOrganizationChanges(findings())).toEqual({ all: 0, byId: new Map() });
    await noteOrganizationChange(findings(), ['ou-ab12-x', 'p-1'], 2000);
    await noteOrganizationChange(findings(), ['ou-ab12-x'], 1000);
    await noteOrganizationChange(findings(), ['p-1'], 3000);
    await noteOrganizationChange(findings(), 'all', 1500);
    await noteOrganizationChange(findings(), [], 9000);
    const { all, byId } = await readOrganizationChanges(findings());
    expect([all, byId.get('ou-ab12-x'), byId.get('p-1'), byId.size]).toEqual([1500, 2000, 3000, 3]);
    const states: string[] = [];
    for await (const { resourceArn } of dynamodbStore(findings()).states()) states.push(resourceArn);
    expect(states).toEqual([]);
  });

  const own = { account: ACCOUNT, region: REGION, partition: 'aws' };
  const trigger = { eventId: 'e', eventName: 'AttachPolicy', eventTime: '2026-11-24T10:00:00Z' };
  const change = { ...organizationRequest(own), changed: ['policy'] as const, trigger };

  const spreadTo = async (
    name: string,
    named: string[],
    reaches: Parameters<typeof spreadChange>[2]['reaches'],
  ) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const unknown: Unread[] = [];
    await spreadChange(change, ['ou-ab12-x'], {
      own,
      named,
      findings: findings(),
      queue: { client: sqs, queueUrl: QueueUrl },
      reaches,
      onUnknown: (unread) => void unknown.push(unread),
    });
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return {
      requests: Messages.flatMap(({ Body = '' }) => readEvents(JSON.parse(Body) as Json, 'message').requests),
      waiting: Number(Attributes.ApproximateNumberOfMessages),
      delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
      unknown,
    };
  };

  const member = (index: number): string => String(444455550000 + index);

  test('ask for looks at ten accounts at once, and at others later', async () => {
    const named = Array.from({ length: 25 }, (_, index) => member(index));
    const { requests, waiting, delayed } = await spreadTo('many', named, async () => found(() => true));
    expect([waiting, delayed]).toEqual([10, 15]);
    expect(requests).toHaveLength(10);
    expect(requests[0]).toMatchObject({
      type: 'organization',
      resource: { arn: expect.stringMatching(/^arn:aws:organizations::44445555\d{4}:organization$/) },
      changed: ['policy'],
      trigger,
    });
    // Whoever gets such a message looks at one account, and asks for no other.
    expect(requests[0]).not.toHaveProperty('reach');
  });

  test('ask for looks at what sweeps have covered, and at all of it where nobody tells what is reached', async () => {
    for (const region of [REGION, 'us-east-1'])
      await noteCoverage(findings(), { account: member(1), region }, { at: new Date(), unread: null });
    const isReached = async () => found((account: string) => account === member(1));
    const told = await spreadTo('covered', [member(2), ACCOUNT], isReached);
    expect(told.requests.map(({ scope }) => scope?.account)).toEqual([member(1)]);
    const denied = notRead('ListTargetsForPolicy', 'AccessDeniedException', 'no');
    const untold = await spreadTo('unknown', [member(2), ACCOUNT], async () => denied);
    expect(untold.requests.map(({ scope }) => scope?.account).toSorted()).toEqual([member(1), member(2)]);
    expect(untold.unknown).toEqual([denied.ok ? undefined : denied.unread]);
  });
});
