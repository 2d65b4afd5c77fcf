import { describe, expect, test } from '@jest/globals';
import { identitiesOf } from '../../../../shared/iam/decide/authorization-details.ts';
import { contextOf } from '../../../../shared/iam/decide/context.ts';
import { contextValues } from '../../../../shared/iam/decide/context-values.ts';
import { decide } from '../../../../shared/iam/decide/decide.ts';
import type { Principal } from '../../../../shared/iam/policy/principal.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { ACCOUNT, documentOf, layer, OBJECT, ROLE, USER } from '../../../support/builders/asking.ts';

const MANAGED = `arn:aws:iam::${ACCOUNT}:policy/Read`;
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/Bound`;
const policy = (Arn: string, Document: Json) => ({
  Arn,
  PolicyVersionList: [
    { Document: documentOf({ Effect: 'Deny' }), IsDefaultVersion: false },
    { Document, IsDefaultVersion: true },
  ],
});
const attach = (PolicyArn: string) => [{ PolicyName: 'x', PolicyArn }];

const DETAILS = {
  Policies: [
    policy(MANAGED, encodeURIComponent(JSON.stringify(documentOf({ Action: 's3:Get*' })))),
    policy(BOUNDARY, documentOf({ Resource: OBJECT })),
  ],
  GroupDetailList: [
    {
      GroupName: 'team',
      Arn: `arn:aws:iam::${ACCOUNT}:group/team`,
      GroupPolicyList: [{ PolicyName: 'g', PolicyDocument: documentOf({ Action: 's3:PutObject' }) }],
      AttachedManagedPolicies: attach(MANAGED),
    },
  ],
  UserDetailList: [
    {
      UserName: 'ana',
      Arn: USER,
      GroupList: ['team'],
      UserPolicyList: [{ PolicyName: 'u', PolicyDocument: documentOf({ Action: 'sqs:*' }) }],
    },
    { UserName: 'bob', Arn: `${USER}2`, GroupList: ['gone'] },
  ],
  RoleDetailList: [
    {
      RoleName: 'Data',
      Arn: ROLE,
      AssumeRolePolicyDocument: documentOf({}),
      RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: documentOf({ Action: 'iam:*' }) }],
      AttachedManagedPolicies: attach(MANAGED),
      PermissionsBoundary: { PermissionsBoundaryArn: BOUNDARY },
      Tags: [{ Key: 'team', Value: 'ml' }],
    },
    {
      RoleName: 'Lost',
      Arn: `${ROLE}2`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      },
      AttachedManagedPolicies: attach('arn:aws:iam::aws:policy/Gone'),
    },
    { RoleName: 'Bad', Arn: 'not an ARN' },
  ],
};

const account = () => identitiesOf(DETAILS as unknown as Json);
const may = (name: string, action: string, resource = OBJECT) => {
  const identity = account().identities.find((each) => each.name === name);
  if (!identity) throw new Error(name);
  return decide(identity.policies, { principal: identity.principal, action, resource, context: contextOf() });
};

test('each role and user has its inline, attached and group policies, within its boundary', () => {
  expect(account().identities.map(({ name }) => name)).toEqual(['Data', 'Lost', 'ana', 'bob']);
  expect([may('Data', 's3:GetObject'), may('Data', 'iam:GetRole'), may('Data', 's3:PutObject')]).toEqual([
    'Allow',
    'Allow',
    'ImplicitDeny',
  ]);
  expect(may('Data', 's3:GetObject', 'arn:aws:s3:::other')).toBe('ImplicitDeny');
  expect([
    may('ana', 's3:GetObject'),
    may('ana', 's3:PutObject'),
    may('ana', 'sqs:SendMessage'),
    may('ana', 'iam:GetRole'),
  ]).toEqual(['Allow', 'Allow', 'Allow', 'ImplicitDeny']);
});

test('an attached policy that the output lacks makes the decision Unknown', () => {
  expect([may('Lost', 's3:GetObject'), may('bob', 's3:GetObject')]).toEqual(['Unknown', 'Unknown']);
});

test('each role has its trust policy and tags', () => {
  const { identities } = account();
  const [data, lost] = identities;
  expect(lost?.trust).toMatchObject({ isReadable: true, kind: 'trust', name: `trust policy of ${ROLE}2` });
  expect(identities[2]?.trust).toBeUndefined();
  expect(data?.principal.tags).toEqual(new Map([['team', 'ml']]));
});

describe('tags in the sessions', () => {
  const trusting = (Principal: Json, Action: Json): Json => ({
    RoleDetailList: [
      {
        RoleName: 'Data',
        Arn: ROLE,
        Tags: [{ Key: 'team', Value: 'ml' }],
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Principal, Action },
        },
        RolePolicyList: [
          {
            PolicyName: 'own',
            PolicyDocument: documentOf({
              Action: 'iam:PassRole',
              Condition: { StringEquals: { 'aws:PrincipalTag/team': 'fraud' } },
            }),
          },
        ],
      },
    ],
  });
  const PROVIDER = `arn:aws:iam::${ACCOUNT}:saml-provider/sso`;
  const BOTH = ['sts:AssumeRoleWithSAML', 'sts:TagSession'];

  test.each<[string, Json, Json, string]>([
    ['people whose provider of identities may tell tags', { Federated: PROVIDER }, BOTH, 'Unknown'],
    ['people whose provider may tell none', { Federated: PROVIDER }, BOTH.slice(0, 1), 'ImplicitDeny'],
    ['whoever may assume the role with tags', { AWS: '*' }, 'sts:*', 'Unknown'],
    ['pods of EKS', { Service: 'pods.eks.amazonaws.com' }, ['sts:AssumeRole', 'sts:TagSession'], 'Unknown'],
    [
      'a service that brings none',
      { Service: 'sagemaker.amazonaws.com' },
      ['sts:AssumeRole', 'sts:TagSession'],
      'ImplicitDeny',
    ],
  ])('of %s', (_, Principal, Action, expected) => {
    const [data] = identitiesOf(trusting(Principal, Action)).identities;
    if (!data) throw new Error('no identity');
    const request = { principal: data.principal, action: 'iam:PassRole', resource: ROLE };
    expect(decide(data.policies, { ...request, context: contextOf() })).toBe(expected);
  });
});

test('problems are listed with the names of their policies', () => {
  expect(account().problems.map(({ policy: name, code, pointer }) => [name, code, pointer])).toEqual([
    [`trust policy of ${ROLE}`, 'missing-element', '/Statement/0'],
    ['arn:aws:iam::aws:policy/Gone', 'missing-document', ''],
    ['group gone', 'missing-document', ''],
  ]);
});

test('a managed policy is read once, however many principals have it', () => {
  const [data, , ana] = account().identities;
  const of = (identity: typeof data) =>
    identity?.policies.identity?.policies.find(({ name }) => name === MANAGED);
  expect(of(data)).toBe(of(ana));
});

test.each([null, [], 'x', {}, { RoleDetailList: 'x' }, { RoleDetailList: [null, 5, {}] }])(
  '%j has no identities',
  (details) => {
    const { identities, profiles, problems, directory } = identitiesOf(details);
    expect([identities, [...profiles], problems, directory.groups]).toEqual([[], [], [], []]);
    expect(directory.otherVersions(MANAGED)).toEqual([]);
  },
);

const trusting = (Principal: Json): Json => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
});
const OLD_INSTANCES = { NumericLessThan: { 'ec2:RoleDelivery': '2.0' } };

test.each<[title: string, trust: Json, condition: Json, expected: string]>([
  [
    'a role that only SageMaker assumes',
    trusting({ Service: 'sagemaker.amazonaws.com' }),
    OLD_INSTANCES,
    'Allow',
  ],
  ['a role that another account assumes', trusting({ AWS: '999988887777' }), OLD_INSTANCES, 'Allow'],
  ['a role of instances', trusting({ Service: 'ec2.amazonaws.com' }), OLD_INSTANCES, 'Unknown'],
  ['a role that anyone may assume', trusting('*'), OLD_INSTANCES, 'Unknown'],
  ['a role whose trust policy cannot be read', '{', OLD_INSTANCES, 'Unknown'],
  [
    'a role that only SageMaker assumes, and calls of functions',
    trusting({ Service: 'sagemaker.amazonaws.com' }),
    { Null: { 'lambda:SourceFunctionArn': 'false' } },
    'Allow',
  ],
])(
  'keys that a service brings into its requests are absent where it cannot assume the role: %s',
  (_, trust, condition, expected) => {
    const { identities } = identitiesOf({
      RoleDetailList: [
        {
          RoleName: 'worker',
          Arn: ROLE,
          AssumeRolePolicyDocument: trust,
          RolePolicyList: [
            {
              PolicyName: 'own',
              PolicyDocument: documentOf({}, { Effect: 'Deny', Condition: condition }),
            },
          ],
        },
      ],
    });
    const [worker] = identities;
    if (!worker) throw new Error('no role');
    const { principal, policies } = worker;
    expect(
      decide(policies, { principal, action: 's3:GetObject', resource: OBJECT, context: contextOf() }),
    ).toBe(expected);
  },
);

test.each([
  ['iam:PassRole', 'Allow'],
  ['sagemaker:CreatePipeline', 'Allow'],
  ['s3:GetObject', 'Unknown'],
])('a request for %s over plain HTTP cannot be, unless the service answers such', (action, expected) => {
  const insecure = { Bool: { 'aws:SecureTransport': 'false' } };
  const { identities } = identitiesOf({
    RoleDetailList: [
      {
        RoleName: 'worker',
        Arn: ROLE,
        RolePolicyList: [
          { PolicyName: 'own', PolicyDocument: documentOf({}, { Effect: 'Deny', Condition: insecure }) },
        ],
      },
    ],
  });
  const [worker] = identities;
  if (!worker) throw new Error('no role');
  const principal = { ...worker.principal, actsAt: '2026-11-24T09:00:00Z' };
  const request = { principal, action, resource: '*', context: contextOf() };
  expect(decide(worker.policies, request)).toBe(expected);
});

describe('the unique ids of roles and users', () => {
  const BY_ID = {
    ...DETAILS,
    UserDetailList: [{ UserName: 'ana', Arn: USER, UserId: 'AIDAEXAMPLEANA' }],
    RoleDetailList: [{ RoleName: 'Data', Arn: ROLE, RoleId: 'AROAEXAMPLEDATA' }],
  };
  const [role, user] = identitiesOf(BY_ID).identities;

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
  test.each<[string, Json, string, string]>([
    ['StringLike', 'AROAEXAMPLEDATA:*', 'Allow', 'ImplicitDeny'],
    ['StringLike', ['AROAOTHER:*', 'AROAEXAMPLE*'], 'Allow', 'ImplicitDeny'],
    ['StringLike', 'AROAOTHER:*', 'ImplicitDeny', 'ImplicitDeny'],
    ['StringLike', 'AROAEXAMPLEDATA:nightly*', 'Unknown', 'ImplicitDeny'],
    ['StringLike', '*:nightly', 'Unknown', 'ImplicitDeny'],
    ['StringLike', 'AIDAEXAMPLEANA', 'ImplicitDeny', 'Allow'],
    ['StringNotLike', ['AROAEXAMPLEDATA:*', ACCOUNT], 'ImplicitDeny', 'Allow'],
    ['StringNotLike', ['AROAOTHER:*', ACCOUNT], 'Allow', 'Allow'],
    ['StringNotLikeIfExists', 'AROAEXAMPLEDATA:?*', 'Unknown', 'Allow'],
    // An operator without wildcards compares the star as it stands, and no session has one in its name.
    ['StringEquals', 'AROAEXAMPLEDATA', 'ImplicitDeny', 'ImplicitDeny'],
    ['StringEquals', 'AROAEXAMPLEDATA:nightly', 'Unknown', 'ImplicitDeny'],
    ['StringNotEquals', 'AIDAEXAMPLEANA', 'Allow', 'ImplicitDeny'],
    ['StringEqualsIgnoreCase', 'AROAOTHER:nightly', 'Unknown', 'ImplicitDeny'],
  ])(
    'a condition %s of %j on aws:userid is %s for the role and %s for the user',
    (operator, wanted, ofRole, ofUser) => {
      const resource = layer('resource', {
        Principal: '*',
        Condition: { [operator]: { 'aws:userid': wanted } },
      });
      const decided = [role, user].map((identity) => {
        if (!identity) throw new Error('an identity is missing');
        const { principal } = identity;
        return decide(
          { resource },
          { principal, action: 's3:GetObject', resource: OBJECT, context: contextOf() },
        );
      });
      expect(decided).toEqual([ofRole, ofUser]);
    },
  );

  test('the id of a session whose name is known is known whole', () => {
    if (!role) throw new Error('the role is missing');
    const principal = { ...role.principal, sessionArn: `arn:aws:sts::${ACCOUNT}:assumed-role/Data/nightly` };
    const request = { principal, action: 's3:GetObject', resource: OBJECT, context: contextOf() };
    expect(contextValues(request, 'aws:userid')).toEqual(['AROAEXAMPLEDATA:nightly']);
  });
});

describe('the organization of an account', () => {
  const [role] = identitiesOf({ RoleDetailList: [{ RoleName: 'Data', Arn: ROLE }] }).identities;
  const decided = (
    condition: Record<string, Json>,
    organization: Principal['organization'],
    resourceAccount = ACCOUNT,
  ) => {
    if (!role) throw new Error('the role is missing');
    const principal = { ...role.principal, ...(organization !== undefined && { organization }) };
    const request = {
      principal,
      action: 's3:GetObject',
      resource: OBJECT,
      resourceAccount,
      context: contextOf(),
    };
    return decide(
      {
        identity: layer('identity', { Condition: condition }),
        ...(resourceAccount !== ACCOUNT && { resource: layer('resource', { Principal: '*' }) }),
      },
      request,
    );
  };
  const ACME = { id: 'o-acme', path: 'o-acme/r-ab12/ou-ab12-ml/' };
  const likePaths = (pattern: string) => ({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': pattern } });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
  test.each<[string, Record<string, Json>, Principal['organization'], string]>([
    ['its id', { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } }, ACME, 'Allow'],
    ['another id', { StringEquals: { 'aws:PrincipalOrgID': 'o-other' } }, ACME, 'ImplicitDeny'],
    [
      'an id, where it is unknown',
      { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } },
      undefined,
      'Unknown',
    ],
    [
      'an id, where there is none',
      { StringEquals: { 'aws:PrincipalOrgID': 'o-acme' } },
      null,
      'ImplicitDeny',
    ],
    ['its unit', likePaths('o-acme/*/ou-ab12-ml/*'), ACME, 'Allow'],
    ['another unit', likePaths('o-acme/*/ou-ab12-ops/*'), ACME, 'ImplicitDeny'],
    ['a unit, where the path is unknown', likePaths('o-acme/*/ou-ab12-ml/*'), { id: 'o-acme' }, 'Unknown'],
    ['the id of the resource', { StringEquals: { 'aws:ResourceOrgID': 'o-acme' } }, ACME, 'Allow'],
    [
      'the same id of both',
      { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } },
      ACME,
      'Allow',
    ],
  ])('decides a condition on %s', (_, condition, organization, decision) => {
    expect(decided(condition, organization)).toBe(decision);
  });

  test('stated as absent of the resource, is absent of the principal in its account too', () => {
    if (!role) throw new Error('the role is missing');
    const request = {
      principal: { ...role.principal, organization: ACME },
      action: 's3:GetObject',
      resource: OBJECT,
      resourceAccount: ACCOUNT,
      context: contextOf({ 'aws:ResourceOrgID': null }),
    };
    expect(contextValues(request, 'aws:principalorgid')).toBeNull();
  });

  test('decides nothing about a resource of another account', () => {
    expect(decided({ StringEquals: { 'aws:ResourceOrgID': 'o-acme' } }, ACME, '444455556666')).toBe(
      'Unknown',
    );
  });
});

test('the roles of instance profiles, by the names and ARNs of the profiles', () => {
  const profile = 'arn:aws:iam::111122223333:instance-profile/ml/cluster-nodes';
  const { profiles } = identitiesOf({
    RoleDetailList: [
      {
        RoleName: 'nodes',
        Arn: 'arn:aws:iam::111122223333:role/ml/nodes',
        InstanceProfileList: [{ InstanceProfileName: 'cluster-nodes', Arn: profile }, null, {}],
      },
      { RoleName: 'fraud', Arn: 'arn:aws:iam::111122223333:role/fraud', InstanceProfileList: [] },
      { RoleName: 'churn', Arn: 'arn:aws:iam::111122223333:role/churn' },
    ],
  } as unknown as Json);
  expect(Object.fromEntries(profiles)).toEqual({
    'cluster-nodes': 'arn:aws:iam::111122223333:role/ml/nodes',
    [profile]: 'arn:aws:iam::111122223333:role/ml/nodes',
  });
});

test('the directory has groups without users, with their policies, and versions that are not in force', () => {
  const policy = (name: string) => `arn:aws:iam::111122223333:policy/${name}`;
  const allowing = (Action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  });
  const { identities, problems, directory } = identitiesOf({
    GroupDetailList: [
      {
        GroupName: 'nobody',
        Arn: 'arn:aws:iam::111122223333:group/teams/nobody',
        GroupPolicyList: [{ PolicyName: 'own', PolicyDocument: allowing('s3:*') }],
        AttachedManagedPolicies: [{ PolicyArn: policy('shared') }, { PolicyArn: policy('gone') }],
      },
    ],
    Policies: [
      {
        Arn: policy('shared'),
        PolicyVersionList: [
          { IsDefaultVersion: false, Document: allowing('iam:*') },
          { IsDefaultVersion: true, Document: allowing('sqs:*') },
        ],
      },
    ],
  });
  expect([identities, problems]).toEqual([[], []]);
  const [group] = directory.groups;
  expect([group?.name, group?.arn]).toEqual(['nobody', 'arn:aws:iam::111122223333:group/teams/nobody']);
  expect(
    group
      ?.policies()
      .map(({ name, isReadable, statements }) => [name, isReadable, statements[0]?.actions.texts]),
  ).toEqual([
    ['arn:aws:iam::111122223333:group/teams/nobody own', true, ['s3:*']],
    [policy('shared'), true, ['sqs:*']],
    [policy('gone'), false, undefined],
  ]);
  expect(
    directory
      .otherVersions(policy('shared'))
      .map(({ name, statements }) => [name, statements[0]?.actions.texts]),
  ).toEqual([[policy('shared'), ['iam:*']]]);
  expect(directory.otherVersions(policy('gone'))).toEqual([]);
});
