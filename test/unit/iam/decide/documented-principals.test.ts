import { describe, expect, test } from '@jest/globals';
import type { ContextValue } from '../../../../shared/iam/decide/context.ts';
import type { Decision } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import type { Json } from '../../../../shared/json/json.ts';
import {
  ACCOUNT,
  type Asked,
  ask,
  explained,
  layer,
  OTHER,
  ROLE,
  SESSION,
  USER,
} from '../../../support/builders/asking.ts';

type Statement = Record<string, Json>;
type Case = [name: string, policies: Policies, asked: Asked, decision: Decision];

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
const ORGANIZATIONS = 'https://docs.aws.amazon.com/organizations/latest/userguide';

const ALL: Statement = {};
const DENY: Statement = { Effect: 'Deny' };
const NONE: Statement = { Action: 'sqs:SendMessage' };
const identity = (...statements: Statement[]): Policies => ({ identity: layer('identity', ...statements) });
const to = (Principal: Json, more: Statement = {}) => layer('resource', { Principal, ...more });
const rcp = (more: Statement = {}) => layer('rcp', { ...DENY, Principal: '*', ...more });

const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
const SERVICE = 'cloudtrail.amazonaws.com';
const LINKED = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForNotebooks`;
const LINKED_SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/AWSServiceRoleForNotebooks/s`;
const BUCKET = 'arn:aws:s3:::acme-data';
const SECRET = (account: string) => `arn:aws:secretsmanager:eu-west-1:${account}:secret:a`;
const READ_SECRET = { action: 'secretsmanager:GetSecretValue' };
const MANAGED = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** What a bucket's policy with one condition makes of a request without any other policy. */
const by = (
  principal: string,
  Condition: Json,
  decision: Decision,
  context: Record<string, ContextValue> = {},
): Case => [
  `${principal}: ${JSON.stringify(Condition)}`,
  { resource: to('*', { Condition }) },
  { principal, context },
  decision,
];

/** A Deny by one condition over an Allow of everything. */
const denied = (principal: string, Condition: Json, decision: Decision): Case => [
  `${principal}: a Deny by ${JSON.stringify(Condition)}`,
  {
    ...identity(ALL),
    resource: layer('resource', { Principal: '*' }, { Principal: '*', ...DENY, Condition }),
  },
  { principal },
  decision,
];

/** What AWS's pages say of who asks, of whose the resource is, and of what limits both; names are ours. */
const PAGES: Record<string, Case[]> = {
  [`${GUIDE}/access_policies_managed-vs-inline.html`]: [
    ...[
      ['iam:GetPolicy', MANAGED],
      ['iam:GetPolicyVersion', 'arn:aws:iam::aws:policy/service-role/AmazonSageMakerServiceCatalogRole'],
      ['iam:GetUser', 'arn:aws:iam::aws:user/any'],
      ['iam:GetGroup', 'arn:aws:iam::aws:group/any'],
      ['iam:GetInstanceProfile', 'arn:aws:iam::aws:instance-profile/any'],
      ['sagemaker:DescribeHub', 'arn:aws:sagemaker:eu-west-1:aws:hub/SageMakerPublicHub'],
      [
        'sagemaker:DescribeHubContent',
        'arn:aws:sagemaker:eu-west-1:aws:hub-content/SageMakerPublicHub/Model/x/1',
      ],
      [
        'organizations:DescribePolicy',
        'arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess',
      ],
    ].flatMap(([action = '', resource = '']): Case[] => [
      [`${action} on what AWS owns needs an own policy`, {}, { action, resource }, 'ImplicitDeny'],
      [`${action} on what AWS owns needs no other`, identity(ALL), { action, resource }, 'Allow'],
      [`a Deny counts for ${action} there`, identity(ALL, DENY), { action, resource }, 'ExplicitDeny'],
      [
        `SCPs limit ${action} there`,
        { ...identity(ALL), scps: [layer('scp', NONE)] },
        { action, resource },
        'ImplicitDeny',
      ],
      [
        `an own policy by the ARN allows ${action}`,
        identity({ Action: action, Resource: resource }),
        { action, resource },
        'Allow',
      ],
      [
        `NotResource leaves ${action} out of a Deny`,
        identity(ALL, { ...DENY, Action: action, NotResource: resource }),
        { action, resource },
        'Allow',
      ],
      [
        `NotResource of something else denies ${action}`,
        identity(ALL, { ...DENY, NotAction: 's3:*', NotResource: 'arn:aws:s3:::*' }),
        { action, resource },
        'ExplicitDeny',
      ],
    ]),
    [
      'the account of what AWS owns is not told',
      identity({ Condition: { StringEquals: { 'aws:ResourceAccount': ACCOUNT } } }),
      { action: 'iam:GetPolicy', resource: MANAGED, others: 'unknown' },
      'Unknown',
    ],
    [
      'the same policy of another account needs that account',
      identity(ALL),
      { action: 'iam:GetPolicy', resource: MANAGED.replace('::aws:', `::${OTHER}:`) },
      'ImplicitDeny',
    ],
  ],
  [`${GUIDE}/reference-arns.html`]: [
    ...['aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-eusc'].flatMap((partition): Case[] => {
      const there = (arn: string) => arn.replace('arn:aws:', `arn:${partition}:`);
      return [
        [`nothing of aws from ${partition}`, identity(ALL), { principal: there(ROLE) }, 'ImplicitDeny'],
        [
          `nothing of ${partition} from aws`,
          identity(ALL),
          { resource: there(`${BUCKET}/x`) },
          'ImplicitDeny',
        ],
        [
          `also where the policy of a resource of ${partition} lets everyone in`,
          { ...identity(ALL), resource: to('*') },
          { principal: USER, resource: there(`${BUCKET}/x`) },
          'ImplicitDeny',
        ],
        [
          `all of ${partition} from ${partition}`,
          identity({ Resource: there('arn:aws:s3:::acme-*') }),
          { principal: there(SESSION), resource: there(`${BUCKET}/x`) },
          'Allow',
        ],
        [
          `the root user of ${partition} stays there`,
          {},
          { principal: `arn:${partition}:iam::${ACCOUNT}:root` },
          'ImplicitDeny',
        ],
        [
          `a Deny counts from ${partition} too`,
          identity(ALL, DENY),
          { principal: there(ROLE) },
          'ExplicitDeny',
        ],
        [
          `an account of the same number in ${partition} is another`,
          { resource: to({ AWS: there(ROLE) }) },
          {},
          'ImplicitDeny',
        ],
        [
          `a root ARN of ${partition} trusts no account of aws`,
          { ...identity(ALL), resource: to({ AWS: `arn:${partition}:iam::${ACCOUNT}:root` }) },
          { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k` },
          'ImplicitDeny',
        ],
      ];
    }),
    [
      'a service without a partition reaches each',
      { resource: to({ Service: 'sagemaker.amazonaws.com' }) },
      { principal: 'sagemaker.amazonaws.com', resource: 'arn:aws-cn:s3:::acme/x' },
      'Allow',
    ],
    [
      'a service of China reaches nothing else',
      { resource: to({ Service: 'ec2.amazonaws.com.cn' }) },
      { principal: 'ec2.amazonaws.com.cn' },
      'ImplicitDeny',
    ],
    [
      'without a resource no partition counts',
      identity(ALL),
      { action: 's3:ListAllMyBuckets', resource: '*' },
      'Allow',
    ],
  ],
  [`${GUIDE}/reference_policies_evaluation-logic_policy-eval-denyallow.html`]: [
    [
      'a federated user without a session policy may nothing',
      identity(ALL),
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'with one, what both allow',
      { ...identity(ALL), session: layer('session', ALL) },
      { principal: FEDERATED },
      'Allow',
    ],
    [
      'and not what the session policy leaves out',
      { ...identity(ALL), session: layer('session', NONE) },
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'nor what its user may not do',
      { ...identity(NONE), session: layer('session', ALL) },
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'what a resource grants the session itself needs neither',
      { resource: to({ AWS: FEDERATED }) },
      { principal: FEDERATED },
      'Allow',
    ],
    ['nor what it grants everyone', { resource: to('*') }, { principal: FEDERATED }, 'Allow'],
    [
      'what it grants another session is not for this one',
      { ...identity(ALL), resource: to({ AWS: `${FEDERATED}2` }) },
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'what it grants the user who asked for the session stays within its session policy',
      { session: layer('session', NONE), resource: to({ AWS: USER }) },
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'and which user that was, nobody knows',
      { session: layer('session', ALL), resource: to({ AWS: USER }) },
      { principal: FEDERATED },
      'Unknown',
    ],
    [
      'a user of another account was it not',
      { session: layer('session', ALL), resource: to({ AWS: USER.replace(ACCOUNT, OTHER) }) },
      { principal: FEDERATED },
      'ImplicitDeny',
    ],
    [
      'a Deny to a user may be about its session',
      { ...identity(ALL), session: layer('session', ALL), resource: to({ AWS: USER }, DENY) },
      { principal: FEDERATED },
      'Unknown',
    ],
    [
      'a role session without a session policy may what its role may',
      identity(ALL),
      { principal: SESSION },
      'Allow',
    ],
    ['a user has no session policy', identity(ALL), { principal: USER }, 'Allow'],
    [
      'in another account a federated user needs both as well',
      { ...identity(ALL), resource: to({ AWS: ACCOUNT }) },
      { principal: FEDERATED, resourceAccount: OTHER },
      'ImplicitDeny',
    ],
  ],
  [`${GUIDE}/reference_policies_evaluation-logic-cross-account.html`]: [
    [
      'the key aws:ResourceAccount tells the owner of a bucket',
      identity(ALL),
      { context: { 'aws:ResourceAccount': OTHER } },
      'ImplicitDeny',
    ],
    [
      'both then allow',
      { ...identity(ALL), resource: to({ AWS: ROLE }) },
      { context: { 'AWS:resourceaccount': OTHER } },
      'Allow',
    ],
    [
      'the bucket alone is not enough',
      { resource: to({ AWS: ROLE }) },
      { context: { 'aws:ResourceAccount': OTHER } },
      'ImplicitDeny',
    ],
    [
      'of another account, whichever it is, both must allow',
      identity(ALL),
      { isForeign: true },
      'ImplicitDeny',
    ],
    [
      'and do, though nobody says whose it is',
      { ...identity(ALL), resource: to('*') },
      { isForeign: true },
      'Allow',
    ],
    [
      'its account is not known then',
      { ...identity({ Condition: { StringEquals: { 'aws:ResourceAccount': OTHER } } }), resource: to('*') },
      { isForeign: true, others: 'unknown' },
      'Unknown',
    ],
    [
      'nor whether RCPs limit it',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()] },
      { isForeign: true, others: 'unknown' },
      'Unknown',
    ],
    [
      'the same for one of the own account',
      identity(ALL),
      { context: { 'aws:ResourceAccount': ACCOUNT } },
      'Allow',
    ],
  ],
  [`${ORGANIZATIONS}/orgs_manage_policies_scps.html`]: [
    ...[LINKED, LINKED_SESSION].flatMap((principal): Case[] => [
      [
        `SCPs do not limit ${principal}`,
        { ...identity(ALL), scps: [layer('scp', ALL, DENY), layer('scp', NONE)] },
        { principal },
        'Allow',
      ],
      [`its own policies limit ${principal}`, { ...identity(NONE), scps: [] }, { principal }, 'ImplicitDeny'],
      [`RCPs do not limit ${principal}`, { ...identity(ALL), rcps: [rcp()] }, { principal }, 'Allow'],
    ]),
    ...[
      `arn:aws:iam::${ACCOUNT}:role/AWSServiceRoleForNotebooks`,
      `arn:aws:iam::${ACCOUNT}:role/x/aws-service-role/AWSServiceRoleForNotebooks`,
      `arn:aws:iam::${ACCOUNT}:user/aws-service-role/AWSServiceRoleForNotebooks`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/MyAWSServiceRoleForNotebooks/s`,
      `arn:aws:sts::${ACCOUNT}:assumed-role/team/AWSServiceRoleForNotebooks`,
    ].map(
      (principal): Case => [
        `SCPs limit ${principal}`,
        { ...identity(ALL), scps: [layer('scp', ALL, DENY)] },
        { principal },
        'ExplicitDeny',
      ],
    ),
    [
      'SCPs are of the principal’s account, and not of the resource’s',
      { ...identity(ALL), resource: to('*'), scps: [layer('scp', ALL, DENY)], memberAccount: OTHER },
      { resourceAccount: OTHER, context: { 'aws:PrincipalOrgID': null } },
      'Allow',
    ],
    [
      'a principal of another account may be of the same organization',
      { ...identity(ALL), resource: to('*'), scps: [layer('scp', ALL, DENY)], memberAccount: OTHER },
      { resourceAccount: OTHER, others: 'unknown' },
      'Unknown',
    ],
  ],
  [`${ORGANIZATIONS}/orgs_manage_policies_rcps.html`]: [
    [
      'RCPs limit users of other accounts who come',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: OTHER },
      { ...READ_SECRET, resource: SECRET(OTHER) },
      'ExplicitDeny',
    ],
    [
      'and not what the own users do elsewhere',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: ACCOUNT },
      { ...READ_SECRET, resource: SECRET(OTHER), context: { 'aws:ResourceOrgID': null } },
      'Allow',
    ],
    [
      'nor in another organization',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: ACCOUNT },
      {
        resourceAccount: OTHER,
        context: { 'aws:PrincipalOrgID': 'o-own', 'aws:ResourceOrgID': 'o-other' },
      },
      'Allow',
    ],
    [
      'the root’s limit another account of the same organization',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: ACCOUNT },
      { resourceAccount: OTHER, context: { 'aws:PrincipalOrgID': 'o-own', 'aws:ResourceOrgID': 'o-own' } },
      'ExplicitDeny',
    ],
    [
      'those of a unit may',
      { ...identity(ALL), resource: to('*'), rcps: [layer('rcp', {}), rcp()], memberAccount: ACCOUNT },
      { resourceAccount: OTHER, context: { 'aws:PrincipalOrgID': 'o-own', 'aws:ResourceOrgID': 'o-own' } },
      'Unknown',
    ],
    [
      'whether the owner is under them, nobody says',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: ACCOUNT },
      { resourceAccount: OTHER, others: 'unknown' },
      'Unknown',
    ],
    [
      'whose they are, nobody says',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()] },
      {
        resourceAccount: OTHER,
        context: { 'aws:PrincipalOrgID': 'o-own', 'aws:ResourceOrgID': 'o-other' },
      },
      'Unknown',
    ],
    [
      'they are the owner’s where the principal is in no organization',
      { ...identity(ALL), resource: to('*'), rcps: [rcp()] },
      { resourceAccount: OTHER, context: { 'aws:PrincipalOrgID': null, 'aws:ResourceOrgID': 'o-other' } },
      'ExplicitDeny',
    ],
    [
      'what they do not deny needs nothing of the kind',
      { ...identity(ALL), resource: to('*'), rcps: [rcp({ Action: 's3:PutObject' })] },
      { resourceAccount: OTHER, others: 'unknown' },
      'Allow',
    ],
    ['they limit who is nobody', { resource: to('*'), rcps: [rcp()] }, { principal: '*' }, 'ExplicitDeny'],
    ['and services', { resource: to('*'), rcps: [rcp()] }, { principal: SERVICE }, 'ExplicitDeny'],
    ['and root users', { rcps: [rcp()] }, { principal: ACCOUNT }, 'ExplicitDeny'],
    [
      'but not who may assume a role that is linked to a service',
      {
        resource: layer('trust', {
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
        rcps: [rcp()],
      },
      { principal: 'sagemaker.amazonaws.com', action: 'sts:AssumeRole', resource: LINKED },
      'Allow',
    ],
    [
      'while they do so for other roles',
      {
        resource: layer('trust', {
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
        rcps: [rcp()],
      },
      { principal: 'sagemaker.amazonaws.com', action: 'sts:AssumeRole', resource: ROLE },
      'ExplicitDeny',
    ],
    [
      'kms:RetireGrant is exempt',
      { ...identity(ALL), resource: to({ AWS: ACCOUNT }), rcps: [rcp()] },
      { action: 'kms:RetireGrant', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k` },
      'Allow',
    ],
    [
      'a key that AWS manages is exempt',
      { ...identity(ALL), rcps: [rcp()] },
      { action: 'kms:CreateAlias', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/aws/s3` },
      'Allow',
    ],
    [
      'a service without RCPs is not limited',
      { ...identity(ALL), rcps: [rcp()] },
      { action: 'iam:PassRole', resource: ROLE },
      'Allow',
    ],
  ],
  [`${GUIDE}/reference_policies_condition-keys.html`]: [
    by('*', { StringEquals: { 'aws:PrincipalAccount': 'anonymous' } }, 'Allow'),
    by('*', { StringEqualsIfExists: { 'aws:PrincipalAccount': ACCOUNT } }, 'ImplicitDeny'),
    by('*', { StringNotEquals: { 'aws:PrincipalAccount': ACCOUNT } }, 'Allow'),
    by('*', { Null: { 'aws:PrincipalAccount': 'false' } }, 'Allow'),
    by('*', { Null: { 'aws:PrincipalArn': 'true', 'aws:PrincipalOrgID': 'true' } }, 'Allow'),
    by('*', { StringNotEquals: { 'aws:PrincipalOrgID': 'o-own' } }, 'Allow'),
    by('*', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-own' } }, 'Allow'),
    by('*', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-own/*' } }, 'ImplicitDeny'),
    by('*', { BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } }, 'Allow'),
    by('*', { Bool: { 'aws:PrincipalIsAWSService': 'false' } }, 'ImplicitDeny'),
    by('*', { StringEquals: { 'aws:PrincipalTag/team': 'ml' } }, 'ImplicitDeny'),
    by('*', { StringEquals: { 'aws:userid': 'anonymous', 'aws:PrincipalType': 'Anonymous' } }, 'Allow'),
    by('*', { Null: { 'aws:username': 'true', 'aws:SourceIdentity': 'true' } }, 'Allow'),
    by('*', { Bool: { 'aws:ViaAWSService': 'false' } }, 'Allow'),
    by('*', { Null: { 'aws:TokenIssueTime': 'true', 'aws:SourceArn': 'true' } }, 'Allow'),
    by(SERVICE, { StringEquals: { 'aws:PrincipalServiceName': SERVICE } }, 'Allow'),
    by(SERVICE, { Bool: { 'aws:PrincipalIsAWSService': 'true', 'aws:ViaAWSService': 'false' } }, 'Allow'),
    by(SERVICE, { StringEquals: { 'aws:PrincipalOrgID': 'o-own' } }, 'ImplicitDeny'),
    by(SERVICE, { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-own' } }, 'Allow'),
    by(SERVICE, { Null: { 'aws:PrincipalTag/team': 'true', 'aws:userid': 'false' } }, 'Allow'),
    by(SERVICE, { StringEquals: { 'aws:SourceAccount': ACCOUNT } }, 'Allow', {
      'aws:SourceAccount': ACCOUNT,
    }),
    by(ACCOUNT, { StringEquals: { 'aws:userid': ACCOUNT, 'aws:PrincipalType': 'Account' } }, 'Allow'),
    by(ACCOUNT, { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:root` } }, 'Allow'),
    denied(ACCOUNT, { Null: { 'aws:username': 'true' } }, 'ExplicitDeny'),
    denied(ACCOUNT, { Null: { 'aws:PrincipalTag/team': 'false' } }, 'Allow'),
    by(FEDERATED, { StringEquals: { 'aws:userid': `${ACCOUNT}:bob` } }, 'Allow'),
    by(FEDERATED, { StringEquals: { 'aws:PrincipalType': 'FederatedUser' } }, 'Allow'),
    by(FEDERATED, { ArnEquals: { 'aws:PrincipalArn': FEDERATED } }, 'Allow'),
    by(FEDERATED, { Null: { 'aws:username': 'true', 'aws:MultiFactorAuthPresent': 'true' } }, 'Allow'),
    by(USER, { StringEquals: { 'aws:username': 'ana', 'aws:PrincipalType': 'User' } }, 'Allow'),
    by(USER, { Null: { 'aws:FederatedProvider': 'true', 'aws:Ec2InstanceSourceVpc': 'true' } }, 'Allow'),
    by(SESSION, { StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }, 'Allow'),
    by(SESSION, { Null: { 'aws:username': 'true', 'aws:PrincipalArn': 'false' } }, 'Allow'),
    by(SESSION, { Null: { 'aws:PrincipalServiceName': 'true', 'aws:SourceAccount': 'true' } }, 'Allow'),
    ...(
      [
        ['arn:aws:sqs:eu-west-1:111122223333:q', 'ImplicitDeny'],
        ['arn:aws:sqs:eu-west-1:444455556666:q', 'Unknown'],
      ] as const
    ).map(
      ([resource, decision]): Case => [
        `the organization of ${resource} is that of a principal of its account`,
        {
          ...identity({ Condition: { StringNotEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } } }),
          resource: to({ AWS: ACCOUNT }),
        },
        {
          action: 'sqs:SendMessage',
          resource,
          context: { 'aws:PrincipalOrgID': 'o-own' },
          others: 'unknown',
        },
        decision,
      ],
    ),
    ...[
      'aws:CurrentTime',
      'aws:SecureTransport',
      'aws:RequestedRegion',
      'aws:ViaAWSService',
      'aws:UserAgent',
    ].map(
      (key): Case => [
        `a request has ${key}, whatever it is`,
        identity(ALL, { ...DENY, Condition: { Null: { [key]: 'true' } } }),
        { others: 'unknown' },
        'Allow',
      ],
    ),
  ],
  [`${GUIDE}/reference_policies_condition-single-vs-multi-valued-context-keys.html`]: [
    ...(
      [
        ['ForAnyValue:StringLike', '*', '', 'ImplicitDeny'],
        ['ForAnyValue:StringEquals', '', '', 'ImplicitDeny'],
        ['ForAnyValue:StringNotEquals', 'a', '', 'ImplicitDeny'],
        ['ForAnyValue:StringLikeIfExists', '*', '', 'ImplicitDeny'],
        ['ForAnyValue:StringLikeIfExists', 'a', null, 'Allow'],
        ['ForAllValues:StringEquals', 'a', '', 'Allow'],
        ['ForAllValues:StringNotEquals', 'a', '', 'Allow'],
        ['ForAllValues:StringEquals', 'a', ['', ''], 'Allow'],
        ['ForAnyValue:StringLike', '*', ['', ''], 'ImplicitDeny'],
        ['ForAnyValue:StringLike', 'a*', ['', 'ab'], 'Allow'],
        ['ForAnyValue:StringNotEquals', 'a', ['', 'a'], 'Unknown'],
        ['ForAllValues:StringLike', 'a*', ['', 'ab'], 'Unknown'],
        ['ForAllValues:StringLike', 'a*', ['', 'b'], 'ImplicitDeny'],
        ['ForAllValues:StringLike', '*', ['', 'b'], 'Allow'],
        ['Null', 'true', '', 'Allow'],
        ['Null', 'false', '', 'ImplicitDeny'],
        ['Null', 'false', ['', 'a'], 'Allow'],
        ['Null', 'true', null, 'Allow'],
        ['StringEquals', '', '', 'Allow'],
        ['StringEqualsIfExists', 'a', '', 'ImplicitDeny'],
        ['StringLike', '*', '', 'Allow'],
        ['StringLike', '?*', '', 'ImplicitDeny'],
      ] as const
    ).map(
      ([operator, wanted, given, decision]): Case => [
        `${operator} of ${JSON.stringify(wanted)} with ${JSON.stringify(given)}`,
        identity({ Condition: { [operator]: { 'sagemaker:VpcSubnets': wanted } } }),
        {
          action: 'sagemaker:CreateTrainingJob',
          resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/x`,
          context: { 'sagemaker:VpcSubnets': given === null ? null : [given].flat() },
        },
        decision,
      ],
    ),
    [
      'ForAllValues with the Null guard lets no empty text through',
      identity({
        Condition: {
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' },
          Null: { 'aws:TagKeys': 'false' },
        },
      }),
      { context: { 'aws:TagKeys': '' } },
      'ImplicitDeny',
    ],
  ],
  'https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html': [
    ...[ROLE, SESSION, USER, FEDERATED, ACCOUNT].map(
      (principal): Case => [
        `${principal} may ask who it is, whatever denies it`,
        { ...identity(ALL, DENY), scps: [layer('scp', ALL, DENY)] },
        { principal, action: 'sts:GetCallerIdentity', resource: '*' },
        'Allow',
      ],
    ),
    [
      'nobody may not',
      identity(ALL),
      { principal: '*', action: 'sts:GetCallerIdentity', resource: '*' },
      'ImplicitDeny',
    ],
    [
      'and nothing else is asked about so',
      identity(ALL, DENY),
      { action: 'sts:GetSessionToken', resource: '*' },
      'ExplicitDeny',
    ],
  ],
  [`${GUIDE}/reference_policies_variables.html#principaltable`]: [
    ...(
      [
        ['s3:GetObject', `${BUCKET}/x`, 'Allow'],
        ['sqs:SendMessage', `arn:aws:sqs:eu-west-1:${ACCOUNT}:q`, 'Allow'],
        ['sns:Publish', `arn:aws:sns:eu-west-1:${ACCOUNT}:t`, 'Allow'],
        ['secretsmanager:GetSecretValue', SECRET(ACCOUNT), 'Unknown'],
        ['kms:Decrypt', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k`, 'Unknown'],
      ] as const
    ).map(
      ([action, resource, decision]): Case => [
        `without credentials, ${action} on what is open to everyone`,
        { resource: to('*') },
        { principal: '*', action, resource },
        decision,
      ],
    ),
    [
      'without credentials, what is open to nobody',
      { resource: to({ AWS: ACCOUNT }) },
      { principal: '*', ...READ_SECRET, resource: SECRET(ACCOUNT) },
      'ImplicitDeny',
    ],
  ],
  'https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html': [
    ...['s3:GetBucketPolicy', 's3:PutBucketPolicy', 'S3:deletebucketpolicy'].flatMap((action): Case[] => [
      [
        `the root user keeps ${action}, whatever the bucket’s policy denies`,
        { resource: to('*', DENY) },
        { principal: ACCOUNT, action, resource: BUCKET },
        'Allow',
      ],
      [
        `SCPs take ${action} from it`,
        { resource: to('*', DENY), scps: [layer('scp', ALL, DENY)] },
        { principal: ACCOUNT, action, resource: BUCKET },
        'ExplicitDeny',
      ],
      [
        `the policy of an endpoint takes ${action} from it`,
        { resource: to('*', DENY), endpoint: layer('endpoint', { Principal: '*', ...NONE }) },
        { principal: ACCOUNT, action, resource: BUCKET },
        'ImplicitDeny',
      ],
      [
        `others are denied ${action}`,
        { ...identity(ALL), resource: to('*', DENY) },
        { action, resource: BUCKET },
        'ExplicitDeny',
      ],
      [
        `the root user of another account is denied ${action}`,
        { resource: to('*', DENY) },
        { principal: ACCOUNT, action, resource: BUCKET, resourceAccount: OTHER },
        'ExplicitDeny',
      ],
    ]),
    [
      'what else the bucket’s policy denies, it denies the root user too',
      { resource: to('*', DENY) },
      { principal: ACCOUNT, action: 's3:GetObject' },
      'ExplicitDeny',
    ],
  ],
};

describe.each(Object.entries(PAGES))('%s', (_, cases) => {
  test.each(cases)('%s', (_name, policies, asked, decision) => {
    expect(ask(policies, { others: 'absent', ...asked })).toBe(decision);
  });
});

describe('the explanation says', () => {
  test('that the partitions differ', () => {
    const asked = { resource: 'arn:aws-cn:s3:::acme/x' };
    expect(explained(identity(ALL), asked)).toEqual({
      decision: 'ImplicitDeny',
      decidedBy: [],
      missingContext: [],
      doubts: [],
      because: `${ROLE} is of the partition aws, and reaches nothing of the partition aws-cn`,
    });
  });

  test('that a federated user lacks a session policy', () => {
    expect(explained(identity(ALL), { principal: FEDERATED }).failedLayer).toEqual({ layer: 'session' });
  });

  test('which organization is unknown', () => {
    const policies = { ...identity(ALL), resource: to('*'), rcps: [rcp()], memberAccount: ACCOUNT };
    const { missingContext, doubts, decidedBy } = explained(policies, { resourceAccount: OTHER });
    expect(missingContext).toEqual(['aws:ResourceOrgID', 'aws:PrincipalOrgID']);
    expect(doubts).toEqual([expect.stringContaining(`whether the RCPs limit resources of ${OTHER}`)]);
    expect(decidedBy).toEqual([expect.objectContaining({ layer: 'rcp', level: 0, effect: 'Deny' })]);
  });

  test('that the user behind a federated session is unknown', () => {
    const policies = { session: layer('session', ALL), resource: to({ AWS: USER }) };
    expect(explained(policies, { principal: FEDERATED }).doubts).toEqual([
      `whether ${USER} is the user who asked for the session ${FEDERATED} is not known`,
    ]);
  });
});
