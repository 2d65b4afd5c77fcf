import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../shared/json/json.ts';
import { boundariesOf } from '../../../shared/preflight/planned-calls.ts';
import { type PlannedStack, plannedStacks } from '../../../shared/preflight/planned-stacks.ts';
import { scpRows } from '../../../shared/preflight/scp-rows.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';

const ACCOUNT = '111122223333';

const role = (more: { [key: string]: Json } = {}): Json => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    Tags: [{ Key: 'Application', Value: 'pipewarden' }],
    Policies: [
      {
        PolicyName: 'Permissions',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 's3:GetObject',
              Resource: {
                'Fn::Join': [
                  '',
                  [
                    'arn:',
                    { Ref: 'AWS::Partition' },
                    ':s3:::',
                    { 'Fn::Sub': 'cdk-x-assets-${AWS::AccountId}-eu-west-1' },
                    '/a.json',
                  ],
                ],
              },
            },
            { Effect: 'Allow', Action: ['sagemaker:ListPipelines', 'xray:PutTraceSegments'], Resource: '*' },
            {
              Effect: 'Allow',
              Action: 'kms:GetKeyPolicy',
              Resource: { 'Fn::Sub': 'arn:aws:kms:${AWS::Region}:${AWS::AccountId}:key/*' },
            },
            {
              Effect: 'Allow',
              Action: ['sqs:SendMessage'],
              Resource: [{ 'Fn::GetAtt': ['Requests', 'Arn'] }],
            },
          ],
        },
      },
    ],
    ...more,
  },
});

const artifact = (file: string, region: string): Json => ({
  type: 'aws:cloudformation:stack',
  environment: `aws://unknown-account/${region}`,
  properties: {
    templateFile: file,
    assumeRoleArn: `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-x-deploy-role-\${AWS::AccountId}-${region}`,
    cloudFormationExecutionRoleArn: `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-x-cfn-exec-role-\${AWS::AccountId}-${region}`,
    bootstrapStackVersionSsmParameter: '/cdk-bootstrap/x/version',
    requiresBootstrapStackVersion: 6,
  },
});

const stacksWith = (auditRole: Json = role()): PlannedStack[] =>
  plannedStacks(
    {
      artifacts: {
        Pipewarden: artifact('main.json', 'eu-west-1'),
        'Pipewarden.assets': { type: 'cdk:asset-manifest' },
        PipewardenIamEvents: artifact('iam.json', 'us-east-1'),
      },
    },
    new Map<string, Json>([
      ['main.json', { Resources: { Requests: { Type: 'AWS::SQS::Queue' }, AuditRole: auditRole } }],
      ['iam.json', { Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: {} } } }],
    ]),
    { account: ACCOUNT, partition: 'aws' },
  );

/** The stacks with a function that runs under the role. */
const withFunction = (more: { [key: string]: Json }): PlannedStack[] =>
  stacksWith().map((stack) => ({
    ...stack,
    resources: [
      ...stack.resources,
      {
        id: 'AuditFunction',
        type: 'AWS::Lambda::Function',
        properties: { Role: { 'Fn::GetAtt': ['AuditRole', 'Arn'] }, ...more },
      },
    ],
  }));

const scp = (...statements: Json[]) => ({ Version: '2012-10-17', Statement: statements });
const FULL = scp({ Effect: 'Allow', Action: '*', Resource: '*' });
const policiesWith = (...documents: Json[]) =>
  found({
    scps: [
      { target: 'r-ab12', policies: documents.map((document, index) => ({ name: `scp${index}`, document })) },
    ],
    rcps: [],
    managementAccount: '999988887777',
  });

const rowsWith = (document: Json, auditRole?: Json) =>
  scpRows(stacksWith(auditRole), policiesWith(FULL, document), ACCOUNT);

/** As AWS’s example that keeps an organization to some Regions. */
const ONLY_EUROPE = {
  Sid: 'OnlyEurope',
  Effect: 'Deny',
  NotAction: ['iam:*', 'organizations:*', 'sts:*'],
  Resource: '*',
  Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
};

const S3_FROM_NETWORK = {
  Sid: 'OurNetwork',
  Effect: 'Deny',
  Action: 's3:*',
  Resource: '*',
  Condition: {
    StringNotEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' },
    BoolIfExists: { 'aws:ViaAWSService': 'false' },
  },
};

const BOUNDARY = 'arn:aws:iam::111122223333:policy/Boundary';
const NEEDS_BOUNDARY = {
  Sid: 'Bounded',
  Effect: 'Deny',
  Action: ['iam:CreateRole', 'iam:PutRolePolicy'],
  Resource: '*',
  Condition: { StringNotEquals: { 'iam:PermissionsBoundary': BOUNDARY } },
};

describe('the SCPs of an account', () => {
  test('that are not told are no OK, and the row says who can read them', () => {
    const [row] = scpRows(stacksWith(), notRead('ListParents', 'AccessDeniedException', 'no'), ACCOUNT);
    expect(row).toMatchObject({
      status: 'NOT_TOLD',
      found: 'ListParents: AccessDeniedException: no',
      todo: expect.stringContaining('pipewarden snapshot --organization'),
    });
  });

  describe('under which not all calls can be asked about', () => {
    const DENY_ALL = scp({ Effect: 'Deny', Action: '*', Resource: '*' });

    test('are no OK without any stack', () => {
      for (const document of [DENY_ALL, FULL])
        expect(scpRows([], policiesWith(FULL, document), ACCOUNT)).toEqual([
          {
            about: 'Service control policies',
            status: 'NOT_TOLD',
            found: 'the CDK has written no stack whose calls could be asked about',
            todo: expect.stringContaining('ask whoever manages the SCPs'),
          },
        ]);
    });

    test.each([
      ['names no role under which CloudFormation makes its resources', { executionRoleArn: undefined }],
      ['has no resources', { resources: [] }],
    ])('are no OK for a stack that %s', (_name, without) => {
      const stacks = stacksWith().map((stack): PlannedStack => {
        if (stack.name !== 'PipewardenIamEvents') return stack;
        const { executionRoleArn = '', ...others } = stack;
        return 'resources' in without ? { ...stack, ...without } : others;
      });
      const row = {
        about: 'Service control policies',
        status: 'NOT_TOLD',
        found: expect.stringContaining('no resources of PipewardenIamEvents, or no role'),
      };
      expect(scpRows(stacks, policiesWith(FULL), ACCOUNT)).toMatchObject([row]);
      const denied = scpRows(stacks, policiesWith(FULL, DENY_ALL), ACCOUNT);
      expect(denied.at(0)?.status).toBe('WILL_FAIL');
      expect(denied.at(-1)).toMatchObject(row);
    });
  });

  test.each([
    ['in no organization', found({ scps: [], rcps: [] }), 'no SCP is in force'],
    [
      'of the management account',
      found({ scps: [{ target: 'r-ab12', policies: [] }], rcps: [], managementAccount: ACCOUNT }),
      'do not limit the management account',
    ],
    ['that deny nothing', policiesWith(FULL), 'they allow all of'],
    [
      'that except whom they deny',
      policiesWith(
        FULL,
        scp({
          ...ONLY_EUROPE,
          Condition: {
            ...ONLY_EUROPE.Condition,
            ArnNotLike: {
              'aws:PrincipalARN': ['arn:aws:iam::*:role/cdk-*', 'arn:aws:iam::*:role/Pipewarden*'],
            },
          },
        }),
      ),
      'they allow all of',
    ],
  ])('%s', (_name, read, says) => {
    expect(scpRows(stacksWith(), read, ACCOUNT)).toEqual([
      { about: 'Service control policies', status: 'OK', found: expect.stringContaining(says) },
    ]);
  });

  describe('that keep S3 to a network, where the functions are in a VPC', () => {
    const inVpc = withFunction({
      VpcConfig: { SubnetIds: ['subnet-00000001'], SecurityGroupIds: ['sg-00000001'] },
    });
    const rows = (network?: Parameters<typeof scpRows>[3]) =>
      scpRows(inVpc, policiesWith(FULL, scp(S3_FROM_NETWORK)), ACCOUNT, network);
    const through = (vpc: string) => ({ vpc, endpoints: new Map([['s3', 'vpce-1']]) });

    test('let through what comes from their VPC by an endpoint', () => {
      expect(rows(through('vpc-1'))).toMatchObject([{ status: 'OK' }]);
    });

    test('deny what comes from another VPC', () => {
      expect(rows(through('vpc-2'))).toMatchObject([
        {
          status: 'WILL_FAIL',
          todo: expect.stringContaining('VPC of the functions, which this statement does not admit'),
        },
      ]);
    });

    test('leave it open where it is not known how the calls leave the VPC', () => {
      for (const network of [undefined, { vpc: 'vpc-1', endpoints: new Map<string, string>() }])
        expect(rows(network)).toMatchObject([
          { status: 'NOT_TOLD', todo: expect.stringContaining('come from the VPC of the functions') },
        ]);
    });
  });

  test('that spare roles by their names are asked about the path and the prefix that roles get', () => {
    const sparing = scp({
      ...S3_FROM_NETWORK,
      Condition: {
        ...S3_FROM_NETWORK.Condition,
        ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/team/acme-Pipewarden*' },
      },
    });
    expect(
      rowsWith(sparing, role({ Path: '/team/', RoleName: 'acme-PipewardenAudit-eu-west-1' })),
    ).toMatchObject([{ status: 'OK' }]);
    expect(rowsWith(sparing, role({ Path: '/team/' }))).toMatchObject([
      {
        status: 'WILL_FAIL',
        todo: expect.stringContaining('(arn:*:iam::*:role/team/Pipewarden*)'),
      },
    ]);
  });

  test('that deny us-east-1 stop the stack there', () => {
    expect(rowsWith(scp(ONLY_EUROPE))).toEqual([
      {
        about: 'Service control policies',
        status: 'WILL_FAIL',
        found:
          'scp1 (r-ab12)/Statement/0 denies cloudformation:CreateChangeSet, events:PutRule in us-east-1 to the deploy role of the CDK, CloudFormation',
        todo: expect.stringMatching(
          /admit us-east-1 for the role arn:aws:iam::111122223333:role\/cdk-x-deploy-role-/,
        ),
      },
    ]);
  });

  test('that keep S3 to a network stop the functions, which run outside of it', () => {
    const stopped = (todo: string) => [
      {
        about: 'Service control policies',
        status: 'WILL_FAIL',
        found: 'scp1 (r-ab12)/Statement/0 denies s3:GetObject in eu-west-1 to Pipewarden-AuditRole',
        todo: expect.stringContaining(todo),
      },
    ];
    const policies = policiesWith(FULL, scp(S3_FROM_NETWORK));
    expect(scpRows(withFunction({}), policies, ACCOUNT)).toEqual(
      stopped('run outside of every VPC: give --subnets and --security-groups'),
    );
    // A role of a state machine or a schedule.
    expect(scpRows(stacksWith(), policies, ACCOUNT)).toEqual(
      stopped('come from outside of every VPC, wherever the functions run'),
    );
  });

  test('that keep keys to a network let services use them for the functions', () => {
    const via = role({
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 'kms:Decrypt',
                Resource: '*',
                Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } },
              },
            ],
          },
        },
      ],
    });
    const keysFromNetwork = scp({ ...S3_FROM_NETWORK, Action: 'kms:*' });
    expect(rowsWith(keysFromNetwork, via)).toMatchObject([{ status: 'OK' }]);
    expect(rowsWith(keysFromNetwork)).toMatchObject([{ status: 'WILL_FAIL' }]);
  });

  test('that hang on a public address are not told', () => {
    const fromOffice = {
      ...S3_FROM_NETWORK,
      Condition: { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
    };
    expect(rowsWith(scp(fromOffice))).toMatchObject([
      { status: 'NOT_TOLD', found: expect.stringContaining('hangs on aws:SourceIp') },
    ]);
  });

  test('that except roles with a tag let ours pass only with that tag', () => {
    const excepted = {
      ...S3_FROM_NETWORK,
      Condition: {
        ...S3_FROM_NETWORK.Condition,
        StringNotEquals: { 'aws:PrincipalTag/JsonGetException': 'yes' },
      },
    };
    expect(rowsWith(scp(excepted))).toMatchObject([{ status: 'WILL_FAIL' }]);
    expect(
      rowsWith(scp(excepted), role({ Tags: [{ Key: 'JsonGetException', Value: 'yes' }] })),
    ).toMatchObject([{ status: 'OK' }]);
  });

  test('that deny what is read make that missing', () => {
    const noPipelines = { Effect: 'Deny', Action: 'sagemaker:List*', Resource: '*' };
    expect(rowsWith(scp(noPipelines))).toMatchObject([
      { status: 'WILL_BE_MISSING', found: expect.stringContaining('denies sagemaker:ListPipelines') },
    ]);
  });

  test('that demand a permissions boundary have a row of their own', () => {
    expect(rowsWith(scp(NEEDS_BOUNDARY))).toEqual([
      {
        about: 'Permissions boundary',
        status: 'WILL_FAIL',
        found: expect.stringContaining('denies iam:CreateRole in eu-west-1 to CloudFormation'),
        todo: expect.stringContaining(BOUNDARY),
      },
    ]);
    expect(
      rowsWith(
        scp(NEEDS_BOUNDARY),
        role({
          PermissionsBoundary: {
            'Fn::Join': [
              '',
              ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':policy/Boundary'],
            ],
          },
        }),
      ),
    ).toMatchObject([{ status: 'OK' }]);
  });

  test('that demand a tag name it, and pass with it', () => {
    const demand = {
      Effect: 'Deny',
      Action: 'iam:CreateRole',
      Resource: '*',
      Condition: { Null: { 'aws:RequestTag/CostCenter': 'true' } },
    };
    expect(rowsWith(scp(demand))).toMatchObject([
      {
        status: 'WILL_FAIL',
        found: expect.stringContaining('denies iam:CreateRole'),
        todo: expect.stringContaining('(CostCenter): pipewarden deploy … -- -c tags=KEY=VALUE'),
      },
    ]);
    expect(rowsWith(scp(demand), role({ Tags: [{ Key: 'CostCenter', Value: '42' }] }))).toMatchObject([
      { status: 'OK' },
    ]);
    expect(rowsWith(scp({ ...demand, Action: 'sqs:CreateQueue' }))).toMatchObject([{ status: 'NOT_TOLD' }]);
  });

  test('that allow only some services name what they do not allow', () => {
    const read = found({
      scps: [
        {
          target: 'r-ab12',
          policies: [
            {
              name: 'few',
              document: scp({
                Effect: 'Allow',
                Action: ['cloudformation:*', 'iam:*', 's3:*', 'events:*', 'sagemaker:*', 'xray:*', 'kms:*'],
                Resource: '*',
              }),
            },
          ],
        },
      ],
      rcps: [],
    });
    expect(scpRows(stacksWith(), read, ACCOUNT)).toMatchObject([
      { status: 'WILL_FAIL', found: expect.stringContaining('does not allow sqs:CreateQueue') },
      { status: 'WILL_FAIL', found: expect.stringContaining('does not allow sqs:SendMessage') },
    ]);
  });
});

test('a boundary that the template does not tell stays unknown, and is not left out', () => {
  const told = { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:policy/Boundary' };
  const boundaries = (boundary: Json) => boundariesOf(stacksWith(role({ PermissionsBoundary: boundary })));
  expect(boundariesOf(stacksWith())).toEqual([]);
  expect(boundaries(told)).toEqual([`arn:aws:iam::${ACCOUNT}:policy/Boundary`]);
  expect(boundaries({ 'Fn::GetAtt': ['Boundary', 'Arn'] })).toEqual([undefined]);
});
