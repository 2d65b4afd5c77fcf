import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DeclaredResource } from '../../../shared/declared/declared.ts';
import { declaredReader } from '../../../shared/declared/declared-reader.ts';
import { changesOfUndeclared } from '../../../shared/declared/undeclared-holders.ts';
import type { Json } from '../../../shared/json/json.ts';
import { ABSENT } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { allowing, declaredIn } from '../../support/builders/declared-in.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const of = declaredIn('plan');
const arnOf = (type: string, name: string): string => `arn:aws:iam::111122223333:${type}/${name}`;
const inline = (...names: string[]): Json =>
  names.map((PolicyName) => ({ PolicyName, PolicyDocument: allowing('s3:GetObject') }));
const attached = (...names: string[]): Json =>
  names.map((name) => ({ PolicyName: name, PolicyArn: arnOf('policy', name) }));
const managed = (name: string, action = 'kms:Decrypt'): Json => ({
  Arn: arnOf('policy', name),
  PolicyVersionList: [{ IsDefaultVersion: true, Document: allowing(action) }],
});
const roleEntry = (name: string, RolePolicyList: Json = [], AttachedManagedPolicies: Json = []): Json => ({
  RoleName: name,
  Arn: arnOf('role', name),
  AssumeRolePolicyDocument: { Statement: [] },
  RolePolicyList,
  AttachedManagedPolicies,
});

const role = (name: string, policies: Json = [], managedOnes: Json = []): DeclaredResource => ({
  ...of,
  type: 'role',
  address: `role ${name}`,
  name,
  arn: arnOf('role', name),
  entry: roleEntry(name, policies, managedOnes),
});
const user = (name: string, groups: string[] = []): DeclaredResource => ({
  ...of,
  type: 'user',
  address: `user ${name}`,
  name,
  arn: arnOf('user', name),
  entry: { UserName: name, Arn: arnOf('user', name), GroupList: groups },
});
const onRole = (name: string, policy: string): DeclaredResource => ({
  ...of,
  type: 'attached-policy',
  address: `${name} ${policy}`,
  holder: { type: 'role', name },
  policy: policy.startsWith('arn:') ? { arn: policy } : { name: policy, document: allowing('iam:PassRole') },
});
const onGroup = (group: string, name: string): DeclaredResource => ({
  ...of,
  type: 'attached-policy',
  address: `${group} ${name}`,
  holder: { type: 'group', name: group },
  policy: { name, document: allowing('iam:PassRole') },
});
const membership = (name: string, group: string): DeclaredResource => ({
  ...of,
  type: 'membership',
  address: `${name} ${group}`,
  user: name,
  group,
});
const only = (kind: 'inline' | 'attached', ...names: string[]): DeclaredResource => ({
  ...of,
  type: 'exclusive',
  address: kind,
  holder: { type: 'role', name: 'train' },
  kind,
  names,
});
const policyOf = (name: string, action: string): DeclaredResource => ({
  ...of,
  type: 'managed-policy',
  address: name,
  arn: arnOf('policy', name),
  entry: managed(name, action),
});

const account = (own: readonly string[] = ['old', 'deny'], managedOnes: readonly string[] = ['shared']) =>
  memoryReader({
    identities: {
      RoleDetailList: [roleEntry('train', inline(...own), attached(...managedOnes)), roleEntry('other')],
      UserDetailList: [
        {
          UserName: 'ana',
          Arn: arnOf('user', 'ana'),
          UserPolicyList: inline('own'),
          GroupList: ['ml', 'ops'],
        },
      ],
      GroupDetailList: ['ml', 'ops'].map((name) => ({
        GroupName: name,
        Arn: arnOf('group', name),
        GroupPolicyList: inline(`of-${name}`),
      })),
      Policies: managedOnes.map((name) => managed(name)),
    },
    cors: {
      data: [{ allowedHeaders: [], allowedMethods: ['GET'], allowedOrigins: ['*'], exposeHeaders: [] }],
    },
    listing: [],
  }).reader;

const identity = async (reader: Reader, name: string) => {
  const read = await reader.readIdentities();
  return read.ok ? read.value.identities.find((each) => each.name === name) : undefined;
};

/** The names of a principal’s policies, of inline ones without the ARN. */
const policiesOf = async (reader: Reader, name: string): Promise<string[]> =>
  ((await identity(reader, name))?.policies.identity?.policies ?? [])
    .map((policy) => policy.name.replace(/^arn:\S+ /, '').replace(/^arn:.*\//, ''))
    .toSorted();

describe('what the account has beneath a source that tells what it declared before', () => {
  test.each<[what: string, now: DeclaredResource[], before: DeclaredResource[], left: string[]]>([
    [
      'a role that is there already keeps what others gave it',
      [role('train', inline('new'))],
      [role('train', inline('old'))],
      ['deny', 'new', 'shared'],
    ],
    ['a role that is made anew keeps nothing', [role('train', inline('new'))], [], ['new']],
    [
      'a policy that is taken away from a role of the account',
      [],
      [onRole('train', 'deny')],
      ['old', 'shared'],
    ],
    [
      'an attachment that is taken away from a role of the account',
      [],
      [onRole('train', arnOf('policy', 'shared'))],
      ['deny', 'old'],
    ],
    [
      'a policy that moves to another address stays',
      [onRole('train', 'deny')],
      [{ ...onRole('train', 'deny'), address: 'before' }],
      ['deny', 'old', 'shared'],
    ],
    ['a list of all inline policies takes the others away', [only('inline', 'old')], [], ['old', 'shared']],
    ['a list of all attached policies takes the others away', [only('attached')], [], ['deny', 'old']],
    ['a role that is taken away', [], [role('train')], []],
    [
      'names of roles are compared without letter case, as IAM does',
      [],
      [onRole('TRAIN', 'deny')],
      ['old', 'shared'],
    ],
  ])('%s', async (_, now, before, left) => {
    expect(await policiesOf(declaredReader(account(), now, [], before), 'train')).toEqual(left);
  });

  test.each<[what: string, now: DeclaredResource[], before: DeclaredResource[] | undefined, left: string[]]>([
    [
      'a policy that is given to their group',
      [onGroup('ml', 'more')],
      undefined,
      ['more', 'of-ml', 'of-ops', 'own'],
    ],
    ['a policy that is taken from their group', [], [onGroup('ml', 'of-ml')], ['of-ops', 'own']],
    ['a group that they join', [membership('ana', 'ml')], undefined, ['of-ml', 'of-ops', 'own']],
    ['a group that they leave', [], [membership('ana', 'ops')], ['of-ml', 'own']],
    ['a user that is there already', [user('ana')], [user('ana')], ['of-ml', 'of-ops', 'own']],
    ['a declared user in a group of the account', [user('ana', ['ml'])], undefined, ['of-ml']],
    [
      'a group that nobody knows',
      [membership('ana', 'far')],
      undefined,
      ['group far', 'of-ml', 'of-ops', 'own'],
    ],
  ])('users of the account have %s', async (_, now, before, left) => {
    expect(await policiesOf(declaredReader(account(), now, [], before), 'ana')).toEqual(left);
  });

  test('a managed policy that is declared anew counts for each principal of the account that has it', async () => {
    const reader = declaredReader(account(), [policyOf('shared', 'iam:*')]);
    const train = await identity(reader, 'train');
    const now = train?.policies.identity?.policies.find(({ name }) => name === arnOf('policy', 'shared'));
    expect(now?.statements[0]?.actions).toMatchObject({ texts: ['iam:*'] });
    const read = await reader.readIdentities();
    const versions = read.ok ? read.value.directory.otherVersions(arnOf('policy', 'shared')) : [];
    expect(versions).toHaveLength(1);
  });

  test('whatever is there and whatever is declared, a policy is there afterwards if it is declared, or nobody took it away', async () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    await fc.assert(
      fc.asyncProperty(
        names,
        names,
        names,
        fc.constantFrom('apart', 'updated', 'new'),
        async (there, before, now, how) => {
          const own = (list: readonly string[]) =>
            how === 'apart' ? list.map((name) => onRole('train', name)) : [role('train', inline(...list))];
          const reader = declaredReader(account(there, []), own(now), [], how === 'new' ? [] : own(before));
          const kept = how === 'new' ? [] : there.filter((name) => !before.includes(name));
          expect(await policiesOf(reader, 'train')).toEqual([...new Set([...now, ...kept])].toSorted());
        },
      ),
    );
  });

  test('a role goes with what declared it, whatever the account says of it by name', async () => {
    const reader = declaredReader(account(), [], [], [role('train')]);
    expect(await reader.getRole('Train')).toMatchObject({ ok: false, unread: { code: ABSENT } });
    expect(await reader.getRole('other')).toMatchObject({ ok: true });
  });

  test('rules and policies of buckets go with what declared them, and what others declared of a bucket stays', async () => {
    const bucket: DeclaredResource = {
      ...of,
      type: 'bucket',
      address: 'b',
      name: 'data',
      cors: null,
      tags: { TagSet: [] },
    };
    const cors: DeclaredResource = { ...of, type: 'bucket-cors', address: 'c', bucket: 'data', cors: {} };
    const rulesOf = async (now: DeclaredResource[], before?: DeclaredResource[]) => {
      const read = await declaredReader(account(), now, [], before).getBucketCors('data');
      return read.ok ? read.value.length : read.unread.code;
    };
    expect(await rulesOf([], [cors])).toBe(0);
    expect(await rulesOf([bucket], [bucket, cors])).toBe(0);
    expect(await rulesOf([bucket], [bucket])).toBe(1);
    expect(await rulesOf([bucket], [])).toBe(0);
    expect(await rulesOf([bucket])).toBe(0);
  });
});

describe('what changes principals that are not declared', () => {
  test.each<[what: string, now: DeclaredResource[], before: DeclaredResource[], told: string[]]>([
    ['a policy that is given', [onRole('far', 'p')], [], ['role far']],
    ['a policy that is taken away', [], [onRole('far', 'p')], ['role far']],
    ['a policy that stays', [onRole('far', 'p')], [onRole('far', 'p')], ['role far']],
    [
      'a policy that moves to another role',
      [{ ...onRole('near', 'p'), address: 'moved' }],
      [{ ...onRole('far', 'p'), address: 'moved' }],
      ['role near', 'role far'],
    ],
    [
      'a policy that moves away from a role to a declared one',
      [role('near'), { ...onRole('near', 'p'), address: 'moved' }],
      [{ ...onRole('far', 'p'), address: 'moved' }],
      ['role far'],
    ],
    ['a user who joins a group', [membership('ana', 'ml')], [], ['user ana']],
    ['a list of all policies', [only('inline')], [], ['role train']],
    ['a policy of a declared role', [role('Far'), onRole('far', 'p')], [], []],
  ])('is told where no account is beside: %s', (_, now, before, told) => {
    const messages = changesOfUndeclared(now, before).map(({ message }) => message);
    expect(messages).toEqual(told.map((each) => expect.stringContaining(`what the ${each} may do`)));
  });
});
