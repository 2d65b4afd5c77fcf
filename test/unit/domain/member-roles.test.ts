import { describe, expect, test } from '@jest/globals';
import {
  hubSuffix,
  INTAKE_BUS,
  MEMBER_SESSION,
  type MemberRole,
  memberRoleArn,
  memberRoleName,
} from '../../../shared/domain/member-roles.ts';
import { REGIONS } from '../../../shared/domain/regions.ts';

const ROLES: readonly MemberRole[] = ['reader', 'delivery', 'forward'];

describe('the roles of a member', () => {
  test('are found by the account, the partition and the hub', () => {
    const suffix = hubSuffix({ account: '111122223333', region: 'eu-west-1' });
    expect(
      ROLES.map((role) => memberRoleArn(role, { partition: 'aws', account: '444455556666' }, suffix)),
    ).toEqual([
      'arn:aws:iam::444455556666:role/PipewardenReader-111122223333-eu-west-1',
      'arn:aws:iam::444455556666:role/PipewardenDelivery-111122223333-eu-west-1',
      'arn:aws:iam::444455556666:role/PipewardenForward-111122223333-eu-west-1',
    ]);
  });

  test('have other names for each hub: two accounts, or two Regions of one account', () => {
    const hubs = [
      { account: '111122223333', region: 'eu-west-1' },
      { account: '111122223333', region: 'us-east-1' },
      { account: '444455556666', region: 'eu-west-1' },
    ];
    const names = hubs.flatMap((hub) => ROLES.map((role) => memberRoleName(role, hubSuffix(hub))));
    expect(new Set(names).size).toBe(hubs.length * ROLES.length);
  });

  test.each(REGIONS)('have names that IAM takes, for a hub in %s', (region) => {
    for (const role of ROLES)
      expect(memberRoleName(role, hubSuffix({ account: '111122223333', region }))).toMatch(
        /^[\w+=,.@-]{1,64}$/,
      );
  });
});

test('the intake has a name that EventBridge takes, and the session one that STS takes', () => {
  expect(INTAKE_BUS).toMatch(/^[/.\-_A-Za-z0-9]{1,256}$/);
  expect(INTAKE_BUS).not.toMatch(/^aws/);
  expect(MEMBER_SESSION).toMatch(/^[\w+=,.@-]{2,64}$/);
});
