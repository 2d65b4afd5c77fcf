import { expect, test } from '@jest/globals';
import type { Entries, IndexKind } from '../../../shared/account-index/entries.ts';
import { type KeptIndex, keptIndex } from '../../../shared/account-index/kept-index.ts';
import { PART_LOST, partLost } from '../../../shared/account-index/part-lost.ts';
import { pipelineEntries } from '../../../shared/account-index/pipeline-entries.ts';
import { principalEntries } from '../../../shared/account-index/principal-entries.ts';
import { FORM, type IndexStore } from '../../../shared/account-index/store.ts';
import { accountEvidence, readAsked, type Subject } from '../../../shared/facts/account-evidence.ts';
import {
  type IndexOptions,
  indexedEvidence,
  type ReadDetails,
} from '../../../shared/facts/indexed-evidence.ts';
import { takeInventory } from '../../../shared/facts/inventory.ts';
import type { Json } from '../../../shared/json/json.ts';
import { ABSENT, found, notRead } from '../../../shared/reader/read-result.ts';
import { listedIndex } from '../../support/builders/listed-index.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const NOW = Date.parse('2026-11-24T10:00:00.000Z');
const arnOf = (path: string): string => `arn:aws:iam::111122223333:${path}`;
const allow = (action: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});
const policy = (name: string, action: string): Json => ({
  Arn: arnOf(`policy/${name}`),
  PolicyVersionList: [{ IsDefaultVersion: true, Document: allow(action) }],
});
const role = (name: string, ...attached: string[]): Json => ({
  Arn: arnOf(`role/${name}`),
  RoleName: name,
  AttachedManagedPolicies: attached.map((each) => ({ PolicyArn: arnOf(`policy/${each}`) })),
});

/** An account with an index, of which IAM tells `now` at the look. */
const world = async (
  details: Json,
  readDetails: ReadDetails,
  over: { head?: boolean; pipelines?: Partial<Record<IndexKind, Entries>>; account?: Account } = {},
) => {
  const store = await listedIndex(
    { ...principalEntries(details, NOW - 1000), ...over.pipelines },
    NOW - 1000,
  );
  if (over.head !== false)
    await store.writeHead({
      form: FORM,
      configuration: '',
      principals: NOW - 1000,
      pipelines: { 'eu-west-1': NOW - 1000 },
    });
  const time = { now: NOW };
  const index: KeptIndex = keptIndex({
    store,
    now: () => new Date(time.now),
    configuration: '',
    regions: ['eu-west-1'],
    maxAgeSeconds: 3600,
  });
  const missing = { times: 0 };
  const bearings: Parameters<IndexOptions['onBearing']>[1][] = [];
  const { reader } = memoryReader(over.account ?? { identities: details, listing: [] });
  const evidenceOfNextBatch = () =>
    indexedEvidence(accountEvidence(reader, { version: 1 }), {
      index,
      config: { version: 1 },
      readDetails,
      readAsked: async () => undefined,
      now: () => new Date(time.now),
      onBearing: (_, bearing) => bearings.push(bearing),
      onMissing: async () => {
        missing.times++;
      },
    });
  return {
    store,
    evidence: evidenceOfNextBatch(),
    evidenceOfNextBatch,
    bearings,
    index,
    missing,
    time,
  };
};

const subject = (name: string, change: Subject['change'] = 'told'): Subject => ({
  type: 'role',
  name,
  arn: arnOf(`role/${name}`),
  isExact: false,
  change,
});

const nobodyAsks: ReadDetails = async () => notRead('GetRole', 'Unexpected', 'nobody asks');

const settledIn = async (store: IndexStore, name: string): Promise<Json | undefined> =>
  (await store.read(['settled'])).settled.get(arnOf(`role/${name}`))?.value;

test('a managed policy that was made anew under the same name is read with the role that has it', async () => {
  const details: Json = { RoleDetailList: [role('train', 'own')], Policies: [policy('own', 's3:GetObject')] };
  const { evidence } = await world(details, async (_, isKnown) => {
    expect(isKnown(arnOf('policy/own'))).toBe(false);
    return found({ RoleDetailList: [role('train', 'own')], Policies: [policy('own', 'iam:*')] });
  });
  const read = await evidence.principal(subject('train'));
  const { identity } = read.ok ? read.value : {};
  expect(identity?.policies.identity?.candidates('iam:putrolepolicy').allows).toHaveLength(1);
});

test('who is in a group under its new name is told by IAM and not by the index', async () => {
  const user: Json = { Arn: arnOf('user/ann'), UserName: 'ann', GroupList: ['dev'] };
  const group = (name: string): Json => ({ Arn: arnOf(`group/${name}`), GroupName: name });
  const { evidence } = await world({ UserDetailList: [user], GroupDetailList: [group('dev')] }, async () =>
    found({ GroupDetailList: [{ ...(group('ops') as object), Users: [arnOf('user/ann')] }] }),
  );
  const read = await evidence.identities('outline', { type: 'group', name: 'ops', arn: arnOf('group/ops') });
  expect(read.ok && read.value.identities.map(({ groups }) => groups)).toEqual([['dev', 'ops']]);
});

test.each<[string, Json | undefined]>([
  ['another name', undefined],
  ['another path', { Arn: arnOf('group/teams/dev'), GroupName: 'dev' }],
])('a group that has %s is not known under the ARN that it had', async (_, now) => {
  const group = { Arn: arnOf('group/people/dev'), GroupName: 'dev' };
  const { evidence } = await world({ GroupDetailList: [group] }, async () =>
    now ? found({ GroupDetailList: [now] }) : notRead('GetGroup', ABSENT, 'there is none'),
  );
  const read = await evidence.identities('outline', { type: 'group', name: 'dev', arn: arnOf('group/dev') });
  expect(read.ok && read.value.directory.groups.map(({ arn }) => arn)).toEqual(
    now ? [arnOf('group/teams/dev')] : [],
  );
});

test('a look hears what another look of its batch has learnt of what a role writes', async () => {
  const doing = (action: string): Json => ({
    RoleDetailList: [
      { ...(role('train') as object), RolePolicyList: [{ PolicyName: 'p', PolicyDocument: allow(action) }] },
    ],
  });
  const { evidence } = await world(doing('s3:GetObject'), async () => found(doing('s3:PutObject')));
  const writing = async () => {
    const read = await evidence.writers('all');
    return read.ok && read.value.identities[0]?.policies.identity?.candidates('s3:putobject').allows.length;
  };
  expect(await writing()).toBe(0);
  await evidence.principal(subject('train'));
  expect(await writing()).toBe(1);
});

test('what could not be read whole is asked for again by the next look', async () => {
  const { evidence, evidenceOfNextBatch, store } = await world(
    { RoleDetailList: [role('train')] },
    nobodyAsks,
  );
  const { read } = store;
  store.read = async (kinds) => {
    if (kinds.some((kind) => kind === 'writers')) {
      store.read = read;
      throw new Error('the table is throttled');
    }
    return read(kinds);
  };
  await expect(evidence.writers('all')).rejects.toThrow('throttled');
  const next = await evidenceOfNextBatch().writers('all');
  expect(next.ok && next.value.identities).toHaveLength(1);
});

test('a change is settled only after the looks to which it leads', async () => {
  const changed: Json = {
    RoleDetailList: [
      { ...(role('train') as object), RolePolicyList: [{ PolicyName: 'p', PolicyDocument: allow('iam:*') }] },
    ],
  };
  const { evidence, bearings, store } = await world({ RoleDetailList: [role('train')] }, async () =>
    found(changed),
  );
  const bears = async () => {
    const read = await evidence.principal(subject('train'));
    return read.ok && read.value.bears;
  };
  expect(await bears()).toEqual({ onPrincipals: true, onBuckets: true });
  expect(await settledIn(store, 'train')).toBeNull();
  // The looks were not made: whoever looks at the role again is told the same.
  expect(await bears()).toEqual({ onPrincipals: true, onBuckets: true });
  await bearings.at(-1)?.settle();
  expect(await bears()).toEqual({ onPrincipals: false, onBuckets: false });
});

test('a change of which the note is taken back leads to looks again', async () => {
  const { evidence, bearings, index, time } = await world({ RoleDetailList: [role('train')] }, async () =>
    found({ RoleDetailList: [role('train')] }),
  );
  const bears = async () => {
    time.now += 1000;
    const read = await evidence.principal(subject('train'));
    return read.ok && read.value.bears?.onPrincipals;
  };
  expect(await bears()).toBe(true);
  await bearings.at(-1)?.settle();
  expect(await bears()).toBe(false);
  await index.settle(bearings.at(-1)?.arn ?? '', undefined, time.now);
  expect(await bears()).toBe(true);
});

test('a change back to what was settled leads to looks, if one in between was not settled', async () => {
  let action = 'iam:*';
  const now = async () =>
    found<Json>({
      RoleDetailList: [
        {
          ...(role('train') as object),
          RolePolicyList: [{ PolicyName: 'p', PolicyDocument: allow(action) }],
        },
      ],
    });
  const { evidence, bearings, time } = await world({ RoleDetailList: [role('train')] }, now);
  const look = async () => {
    time.now += 1000;
    const read = await evidence.principal(subject('train'));
    return read.ok && read.value.bears?.onPrincipals;
  };
  expect(await look()).toBe(true);
  await bearings.at(-1)?.settle();
  action = 'sts:*';
  expect(await look()).toBe(true);
  action = 'iam:*';
  expect(await look()).toBe(true);
});

test.each<[string, number, boolean]>([
  ['before the sweep began', -600, false],
  ['between the beginning of the sweep and the end of its listing', 30, true],
  ['after the listing, and made nothing else of the role', 2400, false],
])('after a sweep, a change that happened %s', async (_, seconds, leadsToLooks) => {
  const details: Json = { RoleDetailList: [role('train')] };
  const { evidence, store, time } = await world(details, async () => found(details));
  await takeInventory({
    store,
    readPage: async () => found({ details }),
    readers: [memoryReader({ listing: [] }).reader],
    config: { version: 1 },
    configuration: '',
    now: () => new Date(NOW + 60_000),
    sweptFrom: NOW,
  });
  time.now = NOW + 50 * 60 * 1000;
  const read = await evidence.principal({ ...subject('train'), changedAt: NOW + seconds * 1000 });
  expect(read.ok && read.value.bears).toEqual({ onPrincipals: leadsToLooks, onBuckets: leadsToLooks });
});

test('a look that nobody asked for by an event reads IAM unless the listing is new', async () => {
  const asked: string[] = [];
  const { evidence, time } = await world({ RoleDetailList: [role('train')] }, async ({ name }) => {
    asked.push(name);
    return found({ RoleDetailList: [role('train')] });
  });
  await evidence.principal(subject('train', 'perhaps'));
  await evidence.principal(subject('train', 'none'));
  expect(asked).toEqual([]);
  time.now += 20 * 60 * 1000;
  await evidence.principal(subject('train', 'perhaps'));
  expect(asked).toEqual(['train']);
});

test('what an event told of a role is dated by when the index was told of it, and not by an outline that was kept', async () => {
  const { evidence, time } = await world({ RoleDetailList: [role('train')] }, async () => {
    time.now += 3_000;
    return found({ RoleDetailList: [role('train')] });
  });
  expect(await evidence.principal(subject('train', 'none'))).toMatchObject({ asOf: NOW });
  time.now += 10_000;
  expect(await evidence.principal(subject('train'))).toMatchObject({ asOf: NOW + 13_000 });
});

test('without a head everything is listed, and what an event changed is kept for the index in the making', async () => {
  const { evidence, missing, store } = await world(
    { RoleDetailList: [role('train')] },
    async () => notRead('GetRole', ABSENT, 'no such role'),
    { head: false },
  );
  const read = await evidence.principal(subject('train'));
  expect(read.ok && read.value.identity?.name).toBe('train');
  expect(missing.times).toBeGreaterThan(0);
  expect((await store.read(['principals'])).principals.get(arnOf('role/train'))?.value).toBeNull();
});

test('a batch that begins after a sweep dropped the index lists the account, though the container has read the index', async () => {
  const { evidence, evidenceOfNextBatch, store, missing } = await world(
    { RoleDetailList: [role('train')] },
    async () => found({ RoleDetailList: [role('train')] }),
  );
  await evidence.identities('outline');
  expect(missing.times).toBe(0);
  await store.dropHead(NOW);
  await evidenceOfNextBatch().identities('outline');
  expect(missing.times).toBe(1);
});

test('an index in which a part is missing does not say that a role is gone', async () => {
  const { evidence, store } = await world({ RoleDetailList: [role('train')] }, async () =>
    notRead('GetRole', 'Unexpected', 'nobody asks'),
  );
  await store.relist('whole-principals', new Map(), NOW);
  const read = await evidence.principal(subject('train', 'none'));
  expect(read.ok && read.value.identity?.name).toBe('train');
});

/** An account whose index has lost a part of some kinds: the stores read none of these. */
const worldThatLost = async (...kinds: string[]) => {
  const made = await world({ RoleDetailList: [role('train')] }, async () =>
    found({ RoleDetailList: [role('train')] }),
  );
  const { read, readSome } = made.store;
  const refuse = (asked: readonly string[]): void => {
    const missing = asked.find((kind) => kinds.includes(kind));
    if (missing) throw partLost(missing);
  };
  made.store.read = async (asked) => {
    refuse(asked);
    return read(asked);
  };
  made.store.readSome = async (kind, keys) => {
    refuse([kind]);
    return readSome(kind, keys);
  };
  return made;
};

test('what a pipeline asks is read from AWS as long as the index tells no more of it than that it is there', async () => {
  const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
  const roleArn = arnOf('role/train');
  const step = {
    Name: 'Train',
    Type: 'Training',
    Arguments: { OutputDataConfig: { S3OutputPath: 's3://models/out' } },
  };
  const definitionText = JSON.stringify({ Version: '2020-12-01', Steps: [step] });
  const fraud = { name: 'fraud', arn, roleArn, definitionText };
  const account = {
    listing: ['fraud'],
    pipelines: { fraud },
    identities: { RoleDetailList: [role('train')] },
  };
  const plain = accountEvidence(memoryReader(account).reader, { version: 1 });
  const whole = await plain.usesOf(roleArn, true);
  const needs = whole.ok ? whole.value.uses.needs.length : 0;
  expect(needs).toBeGreaterThan(0);
  const read = await readAsked(memoryReader(account).reader, { version: 1 });
  const asked = read.asked[0]?.asked;
  if (!asked) throw new Error('nothing is asked');
  const { pipelines } = pipelineEntries(arn, asked, NOW - 1000);
  const { evidence } = await world(account.identities, nobodyAsks, { pipelines: { pipelines }, account });
  const some = await evidence.usesOf(roleArn, true);
  expect(some.ok && some.value.uses.needs.length).toBe(needs);
  const all = await evidence.roster();
  expect(all.ok && all.value.roles.get(roleArn)?.needs.length).toBe(needs);
  const at = await evidence.rosterAt('models');
  expect(at.ok && at.value.roles.get(roleArn)?.needs.length).toBeGreaterThan(0);
});

test('of an index that has lost a part nobody reads anything, and an inventory is asked for', async () => {
  const { store, evidence, missing } = await worldThatLost('pipelines');
  expect(await evidence.principal(subject('train', 'none'))).toMatchObject({
    ok: true,
    value: { identity: { name: 'train' } },
  });
  expect(missing.times).toBeGreaterThan(0);
  expect(await store.head()).toBeUndefined();
});

test('a look at an account without an index lets the listing go on that makes one', async () => {
  const { store, evidence } = await world(
    { RoleDetailList: [role('train')] },
    async () => found({ RoleDetailList: [role('train')] }),
    { head: false },
  );
  store.read = async (kinds) => Promise.reject(partLost(kinds.join()));
  await evidence.principal(subject('train'));
  await store.writeHead({ form: FORM, configuration: '', principals: NOW - 1, pipelines: {} });
  expect((await store.head())?.principals).toBe(NOW - 1);
});

test('a look that meets a lost part fails, and the next one lists the account', async () => {
  const { store, evidence, evidenceOfNextBatch, missing } = await worldThatLost('whole-principals');
  await expect(evidence.principal(subject('train', 'none'))).rejects.toMatchObject({ name: PART_LOST });
  expect(await store.head()).toBeUndefined();
  // A listing that began before may have read what looks changed since.
  await store.writeHead({ form: FORM, configuration: '', principals: NOW - 1, pipelines: {} });
  expect(await store.head()).toBeUndefined();
  expect(await evidenceOfNextBatch().principal(subject('train', 'none'))).toMatchObject({
    ok: true,
    value: { identity: { name: 'train' } },
  });
  expect(missing.times).toBeGreaterThan(0);
});

test('a role that IAM does not find is gone for others, too', async () => {
  const { evidence } = await world({ RoleDetailList: [role('train'), role('other')] }, async () =>
    notRead('GetRole', ABSENT, 'no such role'),
  );
  const read = await evidence.principal(subject('train'));
  expect(read.ok && read.value.identity).toBeUndefined();
  expect(read.ok && read.value.identities.identities.map(({ name }) => name)).toEqual(['other']);
});
