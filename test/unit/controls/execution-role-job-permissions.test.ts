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
const ADD_TAGS = 'sagemaker:AddTags';
/** All that is asked but to create: SageMaker tags every job of a pipeline. */
const REST = [DESCRIBE, ADD_TAGS];
const ALL = [CREATE, ...REST];
const OWN = `${ROLE} own`;

const training = (TrainingJobName?: unknown, args: object = {}) =>
  step('Train', 'Training', { ...(TrainingJobName === undefined ? {} : { TrainingJobName }), ...args });
const TRAIN = training('fraud-train');
const running = (...steps: object[]) => ({ 'fraud-daily': { steps } });
const MINE = jobArn('fraud-train-*');
const VpcConfig = { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] };
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ofInstances = (...types: string[]) => ({
  Condition: { 'ForAllValues:StringLike': { 'sagemaker:InstanceTypes': types } },
});
/** A Deny of jobs whose request is not as somebody wants it. */
const unless = (operator: string, key: string, value: unknown, action: string | string[] = CREATE) =>
  deny(action, '*', { Condition: { [operator]: { [key]: value } } });
const OUTSIDE = unless('Null', 'sagemaker:VpcSubnets', 'true', ['sagemaker:Create*Job']);

/** A Deny of what makes things, under one condition. */
const denying = (operator: string, key: string, value: string) =>
  deny(['sagemaker:Create*'], '*', { Condition: { [operator]: { [`sagemaker:${key}`]: value } } });

const fileSystem = (more: object) => ({
  InputDataConfig: [
    {
      ChannelName: 'train',
      DataSource: {
        FileSystemDataSource: {
          FileSystemId: 'fs-0123456789abcdef0',
          FileSystemType: 'FSxLustre',
          FileSystemAccessMode: 'ro',
          DirectoryPath: '/data',
          ...more,
        },
      },
    },
  ],
});
const job = (type: string, args: object) => step('Made', type, args);

/**
 * For each condition key: a Deny, a step whose request it concerns, and one whose request it does not.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const TOLD: readonly [key: string, operator: string, value: string, concerned: object, other: object][] = [
  [
    'KeepAlivePeriod',
    'NumericGreaterThan',
    '600',
    job('Training', { ResourceConfig: { KeepAlivePeriodInSeconds: 3600 } }),
    job('Training', {}),
  ],
  [
    'MaxRuntimeInSeconds',
    'NumericGreaterThan',
    '7200',
    job('Training', { StoppingCondition: { MaxRuntimeInSeconds: 86_400 } }),
    job('Training', { StoppingCondition: { MaxRuntimeInSeconds: 3600 } }),
  ],
  [
    'MaxRuntimeInSeconds',
    'NumericGreaterThan',
    '7200',
    job('Processing', { StoppingCondition: { MaxRuntimeInSeconds: 86_400 } }),
    job('Transform', { ModelName: 'm' }),
  ],
  [
    'MaxRuntimeInSeconds',
    'NumericGreaterThan',
    '7200',
    job('Tuning', { TrainingJobDefinition: { StoppingCondition: { MaxRuntimeInSeconds: 7201 } } }),
    job('Tuning', { TrainingJobDefinition: { StoppingCondition: { MaxRuntimeInSeconds: 7200 } } }),
  ],
  [
    'EnableRemoteDebug',
    'Bool',
    'true',
    job('Training', { RemoteDebugConfig: { EnableRemoteDebug: true } }),
    job('Training', { RemoteDebugConfig: { EnableRemoteDebug: false } }),
  ],
  [
    'EnableRemoteDebug',
    'Bool',
    'true',
    job('Training', { RemoteDebugConfig: { EnableRemoteDebug: true } }),
    job('Training', {}),
  ],
  [
    'FileSystemId',
    'StringNotEqualsIfExists',
    'fs-0123456789abcdef0',
    job('Training', fileSystem({ FileSystemId: 'fs-00000000000000001' })),
    job('Training', fileSystem({})),
  ],
  [
    'FileSystemType',
    'StringEquals',
    'EFS',
    job('Training', fileSystem({ FileSystemType: 'EFS' })),
    job('Training', fileSystem({})),
  ],
  [
    'FileSystemAccessMode',
    'StringEquals',
    'rw',
    job('Tuning', { TrainingJobDefinition: fileSystem({ FileSystemAccessMode: 'rw' }) }),
    job('Tuning', { TrainingJobDefinition: fileSystem({}) }),
  ],
  [
    'FileSystemDirectoryPath',
    'StringLike',
    '/home*',
    job('Training', fileSystem({ DirectoryPath: '/home' })),
    job('Processing', {}),
  ],
  [
    'ModelApprovalStatus',
    'StringEquals',
    'Approved',
    job('RegisterModel', { ModelPackageGroupName: 'fraud', ModelApprovalStatus: 'Approved' }),
    job('RegisterModel', { ModelPackageGroupName: 'fraud' }),
  ],
  [
    'ModelLifeCycle:Stage',
    'StringEquals',
    'Production',
    job('RegisterModel', { ModelPackageGroupName: 'fraud', ModelLifeCycle: { Stage: 'Production' } }),
    job('RegisterModel', { ModelPackageGroupName: 'fraud', ModelLifeCycle: { Stage: 'Development' } }),
  ],
  [
    'ModelLifeCycle:StageStatus',
    'StringEquals',
    'Approved',
    job('RegisterModel', { ModelPackageGroupName: 'fraud', ModelLifeCycle: { StageStatus: 'Approved' } }),
    job('Model', { ModelName: 'm' }),
  ],
  [
    'CustomerMetadataProperties/owner',
    'StringEquals',
    'nobody',
    job('RegisterModel', { ModelPackageGroupName: 'fraud', CustomerMetadataProperties: { owner: 'nobody' } }),
    job('RegisterModel', { ModelPackageGroupName: 'fraud', CustomerMetadataProperties: { owner: 'ana' } }),
  ],
  [
    'AcceleratorTypes',
    'ForAnyValue:StringEquals',
    'ml.eia2.large',
    job('EndpointConfig', { ProductionVariants: [{ AcceleratorType: 'ml.eia2.large' }, {}] }),
    job('EndpointConfig', { ProductionVariants: [{}] }),
  ],
  [
    'ServerlessMaxConcurrency',
    'NumericGreaterThan',
    '10',
    job('EndpointConfig', { ProductionVariants: [{ ServerlessConfig: { MaxConcurrency: 20 } }] }),
    job('EndpointConfig', { ProductionVariants: [{ ServerlessConfig: { MaxConcurrency: 5 } }] }),
  ],
  [
    'ServerlessMemorySize',
    'NumericGreaterThan',
    '2048',
    job('EndpointConfig', { ProductionVariants: [{ ServerlessConfig: { MemorySizeInMB: 4096 } }] }),
    job('EndpointConfig', { ProductionVariants: [{ InstanceType: 'ml.m5.large' }] }),
  ],
  [
    'ModelArn',
    'ArnLike',
    'arn:aws:sagemaker:*:*:model/old-*',
    job('Transform', { ModelName: 'old-1' }),
    job('Transform', { ModelName: 'new-1' }),
  ],
];

const statusOf = (pipelined: object, statement: object): string | undefined =>
  verdictsOf(control, {
    facts: principalFacts({ pipelines: running(pipelined), allow: [allow('*'), statement] }),
  })
    .map(({ status }) => status)
    .join();

test.each(TOLD)(
  'sagemaker:%s (%s %s) is known of the request that a step makes',
  (key, operator, value, concerned, other) => {
    const statement = denying(operator, key, value);
    expect([statusOf(concerned, statement), statusOf(other, statement)]).toEqual(['FAILED', 'PASSED']);
  },
);

test.each<[string, object, object]>([
  [
    'two file systems, of which the request tells one',
    job('Training', {
      InputDataConfig: ['fs-00000000000000001', 'fs-00000000000000002'].flatMap(
        (FileSystemId) => fileSystem({ FileSystemId }).InputDataConfig,
      ),
    }),
    denying('StringEquals', 'FileSystemId', 'fs-00000000000000001'),
  ],
  [
    'a runtime that is not said, which is a day or not in the request',
    job('Training', {}),
    denying('NumericGreaterThan', 'MaxRuntimeInSeconds', '7200'),
  ],
  [
    'a runtime of one of two definitions',
    job('Tuning', { TrainingJobDefinitions: [{ StoppingCondition: { MaxRuntimeInSeconds: 60 } }, {}] }),
    denying('NumericGreaterThan', 'MaxRuntimeInSeconds', '7200'),
  ],
  [
    'a period that only a run tells',
    job('Training', { ResourceConfig: { KeepAlivePeriodInSeconds: { Get: 'Parameters.Period' } } }),
    denying('NumericGreaterThan', 'KeepAlivePeriod', '7200'),
  ],
])('is open: %s', (_, pipelined, statement) => {
  expect(statusOf(pipelined, statement)).toBe('NOT_AVAILABLE');
});

const runtime = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const submitting = (role: string) => ({ StringEquals: { 'elasticmapreduce:ExecutionRoleArn': role } });
const CLUSTER_CALLS = [
  'AddJobFlowSteps',
  'DescribeStep',
  'CancelSteps',
  'TerminateJobFlows',
  'DescribeCluster',
  'ListSteps',
].map((name) => `elasticmapreduce:${name}`);

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ pipelines = running(TRAIN), ...stated }) => ({
      facts: principalFacts({ pipelines, ...stated }),
      ...(stated.config && { config: stated.config }),
    }),
    passes: {
      'a Deny of jobs outside a VPC, where the step names one': {
        pipelines: running(training('fraud-train', { VpcConfig })),
        allow: [allow(ALL, MINE), OUTSIDE],
      },
      'a Deny of jobs outside these subnets, where the step names them behind a parameter': {
        pipelines: {
          'fraud-daily': {
            steps: [
              training('fraud-train', {
                VpcConfig: { ...VpcConfig, Subnets: [{ Get: 'Parameters.Subnet' }] },
              }),
            ],
            parameters: { Subnet: 'subnet-1a2b3c4d' },
          },
        },
        allow: [
          allow(ALL, MINE),
          unless('ForAnyValue:StringNotEquals', 'sagemaker:VpcSubnets', VpcConfig.Subnets),
        ],
      },
      'the instance types that the steps use': {
        pipelines: running(training('fraud-train', { ResourceConfig: { InstanceType: 'ml.m5.large' } })),
        allow: [allow(REST), allow(CREATE, MINE, ofInstances('ml.m5.*'))],
      },
      'a tag that the step sets, of the request to create and of the request to tag': {
        pipelines: running(training('fraud-train', { Tags: [{ Key: 'team', Value: 'fraud' }] })),
        allow: [
          allow(DESCRIBE),
          allow([CREATE, ADD_TAGS], MINE, {
            Condition: { StringEquals: { 'aws:RequestTag/team': 'fraud' } },
          }),
        ],
      },
      'AddTags for what it creates alone': {
        allow: [
          allow([CREATE, DESCRIBE], MINE),
          allow(ADD_TAGS, MINE, {
            Condition: { StringEquals: { 'sagemaker:TaggingAction': 'CreateTrainingJob' } },
          }),
        ],
      },
      'the KMS key of its output, by its id': {
        pipelines: running(
          training('fraud-train', { OutputDataConfig: { KmsKeyId: KEY.split('/').at(-1) } }),
        ),
        allow: [allow(ALL, MINE), unless('StringNotLike', 'sagemaker:OutputKmsKey', '*1234abcd-*')],
      },
      'network isolation, where it is asked for': {
        pipelines: running(training('fraud-train', { EnableNetworkIsolation: true })),
        allow: [allow(ALL, MINE), unless('Bool', 'sagemaker:NetworkIsolation', 'false')],
      },
      'Create, Describe and AddTags under the base job name': { allow: [allow(ALL, MINE)] },
      'a wider pattern': { allow: [allow(['sagemaker:*TrainingJob', ADD_TAGS], jobArn('fraud-*'))] },
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
      'actions in another case': { allow: [allow(['SAGEMAKER:createtrainingjob', ...REST], MINE)] },
      'two statements that allow one action each': { allow: [allow(CREATE, MINE), allow(REST, MINE)] },
      'a managed policy beside the inline one': {
        allow: [allow(REST)],
        attached: {
          'arn:aws:iam::111122223333:policy/jobs': {
            Version: '2012-10-17',
            Statement: [allow(CREATE, MINE)],
          },
        },
      },
      'default names where the step has no base job name': {
        pipelines: running(training()),
        allow: [allow(ALL, jobArn('pipelines-*'))],
      },
      'a Deny about other names': { allow: [allow(ALL, MINE), deny(CREATE, jobArn('vision-*'))] },
      'a condition on the Region that every request has': {
        allow: [allow(ALL, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } })],
      },
      'a base job name behind a parameter, by its default': {
        pipelines: {
          'fraud-daily': {
            steps: [training({ Get: 'Parameters.Base' })],
            parameters: { Base: 'fraud-train' },
          },
        },
        allow: [allow(ALL, MINE)],
      },
      'a model package in a group, and the group': {
        pipelines: running(step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })),
        allow: [
          allow(
            ['sagemaker:CreateModelPackage', 'sagemaker:DescribeModelPackage', ADD_TAGS],
            jobArn('fraud/*', 'model-package'),
          ),
          allow(['sagemaker:CreateModelPackageGroup', ADD_TAGS], jobArn('fraud', 'model-package-group')),
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
      'a new cluster of EMR as AWS’s own policy allows it, with tags under a condition on them': {
        pipelines: running(
          step('Spark', 'EMR', { ClusterConfig: { Tags: [{ Key: 'team', Value: 'risk' }] } }),
        ),
        allow: [
          allow('events:*'),
          allow(['elasticmapreduce:RunJobFlow', ...CLUSTER_CALLS], 'arn:aws:elasticmapreduce:*:*:cluster/*'),
          {
            ...allow('elasticmapreduce:AddTags'),
            Condition: { StringEquals: { 'elasticmapreduce:ResourceTag/team': 'risk' } },
          },
        ],
      },
      'a step on a cluster of EMR, under the runtime role that a policy admits': {
        pipelines: running(
          step('Spark', 'EMR', { ClusterId: 'j-1ABCD', ExecutionRoleArn: runtime('spark') }),
        ),
        allow: [
          allow('events:*'),
          allow(['elasticmapreduce:DescribeStep', 'elasticmapreduce:CancelSteps']),
          { ...allow('elasticmapreduce:AddJobFlowSteps'), Condition: submitting(runtime('spark')) },
        ],
      },
    },
    fails: {
      'a Deny of jobs outside a VPC, where the step names none': {
        allow: [allow(ALL, MINE), OUTSIDE],
        told: {
          evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]],
          expected: 'for step Train (/Steps/0) of pipeline fraud-daily',
          remedy: 'by sagemaker:VpcSubnets (not in the request). Give the step a VpcConfig',
        },
      },
      'a Deny of jobs in other subnets, for steps of two kinds that name none': {
        pipelines: running(training('fraud-train'), {
          ...(step('Prepare', 'Processing', { ProcessingJobName: 'fraud-prepare' }) as object),
        }),
        allow: [
          allow('sagemaker:*'),
          unless(
            'StringNotEquals',
            'sagemaker:VpcSubnets',
            ['subnet-1a2b3c4d', 'subnet-5e6f7a8b'],
            [CREATE, 'sagemaker:CreateProcessingJob'],
          ),
        ],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `denies ${CREATE}`],
            [`${OWN}/Statement/1`, 'denies sagemaker:CreateProcessingJob'],
          ],
          remedy: `Change step Train (/Steps/0) of pipeline fraud-daily, step Prepare (/Steps/1) of pipeline fraud-daily: statement 1 of ${OWN} refuses ${CREATE}, sagemaker:CreateProcessingJob as the step asks for it, by sagemaker:VpcSubnets (not in the request). Give the step a VpcConfig that the statement admits (sagemaker:VpcSubnets subnet-1a2b3c4d, subnet-5e6f7a8b), and leave the condition as it is.`,
        },
      },
      'steps that two statements refuse, each for its own reason': {
        pipelines: running(
          training('fraud-train', { ResourceConfig: { InstanceType: 'ml.p4d.24xlarge' }, VpcConfig }),
          training('fraud-test', { ResourceConfig: { InstanceType: 'ml.m5.large' } }),
        ),
        allow: [
          allow('sagemaker:*'),
          unless('ForAnyValue:StringLike', 'sagemaker:InstanceTypes', 'ml.p4d.*'),
          OUTSIDE,
        ],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `denies ${CREATE} on ${jobArn('fraud-train-*')}`],
            [`${OWN}/Statement/2`, `denies ${CREATE} on ${jobArn('fraud-test-*')}`],
          ],
          remedy:
            'what the statement asks for (sagemaker:InstanceTypes none of ml.p4d.*), and leave the condition as it is. Change step Train (/Steps/1) of pipeline fraud-daily: statement 2',
        },
      },
      'a Deny of jobs outside a VPC, beside something that nothing allows': {
        allow: [allow([CREATE, ADD_TAGS], MINE), OUTSIDE],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `denies ${CREATE}`],
            ['identity policies', DESCRIBE],
          ],
          remedy: 'The rest of the evidence (1 of 2) has other causes: audit again after that.',
        },
      },
      'an SCP that denies jobs outside a VPC, for the one step of two that names none': {
        pipelines: running(training('fraud-train', { VpcConfig }), {
          ...(training('fraud-test') as object),
          Name: 'Test',
        }),
        allow: [allow('sagemaker:*')],
        organization: scpsOf(OUTSIDE),
        told: {
          evidence: [['Limits (r-abcd)/Statement/1', `denies ${CREATE} on ${jobArn('fraud-test-*')}`]],
          expected: 'for step Test (/Steps/1) of pipeline fraud-daily',
        },
      },
      'a boundary that allows jobs in a VPC alone': {
        allow: [allow(ALL, MINE)],
        boundary: [
          allow(REST),
          allow(CREATE, '*', { Condition: { Null: { 'sagemaker:VpcSubnets': 'false' } } }),
        ],
        told: {
          evidence: [
            [
              'arn:aws:iam::111122223333:policy/boundary/Statement/1/Condition/Null/sagemaker:VpcSubnets',
              CREATE,
            ],
          ],
          remedy: 'leave the condition as it is',
        },
      },
      'other instance types than the step uses': {
        pipelines: running(training('fraud-train', { ResourceConfig: { InstanceType: 'ml.p4d.24xlarge' } })),
        allow: [allow(REST), allow(CREATE, MINE, ofInstances('ml.m5.*'))],
        told: {
          evidence: [
            [`${OWN}/Statement/1/Condition/ForAllValues:StringLike/sagemaker:InstanceTypes`, 'ml.m5.*'],
          ],
          remedy: 'sagemaker:InstanceTypes (ml.p4d.24xlarge)',
        },
      },
      'a tag that the step does not set': {
        pipelines: running(training('fraud-train', { Tags: [{ Key: 'cost', Value: '1' }] })),
        allow: [allow(ALL, MINE), unless('Null', 'aws:RequestTag/team', 'true')],
        told: { evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]], remedy: 'aws:RequestTag/team' },
      },
      'network isolation, which is not asked for, however that is told': {
        allow: [
          allow(REST),
          allow(CREATE, MINE, { Condition: { Bool: { 'sagemaker:NetworkIsolation': 'true' } } }),
        ],
        told: { evidence: [[`${OWN}/Statement/1/Condition/Bool/sagemaker:NetworkIsolation`, CREATE]] },
      },
      'no permission at all': {
        allow: [],
        told: {
          evidence: [
            ['identity policies', `nothing there allows ${CREATE} on ${MINE}`],
            ['identity policies', `nothing there allows ${DESCRIBE} on ${MINE}`],
            ['identity policies', `nothing there allows ${ADD_TAGS} on ${MINE}`],
          ],
          expected: `${CREATE} on ${MINE}, for step Train (/Steps/0) of pipeline fraud-daily`,
          remedy: 'Allow arn:aws:iam::111122223333:role/pipelines/fraud to create and describe the jobs',
          isMended: true,
        },
      },
      'Describe forgotten': {
        allow: [allow([CREATE, ADD_TAGS], MINE)],
        told: { evidence: [['identity policies', DESCRIBE]], isMended: true },
      },
      'another prefix': {
        allow: [allow(CREATE, jobArn('vision-*')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, jobArn('vision-*')]], isMended: true },
      },
      'a longer prefix': {
        allow: [allow(ALL, jobArn('fraud-train-eu-*'))],
        told: {
          evidence: [
            [`${OWN}/Statement/0/Resource`, CREATE],
            [`${OWN}/Statement/0/Resource`, DESCRIBE],
            [`${OWN}/Statement/0/Resource`, ADD_TAGS],
          ],
          isMended: true,
        },
      },
      'a wildcard in the middle, which leaves names out': {
        allow: [allow(CREATE, jobArn('fraud-*-gpu-*')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another Region': {
        allow: [allow(CREATE, MINE.replace('eu-west-1', 'us-east-1')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another account': {
        allow: [allow(CREATE, MINE.replace('111122223333', '444455556666')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'another type of job': {
        allow: [allow(CREATE, jobArn('fraud-train-*', 'processing-job')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, CREATE]], isMended: true },
      },
      'the action left out by NotAction': {
        allow: [{ Effect: 'Allow', NotAction: CREATE, Resource: '*' }],
        told: { evidence: [['identity policies', CREATE]], isMended: true },
      },
      'the names left out by NotResource': {
        allow: [allow(REST), { Effect: 'Allow', Action: CREATE, NotResource: jobArn('fraud-*') }],
        told: { evidence: [[`${OWN}/Statement/1/NotResource`, CREATE]], isMended: true },
      },
      'a condition that never holds': {
        allow: [
          allow(REST),
          allow(CREATE, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }),
        ],
        told: {
          evidence: [[`${OWN}/Statement/1/Condition/StringEquals/aws:RequestedRegion`, 'us-east-1']],
          isMended: true,
        },
      },
      'a pattern under StringEquals, where it is no pattern': {
        allow: [
          allow(REST),
          allow(CREATE, MINE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-*' } } }),
        ],
        told: {
          evidence: [[`${OWN}/Statement/1/Condition/StringEquals/aws:RequestedRegion`, 'eu-*']],
          isMended: true,
        },
      },
      'a second statement that denies some of the names': {
        allow: [allow(ALL, MINE), deny(CREATE, jobArn('fraud-train-a*'))],
        told: {
          evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]],
          remedy: 'out of statement 1',
          isMended: false,
        },
      },
      'a Deny of whatever is not tagged, as the step sets no tags': {
        allow: [allow(ALL), deny(CREATE, '*', { Condition: { Null: { 'aws:PrincipalTag/team': 'true' } } })],
        told: { evidence: [[`${OWN}/Statement/1`, `denies ${CREATE}`]], isMended: false },
      },
      'a boundary that leaves it out': {
        allow: [allow(ALL, MINE)],
        boundary: [allow(['s3:*', ...REST])],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary', CREATE]],
          remedy: 'allow it in its permissions boundary too. No command is given',
          isMended: false,
        },
      },
      'an SCP that denies it': {
        allow: [allow(ALL, MINE)],
        organization: scpsOf(deny(CREATE)),
        told: { evidence: [['Limits (r-abcd)/Statement/1', CREATE]], remedy: 'Limits', isMended: false },
      },
      'AddTags forgotten, though the step sets no tags': {
        allow: [allow([CREATE, DESCRIBE], MINE)],
        told: { evidence: [['identity policies', 'sagemaker:AddTags']], isMended: true },
      },
      'a nested step': {
        pipelines: running(condition('If', [condition('Again', [], [TRAIN])])),
        told: {
          evidence: [
            ['identity policies', CREATE],
            ['identity policies', DESCRIBE],
            ['identity policies', ADD_TAGS],
          ],
          expected: 'step Train (/Steps/0/Arguments/IfSteps/0/Arguments/ElseSteps/0) of pipeline fraud-daily',
          isMended: true,
        },
      },
      'default names, of which only some are allowed': {
        pipelines: running(training()),
        allow: [allow(CREATE, jobArn('fraud-*')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, jobArn('pipelines-')]], isMended: true },
      },
      'the group of a model package': {
        pipelines: running(step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })),
        allow: [allow(['sagemaker:*ModelPackage', ADD_TAGS])],
        told: {
          evidence: [['identity policies', 'sagemaker:CreateModelPackageGroup']],
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
            'identity policies',
            `elasticmapreduce:${action} on arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1ABCD`,
          ]),
          isMended: true,
        },
      },
      'a step on a cluster of EMR, under another runtime role than a policy admits': {
        pipelines: running(
          step('Spark', 'EMR', { ClusterId: 'j-1ABCD', ExecutionRoleArn: runtime('spark') }),
        ),
        allow: [
          allow('events:*'),
          allow(['elasticmapreduce:DescribeStep', 'elasticmapreduce:CancelSteps']),
          { ...allow('elasticmapreduce:AddJobFlowSteps'), Condition: submitting(runtime('other')) },
        ],
        told: {
          evidence: [
            [
              `${OWN}/Statement/2/Condition/StringEquals/elasticmapreduce:ExecutionRoleArn`,
              'elasticmapreduce:AddJobFlowSteps',
            ],
          ],
          isMended: true,
        },
      },
      'a new cluster of EMR, allowed on one that exists': {
        pipelines: running(step('Spark', 'EMR', { ClusterConfig: {} })),
        allow: [
          allow(['events:*', ...CLUSTER_CALLS]),
          allow('elasticmapreduce:RunJobFlow', 'arn:aws:elasticmapreduce:*:*:cluster/j-1ABCD'),
        ],
        told: {
          evidence: [[`${OWN}/Statement/1/Resource`, 'elasticmapreduce:RunJobFlow on *']],
          isMended: true,
        },
      },
      'a new cluster of EMR with tags, which nobody may add': {
        pipelines: running(
          step('Spark', 'EMR', { ClusterConfig: { Tags: [{ Key: 'team', Value: 'risk' }] } }),
        ),
        allow: [allow(['events:*', 'elasticmapreduce:RunJobFlow', ...CLUSTER_CALLS])],
        told: {
          evidence: [['identity policies', 'elasticmapreduce:AddTags']],
          isMended: true,
        },
      },
      'a name that is not authorised, whose job needs its permissions all the same': {
        pipelines: running(training('vision-train')),
        config: { prefixes: [{ prefix: 'fraud-train' }] },
        allow: [allow(ALL, MINE)],
        told: {
          evidence: ALL.map((action) => [`${OWN}/Statement/0/Resource`, action]),
          expected: `${CREATE} on ${jobArn('vision-train-*')}`,
          remedy:
            'Name the step first, as pipeline-job-prefix says: step Train (/Steps/0) of pipeline fraud-daily',
          isMended: false,
        },
      },
      'a default name, which the prefix of the role does not authorise': {
        pipelines: running(training()),
        config: { prefixes: [{ prefix: 'fraud', roles: [ROLE] }] },
        allow: [],
        told: {
          evidence: ALL.map((action) => ['identity policies', action]),
          remedy: 'create jobs called pipelines-*, and no prefix is known to authorise these names',
          isMended: false,
        },
      },
      'a default name, which is authorised for other pipelines alone': {
        pipelines: running(training()),
        config: { prefixes: [{ prefix: 'pipelines', pipelines: ['sandbox-*'] }] },
        allow: [],
        told: { evidence: ALL.map((action) => ['identity policies', action]), isMended: false },
      },
      'a default name that is authorised for the pipeline': {
        pipelines: running(training()),
        config: { prefixes: [{ prefix: 'pipelines', pipelines: ['fraud-*'] }] },
        allow: [],
        told: { evidence: ALL.map((action) => ['identity policies', action]), isMended: true },
      },
      'a name under a prefix of another role': {
        pipelines: running(training('vision-train')),
        config: {
          prefixes: [
            { prefix: 'fraud', roles: [ROLE] },
            { prefix: 'vision', roles: ['arn:aws:iam::111122223333:role/pipelines/vision'] },
          ],
        },
        allow: [],
        told: { evidence: ALL.map((action) => ['identity policies', action]), isMended: false },
      },
      'a name under the prefix of the role': {
        config: { prefixes: [{ prefix: 'fraud', roles: [ROLE] }] },
        allow: [],
        told: { evidence: ALL.map((action) => ['identity policies', action]), isMended: true },
      },
      'a name that only a run tells, where prefixes are authorised': {
        pipelines: running(training({ Get: 'Execution.PipelineExecutionId' })),
        config: { prefixes: [{ prefix: 'fraud' }] },
        allow: [],
        told: { evidence: ALL.map((action) => ['identity policies', action]), isMended: false },
      },
      'the default name of a tuning job, which is authorised': {
        pipelines: running(step('Tune', 'Tuning', {})),
        config: { prefixes: [{ prefix: 'pipelines' }] },
        allow: [allow(['sagemaker:Describe*', ADD_TAGS])],
        told: {
          evidence: [['identity policies', 'CreateHyperParameterTuningJob']],
          isMended: true,
        },
      },
      'a package of a group, whose name no prefix governs': {
        pipelines: running(step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })),
        config: { prefixes: [{ prefix: 'vision' }] },
        allow: [allow(['sagemaker:DescribeModelPackage', ADD_TAGS, 'sagemaker:CreateModelPackageGroup'])],
        told: { evidence: [['identity policies', 'sagemaker:CreateModelPackage']], isMended: true },
      },
      'Describe and tags alone of a name that is not authorised, with which nobody makes a job': {
        pipelines: running(training('vision-train')),
        config: { prefixes: [{ prefix: 'fraud' }] },
        allow: [allow(CREATE)],
        told: { evidence: REST.map((action) => ['identity policies', action]), isMended: true },
      },
      'two pipelines are one finding, with both': {
        pipelines: { 'fraud-daily': { steps: [TRAIN] }, 'fraud-weekly': { steps: [TRAIN] } },
        allow: [allow(REST)],
        told: {
          evidence: [['identity policies', CREATE]],
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
        allow: [allow(CREATE, jobArn('Fraud-Train-*')), allow(REST)],
        told: { evidence: [[`${OWN}/Statement/0`, CREATE]] },
      },
      'a condition on what the definition does not tell': {
        allow: [
          allow(REST),
          allow(CREATE, MINE, {
            Condition: { StringEquals: { 'sagemaker:DirectGatedModelAccess': 'false' } },
          }),
        ],
        told: { evidence: [[`${OWN}/Statement/1`, 'sagemaker:DirectGatedModelAccess']], remedy: 'simulate' },
      },
      'a condition on a value that only a run tells': {
        pipelines: running(
          training('fraud-train', { ResourceConfig: { InstanceType: { Get: 'Parameters.Type' } } }),
        ),
        allow: [allow(REST), allow(CREATE, MINE, ofInstances('ml.m5.*'))],
        told: { evidence: [[`${OWN}/Statement/1`, 'sagemaker:InstanceTypes']], remedy: 'simulate' },
      },
      'a tuning job of which one definition has a VPC and another has none': {
        pipelines: running(
          step('Tune', 'Tuning', {
            HyperParameterTuningJobName: 'fraud',
            TrainingJobDefinitions: [{ VpcConfig }, {}],
          }),
        ),
        allow: [allow('sagemaker:*'), OUTSIDE],
        told: { evidence: [[`${OWN}/Statement/1`, 'sagemaker:VpcSubnets']] },
      },
      'a KMS key by an alias, whose key nobody tells': {
        pipelines: running(training('fraud-train', { OutputDataConfig: { KmsKeyId: 'alias/fraud' } })),
        allow: [allow('sagemaker:*'), unless('StringNotEquals', 'sagemaker:OutputKmsKey', KEY)],
        told: { evidence: [[`${OWN}/Statement/1`, 'sagemaker:OutputKmsKey']] },
      },
      'a name that only a run tells, some of which are allowed': {
        pipelines: running(training({ Get: 'Execution.PipelineExecutionId' })),
        allow: [allow(CREATE, jobArn('fraud-*')), allow(REST)],
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
