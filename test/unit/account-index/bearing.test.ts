import { expect, test } from '@jest/globals';
import { bearingOf as bearingIn, knownBefore } from '../../../shared/account-index/bearing.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import type { Json } from '../../../shared/json/json.ts';

const { directory: NOTHING } = identitiesOf({});

const bearingOf = (identity: Parameters<typeof bearingIn>[0]) => bearingIn(identity, NOTHING);

const ARN = 'arn:aws:iam::111122223333:role/train';

const statement = (...actions: string[]): Json => ({ Effect: 'Allow', Action: actions, Resource: '*' });

const role = (statements: Json[], over: Record<string, Json> = {}) =>
  identitiesOf({
    RoleDetailList: [
      {
        Arn: ARN,
        RoleName: 'train',
        RolePolicyList: [
          { PolicyName: 'p', PolicyDocument: { Version: '2012-10-17', Statement: statements } },
        ],
        ...over,
      },
    ],
  }).identities[0];

const BASE = [statement('iam:PassRole'), statement('s3:GetObject', 'sagemaker:CreateTrainingJob')];
const base = bearingOf(role(BASE));

test('what a role reads, logs or decrypts matters to nobody else', () => {
  const changed = bearingOf(role([...BASE, statement('s3:GetObject'), statement('sagemaker:ListTags')]));
  expect(changed.onPrincipals).toBe(base.onPrincipals);
});

test('the place of a statement and its Sid matter to nobody else', () => {
  const named = { ...(BASE[1] as object), Sid: 'Jobs' } as Json;
  expect(bearingOf(role([BASE[0] as Json, named])).onPrincipals).toBe(base.onPrincipals);
});

test.each<[string, Json[], Record<string, Json>]>([
  ['a call of IAM', [...BASE, statement('iam:PutRolePolicy')], {}],
  ['what it writes in buckets', [...BASE, statement('s3:PutObject')], {}],
  ['a wildcard', [...BASE, statement('s3:*')], {}],
  ['NotAction', [...BASE, { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], {}],
  ['a Deny', [...BASE, { Effect: 'Deny', Action: 'iam:*', Resource: '*' }], {}],
  ['a Deny of what only changes data', [...BASE, { Effect: 'Deny', Action: 'logs:*', Resource: '*' }], {}],
  ['less than before', [BASE[0] as Json], {}],
  ['a service that it did not use before', [...BASE, statement('logs:PutLogEvents')], {}],
  ['a tag', BASE, { Tags: [{ Key: 'team', Value: 'a' }] }],
  [
    'its trust policy',
    BASE,
    {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      },
    },
  ],
  [
    'its boundary',
    BASE,
    { PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/b' } },
  ],
  [
    'a managed policy that cannot be read',
    BASE,
    { AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::111122223333:policy/m' }] },
  ],
])('%s matters to others', (_, statements, over) => {
  expect(bearingOf(role(statements, over)).onPrincipals).not.toBe(base.onPrincipals);
});

test('a role that is gone is another thing than one without policies', () => {
  expect(bearingOf(undefined)).not.toEqual(bearingOf(role([statement('s3:GetObject')])));
});

test('a version of its policy that somebody may put in force matters to others', () => {
  const arn = 'arn:aws:iam::111122223333:policy/own';
  const version = (VersionId: string, action: string): Json => ({
    VersionId,
    IsDefaultVersion: VersionId === 'v2',
    Document: { Version: '2012-10-17', Statement: statement(action) },
  });
  const bearing = (...versions: Json[]) => {
    const { identities, directory } = identitiesOf({
      RoleDetailList: [{ Arn: ARN, RoleName: 'train', AttachedManagedPolicies: [{ PolicyArn: arn }] }],
      Policies: [{ Arn: arn, PolicyVersionList: [version('v2', 's3:GetObject'), ...versions] }],
    });
    return bearingIn(identities[0], directory).onPrincipals;
  };
  expect(bearing(version('v1', 'iam:*'))).not.toBe(bearing());
  expect(bearing(version('v1', 'iam:*'))).not.toBe(bearing(version('v1', 'iam:PassRole')));
  expect(bearing(version('v1', 'iam:*'))).toBe(bearing(version('v1', 'iam:*')));
});

const settled = { onPrincipals: 'a', onBuckets: 'b' };
const HOUR = 60 * 60 * 1000;

test('what looks have settled is known whenever a change was made', () => {
  expect(knownBefore(settled, 1)).toEqual(settled);
  expect(knownBefore(undefined, 1)).toBeUndefined();
});

test.each<[string, number | undefined, boolean]>([
  ['hours before the sweep', 1 * HOUR, true],
  ['a minute before the sweep, which IAM may show late', 2 * HOUR - 60_000, false],
  ['during the sweep’s listing', 2.5 * HOUR, false],
  ['hours after the listing', 5 * HOUR, true],
  ['at a time that nobody tells', undefined, false],
  ['at a time that cannot be read', Number.NaN, false],
])('what a sweep has settled is known of a change %s', (_, changedAt, isKnown) => {
  const swept = { ...settled, swept: { from: 2 * HOUR, until: 3 * HOUR } };
  expect(knownBefore(swept, changedAt)).toEqual(isKnown ? swept : undefined);
});
