import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AlikeEntry } from '../../../shared/account-index/alike.ts';
import { type Entries, type Entry, merged } from '../../../shared/account-index/entries.ts';
import { PART_LOST } from '../../../shared/account-index/part-lost.ts';
import {
  entriesInPart,
  isSameEntry,
  isUnchanged,
  partText,
  readable,
} from '../../../shared/account-index/part-text.ts';
import { identitiesFrom, principalEntries } from '../../../shared/account-index/principal-entries.ts';
import type { AccountPrincipals } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';

const throughText = (entries: Entries): Map<string, Entry> => {
  const read = entriesInPart(partText(entries));
  if (!read) throw new Error('the text of a part cannot be read');
  return read;
};

const said = (entries: Entries) =>
  [...entries].map(([key, { asOf, value }]) => [key, asOf, JSON.stringify(value)]).toSorted();

test('a part tells the keys, times and values that were put into it, whatever is in them', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '\t', 'alike', 'alike\t', ''));
  const entry = fc.tuple(text, fc.integer({ min: 0 }), fc.jsonValue() as fc.Arbitrary<Json>);
  fc.assert(
    fc.property(fc.array(entry), (list) => {
      const entries = new Map(list.map(([key, asOf, value]) => [key, { asOf, value }]));
      expect(said(throughText(entries))).toEqual(said(entries));
    }),
  );
});

test.each([
  'x',
  'alike\tx',
  'alike\t[]',
  'alike\t["a","1",[]]',
  '1\t2\t3',
  'x\t"a"\t1',
  '\t"a"\t1',
  '1\t"a"',
])('a text that is no part of an index tells nothing: %j', (text) => {
  expect(entriesInPart(text)).toBeUndefined();
});

const arnOf = (path: string): string => `arn:aws:iam::111122223333:${path}`;
const document = (Action: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const trust = (Service: string): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
});

/** Most are told to do nothing that looks ask about. */
const action = fc.constantFrom(
  'sqs:SendMessage',
  'sqs:SendMessage',
  'logs:PutLogEvents',
  'iam:PassRole',
  's3:PutObject',
);
const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const principal = fc.record({
  path: fc.constantFrom('', 'apps/', 'apps/x/', 'x:user/', 'x:role/', 'x:role/aws-service-role/'),
  id: fc.constantFrom('1', '2'),
  policies: fc.array(fc.tuple(fc.constantFrom('own', 'jobs'), action), { maxLength: 2 }),
  managed: fc.subarray(['one', 'missing']),
  boundary: some(fc.constant('one')),
  tags: some(fc.array(fc.record({ Key: fc.constantFrom('team', 'Team'), Value: fc.constantFrom('a', 'b') }))),
  used: some(fc.constantFrom('2026-01-02T03:04:05Z', 'never')),
  service: fc.constantFrom('lambda.amazonaws.com', 'sagemaker.amazonaws.com'),
  profiles: fc.constantFrom<string[]>([], [], ['p']),
  groups: fc.constantFrom<string[]>([], [], ['dev']),
});
type Made = (typeof principal extends fc.Arbitrary<infer T> ? T : never) & {};

const detail = (kind: 'Role' | 'User', made: Made, index: number): Json => ({
  [`${kind}Name`]: `n${index}`,
  [`${kind}Id`]: `ID${made.id}`,
  Arn: arnOf(`${kind.toLowerCase()}/${made.path}n${index}`),
  ...(kind === 'Role' ? { AssumeRolePolicyDocument: trust(made.service) } : { GroupList: made.groups }),
  ...(kind === 'Role' && {
    InstanceProfileList: made.profiles.map((name) => ({
      InstanceProfileName: name,
      Arn: arnOf(`instance-profile/${name}`),
    })),
  }),
  [`${kind}PolicyList`]: made.policies.map(([PolicyName, of]) => ({
    PolicyName,
    PolicyDocument: document(of),
  })),
  AttachedManagedPolicies: made.managed.map((name) => ({ PolicyArn: arnOf(`policy/${name}`) })),
  ...(made.boundary && { PermissionsBoundary: { PermissionsBoundaryArn: arnOf(`policy/${made.boundary}`) } }),
  ...(made.tags && { Tags: made.tags }),
  ...(kind === 'Role' && made.used && { RoleLastUsed: { LastUsedDate: made.used, Region: 'eu-west-1' } }),
});

const account = fc
  .record({ roles: fc.array(principal, { maxLength: 12 }), users: fc.array(principal, { maxLength: 4 }) })
  .map(
    ({ roles, users }): Json => ({
      RoleDetailList: roles.map((made, index) => detail('Role', made, index)),
      UserDetailList: users.map((made, index) => detail('User', made, index)),
      GroupDetailList: [{ GroupName: 'dev', Arn: arnOf('group/dev'), GroupPolicyList: [] }],
      Policies: [
        {
          Arn: arnOf('policy/one'),
          PolicyVersionList: [{ IsDefaultVersion: true, Document: document('iam:PutRolePolicy') }],
        },
      ],
    }),
  );

const ASKED = ['iam:passrole', 'iam:putrolepolicy', 'sts:assumerole'];

/** All that controls can learn of principals. */
const told = ({ identities, profiles }: AccountPrincipals) => ({
  profiles: [...profiles],
  identities: identities.map(
    ({ principal: { tags, services, ...principal }, policies, trust: own, ...more }) => ({
      ...more,
      principal,
      tags: [...(tags ?? [])],
      services: [...(services ?? [])],
      trust: own,
      layers: [policies.identity, policies.boundary].map(
        (index) =>
          index && {
            policies: index.policies,
            unreadable: index.unreadable,
            statements: index.statements.map(({ statement, policy }) => [statement, policy.name]),
            answers: ASKED.map((each) => [
              index.allowsSome(each),
              index.candidates(each).allows.map(({ statement }) => statement),
            ]),
          },
      ),
    }),
  ),
});

test('principals whose entries are alike are what they are when each is read for itself', () => {
  fc.assert(
    fc.property(account, (details) => {
      const entries = principalEntries(details, 1);
      const principals = throughText(entries.principals);
      expect(said(principals)).toEqual(said(entries.principals));
      expect(told(identitiesFrom({ ...entries, principals }))).toEqual(told(identitiesFrom(entries)));
    }),
  );
});

test('what was made of alike principals before a change is what is made of them after it', () => {
  fc.assert(
    fc.property(account, account, (one, other) => {
      const before = principalEntries(one, 1);
      const read = throughText(before.principals);
      const identities = identitiesFrom({ ...before, principals: read });
      const after = merged(read, throughText(principalEntries(other, 2).principals));
      const made = identitiesFrom(
        { ...before, principals: throughText(after) },
        { entries: { ...before, principals: read }, identities },
      );
      expect(told(made)).toEqual(told(identitiesFrom({ ...before, principals: after })));
    }),
  );
});

const role = (name: string, id: string): Json => ({
  RoleName: name,
  RoleId: id,
  Arn: arnOf(`role/${name}`),
  AssumeRolePolicyDocument: trust('lambda.amazonaws.com'),
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: document('sqs:SendMessage') }],
});
const partOf = (...roles: Json[]) => throughText(principalEntries({ RoleDetailList: roles }, 1).principals);

test('roles that differ in nothing but name, id and path are told once in a part', () => {
  const part = partOf(role('a', '1'), role('b', '2'));
  const [a, b] = ['a', 'b'].map((name) => part.get(arnOf(`role/${name}`)));
  expect(a instanceof AlikeEntry && b instanceof AlikeEntry && a.likeness === b.likeness).toBe(true);
  expect(partText(part).match(/lambda/g)).toHaveLength(1);
});

test('an entry that is read once more counts as changed only if it says something else', () => {
  const [first, second] = [partOf(role('a', '1'), role('b', '2')), partOf(role('a', '1'), role('b', '3'))];
  expect(isUnchanged(first, partOf(role('a', '1'), role('b', '2')))).toBe(true);
  expect(isUnchanged(first, second)).toBe(false);
  const same = ['a', 'b'].filter((name) =>
    isSameEntry(first.get(arnOf(`role/${name}`)), second.get(arnOf(`role/${name}`))),
  );
  expect(same).toEqual(['a']);
  const [one, other] = ['x', 'y'].map((value) => throughText(new Map([['k', { asOf: 1, value }]])).get('k'));
  expect(isSameEntry(one, throughText(new Map([['k', { asOf: 2, value: 'x' }]])).get('k'))).toBe(true);
  expect(isSameEntry(one, other)).toBe(false);
});

test('a question of which the outline of alike roles does not tell names the role that was asked', () => {
  const { identities } = identitiesFrom({
    principals: partOf(role('a', '1'), role('b', '2')),
    'managed-policies': new Map(),
    groups: new Map(),
  });
  const refused = identities.map(({ policies }) => {
    try {
      return policies.identity?.candidates('s3:putobject');
    } catch (error) {
      return String(error);
    }
  });
  expect(refused).toEqual(
    ['a', 'b'].map(
      (name) => `Error: the outline of ${arnOf(`role/${name}`)} does not tell about s3:putobject`,
    ),
  );
});

test('the path of a role makes no other kind of principal of it, nor takes the trust of roles that are alike', () => {
  const named = (name: string, path: string): Json => ({
    ...(role(name, name) as Record<string, Json>),
    Arn: arnOf(`role/${path}${name}`),
  });
  const { identities } = identitiesFrom({
    principals: partOf(named('a', 'x:user/'), named('b', '')),
    'managed-policies': new Map(),
    groups: new Map(),
  });
  expect(identities.map(({ name, trust: own, principal: { kind } }) => [name, kind, own?.name])).toEqual([
    ['b', 'role', `trust policy of ${arnOf('role/b')}`],
    ['a', 'role', `trust policy of ${arnOf('role/x:user/a')}`],
  ]);
});

test('a role that says more than others, or what nobody else says, stands in a part for itself', () => {
  const wordy = (name: string): Json => ({
    ...(role(name, name) as Record<string, Json>),
    RolePolicyList: Array.from({ length: 40 }, (_, index) => ({
      PolicyName: `${'p'.repeat(100)}${index}`,
      PolicyDocument: document('sqs:SendMessage'),
    })),
  });
  for (const part of [partOf(wordy('a'), wordy('b')), partOf(role('a', '1'))])
    expect([...part.values()].some((entry) => entry instanceof AlikeEntry)).toBe(false);
});

const ownEntry = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  asOf: fc.integer({ min: 1, max: 2 }),
  value: fc.constantFrom<Json>({ says: 'one' }, { says: 'two' }, null),
});
const mapOf = (list: readonly { key: string; asOf: number; value: Json }[]): Map<string, Entry> =>
  new Map(list.map(({ key, asOf, value }) => [key, { asOf, value }]));

const partOfAny = fc.oneof(
  fc.array(ownEntry).map(mapOf),
  fc
    .tuple(account, fc.integer({ min: 1, max: 2 }))
    .map(([details, asOf]) => principalEntries(details, asOf).principals),
);

test('beside an earlier version a part tells what it tells by itself, and of what stayed the same entries', () => {
  fc.assert(
    fc.property(partOfAny, partOfAny, (before, now) => {
      const known = throughText(before);
      const read = entriesInPart(partText(now), known);
      expect(said(read ?? new Map())).toEqual(said(now));
      for (const [key, entry] of read ?? []) {
        const stayed = known.get(key);
        const isSame =
          stayed?.asOf === entry.asOf && JSON.stringify(stayed.value) === JSON.stringify(entry.value);
        if (stayed === entry) expect(isSame).toBe(true);
        // One that is alike in one version and stands alone in the other is another entry.
        else if (isSame) expect(stayed instanceof AlikeEntry).not.toBe(entry instanceof AlikeEntry);
      }
    }),
  );
});

test('of a part with a value that is no JSON the others can be read, and whoever reads that one hears that the part is lost', () => {
  const entries = entriesInPart('1\t"a"\t{"says":1}\n1\t"b"\t{"says":') ?? new Map<string, Entry>();
  expect(readable(entries)).toBeUndefined();
  expect(readable(entries, (key) => key === 'a')).toBe(entries);
  expect(entries.get('a')?.value).toEqual({ says: 1 });
  expect(() => entries.get('b')?.value).toThrow(expect.objectContaining({ name: PART_LOST }));
});
