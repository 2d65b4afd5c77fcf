import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ChangeOf } from '../../../shared/domain/change.ts';
import { auditedOperations } from '../../../shared/events/audited-calls.ts';
import { ACCOUNT, cloudTrail, roleArn, session } from '../../support/builders/events.ts';
import { IAM, only, read, recased } from '../../support/builders/reading.ts';

const iamArn = (resource: string): string => `arn:aws:iam::${ACCOUNT}:${resource}`;
const iam = (eventName: string, request: unknown, fields: object = {}) =>
  cloudTrail(eventName, request, { ...IAM, ...fields });

describe('a record about a role or user', () => {
  test.each<['role' | 'user', string, unknown]>([
    ['role', 'CreateRole', { roleName: 'x', assumeRolePolicyDocument: '{}' }],
    ['role', 'DeleteRole', { roleName: 'x' }],
    ['role', 'PutRolePolicy', { roleName: 'x', policyName: 'p', policyDocument: '{}' }],
    ['role', 'DeleteRolePolicy', { RoleName: 'x', PolicyName: 'p' }],
    ['role', 'AttachRolePolicy', { roleName: 'x', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
    ['role', 'DetachRolePolicy', { ROLENAME: 'x' }],
    ['role', 'UpdateAssumeRolePolicy', { roleName: 'x', policyDocument: '{}' }],
    ['role', 'PutRolePermissionsBoundary', { roleName: 'x', permissionsBoundary: iamArn('policy/b') }],
    ['role', 'DeleteRolePermissionsBoundary', { roleName: 'x' }],
    ['role', 'TagRole', { roleName: 'x', tags: [{ key: 'team', value: 'fraud' }] }],
    ['role', 'UntagRole', { roleName: 'x', tagKeys: ['team'] }],
    ['role', 'AddRoleToInstanceProfile', { instanceProfileName: 'p', roleName: 'x' }],
    ['role', 'RemoveRoleFromInstanceProfile', { instanceProfileName: 'p', roleName: 'x' }],
    ['user', 'CreateUser', { userName: 'x' }],
    ['user', 'DeleteUser', { userName: 'x' }],
    ['user', 'PutUserPolicy', { userName: 'x', policyName: 'p' }],
    ['user', 'DeleteUserPolicy', { UserName: 'x' }],
    ['user', 'AttachUserPolicy', { userName: 'x' }],
    ['user', 'DetachUserPolicy', { username: 'x' }],
    ['user', 'PutUserPermissionsBoundary', { userName: 'x' }],
    ['user', 'DeleteUserPermissionsBoundary', { userName: 'x' }],
    ['user', 'TagUser', { userName: 'x' }],
    ['user', 'UntagUser', { userName: 'x' }],
    ['user', 'AddUserToGroup', { groupName: 'g', userName: 'x' }],
    ['user', 'RemoveUserFromGroup', { userName: 'x', groupName: 'g' }],
  ])('%s: %s %j', (type, eventName, request) => {
    expect(only(iam(eventName, request))).toEqual({
      type,
      resource: { type, arn: iamArn(`${type}/x`) },
      name: 'x',
      changed: [expect.any(String)],
      trigger: expect.objectContaining({ eventName }),
      deleted: eventName === 'DeleteRole' || eventName === 'DeleteUser',
    });
  });

  test.each<[string, ChangeOf<'role'>[]]>([
    ['CreateRole', ['existence']],
    ['DeleteRole', ['existence']],
    ['AttachRolePolicy', ['policy']],
    ['UpdateAssumeRolePolicy', ['trust']],
    ['PutRolePermissionsBoundary', ['boundary']],
    ['UntagRole', ['tags']],
    ['AddRoleToInstanceProfile', ['profiles']],
    ['RemoveUserFromGroup', ['groups']],
  ])('%s changes its %j', (eventName, changed) => {
    expect(only(iam(eventName, { roleName: 'x', userName: 'x' })).changed).toEqual(changed);
  });

  test('that was acquired from a template is named by the answer alone', () => {
    const arn = iamArn('role/teams/fraud/x');
    const record = iam(
      'AcquireRole',
      { templateArn: 'arn:aws:iam::aws:role-template/team' },
      { responseElements: { role: { roleName: 'x', arn } } },
    );
    expect(only(record)).toMatchObject({
      type: 'role',
      name: 'x',
      resource: { arn },
      changed: ['existence'],
      deleted: false,
    });
  });

  test('that is linked to a service is named by the answer alone', () => {
    const arn = iamArn('role/aws-service-role/elasticfilesystem.amazonaws.com/AWSServiceRoleForX');
    const record = iam(
      'CreateServiceLinkedRole',
      { aWSServiceName: 'elasticfilesystem.amazonaws.com' },
      { responseElements: { role: { roleName: 'AWSServiceRoleForX', arn } } },
    );
    expect(only(record)).toMatchObject({ type: 'role', name: 'AWSServiceRoleForX', resource: { arn } });
  });

  test.each<[string, unknown, [arn: string, deleted: boolean][]]>([
    [
      'another name',
      { userName: 'maya', newUserName: 'ana' },
      [
        ['user/maya', true],
        ['user/ana', false],
      ],
    ],
    ['another path', { userName: 'maya', newPath: '/teams/' }, [['user/maya', false]]],
    ['the name that it has', { userName: 'maya', newUserName: 'maya' }, [['user/maya', false]]],
  ])('that is given %s is looked at under each of its names', (_, request, looks) => {
    const { requests } = read(iam('UpdateUser', request));
    expect(
      requests.map(({ resource, ...told }) => [resource.arn, 'deleted' in told && told.deleted]),
    ).toEqual(looks.map(([name, deleted]) => [iamArn(name), deleted]));
  });

  test('with a new name that IAM does not allow is unreadable', () => {
    const { requests, unreadable } = read(iam('UpdateUser', { userName: 'maya', newUserName: 'a/b' }));
    expect([requests, unreadable.length]).toEqual([[], 1]);
  });

  test.each<['role' | 'user', string]>([
    ['role', 'CreateRole'],
    ['user', 'CreateUser'],
  ])('%s has the path that the answer to %s tells', (type, eventName) => {
    const arn = iamArn(`${type}/teams/fraud/x`);
    const fields = { responseElements: { [type]: { path: '/teams/fraud/', [`${type}Name`]: 'x', arn } } };
    expect(only(iam(eventName, { [`${type}Name`]: 'x' }, fields))).toMatchObject({ resource: { arn } });
    expect(only(iam(eventName, { omitted: 'true' }, fields))).toMatchObject({ name: 'x', resource: { arn } });
  });

  test('is in the partition and account of the record', () => {
    const userIdentity = {
      ...session('admin', 'maya'),
      arn: 'arn:aws-cn:sts::444455556666:assumed-role/a/b',
    };
    const fields = { awsRegion: 'cn-north-1', recipientAccountId: '444455556666', userIdentity };
    expect(only(iam('TagRole', { roleName: 'x' }, fields))).toMatchObject({
      resource: { arn: 'arn:aws-cn:iam::444455556666:role/x' },
    });
    expect(only(iam('TagRole', { roleName: 'x' }, { ...fields, userIdentity: null }))).toMatchObject({
      resource: { arn: 'arn:aws-cn:iam::444455556666:role/x' },
    });
  });
});

test('an old record without a recipient is about its caller’s account', () => {
  const old = { awsRegion: 'us-gov-west-1', userIdentity: { type: 'Root', accountId: ACCOUNT } };
  expect(only(iam('TagUser', { userName: 'x' }, { ...old, recipientAccountId: undefined }))).toMatchObject({
    resource: { arn: `arn:aws-us-gov:iam::${ACCOUNT}:user/x` },
  });
});

describe('a record about what stands behind principals', () => {
  test.each(['PutGroupPolicy', 'DeleteGroupPolicy', 'AttachGroupPolicy', 'DetachGroupPolicy'])(
    'group: %s',
    (eventName) => {
      expect(only(iam(eventName, { groupName: 'g', policyName: 'p' }))).toEqual({
        type: 'group',
        resource: { type: 'group', arn: iamArn('group/g') },
        name: 'g',
        changed: ['policy'],
        trigger: expect.objectContaining({ eventName }),
      });
    },
  );

  test.each<[string, unknown, string[]]>([
    ['another name', { groupName: 'dev', newGroupName: 'ops' }, ['group/dev', 'group/ops']],
    ['another path', { groupName: 'dev', newPath: '/teams/' }, ['group/dev']],
    ['the name that it has', { groupName: 'dev', newGroupName: 'dev' }, ['group/dev']],
  ])('a group that is given %s is looked at under each of its names', (_, request, looks) => {
    const { requests } = read(iam('UpdateGroup', request));
    expect(requests.map(({ type, resource, changed }) => [type, resource.arn, changed])).toEqual(
      looks.map((name) => ['group', iamArn(name), ['existence']]),
    );
  });

  test('a group with a new name that IAM does not allow is unreadable', () => {
    const { requests, unreadable } = read(iam('UpdateGroup', { groupName: 'dev', newGroupName: 'a/b' }));
    expect([requests, unreadable.length]).toEqual([[], 1]);
  });

  const POLICY = iamArn('policy/teams/fraud/steps');

  test.each<[string, unknown]>([
    ['SetDefaultPolicyVersion', { policyArn: POLICY, versionId: 'v2' }],
    ['CreatePolicyVersion', { policyArn: POLICY, policyDocument: '{}', setAsDefault: true }],
    ['CreatePolicyVersion', { PolicyArn: POLICY, SetAsDefault: 'false' }],
    ['DeletePolicyVersion', { policyArn: POLICY, versionId: 'v1' }],
    ['DeletePolicy', { policyArn: POLICY }],
  ])('policy: %s %j', (eventName, request) => {
    expect(only(iam(eventName, request))).toEqual({
      type: 'policy',
      resource: { type: 'policy', arn: POLICY },
      name: 'steps',
      changed: ['document'],
      trigger: expect.objectContaining({ eventName }),
    });
  });
});

describe('a record of IAM', () => {
  test.each([
    ['CreatePolicy', 'reads: the new policy is attached to nobody yet'],
    ['CreateAccessKey', 'reads: controls ask who may get credentials of others, not who has some'],
    ['CreateInstanceProfile', 'reads: the instance profile holds no role'],
    ['GetRole', 'reads'],
    ['__proto__', 'reads'],
    ['constructor', 'reads'],
  ])('%s changes nothing that a control %s', (eventName, why) => {
    const { requests, ignored } = read(iam(eventName, { roleName: 'x', userName: 'x', groupName: 'x' }));
    expect([requests, ignored[0]?.reason]).toEqual([
      [],
      `${eventName} of iam.amazonaws.com changes nothing that a control ${why}`,
    ]);
  });

  test.each(auditedOperations('iam.amazonaws.com'))('%s that failed changed nothing', (eventName) => {
    const { requests, ignored } = read(iam(eventName, null, { errorCode: 'AccessDenied' }));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('AccessDenied')]);
  });

  test.each(auditedOperations('iam.amazonaws.com'))('%s that names nothing is unreadable', (eventName) => {
    const wrong = { setAsDefault: true, policyArn: 'steps', groupName: 'g/h', userName: [], roleName: {} };
    for (const request of [null, 'text', [], { omitted: 'true', originalSize: '149893' }, wrong]) {
      const { requests, ignored, unreadable } = read(iam(eventName, request));
      expect([requests.length, unreadable.length + ignored.length]).toEqual([0, 1]);
    }
    expect(read(iam(eventName, { omitted: 'true' })).unreadable[0]?.reason).toMatch(
      /^CloudTrail left the request out as too large, and the record of \w+ names no (role|user|group|policy)$/,
    );
  });

  test.each([
    '',
    'a/b',
    'a:b',
    'x'.repeat(129),
    'x\n',
    '../x',
    'arn:aws:iam::111122223333:role/x',
    '\u202ex',
  ])('is unreadable where the name is %j', (name) => {
    const request = { roleName: name, userName: name, groupName: name };
    for (const eventName of ['PutRolePolicy', 'PutUserPolicy', 'PutGroupPolicy'])
      expect(read(iam(eventName, request))).toMatchObject({ requests: [], unreadable: [{}] });
  });

  test.each(['', 'arn:aws:s3:::b', iamArn('role/x'), 'arn:aws:iam::aws'])(
    'is unreadable where the policy is %j',
    (policyArn) => {
      expect(read(iam('SetDefaultPolicyVersion', { policyArn }))).toMatchObject({
        requests: [],
        unreadable: [{}],
      });
    },
  );

  test('reads the same whatever the case of its keys', () => {
    const records = [
      iam('CreateRole', { roleName: 'x' }, { responseElements: { role: { arn: roleArn('p/x') } } }),
      iam('AddUserToGroup', { userName: 'x', groupName: 'g' }),
      iam('AttachGroupPolicy', { groupName: 'g' }),
      iam('CreatePolicyVersion', { policyArn: iamArn('policy/p'), setAsDefault: true }),
    ];
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (upper) => {
        for (const record of records) expect(read(recased(record, upper))).toEqual(read(record));
      }),
    );
  });
});
