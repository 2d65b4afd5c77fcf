import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import {
  accountEvidence,
  type KnownUses,
  organizationLayers,
  readRoster,
  unreadLayer,
} from '../../../shared/facts/account-evidence.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { Roster } from '../../../shared/needs/roster.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type {
  OrganizationLevel,
  OwnOrganization,
  PipelineSummary,
  Reader,
} from '../../../shared/reader/reader.ts';
import { broken, requestOf } from '../../support/builders/asking.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const CONFIG = { version: 1 as const };
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const pipeline = (name: string, ...steps: object[]) => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
  roleArn: roleArn(name),
  definitionText: JSON.stringify({ Version: '2020-12-01', Steps: steps }),
});
const rosterOf = (read: Awaited<ReturnType<typeof readRoster>>): Roster => {
  if (!read.ok) throw new Error(read.unread.message);
  return read.value;
};

describe('the roster of an account', () => {
  /** A reader that lists these pipelines with their modification times. */
  const listing = (summaries: readonly PipelineSummary[], pipelines: Account['pipelines'] = {}) => {
    const { reader, calls } = memoryReader({ pipelines });
    const listPipelines = async () => found([...summaries]);
    return { reader: { ...reader, listPipelines } satisfies Reader, calls };
  };
  const [MONDAY, TUESDAY] = ['2026-11-23T09:00:00.000Z', '2026-11-24T09:00:00.000Z'];
  const [a, b] = [pipeline('a', step('T', 'Training')), pipeline('b', step('T', 'Training'))];

  test('reads again only pipelines that were modified', async () => {
    const known: KnownUses = new Map();
    const read = async (summaries: PipelineSummary[], pipelines: Account['pipelines']) => {
      const { reader, calls } = listing(summaries, pipelines);
      return { roster: rosterOf(await readRoster(reader, CONFIG, known)), calls };
    };
    const [first, second] = [
      { name: 'a', modifiedAt: MONDAY },
      { name: 'b', modifiedAt: MONDAY },
    ];
    const cold = await read([first, second], { a, b });
    expect(cold.calls.toSorted()).toEqual(['describePipeline a', 'describePipeline b']);

    const warm = await read([first, second], {});
    expect([warm.calls, warm.roster]).toEqual([[], cold.roster]);

    const moved = { ...b, roleArn: roleArn('moved') };
    const changed = await read([first, { ...second, modifiedAt: TUESDAY }], { b: moved });
    expect(changed.calls).toEqual(['describePipeline b']);
    expect([...changed.roster.roles.keys()]).toEqual([roleArn('a'), roleArn('moved')]);

    const gone = await read([first], {});
    expect([gone.calls, [...gone.roster.roles.keys()], [...known.keys()]]).toEqual([
      [],
      [roleArn('a')],
      ['eu-west-1 a'],
    ]);
    // A pipeline that was re-created under the same name is another pipeline, even with an older time.
    expect((await read([first, second], { b })).calls).toEqual(['describePipeline b']);
  });

  test('reads a pipeline again under another configuration, as after a move of the account', async () => {
    const known: KnownUses = new Map();
    const ofStep = roleArn('of-step');
    const output = { S3OutputPath: 's3://data/out' };
    const named = pipeline('a', step('T', 'Training', { RoleArn: ofStep, OutputDataConfig: output }));
    const isAskedUnder = async (config: Config) => {
      const { reader } = listing([{ name: 'a', modifiedAt: MONDAY }], { a: named });
      const { roles } = rosterOf(await readRoster(reader, config, known));
      return (roles.get(ofStep)?.needs ?? []).length > 0;
    };
    expect(await isAskedUnder({ ...CONFIG, roles: { steps: [roleArn('other')] } })).toBe(false);
    expect(await isAskedUnder({ ...CONFIG, roles: { steps: [ofStep] } })).toBe(true);
  });

  test('reads a pipeline every time if the listing gives no modification time', async () => {
    const known: KnownUses = new Map();
    for (let time = 0; time < 2; time++) {
      const { reader, calls } = listing([{ name: 'a' }], { a });
      await readRoster(reader, CONFIG, known);
      expect(calls).toEqual(['describePipeline a']);
    }
    expect(known.size).toBe(0);
  });

  test('lists pipelines that cannot be read, and tries them again', async () => {
    const known: KnownUses = new Map();
    const summaries = ['a', 'b', 'c'].map((name) => ({ name, modifiedAt: MONDAY }));
    const broken = { ...pipeline('c'), definitionText: '{' };
    const { reader } = listing(summaries, { a, c: broken });
    const roster = rosterOf(await readRoster(reader, CONFIG, known));
    expect(roster.pipelines.map(({ name }) => name)).toEqual(['a']);
    expect(roster.unread).toEqual([
      { name: 'b', why: 'describePipeline: Absent: there is no b' },
      {
        name: 'c',
        why: expect.stringMatching(/^PipelineDefinition, line 1, column 2: Unreadable: /),
        described: { arn: pipeline('c').arn, roleArn: roleArn('c') },
      },
    ]);
    expect(roster.roles.get(roleArn('c'))?.executes.map(({ name }) => name)).toEqual(['c']);
    const again = listing(summaries, { b, c: pipeline('c') });
    const whole = rosterOf(await readRoster(again.reader, CONFIG, known));
    expect([whole.pipelines.map(({ name }) => name), whole.unread]).toEqual([['a', 'b', 'c'], []]);
    expect(again.calls.toSorted()).toEqual(['describePipeline b', 'describePipeline c']);
  });

  test('tells that pipelines cannot be listed, and keeps what was known', async () => {
    const known: KnownUses = new Map();
    await readRoster(listing([{ name: 'a', modifiedAt: MONDAY }], { a }).reader, CONFIG, known);
    const { reader } = memoryReader({ listing: ['a'] }, ['listPipelines']);
    expect(rosterOf(await readRoster(reader, CONFIG, known)).unread).toEqual([
      { name: 'of eu-west-1 that no list tells', why: 'listPipelines: AccessDeniedException: not allowed' },
    ]);
    expect([...known.keys()]).toEqual(['eu-west-1 a']);
  });
});

describe('the evidence that all resources of an account share', () => {
  const document: Json = { Version: '2012-10-17', Statement: [] };
  const account: Account = {
    identities: {
      RoleDetailList: [{ RoleName: 'fraud', Arn: roleArn('pipelines/fraud') }],
      UserDetailList: [{ UserName: 'fraud', Arn: 'arn:aws:iam::111122223333:user/fraud' }],
    },
    organization: { scps: [], rcps: [] },
    listing: ['a'],
    pipelines: { a: pipeline('a') },
    bucketPolicies: { b: document, none: null },
    keyPolicies: { k: { id: 'k', policy: document } },
  };

  test('is read once, however many looks need it', async () => {
    const { reader, calls } = memoryReader(account);
    const evidence = accountEvidence(reader, CONFIG);
    expect(calls).toEqual([]);
    const askAll = () => [
      evidence.identities(),
      evidence.organization(),
      evidence.roster(),
      ...['b', 'none', 'absent'].map((bucket) => evidence.bucketPolicy(bucket)),
      evidence.keyPolicy('k'),
    ];
    const first = await Promise.all([...askAll(), ...askAll()]);
    const later = await Promise.all(askAll());
    expect(calls.toSorted()).toEqual([
      'describePipeline a',
      ...['absent', 'b', 'none'].map((bucket) => `getBucketPolicy ${bucket}`),
      'getKeyPolicy k',
      'listPipelines',
      'readIdentities',
      'readOrganizationPolicies',
      'readOwnOrganization',
    ]);
    expect(later.every((read, index) => read === first[index])).toBe(true);
  });

  test('contains identities by ARN, and by name for each kind', async () => {
    const read = await accountEvidence(memoryReader(account).reader, CONFIG).identities();
    const { byArn, named } = read.ok ? read.value : {};
    expect(byArn?.get(roleArn('pipelines/fraud'))?.name).toBe('fraud');
    expect(named?.('role', 'fraud')?.principal.arn).toBe(roleArn('pipelines/fraud'));
    expect(named?.('user', 'fraud')?.principal.arn).toBe('arn:aws:iam::111122223333:user/fraud');
  });

  test('distinguishes a bucket without a policy from a bucket whose policy cannot be read', async () => {
    const { bucketPolicy, keyPolicy } = accountEvidence(memoryReader(account).reader, CONFIG);
    expect(await bucketPolicy('none')).toEqual(found(undefined));
    expect(await bucketPolicy('absent')).toMatchObject({ ok: false, unread: { code: 'Absent' } });
    const [ofBucket, ofKey] = [await bucketPolicy('b'), await keyPolicy('k')];
    const nameOf = (read: typeof ofBucket) => (read.ok ? read.value?.policies.map(({ name }) => name) : read);
    expect([nameOf(ofBucket), nameOf(ofKey)]).toEqual([['policy of bucket b'], ['policy of key k']]);
    expect(await keyPolicy('absent')).toMatchObject({ ok: false });
  });

  test('uses the roster of a caller that has already read the pipelines', async () => {
    const { reader, calls } = memoryReader(account);
    const roster: Roster = {
      pipelines: [],
      roles: new Map(),
      rolesWithoutPath: new Map(),
      imageInputs: new Map(),
      callers: new Map(),
      unread: [{ name: 'x', why: 'DescribePipeline: AccessDenied: no' }],
    };
    const evidence = accountEvidence(reader, CONFIG, async () => found(roster));
    expect([await evidence.roster(), calls]).toEqual([found(roster), []]);
  });
});

describe('a level of an organization', () => {
  const statement = (Effect: string, Action: string) => ({ Effect, Action, Resource: '*' });
  const level = (...statements: object[]) => ({
    target: 'r-1',
    policies: [{ name: 'p', document: { Version: '2012-10-17', Statement: statements } as unknown as Json }],
  });
  const identity = {
    identities: {
      RoleDetailList: [
        {
          RoleName: 'Data',
          Arn: roleArn('Data'),
          RolePolicyList: [
            {
              PolicyName: 'own',
              PolicyDocument: { Version: '2012-10-17', Statement: [statement('Allow', '*')] },
            },
          ],
        },
      ],
    } as unknown as Json,
  };

  const decisionUnder = async (organization: NonNullable<Account['organization']>) => {
    const evidence = accountEvidence(memoryReader({ ...identity, organization }).reader, CONFIG);
    const [read, role] = [await evidence.organization(), await evidence.identities()];
    if (!read.ok || !role.ok) throw new Error('not read');
    const policies = { ...role.value.identities[0]?.policies, ...read.value.layers };
    return decide(policies, requestOf({ action: 's3:GetObject' }));
  };

  test.each([
    [
      'of SCPs without any policy leaves everything',
      { scps: [{ target: 'r-1', policies: [] }], rcps: [] },
      'Allow',
    ],
    [
      'of SCPs that only deny leaves the rest, as AWS’s own policy was left out',
      { scps: [level(statement('Deny', 'iam:*'))], rcps: [] },
      'Allow',
    ],
    ['of SCPs denies what it denies', { scps: [level(statement('Deny', 's3:*'))], rcps: [] }, 'ExplicitDeny'],
    [
      'of SCPs that allow leaves nothing else',
      { scps: [level(statement('Allow', 'iam:*'))], rcps: [] },
      'ImplicitDeny',
    ],
    [
      'of RCPs leaves what it does not deny',
      { scps: [], rcps: [level({ ...statement('Deny', 's3:PutObject'), Principal: '*' })] },
      'Allow',
    ],
    [
      'of RCPs denies what it denies',
      { scps: [], rcps: [level({ ...statement('Deny', 's3:*'), Principal: '*' })] },
      'ExplicitDeny',
    ],
    [
      'does not bind the management account',
      { scps: [level(statement('Deny', 's3:*'))], rcps: [], managementAccount: '111122223333' },
      'Allow',
    ],
  ])('%s', async (_, organization, decision) => {
    expect(await decisionUnder(organization)).toBe(decision);
  });

  test.each([
    ['AccessDeniedException', 'Allow'],
    ['AccessDenied', 'Allow'],
    ['NotInSnapshot', 'Allow'],
    ['Malformed', 'Unknown'],
    ['TooLarge', 'Unknown'],
    ['Unreadable', 'Unknown'],
    ['Incomplete', 'Unknown'],
    ['ThrottlingException', 'Unknown'],
    ['Http403', 'Unknown'],
  ])('that was not read (%s) makes the decision %s', async (code, decision) => {
    const evidence = accountEvidence(memoryReader(identity).reader, CONFIG);
    const role = await evidence.identities();
    const [only] = role.ok ? role.value.identities : [];
    const layers = organizationLayers(notRead('organizations/scps.json', code, 'why'), '111122223333');
    expect(decide({ ...only?.policies, ...layers }, requestOf({ action: 's3:GetObject' }))).toBe(decision);
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
  test.each<[string, OwnOrganization | null | undefined, readonly OrganizationLevel[], unknown]>([
    ['its id alone, where no policies were read', { id: 'o-acme' }, [], { id: 'o-acme' }],
    [
      'its id and the path of the account in it',
      { id: 'o-acme' },
      ['r-ab12', 'ou-ab12-ml', '111122223333'].map((target) => ({ target, policies: [] })),
      { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-ml/' },
    ],
    [
      'its id and the path that AWS tells',
      { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-ml/' },
      [{ target: 'ou-ab12-ml', policies: [] }],
      { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-ml/' },
    ],
    [
      'its id alone, where the levels do not begin at the root',
      { id: 'o-acme' },
      [{ target: 'ou-ab12-ml', policies: [] }],
      { id: 'o-acme' },
    ],
    ['that there is none', null, [], null],
    ['nothing, where it could not be read', undefined, [], undefined],
  ])('tells of the requests of principals %s', async (_, ownOrganization, scps, expected) => {
    const account = {
      organization: { scps, rcps: [] },
      ...(ownOrganization !== undefined && { ownOrganization }),
    };
    const { reader } = memoryReader(account, ownOrganization === undefined ? ['readOwnOrganization'] : []);
    const read = await accountEvidence(reader, CONFIG).organization();
    expect(read.ok && read.value.ofPrincipals).toEqual(expected);
  });

  test('is unread if the organization is unread', async () => {
    const { reader } = memoryReader({}, ['readOrganizationPolicies']);
    expect(await accountEvidence(reader, CONFIG).organization()).toEqual(
      notRead('readOrganizationPolicies', 'AccessDeniedException', 'not allowed'),
    );
  });
});

test('a layer that could not be read makes decisions Unknown, as a broken policy does', () => {
  const unread = { call: 'GetBucketPolicy', code: 'AccessDenied', message: 'no' };
  const resource = unreadLayer('policy of bucket b', 'resource', unread);
  expect(decide({ resource }, requestOf())).toBe('Unknown');
  expect(decide({ resource }, requestOf())).toBe(decide({ resource: broken('resource') }, requestOf()));
  expect(resource.policies[0]?.problems[0]?.message).toBe('GetBucketPolicy: AccessDenied: no');
});
