import { describe, expect, test } from '@jest/globals';
import type { DeclaredResource } from '../../../shared/declared/declared.ts';
import { declaredReader, nothingBeside } from '../../../shared/declared/declared-reader.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { unreadReader } from '../../../shared/reader/unread-reader.ts';
import { allowing, declaredIn } from '../../support/builders/declared-in.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const of = declaredIn('template.yaml');
const { scope } = of;
const inline = (name: string, action: string): Json => ({
  PolicyName: name,
  PolicyDocument: allowing(action),
});

const roleEntry = (name: string, more: Record<string, Json> = {}): Json => ({
  RoleName: name,
  Arn: `arn:aws:iam::111122223333:role/${name}`,
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  },
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  ...more,
});

const role = (name: string, more: Record<string, Json> = {}): DeclaredResource => ({
  ...of,
  type: 'role',
  address: name,
  name,
  arn: `arn:aws:iam::111122223333:role/${name}`,
  entry: roleEntry(name, more),
});

const MANAGED = 'arn:aws:iam::111122223333:policy/shared';
const { reader: account } = memoryReader({
  identities: {
    RoleDetailList: [
      roleEntry('train', {
        RoleId: 'AROATRAIN',
        RolePolicyList: [inline('old', 's3:GetObject')],
        AttachedManagedPolicies: [{ PolicyName: 'shared', PolicyArn: MANAGED }],
        Tags: [
          { Key: 'aws:cloudformation:stack-name', Value: 'ml' },
          { Key: 'team', Value: 'old' },
        ],
      }),
      roleEntry('other'),
    ],
    Policies: [
      { Arn: MANAGED, PolicyVersionList: [{ IsDefaultVersion: true, Document: allowing('kms:Decrypt') }] },
    ],
  },
  cors: { data: [{ allowedHeaders: [], allowedMethods: ['GET'], allowedOrigins: ['*'], exposeHeaders: [] }] },
  listing: [],
});

/** The names of a principal’s policies, of inline ones without the ARN. */
const policiesOf = async (reader: Reader, name: string): Promise<string[]> => {
  const read = await reader.readIdentities();
  const found = read.ok ? read.value.identities.find((each) => each.name === name) : undefined;
  return (found?.policies.identity?.policies ?? [])
    .map((policy) => policy.name.replace(/^arn:\S+ /, ''))
    .toSorted();
};

describe('the account with what is declared', () => {
  test('problems of a policy that is replaced are not told any more', async () => {
    const { reader: faulty } = memoryReader({
      identities: {
        RoleDetailList: ['train', 'other'].map((name) =>
          roleEntry(name, {
            RolePolicyList: [{ PolicyName: 'own', PolicyDocument: { Statement: [{ Effect: 'Maybe' }] } }],
          }),
        ),
      },
    });
    const read = await declaredReader(faulty, [role('train')]).readIdentities();
    const told = read.ok ? read.value.problems.map(({ policy }) => policy) : [];
    expect([...new Set(told)]).toEqual(['arn:aws:iam::111122223333:role/other own']);
  });

  test('a declared role stands in place of the one of its name, and keeps its id and AWS’s own tags', async () => {
    const reader = declaredReader(account, [
      role('train', { RolePolicyList: [inline('new', 's3:PutObject')] }),
    ]);
    const read = await reader.readIdentities();
    const train = read.ok ? read.value.identities.filter(({ name }) => name === 'train') : [];
    expect(train).toHaveLength(1);
    expect(train[0]?.principal.uniqueId).toBe('AROATRAIN');
    expect([...(train[0]?.principal.tags ?? [])]).toEqual([['aws:cloudformation:stack-name', 'ml']]);
    expect(await policiesOf(reader, 'train')).toEqual(['new']);
    expect(await policiesOf(reader, 'other')).toEqual([]);
  });

  test('a managed policy that the account has is known to a declared role', async () => {
    const attached = role('new', { AttachedManagedPolicies: [{ PolicyName: 'shared', PolicyArn: MANAGED }] });
    expect(await policiesOf(declaredReader(account, [attached]), 'new')).toEqual([MANAGED]);
    const read = await declaredReader(account, [attached]).readIdentities();
    expect(read.ok && read.value.problems).toEqual([]);
  });

  test('a managed policy that nothing tells is unread, and not absent', async () => {
    const aws = 'arn:aws:iam::aws:policy/AmazonSageMakerFullAccess';
    const attached = role('new', { AttachedManagedPolicies: [{ PolicyName: 'full', PolicyArn: aws }] });
    const read = await declaredReader(nothingBeside(scope), [attached]).readIdentities();
    const policies = read.ok ? read.value.identities[0]?.policies.identity?.policies : undefined;
    expect(policies?.map(({ name, isReadable }) => [name, isReadable])).toEqual([[aws, false]]);
  });

  test('a list of the account that cannot be read hides nothing that is declared, and may hold more', async () => {
    const unread = { call: 'List', code: 'AccessDeniedException', message: 'not allowed' };
    const refused = unreadReader(scope, unread);
    const reader = declaredReader(refused, [
      role('train'),
      {
        ...of,
        type: 'pipeline',
        address: 'P',
        name: 'fraud',
        entry: { RoleArn: 'r', PipelineDefinition: '{}' },
      },
      { ...of, type: 'bucket', address: 'B', name: 'images', cors: null, tags: { TagSet: [] } },
      { ...of, type: 'job', address: 'M', kind: 'model', name: 'm', entry: {} },
    ]);
    expect(await reader.listPipelines()).toEqual({ ok: true, value: [{ name: 'fraud' }], rest: unread });
    expect(await reader.listBuckets()).toEqual({ ok: true, value: ['images'], rest: unread });
    expect(await reader.listJobs()).toEqual({
      ok: true,
      value: [{ kind: 'model', name: 'm' }],
      rest: unread,
    });
    const identities = await reader.readIdentities();
    expect(identities.ok && identities.value.identities.map(({ name }) => name)).toEqual(['train']);
    expect(identities.ok && identities.value.unlisted).toEqual(unread);
  });

  test('a pipeline whose definition nobody knows yet has its role', async () => {
    const read = await declaredReader(nothingBeside(scope), [
      { ...of, type: 'pipeline', address: 'P', name: 'fraud', entry: { RoleArn: 'r' }, why: 'it is in S3' },
    ]).describePipeline('fraud');
    expect(read.ok && read.value).toMatchObject({
      roleArn: 'r',
      definitionText: '',
      untoldDefinition: { call: 'P', message: 'it is in S3' },
    });
  });

  const grouped = memoryReader({
    identities: {
      UserDetailList: [
        {
          UserName: 'old',
          Arn: 'arn:aws:iam::111122223333:user/old',
          GroupList: ['team'],
          UserPolicyList: [],
        },
      ],
      GroupDetailList: [
        {
          GroupName: 'team',
          Arn: 'arn:aws:iam::111122223333:group/team',
          GroupPolicyList: [inline('of-team', 's3:GetObject')],
        },
      ],
    },
  }).reader;

  test('a declared user has what a group of the account has, and what is declared for it', async () => {
    const reader = declaredReader(grouped, [
      {
        ...of,
        type: 'user',
        address: 'U',
        name: 'new',
        arn: 'arn:aws:iam::111122223333:user/new',
        entry: { UserName: 'new', Arn: 'arn:aws:iam::111122223333:user/new', GroupList: ['team'] },
      },
      {
        ...of,
        type: 'attached-policy',
        address: 'G',
        holder: { type: 'group', name: 'team' },
        policy: { name: 'declared', document: allowing('iam:PassRole') },
      },
    ]);
    expect(await policiesOf(reader, 'new')).toEqual(['declared', 'of-team']);
    expect(await policiesOf(reader, 'old')).toEqual(['declared', 'of-team']);
  });

  test('who is declared nowhere has what is attached, beside what only the account tells', async () => {
    const reader = declaredReader(nothingBeside(scope), [
      {
        ...of,
        type: 'attached-policy',
        address: 'X',
        holder: { type: 'user', name: 'elsewhere' },
        policy: { name: 'attached', document: allowing('iam:PassRole') },
      },
    ]);
    const read = await reader.readIdentities();
    const [only] = read.ok ? read.value.identities : [];
    expect(only?.policies.identity?.policies.map(({ isReadable }) => isReadable).toSorted()).toEqual([
      false,
      true,
    ]);
  });

  const apart = (
    policy: Extract<DeclaredResource, { type: 'attached-policy' }>['policy'],
  ): DeclaredResource => ({
    ...of,
    type: 'attached-policy',
    address: 'apart',
    holder: { type: 'role', name: 'train' },
    policy,
  });

  test.each([
    ['inline', apart({ name: 'more', document: allowing('iam:PassRole') }), ['more', MANAGED, 'old']],
    [
      'in place of the inline one of its name',
      apart({ name: 'old', document: allowing('iam:PassRole') }),
      [MANAGED, 'old'],
    ],
    [
      'managed',
      apart({ arn: 'arn:aws:iam::111122223333:policy/own' }),
      [MANAGED, 'arn:aws:iam::111122223333:policy/own', 'old'],
    ],
  ])('a policy apart is added to a role of the account: %s', async (_, policy, names) => {
    const own: DeclaredResource = {
      ...of,
      type: 'managed-policy',
      address: 'own',
      arn: 'arn:aws:iam::111122223333:policy/own',
      entry: { PolicyVersionList: [{ IsDefaultVersion: true, Document: allowing('s3:PutObject') }] },
    };
    const reader = declaredReader(account, [policy, own]);
    expect(await policiesOf(reader, 'train')).toEqual(names.toSorted());
  });

  test('a policy apart is added to a declared role', async () => {
    const reader = declaredReader(nothingBeside(scope), [
      role('train'),
      apart({ name: 'more', document: allowing('iam:PassRole') }),
    ]);
    expect(await policiesOf(reader, 'train')).toEqual(['more']);
  });

  test('without an account, a principal that is not declared may exist all the same', async () => {
    const read = await declaredReader(nothingBeside(scope), [role('train')]).readIdentities();
    expect(read).toMatchObject({ ok: true, value: { unlisted: { code: 'NotDeclared' } } });
    const beside = await declaredReader(account, [role('train')]).readIdentities();
    expect(beside.ok && beside.value.unlisted).toBe(undefined);
  });

  test('a declared bucket has the CORS rules that are declared, and none where none are', async () => {
    const bucket: DeclaredResource = {
      ...of,
      type: 'bucket',
      address: 'b',
      name: 'data',
      cors: null,
      tags: { TagSet: [] },
    };
    const rules: DeclaredResource = {
      ...of,
      type: 'bucket-cors',
      address: 'c',
      bucket: 'data',
      cors: { CORSRules: [] },
    };
    expect(await account.getBucketCors('data')).toMatchObject({
      ok: true,
      value: [{ allowedMethods: ['GET'] }],
    });
    expect(await declaredReader(account, [bucket]).getBucketCors('data')).toEqual({ ok: true, value: [] });
    expect(await declaredReader(account, [rules]).getBucketCors('data')).toEqual({ ok: true, value: [] });
    expect(await declaredReader(account, [bucket]).getBucketPolicy('data')).toEqual({
      ok: true,
      value: null,
    });
    expect(await declaredReader(account, [bucket]).getBucketCors('other')).toEqual(
      await account.getBucketCors('other'),
    );
  });

  test('a pipeline whose definition only the deployment tells is unread, with the reason', async () => {
    const pipeline: DeclaredResource = {
      ...of,
      type: 'pipeline',
      address: 'p',
      name: 'fraud',
      entry: {},
      why: 'it lies in S3',
    };
    const reader = declaredReader(account, [pipeline]);
    expect(await reader.describePipeline('Fraud')).toEqual({
      ok: false,
      unread: { call: 'p', code: 'NotDeclared', message: 'it lies in S3' },
    });
    expect(await reader.listPipelines()).toEqual({ ok: true, value: [{ name: 'fraud' }] });
  });

  test('what is declared in another Region is not in this one, but for what the account has once', async () => {
    const elsewhere: DeclaredResource = {
      ...of,
      type: 'pipeline',
      address: 'p',
      scope: { ...scope, region: 'us-east-1' },
      name: 'fraud',
      entry: {},
    };
    const far = { ...role('far'), scope: elsewhere.scope };
    const reader = declaredReader(account, [elsewhere, far]);
    expect(await reader.listPipelines()).toEqual({ ok: true, value: [] });
    expect(await reader.getRole('far')).toMatchObject({ ok: true });
  });
});
