import { describe, expect, test } from '@jest/globals';
import { fromTemplate } from '../../../support/builders/declared-template.ts';

const ALLOW = { Statement: [{ Effect: 'Allow', Action: 'sagemaker:StartPipelineExecution', Resource: '*' }] };
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const sam = (Properties: object, more: object = {}, Type = 'AWS::Serverless::Function') =>
  fromTemplate({
    Transform: 'AWS::Serverless-2016-10-31',
    ...more,
    Resources: { Run: { Type, Properties } },
  });
type Entry = Record<string, unknown> & { AttachedManagedPolicies: { PolicyArn: string }[] };
const roleOf = (made: ReturnType<typeof sam>): Entry => {
  const role = made.resources.find(({ type }) => type === 'role');
  return (role?.type === 'role' ? role.entry : {}) as Entry;
};
const attached = (entry: Entry): string[] => entry.AttachedManagedPolicies.map(({ PolicyArn }) => PolicyArn);

describe('the role that SAM makes for a function', () => {
  test('has the trust of Lambda, its logs, and the function’s policies', () => {
    const made = sam({
      Policies: [ALLOW, 'arn:aws:iam::111122223333:policy/mine', 'AmazonS3ReadOnlyAccess'],
      RolePath: '/fn/',
      Tags: { team: 'fraud' },
      PermissionsBoundary: 'arn:aws:iam::111122223333:policy/limit',
    });
    const entry = roleOf(made);
    expect(made.problems).toEqual([]);
    expect(made.resources).toMatchObject([
      { type: 'role', address: 'RunRole', arn: 'arn:aws:iam::111122223333:role/fn/<RunRole>' },
    ]);
    expect(made.holes.get('RunRole')?.like).toBe('train-RunRole-*');
    expect(entry).toMatchObject({
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] } }],
      },
      RolePolicyList: [{ PolicyName: 'RunRolePolicy0', PolicyDocument: ALLOW }],
      PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/limit' },
      Tags: [{ Key: 'team', Value: 'fraud' }],
    });
    expect(attached(entry)).toEqual([
      BASIC,
      'arn:aws:iam::111122223333:policy/mine',
      'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    ]);
  });

  test('takes one policy in place of a list, and one under a condition', () => {
    expect(roleOf(sam({ Policies: ALLOW }))).toMatchObject({ RolePolicyList: [{ PolicyDocument: ALLOW }] });
    const no = { Conditions: { No: { 'Fn::Equals': ['a', 'b'] } } };
    expect(
      roleOf(sam({ Policies: [{ 'Fn::If': ['No', ALLOW, { Ref: 'AWS::NoValue' }] }] }, no)).RolePolicyList,
    ).toEqual([]);
  });

  test('has more of AWS’s policies beside a network and tracing, also from Globals', () => {
    const more = {
      Globals: {
        Function: { Tracing: 'Active', PermissionsBoundary: 'arn:aws:iam::111122223333:policy/all' },
      },
    };
    const entry = roleOf(sam({ VpcConfig: { SubnetIds: [] } }, more));
    expect(attached(entry)).toEqual([
      BASIC,
      'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
      'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess',
    ]);
    expect(entry).toMatchObject({
      PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/all' },
    });
  });

  test.each<[string, unknown, string]>([
    [
      'a policy template that is not known here',
      { AthenaQueryPolicy: { WorkGroupName: 'w' } },
      'AthenaQueryPolicy is a policy template of SAM, whose text is not known here',
    ],
    [
      'one without its parameter',
      { S3ReadPolicy: {} },
      'S3ReadPolicy is a policy template of SAM, whose param',
    ],
    ['two in one', { S3ReadPolicy: { BucketName: 'b' }, KMSDecryptPolicy: { KeyId: 'k' } }, 'S3ReadPolicy'],
    ['one by a name of prototypes', JSON.parse('{"__proto__": {}}'), '__proto__ is a policy template'],
    ['a macro', { Statement: [{ 'Fn::Transform': { Name: 'Mine' } }] }, 'the macro Mine'],
  ])('has a policy that nobody can read for %s', (_, policy, message) => {
    const made = sam({ Policies: [policy] });
    expect(JSON.stringify(roleOf(made).RolePolicyList)).toBe('[{"PolicyName":"RunRolePolicy0"}]');
    expect(made.problems).toEqual([expect.stringContaining(message)]);
  });

  test('has the documents of policy templates, with their parameters', () => {
    const made = sam({
      Policies: [
        { S3CrudPolicy: { BucketName: 'fraud-data' } },
        { SQSSendMessagePolicy: { QueueName: { 'Fn::Sub': 'q-${AWS::Region}' } } },
        { S3FullAccessPolicy: { BucketName: 'b' } },
      ],
    });
    expect(made.problems).toEqual([]);
    const [crud, send, full] = roleOf(made).RolePolicyList as { PolicyDocument: { Statement: object[] } }[];
    expect(crud?.PolicyDocument).toEqual({
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            's3:GetObject',
            's3:ListBucket',
            's3:GetBucketLocation',
            's3:GetObjectVersion',
            's3:GetLifecycleConfiguration',
            's3:PutObject',
            's3:PutObjectAcl',
            's3:PutLifecycleConfiguration',
            's3:DeleteObject',
          ],
          Resource: ['arn:aws:s3:::fraud-data', 'arn:aws:s3:::fraud-data/*'],
        },
      ],
    });
    expect(send?.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['sqs:SendMessage*'],
        Resource: ['arn:aws:sqs:eu-west-1:111122223333:q-eu-west-1'],
      },
    ]);
    expect(full?.PolicyDocument.Statement).toHaveLength(2);
  });

  test('is not made where the function has one', () => {
    expect(sam({ Role: 'arn:aws:iam::111122223333:role/r', Policies: [ALLOW] }).resources).toEqual([]);
  });

  test('can be referred to by its logical id', () => {
    const { resources } = fromTemplate({
      Transform: ['AWS::Serverless-2016-10-31'],
      Resources: {
        Run: { Type: 'AWS::Serverless::Function', Properties: {} },
        P: {
          Type: 'AWS::IAM::RolePolicy',
          Properties: { RoleName: { Ref: 'RunRole' }, PolicyName: 'p', PolicyDocument: ALLOW },
        },
      },
    });
    expect(resources).toContainEqual(
      expect.objectContaining({ type: 'attached-policy', holder: { type: 'role', name: '<RunRole>' } }),
    );
  });
});

test('a state machine without a role gets one as well', () => {
  const entry = roleOf(sam({ Policies: [ALLOW] }, {}, 'AWS::Serverless::StateMachine'));
  expect(entry).toMatchObject({
    AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: ['states.amazonaws.com'] } }] },
    AttachedManagedPolicies: [],
    RolePolicyList: [{ PolicyDocument: ALLOW }],
  });
});

test.each([
  ['AWS::Serverless::Connector', 'Run: the policies that SAM makes of it are not known here'],
  ['AWS::Serverless::Application', 'the template of Run is not at hand'],
])('%s is told, because what it makes is not judged', (type, message) => {
  expect(sam({}, {}, type).problems).toEqual([expect.stringContaining(message)]);
});
