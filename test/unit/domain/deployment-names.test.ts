import { describe, expect, test } from '@jest/globals';
import {
  keepsOthersState,
  rolePathOf,
  rolePrefixOf,
  rolesBegin,
  stackNames,
  stackPrefixIn,
  stackPrefixOf,
  stackPrefixOfState,
} from '../../../shared/domain/deployment-names.ts';
import {
  hubSuffix,
  type MemberRole,
  memberRoleArn,
  memberRoleName,
} from '../../../shared/domain/member-roles.ts';
import { REGIONS } from '../../../shared/domain/regions.ts';
import { forwardedRegions, forwarderNames } from '../../../shared/events/forwarded-regions.ts';

const LONGEST = { stack: 'Acme-ml-prod-', role: 'acme-ml-prod-12-' };

describe('the names of stacks', () => {
  test('tell whether findings are kept in the stack of another prefix', () => {
    expect(keepsOthersState(stackNames())).toBe(false);
    expect(keepsOthersState(stackNames('acme-'))).toBe(false);
    expect(keepsOthersState(stackNames('acme-', 'PipewardenState'))).toBe(true);
  });

  test('begin with the prefix, and tell it', () => {
    expect(stackNames('acme-')).toEqual({
      main: 'acme-Pipewarden',
      state: 'acme-PipewardenState',
      members: 'acme-PipewardenMembers',
      memberRoles: 'acme-PipewardenMemberRoles',
      memberRules: 'acme-PipewardenMemberRules',
    });
    for (const prefix of ['', 'acme-', LONGEST.stack]) {
      const { main, state } = stackNames(prefix);
      expect([stackPrefixIn(main), stackPrefixOfState(state)]).toEqual([prefix, prefix]);
    }
    expect(stackPrefixIn('Other')).toBe('');
  });

  test('of something else tell no prefix', () => {
    for (const other of ['Other', 'PipewardenState2', 'a b-PipewardenState', '$(id)PipewardenState'])
      expect(stackPrefixOfState(other)).toBeUndefined();
  });

  test.each(REGIONS)('that forward events of %s begin with it, too', (region) => {
    const stacks = forwardedRegions(region, [], { stackPrefix: 'acme-' }).map(({ stack }) => stack);
    for (const stack of stacks) expect(stack).toMatch(/^acme-Pipewarden/);
    for (const name of Object.values(forwarderNames(region, 'ap-southeast-1', LONGEST.stack)))
      expect(name).toMatch(/^Acme-ml-prod-Pipewarden[A-Za-z0-9-]{1,100}$/);
  });

  test('take no other prefix than CloudFormation does, and no longer one than the names of rules leave', () => {
    for (const right of [undefined, 'a', 'acme-', LONGEST.stack]) expect(stackPrefixOf(right)).toBe(right);
    for (const wrong of ['', '-a', '1a', 'a_b', 'a b', `${LONGEST.stack}x`, 'a\n'])
      expect(() => stackPrefixOf(wrong)).toThrow(/--stack-prefix must be/);
  });
});

describe('the names of roles', () => {
  test('take a path and a prefix as IAM does', () => {
    for (const right of [undefined, '/team/', '/team/ml.ops/a@b/']) expect(rolePathOf(right)).toBe(right);
    for (const wrong of [
      '',
      '/',
      'team',
      '/team',
      'team/',
      '//',
      '/a b/',
      '/*/',
      '/${AWS::Region}/',
      '/a/\n',
    ])
      expect(() => rolePathOf(wrong)).toThrow(/--role-path must begin and end with a slash/);
    for (const right of [undefined, 'acme-', LONGEST.role]) expect(rolePrefixOf(right)).toBe(right);
    for (const wrong of ['', 'a/b', '*', `${LONGEST.role}x`, 'a b'])
      expect(() => rolePrefixOf(wrong)).toThrow(/--role-prefix must be/);
  });

  test.each(REGIONS)('of members fit into 64 characters, for a hub in %s', (region) => {
    for (const role of ['reader', 'delivery', 'forward'] as const satisfies MemberRole[])
      expect(
        memberRoleName(role, hubSuffix({ account: '111122223333', region }), LONGEST.role).length,
      ).toBeLessThanOrEqual(64);
  });

  test('of members are in the path, in their ARN', () => {
    const arn = (naming: Parameters<typeof rolesBegin>[0]) =>
      memberRoleArn('reader', { partition: 'aws', account: '444455556666' }, 'HUB', rolesBegin(naming));
    expect(arn({})).toBe('arn:aws:iam::444455556666:role/PipewardenReader-HUB');
    expect(arn({ rolePath: '/team/' })).toBe('arn:aws:iam::444455556666:role/team/PipewardenReader-HUB');
    expect(arn({ rolePath: '/team/', rolePrefix: 'acme-' })).toBe(
      'arn:aws:iam::444455556666:role/team/acme-PipewardenReader-HUB',
    );
  });
});
