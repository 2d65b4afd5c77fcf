import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control as scpJsonGetException } from '../../../shared/controls/scp-json-get-exception.ts';
import type { ResourceType } from '../../../shared/domain/resource.ts';
import { NO_RECORDS, type Recorded, recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { FACTS_OF } from '../../../shared/facts/facts.ts';
import { gather } from '../../../shared/facts/gather.ts';
import { readWriters } from '../../../shared/facts/gather-principal.ts';
import { type Fact, notApplicable, type SomeFacts } from '../../../shared/facts/gathered.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';
import { evaluate } from '../../../shared/judging/evaluate.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { OrganizationPolicies, Reader } from '../../../shared/reader/reader.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import { organizationRequest, principalRequest } from '../../../shared/requests/resource-requests.ts';
import { condition, step } from '../../support/builders/control-cases.ts';
import { cloudTrail } from '../../support/builders/events.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';

const NOW = new Date('2026-11-24T09:00:00Z');

const ACCOUNT_ID = '111122223333';
const iam = (resource: string, account = ACCOUNT_ID) => `arn:aws:iam::${account}:${resource}`;
const FRAUD = iam('role/pipelines/fraud');
const TRAIN = iam('role/steps/train');
const BOUNDARY = iam('policy/boundary');
const SHARED = iam('policy/shared');
const TRIGGER = { eventId: 'e-1', eventName: 'PutRolePolicy', eventTime: '2026-11-24T09:00:00Z' };

const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string, Resource = '*') => ({ Effect: 'Allow', Action, Resource });
const roleOf = (arn: string, more: object = {}) => ({
  RoleName: nameOf(arn),
  Arn: arn,
  AssumeRolePolicyDocument: TRUST,
  ...more,
});
const inline = (...statements: object[]) => ({
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: policy(...statements) }],
});
const userOf = (arn: string, more: object = {}) => ({ UserName: nameOf(arn), Arn: arn, ...more });

const identities = (roles: object[], users: object[] = [], more: object = {}): Json =>
  ({ RoleDetailList: roles, UserDetailList: users, ...more }) as unknown as Json;

/** A pipeline under the role fraud. Its first step has a role of its own and writes to a bucket with a key. */
const PIPELINE = {
  name: 'daily',
  arn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT_ID}:pipeline/daily`,
  roleArn: FRAUD,
  definitionText: JSON.stringify({
    Version: '2020-12-01',
    Steps: [
      step('Train', 'Training', {
        RoleArn: TRAIN,
        OutputDataConfig: {
          S3OutputPath: 's3://acme-models/out',
          KmsKeyId: `arn:aws:kms:eu-west-1:${ACCOUNT_ID}:key/k-1`,
        },
      }),
      condition('Good', [
        step('Report', 'Processing', {
          ProcessingInputs: [{ S3Input: { S3Uri: 's3://acme-data/in/' } }],
        }),
      ]),
      step('Ask', 'Condition', {
        Conditions: [
          {
            Type: 'Equals',
            LeftValue: { 'Std:JsonGet': { S3Uri: 's3://acme-metrics/a.json', Path: 'a' } },
            RightValue: 1,
          },
        ],
        IfSteps: [],
        ElseSteps: [],
      }),
    ],
  }),
};
const NO_LIMITS: OrganizationPolicies = { scps: [], rcps: [] };
const DENY_S3 = policy({ Effect: 'Deny', Action: 's3:*', Resource: '*' }) as unknown as Json;

const BASE: Account = {
  listing: ['daily'],
  pipelines: { daily: PIPELINE },
  identities: identities([roleOf(FRAUD, inline(allow('s3:GetObject'))), roleOf(TRAIN)]),
  organization: NO_LIMITS,
};

type Options = {
  config?: Partial<Config>;
  recorded?: Recorded;
  refused?: Parameters<typeof memoryReader>[1];
  answers?: Partial<Reader>;
};

const look = async (
  request: AuditRequest,
  account: Account = {},
  { config, recorded, refused, answers }: Options = {},
) => {
  const { reader: known, calls } = memoryReader({ ...BASE, ...account }, refused);
  const reader = { ...known, ...answers };
  const given: Config = { version: 1, ...config };
  const gathered = await gather(request, {
    reader,
    config: given,
    recallExecution: async () => undefined,
    evidence: accountEvidence(reader, given),
    ...(recorded && { recorded }),
    now: () => NOW,
  });
  const facts: SomeFacts = gathered.facts;
  return { ...gathered, facts, calls };
};

const requestOf = (arn: string): AuditRequest => {
  const [request] = principalRequest(arn, { trigger: TRIGGER, changed: ['policy'] });
  if (!request) throw new Error(`${arn} is no principal`);
  return request;
};
const factOf = <T>(read: { ok: true; value: T } | { ok: false } | undefined): T => {
  if (!read?.ok) throw new Error('not read');
  return read.value;
};

const NOT_THERE = notApplicable('it does not exist');

/** All facts of a type of resource, with the same content. */
const allAre = (type: ResourceType, fact: Fact<never>): SomeFacts =>
  Object.fromEntries(FACTS_OF[type].map((name) => [name, fact]));

test('a role is judged as of the time of the look', async () => {
  const { facts } = await look(requestOf(FRAUD));
  expect(factOf(facts.principal).identity.principal.actsAt).toBe(NOW.toISOString());
});

test('all principals of the account are judged as of a time that is at most an hour ago', async () => {
  const { reader } = memoryReader(BASE);
  const config: Config = { version: 1 };
  const evidence = accountEvidence(reader, config);
  const actingAt = async (time: string) => {
    const context = { reader, config, evidence, recallExecution: async () => undefined };
    const read = await readWriters({ ...context, now: () => new Date(time) });
    return [...new Set(factOf(read).map(({ identity }) => identity.principal.actsAt))];
  };
  expect(await actingAt('2026-11-24T09:00:00Z')).toEqual(['2026-11-24T09:00:00.000Z']);
  expect(await actingAt('2026-11-24T09:59:00Z')).toEqual(['2026-11-24T09:00:00.000Z']);
  expect(await actingAt('2026-11-24T10:01:00Z')).toEqual(['2026-11-24T10:01:00.000Z']);
});

test('a role has the uses that records show of it, also of a session whose record lacks the path', async () => {
  const builder = recordedBuilder();
  const name = nameOf(FRAUD);
  for (const userIdentity of [
    { type: 'AssumedRole', arn: `arn:aws:sts::111122223333:assumed-role/${name}/s` },
    { sessionContext: { sessionIssuer: { arn: FRAUD } } },
    { sessionContext: { sessionIssuer: { arn: FRAUD.replace('111122223333', '444455556666') } } },
  ])
    builder.add(cloudTrail('ListPipelines', {}, { userIdentity }) as Json);
  const { facts } = await look(requestOf(FRAUD), {}, { recorded: builder.recorded() });
  expect(factOf(facts.recorded)).toMatchObject({ records: 3, uses: [{ times: 1 }, { times: 1 }] });
  expect(factOf((await look(requestOf(FRAUD))).facts.recorded)).toEqual(NO_RECORDS);
});

test('others are judged by the policies that the organization has now, although nothing of theirs has changed', async () => {
  const listed = identitiesOf(BASE.identities ?? {});
  const answers = { readIdentities: async () => found(listed) };
  const limited: OrganizationPolicies = {
    scps: [{ target: 'r-acme', policies: [{ name: 'deny', document: DENY_S3 }] }],
    rcps: [],
  };
  const othersWith = async (organization: OrganizationPolicies) =>
    factOf((await look(requestOf(FRAUD), { organization }, { answers })).facts.principals);
  const [free, denied] = [await othersWith(NO_LIMITS), await othersWith(limited)];
  expect(free.map(({ policies }) => policies.scps?.length)).toEqual([0, 0]);
  expect(denied.map(({ policies }) => policies.scps?.length)).toEqual([1, 1]);
  expect(await othersWith(limited)).toBe(denied);
});

describe('a role that the lists of a sweep lack', () => {
  const missed = (arn: string): AuditRequest => ({
    type: 'role',
    resource: { type: 'role', arn },
    name: nameOf(arn),
    changed: [],
    deleted: true,
  });

  test('is gone, although pipelines use a role with the same name and another path', async () => {
    const { arn, gone, facts } = await look(missed(iam('role/fraud')));
    expect([arn, gone, facts]).toEqual([iam('role/fraud'), true, allAre('role', NOT_THERE)]);
  });

  test('is judged if it exists after all', async () => {
    const { arn, gone, facts } = await look(missed(FRAUD));
    expect([arn, gone, facts.principal?.ok]).toEqual([FRAUD, false, true]);
  });

  test('is not gone while pipelines run under it', async () => {
    const { gone, facts } = await look(missed(FRAUD), { identities: identities([roleOf(TRAIN)]) });
    expect(gone).toBe(false);
    expect(factOf(facts.trust)).toMatchObject({ roleArn: FRAUD });
  });
});

describe('a role', () => {
  test('is gathered with the policies that affect it and the needs of pipelines', async () => {
    const { arn, gone, facts, calls } = await look(requestOf(FRAUD), {
      bucketPolicies: { 'acme-metrics': null, 'acme-data': policy(allow('s3:GetObject')) as unknown as Json },
    });
    expect([arn, gone]).toEqual([FRAUD, false]);
    const principal = factOf(facts.principal);
    expect(principal).toMatchObject({
      identity: { name: 'fraud', principal: { arn: FRAUD } },
      scope: { account: ACCOUNT_ID },
      administrator: { answer: 'no' },
      isGoverned: true,
    });
    const uses = factOf(facts.uses);
    expect(uses.executes.map(({ name }) => name)).toEqual(['daily']);
    expect(new Set(uses.needs.map(({ kind }) => kind))).toEqual(
      new Set(['job', 'pass-role', 'json-get', 'data', 'runtime']),
    );
    expect(factOf(facts.trust)).toMatchObject({ roleArn: FRAUD, identity: { name: 'fraud' } });
    expect(factOf(facts.isolation)).toMatchObject({
      of: 'role',
      principal: { identity: { name: 'fraud' } },
    });
    expect(factOf(facts.exceptionSubject)).toMatchObject({
      of: 'role',
      needs: [{ kind: 'json-get', need: { resource: 'arn:aws:s3:::acme-metrics/a.json' } }],
    });
    const { buckets } = factOf(facts.resourcePolicies);
    expect(buckets.get('acme-data')?.policies.map(({ name }) => name)).toEqual([
      'policy of bucket acme-data',
    ]);
    expect([buckets.has('acme-metrics'), buckets.get('acme-metrics')]).toEqual([true, undefined]);
    expect(factOf(facts.gaps)).toEqual([]);
    for (const call of ['readIdentities', 'readOrganizationPolicies', 'listPipelines'])
      expect(calls.filter((each) => each === call)).toEqual([call]);
  });

  test('of a step has its own needs, the places of other steps as foreign, and the policies of its buckets and keys', async () => {
    const key = `arn:aws:kms:eu-west-1:${ACCOUNT_ID}:key/k-1`;
    const { facts } = await look(requestOf(TRAIN), {
      bucketPolicies: { 'acme-models': null },
      keyPolicies: { [key]: { id: 'k-1', policy: policy(allow('kms:*')) as unknown as Json } },
    });
    const uses = factOf(facts.uses);
    expect([uses.executes, uses.runsSteps.map(({ name }) => name)]).toEqual([[], ['daily']]);
    expect([...uses.services]).toEqual(['sagemaker.amazonaws.com']);
    expect(uses.foreign.flatMap(({ places }) => places.map(({ bucket }) => bucket))).toEqual(['acme-data']);
    const { buckets, keys } = factOf(facts.resourcePolicies);
    expect([...buckets.keys()].toSorted()).toEqual(['acme-data', 'acme-models']);
    expect(keys.get(key)?.policies.map(({ name }) => name)).toEqual([`policy of key ${key}`]);
  });

  test('reads no policy of a bucket of AWS’s own, from which a step reads', async () => {
    const models = {
      ...PIPELINE,
      definitionText: JSON.stringify({
        Version: '2020-12-01',
        Steps: [
          step('Tune', 'Training', {
            RoleArn: TRAIN,
            InputDataConfig: [
              {
                ChannelName: 'model',
                DataSource: {
                  S3DataSource: { S3Uri: 's3://jumpstart-cache-prod-eu-west-1/llm/model.tar.gz' },
                },
              },
            ],
            OutputDataConfig: { S3OutputPath: 's3://acme-models/tuned' },
          }),
        ],
      }),
    };
    const { facts, calls } = await look(requestOf(TRAIN), {
      pipelines: { daily: models },
      bucketPolicies: { 'acme-models': null },
    });
    expect(factOf(facts.uses).needs.map(({ need }) => need.resource)).toContain(
      'arn:aws:s3:::jumpstart-cache-prod-eu-west-1/llm/model.tar.gz',
    );
    expect([...factOf(facts.resourcePolicies).buckets.keys()]).toEqual(['acme-models']);
    expect(calls.filter((call) => call.includes('jumpstart'))).toEqual([]);
  });

  test('treats a policy that cannot be read as unknown', async () => {
    const { facts } = await look(requestOf(FRAUD), {}, { refused: ['getBucketPolicy', 'getKeyPolicy'] });
    const { buckets } = factOf(facts.resourcePolicies);
    expect(buckets.get('acme-data')?.unreadable.map(({ problems }) => problems[0]?.message)).toEqual([
      'getBucketPolicy: AccessDeniedException: not allowed',
    ]);
    const ofTrain = await look(requestOf(TRAIN), {}, { refused: ['getKeyPolicy'] });
    expect(
      [...factOf(ofTrain.facts.resourcePolicies).keys.values()].map(({ unreadable }) => unreadable.length),
    ).toEqual([1]);
  });

  test('reads no more than 500 policies of buckets, and first those of pipelines that name few', async () => {
    const outputs = Array.from({ length: 1_100 }, (_, at) =>
      step(`T${at}`, 'Training', {
        RoleArn: FRAUD,
        OutputDataConfig: { S3OutputPath: `s3://acme-many-${at}/out` },
      }),
    );
    const many = {
      ...PIPELINE,
      name: 'aaa-many',
      arn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT_ID}:pipeline/aaa-many`,
      definitionText: JSON.stringify({ Version: '2020-12-01', Steps: outputs }),
    };
    const { facts, calls } = await look(requestOf(FRAUD), {
      listing: ['aaa-many', 'daily'],
      pipelines: { 'aaa-many': many, daily: PIPELINE },
      bucketPolicies: { 'acme-data': null, 'acme-metrics': null },
    });
    expect(calls.filter((call) => call.startsWith('getBucketPolicy'))).toHaveLength(500);
    const { buckets } = factOf(facts.resourcePolicies);
    expect(buckets.size).toBe(1_102);
    expect([buckets.get('acme-data'), buckets.get('acme-metrics')]).toEqual([undefined, undefined]);
    expect(buckets.get('acme-many-1099')?.unreadable.map(({ problems }) => problems[0]?.message)).toEqual([
      'GetBucketPolicy: TooMany: the pipelines of the role name 1102 buckets, and the policies of 500 are read',
    ]);
  });

  test.each([
    ['by a name without its path', iam('role/fraud')],
    ['by its ARN', FRAUD],
  ])('is found %s', async (_, arn) => {
    const gathered = await look(requestOf(arn));
    expect(gathered.arn).toBe(FRAUD);
    expect(factOf(gathered.facts.uses).roleArn).toBe(FRAUD);
  });

  test('of another account is never confused with a role of this account with the same name', async () => {
    const { facts, gone } = await look(requestOf(iam('role/pipelines/fraud', '999988887777')));
    expect([facts, gone]).toEqual([allAre('role', NOT_THERE), true]);
  });

  test('does not have the uses of another account’s role with the same name', async () => {
    const foreign = { ...PIPELINE, roleArn: iam('role/elsewhere/fraud', '999988887777') };
    const { facts } = await look(requestOf(FRAUD), { pipelines: { daily: foreign } });
    expect(factOf(facts.uses).executes).toEqual([]);
  });

  test('that no longer exists but is still used is judged as a role without an identity', async () => {
    const { arn, gone, facts } = await look(requestOf(iam('role/fraud')), { identities: identities([]) });
    expect([arn, gone]).toEqual([FRAUD, false]);
    expect(facts.principal).toEqual(NOT_THERE);
    expect(factOf(facts.trust)).toEqual({ roleArn: FRAUD, scope: expect.anything() });
    expect(factOf(facts.uses).executes.map(({ name }) => name)).toEqual(['daily']);
  });

  test('that no longer exists and is not used is gone', async () => {
    const { gone, facts } = await look(requestOf(iam('role/x')));
    expect([gone, facts]).toEqual([true, allAre('role', NOT_THERE)]);
  });

  test('that is linked to a service is not judged', async () => {
    const arn = iam('role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker');
    const { gone, facts } = await look(requestOf(arn), {
      identities: identities([roleOf(arn, inline(allow('*')))]),
    });
    expect([gone, facts]).toEqual([
      false,
      allAre('role', notApplicable('only AWS can change it, because it is linked to a service')),
    ]);
  });

  test.each<[string, Partial<Config>, boolean]>([
    ['a creator', { roles: { creators: [iam('role/o*')] } }, true],
    ['an execution role', { roles: { execution: ['arn:aws:iam::*:role/other'] } }, true],
    ['a step role', { roles: { steps: [iam('role/other')] } }, true],
    ['bound to a prefix', { prefixes: [{ prefix: 'a', roles: [iam('role/other')] }] }, true],
    ['named nowhere', { roles: { creators: [FRAUD] }, prefixes: [{ prefix: 'a' }] }, false],
  ])('is governed if the configuration makes it %s', async (_, config, isGoverned) => {
    const other = iam('role/other');
    const account = { identities: identities([roleOf(other)]) };
    const { facts } = await look(requestOf(other), account, { config });
    expect(factOf(facts.principal).isGoverned).toBe(isGoverned);
  });

  test('is recognised as an administrator within its boundary and the SCPs', async () => {
    const [root, tied] = [iam('role/root'), iam('role/tied')];
    const account: Account = {
      identities: identities(
        [
          roleOf(root, inline(allow('*'))),
          roleOf(tied, {
            ...inline(allow('iam:*')),
            PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY },
          }),
          roleOf(FRAUD, inline(allow('iam:PassRole'))),
        ],
        [],
        {
          Policies: [
            {
              Arn: BOUNDARY,
              PolicyVersionList: [{ IsDefaultVersion: true, Document: policy(allow('s3:*')) }],
            },
          ],
        },
      ),
    };
    const { facts } = await look(requestOf(FRAUD), account);
    expect([...factOf(facts.administrators)]).toEqual([[root, 'yes']]);
    const scps = [
      {
        target: 'r-1',
        policies: [
          {
            name: 'iam',
            document: policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*' }) as unknown as Json,
          },
        ],
      },
    ];
    const limited = await look(requestOf(root), { ...account, organization: { scps, rcps: [] } });
    expect([...factOf(limited.facts.administrators)]).toEqual([]);
    expect(factOf(limited.facts.principal).administrator.answer).toBe('no');
  });

  test.each<[string, Fact<never>]>([
    [FRAUD, notRead('readOrganizationPolicies', 'AccessDeniedException', 'not allowed')],
    [TRAIN, notApplicable('no pipeline reads for JsonGet under it')],
  ])(
    'is decided without SCPs where they cannot be read, and is known to need no exception where none reads: %s',
    async (arn, subject) => {
      const { facts, accountGaps } = await look(
        requestOf(arn),
        {},
        { refused: ['readOrganizationPolicies'] },
      );
      expect(factOf(facts.principal).policies.scps).toBeUndefined();
      expect([facts.exceptionSubject, accountGaps, factOf(facts.gaps)]).toEqual([subject, undefined, []]);
    },
  );

  test('has every permission in doubt where the policies of the organization are there and malformed', async () => {
    const unread = { call: 'organizations/scps.json', code: 'Malformed', message: 'not a list' };
    const answers = { readOrganizationPolicies: async () => ({ ok: false as const, unread }) };
    const { facts } = await look(requestOf(FRAUD), {}, { answers });
    const { scps = [], rcps = [], memberAccount } = factOf(facts.principal).policies;
    expect([memberAccount, ...[...scps, ...rcps].map(({ unreadable }) => unreadable.length)]).toEqual([
      ACCOUNT_ID,
      1,
      1,
    ]);
    const asked = await look(
      organizationRequest({ account: ACCOUNT_ID, region: 'eu-west-1', partition: 'aws' }),
      {},
      { answers },
    );
    expect(factOf(asked.facts.gaps)).toEqual([{ ...unread, subject: 'organization' }]);
  });
});

describe('a change of a role leads to the buckets with inputs of other teams’ pipelines', () => {
  const other = iam('role/team-b/worker');
  const account = { identities: identities([roleOf(FRAUD), roleOf(TRAIN), roleOf(other)]) };
  const owners = { roles: [FRAUD], pipelines: ['daily'] };
  const neighbours = { roles: [other], pipelines: ['weekly'] };

  test.each<[string, 'policy' | 'trust', Config['roles'], string, string[]]>([
    ['of a member of another team', 'policy', { creators: [owners, neighbours] }, other, ['acme-metrics']],
    ['no bucket after a change of its trust', 'trust', { creators: [owners, neighbours] }, other, []],
    ['no bucket of its own team', 'policy', { creators: [owners, neighbours] }, FRAUD, []],
    ['no bucket if it is in no team', 'policy', { creators: [owners] }, other, []],
    ['no bucket without teams', 'policy', { creators: [other] }, other, []],
    [
      'no bucket if the configuration trusts it',
      'policy',
      { creators: [owners, neighbours], trusted: [other] },
      other,
      [],
    ],
  ])('%s', async (_, change, roles, arn, expected) => {
    const [request] = principalRequest(arn, { trigger: TRIGGER, changed: [change] });
    if (!request) throw new Error('no principal');
    const { follow = [] } = await look(request, account, { config: { roles } });
    const buckets = follow.flatMap((each) => (each.type === 'bucket' ? each.name : []));
    expect(buckets).toEqual(expected);
  });
});

describe('a user', () => {
  const ana = iam('user/team/ana');
  const account: Account = {
    identities: identities([roleOf(FRAUD)], [userOf(ana, { GroupList: ['scientists'] })], {
      GroupDetailList: [
        {
          GroupName: 'scientists',
          Arn: iam('group/scientists'),
          GroupPolicyList: [
            { PolicyName: 'make', PolicyDocument: policy(allow('sagemaker:CreatePipeline')) },
          ],
        },
      ],
    }),
  };

  test('has the permissions of its groups, and no trust policy', async () => {
    const { arn, facts } = await look(requestOf(iam('user/ana')), account);
    expect(arn).toBe(ana);
    const { policies } = factOf(facts.principal);
    expect(policies.identity?.policies.map(({ name }) => name)).toEqual([`${iam('group/scientists')} make`]);
    expect(facts.trust).toBeUndefined();
  });

  test('is not confused with the role of the same name and its needs', async () => {
    const user = iam('user/fraud');
    const { arn, facts } = await look(requestOf(user), {
      identities: identities([roleOf(FRAUD)], [userOf(user)]),
    });
    expect([arn, factOf(facts.uses).executes, factOf(facts.principal).isGoverned]).toEqual([user, [], false]);
    const deleted = await look(requestOf(user), account);
    expect([deleted.gone, deleted.facts]).toEqual([true, allAre('user', NOT_THERE)]);
  });
});

describe('if the account’s identities or pipelines cannot be read', () => {
  const requests: Record<string, AuditRequest> = {
    role: requestOf(FRAUD),
    user: requestOf(iam('user/ana')),
    group: {
      type: 'group',
      resource: { type: 'group', arn: iam('group/g') },
      name: 'g',
      changed: ['policy'],
      trigger: TRIGGER,
    },
    policy: {
      type: 'policy',
      resource: { type: 'policy', arn: SHARED },
      name: 'shared',
      changed: ['document'],
      trigger: TRIGGER,
    },
  };

  test.each(Object.keys(requests))('a %s is not judged, and the account has the gap', async (type) => {
    const request = requests[type] as AuditRequest;
    const { facts, gone, follow, accountGaps } = await look(request, {}, { refused: ['readIdentities'] });
    const unread = { call: 'readIdentities', code: 'AccessDeniedException', message: 'not allowed' };
    expect([facts, gone, follow]).toEqual([allAre(request.type, { ok: false, unread }), false, undefined]);
    expect(accountGaps).toEqual([
      { call: 'readIdentities', code: 'AccessDeniedException', message: 'not allowed' },
    ]);
  });

  test('a role has a gap for the identities; where the pipelines are not listed, any may use it', async () => {
    const looked = async (...refused: ('readIdentities' | 'listPipelines')[]) => {
      const { accountGaps, facts } = await look(requestOf(FRAUD), {}, { refused });
      const unread = facts.uses?.ok ? facts.uses.value.unread.map(({ as }) => as) : undefined;
      return { gaps: accountGaps?.map(({ call }) => call), unread };
    };
    expect(await looked()).toEqual({ gaps: undefined, unread: [] });
    expect(await looked('listPipelines')).toEqual({
      gaps: undefined,
      unread: ['execution role', 'step role'],
    });
    expect(await looked('readIdentities', 'listPipelines')).toEqual({
      gaps: ['readIdentities'],
      unread: undefined,
    });
  });
});

describe('a group or managed policy', () => {
  const attached = { AttachedManagedPolicies: [{ PolicyName: 'shared', PolicyArn: SHARED }] };
  const account: Account = {
    identities: identities(
      [
        roleOf(FRAUD, attached),
        roleOf(TRAIN, { PermissionsBoundary: { PermissionsBoundaryArn: SHARED } }),
        roleOf(iam('role/other'), inline(allow('s3:*'))),
      ],
      [
        userOf(iam('user/ana'), { GroupList: ['g', 'h'] }),
        userOf(iam('user/bob'), { GroupList: ['h'] }),
        userOf(iam('user/eve')),
      ],
      {
        GroupDetailList: [
          { GroupName: 'g', Arn: iam('group/g'), ...attached },
          { GroupName: 'h', Arn: iam('group/h') },
        ],
      },
    ),
  };

  test.each<['group' | 'policy', string, string[]]>([
    ['policy', SHARED, [FRAUD, TRAIN, iam('user/ana')]],
    ['policy', iam('policy/unknown'), []],
    ['group', iam('group/h'), [iam('user/ana'), iam('user/bob')]],
    ['group', iam('group/team/g'), [iam('user/ana')]],
  ])('as a %s leads to its members: %s', async (type, arn, members) => {
    const resource = { type, arn } as { type: 'group'; arn: string };
    const request = { type, resource, name: nameOf(arn), trigger: TRIGGER } as AuditRequest;
    const { facts, follow, calls } = await look(request, account);
    expect(facts).toEqual({});
    expect(follow).toEqual(members.map(requestOf));
    expect(calls).toEqual(['readIdentities']);
  });

  test.each<['group' | 'policy', string, boolean]>([
    ['group', iam('group/empty'), true],
    ['policy', iam('policy/of-the-empty'), true],
    ['policy', iam('policy/of-nobody'), false],
  ])('without members, %s %s leads to the roles of pipelines: %s', async (type, arn, leads) => {
    const resource = { type, arn } as { type: 'group'; arn: string };
    const request = { type, resource, name: nameOf(arn), trigger: TRIGGER } as AuditRequest;
    const ofEmpty = [{ PolicyName: 'of-the-empty', PolicyArn: iam('policy/of-the-empty') }];
    const { follow } = await look(request, {
      identities: identities([], [], {
        GroupDetailList: [{ GroupName: 'empty', Arn: iam('group/empty'), AttachedManagedPolicies: ofEmpty }],
      }),
    });
    const roles = [PIPELINE.roleArn, TRAIN].map((role) => ({ ...requestOf(role), changed: ['uses'] }));
    expect(follow).toEqual(leads ? roles : []);
  });
});

describe('a KMS key', () => {
  const kms = (name: string) => `arn:aws:kms:eu-west-1:${ACCOUNT_ID}:${name}`;
  const encrypted = (KmsKeyId: string, RoleArn?: string) => ({
    ...PIPELINE,
    definitionText: JSON.stringify({
      Version: '2020-12-01',
      Steps: [
        step('Train', 'Training', {
          ...(RoleArn !== undefined && { RoleArn }),
          OutputDataConfig: { S3OutputPath: 's3://acme-models/out', KmsKeyId },
        }),
      ],
    }),
  });

  test('behind an alias is told by its id, where somebody knows it', async () => {
    const aliasesOf = async (id?: string) => {
      const { facts } = await look(requestOf(TRAIN), {
        pipelines: { daily: encrypted('alias/models', TRAIN) },
        keyPolicies: {
          'alias/models': {
            ...(id !== undefined && { id }),
            policy: policy(allow('kms:*')) as unknown as Json,
          },
        },
      });
      return [...(factOf(facts.resourcePolicies).aliases ?? [])];
    };
    expect(await aliasesOf('k-2')).toEqual([['alias/models', 'k-2']]);
    expect(await aliasesOf()).toEqual([]);
    expect(await aliasesOf('*')).toEqual([]);
  });

  test.each<[string, string, string, string[]]>([
    ['that a step names', kms('key/k-1'), kms('key/k-1'), [TRAIN]],
    ['of another step', kms('key/k-1'), kms('key/k-2'), []],
    ['that may be behind an alias', 'alias/models', kms('key/k-2'), [TRAIN]],
    ['by an alias that a step names', 'alias/models', kms('alias/models'), [TRAIN]],
    ['by an alias that a step names by its ARN', kms('alias/models'), kms('alias/models'), [TRAIN]],
    ['by another alias', 'alias/models', kms('alias/other'), []],
    ['by an alias, where steps name keys', kms('key/k-1'), kms('alias/models'), []],
  ])('%s leads to the roles that need it', async (_, named, arn, roles) => {
    const request: AuditRequest = {
      type: 'key',
      resource: { type: 'key', arn },
      changed: ['policy'],
      trigger: TRIGGER,
    };
    const { facts, follow, calls } = await look(request, { pipelines: { daily: encrypted(named, TRAIN) } });
    expect(facts).toEqual({});
    expect(follow).toEqual(
      roles.flatMap((role) => principalRequest(role, { trigger: TRIGGER, changed: ['uses'] })),
    );
    expect(calls).not.toContain('readIdentities');
  });

  test('leads to nothing where the pipelines are not known', async () => {
    const request: AuditRequest = {
      type: 'key',
      resource: { type: 'key', arn: kms('key/k-1') },
      changed: ['policy'],
    };
    expect((await look(request, {}, { refused: ['listPipelines'] })).follow).toEqual([]);
  });
});

describe('an organization', () => {
  const arn = `arn:aws:organizations::${ACCOUNT_ID}:organization/o-1`;
  const request: AuditRequest = {
    type: 'organization',
    resource: { type: 'organization', arn },
    changed: ['policy'],
    trigger: TRIGGER,
  };
  const organization: OrganizationPolicies = {
    scps: [{ target: 'r-1', policies: [{ name: 's3', document: DENY_S3 }] }],
    rcps: [],
  };

  test('is compared with the needs of pipelines, and leads to their roles', async () => {
    const { facts, follow, ...gathered } = await look(request, { organization });
    expect(gathered).toMatchObject({ arn, gone: false });
    expect(factOf(facts.exceptionSubject)).toMatchObject({
      of: 'organization',
      account: ACCOUNT_ID,
      organization: { policies: organization },
      readers: [FRAUD],
    });
    expect(factOf(facts.gaps)).toEqual([]);
    expect(follow?.map(({ resource }) => resource.arn).toSorted()).toEqual([FRAUD, TRAIN]);
  });

  test('has the readers that each role has, and none where the roles cannot be read', async () => {
    const readersOf = async (asked: AuditRequest, refused: NonNullable<Options['refused']> = []) =>
      factOf((await look(asked, { organization }, { refused })).facts.exceptionSubject).readers;
    expect(await readersOf(requestOf(FRAUD))).toEqual([FRAUD]);
    expect(await readersOf(requestOf(TRAIN))).toEqual([FRAUD]);
    expect(await readersOf(request, ['readIdentities'])).toEqual([]);
  });

  test('leads to no roles in a full audit', async () => {
    const { trigger: _, ...untriggered } = request;
    expect((await look(untriggered, { organization })).follow).toBeUndefined();
  });

  test.each([
    [
      'is judged as unread where a pipeline reads for JsonGet',
      PIPELINE.definitionText,
      notRead('readOrganizationPolicies', 'AccessDeniedException', 'not allowed'),
    ],
    [
      'is no matter where none does',
      JSON.stringify({ Version: '2020-12-01', Steps: [step('T', 'Training')] }),
      notApplicable('no pipeline reads for JsonGet'),
    ],
  ])('that cannot be read %s, and makes an optional gap', async (_, definitionText, subject) => {
    const pipelines = { daily: { ...PIPELINE, definitionText } };
    const { facts } = await look(request, { pipelines }, { refused: ['readOrganizationPolicies'] });
    expect(facts.exceptionSubject).toEqual(subject);
    expect(factOf(facts.gaps)).toEqual([
      {
        call: 'readOrganizationPolicies',
        code: 'AccessDeniedException',
        message: 'not allowed',
        subject: 'organization',
        isOptional: true,
      },
    ]);
  });
});

test('an organization is unread if the pipelines that may need it are unknown', async () => {
  const request = organizationRequest({ account: ACCOUNT_ID, region: 'eu-west-1', partition: 'aws' });
  const toNetworks = {
    Effect: 'Deny',
    Action: 's3:*',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } },
  };
  const document = { Version: '2012-10-17', Statement: [toNetworks] };
  const organization = { scps: [{ target: 'r-1', policies: [{ name: 'networks', document }] }], rcps: [] };
  for (const refused of [['listPipelines'], ['listPipelines', 'readOrganizationPolicies']] as const) {
    const { facts } = await look(request, { organization }, { refused: [...refused] });
    const [verdict] = evaluate([scpJsonGetException], 'organization', facts, {
      version: 1,
      scpException: { tagKey: 'json-get', tagValue: 'yes' },
    });
    expect(verdict?.verdict.status).toBe('NOT_AVAILABLE');
  }
});

test.each([
  ['arn:aws:iam::111122223333:role/a/b/c', 'role', 'c'],
  ['arn:aws:iam::111122223333:user/d', 'user', 'd'],
])('the ARN %s makes a request for a principal', (arn, type, name) => {
  expect(principalRequest(arn)).toEqual([
    { type, resource: { type, arn }, name, changed: [], deleted: false },
  ]);
});

test.each([
  'arn:aws:iam::111122223333:root',
  'arn:aws:iam::111122223333:group/g',
  'arn:aws:iam::111122223333:role/',
  'arn:aws:sts::111122223333:assumed-role/a/b',
  '{"Get":"Parameters.Role"}',
  '',
])('the text %j makes no request for a principal', (arn) => {
  expect(principalRequest(arn)).toEqual([]);
});
