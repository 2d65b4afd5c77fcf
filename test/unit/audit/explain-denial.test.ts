import { describe, expect, test } from '@jest/globals';
import { explainDenial } from '../../../shared/audit/explain-denial.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { denialsIn } from '../../../shared/events/denial.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { Json } from '../../../shared/json/json.ts';
import { step } from '../../support/builders/control-cases.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';

const FRAUD = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const TRAIN = 'arn:aws:iam::111122223333:role/steps/train';
const PIPELINE = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
const session = (name: string) => `arn:aws:sts::111122223333:assumed-role/fraud/${name}`;
const OF_TRAIN = session('sagemaker-pipeline-a1b2c3d4e5f6-Train');
const JOB = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/pipelines-a1b2c3d4e5f6-Train-0123456789';
const CREATE = 'sagemaker:CreateTrainingJob';
const CONFIG: Config = { version: 1 };

const message = (principal: string, action: string, resource: string, reason = '') =>
  `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
const nothing = (action: string) => `because no identity-based policy allows the ${action} action`;

const allow = (Action: string, Resource: string, Effect = 'Allow'): Json => ({ Effect, Action, Resource });
const roles = (statements: Json[]): Json => ({
  RoleDetailList: [
    {
      Arn: FRAUD,
      RoleName: 'fraud',
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
      RolePolicyList:
        statements.length === 0
          ? []
          : [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  ],
});

const pipelines = (...steps: object[]): Account => ({
  pipelines: {
    fraud: {
      name: 'fraud',
      arn: PIPELINE,
      roleArn: FRAUD,
      definitionText: JSON.stringify({ Version: '2020-12-01', Steps: steps }),
    },
  },
});
const TWO = pipelines(
  step('Train', 'Training', { RoleArn: TRAIN }),
  step('Prep', 'Processing', { RoleArn: TRAIN }),
);

const explained = async (
  text: string,
  statements: Json[],
  account: Account = {},
  config: Config = CONFIG,
  refused: Parameters<typeof memoryReader>[1] = [],
) => {
  const { reader } = memoryReader(
    {
      listing: ['fraud'],
      organization: { scps: [], rcps: [] },
      ...TWO,
      identities: roles(statements),
      ...account,
    },
    refused,
  );
  const [denied] = denialsIn(text, 'e');
  if (!denied) throw new Error('the message tells no denied request');
  return explainDenial(denied, {
    reader,
    evidence: accountEvidence(reader, config),
    config,
    controls: CONTROLS,
    now: () => new Date('2026-02-01T00:00:00Z'),
  });
};

describe('a request that nothing allows', () => {
  test('names the step, and the policy that allows it alone', async () => {
    const told = await explained(message(OF_TRAIN, CREATE, JOB, nothing(CREATE)), [allow('s3:*', '*')]);
    expect(told).toMatchObject({
      principalArn: FRAUD,
      executionId: 'a1b2c3d4e5f6',
      steps: [{ pipeline: { name: 'fraud' }, step: 'Train', pointer: '/Steps/0' }],
      explanation: { decision: 'ImplicitDeny', failedLayer: { layer: 'identity' } },
      policy: {
        Version: '2012-10-17',
        Statement: [{ Sid: 'CreateTrainingJob', Effect: 'Allow', Action: [CREATE], Resource: [JOB] }],
      },
      notes: [],
    });
  });

  test('keeps a role that is passed to the service that the step’s need tells', async () => {
    const { policy } = await explained(message(OF_TRAIN, 'iam:PassRole', TRAIN, nothing('iam:PassRole')), []);
    expect(policy?.Statement).toEqual([
      {
        Sid: 'PassRole',
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: [TRAIN],
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    ]);
  });

  test('has no policy where nobody tells to which service a role is passed', async () => {
    const other = 'arn:aws:iam::111122223333:role/other';
    const { policy, notes, steps } = await explained(message(OF_TRAIN, 'iam:PassRole', other), []);
    expect([policy, steps]).toEqual([undefined, []]);
    expect(notes.join('\n')).toContain('without iam:PassedToService');
  });

  const notebook = 'arn:aws:iam::111122223333:role/notebook';
  const passing = (operation: string) =>
    `An error occurred (AccessDeniedException) when calling the ${operation} operation: ${message(OF_TRAIN, 'iam:PassRole', notebook, nothing('iam:PassRole'))}`;
  const trustedBy = (...services: string[]) => ({
    identities: {
      RoleDetailList: [
        ...((roles([]) as { RoleDetailList: Json[] }).RoleDetailList ?? []),
        {
          Arn: notebook,
          RoleName: 'notebook',
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
          },
        },
      ],
    },
  });
  test.each<[string, string, string[], string | undefined]>([
    ['the only one that the role trusts', 'CreatePipeline', ['sagemaker.amazonaws.com'], 'sagemaker'],
    ['the only one, whatever was called', 'CreateFunction', ['lambda.amazonaws.com'], 'lambda'],
    [
      'SageMaker, by an operation that it alone has',
      'CreateTrainingJob',
      ['lambda.amazonaws.com', 'sagemaker.amazonaws.com'],
      'sagemaker',
    ],
    [
      'not told, where several are trusted and the operation may be of any',
      'CreatePipeline',
      ['codepipeline.amazonaws.com', 'sagemaker.amazonaws.com'],
      undefined,
    ],
  ])('the service to which a role is passed: %s', async (_, operation, services, expected) => {
    const { policy } = await explained(passing(operation), [], trustedBy(...services));
    expect(policy?.Statement[0]?.Condition).toEqual(
      expected === undefined
        ? undefined
        : { StringEquals: { 'iam:PassedToService': `${expected}.amazonaws.com` } },
    );
  });

  test('takes a name with a star for that name', async () => {
    const { policy } = await explained(message(OF_TRAIN, 's3:GetObject', '"arn:aws:s3:::acme/*"'), []);
    expect(policy?.Statement[0]?.Resource).toEqual(['arn:aws:s3:::acme/${*}']);
  });

  test('has no policy where AWS names another kind of policy, or no resource is told', async () => {
    const boundary = await explained(
      message(OF_TRAIN, CREATE, JOB, `because no permissions boundary allows the ${CREATE} action`),
      [],
    );
    expect([boundary.policy, boundary.notes.join('\n')]).toEqual([
      undefined,
      expect.stringContaining('boundary'),
    ]);
    const text = `User: ${OF_TRAIN} is not authorized to perform: ${CREATE}`;
    const unnamed = await explained(text, []);
    expect([unnamed.policy, unnamed.explanation]).toEqual([undefined, undefined]);
    expect(unnamed.steps).toMatchObject([{ step: 'Train' }]);
  });

  test('has no policy where an SCP would still deny it', async () => {
    const organization = {
      scps: [
        {
          target: 'r-a1b2',
          policies: [
            {
              name: 'no-training',
              document: { Version: '2012-10-17', Statement: [allow('s3:*', '*')] },
            },
          ],
        },
      ],
      rcps: [],
    };
    const told = await explained(message(OF_TRAIN, CREATE, JOB), [], { organization });
    expect(told.policy).toBeUndefined();
    expect(told.notes.join('\n')).toContain('No policy is proposed');
  });
});

const START = 'sagemaker:StartPipelineExecution';
const FLOOR: Config = { version: 1, versionFloors: [{ pipeline: 'fraud', minimum: 4 }] };
const FROM = (version: string): object => ({
  Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': version } },
});

describe('a policy that a control would find fault with', () => {
  test.each<[string, Config, string]>([
    ['the floor', FLOOR, '4'],
    [
      'the highest of several floors',
      {
        version: 1,
        versionFloors: [
          { pipeline: 'fraud', minimum: 4 },
          { pipeline: 'fr*', minimum: 6 },
        ],
      },
      '6',
    ],
    [
      'a floor whose pipeline is written in other letter case',
      { version: 1, versionFloors: [{ pipeline: 'Fraud', minimum: 4 }] },
      '4',
    ],
  ])('carries the version condition of %s', async (_, config, version) => {
    const { policy, notes } = await explained(
      message(OF_TRAIN, START, PIPELINE, nothing(START)),
      [],
      {},
      config,
    );
    expect(policy?.Statement).toEqual([
      {
        Sid: 'StartPipelineExecution',
        Effect: 'Allow',
        Action: [START],
        Resource: [PIPELINE],
        ...FROM(version),
      },
    ]);
    expect(notes.join('\n')).toContain(`versions from ${version} on`);
  });

  test('carries no condition where the floor excepts the caller, or is of another pipeline', async () => {
    const others: Config[] = [
      { version: 1, versionFloors: [{ pipeline: 'fraud', minimum: 4, except: [FRAUD] }] },
      { version: 1, versionFloors: [{ pipeline: 'vision', minimum: 4 }] },
    ];
    for (const config of others) {
      const { policy } = await explained(message(OF_TRAIN, START, PIPELINE, nothing(START)), [], {}, config);
      expect(policy?.Statement[0]).not.toHaveProperty('Condition');
    }
  });

  test('is not given where its holder could give itself whatever it likes, and the note names the control', async () => {
    const put = 'iam:PutRolePolicy';
    const { policy, notes } = await explained(message(OF_TRAIN, put, FRAUD, nothing(put)), []);
    expect(policy).toBeUndefined();
    expect(notes.join('\n')).toMatch(
      /No policy is given, because controls .*execution-role-[a-z]+: .*expected: /,
    );
  });

  const USER = 'arn:aws:iam::111122223333:user/ana';
  const ADMIN = 'arn:aws:iam::111122223333:role/admin';
  const trusting = (Service: string): Json => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  });
  /** The role of the pipeline, a user without permissions, and an administrator under which functions run. */
  const people: Json = {
    ...(roles([]) as object),
    RoleDetailList: [
      ...((roles([]) as { RoleDetailList: Json[] }).RoleDetailList ?? []),
      {
        Arn: ADMIN,
        RoleName: 'admin',
        AssumeRolePolicyDocument: trusting('lambda.amazonaws.com'),
        RolePolicyList: [
          { PolicyName: 'all', PolicyDocument: { Version: '2012-10-17', Statement: [allow('*', '*')] } },
        ],
      },
    ],
    UserDetailList: [{ Arn: USER, UserName: 'ana', UserPolicyList: [] }],
  };

  test.each([
    ['gives a role policies', 'iam:PutRolePolicy', FRAUD],
    ['gives its own user policies', 'iam:AttachUserPolicy', USER],
    ['says who may assume a role', 'iam:UpdateAssumeRolePolicy', FRAUD],
    ['makes keys of a user', 'iam:CreateAccessKey', 'arn:aws:iam::111122223333:user/bob'],
    ['says who may use a bucket', 's3:PutBucketPolicy', 'arn:aws:s3:::acme'],
  ])('is not given to a user for a call that %s', async (_, action, resource) => {
    const { policy, notes } = await explained(message(USER, action, resource, nothing(action)), [], {
      identities: people,
      bucketPolicies: { acme: null },
    } as Account);
    expect([policy, notes.join('\n')]).toEqual([undefined, expect.stringContaining('No policy is given')]);
  });

  test('is not given for a call that permissions hang on, though the controls cannot be asked', async () => {
    const put = 'iam:PutRolePolicy';
    const told = await explained(message(session('x'), put, FRAUD, nothing(put)), [], {}, FLOOR, [
      'listPipelines',
    ]);
    expect([told.policy, told.notes.join('\n')]).toEqual([
      undefined,
      expect.stringContaining('changes what others may do'),
    ]);
  });

  test('is given with a note where its holder could perhaps change code that runs as an administrator', async () => {
    const update = 'lambda:UpdateFunctionCode';
    const deploys = 'arn:aws:lambda:eu-west-1:111122223333:function:deploy';
    const { policy, notes } = await explained(message(USER, update, deploys, nothing(update)), [], {
      identities: people,
    } as Account);
    expect(policy).toBeDefined();
    expect(notes.join('\n')).toContain(`${USER} could perhaps get an administrator’s permissions`);
  });

  test.each<[string, Config['prefixes'], boolean]>([
    ['no prefix authorises', [{ prefix: 'fraud' }], false],
    [
      'a prefix for another role authorises',
      [{ prefix: 'pipelines', roles: ['arn:aws:iam::111122223333:role/other'] }],
      false,
    ],
    ['a prefix for its pipeline authorises', [{ prefix: 'pipelines', pipelines: ['fraud'] }], true],
  ])('for a job whose name %s', async (_, prefixes = [], isGiven) => {
    const { policy, notes } = await explained(
      message(OF_TRAIN, CREATE, JOB, nothing(CREATE)),
      [],
      {},
      { version: 1, prefixes },
    );
    expect([
      policy !== undefined,
      notes.join('\n').includes('name step Train of pipeline fraud first'),
    ]).toEqual([isGiven, !isGiven]);
  });

  test('is given with a note where the pipelines were not read', async () => {
    const { policy, notes } = await explained(
      message(session('x'), 'glue:StartJobRun', 'arn:aws:glue:eu-west-1:111122223333:job/x'),
      [],
      {},
      FLOOR,
      ['listPipelines'],
    );
    expect(policy).toBeDefined();
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^These pipelines were not read: of eu-west-1 that no list tells \(listPipelines: .*nor whether a control would fail/,
      ),
    );
  });
});

describe('a request that something denies', () => {
  test('names the statement, and has no policy', async () => {
    const denies = [allow('sagemaker:*', '*'), allow(CREATE, '*', 'Deny')];
    const told = await explained(
      message(OF_TRAIN, CREATE, JOB, 'with an explicit deny in an identity-based policy'),
      denies,
    );
    expect(told).toMatchObject({
      explanation: { decision: 'ExplicitDeny', decidedBy: [{ layer: 'identity', pointer: '/Statement/1' }] },
    });
    expect(told.policy).toBeUndefined();
  });

  test('by a policy of a bucket is told by that policy', async () => {
    const bucketPolicies = {
      acme: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'No',
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:GetObject',
            Resource: 'arn:aws:s3:::acme/*',
          },
        ],
      },
    };
    const told = await explained(
      message(
        OF_TRAIN,
        's3:GetObject',
        '"arn:aws:s3:::acme/x"',
        'with an explicit deny in a resource-based policy',
      ),
      [allow('s3:*', '*')],
      { bucketPolicies } as Account,
    );
    expect(told.explanation).toMatchObject({
      decision: 'ExplicitDeny',
      decidedBy: [{ layer: 'resource', statement: 'No' }],
    });
  });
});

describe('what is not known is said', () => {
  test.each<[string, string, Json[], RegExp]>([
    [
      'a caller that was not read',
      message(session('x').replace('/fraud/', '/gone/'), CREATE, JOB),
      [],
      /none of the users and roles/,
    ],
    [
      'a caller of another account',
      message('arn:aws:iam::444455556666:user/maya', CREATE, JOB),
      [],
      /is of account 444455556666/,
    ],
    [
      'a caller that is not named',
      `User: anonymous is not authorized to perform: ${CREATE} on resource: ${JOB}`,
      [],
      /does not name the caller/,
    ],
    ['what is allowed now', message(OF_TRAIN, CREATE, JOB), [allow('*', '*')], /allow it now/],
    ['a step that no pipeline has', message(OF_TRAIN, 'glue:StartJobRun', '*'), [], /No step of a pipeline/],
  ])('%s', async (_, text, statements, note) => {
    const { notes, policy } = await explained(text, statements);
    expect(notes.join('\n')).toMatch(note);
    if (!/No step/.test(note.source)) expect(policy).toBeUndefined();
  });

  test('a session’s name names a step only among those that need it', async () => {
    const { steps } = await explained(
      message(session('sagemaker-pipeline-a1b2c3d4e5f6-Prep'), CREATE, JOB),
      [],
    );
    expect(steps).toEqual([]);
  });
});

describe('which of several steps asked', () => {
  const VpcConfig = { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] };
  const inSubnets: Json = {
    Effect: 'Deny',
    Action: CREATE,
    Resource: '*',
    Condition: { StringNotEquals: { 'sagemaker:VpcSubnets': 'subnet-1a2b3c4d' } },
  };
  const inTwoPipelines = (name: string, args: object): Account['pipelines'] => ({
    [name]: {
      name,
      arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}`,
      roleArn: FRAUD,
      definitionText: JSON.stringify({
        Version: '2020-12-01',
        Steps: [step('Train', 'Training', { RoleArn: TRAIN, ...args })],
      }),
    },
  });
  const account: Account = {
    listing: ['fraud', 'churn'],
    pipelines: { ...inTwoPipelines('fraud', {}), ...inTwoPipelines('churn', { VpcConfig }) },
  };

  test('is told by their definitions: the request of the step in the right subnet is allowed', async () => {
    const told = await explained(
      message(session('SageMaker'), CREATE, JOB, 'with an explicit deny in an identity-based policy'),
      [allow('*', '*'), inSubnets],
      account,
    );
    expect(told.steps).toMatchObject([{ pipeline: { name: 'fraud' }, step: 'Train' }]);
    expect(told.explanation).toMatchObject({ decision: 'ExplicitDeny' });
    expect(told.notes.join('\n')).toContain(
      'The same request of step Train (/Steps/0) of pipeline churn is allowed, as the definition makes it: it is not the one that was denied.',
    );
    expect(told.notes.join('\n')).toContain(
      'execution-role-job-permissions finds this as well: Change step Train (/Steps/0) of pipeline fraud:',
    );
  });

  test('is not told where the policies deny the requests of all', async () => {
    const told = await explained(message(session('SageMaker'), CREATE, JOB), [allow('s3:*', '*')], account);
    expect(told.steps.map(({ pipeline }) => pipeline.name).toSorted()).toEqual(['churn', 'fraud']);
    expect(told.notes.join('\n')).not.toContain('not the one that was denied');
  });
});

describe('a file that a pipeline reads for JsonGet', () => {
  const FILE = 'arn:aws:s3:::acme-reports/fraud/evaluation.json';
  const account: Account = {
    ...pipelines(
      step('Gate', 'Condition', {
        Conditions: [
          {
            Type: 'Equals',
            LeftValue: { 'Std:JsonGet': { S3Uri: 's3://acme-reports/fraud/evaluation.json', Path: 'ok' } },
            RightValue: true,
          },
        ],
        IfSteps: [],
        ElseSteps: [],
      }),
    ),
    organization: {
      scps: [
        {
          target: 'r-a1b2',
          policies: [
            {
              name: 'perimeter',
              document: {
                Version: '2012-10-17',
                Statement: [
                  allow('*', '*'),
                  {
                    Sid: 'KeepIn',
                    Effect: 'Deny',
                    Action: 's3:*',
                    Resource: '*',
                    Condition: {
                      StringNotEqualsIfExists: {
                        'aws:SourceVpc': 'vpc-1a2b3c4d',
                        'aws:PrincipalTag/json-get': 'true',
                      },
                    },
                  },
                ],
              },
            },
          ],
        },
      ],
      rcps: [],
    },
  };

  test('comes from outside every VPC, so that the SCP is told, and the control that mends it', async () => {
    const told = await explained(
      message(
        session('SageMaker'),
        's3:GetObject',
        FILE,
        'with an explicit deny in a service control policy',
      ),
      [allow('s3:*', '*')],
      account,
      { version: 1, scpException: { tagKey: 'json-get', tagValue: 'true' } },
    );
    expect(told.explanation).toMatchObject({
      decision: 'ExplicitDeny',
      decidedBy: [{ policy: 'perimeter (r-a1b2)', statement: 'KeepIn' }],
      missingContext: [],
    });
    expect(told.notes.join('\n')).toContain(
      `scp-json-get-exception finds this as well: Put the tag json-get=true onto ${FRAUD}, so that the SCP excepts it.`,
    );
  });
});
