import { expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import fc from 'fast-check';
import type { AccountAnswer } from '../../../functions/account-context.ts';
import { type AuditedAccount, auditBatch } from '../../../functions/audit/audit-batch.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { accountStore } from '../../../shared/findings/account-state.ts';
import { memoryStore, type Store } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { AccountReaders, Reader } from '../../../shared/reader/reader.ts';
import { accountRequest } from '../../../shared/requests/resource-requests.ts';
import { sweepMessage } from '../../../shared/sweep/messages.ts';
import { step } from '../../support/builders/control-cases.ts';
import { cloudTrail, envelope } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { quietBatch } from '../../support/builders/quiet-batch.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const ACCOUNTS = ['111122223333', '444455556666', '777788889999'] as const;
const [HUB] = ACCOUNTS;
const REGIONS = ['eu-west-1', 'us-east-1'] as const;
const BUCKET = 'acme-images';
const CONFIG = {
  version: 1 as const,
  prefixes: [{ prefix: 'team' }],
  imageBuckets: { names: [BUCKET] },
  roles: { steps: ['arn:aws:iam::*:role/steps/*'] },
};
const DENIED = {
  call: 'AssumeRole',
  code: 'AccessDenied',
  message: 'not authorized to perform: sts:AssumeRole',
};

const readerIn = (account: string, region: string): Reader => {
  const { reader } = memoryReader({
    listing: ['fraud'],
    organization: NO_ORGANIZATION,
    trails: [],
    identities: {},
    cors: { [BUCKET]: [] },
    pipelines: {
      fraud: {
        name: 'fraud',
        arn: `arn:aws:sagemaker:${region}:${account}:pipeline/fraud`,
        roleArn: `arn:aws:iam::${account}:role/pipelines/fraud`,
        definitionText: JSON.stringify({
          Version: '2020-12-01',
          Steps: [step('Train', 'Training', { RoleArn: `arn:aws:iam::${account}:role/admin` })],
        }),
      },
    },
  });
  return {
    ...reader,
    scope: { ...reader.scope, account, region },
    readShares: async () => found([]),
    getBucketTags: async () => found(new Map()),
  };
};

/** How an account answers a batch: as usual, with a role that cannot be assumed, or not yet. */
type Fault = 'none' | 'denied' | 'throttled';

/** A system with one store. `faultOf` tells how an account answers next. */
const system = (faultOf: (account: string) => Fault) => {
  const store: Store = memoryStore();
  const now = () => new Date('2026-11-24T10:00:00Z');
  const accounts = async (account: string): Promise<AccountAnswer<AuditedAccount>> => {
    const fault = faultOf(account);
    if (fault === 'throttled') throw new Error('AWS has not answered yet');
    const readers = REGIONS.map((region) => readerIn(account, region)) as unknown as AccountReaders;
    const [home, ...others] = readers;
    if (fault === 'denied') return { is: 'unread', scope: home.scope, regions: REGIONS, unread: DENIED };
    const audit = () => ({
      readers,
      config: CONFIG,
      now,
      countsPasses: true,
      recallExecution: async () => undefined,
      evidence: accountEvidence(home, CONFIG, undefined, others),
      coverage: async () => found({ account, region: home.scope.region, firstAt: now().toISOString() }),
    });
    const cache = { forget: () => {}, forgetBefore: () => {} };
    return { is: 'watched', context: { audit, cache, store: accountStore(store, account, HUB) } };
  };
  const handle = auditBatch({ ...quietBatch(), own: HUB, accounts, store, now });
  /** Returns the messages that come again. */
  const receive = async (bodies: readonly string[]): Promise<string[]> => {
    const Records = bodies.map((body, index) => ({ messageId: String(index), body }));
    const { batchItemFailures } = await handle({ Records } as unknown as SQSEvent, CONTEXT);
    return batchItemFailures.map(({ itemIdentifier }) => bodies[Number(itemIdentifier)] ?? '');
  };
  /** Whatever is open, and under which key, without times and the events that led to it. */
  const open = async () => {
    const all: string[] = [];
    for await (const { resourceArn, state } of store.states())
      for (const { trigger: _, firstObservedAt: __, lastObservedAt: ___, ...finding } of Object.values(
        state.open,
      ))
        all.push(JSON.stringify([resourceArn, finding]));
    return all.toSorted();
  };
  return { receive, open };
};

const inAccount = (account: string, region: string, name: string, asked: object, source: string) =>
  JSON.stringify({
    ...envelope(
      cloudTrail(name, asked, {
        eventSource: source,
        awsRegion: region,
        recipientAccountId: account,
        eventTime: '2026-11-24T09:59:00Z',
      }),
    ),
    account,
    region,
  });

const EVENTS = ACCOUNTS.flatMap((account) => [
  ...REGIONS.map((region) =>
    inAccount(account, region, 'UpdatePipeline', { pipelineName: 'fraud' }, 'sagemaker.amazonaws.com'),
  ),
  inAccount(account, 'eu-west-1', 'PutBucketCors', { bucketName: BUCKET }, 's3.amazonaws.com'),
]);

/** The look with which a sweep ends what was told of a whole account. */
const wholeOf = (account: string): string => {
  const scope = { account, region: 'eu-west-1', partition: 'aws' };
  const request = accountRequest(scope, []);
  const whole = { ...request, resource: { ...request.resource, arn: `arn:aws:iam::${account}:root` } };
  return JSON.stringify(
    sweepMessage(whole as typeof request, 1, {
      sweepId: `s/${account}`,
      scope,
      time: '2026-11-24T10:00:00Z',
    }),
  );
};

test('accounts whose roles cannot be assumed for a while come to the same state, and lose no event', async () => {
  const calm = system(() => 'none');
  expect(await calm.receive(EVENTS)).toEqual([]);
  expect(await calm.receive(ACCOUNTS.map(wholeOf))).toEqual([]);
  const expected = await calm.open();
  // Two pipelines and a bucket of each account.
  expect(new Set(expected.map((each) => (JSON.parse(each) as [string])[0])).size).toBeGreaterThanOrEqual(9);

  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(EVENTS, { minLength: EVENTS.length }),
      fc.array(
        fc.record({
          account: fc.constantFrom(...ACCOUNTS),
          fault: fc.constantFrom<Fault[]>('denied', 'throttled'),
        }),
        {
          maxLength: 12,
        },
      ),
      fc.integer({ min: 1, max: EVENTS.length }),
      async (order, faults, batch) => {
        const left = [...faults];
        const shaken = system((account) => {
          const index = left.findIndex((each) => each.account === account);
          // The deployment reads its own account with its own role, which nobody denies.
          const fault = index < 0 ? 'none' : (left.splice(index, 1)[0]?.fault ?? 'none');
          return account === HUB && fault === 'denied' ? 'throttled' : fault;
        });
        let queue: string[] = [...order];
        for (let turn = 0; queue.length > 0; turn++) {
          if (turn > 100) throw new Error('messages come again for ever');
          queue = [...queue.slice(batch), ...(await shaken.receive(queue.slice(0, batch)))];
        }
        left.length = 0;
        expect(await shaken.receive(ACCOUNTS.map(wholeOf))).toEqual([]);
        expect(await shaken.open()).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});
