import { describe, expect, test } from '@jest/globals';
import type { Decision } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import type { Json } from '../../../../shared/json/json.ts';
import {
  ACCOUNT,
  type Asked,
  ask,
  JOB,
  layer,
  OBJECT,
  OTHER,
  ROLE,
  SESSION,
  USER,
} from '../../../support/builders/asking.ts';

type Statement = Record<string, Json>;
type Case = [name: string, policies: Policies, asked: Asked, decision: Decision];

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
const ORGANIZATIONS = 'https://docs.aws.amazon.com/organizations/latest/userguide';
const SAGEMAKER = 'https://docs.aws.amazon.com/sagemaker/latest/dg';

const identity = (...statements: Statement[]): Policies => ({ identity: layer('identity', ...statements) });
const ALL: Statement = {};
const READ: Statement = { Action: 's3:GetObject' };
const NONE: Statement = { Action: 'sqs:SendMessage' };
const DENY: Statement = { Effect: 'Deny' };
const to = (Principal: Json, more: Statement = {}) => layer('resource', { Principal, ...more });
const everything = layer('scp', ALL);
const ofUser: Asked = { principal: USER };
const ofSession: Asked = { principal: SESSION };
const ofOther: Asked = { resourceAccount: OTHER };

/** A decision that depends on one condition, with the values of its key; null if the request lacks the key. */
const on = (
  operator: string,
  key: string,
  wanted: Json,
  found: string | string[] | null,
  decision: Decision,
  name = `${operator} of ${JSON.stringify(wanted)} with ${JSON.stringify(found)}`,
): Case => [
  name,
  identity({ Condition: { [operator]: { [key]: wanted } } }),
  { context: { [key]: found } },
  decision,
];

/** What AWS's pages say about the outcome, case by case; names and resources are ours. */
const PAGES: Record<string, Case[]> = {
  [`${GUIDE}/reference_policies_evaluation-logic_policy-eval-denyallow.html`]: [
    ['without an Allow a request is denied', identity(NONE), {}, 'ImplicitDeny'],
    ['without any policy as well', {}, {}, 'ImplicitDeny'],
    ['an Allow overrides that', identity(READ), {}, 'Allow'],
    ['a Deny overrides any Allow', identity(READ, ALL, DENY), {}, 'ExplicitDeny'],
    [
      'a Deny about something else does not',
      identity(READ, { ...DENY, Action: 's3:PutObject' }),
      {},
      'Allow',
    ],
    ['a Deny in a resource policy counts', { ...identity(ALL), resource: to('*', DENY) }, {}, 'ExplicitDeny'],
    ['a Deny in an SCP counts', { ...identity(ALL), scps: [layer('scp', ALL, DENY)] }, {}, 'ExplicitDeny'],
    [
      'a Deny in a boundary counts',
      { ...identity(ALL), boundary: layer('boundary', ALL, DENY) },
      {},
      'ExplicitDeny',
    ],
    [
      'a Deny in a session policy counts',
      { ...identity(ALL), session: layer('session', ALL, DENY) },
      ofSession,
      'ExplicitDeny',
    ],
    [
      'a Deny in an RCP counts',
      { ...identity(ALL), rcps: [layer('rcp', { ...DENY, Principal: '*' })] },
      {},
      'ExplicitDeny',
    ],
    ['an SCP without Allow denies', { ...identity(ALL), scps: [layer('scp', NONE)] }, {}, 'ImplicitDeny'],
    [
      'a boundary without Allow denies',
      { ...identity(ALL), boundary: layer('boundary', NONE) },
      {},
      'ImplicitDeny',
    ],
    [
      'a session policy without Allow denies',
      { ...identity(ALL), session: layer('session', NONE) },
      ofSession,
      'ImplicitDeny',
    ],
    ['the root user needs no Allow of its own', {}, { principal: ACCOUNT }, 'Allow'],
    ['but SCPs limit it', { scps: [layer('scp', NONE)] }, { principal: ACCOUNT }, 'ImplicitDeny'],
  ],
  [`${GUIDE}/reference_policies_evaluation-logic_policy-eval-basics-single-account.html`]: [
    ['identity policies alone', identity(READ), {}, 'Allow'],
    ['a resource policy that names the user', { resource: to({ AWS: USER }) }, ofUser, 'Allow'],
    ['a resource policy that names the role', { resource: to({ AWS: ROLE }) }, ofSession, 'Allow'],
    ['a resource policy that names the session', { resource: to({ AWS: SESSION }) }, ofSession, 'Allow'],
    ['a resource policy that names another', { resource: to({ AWS: `${USER}2` }) }, ofUser, 'ImplicitDeny'],
    ['either of the two', { ...identity(NONE), resource: to({ AWS: USER }) }, ofUser, 'Allow'],
    [
      'a boundary does not limit what a resource policy gives a user',
      { ...identity(NONE), boundary: layer('boundary', NONE), resource: to({ AWS: USER }) },
      ofUser,
      'Allow',
    ],
    [
      'a boundary limits what a resource policy gives a role',
      { boundary: layer('boundary', NONE), resource: to({ AWS: ROLE }) },
      ofSession,
      'ImplicitDeny',
    ],
    [
      'a session policy limits what a resource policy gives a role',
      { session: layer('session', NONE), resource: to({ AWS: ROLE }) },
      ofSession,
      'ImplicitDeny',
    ],
    [
      'neither limits what it gives the session itself',
      { boundary: layer('boundary', NONE), session: layer('session', NONE), resource: to({ AWS: SESSION }) },
      ofSession,
      'Allow',
    ],
    [
      'an SCP limits what it gives the session itself',
      { scps: [layer('scp', NONE)], resource: to({ AWS: SESSION }) },
      ofSession,
      'ImplicitDeny',
    ],
    [
      'a VPC endpoint policy limits it as well',
      { endpoint: layer('endpoint', { ...NONE, Principal: '*' }), resource: to({ AWS: SESSION }) },
      ofSession,
      'ImplicitDeny',
    ],
    [
      'a key policy must allow',
      { ...identity(ALL), resource: to({ AWS: OTHER }) },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k` },
      'ImplicitDeny',
    ],
    [
      'or hand it over to the account',
      { ...identity(ALL), resource: to({ AWS: ACCOUNT }) },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k` },
      'Allow',
    ],
    [
      'a trust policy must allow',
      { ...identity(ALL), resource: layer('trust', { Principal: { AWS: OTHER }, Action: 'sts:AssumeRole' }) },
      { principal: USER, action: 'sts:AssumeRole', resource: ROLE },
      'ImplicitDeny',
    ],
    [
      'and can do so alone',
      { resource: layer('trust', { Principal: { AWS: USER }, Action: 'sts:AssumeRole' }) },
      { principal: USER, action: 'sts:AssumeRole', resource: ROLE },
      'Allow',
    ],
  ],
  [`${GUIDE}/reference_policies_evaluation-logic-cross-account.html`]: [
    ['both accounts must allow', { ...identity(READ), resource: to({ AWS: ROLE }) }, ofOther, 'Allow'],
    [
      'the account of the principal does not',
      { ...identity(NONE), resource: to({ AWS: ROLE }) },
      ofOther,
      'ImplicitDeny',
    ],
    ['the account of the resource does not', identity(READ), ofOther, 'ImplicitDeny'],
    ['it allows another', { ...identity(READ), resource: to({ AWS: OTHER }) }, ofOther, 'ImplicitDeny'],
    ['it allows the whole account', { ...identity(READ), resource: to({ AWS: ACCOUNT }) }, ofOther, 'Allow'],
    ['it allows everyone', { ...identity(READ), resource: to('*') }, ofOther, 'Allow'],
    ['a Deny in either counts', { ...identity(READ, DENY), resource: to('*') }, ofOther, 'ExplicitDeny'],
    [
      'a boundary limits',
      { ...identity(READ), boundary: layer('boundary', NONE), resource: to({ AWS: USER }) },
      { ...ofOther, ...ofUser },
      'ImplicitDeny',
    ],
    [
      'an SCP of the principal’s account limits',
      { ...identity(READ), scps: [layer('scp', NONE)], resource: to('*') },
      ofOther,
      'ImplicitDeny',
    ],
  ],
  [`${GUIDE}/access_policies_boundaries.html`]: [
    ['what both allow', { ...identity(ALL), boundary: layer('boundary', READ) }, {}, 'Allow'],
    [
      'what only the policies allow',
      { ...identity(ALL), boundary: layer('boundary', READ) },
      { action: 's3:PutObject' },
      'ImplicitDeny',
    ],
    [
      'what only the boundary allows',
      { ...identity(READ), boundary: layer('boundary', ALL) },
      { action: 's3:PutObject' },
      'ImplicitDeny',
    ],
    ['a boundary alone gives nothing', { boundary: layer('boundary', ALL) }, {}, 'ImplicitDeny'],
    [
      'with SCPs all three',
      { ...identity(ALL), boundary: layer('boundary', ALL), scps: [layer('scp', READ)] },
      { action: 's3:PutObject' },
      'ImplicitDeny',
    ],
  ],
  [`${GUIDE}/access_policies.html#policies_session`]: [
    ['what both allow', { ...identity(ALL), session: layer('session', READ) }, ofSession, 'Allow'],
    [
      'what only the role allows',
      { ...identity(ALL), session: layer('session', READ) },
      { ...ofSession, action: 's3:PutObject' },
      'ImplicitDeny',
    ],
    [
      'what only the session allows',
      { ...identity(NONE), session: layer('session', ALL) },
      ofSession,
      'ImplicitDeny',
    ],
  ],
  [`${ORGANIZATIONS}/orgs_manage_policies_scps_evaluation.html`]: [
    [
      'every level allows',
      { ...identity(ALL), scps: [everything, everything, layer('scp', READ)] },
      {},
      'Allow',
    ],
    [
      'one level does not',
      { ...identity(ALL), scps: [everything, layer('scp', NONE), everything] },
      {},
      'ImplicitDeny',
    ],
    [
      'the last level does not',
      { ...identity(ALL), scps: [everything, everything, layer('scp', NONE)] },
      {},
      'ImplicitDeny',
    ],
    [
      'one level denies',
      { ...identity(ALL), scps: [layer('scp', ALL, DENY), everything] },
      {},
      'ExplicitDeny',
    ],
    ['SCPs grant nothing', { scps: [everything] }, {}, 'ImplicitDeny'],
    [
      'the management account is exempt',
      { ...identity(ALL), scps: [layer('scp', DENY)], managementAccount: ACCOUNT },
      {},
      'Allow',
    ],
    [
      'another management account changes nothing',
      { ...identity(ALL), scps: [layer('scp', DENY)], managementAccount: OTHER },
      {},
      'ExplicitDeny',
    ],
    [
      'service-linked roles are exempt',
      { ...identity(ALL), scps: [layer('scp', DENY)] },
      { principal: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/x.amazonaws.com/X` },
      'Allow',
    ],
    [
      'users of such a path are not',
      { ...identity(ALL), scps: [layer('scp', DENY)] },
      { principal: `arn:aws:iam::${ACCOUNT}:user/a:role/aws-service-role/X` },
      'ExplicitDeny',
    ],
  ],
  [`${ORGANIZATIONS}/orgs_manage_policies_rcps.html`]: [
    [
      'an RCP denies whoever asks',
      { ...identity(ALL), rcps: [layer('rcp', { ...DENY, Principal: '*', Action: 's3:*' })] },
      {},
      'ExplicitDeny',
    ],
    [
      'it is for some services only',
      { ...identity(ALL), rcps: [layer('rcp', { ...DENY, Principal: '*' })] },
      { action: 'sagemaker:CreateModel', resource: JOB },
      'Allow',
    ],
    ['it grants nothing', { rcps: [layer('rcp', { Principal: '*' })] }, {}, 'ImplicitDeny'],
    [
      'it limits other accounts that come',
      {
        ...identity(ALL),
        resource: to('*'),
        rcps: [
          layer('rcp', {
            ...DENY,
            Principal: '*',
            Condition: { StringNotEquals: { 'aws:PrincipalAccount': OTHER } },
          }),
        ],
        memberAccount: OTHER,
      },
      ofOther,
      'ExplicitDeny',
    ],
  ],
  [`${GUIDE}/reference_policies_elements_principal.html`]: [
    [
      'an account hands it to its own policies',
      { ...identity(READ), resource: to({ AWS: ACCOUNT }) },
      ofOther,
      'Allow',
    ],
    ['an account alone gives nobody in it anything', { resource: to({ AWS: ACCOUNT }) }, {}, 'ImplicitDeny'],
    [
      'its root ARN is the same',
      { ...identity(READ), resource: to({ AWS: `arn:aws:iam::${ACCOUNT}:root` }) },
      ofOther,
      'Allow',
    ],
    ['everyone, also without credentials', { resource: to('*') }, { principal: '*' }, 'Allow'],
    ['everyone of AWS is written so as well', { resource: to({ AWS: '*' }) }, ofUser, 'Allow'],
    [
      'a service',
      { resource: to({ Service: 'sagemaker.amazonaws.com' }) },
      { principal: 'sagemaker.amazonaws.com' },
      'Allow',
    ],
    [
      'another service',
      { resource: to({ Service: 'lambda.amazonaws.com' }) },
      { principal: 'sagemaker.amazonaws.com' },
      'ImplicitDeny',
    ],
    ['one of a list', { resource: to({ AWS: [OTHER, USER] }) }, ofUser, 'Allow'],
    ['a role stands for its sessions', { resource: to({ AWS: ROLE }) }, ofSession, 'Allow'],
    ['a session stands for itself only', { resource: to({ AWS: `${SESSION}2` }) }, ofSession, 'ImplicitDeny'],
  ],
  [`${GUIDE}/reference_policies_elements_notprincipal.html`]: [
    [
      'a Deny of all but the user',
      { ...identity(ALL), resource: layer('resource', { ...DENY, NotPrincipal: { AWS: [ACCOUNT, USER] } }) },
      ofUser,
      'Allow',
    ],
    [
      'holds for another',
      { ...identity(ALL), resource: layer('resource', { ...DENY, NotPrincipal: { AWS: [ACCOUNT, USER] } }) },
      { principal: `${USER}2` },
      'ExplicitDeny',
    ],
    [
      'a role needs its session listed as well',
      {
        ...identity(ALL),
        resource: layer('resource', { ...DENY, NotPrincipal: { AWS: [ACCOUNT, ROLE, SESSION] } }),
      },
      ofSession,
      'Allow',
    ],
  ],
  [`${GUIDE}/reference_policies_elements_notaction.html`]: [
    ['all but some actions', identity({ NotAction: 'iam:*' }), {}, 'Allow'],
    [
      'but not those',
      identity({ NotAction: 'iam:*' }),
      { action: 'iam:GetRole', resource: ROLE },
      'ImplicitDeny',
    ],
    [
      'a Deny of all but some',
      identity(ALL, { ...DENY, NotAction: ['s3:Get*', 's3:List*'] }),
      { action: 's3:PutObject' },
      'ExplicitDeny',
    ],
    ['lets those through', identity(ALL, { ...DENY, NotAction: ['s3:Get*', 's3:List*'] }), {}, 'Allow'],
  ],
  [`${GUIDE}/reference_policies_elements_notresource.html`]: [
    [
      'all but a bucket',
      identity(ALL, { ...DENY, NotResource: ['arn:aws:s3:::acme-data', 'arn:aws:s3:::acme-data/*'] }),
      {},
      'Allow',
    ],
    [
      'and so not another',
      identity(ALL, { ...DENY, NotResource: ['arn:aws:s3:::acme-data/*'] }),
      { resource: 'arn:aws:s3:::other/x' },
      'ExplicitDeny',
    ],
  ],
  [`${GUIDE}/reference_policies_elements_action.html`]: [
    ['without regard to letter case', identity({ Action: 'S3:getOBJECT' }), {}, 'Allow'],
    ['with a star', identity({ Action: 's3:*Object' }), {}, 'Allow'],
    ['with question marks', identity({ Action: 's3:G?tObject' }), {}, 'Allow'],
    ['of one service', identity({ Action: 'sqs:*' }), {}, 'ImplicitDeny'],
  ],
  [`${GUIDE}/reference_policies_elements_resource.html`]: [
    ['a star reaches over slashes', identity({ Resource: 'arn:aws:s3:::acme-*' }), {}, 'Allow'],
    ['a star reaches over colons', identity({ Resource: 'arn:aws:*in.csv' }), {}, 'Allow'],
    [
      'a question mark is one character',
      identity({ Resource: 'arn:aws:s3:::acme-data/in?csv' }),
      {},
      'Allow',
    ],
    ['and not none', identity({ Resource: 'arn:aws:s3:::acme-data/in.csv?' }), {}, 'ImplicitDeny'],
    ['with regard to letter case', identity({ Resource: OBJECT.replace('in', 'IN') }), {}, 'ImplicitDeny'],
  ],
  [`${GUIDE}/reference_policies_elements_condition_operators.html`]: [
    on('StringEquals', 'aws:SourceVpc', 'vpc-1', 'vpc-1', 'Allow'),
    on('StringEquals', 'aws:SourceVpc', 'vpc-1', 'VPC-1', 'ImplicitDeny'),
    on('StringEquals', 'aws:SourceVpc', ['vpc-1', 'vpc-2'], 'vpc-2', 'Allow'),
    on('StringEquals', 'aws:SourceVpc', 'vpc-*', 'vpc-1', 'ImplicitDeny'),
    on('StringEquals', 'aws:SourceVpc', 'vpc-1', null, 'ImplicitDeny'),
    on('StringNotEquals', 'aws:SourceVpc', 'vpc-1', 'vpc-2', 'Allow'),
    on('StringNotEquals', 'aws:SourceVpc', ['vpc-1', 'vpc-2'], 'vpc-2', 'ImplicitDeny'),
    on('StringNotEquals', 'aws:SourceVpc', 'vpc-1', null, 'Allow'),
    on('StringEqualsIgnoreCase', 'aws:SourceVpc', 'vpc-1', 'VPC-1', 'Allow'),
    on('StringNotEqualsIgnoreCase', 'aws:SourceVpc', 'vpc-1', 'VPC-1', 'ImplicitDeny'),
    on('StringLike', 'aws:SourceVpc', 'vpc-?*', 'vpc-12', 'Allow'),
    on('StringLike', 'aws:SourceVpc', 'vpc-?*', 'vpc-', 'ImplicitDeny'),
    on('StringNotLike', 'aws:SourceVpc', 'vpc-*', 'vpce-1', 'Allow'),
    on('NumericEquals', 's3:max-keys', '10', '10.0', 'Allow'),
    on('NumericNotEquals', 's3:max-keys', '10', '11', 'Allow'),
    on('NumericLessThan', 's3:max-keys', '10', '9', 'Allow'),
    on('NumericLessThan', 's3:max-keys', '10', '10', 'ImplicitDeny'),
    on('NumericLessThanEquals', 's3:max-keys', '10', '10', 'Allow'),
    on('NumericGreaterThan', 's3:max-keys', '10', '9', 'ImplicitDeny'),
    on('NumericGreaterThanEquals', 's3:max-keys', '10', '10', 'Allow'),
    on('NumericLessThan', 's3:max-keys', '10', null, 'ImplicitDeny'),
    on('DateGreaterThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', 'Allow'),
    on('DateLessThan', 'aws:CurrentTime', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'ImplicitDeny'),
    on('DateLessThanEquals', 'aws:CurrentTime', '2026-01-01', '2026-01-01T00:00:00Z', 'Allow'),
    on('DateEquals', 'aws:EpochTime', '1767225600', '2026-01-01T00:00:00Z', 'Allow'),
    on('Bool', 'aws:SecureTransport', 'true', 'true', 'Allow'),
    on('Bool', 'aws:SecureTransport', 'false', 'true', 'ImplicitDeny'),
    on('Bool', 'aws:MultiFactorAuthPresent', 'true', null, 'ImplicitDeny'),
    on('BinaryEquals', 'aws:x', 'QmluYXJ5', 'QmluYXJ5', 'Allow'),
    on('IpAddress', 'aws:SourceIp', '203.0.113.0/24', '203.0.113.7', 'Allow'),
    on('IpAddress', 'aws:SourceIp', '203.0.113.0/24', '203.0.114.7', 'ImplicitDeny'),
    on('IpAddress', 'aws:SourceIp', '203.0.113.7', '203.0.113.7', 'Allow'),
    on('IpAddress', 'aws:SourceIp', '2001:db8::/32', '2001:db8::7', 'Allow'),
    on('NotIpAddress', 'aws:SourceIp', '203.0.113.0/24', '203.0.114.7', 'Allow'),
    on(
      'ArnEquals',
      'aws:SourceArn',
      'arn:aws:sns:*:111122223333:a',
      'arn:aws:sns:eu-west-1:111122223333:a',
      'Allow',
    ),
    on(
      'ArnLike',
      'aws:SourceArn',
      'arn:aws:sns:*:111122223333:a',
      'arn:aws:sns:x:y:111122223333:a',
      'ImplicitDeny',
    ),
    on('ArnNotLike', 'aws:SourceArn', 'arn:aws:sns:*:*:a', 'arn:aws:sns:eu-west-1:111122223333:b', 'Allow'),
    on(
      'ArnNotEquals',
      'aws:SourceArn',
      'arn:aws:sns:*:*:a',
      'arn:aws:sns:eu-west-1:111122223333:a',
      'ImplicitDeny',
    ),
    on('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1', null, 'Allow'),
    on('StringEqualsIfExists', 'aws:SourceVpc', 'vpc-1', 'vpc-2', 'ImplicitDeny'),
    on('NumericLessThanIfExists', 's3:max-keys', '10', null, 'Allow'),
    on('Null', 'aws:TokenIssueTime', 'true', null, 'Allow'),
    on('Null', 'aws:TokenIssueTime', 'true', '2026-01-01T00:00:00Z', 'ImplicitDeny'),
    on('Null', 'aws:TokenIssueTime', 'false', '2026-01-01T00:00:00Z', 'Allow'),
    on('Null', 'aws:TokenIssueTime', 'false', null, 'ImplicitDeny'),
  ],
  [`${GUIDE}/reference_policies_multi-value-conditions.html`]: [
    ...(
      [
        ['203.0.113.7', 'vpc-1', 'Allow'],
        ['203.0.113.7', 'vpc-2', 'ImplicitDeny'],
        ['192.0.2.1', 'vpc-1', 'ImplicitDeny'],
      ] as const
    ).map(
      ([ip, vpc, decision]): Case => [
        `all operators and all keys of them must hold: ${ip} in ${vpc}`,
        identity({
          Condition: {
            IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '203.0.113.0/24'] },
            StringEquals: { 'aws:SourceVpc': 'vpc-1' },
          },
        }),
        { context: { 'aws:SourceIp': ip, 'aws:SourceVpc': vpc } },
        decision,
      ],
    ),
  ],
  [`${GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html`]: [
    on('ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b'], ['a'], 'Allow'),
    on('ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b'], ['a', 'c'], 'ImplicitDeny'),
    on('ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b'], null, 'Allow'),
    on('ForAllValues:StringEquals', 'aws:TagKeys', ['a', 'b'], [], 'Allow'),
    on('ForAnyValue:StringEquals', 'aws:TagKeys', ['a', 'b'], ['a', 'c'], 'Allow'),
    on('ForAnyValue:StringEquals', 'aws:TagKeys', ['a', 'b'], ['c'], 'ImplicitDeny'),
    on('ForAnyValue:StringEquals', 'aws:TagKeys', ['a', 'b'], null, 'ImplicitDeny'),
    on('ForAllValues:StringNotEquals', 'aws:TagKeys', ['a'], ['b', 'c'], 'Allow'),
    on('ForAllValues:StringNotEquals', 'aws:TagKeys', ['a'], ['a', 'c'], 'ImplicitDeny'),
    on('ForAnyValue:StringNotEquals', 'aws:TagKeys', ['a'], ['a', 'c'], 'Allow'),
  ],
  [`${GUIDE}/reference_policies_variables.html`]: [
    [
      'a variable in a resource',
      identity({ Resource: 'arn:aws:s3:::acme-data/${aws:username}/*' }),
      { principal: USER, resource: 'arn:aws:s3:::acme-data/ana/x', context: { 'aws:username': 'ana' } },
      'Allow',
    ],
    [
      'the folder of another',
      identity({ Resource: 'arn:aws:s3:::acme-data/${aws:username}/*' }),
      { principal: USER, resource: 'arn:aws:s3:::acme-data/bob/x', context: { 'aws:username': 'ana' } },
      'ImplicitDeny',
    ],
    [
      'a variable that the request does not carry',
      identity({ Resource: 'arn:aws:s3:::acme-data/${aws:PrincipalTag/team}/*' }),
      { resource: 'arn:aws:s3:::acme-data//x', context: { 'aws:PrincipalTag/team': null } },
      'ImplicitDeny',
    ],
    [
      'a default stands in for it',
      identity({ Resource: "arn:aws:s3:::acme-data/${aws:PrincipalTag/team, 'all'}/*" }),
      { resource: 'arn:aws:s3:::acme-data/all/x', context: { 'aws:PrincipalTag/team': null } },
      'Allow',
    ],
    [
      'and does not where it is there',
      identity({ Resource: "arn:aws:s3:::acme-data/${aws:PrincipalTag/team, 'all'}/*" }),
      { resource: 'arn:aws:s3:::acme-data/all/x', context: { 'aws:PrincipalTag/team': 'ml' } },
      'ImplicitDeny',
    ],
    [
      'a default without quotes is none',
      identity({ Resource: 'arn:aws:s3:::acme-data/${aws:PrincipalTag/team, all}/*' }),
      { resource: 'arn:aws:s3:::acme-data/all/x', context: { 'aws:PrincipalTag/team': null } },
      'ImplicitDeny',
    ],
    [
      'white space around the key',
      identity({ Resource: "arn:aws:s3:::acme-data/${ aws:PrincipalTag/team , 'all' }/*" }),
      { resource: 'arn:aws:s3:::acme-data/ml/x', context: { 'aws:PrincipalTag/team': 'ml' } },
      'Allow',
    ],
    [
      'a variable in a condition',
      identity({ Condition: { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } } }),
      { context: { 'aws:ResourceTag/team': 'ml', 'aws:PrincipalTag/team': 'ml' } },
      'Allow',
    ],
    [
      'a star in a value is a star',
      identity({ Resource: 'arn:aws:s3:::acme-data/${aws:PrincipalTag/team}' }),
      { context: { 'aws:PrincipalTag/team': '*' } },
      'ImplicitDeny',
    ],
    [
      '${*} is a star',
      identity({ Resource: 'arn:aws:s3:::acme-data/${*}' }),
      { resource: 'arn:aws:s3:::acme-data/*' },
      'Allow',
    ],
    ['${*} is no wildcard', identity({ Resource: 'arn:aws:s3:::acme-data/${*}' }), {}, 'ImplicitDeny'],
    [
      '${?} is a question mark',
      identity({ Resource: 'arn:aws:s3:::acme-data/${?}' }),
      { resource: 'arn:aws:s3:::acme-data/?' },
      'Allow',
    ],
    [
      '${$} is a dollar sign',
      identity({ Resource: 'arn:aws:s3:::acme-data/${$}' }),
      { resource: 'arn:aws:s3:::acme-data/$' },
      'Allow',
    ],
  ],
  [`${SAGEMAKER}/build-and-manage-access.html`]: [
    ...(
      [
        ['training-job/MyBaseJobName-a1b2', 'Allow'],
        ['processing-job/MyBaseJobName-a1b2', 'Allow'],
        ['training-job/MyBaseJobName', 'ImplicitDeny'],
        ['training-job/Other-a1b2', 'ImplicitDeny'],
        ['training-job/mybasejobname-a1b2', 'Unknown'],
      ] as const
    ).map(
      ([job, decision]): Case => [
        `a job prefix: ${job}`,
        identity({
          Action: 'sagemaker:CreateTrainingJob',
          Resource: [`arn:aws:sagemaker:eu-west-1:${ACCOUNT}:*/MyBaseJobName-*`],
        }),
        { action: 'sagemaker:CreateTrainingJob', resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:${job}` },
        decision,
      ],
    ),
    ...(
      [
        ['6', 'Allow'],
        ['10', 'Allow'],
        ['5', 'ImplicitDeny'],
        [null, 'ImplicitDeny'],
      ] as const
    ).map(
      ([version, decision]): Case => [
        `versions from 6 on: ${version}`,
        identity({
          Action: ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'],
          Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': 6 } },
        }),
        {
          action: 'sagemaker:StartPipelineExecution',
          resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/p`,
          context: { 'sagemaker:PipelineVersionId': version },
        },
        decision,
      ],
    ),
    ...(
      [
        [{ 'aws:PrincipalTag/json-get': 'true', 'aws:SourceVpc': null }, 'Allow'],
        [{ 'aws:PrincipalTag/json-get': null, 'aws:SourceVpc': null }, 'ExplicitDeny'],
        [{ 'aws:PrincipalTag/json-get': null, 'aws:SourceVpc': 'vpc-1' }, 'Allow'],
      ] as const
    ).map(
      ([context, decision]): Case => [
        `the exception of an SCP by a tag of the execution role: ${JSON.stringify(context)}`,
        {
          ...identity(ALL),
          scps: [
            layer('scp', ALL, {
              ...DENY,
              Action: 's3:*',
              Condition: {
                StringNotEquals: { 'aws:SourceVpc': 'vpc-1', 'Aws:PrincipalTag/json-get': 'true' },
              },
            }),
          ],
        },
        { context },
        decision,
      ],
    ),
  ],
};

describe.each(Object.entries(PAGES))('%s', (_, cases) => {
  test.each(cases)('%s', (_name, policies, asked, decision) => {
    expect(ask(policies, { others: 'absent', ...asked })).toBe(decision);
  });
});
