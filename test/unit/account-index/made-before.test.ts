import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entries } from '../../../shared/account-index/entries.ts';
import {
  identitiesFrom,
  type PrincipalEntries,
  principalEntries,
} from '../../../shared/account-index/principal-entries.ts';
import type { AccountPrincipals } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';

const arnOf = (path: string): string => `arn:aws:iam::111122223333:${path}`;
const document = (action: string): Json => ({
  Version: '2012-10-17',
  // Without an effect the policy has a problem.
  Statement: [
    { ...(action !== 'iam:Broken' && { Effect: 'Allow' }), Action: action, Resource: '*' },
  ] as Json[],
});

const action = fc.constantFrom('s3:GetObject', 'iam:PassRole', 'iam:PutRolePolicy', 'iam:Broken');
const managed = fc.constantFrom('one', 'two', 'missing');

const role = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  action,
  managed,
  profiles: fc.constantFrom<string[]>([], [], ['p']),
});
const user = fc.record({ name: fc.constantFrom('ann', 'bob'), action, groups: fc.subarray(['dev', 'ops']) });

const account = fc.record({
  roles: fc.uniqueArray(role, { selector: ({ name }) => name }),
  users: fc.uniqueArray(user, { selector: ({ name }) => name }),
  policies: fc.dictionary(fc.constantFrom('one', 'two'), action),
  groups: fc.dictionary(fc.constantFrom('dev', 'ops'), action),
});
type Account = (typeof account extends fc.Arbitrary<infer T> ? T : never) & {};

const detailsOf = ({ roles, users, policies, groups }: Account): Json => ({
  RoleDetailList: roles.map(({ name, action, managed, profiles }) => ({
    Arn: arnOf(`role/${name}`),
    RoleName: name,
    AssumeRolePolicyDocument: document('sts:AssumeRole'),
    RolePolicyList: [{ PolicyName: 'own', PolicyDocument: document(action) }],
    AttachedManagedPolicies: [{ PolicyArn: arnOf(`policy/${managed}`) }],
    InstanceProfileList: profiles.map((profile) => ({
      InstanceProfileName: profile,
      Arn: arnOf(`instance-profile/${profile}`),
    })),
  })),
  UserDetailList: users.map(({ name, action, groups }) => ({
    Arn: arnOf(`user/${name}`),
    UserName: name,
    UserPolicyList: [{ PolicyName: 'own', PolicyDocument: document(action) }],
    GroupList: groups,
  })),
  Policies: Object.entries(policies).map(([name, of]) => ({
    Arn: arnOf(`policy/${name}`),
    PolicyVersionList: [{ IsDefaultVersion: true, Document: document(of) }],
  })),
  GroupDetailList: Object.entries(groups).map(([name, of]) => ({
    Arn: arnOf(`group/${name}`),
    GroupName: name,
    GroupPolicyList: [{ PolicyName: 'own', PolicyDocument: document(of) }],
  })),
});

/** Values that say the same stay themselves, as parts do that nobody has changed. */
const sharing = (before: PrincipalEntries, now: PrincipalEntries): PrincipalEntries => {
  const kept = (kind: keyof PrincipalEntries): Entries =>
    new Map(
      [...now[kind]].map(([key, entry]) => {
        const known = before[kind].get(key);
        const isSame = known && JSON.stringify(known.value) === JSON.stringify(entry.value);
        return [key, isSame ? { ...entry, value: known.value } : entry] as const;
      }),
    );
  return Object.fromEntries(
    Object.keys(now).map((kind) => [kind, kept(kind as keyof PrincipalEntries)]),
  ) as PrincipalEntries;
};

const shown = ({ identities, profiles, directory }: AccountPrincipals) => ({
  identities: identities.map(({ policies, trust, ...identity }) => ({
    ...identity,
    trust: trust?.statements,
    policies: policies.identity?.policies,
    mayPass: policies.identity?.allowsSome('iam:passrole'),
  })),
  profiles: [...profiles].toSorted(),
  groups: directory.groups.map(({ arn, policies }) => [arn, policies()]),
});

test('what is made of entries is the same, whatever was made of earlier ones', () => {
  fc.assert(
    fc.property(account, account, fc.boolean(), (first, second, isClose) => {
      const next = isClose ? { ...first, roles: second.roles } : second;
      const entries = principalEntries(detailsOf(first), 1);
      const before = { entries, identities: identitiesFrom(entries) };
      const now = sharing(entries, principalEntries(detailsOf(next), 2));
      expect(shown(identitiesFrom(now, before))).toEqual(shown(identitiesFrom(now)));
    }),
  );
});

test('a principal whose entry stays is not made again', () => {
  const of = (actions: Record<string, string>): Account => ({
    roles: Object.entries(actions).map(([name, action]) => ({
      name: name as 'a',
      action: action as 'iam:PassRole',
      managed: 'one',
      profiles: [],
    })),
    users: [],
    policies: { one: 's3:GetObject' },
    groups: {},
  });
  const entries = principalEntries(detailsOf(of({ a: 'iam:PassRole', b: 'iam:PassRole' })), 1);
  const before = identitiesFrom(entries);
  const now = sharing(
    entries,
    principalEntries(detailsOf(of({ a: 'iam:PassRole', b: 'iam:PutRolePolicy' })), 2),
  );
  const { identities } = identitiesFrom(now, { entries, identities: before });
  expect(identities[0]).toBe(before.identities[0]);
  expect(identities[1]).not.toBe(before.identities[1]);
});
