import { describe, expect, test } from '@jest/globals';
import { decidingPartOf, isNeverGranted } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import {
  ACCOUNT,
  type Asked,
  ask,
  broken,
  JOB,
  layer,
  OBJECT,
  OTHER,
  ROLE,
  requestOf,
  SESSION,
  USER,
} from '../../../support/builders/asking.ts';

const ALLOW = {};
const DENY = { Effect: 'Deny' };
const NEVER = { Action: 'none:*' };
const MAYBE = { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } };
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const to = (AWS: string | string[]) => ({ Principal: { AWS } });

type Case = [title: string, policies: Policies, asked: Asked, expected: string];

const run = (cases: Case[]): void => {
  const titled = cases.map(([title, ...rest]): [string, ...typeof rest] => [`${title}: ${rest[2]}`, ...rest]);
  test.each(titled)('%s', (_, policies, asked, expected) => {
    expect(ask(policies, asked)).toBe(expected);
    // Set questions ask nothing further about what is never granted, so this must hold for each request.
    if (isNeverGranted(policies, requestOf(asked))) expect(expected).toMatch(/Deny$/);
  });
};

const identity = layer('identity', ALLOW);
const nothing = layer('identity', NEVER);

const MINE = { Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT } } };
const decrypt = { action: 'kms:Decrypt' };

describe('the account of who calls KMS', () => {
  run([
    ['its own', { identity: layer('identity', MINE) }, decrypt, 'Allow'],
    [
      'another one',
      { identity: layer('identity', { Condition: { StringEquals: { 'kms:CallerAccount': OTHER } } }) },
      decrypt,
      'ImplicitDeny',
    ],
    ['of a call to another service', { identity: layer('identity', MINE) }, {}, 'ImplicitDeny'],
  ]);
});

describe('one layer', () => {
  run([
    ['no policy at all', {}, {}, 'ImplicitDeny'],
    ['an Allow', { identity }, {}, 'Allow'],
    ['an Allow of something else', { identity: nothing }, {}, 'ImplicitDeny'],
    ['a Deny beside an Allow', { identity: layer('identity', ALLOW, DENY) }, {}, 'ExplicitDeny'],
    ['a Deny of something else', { identity: layer('identity', ALLOW, { ...DENY, ...NEVER }) }, {}, 'Allow'],
    ['a Deny alone', { identity: layer('identity', DENY) }, {}, 'ExplicitDeny'],
    ['an Allow that hangs on a key', { identity: layer('identity', MAYBE) }, {}, 'Unknown'],
    ['the same beside a sure one', { identity: layer('identity', MAYBE, ALLOW) }, {}, 'Allow'],
    [
      'a Deny that hangs on a key',
      { identity: layer('identity', ALLOW, { ...DENY, ...MAYBE }) },
      {},
      'Unknown',
    ],
    [
      'the same where nothing allows',
      { identity: layer('identity', { ...DENY, ...MAYBE }) },
      {},
      'ImplicitDeny',
    ],
    [
      'the same beside a sure Deny',
      { identity: layer('identity', { ...DENY, ...MAYBE }, DENY) },
      {},
      'ExplicitDeny',
    ],
    ['a policy that cannot be read', { identity: broken('identity') }, {}, 'Unknown'],
    [
      'the same beside a Deny elsewhere',
      { identity: broken('identity'), scps: [layer('scp', DENY)] },
      {},
      'ExplicitDeny',
    ],
    [
      'the same where another layer allows nothing',
      { identity: broken('identity'), scps: [layer('scp', NEVER)] },
      {},
      'ImplicitDeny',
    ],
    [
      'an action in another case',
      { identity: layer('identity', { Action: 'S3:getobject' }) },
      { action: 's3:GetObject' },
      'Allow',
    ],
    ['an action by wildcard', { identity: layer('identity', { Action: 's3:Get*' }) }, {}, 'Allow'],
    ['an action by question mark', { identity: layer('identity', { Action: 's3:GetObjec?' }) }, {}, 'Allow'],
    ['NotAction of it', { identity: layer('identity', { NotAction: 's3:*' }) }, {}, 'ImplicitDeny'],
    [
      'NotAction of something else',
      { identity: layer('identity', { NotAction: ['iam:*', 's3:PutObject'] }) },
      {},
      'Allow',
    ],
    [
      'a resource by wildcard',
      { identity: layer('identity', { Resource: ['arn:aws:s3:::x', 'arn:aws:s3:::acme-*/in.???'] }) },
      {},
      'Allow',
    ],
    [
      'a resource in another case',
      { identity: layer('identity', { Resource: 'arn:aws:s3:::ACME-data/*' }) },
      {},
      'ImplicitDeny',
    ],
    [
      'NotResource of it',
      { identity: layer('identity', { NotResource: 'arn:aws:s3:::acme-*' }) },
      {},
      'ImplicitDeny',
    ],
    [
      'NotResource of something else',
      { identity: layer('identity', { NotResource: 'arn:aws:s3:::other/*' }) },
      {},
      'Allow',
    ],
    ['no resource, and a pattern for all', { identity }, { resource: '*' }, 'Allow'],
    [
      'no resource, and a pattern for some',
      { identity: layer('identity', { Resource: 'arn:aws:s3:::*' }) },
      { resource: '*' },
      'ImplicitDeny',
    ],
  ]);
});

describe('SageMaker ARNs', () => {
  const prefixed = (name: string) => ({
    identity: layer('identity', {
      Action: 'sagemaker:CreateTrainingJob',
      Resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:*/${name}-*`,
    }),
  });
  const create = { action: 'sagemaker:CreateTrainingJob', resource: JOB };
  run([
    ['the documented pattern with a star for the type', prefixed('fraud'), create, 'Allow'],
    ['another prefix', prefixed('frau'), create, 'ImplicitDeny'],
    ['a prefix that differs in its case only', prefixed('Fraud'), create, 'Unknown'],
    [
      'an ARN that differs in its case only',
      prefixed('fraud'),
      { ...create, resource: JOB.replace('fraud', 'FRAUD') },
      'Unknown',
    ],
    [
      'a Deny that differs in its case only',
      { identity: layer('identity', ALLOW, { ...DENY, Resource: JOB.replace('fraud', 'Fraud') }) },
      create,
      'Unknown',
    ],
  ]);
});

describe('boundary and session policies', () => {
  const boundary = layer('boundary', ALLOW);
  const session = layer('session', ALLOW);
  run([
    ['a boundary that allows', { identity, boundary }, {}, 'Allow'],
    ['a boundary that does not', { identity, boundary: layer('boundary', NEVER) }, {}, 'ImplicitDeny'],
    ['a boundary that denies', { identity, boundary: layer('boundary', ALLOW, DENY) }, {}, 'ExplicitDeny'],
    ['a boundary that may allow', { identity, boundary: layer('boundary', MAYBE) }, {}, 'Unknown'],
    ['a boundary grants nothing', { boundary }, {}, 'ImplicitDeny'],
    ['a session policy that allows', { identity, session }, {}, 'Allow'],
    ['a session policy that does not', { identity, session: layer('session', NEVER) }, {}, 'ImplicitDeny'],
    ['a session policy that denies', { identity, session: layer('session', DENY) }, {}, 'ExplicitDeny'],
    ['a session policy grants nothing', { session }, {}, 'ImplicitDeny'],
  ]);
});

describe('service control policies', () => {
  const full = layer('scp', ALLOW);
  const none = layer('scp', NEVER);
  const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker`;
  run([
    ['every level allows', { identity, scps: [full, full, full] }, {}, 'Allow'],
    ['the root does not', { identity, scps: [none, full, full] }, {}, 'ImplicitDeny'],
    ['a unit does not', { identity, scps: [full, none, full] }, {}, 'ImplicitDeny'],
    ['the account does not', { identity, scps: [full, full, none] }, {}, 'ImplicitDeny'],
    ['a level denies', { identity, scps: [full, layer('scp', ALLOW, DENY)] }, {}, 'ExplicitDeny'],
    ['they grant nothing', { scps: [full] }, {}, 'ImplicitDeny'],
    ['a level may allow', { identity, scps: [full, layer('scp', MAYBE)] }, {}, 'Unknown'],
    ['the management account is exempt', { identity, scps: [none], managementAccount: ACCOUNT }, {}, 'Allow'],
    [
      'another management account is not',
      { identity, scps: [none], managementAccount: OTHER },
      {},
      'ImplicitDeny',
    ],
    ['a service-linked role is exempt', { identity, scps: [none] }, { principal: linked }, 'Allow'],
    [
      'a service is not limited',
      { scps: [none], resource: layer('resource', { Principal: { Service: 'sagemaker.amazonaws.com' } }) },
      { principal: 'sagemaker.amazonaws.com' },
      'Allow',
    ],
    ['the root user is limited', { scps: [none] }, { principal: ROOT }, 'ImplicitDeny'],
  ]);
});

describe('resource control policies', () => {
  const deny = layer('rcp', { ...DENY, Principal: '*' });
  const fromOther = { principal: `arn:aws:iam::${OTHER}:role/Data`, resourceAccount: ACCOUNT };
  const open = layer('resource', { Principal: '*' });
  const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/s3.amazonaws.com/Linked`;
  run([
    ['one that denies', { identity, rcps: [deny] }, {}, 'ExplicitDeny'],
    [
      'one that denies something else',
      { identity, rcps: [layer('rcp', { ...DENY, ...NEVER, Principal: '*' })] },
      {},
      'Allow',
    ],
    [
      'what it does not deny needs no Allow in it',
      { identity, rcps: [layer('rcp', { ...NEVER, Principal: '*' })] },
      {},
      'Allow',
    ],
    [
      'another service',
      { identity, rcps: [deny] },
      { action: 'sagemaker:CreateTrainingJob', resource: JOB },
      'Allow',
    ],
    ['the action in another case', { identity, rcps: [deny] }, { action: 'S3:GetObject' }, 'ExplicitDeny'],
    [
      'a resource of the management account',
      { identity, rcps: [deny], managementAccount: ACCOUNT },
      {},
      'Allow',
    ],
    [
      'a principal of the management account',
      { identity, resource: open, rcps: [deny], memberAccount: ACCOUNT, managementAccount: OTHER },
      fromOther,
      'ExplicitDeny',
    ],
    ['a service-linked role', { identity, rcps: [deny] }, { principal: linked }, 'Allow'],
    ['a service', { rcps: [deny], resource: open }, { principal: 'sagemaker.amazonaws.com' }, 'ExplicitDeny'],
    [
      'one that may deny',
      { identity, rcps: [layer('rcp', { ...DENY, ...MAYBE, Principal: '*' })] },
      {},
      'Unknown',
    ],
  ]);
});

describe('resource policy, same account', () => {
  const boundary = layer('boundary', NEVER);
  const session = layer('session', NEVER);
  const grants = (AWS: string | string[]) => layer('resource', to(AWS));
  run([
    ['the user, without policies of its own', { resource: grants(USER) }, { principal: USER }, 'Allow'],
    ['the user, beyond its boundary', { resource: grants(USER), boundary }, { principal: USER }, 'Allow'],
    ['another user', { resource: grants(`${USER}2`) }, { principal: USER }, 'ImplicitDeny'],
    ['the role', { resource: grants(ROLE) }, {}, 'Allow'],
    ['the role, not beyond its boundary', { resource: grants(ROLE), boundary }, {}, 'ImplicitDeny'],
    ['the role, not beyond the session policy', { resource: grants(ROLE), session }, {}, 'ImplicitDeny'],
    [
      'the role, within both',
      { resource: grants(ROLE), boundary: layer('boundary', ALLOW), session: layer('session', ALLOW) },
      {},
      'Allow',
    ],
    [
      'the session, beyond both',
      { resource: grants(SESSION), boundary, session },
      { principal: SESSION },
      'Allow',
    ],
    ['the session, while only the role is known', { resource: grants(SESSION) }, {}, 'Unknown'],
    ['the role of a session', { resource: grants(ROLE) }, { principal: SESSION }, 'Allow'],
    [
      'the role with a path, of a session',
      { resource: grants(`arn:aws:iam::${ACCOUNT}:role/team/Data`) },
      { principal: SESSION },
      'Allow',
    ],
    [
      'a user of the same name as the role',
      { resource: grants(`arn:aws:iam::${ACCOUNT}:user/Data`) },
      {},
      'ImplicitDeny',
    ],
    [
      'a role of the same name elsewhere',
      { resource: grants(`arn:aws:iam::${OTHER}:role/Data`) },
      {},
      'ImplicitDeny',
    ],
    [
      'a session of another role',
      { resource: grants(`arn:aws:sts::${ACCOUNT}:assumed-role/Other/run`) },
      {},
      'ImplicitDeny',
    ],
    [
      'a session of the same role elsewhere',
      { resource: grants(`arn:aws:sts::${OTHER}:assumed-role/Data/run`) },
      {},
      'ImplicitDeny',
    ],
    ['another session', { resource: grants(`${SESSION}2`) }, { principal: SESSION }, 'ImplicitDeny'],
    ['the account grants nothing by itself', { resource: grants(ACCOUNT) }, {}, 'ImplicitDeny'],
    ['the account and the own policies', { resource: grants(ROOT), identity }, {}, 'Allow'],
    [
      'everyone, beyond boundary and session policy',
      { resource: grants('*'), boundary, session },
      {},
      'Allow',
    ],
    [
      'a Deny of the account',
      { identity, resource: layer('resource', { ...DENY, ...to(ROOT) }) },
      {},
      'ExplicitDeny',
    ],
    [
      'a Deny of another account',
      { identity, resource: layer('resource', { ...DENY, ...to(OTHER) }) },
      {},
      'Allow',
    ],
    ['a policy that allows nobody asked', { identity, resource: grants(`${USER}2`) }, {}, 'Allow'],
    [
      'a canonical user id',
      { resource: layer('resource', { Principal: { CanonicalUser: 'ab12' } }) },
      {},
      'ImplicitDeny',
    ],
    [
      'a Deny of a canonical user id',
      { identity, resource: layer('resource', { ...DENY, Principal: { CanonicalUser: 'ab12' } }) },
      {},
      'Unknown',
    ],
    ['the root user needs no policy', {}, { principal: ROOT }, 'Allow'],
    [
      'the root user, denied',
      { resource: layer('resource', { ...DENY, ...to(ROOT) }) },
      { principal: ROOT },
      'ExplicitDeny',
    ],
    ['a statement without Resource', { resource: broken('resource'), identity }, {}, 'Unknown'],
    ['the owner is stated to be the same', { identity }, { resourceAccount: ACCOUNT }, 'Allow'],
  ]);
});

describe('resource policy, two accounts', () => {
  const asked = { resourceAccount: OTHER };
  const grants = (AWS: string) => layer('resource', to(AWS));
  run([
    ['the own policies alone', { identity }, asked, 'ImplicitDeny'],
    ['the resource alone', { resource: grants(ROLE) }, asked, 'ImplicitDeny'],
    ['everyone alone', { resource: grants('*') }, asked, 'ImplicitDeny'],
    ['both, by role', { identity, resource: grants(ROLE) }, asked, 'Allow'],
    ['both, by account', { identity, resource: grants(ROOT) }, asked, 'Allow'],
    ['both, by everyone', { identity, resource: grants('*') }, asked, 'Allow'],
    ['both, by session', { identity, resource: grants(SESSION) }, { ...asked, principal: SESSION }, 'Allow'],
    [
      'both, but beyond the boundary',
      { identity, resource: grants('*'), boundary: layer('boundary', NEVER) },
      asked,
      'ImplicitDeny',
    ],
    [
      'both, but beyond the session policy',
      { identity, resource: grants(SESSION), session: layer('session', NEVER) },
      { ...asked, principal: SESSION },
      'ImplicitDeny',
    ],
    [
      'the account in the ARN counts',
      { identity },
      { action: 'sagemaker:CreateTrainingJob', resource: JOB.replace(ACCOUNT, OTHER) },
      'ImplicitDeny',
    ],
  ]);
});

describe('who is no IAM principal', () => {
  const service = { principal: 'sagemaker.amazonaws.com' };
  const toService = { Principal: { Service: 'sagemaker.amazonaws.com' } };
  const provider = `arn:aws:iam::${ACCOUNT}:saml-provider/Corp`;
  run([
    ['a service that is named', { resource: layer('resource', toService) }, service, 'Allow'],
    [
      'a service that is not',
      { resource: layer('resource', toService) },
      { principal: 'lambda.amazonaws.com' },
      'ImplicitDeny',
    ],
    [
      'a service, and everyone is named',
      { resource: layer('resource', { Principal: '*' }) },
      service,
      'Allow',
    ],
    [
      'a service, and an account is named',
      { resource: layer('resource', to(ROOT)) },
      service,
      'ImplicitDeny',
    ],
    [
      'a role of the same name as the service',
      { resource: layer('resource', toService) },
      {},
      'ImplicitDeny',
    ],
    ['a service has no policies of its own', { identity }, service, 'ImplicitDeny'],
    [
      'nobody, and everyone is named',
      { resource: layer('resource', { Principal: { AWS: '*' } }) },
      { principal: '*' },
      'Allow',
    ],
    [
      'nobody, and an account is named',
      { resource: layer('resource', to(ACCOUNT)) },
      { principal: '*' },
      'ImplicitDeny',
    ],
    ['nobody has policies of its own', { identity }, { principal: '*' }, 'ImplicitDeny'],
    [
      'a federated identity that is named',
      { resource: layer('trust', { Principal: { Federated: provider } }) },
      { principal: provider },
      'Allow',
    ],
    [
      'a federated identity that is not',
      { resource: layer('trust', { Principal: { Federated: `${provider}2` } }) },
      { principal: provider },
      'ImplicitDeny',
    ],
    [
      'a role, and a provider is named',
      { resource: layer('trust', { Principal: { Federated: ROLE } }) },
      {},
      'ImplicitDeny',
    ],
  ]);
});

describe('policies that must allow in the same account too', () => {
  const key = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234`;
  const decrypt = { action: 'kms:Decrypt', resource: key };
  const assumeRole = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/Target` };
  const trust = (principal: Record<string, string>) => layer('trust', { Principal: principal });
  run([
    ['a key without its policy', { identity }, decrypt, 'Unknown'],
    [
      'the same, where the own policies do not allow',
      { identity: nothing, resource: layer('resource', to(ACCOUNT)) },
      decrypt,
      'ImplicitDeny',
    ],
    ['a key that trusts the account', { identity, resource: layer('resource', to(ROOT)) }, decrypt, 'Allow'],
    ['a key that names the role', { resource: layer('resource', to(ROLE)) }, decrypt, 'Allow'],
    [
      'a key that names somebody else',
      { identity, resource: layer('resource', to(USER)) },
      decrypt,
      'ImplicitDeny',
    ],
    ['KMS without a key', { identity }, { action: 'kms:ListKeys', resource: '*' }, 'Allow'],
    [
      'an alias, which has no policy',
      { identity },
      { action: 'kms:CreateAlias', resource: key.replace('key/', 'alias/') },
      'Allow',
    ],
    ['a role without its trust policy', { identity }, assumeRole, 'Unknown'],
    ['a role that trusts the account', { identity, resource: trust({ AWS: ACCOUNT }) }, assumeRole, 'Allow'],
    ['the same, without own policies', { resource: trust({ AWS: ACCOUNT }) }, assumeRole, 'ImplicitDeny'],
    ['a role that trusts the role', { resource: trust({ AWS: ROLE }) }, assumeRole, 'Allow'],
    [
      'a role that trusts a service',
      { resource: trust({ Service: 'sagemaker.amazonaws.com' }) },
      { ...assumeRole, principal: 'sagemaker.amazonaws.com' },
      'Allow',
    ],
    [
      'a role that trusts another account',
      { identity, resource: trust({ AWS: OTHER }) },
      assumeRole,
      'ImplicitDeny',
    ],
    ['session tags', { identity }, { ...assumeRole, action: 'sts:TagSession' }, 'Unknown'],
    ['a source identity', { identity }, { ...assumeRole, action: 'sts:SetSourceIdentity' }, 'Unknown'],
    ['SAML', { identity }, { ...assumeRole, action: 'sts:AssumeRoleWithSAML' }, 'Unknown'],
    ['web identity', { identity }, { ...assumeRole, action: 'sts:AssumeRoleWithWebIdentity' }, 'Unknown'],
    ['who am I', { identity }, { action: 'sts:GetCallerIdentity', resource: '*' }, 'Allow'],
  ]);
});

describe('VPC endpoint', () => {
  run([
    [
      'a policy that allows everyone',
      { identity, endpoint: layer('endpoint', { Principal: '*' }) },
      {},
      'Allow',
    ],
    ['a policy that names nobody', { identity, endpoint: layer('endpoint', ALLOW) }, {}, 'Allow'],
    [
      'a policy that allows somebody else',
      { identity, endpoint: layer('endpoint', to(USER)) },
      {},
      'ImplicitDeny',
    ],
    [
      'a policy that denies',
      { identity, endpoint: layer('endpoint', { Principal: '*' }, { ...DENY, Principal: '*' }) },
      {},
      'ExplicitDeny',
    ],
    ['it grants nothing', { endpoint: layer('endpoint', { Principal: '*' }) }, {}, 'ImplicitDeny'],
  ]);
});

describe('NotPrincipal', () => {
  const but = (...AWS: string[]) => layer('resource', { Effect: 'Deny', NotPrincipal: { AWS } });
  const asUser = { principal: USER };
  const asSession = { principal: SESSION };
  run([
    ['somebody else', { identity, resource: but(`${USER}2`, ROOT) }, asUser, 'ExplicitDeny'],
    ['the user with its account', { identity, resource: but(USER, ROOT) }, asUser, 'Allow'],
    ['the user without its account', { identity, resource: but(USER) }, asUser, 'Unknown'],
    ['the account alone', { identity, resource: but(ACCOUNT) }, asUser, 'ExplicitDeny'],
    [
      'the session with role and account',
      { identity, resource: but(SESSION, ROLE, ROOT) },
      asSession,
      'Allow',
    ],
    ['the session without its role', { identity, resource: but(SESSION, ROOT) }, asSession, 'Unknown'],
    ['the role without its session', { identity, resource: but(ROLE, ROOT) }, asSession, 'Unknown'],
    ['the root user', { resource: but(ROOT) }, { principal: ROOT }, 'Allow'],
    ['everyone', { identity, resource: but('*') }, asUser, 'Allow'],
    [
      'whoever has a boundary is denied',
      { identity, resource: but(USER, ROOT), boundary: layer('boundary', ALLOW) },
      asUser,
      'ExplicitDeny',
    ],
    [
      'a service that is listed',
      {
        resource: layer(
          'resource',
          { Principal: '*' },
          { Effect: 'Deny', NotPrincipal: { Service: 'sagemaker.amazonaws.com' } },
        ),
      },
      { principal: 'sagemaker.amazonaws.com' },
      'Allow',
    ],
    [
      'a service that is not',
      { resource: layer('resource', { Principal: '*' }, { Effect: 'Deny', NotPrincipal: { AWS: ROOT } }) },
      { principal: 'sagemaker.amazonaws.com' },
      'ExplicitDeny',
    ],
    [
      'an Allow for all others',
      { resource: layer('resource', { NotPrincipal: { AWS: `${USER}2` } }) },
      asUser,
      'Allow',
    ],
    [
      'an Allow for all others, with a boundary',
      {
        resource: layer('resource', { NotPrincipal: { AWS: [USER, ROOT] } }),
        boundary: layer('boundary', ALLOW),
      },
      asUser,
      'ImplicitDeny',
    ],
  ]);
});

describe('what follows from the request', () => {
  const when = (Condition: Record<string, Record<string, string>>) => ({
    identity: layer('identity', { Condition }),
  });
  const is = (key: string, value: string) => when({ StringEquals: { [key]: value } });
  const isMissing = (key: string) => when({ Null: { [key]: 'true' } });
  const [PAST, ACTS_AT] = ['2026-01-01T00:00:00Z', '2026-11-24T09:00:00Z'];
  const cases: [string, Policies, Asked, string][] = [
    ['the ARN of a role', is('aws:PrincipalArn', ROLE), {}, 'Allow'],
    [
      'the ARN of the role of a session, whose path is not known',
      is('aws:PrincipalArn', ROLE),
      { principal: SESSION },
      'Unknown',
    ],
    [
      'the same where it is stated',
      is('aws:PrincipalArn', ROLE),
      { principal: SESSION, context: { 'aws:PrincipalArn': ROLE } },
      'Allow',
    ],
    [
      'a session from before its requests',
      when({ DateLessThan: { 'aws:TokenIssueTime': PAST } }),
      { actsAt: ACTS_AT },
      'ImplicitDeny',
    ],
    [
      'a session from after a moment',
      when({ DateGreaterThan: { 'aws:TokenIssueTime': PAST } }),
      { actsAt: ACTS_AT },
      'Allow',
    ],
    [
      'the keys of a user, which may be of no session',
      when({ DateLessThan: { 'aws:TokenIssueTime': PAST } }),
      { principal: USER, actsAt: ACTS_AT },
      'Unknown',
    ],
    [
      'a day that is over',
      when({ DateLessThan: { 'aws:CurrentTime': PAST } }),
      { actsAt: ACTS_AT },
      'ImplicitDeny',
    ],
    [
      'a day to come',
      when({ DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } }),
      { actsAt: ACTS_AT },
      'Allow',
    ],
    [
      'a day in seconds',
      when({ DateLessThan: { 'aws:EpochTime': '1767225600' } }),
      { actsAt: ACTS_AT },
      'ImplicitDeny',
    ],
    [
      'a number of seconds',
      when({ NumericGreaterThan: { 'aws:EpochTime': '1767225600' } }),
      { actsAt: ACTS_AT },
      'Allow',
    ],
    [
      'a day, where nobody tells the time',
      when({ DateLessThan: { 'aws:CurrentTime': PAST } }),
      {},
      'Unknown',
    ],
    [
      'a time that is stated',
      when({ DateLessThan: { 'aws:CurrentTime': PAST } }),
      { actsAt: ACTS_AT, context: { 'aws:CurrentTime': '2025-01-01T00:00:00Z' } },
      'Allow',
    ],
    ['the account', is('aws:PrincipalAccount', ACCOUNT), {}, 'Allow'],
    ['the type of a role', is('aws:PrincipalType', 'AssumedRole'), {}, 'Allow'],
    ['the type of a user', is('aws:PrincipalType', 'User'), { principal: USER }, 'Allow'],
    ['who is no service', is('aws:PrincipalIsAWSService', 'false'), {}, 'Allow'],
    ['the name of a user', is('aws:username', 'ana'), { principal: USER }, 'Allow'],
    ['a role has no user name', isMissing('aws:username'), {}, 'Allow'],
    ['no service stands behind it', isMissing('aws:SourceArn'), {}, 'Allow'],
    ['the service has no name', isMissing('aws:PrincipalServiceName'), {}, 'Allow'],
    ['the owner of the resource by its ARN', is('aws:ResourceAccount', ACCOUNT), { resource: JOB }, 'Allow'],
    [
      'the owner of the resource as stated',
      is('aws:ResourceAccount', ACCOUNT),
      { resourceAccount: ACCOUNT },
      'Allow',
    ],
    ['the owner of a bucket is not known', is('aws:ResourceAccount', ACCOUNT), {}, 'Unknown'],
    ['a key of another service', isMissing('iam:PassedToService'), {}, 'Allow'],
    ['a key of the service itself', isMissing('s3:prefix'), {}, 'Unknown'],
    ['a key of passing roles', isMissing('iam:PassedToService'), { action: 'iam:PassRole' }, 'Unknown'],
    ['a key of passing roles alone', isMissing('iam:PassedToService'), { action: 'iam:TagRole' }, 'Allow'],
    ['another such key', isMissing('iam:AssociatedResourceArn'), { action: 'iam:PutRolePolicy' }, 'Allow'],
    ['a key of several actions', isMissing('iam:PermissionsBoundary'), { action: 'iam:TagRole' }, 'Unknown'],
    [
      'a key of a role in a session',
      isMissing('iam:ResourceTag/a'),
      { action: 'sts:GetSessionToken' },
      'Unknown',
    ],
    ['a key of where the request is made', isMissing('ec2:SourceInstanceARN'), {}, 'Unknown'],
    ['a global key', isMissing('aws:SourceIp'), {}, 'Unknown'],
    ['a global key where all others are absent', isMissing('aws:SourceIp'), { others: 'absent' }, 'Allow'],
    [
      'a key that is stated to be absent',
      isMissing('aws:SourceIp'),
      { context: { 'aws:SourceIp': null } },
      'Allow',
    ],
  ];
  run(cases);
  test('of a service', () => {
    const resource = (Condition: Record<string, Record<string, string>>) => ({
      resource: layer('resource', { Principal: '*', Condition }),
    });
    const principal = 'sagemaker.amazonaws.com';
    const named = {
      StringEquals: { 'aws:PrincipalServiceName': principal, 'aws:PrincipalIsAWSService': 'true' },
    };
    expect(ask(resource(named), { principal })).toBe('Allow');
    expect(
      ask(resource({ Null: { 'aws:PrincipalArn': 'true', 'aws:PrincipalAccount': 'false' } }), { principal }),
    ).toBe('Allow');
    expect(ask(resource({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }), { principal })).toBe('Unknown');
    expect(ask(resource({ StringEquals: { 'aws:PrincipalType': 'Anonymous' } }), { principal: '*' })).toBe(
      'Allow',
    );
  });
});

test('a decision is the same when its request is repeated', () => {
  const policies = { identity: layer('identity', { Action: 's3:GetObject', Resource: OBJECT }) };
  for (const expected of ['Allow', 'Allow']) expect(ask(policies)).toBe(expected);
  for (let index = 0; index < 5000; index++) ask(policies, { action: `s3:Action${index}` });
  expect(ask(policies)).toBe('Allow');
});

describe('what is never granted', () => {
  const never = (policies: Policies, asked: Asked = {}) => isNeverGranted(policies, requestOf(asked));

  test('is what the principal’s own policies cannot allow', () => {
    expect(never({})).toBe(true);
    expect(never({ identity: nothing })).toBe(true);
    expect(never({ identity: layer('identity', DENY) })).toBe(true);
    expect(never({ identity })).toBe(false);
    expect(never({ identity: layer('identity', MAYBE) })).toBe(false);
  });

  test('is not known where the policies cannot be read, or something else may grant it', () => {
    expect(never({ identity: broken('identity') })).toBe(false);
    expect(never({ resource: layer('resource', DENY) })).toBe(false);
    expect(never({}, { principal: ROOT })).toBe(false);
    expect(never({}, { action: 'kms:Decrypt' })).toBe(false);
    expect(never({}, { action: 'sts:AssumeRole' })).toBe(false);
    expect(never({}, { action: 'STS:GetCallerIdentity' })).toBe(false);
  });
});

test.each([
  ['arn:aws:s3:::acme-data/raw/a:b', 'arn:aws:s3::'],
  ['arn:aws:sagemaker:eu-west-1:111122223333:model/a', 'arn:aws:sagemaker:eu-west-1:111122223333'],
  ['arn:aws:iam::111122223333:role/teams/a', 'arn:aws:iam::111122223333'],
])('of %s a decision looks at %s, apart from patterns', (resource, part) => {
  expect(decidingPartOf(resource)).toBe(part);
});

test.each([
  '*',
  'arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker',
  'arn:aws:kms:eu-west-1:111122223333:key/1234',
  'arn:aws:kms:eu-west-1:111122223333:alias/aws/s3',
])('of %s a decision looks at all', (resource) => {
  expect(decidingPartOf(resource)).toBe(resource);
});
