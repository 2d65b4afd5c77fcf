import { afterEach, describe, expect, test } from '@jest/globals';
import { found, type Read } from '../../../../shared/reader/read-result.ts';
import type { OrganizationPolicies, Reader } from '../../../../shared/reader/reader.ts';
import {
  ACCOUNT,
  removeFolders,
  role,
  snapshotOf,
  unreadOf,
} from '../../../support/builders/snapshot-folder.ts';

afterEach(removeFolders);

const ALLOW = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const TEXT = JSON.stringify(ALLOW);

/** What each method answers where its file is missing, cut or of another form. */
const refuses = (
  path: string,
  ask: (reader: Reader) => Promise<Read<unknown>>,
  cases: [string, unknown, string, RegExp][],
): void => {
  test.each<[string, unknown, string, RegExp]>([
    ['is missing', undefined, 'NotInSnapshot', / is not in the snapshot; `aws /],
    ['is empty', '', 'Malformed', /:1:1: the file is empty/],
    ['is not JSON', '{\n"a": }', 'Malformed', /:2:6: /],
    ['is a number', '5', 'Malformed', /:1:1: /],
    ...cases,
  ])('where the file %s, the answer is a gap', async (_, content, code, message) => {
    const unread = unreadOf(await ask(await snapshotOf(content === undefined ? {} : { [path]: content })));
    expect(unread).toEqual({ call: path, code, message: expect.stringMatching(message) });
    expect(unread.message.startsWith(path)).toBe(true);
  });
};

describe('identities', () => {
  const DETAILS = 'iam/account-authorization-details.json';
  const RoleDetailList = [
    {
      RoleName: 'Train',
      Arn: role('steps/Train'),
      AssumeRolePolicyDocument: ALLOW,
      RolePolicyList: [{ PolicyName: 'all', PolicyDocument: ALLOW }],
    },
  ];
  const UserDetailList = [
    { UserName: 'ana', Arn: `arn:aws:iam::${ACCOUNT}:user/ana`, GroupList: ['builders'] },
  ];
  const GroupDetailList = [
    {
      GroupName: 'builders',
      Arn: `arn:aws:iam::${ACCOUNT}:group/builders`,
      GroupPolicyList: [{ PolicyName: 'all', PolicyDocument: ALLOW }],
    },
  ];

  test('are the users and roles of the listing, with their policies', async () => {
    const reader = await snapshotOf({ [DETAILS]: { RoleDetailList, UserDetailList, GroupDetailList } });
    const read = await reader.readIdentities();
    expect(read.ok && read.value.identities.map(({ name, principal }) => [name, principal.arn])).toEqual([
      ['Train', role('steps/Train')],
      ['ana', `arn:aws:iam::${ACCOUNT}:user/ana`],
    ]);
    expect(await reader.readIdentities()).toBe(read);
    expect(await reader.getRole('train')).toMatchObject(found({ name: 'Train' }));
  });

  refuses(DETAILS, (reader) => reader.readIdentities(), [
    [
      'was cut',
      { RoleDetailList, IsTruncated: true },
      'NotInSnapshot',
      / was cut and does not hold all users/,
    ],
    ['is a first page', { RoleDetailList, NextToken: 'x' }, 'NotInSnapshot', /makes it whole$/],
    ['lists no roles', { UserDetailList }, 'Malformed', /it holds no RoleDetailList/],
    ['says that there is none', { absent: true }, 'Absent', /says that there is none/],
  ]);
});

describe('the organization', () => {
  const SCPS = 'organizations/scps.json';
  const level = (target: string, ...Contents: unknown[]) => ({
    target,
    policies: Contents.map((Content, index) => ({ Name: `p${index}`, Content })),
  });
  const read = async (files: Record<string, unknown>) => (await snapshotOf(files)).readOrganizationPolicies();

  test('comes level by level, with documents that are texts or objects', async () => {
    expect(
      await read({
        [SCPS]: [level('r-ab12', TEXT), level(ACCOUNT, ALLOW, 'broken')],
        'organizations/rcps.json': [level('r-ab12', TEXT)],
        'organizations/organization.json': { Organization: { MasterAccountId: '999988887777' } },
      }),
    ).toEqual(
      found({
        scps: [
          { target: 'r-ab12', policies: [{ name: 'p0', document: ALLOW }] },
          {
            target: ACCOUNT,
            policies: [
              { name: 'p0', document: ALLOW },
              { name: 'p1', document: 'broken' },
            ],
          },
        ],
        rcps: [{ target: 'r-ab12', policies: [{ name: 'p0', document: ALLOW }] }],
        managementAccount: '999988887777',
      }),
    );
  });

  test.each<[string, Record<string, unknown>, unknown]>([
    [
      'its id',
      { Organization: { Id: 'o-acme', MasterAccountId: '999988887777' } },
      { ok: true, value: { id: 'o-acme' } },
    ],
    ['that the account is in none', { absent: true }, { ok: true, value: null }],
    ['no id', { Organization: { MasterAccountId: '999988887777' } }, { unread: { code: 'Malformed' } }],
  ])('of the account is read from describe-organization, which tells %s', async (_, file, expected) => {
    const reader = await snapshotOf({ 'organizations/organization.json': file });
    expect(await reader.readOwnOrganization()).toMatchObject(expected as object);
  });

  test.each<[string, unknown, unknown]>([
    [
      'with the path of the account',
      { Account: { Id: '111122223333', State: 'ACTIVE', Paths: ['o-acme/r-ab12/ou-ab12-ml/111122223333'] } },
      { ok: true, value: { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-ml/' } },
    ],
    ['without a path', { Account: { Id: '111122223333' } }, { ok: true, value: { id: 'o-acme' } }],
    ['where the path is absent', { absent: true }, { ok: true, value: { id: 'o-acme' } }],
    [
      'not, where another account is described',
      { Account: { Id: '999988887777' } },
      { unread: { code: 'Malformed' } },
    ],
    ['not, where the file is broken', '{', { unread: { code: 'Malformed' } }],
  ])('of the account is read %s, which describe-account tells', async (_, file, expected) => {
    const reader = await snapshotOf({
      'organizations/organization.json': { Organization: { Id: 'o-acme' } },
      'organizations/account.json': file,
    });
    expect(await reader.readOwnOrganization()).toMatchObject(expected as object);
  });

  test('of the account is not read where the snapshot does not hold it', async () => {
    expect(await (await snapshotOf({ [SCPS]: [] })).readOwnOrganization()).toMatchObject({
      unread: { code: 'NotInSnapshot' },
    });
  });

  test('whose management account is not told has its policies', async () => {
    const files = { [SCPS]: [], 'organizations/organization.json': { Organization: { Id: 'o-acme' } } };
    expect(await read(files)).toEqual(found({ scps: [], rcps: [] }));
  });

  test.each<[string, Record<string, unknown>]>([
    ['it has no level', { [SCPS]: [] }],
    ['it is absent', { [SCPS]: { absent: true }, 'organizations/rcps.json': 'not read' }],
    [
      'what is optional is absent',
      {
        [SCPS]: [],
        'organizations/rcps.json': { absent: true },
        'organizations/organization.json': { absent: true },
      },
    ],
  ])('limits nothing where %s', async (_, files) => {
    expect(await read(files)).toEqual(found({ scps: [], rcps: [] }));
  });

  refuses(SCPS, (reader) => reader.readOrganizationPolicies(), [
    ['has a level without a target', [{ policies: [] }], 'Malformed', /:1:1: it is not \[\{"target"/],
    ['has a level without policies', [{ target: 'r-1' }], 'Malformed', /root first, or /],
    ['has a policy without content', [level('r-1', undefined)], 'Malformed', /it is not/],
    ['has content that is a list', [level('r-1', [])], 'Malformed', /it is not/],
    ['has content that is the text of a list', [level('r-1', '[]')], 'Malformed', /it is not/],
    ['has empty content', [level('r-1', '')], 'Malformed', /it is not/],
    ['has a policy without a name', [{ target: 'r-1', policies: [{ Content: TEXT }] }], 'Malformed', /not/],
    ['is an object without SCPs', { rcps: [] }, 'Malformed', /or \{"scps": …/],
    ['has RCPs of another form', { scps: [], rcps: {} }, 'Malformed', /it is not/],
    ['has a misspelt list', { scps: [], RCPs: [level('r-1', TEXT)] }, 'Malformed', /it is not/],
    ['names no account as management account', { scps: [], managementAccount: 5 }, 'Malformed', /12 digits/],
  ]);

  const SCP_LEVELS = [{ target: 'r-1', policies: [{ name: 'p0', document: ALLOW }] }];
  test.each<[string, Record<string, unknown>, OrganizationPolicies]>([
    ['SCPs alone', { [SCPS]: { scps: [level('r-1', TEXT)] } }, { scps: SCP_LEVELS, rcps: [] }],
    [
      'SCPs, RCPs and the management account',
      {
        [SCPS]: {
          scps: [level('r-1', TEXT)],
          rcps: [level('r-1', ALLOW)],
          managementAccount: '999988887777',
        },
      },
      { scps: SCP_LEVELS, rcps: SCP_LEVELS, managementAccount: '999988887777' },
    ],
    [
      'SCPs, beside files with the rest',
      {
        [SCPS]: { scps: [level('r-1', TEXT)] },
        'organizations/rcps.json': [level('r-1', ALLOW)],
        'organizations/organization.json': { Organization: { MasterAccountId: '999988887777' } },
      },
      { scps: SCP_LEVELS, rcps: SCP_LEVELS, managementAccount: '999988887777' },
    ],
  ])('may stand in one object: %s', async (_, files, policies) => {
    expect(await read(files)).toEqual(found(policies));
  });

  test.each<[string, object, unknown]>([
    ['organizations/rcps.json', { rcps: [] }, [level('r-1', TEXT)]],
    [
      'organizations/organization.json',
      { managementAccount: '444455556666' },
      { Organization: { MasterAccountId: '999988887777' } },
    ],
  ])('is not read where two files contradict each other: %s', async (path, said, content) => {
    expect(unreadOf(await read({ [SCPS]: { scps: [], ...said }, [path]: content }))).toEqual({
      call: path,
      code: 'Malformed',
      message: `${path}:1:1: ${SCPS} says it as well; keep one of them`,
    });
  });

  test.each([
    ['organizations/rcps.json', {}],
    ['organizations/organization.json', { Organization: {} }],
    ['organizations/organization.json', '{'],
  ])('is not read in part: %s', async (path, content) => {
    expect(unreadOf(await read({ [SCPS]: [], [path]: content }))).toMatchObject({
      call: path,
      code: 'Malformed',
    });
  });
});

describe('the policy of a bucket', () => {
  test.each<[string, unknown, unknown]>([
    ['what get-bucket-policy puts out', { Policy: TEXT }, ALLOW],
    ['the document itself', ALLOW, ALLOW],
    ['a policy that is no JSON', { Policy: '{' }, '{'],
    ['none', { absent: true }, null],
  ])('is read from %s', async (_, content, policy) => {
    const reader = await snapshotOf({ 's3/b/policy.json': content });
    expect(await reader.getBucketPolicy('b')).toEqual(found(policy));
  });

  refuses('s3/b/policy.json', (reader) => reader.getBucketPolicy('b'), [
    ['has another form', { CORSRules: [] }, 'Malformed', /neither \{"Policy": …\} nor a policy/],
    ['holds an empty policy', { Policy: '' }, 'Malformed', /neither/],
    ['is a list', '[]', 'Malformed', /neither/],
  ]);
});

describe('the policy of a key', () => {
  const ID = '1234abcd-12ab-34cd-56ef-1234567890ab';
  const arn = (resource: string, account = ACCOUNT, region = 'eu-west-1') =>
    `arn:aws:kms:${region}:${account}:${resource}`;
  const ALIASES = 'kms/aliases.json';
  const Aliases = [
    { AliasName: 'alias/data', TargetKeyId: ID },
    { AliasName: 'alias/aws/s3' },
    { AliasName: 'alias/out', TargetKeyId: '../../secret' },
  ];
  const files = { [`kms/${ID}/policy.json`]: { Policy: TEXT }, [ALIASES]: { Aliases } };

  test.each([ID, arn(`key/${ID}`), 'alias/data', arn('alias/data')])(
    'is found by the id, ARN or alias %s',
    async (key) => {
      expect(await (await snapshotOf(files)).getKeyPolicy(key)).toEqual(found({ id: ID, policy: ALLOW }));
    },
  );

  test.each<[string, string]>([
    ['alias/unknown', 'Absent'],
    ['alias/aws/s3', 'Absent'],
    ['alias/out', 'InvalidName'],
    ['other', 'NotInSnapshot'],
    [arn(`key/${ID}`, '999988887777'), 'OutsideScope'],
    [arn('alias/data', ACCOUNT, 'eu-north-1'), 'OutsideScope'],
    [arn('key/../x'), 'InvalidName'],
    [arn('grant/x'), 'InvalidName'],
    [`arn:aws:s3:::${ID}`, 'InvalidName'],
    ['../x', 'InvalidName'],
    ['', 'InvalidName'],
    ['x'.repeat(5000), 'InvalidName'],
  ])('is not found by the text %s', async (key, code) => {
    const unread = unreadOf(await (await snapshotOf(files)).getKeyPolicy(key));
    expect(unread.code).toBe(code);
    expect(unread.message.length).toBeLessThan(600);
  });

  test('of an alias that is missing in a cut listing is a gap', async () => {
    for (const more of [{ Truncated: true }, { NextMarker: 'x' }, { NextToken: 'x' }]) {
      const reader = await snapshotOf({ [ALIASES]: { Aliases, ...more } });
      expect(unreadOf(await reader.getKeyPolicy('alias/unknown')).code).toBe('NotInSnapshot');
      expect(unreadOf(await reader.getKeyPolicy('alias/aws/s3')).code).toBe('Absent');
    }
  });

  refuses(ALIASES, (reader) => reader.getKeyPolicy('alias/data'), [
    ['lists no aliases', { Aliases: {} }, 'Malformed', /it holds no Aliases/],
  ]);
  refuses(`kms/${ID}/policy.json`, (reader) => reader.getKeyPolicy(ID), [
    ['has another form', {}, 'Malformed', /neither/],
    ['says that there is none', { absent: true }, 'Absent', /there is none/],
  ]);
});

describe('an execution', () => {
  const PATH = 'sagemaker/pipelines/Fraud/executions/kytlemm1lvpq.json';
  const ARN = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud/execution/kytlemm1lvpq`;
  const described = { PipelineExecutionArn: ARN, PipelineExecutionStatus: 'Executing' };
  const folder = { 'sagemaker/pipelines/Fraud/pipeline.json': { PipelineName: 'Fraud' } };

  test.each<[string, object, object]>([
    ['its version', { PipelineVersionId: 7 }, { versionId: 7, parameters: {} }],
    [
      'its parameters',
      {
        PipelineParameters: [
          { Name: 'RoleArn', Value: role('x') },
          { Name: '__proto__', Value: 'v' },
        ],
      },
      {
        parameters: Object.fromEntries([
          ['RoleArn', role('x')],
          ['__proto__', 'v'],
        ]),
      },
    ],
    ['neither', {}, { parameters: {} }],
    ['a version that is none', { PipelineVersionId: 'latest' }, { parameters: {} }],
  ])('comes with %s', async (_, more, fact) => {
    const reader = await snapshotOf({ ...folder, [PATH]: { ...described, ...more } });
    expect(await reader.describeExecution(ARN)).toEqual(found({ executionArn: ARN, ...fact }));
  });

  test('in a folder with another name is found by the name in its pipeline.json', async () => {
    const reader = await snapshotOf({
      'sagemaker/pipelines/01/pipeline.json': { PipelineName: 'Fraud' },
      'sagemaker/pipelines/01/executions/kytlemm1lvpq.json': described,
    });
    expect(await reader.describeExecution(ARN)).toMatchObject({ ok: true });
  });

  test('is not looked for under a text that is not its ARN', async () => {
    const reader = await snapshotOf({ ...folder, 'secret.json': described });
    for (const arn of ['', ARN.replace(/\/execution.*/, ''), `${ARN}/../../secret`, 'x'.repeat(5000)]) {
      expect(unreadOf(await reader.describeExecution(arn)).code).toBe('InvalidName');
    }
    const climbing = ARN.replace('kytlemm1lvpq', '..');
    expect(unreadOf(await reader.describeExecution(climbing)).code).toBe('NotInSnapshot');
  });

  refuses(
    'sagemaker/pipelines/fraud/executions/kytlemm1lvpq.json',
    (reader) => reader.describeExecution(ARN),
    [
      ['has another form', {}, 'Malformed', /not the output of describe-pipeline-execution/],
      [
        'has parameters of another form',
        { ...described, PipelineParameters: { RoleArn: 'x' } },
        'Malformed',
        /its PipelineParameters are not/,
      ],
      [
        'has a parameter without a value',
        { ...described, PipelineParameters: [{ Name: 'x' }] },
        'Malformed',
        /not/,
      ],
    ],
  );
});

describe('versions', () => {
  const PATH = 'sagemaker/pipelines/fraud/versions.json';
  const versions = (...PipelineVersionSummaries: unknown[]) => ({ PipelineVersionSummaries });

  test('come with their aliases, where the file tells any', async () => {
    const summaries = versions(
      { PipelineVersionId: 2, PipelineVersionAliases: ['prod'], Aliases: ['stable'] },
      { PipelineVersionId: '1', CreationTime: '2026-11-01T09:00:00+01:00' },
    );
    const reader = await snapshotOf({ [PATH]: summaries });
    expect(await reader.listPipelineVersions('fraud')).toEqual(
      found([
        { id: 2, aliases: ['prod', 'stable'] },
        { id: 1, createdAt: '2026-11-01T08:00:00.000Z', aliases: [] },
      ]),
    );
  });

  refuses(PATH, (reader) => reader.listPipelineVersions('fraud'), [
    ['was cut', { ...versions(), NextToken: 'x' }, 'NotInSnapshot', /was cut; `aws .*` makes it whole/],
    ['has a version without an id', versions({}), 'Malformed', /no PipelineVersionSummaries with/],
    ['has an id that is none', versions({ PipelineVersionId: -1 }), 'Malformed', /PipelineVersionId/],
  ]);
});
