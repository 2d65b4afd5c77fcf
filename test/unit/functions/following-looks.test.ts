import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { auditBatch } from '../../../functions/audit/audit-batch.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import type { Json } from '../../../shared/json/json.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { sweepMessage } from '../../../shared/sweep/messages.ts';
import { cloudTrail, envelope, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { batchOver, oneAccount, quietBatch } from '../../support/builders/quiet-batch.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const NOW = new Date('2026-11-24T10:00:00.000Z');
const POLICY = 'arn:aws:iam::111122223333:policy/shared';
const CONFIG = { version: 1 as const };

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `r${index}`);

const roleNamed = (name: string): Json => ({
  RoleName: name,
  Arn: roleArn(`pipelines/${name}`),
  AttachedManagedPolicies: [{ PolicyName: 'shared', PolicyArn: POLICY }],
  AssumeRolePolicyDocument: {
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  },
});

/** An account with so many pipelines, each with a role of its own, and what a deployment that watches it looks at. */
const deployment = (
  count: number,
  {
    canAsk = true,
    leaves = () => false,
    cannotBeRead = false,
  }: { canAsk?: boolean; leaves?: (asked: AuditRequest) => boolean; cannotBeRead?: boolean } = {},
) => {
  const { reader } = memoryReader({
    listing: names(count),
    organization: NO_ORGANIZATION,
    pipelines: Object.fromEntries(
      names(count).map((name) => [
        name,
        {
          name,
          arn: sagemakerArn(`pipeline/${name}`),
          roleArn: roleArn(`pipelines/${name}`),
          definitionText: JSON.stringify({ Version: '2020-12-01', Steps: [] }),
        },
      ]),
    ),
    identities: {
      RoleDetailList: names(count).map(roleNamed),
      Policies: [
        { Arn: POLICY, PolicyVersionList: [{ IsDefaultVersion: true, Document: { Statement: [] } }] },
      ],
    },
  });
  const store = memoryStore();
  const looked: string[] = [];
  const asked: AuditRequest[] = [];
  const forgotten: number[] = [];
  const noted: string[] = [];
  const settled: string[] = [];
  const unsettled: string[] = [];
  const handle = auditBatch({
    ...quietBatch(),
    ...oneAccount({
      audit: () => ({
        ...batchOver(reader, CONFIG, () => NOW),
        settle: async (requests) => void settled.push(...requests.map(({ resource }) => resource.arn)),
        leading: async (requests) =>
          requests.flatMap(({ changed, resource }) =>
            changed.some((change) => change === 'policy') ? resource.arn : [],
          ),
      }),
      cache: { forget: () => {}, forgetBefore: (time) => forgotten.push(time) },
      store: {
        ...store,
        observe: (observation) => {
          if (observation.resourceArn.includes(':role/')) looked.push(observation.resourceArn);
          return store.observe(observation);
        },
      },
    }),
    ...(cannotBeRead && {
      accounts: async () => {
        throw new Error('the account cannot be read');
      },
    }),
    unsettle: async (account, arns) => void unsettled.push(...arns.map((arn) => `${account} ${arn}`)),
    noteHandled: async (handled) => {
      noted.push(...handled.flatMap(({ eventIds }) => eventIds));
    },
    ...(canAsk && {
      askOthers: async (_, requests) => {
        asked.push(...requests);
        return requests.filter(leaves);
      },
    }),
  });
  const receive = (...messages: object[]): Promise<void> => receiveAgain(1, ...messages);
  const receiveAgain = async (receives: number, ...messages: object[]): Promise<void> => {
    const Records = messages.map((message) => ({
      messageId: randomUUID(),
      body: JSON.stringify(message),
      attributes: { ApproximateReceiveCount: String(receives) },
    }));
    const event = { Records } as unknown as SQSEvent;
    const failed = cannotBeRead ? Records.map(({ messageId }) => ({ itemIdentifier: messageId })) : [];
    expect(await handle(event, CONTEXT)).toEqual({ batchItemFailures: failed });
  };
  return { receive, receiveAgain, looked, asked, forgotten, noted, settled, unsettled };
};

const changeOfRole = envelope(
  cloudTrail(
    'PutRolePolicy',
    { roleName: 'r0', policyName: 'own' },
    { eventSource: 'iam.amazonaws.com', eventTime: NOW.toISOString() },
  ),
);

const others = (count: number) =>
  names(count)
    .slice(1)
    .map((name) => roleArn(`pipelines/${name}`))
    .toSorted();

test.each<[string, number, { canAsk: boolean }]>([
  ['ten looks that follow from one', 11, { canAsk: true }],
  ['more of them, where nobody else can be asked', 14, { canAsk: false }],
])('%s are made at once', async (_, count, options) => {
  const { receive, looked, asked } = deployment(count, options);
  await receive(changeOfRole);
  expect(asked).toEqual([]);
  expect(new Set(looked)).toEqual(new Set([...others(count), roleArn('pipelines/r0')]));
});

test('others are asked for more looks than ten, and make them because of the same event', async () => {
  const { receive, looked, asked, forgotten, noted } = deployment(14);
  await receive(changeOfRole);
  expect(noted).toHaveLength(1);
  expect(looked).toEqual([roleArn('pipelines/r0')]);
  expect(asked.map(({ resource }) => resource.arn).toSorted()).toEqual(others(14));
  expect(forgotten).toEqual([]);
  const learntAt = NOW.toISOString();
  const scope = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
  const messages = asked.flatMap((request, index): object[] => {
    const message = sweepMessage({ ...request, learntAt }, index, { sweepId: 's', scope, time: learntAt });
    return message ? [message] : [];
  });
  looked.length = 0;
  await receive(...messages);
  expect(looked.toSorted()).toEqual(others(14));
  // What they have read before that change counts no more; and no look follows from theirs.
  expect(Math.min(...forgotten)).toBeGreaterThan(NOW.valueOf());
  expect(asked).toHaveLength(others(14).length);
  // Whether the look at the event itself ended well is known to whoever had its message.
  expect(noted).toHaveLength(1);
});

const changeOfPolicy = envelope(
  cloudTrail(
    'CreatePolicyVersion',
    { policyArn: POLICY, setAsDefault: true },
    { eventSource: 'iam.amazonaws.com', eventTime: NOW.toISOString() },
  ),
);

test('what the looks at all who have a policy lead to is asked for once', async () => {
  const { receive, looked, asked } = deployment(30);
  await receive(changeOfPolicy);
  const all = names(30)
    .map((name) => roleArn(`pipelines/${name}`))
    .toSorted();
  expect(looked.toSorted()).toEqual(all);
  expect(new Set(asked.map(({ resource }) => resource.arn)).size).toBe(asked.length);
  expect(asked.length).toBeLessThanOrEqual(all.length);
});

test('of very many who have a policy the others ask for no further looks', async () => {
  const { receive, looked, asked } = deployment(70);
  await receive(changeOfPolicy);
  const last = asked.filter(({ isLast }) => isLast);
  expect(looked).toHaveLength(50);
  expect(last).toHaveLength(20);
  expect(last.every(({ changed }) => changed.some((change) => change === 'policy'))).toBe(true);
  const before = asked.length;
  const scope = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
  const messages = last.flatMap((request, index): object[] => {
    const message = sweepMessage(request, index, { sweepId: 's', scope, time: NOW.toISOString() });
    return message ? [message] : [];
  });
  looked.length = 0;
  for (const message of messages) await receive(message);
  expect(looked).toHaveLength(20);
  expect(asked).toHaveLength(before);
});

test('looks for which there is no message are made at once, with all to which they lead', async () => {
  const { receive, looked, asked, settled } = deployment(70, { leaves: ({ isLast }) => isLast === true });
  await receive(changeOfPolicy);
  const left = asked.filter(({ isLast }) => isLast).map(({ resource }) => resource.arn);
  expect(left).toHaveLength(20);
  expect(new Set(looked)).toEqual(new Set(names(70).map((name) => roleArn(`pipelines/${name}`))));
  expect(settled).toEqual(expect.arrayContaining(left));
});

test.each([
  ['is perhaps never made', false],
  ['cannot be made, as nothing of the account can be read,', true],
])(
  'a look that %s takes back that all were looked at who hang on those that led to it',
  async (_, cannotBeRead) => {
    const { receive, asked } = deployment(14);
    await receive(changeOfRole);
    const [request] = asked;
    if (!request) throw new Error('nothing was asked');
    const context = {
      sweepId: 's',
      scope: { partition: 'aws', account: '111122223333', region: 'eu-west-1' },
      time: NOW.toISOString(),
    };
    const message = sweepMessage({ ...request, learntAt: NOW.toISOString() }, 0, context);
    if (!message) throw new Error('there is no message');
    const { receiveAgain, unsettled } = deployment(14, { cannotBeRead });
    await receiveAgain(4, message);
    expect(unsettled).toEqual([]);
    await receiveAgain(5, message);
    expect(unsettled).toEqual([`111122223333 ${roleArn('r0')}`]);
  },
);
