import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { auditBatch } from '../../../functions/audit/audit-batch.ts';
import type { FailedMessage } from '../../../functions/audit/dead-letter.ts';
import { isNotIndexedYet, waitingForIndex } from '../../../functions/audit/waiting-for-index.ts';
import { type KeptIndex, keptIndex } from '../../../shared/account-index/kept-index.ts';
import { type IndexStore, memoryIndex, TOO_LARGE } from '../../../shared/account-index/store.ts';
import { accountEvidence, readAskedOf } from '../../../shared/facts/account-evidence.ts';
import { indexedEvidence } from '../../../shared/facts/indexed-evidence.ts';
import { takeInventory } from '../../../shared/facts/inventory.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { notReadYet } from '../../../shared/reader/insistent-reader.ts';
import { tooLargeToList } from '../../../shared/reader/listing-bound.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { AccountReaders, Reader } from '../../../shared/reader/reader.ts';
import { step } from '../../support/builders/control-cases.ts';
import { ACCOUNT, cloudTrail, envelope, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';
import { batchOver, oneAccount, quietBatch } from '../../support/builders/quiet-batch.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const ROLE = roleArn('pipelines/vision');
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const CONFIG = { version: 1 as const, roles: { steps: [roleArn('steps/*')] } };

const ACCOUNT_OF_ONE: Account = {
  listing: ['vision'],
  organization: NO_ORGANIZATION,
  pipelines: {
    vision: {
      name: 'vision',
      arn: sagemakerArn('pipeline/vision'),
      roleArn: ROLE,
      definitionText: JSON.stringify({
        Version: '2020-12-01',
        Steps: [step('train', 'Training', { TrainingJobName: 'vision', RoleArn: roleArn('steps/vision') })],
      }),
    },
  },
  identities: {
    RoleDetailList: [
      {
        RoleName: 'vision',
        Arn: ROLE,
        Path: '/pipelines/',
        AssumeRolePolicyDocument: TRUST,
        RolePolicyList: [],
        AttachedManagedPolicies: [],
      },
    ],
  },
};

const IAM_TOO_LARGE = tooLargeToList('GetAccountAuthorizationDetails', 'users, roles and policies', '2 MB');
const PIPELINES_TOO_LARGE = tooLargeToList('ListPipelines', 'pipelines in the Region', '200');

/** What a listing by looks answers in place of what is there. */
type Bounds = Partial<Pick<Reader, 'readIdentities' | 'listPipelines' | 'describePipeline'>>;
const LARGE: Bounds = { readIdentities: async () => IAM_TOO_LARGE };
const MANY_PIPELINES: Bounds = { listPipelines: async () => PIPELINES_TOO_LARGE };

const event = envelope(
  cloudTrail(
    'PutRolePolicy',
    { roleName: 'vision', policyName: 'own', policyDocument: '{}' },
    { eventSource: 'iam.amazonaws.com', eventTime: '2026-11-24T09:59:00Z' },
  ),
);

/** An execution environment of the function whose account has this index, and is listed by looks within these bounds. */
const container = (bounds: Bounds, indexStore: IndexStore = memoryIndex()) => {
  const store = memoryStore();
  const failures: FailedMessage[] = [];
  const { reader } = memoryReader(ACCOUNT_OF_ONE);
  const bounded: AccountReaders = [{ ...reader, ...bounds }];
  const time = { now: NOW };
  const now = () => new Date(time.now);
  let asked = 0;
  const index: KeptIndex = keptIndex({
    store: indexStore,
    now,
    configuration: '',
    regions: [reader.scope.region],
    maxAgeSeconds: 3600,
  });
  const handle = auditBatch({
    ...quietBatch(),
    settleFailures: async (failed) => {
      failures.push(...failed);
      return [...failed];
    },
    ...oneAccount({
      audit: ({ waits }) => {
        const [home] = waits ? waitingForIndex(bounded) : bounded;
        return {
          ...batchOver(home, CONFIG, now),
          evidence: indexedEvidence(accountEvidence(home, CONFIG), {
            index,
            config: CONFIG,
            now,
            readDetails: async () => found(ACCOUNT_OF_ONE.identities ?? {}),
            readAsked: (pipeline, named) => readAskedOf([reader], CONFIG, pipeline, named),
            onBearing: () => {},
            onMissing: async () => {
              asked++;
            },
          }),
        };
      },
      store,
    }),
  });
  return {
    /** Hands out a message with this body at each of these receives, as one batch; returns how many come again. */
    receive: async (receives: number | readonly number[], body: unknown = event): Promise<number> => {
      const Records = [receives].flat().map((count) => ({
        messageId: randomUUID(),
        attributes: { ApproximateReceiveCount: String(count) },
        body: JSON.stringify(body),
      }));
      time.now += 1000;
      const answer = await handle({ Records } as unknown as SQSEvent, CONTEXT);
      return answer.batchItemFailures.length;
    },
    inventory: async (): Promise<void> => {
      const done = await takeInventory({
        store: indexStore,
        readPage: async () => found({ details: ACCOUNT_OF_ONE.identities ?? {} }),
        readers: [reader],
        config: CONFIG,
        configuration: '',
        now,
      });
      expect(done.ok).toBe(true);
    },
    findings: async (): Promise<string[]> => {
      const told: string[] = [];
      for await (const { state } of store.states())
        for (const { resource, control, status, evidence, remediation } of Object.values(state.open))
          told.push(JSON.stringify({ arn: resource.arn, control, status, evidence, remediation }));
      return told.toSorted();
    },
    failures,
    asked: () => asked,
  };
};

/** What looks find that list everything. */
const listed = async (): Promise<string[]> => {
  const { receive, findings } = container({});
  expect(await receive(1)).toBe(0);
  return findings();
};

describe.each<[string, Bounds]>([
  ['more principals', LARGE],
  ['more pipelines', MANY_PIPELINES],
])('in an account with %s than looks list, and no index, a message', (_, bounds) => {
  test('comes again, stores nothing, has asked for an inventory, and says who makes what', async () => {
    const { receive, findings, failures, asked } = container(bounds);
    expect(await receive(1)).toBe(1);
    expect(await findings()).toEqual([]);
    expect(asked()).toBeGreaterThan(0);
    const [{ error }] = failures as [FailedMessage];
    expect(isNotIndexedYet(error)).toBe(true);
    expect(String(error)).toMatch(
      /^NotIndexedYet: the look waits for the index of the account 111122223333: .* which the inventory function makes$/,
    );
  });

  test('comes to what looks find that list everything, once the inventory is done', async () => {
    const { receive, findings, inventory } = container(bounds);
    expect(await receive(1)).toBe(1);
    await inventory();
    expect(await receive(2)).toBe(0);
    const told = await findings();
    expect(told).toEqual(await listed());
    expect(told).not.toEqual([]);
  });

  test('makes it known at its last receive that the account is not judged, and is put aside with the reason', async () => {
    const { receive, findings, failures, inventory } = container(bounds);
    expect(await receive(5)).toBe(1);
    expect(failures.map(({ error }) => isNotIndexedYet(error))).toEqual([true]);
    const told = await findings();
    expect(told).not.toEqual([]);
    for (const finding of told) expect(JSON.parse(finding)).toMatchObject({ status: 'NOT_AVAILABLE' });
    expect(told.join()).toContain('TooLargeToList');
    expect(told.join()).toContain('pipewarden dlq replay');
    await inventory();
    expect(await receive(1)).toBe(0);
    expect(await findings()).toEqual(await listed());
  });

  test('waits in the same way where no index can hold the account', async () => {
    const full: IndexStore = {
      ...memoryIndex(),
      merge: async () => {
        throw Object.assign(new Error('more than an item can hold'), { name: TOO_LARGE });
      },
    };
    const { receive, findings, failures } = container(bounds, full);
    expect(await receive(4)).toBe(1);
    expect(await findings()).toEqual([]);
    expect(await receive(5)).toBe(1);
    expect(failures.map(({ error }) => isNotIndexedYet(error))).toEqual([true, true]);
    expect((await findings()).join()).toContain('TooLargeToList');
  });
});

test('an account within the bounds is judged at once without an index, and one that no index can hold as well', async () => {
  const full: IndexStore = {
    ...memoryIndex(),
    merge: async () => {
      throw Object.assign(new Error('more than an item can hold'), { name: TOO_LARGE });
    },
  };
  for (const each of [container({}), container({}, full)]) {
    expect(await each.receive(1)).toBe(0);
    expect(each.asked()).toBeGreaterThan(0);
    expect(await each.findings()).toEqual(await listed());
  }
});

test('where AWS refuses the listing of IAM no message waits: the finding names the action', async () => {
  const { receive, findings } = container({
    readIdentities: async () =>
      notRead('GetAccountAuthorizationDetails', 'AccessDenied', 'not authorized to perform it'),
    ...MANY_PIPELINES,
  });
  expect(await receive(1)).toBe(0);
  const told = (await findings()).map((each) => JSON.parse(each));
  expect(told).toEqual([
    expect.objectContaining({
      arn: ROOT,
      control: 'evidence-readable',
      status: 'NOT_AVAILABLE',
      remediation: { text: expect.stringContaining('iam:GetAccountAuthorizationDetails') },
    }),
  ]);
});

describe('a message of which something else fails as well', () => {
  const throttled = (): never => {
    throw notReadYet({
      call: 'GetAccountAuthorizationDetails',
      code: 'Throttling',
      message: 'rate exceeded',
    });
  };
  /** IAM throttles the first listing, and then it is too large. */
  const throttledFirst = (): Bounds => {
    let calls = 0;
    return { readIdentities: async () => (calls++ === 0 ? throttled() : IAM_TOO_LARGE) };
  };
  /** The same of another pipeline, whose look fails before any waits. */
  const ofOther = envelope(cloudTrail('UpdatePipeline', { pipelineName: 'other' }));
  const otherFails: Bounds = {
    describePipeline: async (name) =>
      name === 'other' ? throttled() : memoryReader(ACCOUNT_OF_ONE).reader.describePipeline(name),
  };
  const unknown = async ({ findings }: ReturnType<typeof container>): Promise<string[]> => {
    const told = (await findings()).map((each) => JSON.parse(each));
    for (const finding of told) expect(finding).toMatchObject({ status: 'NOT_AVAILABLE' });
    return told.map(({ arn }) => arn);
  };

  test('makes it known at its last receive that the account is not judged, whatever failed first', async () => {
    const each = container(throttledFirst());
    expect(await each.receive(5)).toBe(1);
    expect(await unknown(each)).toContain(ROOT);
    expect(each.failures.map(({ error }) => (error as Error).name)).toEqual(['NotReadYet']);
  });

  test('says nothing before its last receive, also beside a repeat at its last', async () => {
    const each = container(throttledFirst());
    expect(await each.receive(4)).toBe(1);
    expect(await each.findings()).toEqual([]);
    expect(await each.receive([1, 5])).toBe(2);
    expect(await unknown(each)).toContain(ROOT);
  });

  test('says at its last receive of one resource that it is not judged, though the look at another one fails', async () => {
    const each = container({ ...LARGE, ...otherFails });
    expect(await each.receive(5, [ofOther, event])).toBe(1);
    expect(await unknown(each)).toContain(ROOT);
  });

  test('comes again as late as the index needs, whichever of its looks fails first', async () => {
    const each = container({ ...LARGE, ...otherFails });
    await each.receive(1, [ofOther, event]);
    expect(each.failures.map(({ error }) => isNotIndexedYet(error))).toEqual([true]);
  });

  test('has its other looks made, with those to which they lead', async () => {
    const each = container(otherFails);
    expect(
      await each.receive(5, [ofOther, envelope(cloudTrail('UpdatePipeline', { pipelineName: 'vision' }))]),
    ).toBe(1);
    const calm = container({});
    expect(await calm.receive(5, envelope(cloudTrail('UpdatePipeline', { pipelineName: 'vision' })))).toBe(0);
    const told = await calm.findings();
    expect(told.join()).toContain(ROLE);
    expect(await each.findings()).toEqual(told);
  });

  test('comes again for the sake of its looks, and is put aside for a record that nobody understands after these', async () => {
    const each = container(LARGE);
    const stray = { eventVersion: '1.08', eventSource: 'iam.amazonaws.com' };
    await each.receive(1, [stray, event]);
    expect(each.failures.map(({ error }) => isNotIndexedYet(error))).toEqual([true]);
    expect((await each.findings()).map((each) => JSON.parse(each).control)).toContain('evidence-readable');
    await each.inventory();
    await each.receive(2, [stray, event]);
    expect(each.failures.map(({ error }) => (error as Error).name)).toEqual(['NotIndexedYet', 'Unreadable']);
  });
});
