import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-job-permissions.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { condition, controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  scpsOf,
} from '../../support/builders/principal-facts.ts';

const jobArn = (name: string, type = 'training-job') =>
  `arn:aws:sagemaker:eu-west-1:111122223333:${type}/${name}`;
const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  ...allow(Action, Resource, more),
  Effect: 'Deny',
});

const CREATE = 'sagemaker:CreateTrainingJob';
const DESCRIBE = 'sagemaker:DescribeTrainingJob';
const BOTH = [CREATE, DESCRIBE];
const OWN = `${ROLE} own`;

const training = (TrainingJobName?: unknown, args: object = {}) =>
  step('Train', 'Training', { ...(TrainingJobName === undefined ? {} : { TrainingJobName }), ...args });
const TRAIN = training('fraud-train');
const running = (...steps: object[]) => ({ 'fraud-daily': { steps } });
const MINE = jobArn('fraud-train-*');

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ pipelines = running(TRAIN), ...stated }) => ({
      facts: principalFacts({ pipelines, ...stated }),
    }),
    passes: {
      'Create and Describe under the base job name': { allow: [allow(BOTH, MINE)] },
      'a wider pattern': { allow: [allow('sagemaker:*TrainingJob', jobArn('fraud-*'))] },
      'every action but others (NotAction)': {
        allow: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
      },
      'every resource but others (NotResource)': {
        allow: [{ Effect: 'Allow', Action: 'sagemaker:*', NotResource: jobArn('vision-*') }],
      },
      'resources left out that no job’s name can be, though a star reaches over colons and slashes': {
        allow: [
          {
            Effect: 'Allow',
            Action: 'sagemaker:*',
            NotResource: ['domain', 'app', 'space'].map((type) => `arn:aws:sagemaker:*:*:${type}/*`),
          },
        ],
      },
      'actions in another case': { allow: [allow(['SAGEMAKER:createtrainingjob', DESCRIBE], MINE)] },
      'two statements that allow one action each': { allow: [allow(CREATE, MINE), allow(DESCRIBE, MINE)] },
      'a managed policy beside the inline one': {
        allow: [allow(DESCRIBE)],
        attached: {
          'arn:aws:iam::111122223333:policy/jobs': {
            Version: '2012-10-17',
            Statement: [allow(CREATE, MINE)],
          },
        },
      },
      'default names where the step has no base job name': {
        pipelines: running(training()),
        allow: [allow(BOTH, jobArn('pipelines-*'))],
      },
      'a Deny about other names': { allow: [allow(BOTH, MINE), deny(CREATE, jobArn('vision-*'))] },
      'tags, and AddTags': {
        pipelines: running(training('fraud-train', { Tags: [{ Key: 'team', Value: 'fraud' }] })),
        allow: [allow([...BOTH, 'sagemaker:AddTags'], MINE)],
      },
      'a condition on the Region that every request has': {
        allow: [allow(BOTH, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } })],
      },
      'a base job name behind a parameter, by its default': {
        pipelines: {
          'fraud-daily': {
            steps: [training({ Get: 'Parameters.Base' })],
            parameters: { Base: 'fraud-train' },
          },
        },
        allow: [allow(BOTH, MINE)],
      },
      'a model package in a group, and the group': {
        pipelines: running(step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })),
        allow: [
          allow(
            ['sagemaker:CreateModelPackage', 'sagemaker:DescribeModelPackage'],
            jobArn('fraud/*', 'model-package'),
          ),
          allow('sagemaker:CreateModelPackageGroup', jobArn('fraud', 'model-package-group')),
        ],
      },
      'a function, a queue': {
        pipelines: running(
          step(
            'Notify',
            'Lambda',
            {},
            { FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify' },
          ),
          step(
            'Wait',
            'Callback',
            {},
            { SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/approvals' },
          ),
        ),
        allow: [
          allow('lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:notify'),
          allow('sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:approvals'),
        ],
      },
      'SCPs and a boundary that allow it': {
        allow: [allow('*')],
        boundary: [allow('sagemaker:*')],
        organization: scpsOf(deny('ec2:*')),
      },
    },
    fails: {
      'no permission at all': {
        allow: [],
        told: {
          evidence: [
            ['identity policies', `nothing there allows ${CREATE} on ${MINE}`],
            ['identity policies', `nothing there allows ${DESCRIBE} on ${MINE}`],
          ],
          expected: `${CREATE} on ${MINE}, for step Train (/Steps/0) of pipeline fraud-daily`,
          remedy: 'Allow arn:aws:iam::111122223333:role/pipelines/fraud to create and describe the jobs',
          isMended: true,
        },
      },
      'Describe forgotten': {
        allow: [allow(CREATE, MINE)],
        told: { evidence: [[`${OWN}/Statement/0/Action`, DESCRIBE]], isMended: true },
      },
      'another prefix': {
        allow: [allow(CREATE, jobArn('vision-*')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, jobArn('vision-*')]], isMended: true },
      },
      'a longer prefix': {
        allow: [allow(BOTH, jobArn('fraud-train-eu-*'))],
        told: {
          evidence: [
            [`${OWN}/Statement/0/Resource`, CREATE],
            [`${OWN}/Statement/0/Resource`, DESCRIBE],
          ],
          isMended: true,
        },
      },
      'a wildcard in the middle, which leaves names out': {
        allow: [allow(CREATE, jobArn('fraud-*-gpu-*')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another Region': {
        allow: [allow(CREATE, MINE.replace('eu-west-1', 'us-east-1')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another account': {
        allow: [allow(CREATE, MINE.replace('111122223333', '444455556666')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another type of job': {
        allow: [allow(CREATE, jobArn('fraud-train-*', 'processing-job')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'the action left out by NotAction': {
        allow: [{ Effect: 'Allow', NotAction: CREATE, Resource: '*' }],
        told: { evidence: [[`${OWN}/Statement/0/NotAction`, CREATE]], isMended: true },
      },
      'the names left out by NotResource': {
        allow: [allow(DESCRIBE), { Effect: 'Allow', Action: CREATE, NotResource: jobArn('fraud-*') }],
        told: { evidence: [[`${OWN}/Statement/1/NotResource`, CREATE]], isMended: true },
      },
      'a condition that never holds': {
        allow: [
          allow(DESCRIBE),
          allow(CREATE, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }),
        ],
        told: {
          evidence: [[`${OWN}/Statement/1/Condition/StringEquals/aws:RequestedRegion`, 'us-east-1']],
          isMended: true,
        },
      },
      'a pattern under StringEquals, where it is no pattern': {
        allow: [
          allow(DESCRIBE),
          allow(CREATE, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-*' } } }),
        ],
        told: {
          evidence: [[`${OWN}/Statement/1/Condition/StringEquals/aws:RequestedRegion`, 'eu-*']],
          isMended: true,
        },
      },
      'a second statement that denies some of the names': {
        allow: [allow(BOTH, MINE), deny(CREATE, jobArn('fraud-train-a*'))],
        told: {
          evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]],
          remedy: 'out of statement 1',
          isMended: false,
        },
      },
      'a Deny of whatever is not tagged, as the step sets no tags': {
        allow: [allow(BOTH), deny(CREATE, '*', { Condition: { Null: { 'aws:PrincipalTag/team': 'true' } } })],
        told: { evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]], isMended: false },
      },
      'a boundary that leaves it out': {
        allow: [allow(BOTH, MINE)],
        boundary: [allow(['s3:*', DESCRIBE])],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary/Statement/0/Action/1', CREATE]],
          remedy: 'allow it in its permissions boundary too. No command is given',
          isMended: false,
        },
      },
      'an SCP that denies it': {
        allow: [allow(BOTH, MINE)],
        organization: scpsOf(deny(CREATE)),
        told: { evidence: [['Limits (r-abcd)/Statement/1', CREATE]], remedy: 'Limits', isMended: false },
      },
      'tags without AddTags': {
        pipelines: running(training('fraud-train', { Tags: [{ Key: 'team', Value: 'fraud' }] })),
        allow: [allow(BOTH, MINE)],
        told: { evidence: [[`${OWN}/Statement/0/Action/0`, 'sagemaker:AddTags']], isMended: true },
      },
      'a nested step': {
        pipelines: running(condition('If', [condition('Again', [], [TRAIN])])),
        told: {
          evidence: [
            ['identity policies', CREATE],
            ['identity policies', DESCRIBE],
          ],
          expected: 'step Train (/Steps/0/Arguments/IfSteps/0/Arguments/ElseSteps/0) of pipeline fraud-daily',
          isMended: true,
        },
      },
      'default names, of which only some are allowed': {
        pipelines: running(training()),
        allow: [allow(CREATE, jobArn('fraud-*')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, jobArn('pipelines-')]], isMended: true },
      },
      'the group of a model package': {
        pipelines: running(step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })),
        allow: [allow(['sagemaker:*ModelPackage'])],
        told: {
          evidence: [[`${OWN}/Statement/0/Action/0`, 'sagemaker:CreateModelPackageGroup']],
          isMended: true,
        },
      },
      'another function': {
        pipelines: running(
          step(
            'Notify',
            'Lambda',
            {},
            { FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:notify' },
          ),
        ),
        allow: [allow('lambda:InvokeFunction', 'arn:aws:lambda:*:*:function:sagemaker*')],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, 'function:notify']], isMended: true },
      },
      'a queue': {
        pipelines: running(
          step(
            'Wait',
            'Callback',
            {},
            { SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/approvals' },
          ),
        ),
        told: {
          evidence: [
            ['identity policies', 'sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:approvals'],
          ],
          isMended: true,
        },
      },
      'a step on a cluster of EMR': {
        pipelines: running(step('Spark', 'EMR', { ClusterId: 'j-1ABCD' })),
        allow: [allow('events:*')],
        told: {
          evidence: ['AddJobFlowSteps', 'DescribeStep', 'CancelSteps'].map((action) => [
            `${OWN}/Statement/0/Action`,
            `elasticmapreduce:${action} on arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1ABCD`,
          ]),
          isMended: true,
        },
      },
      'two pipelines are one finding, with both': {
        pipelines: { 'fraud-daily': { steps: [TRAIN] }, 'fraud-weekly': { steps: [TRAIN] } },
        allow: [allow(DESCRIBE)],
        told: {
          evidence: [[`${OWN}/Statement/0/Action`, CREATE]],
          expected: 'pipeline fraud-daily, step Train (/Steps/0) of pipeline fraud-weekly',
          isMended: true,
        },
      },
    },
    isNotAvailable: {
      'a queue of another account, whose policy is not read': {
        pipelines: running(
          step(
            'Wait',
            'Callback',
            {},
            { SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/444455556666/approvals' },
          ),
        ),
        allow: [allow('sqs:SendMessage')],
        told: { evidence: [['policies', 'policies of other accounts are not read']] },
      },
      'the letter case of the ARN, which AWS does not document': {
        allow: [allow(CREATE, jobArn('Fraud-Train-*')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0`, CREATE]] },
      },
      'a condition on what only a request tells': {
        allow: [
          allow(DESCRIBE),
          allow(CREATE, MINE, { Condition: { StringLike: { 'sagemaker:InstanceTypes': 'ml.m5.*' } } }),
        ],
        told: { evidence: [[`${OWN}/Statement/1`, 'sagemaker:InstanceTypes']], remedy: 'simulate' },
      },
      'a name that only a run tells, some of which are allowed': {
        pipelines: running(training({ Get: 'Execution.PipelineExecutionId' })),
        allow: [allow(CREATE, jobArn('fraud-*')), allow(DESCRIBE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]] },
      },
    },
    isNotApplicable: {
      'a role that no pipeline runs under': { pipelines: {} },
      'a pipeline without jobs': { pipelines: running(step('Stop', 'Fail', { ErrorMessage: 'no' })) },
      'a step role': {
        arn: 'arn:aws:iam::111122223333:role/steps/train',
        pipelines: running(
          training('fraud-train', { RoleArn: 'arn:aws:iam::111122223333:role/steps/train' }),
        ),
      },
      'a name that pipeline-job-prefix refuses': {
        pipelines: running(training('vision-train')),
        config: { prefixes: [{ prefix: 'fraud-train' }] },
      },
    },
  });
});

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  const judge = (file: string, stated: Stated) =>
    verdictsOf(control, {
      facts: principalFacts({ ...stated, pipelines: { real: pipelineIn(join(folder, file)) } }),
    });

  test.each([
    '01_abalone_noprefix_onerole.json',
    '02_abalone_prefix_steproles.json',
    '12_param_role_kms_prefix.json',
  ])('AmazonSageMakerFullAccess is enough for %s, and read-only access is not', (file) => {
    expect(judge(file, { attached: managedPolicies('AmazonSageMakerFullAccess') })).toEqual([
      { status: 'PASSED' },
    ]);
    expect(judge(file, { attached: managedPolicies('AmazonSageMakerReadOnly') })).toMatchObject([
      {
        status: 'FAILED',
        remediation: { patch: expect.stringContaining('aws iam put-role-policy --role-name fraud') },
      },
    ]);
  });

  test('AdministratorAccess is enough for every step type', () => {
    const attached = managedPolicies('AdministratorAccess');
    expect(judge('06_allsteps_prefix.json', { attached })).toEqual([{ status: 'PASSED' }]);
  });
});
