import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { type AuditedAccount, auditBatch } from '../../../functions/audit/audit-batch.ts';
import { listingAfter, listingTurns } from '../../../functions/audit/listing-turns.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { step } from '../../support/builders/control-cases.ts';
import { cloudTrail, envelope } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { batchOver, quietBatch } from '../../support/builders/quiet-batch.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const ACCOUNTS = Array.from({ length: 10 }, (_, index) => String(111122223330 + index));
const now = () => new Date('2026-11-24T10:00:00.000Z');

const roleOf = (account: string) => `arn:aws:iam::${account}:role/pipelines/vision`;

const readerOf = (account: string): Reader => {
  const { reader } = memoryReader({
    listing: ['vision'],
    organization: NO_ORGANIZATION,
    trails: [],
    pipelines: {
      vision: {
        name: 'vision',
        arn: `arn:aws:sagemaker:eu-west-1:${account}:pipeline/vision`,
        roleArn: roleOf(account),
        definitionText: JSON.stringify({
          Version: '2020-12-01',
          Steps: [step('Train', 'Training', { RoleArn: `arn:aws:iam::${account}:role/train` })],
        }),
      },
    },
    identities: { RoleDetailList: [{ RoleName: 'vision', Arn: roleOf(account), Path: '/pipelines/' }] },
  });
  return { ...reader, scope: { ...reader.scope, account }, readShares: async () => found([]) };
};

/** A process whose accounts have no index. */
const processOfFunction = () => {
  const store = memoryStore();
  // What was listed of each account, and of how many others it was still in memory when the next one was listed: of the one before,
  // promises may be under way.
  const listed: { account: string; identities: WeakRef<object> }[] = [];
  const others: number[] = [];
  const contextOf = (account: string): AuditedAccount => {
    const reader = readerOf(account);
    const readIdentities: Reader['readIdentities'] = async () => {
      // What only waits to be done with is gone after a few turns; what is kept stays.
      for (let round = 0; round < 4; round++) {
        await turn();
        collect();
      }
      others.push(listed.filter((of) => of.account !== account && of.identities.deref()).length);
      const read = await reader.readIdentities();
      if (read.ok) listed.push({ account, identities: new WeakRef(read.value.identities) });
      return read;
    };
    return {
      audit: ({ beforeListing }) => {
        const [inTurn] = listingAfter([{ ...reader, readIdentities }], beforeListing);
        return batchOver(inTurn, { version: 1 }, now);
      },
      cache: { forgetBefore: () => {} },
      store,
    };
  };
  const handle = auditBatch({
    ...quietBatch(),
    own: ACCOUNTS[0] ?? '',
    accounts: async (account) => ({ is: 'watched', context: contextOf(account) }),
    store,
    now,
  });
  return {
    /** Returns the accounts of the messages that come again. */
    receive: async (accounts: readonly string[]): Promise<string[]> => {
      const Records = accounts.map((account, index) => ({
        messageId: String(index),
        body: JSON.stringify({
          ...envelope(
            cloudTrail(
              'PutRolePolicy',
              { roleName: 'vision', policyName: `own-${index}` },
              { eventSource: 'iam.amazonaws.com', recipientAccountId: account, eventID: `e-${index}` },
            ),
          ),
          account,
        }),
      }));
      const { batchItemFailures } = await handle({ Records } as unknown as SQSEvent, CONTEXT);
      return batchItemFailures.map(({ itemIdentifier }) => accounts[Number(itemIdentifier)] ?? '');
    },
    judged: async (): Promise<string[]> => {
      const all: string[] = [];
      for await (const { resourceArn } of store.states()) all.push(resourceArn);
      return all.toSorted();
    },
    listed,
    others,
  };
};

describe('messages of ten accounts without an index', () => {
  test('are looked at one account after the other, and what was listed of one is let go', async () => {
    const { receive, listed, others, judged } = processOfFunction();
    expect(await receive(ACCOUNTS)).toEqual([]);
    expect(new Set(listed.map(({ account }) => account))).toEqual(new Set(ACCOUNTS));
    expect(others.filter((count) => count > 1)).toEqual([]);
    expect(await judged()).toEqual(expect.arrayContaining(ACCOUNTS.map(roleOf)));
  });

  test('of which one account has several share its turn, whatever their order', async () => {
    const { receive, listed, others } = processOfFunction();
    expect(await receive([...ACCOUNTS.slice(0, 5), ...ACCOUNTS.slice(0, 5).toReversed()])).toEqual([]);
    const order = listed.map(({ account }) => account);
    expect(order.filter((account, index) => account !== order[index - 1])).toEqual(ACCOUNTS.slice(0, 5));
    expect(others.filter((count) => count > 1)).toEqual([]);
  });
});

test('nobody’s turn comes after the end of the batch', async () => {
  const turns = listingTurns();
  const [first, second] = [turns.turn(), turns.turn()];
  await first.take();
  let hasCome = false;
  void second.take().then(() => {
    hasCome = true;
  });
  turns.close();
  first.end();
  await turn();
  expect(hasCome).toBe(false);
});
