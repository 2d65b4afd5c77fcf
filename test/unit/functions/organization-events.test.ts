import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import type { AccountAnswer } from '../../../functions/account-context.ts';
import { type AuditedAccount, auditBatch } from '../../../functions/audit/audit-batch.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { cloudTrail, envelope } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { quietBatch } from '../../support/builders/quiet-batch.ts';
import { ORGANIZATIONS } from '../../support/builders/reading.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const [HUB, MANAGEMENT, ONE] = ['111122223333', '999988887777', '444455556666'] as const;
const now = () => new Date('2026-11-24T10:00:00Z');

const spread: unknown[] = [];
const looked: string[] = [];

const accounts = async (account: string): Promise<AccountAnswer<AuditedAccount>> => {
  if (account === MANAGEMENT) return { is: 'unwatched', reason: 'nobody names it' };
  const { reader } = memoryReader({ listing: [], organization: NO_ORGANIZATION, trails: [], identities: {} });
  const own = {
    ...reader,
    scope: { ...reader.scope, account },
    readOrganizationPolicies: async () => {
      looked.push(account);
      return reader.readOrganizationPolicies();
    },
  };
  const config = { version: 1 as const };
  const audit = () => ({
    readers: [own] as const,
    config,
    now,
    recallExecution: async () => undefined,
    evidence: accountEvidence(own, config),
  });
  const cache = { forgetBefore: () => {} };
  return { is: 'watched', context: { audit, cache, store: memoryStore() } };
};

const handle = async (...events: object[]): Promise<number> => {
  const batch = auditBatch({
    ...quietBatch(),
    own: HUB,
    accounts,
    store: memoryStore(),
    now,
    spread: async (change, reach) => {
      if (reach !== 'all' && reach.includes('r-down')) throw new Error('the queue takes nothing');
      spread.push([change.resource.arn, change.changed, change.trigger?.eventName, reach]);
    },
  });
  const Records = events.map((event, index) => ({ messageId: String(index), body: JSON.stringify(event) }));
  const { batchItemFailures } = await batch({ Records } as unknown as SQSEvent, CONTEXT);
  return batchItemFailures.length;
};

const event = (eventName: string, request: object) => ({
  ...envelope(cloudTrail(eventName, request, { ...ORGANIZATIONS, recipientAccountId: MANAGEMENT })),
  account: MANAGEMENT,
});

beforeEach(() => {
  spread.length = 0;
  looked.length = 0;
});

describe('an event of the organization', () => {
  test('leads to a look at the account of the hub, and is spread, also where its management account is not watched', async () => {
    expect(await handle(event('AttachPolicy', { policyId: 'p-1', targetId: 'ou-ab12-ml' }))).toBe(0);
    const arn = `arn:aws:organizations::${HUB}:organization`;
    expect(spread).toEqual([[arn, ['policy'], 'AttachPolicy', ['ou-ab12-ml']]]);
    expect(looked).toEqual([HUB]);
  });

  test('comes again where it cannot be spread', async () => {
    expect(await handle(event('EnablePolicyType', { rootId: 'r-down' }))).toBe(1);
  });

  test('that came to one account by a message is looked at there, and not spread again', async () => {
    const trigger = { eventId: 'e', eventName: 'AttachPolicy', eventTime: '2026-11-24T09:59:00Z' };
    const message = {
      version: '0',
      id: 'm',
      source: 'pipewarden',
      'detail-type': 'Pipewarden Sweep',
      account: ONE,
      region: 'eu-west-1',
      detail: { resource: { type: 'organization' } },
      changed: ['policy'],
      trigger,
    };
    expect(await handle(message)).toBe(0);
    expect(spread).toEqual([]);
    expect(looked).toEqual([ONE]);
  });
});
