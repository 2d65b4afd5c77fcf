import { describe, expect, test } from '@jest/globals';
import { fromTemplate } from '../../../support/builders/declared-template.ts';

const ACCOUNT = '111122223333';
const TRUST = {
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};
const ALLOW = { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };
const MACRO = { 'Fn::Transform': { Name: 'Mine' } };

const made = (Resources: object, sections: object = {}) => fromTemplate({ ...sections, Resources });
const only = (type: string, properties: object, sections: object = {}) => {
  const { resources, ...others } = made({ It: { Type: type, Properties: properties } }, sections);
  return { resource: resources[0], resources, ...others };
};

describe('roles, users and groups are entries of get-account-authorization-details', () => {
  test('a role with all that it may have', () => {
    const { resource, problems } = only('AWS::IAM::Role', {
      RoleName: 'runner',
      Path: '/ml/',
      AssumeRolePolicyDocument: TRUST,
      Policies: [{ PolicyName: 'read', PolicyDocument: ALLOW }],
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSageMakerFullAccess'],
      PermissionsBoundary: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limit' },
      Tags: [{ Key: 'team', Value: 'fraud' }],
    });
    const arn = `arn:aws:iam::${ACCOUNT}:role/ml/runner`;
    expect(problems).toEqual([]);
    expect(resource).toMatchObject({
      type: 'role',
      address: 'It',
      scope: { account: ACCOUNT, region: 'eu-west-1', partition: 'aws' },
      name: 'runner',
      arn,
      entry: {
        RoleName: 'runner',
        Arn: arn,
        Path: '/ml/',
        AssumeRolePolicyDocument: TRUST,
        RolePolicyList: [{ PolicyName: 'read', PolicyDocument: ALLOW }],
        AttachedManagedPolicies: [
          {
            PolicyName: 'AmazonSageMakerFullAccess',
            PolicyArn: 'arn:aws:iam::aws:policy/AmazonSageMakerFullAccess',
          },
        ],
        PermissionsBoundary: { PermissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/limit` },
        Tags: [{ Key: 'team', Value: 'fraud' }],
        InstanceProfileList: [],
      },
    });
  });

  test('a role without a boundary and tags has none', () => {
    const { resource } = only('AWS::IAM::Role', { AssumeRolePolicyDocument: TRUST });
    expect(resource).toMatchObject({ name: '<It>' });
    expect(Object.keys((resource as { entry: object }).entry)).not.toContain('PermissionsBoundary');
  });

  test('a user with its groups, and apart from it those to which another resource adds it', () => {
    const { resources } = made({
      U: { Type: 'AWS::IAM::User', Properties: { UserName: 'ann', Groups: ['one'] } },
      G: {
        Type: 'AWS::IAM::Group',
        Properties: { GroupName: 'two', Policies: [{ PolicyName: 'p', PolicyDocument: ALLOW }] },
      },
      Add: {
        Type: 'AWS::IAM::UserToGroupAddition',
        Properties: { GroupName: { Ref: 'G' }, Users: [{ Ref: 'U' }] },
      },
    });
    expect(resources).toMatchObject([
      {
        type: 'user',
        name: 'ann',
        entry: { UserName: 'ann', GroupList: ['one'], UserPolicyList: [] },
      },
      { type: 'group', name: 'two', entry: { GroupName: 'two', GroupPolicyList: [{ PolicyName: 'p' }] } },
      { type: 'membership', user: 'ann', group: 'two' },
    ]);
  });

  test('a role is listed with its instance profiles', () => {
    const { resources } = made({
      R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: TRUST } },
      P: {
        Type: 'AWS::IAM::InstanceProfile',
        Properties: { InstanceProfileName: 'p', Roles: [{ Ref: 'R' }] },
      },
    });
    expect(resources).toMatchObject([
      {
        entry: {
          InstanceProfileList: [
            { InstanceProfileName: 'p', Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/p` },
          ],
        },
      },
    ]);
  });
});

describe('policies', () => {
  test('a managed policy, and to whom it is attached', () => {
    const { resources } = only('AWS::IAM::ManagedPolicy', {
      ManagedPolicyName: 'm',
      PolicyDocument: ALLOW,
      Roles: ['r'],
      Users: ['u'],
      Groups: ['g'],
    });
    const arn = `arn:aws:iam::${ACCOUNT}:policy/m`;
    expect(resources).toMatchObject([
      {
        type: 'managed-policy',
        arn,
        entry: {
          PolicyName: 'm',
          Arn: arn,
          DefaultVersionId: 'v1',
          PolicyVersionList: [{ Document: ALLOW, IsDefaultVersion: true }],
        },
      },
      {
        type: 'attached-policy',
        address: 'It Roles/0',
        holder: { type: 'role', name: 'r' },
        policy: { arn },
      },
      {
        type: 'attached-policy',
        address: 'It Users/0',
        holder: { type: 'user', name: 'u' },
        policy: { arn },
      },
      {
        type: 'attached-policy',
        address: 'It Groups/0',
        holder: { type: 'group', name: 'g' },
        policy: { arn },
      },
    ]);
  });

  test('a role has the managed policy of the same template by its ARN', () => {
    const { resources } = made({
      M: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: ALLOW } },
      R: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: TRUST, ManagedPolicyArns: [{ Ref: 'M' }] },
      },
    });
    const arn = `arn:aws:iam::${ACCOUNT}:policy/<M>`;
    expect(resources).toMatchObject([{ arn }, { entry: { AttachedManagedPolicies: [{ PolicyArn: arn }] } }]);
  });

  test('an inline policy on several principals', () => {
    const { resources } = only('AWS::IAM::Policy', {
      PolicyName: 'p',
      PolicyDocument: ALLOW,
      Roles: ['a', 'b'],
    });
    expect(resources).toMatchObject([
      { address: 'It Roles/0', holder: { type: 'role', name: 'a' }, policy: { name: 'p', document: ALLOW } },
      { address: 'It Roles/1', holder: { type: 'role', name: 'b' }, policy: { name: 'p', document: ALLOW } },
    ]);
  });

  test.each([
    ['AWS::IAM::RolePolicy', 'RoleName', 'role'],
    ['AWS::IAM::UserPolicy', 'UserName', 'user'],
    ['AWS::IAM::GroupPolicy', 'GroupName', 'group'],
  ])('%s', (type, property, holder) => {
    const { resource } = only(type, { PolicyName: 'p', PolicyDocument: ALLOW, [property]: 'x' });
    expect(resource).toMatchObject({
      type: 'attached-policy',
      holder: { type: holder, name: 'x' },
      policy: { name: 'p', document: ALLOW },
    });
  });
});

describe('what is unknown is attached as unreadable, never left away', () => {
  const entryOf = (properties: object): object => {
    const { resource, problems } = only('AWS::IAM::Role', { AssumeRolePolicyDocument: TRUST, ...properties });
    expect(problems).toEqual([expect.stringContaining('the macro Mine')]);
    return (resource as { entry: object }).entry;
  };

  test('the trust policy', () => {
    expect(Object.keys(entryOf({ AssumeRolePolicyDocument: MACRO }))).not.toContain(
      'AssumeRolePolicyDocument',
    );
  });

  test.each<[string, unknown, unknown]>([
    ['a document', [{ PolicyName: 'p', PolicyDocument: MACRO }], [{ PolicyName: 'p' }]],
    [
      'a part of a document',
      [
        { PolicyName: 'p', PolicyDocument: { Statement: [MACRO] } },
        { PolicyName: 'q', PolicyDocument: ALLOW },
      ],
      [{ PolicyName: 'p' }, { PolicyName: 'q', PolicyDocument: ALLOW }],
    ],
    ['a whole policy', [MACRO], [{ PolicyName: 'policy 0 of It' }]],
    ['all policies', MACRO, [{ PolicyName: 'Policies of It' }]],
    [
      'a name',
      [{ PolicyName: MACRO, PolicyDocument: ALLOW }],
      [{ PolicyName: 'policy 0 of It', PolicyDocument: ALLOW }],
    ],
  ])('%s', (_, Policies, list) => {
    expect(entryOf({ Policies })).toMatchObject({ RolePolicyList: list });
    expect(JSON.stringify((entryOf({ Policies }) as { RolePolicyList: unknown }).RolePolicyList)).toBe(
      JSON.stringify(list),
    );
  });

  test('managed policies and the boundary', () => {
    expect(entryOf({ ManagedPolicyArns: [MACRO, 'arn:aws:iam::aws:policy/X'] })).toMatchObject({
      RolePolicyList: [{ PolicyName: 'ManagedPolicyArns of It' }],
      AttachedManagedPolicies: [{ PolicyName: 'X' }],
    });
    expect(entryOf({ PermissionsBoundary: MACRO })).toMatchObject({
      PermissionsBoundary: { PermissionsBoundaryArn: 'boundary of It' },
    });
  });

  test('all properties of a role, where a macro is beside them', () => {
    const { resource, problems } = only('AWS::IAM::Role', { RoleName: 'r', ...MACRO });
    expect(problems).not.toEqual([]);
    expect(resource).toMatchObject({
      entry: {
        RolePolicyList: [{ PolicyName: 'Policies of It' }, { PolicyName: 'ManagedPolicyArns of It' }],
      },
    });
  });

  test('a document of a policy of its own is null', () => {
    const { resource } = only('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: MACRO, Roles: ['a'] });
    expect(resource).toMatchObject({ policy: { name: 'p', document: null } });
  });

  test('to whom a policy is attached is told where it is unknown', () => {
    const { resources, problems } = only('AWS::IAM::Policy', {
      PolicyName: 'p',
      PolicyDocument: ALLOW,
      Roles: ['a', MACRO],
    });
    expect(resources).toHaveLength(1);
    expect(problems).toContainEqual(
      expect.stringContaining(
        'it is unknown to which roles the policy is attached; it is judged without them',
      ),
    );
  });
});

test('what is declared has its place in the template', () => {
  const { declared, resources } = fromTemplate(
    `Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref AWS::AccountId}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [s3:GetObject]
                Resource: "*"
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/ReadOnlyAccess
`,
  );
  const placeOf = (value: unknown): string => {
    const { file, pointer } = declared.origins.get(value as object) ?? { file: undefined, pointer: '' };
    const { line, column } = file?.places([pointer]).get(pointer) ?? { line: 0, column: 0 };
    return `${pointer} ${line}:${column}`;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the entry is walked through by hand
  const { entry, origin } = resources[0] as any;
  expect(origin.pointer).toBe('/Resources/R');
  expect(placeOf(entry)).toBe('/Resources/R/Properties 4:5');
  expect(placeOf(entry.AssumeRolePolicyDocument.Statement[0])).toBe(
    '/Resources/R/Properties/AssumeRolePolicyDocument/Statement/0 7:13',
  );
  expect(placeOf(entry.RolePolicyList[0].PolicyDocument.Statement[0].Action)).toBe(
    '/Resources/R/Properties/Policies/0/PolicyDocument/Statement/0/Action 15:25',
  );
  expect(placeOf(entry.AttachedManagedPolicies[0])).toBe('/Resources/R/Properties/ManagedPolicyArns/0 18:11');
});

test.each([
  ['AWS::IAM::InstanceProfile', { Roles: ['worker', { Ref: 'Own' }] }, 'the role worker;'],
  [
    'AWS::IAM::InstanceProfile',
    { Roles: [{ 'Fn::Transform': { Name: 'Mine' } }] },
    'unknown whose instance profile',
  ],
])('what %s changes for principals that nothing declares is told', (Type, Properties, message) => {
  const { problems } = fromTemplate({
    Resources: {
      Own: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'own', AssumeRolePolicyDocument: {} } },
      Other: { Type, Properties },
    },
  });
  expect(problems).toContainEqual(expect.stringContaining(message));
});
