import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resolveScope } from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { JOB_STEP_TYPES, type JobStepType } from '../../../shared/definition/step-types.ts';
import { lintPolicy } from '../../../shared/iam/lint/lint-policy.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import type { Need } from '../../../shared/needs/need.ts';
import { pipelineNeeds } from '../../../shared/needs/step-needs.ts';
import { idleParts, leastPolicy, unmetNeed } from '../../../shared/policies/least-policy.ts';
import { describeCases } from '../../support/builders/cases.ts';

const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const ROLE = 'arn:aws:iam::111122223333:role/step';
const EXECUTION_ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const ID = { Get: 'Execution.PipelineExecutionId' };

const needsOf = (
  text: string,
  executionRole: string | undefined = EXECUTION_ROLE,
  scope: typeof SCOPE = SCOPE,
) => {
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return pipelineNeeds(resolveScope(parsed.definition, 'fraud'), scope, executionRole);
};
const needsOfSteps = (...steps: object[]) =>
  needsOf(
    JSON.stringify({
      Parameters: [{ Name: 'Base', Type: 'String', DefaultValue: 'from-default' }],
      Steps: steps.map((step, index) => ({ Name: `S${index}`, ...step })),
    }),
  );

/** `CreateTrainingJob training-job/fraud-*`: the action and the resource without what all have in common. */
const brief = ({ action, resource, context }: Need): string =>
  [
    action.replace('sagemaker:', ''),
    resource.replace('arn:aws:sagemaker:eu-west-1:111122223333:', ''),
    ...Object.values(context ?? {}),
  ].join(' ');

const job = (noun: string, arn: string, ...actions: string[]): string[] =>
  [...['Create', 'Describe', ...actions].map((verb) => `${verb}${noun}`), 'AddTags'].map(
    (name) => `${name} ${arn}`,
  );
const groupArn = (account: string) => `arn:aws:sagemaker:eu-west-1:${account}:model-package-group/g`;
const passTo = (service: string, role = ROLE): string => `iam:PassRole ${role} ${service}`;
const toSageMaker = passTo('sagemaker.amazonaws.com');
/** A step that names no role runs under the execution role, which passes itself. */
const itself = passTo('sagemaker.amazonaws.com', EXECUTION_ROLE);

describe('a step needs', () => {
  test.each<[string, object, string[]]>([
    [
      'its training job, under its base job name',
      { Type: 'Training', Arguments: { TrainingJobName: 'fraud', RoleArn: ROLE } },
      [...job('TrainingJob', 'training-job/fraud-*', 'Stop'), toSageMaker],
    ],
    [
      'its training job, under the name that pipelines give',
      { Type: 'Training', Arguments: {} },
      [...job('TrainingJob', 'training-job/pipelines-*', 'Stop'), itself],
    ],
    [
      'a name by the default of a parameter',
      { Type: 'Processing', Arguments: { ProcessingJobName: { Get: 'Parameters.Base' } } },
      [...job('ProcessingJob', 'processing-job/from-default-*', 'Stop'), itself],
    ],
    [
      'a name that only a run tells the end of',
      {
        Type: 'QualityCheck',
        Arguments: { ProcessingJobName: { 'Std:Join': { On: '-', Values: ['a', ID, 'b'] } } },
      },
      [...job('ProcessingJob', 'processing-job/a-*', 'Stop'), itself],
    ],
    [
      'a name with wildcards of policies, as it is',
      { Type: 'ClarifyCheck', Arguments: { ProcessingJobName: '*?${a}$' } },
      [...job('ProcessingJob', 'processing-job/${*}${?}${$}{a}$-*', 'Stop'), itself],
    ],
    [
      'its transform job',
      { Type: 'Transform', Arguments: {} },
      job('TransformJob', 'transform-job/pipelines-*', 'Stop'),
    ],
    [
      'its tuning job, whose default name AWS does not document',
      { Type: 'Tuning', Arguments: { TrainingJobDefinitions: [{ RoleArn: ROLE }] } },
      [...job('HyperParameterTuningJob', 'hyper-parameter-tuning-job/*', 'Stop'), toSageMaker],
    ],
    [
      'its AutoML job',
      { Type: 'AutoML', Arguments: { AutoMLJobName: 'a' } },
      [...job('AutoMLJob', 'automl-job/a-*', 'Stop'), itself],
    ],
    [
      'its AutoML job of the second version',
      { Type: 'AutoML', Arguments: { AutoMLJobName: 'a', AutoMLProblemTypeConfig: {} } },
      [
        'CreateAutoMLJobV2 automl-job/a-*',
        'DescribeAutoMLJobV2 automl-job/a-*',
        'StopAutoMLJob automl-job/a-*',
        'AddTags automl-job/a-*',
        itself,
      ],
    ],
    [
      'its model',
      { Type: 'Model', Arguments: { ModelName: 'm', ExecutionRoleArn: ROLE } },
      [...job('Model', 'model/m-*'), toSageMaker],
    ],
    [
      'its model package and the group of it',
      { Type: 'RegisterModel', Arguments: { ModelPackageGroupName: 'g' } },
      [
        ...job('ModelPackage', 'model-package/g/*'),
        'CreateModelPackageGroup model-package-group/g',
        'AddTags model-package-group/g',
      ],
    ],
    [
      'its model package in a group that is named by its ARN',
      { Type: 'RegisterModel', Arguments: { ModelPackageGroupName: groupArn('111122223333') } },
      [
        ...job('ModelPackage', 'model-package/g/*'),
        'CreateModelPackageGroup model-package-group/g',
        'AddTags model-package-group/g',
      ],
    ],
    [
      'its model package in a group of another account, which exists',
      { Type: 'RegisterModel', Arguments: { ModelPackageGroupName: groupArn('444455556666') } },
      job('ModelPackage', 'arn:aws:sagemaker:eu-west-1:444455556666:model-package/g/*'),
    ],
    [
      'its model package without group',
      { Type: 'RegisterModel', Arguments: { ModelPackageName: 'p' } },
      job('ModelPackage', 'model-package/p-*'),
    ],
    [
      'its endpoint and the configuration of it',
      { Type: 'Endpoint', Arguments: { EndpointName: 'e', EndpointConfigName: 'c' } },
      [...job('Endpoint', 'endpoint/e'), 'CreateEndpoint endpoint-config/c'],
    ],
    [
      'an endpoint configuration by any name',
      { Type: 'EndpointConfig', Arguments: {} },
      job('EndpointConfig', 'endpoint-config/*'),
    ],
    [
      'an inference component on its endpoint',
      { Type: 'InferenceComponent', Arguments: { InferenceComponentName: 'i', EndpointName: 'e' } },
      [
        ...job('InferenceComponent', 'inference-component/i'),
        'CreateInferenceComponent endpoint/e',
        'UpdateInferenceComponent inference-component/i',
      ],
    ],
    [
      'its function',
      { Type: 'Lambda', FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:f' },
      ['lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:f'],
    ],
    [
      'its queue',
      { Type: 'Callback', SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/444455556666/q' },
      ['sqs:SendMessage arn:aws:sqs:eu-west-1:444455556666:q'],
    ],
    ...[
      'eu-west-1.queue.amazonaws.com',
      'vpce-1a2b3c4d.sqs.eu-west-1.vpce.amazonaws.com',
      'sqs-fips.eu-west-1.amazonaws.com',
      'sqs.eu-west-1.api.aws',
    ].map((host): [string, object, string[]] => [
      `its queue at ${host}`,
      { Type: 'Callback', SqsQueueUrl: `https://${host}/111122223333/q.fifo` },
      ['sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:q.fifo'],
    ]),
    [
      'its queue in us-east-1, by the endpoint without a Region',
      { Type: 'Callback', SqsQueueUrl: 'https://queue.amazonaws.com/111122223333/q' },
      ['sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:q'],
    ],
    [
      'steps on its cluster',
      { Type: 'EMR', Arguments: { ClusterId: 'j-1', ExecutionRoleArn: ROLE } },
      [
        `elasticmapreduce:AddJobFlowSteps arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1 ${ROLE}`,
        ...['DescribeStep', 'CancelSteps'].map(
          (action) =>
            `elasticmapreduce:${action} arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1`,
        ),
        ...['PutRule', 'PutTargets', 'DescribeRule'].map(
          (action) =>
            `events:${action} arn:aws:events:eu-west-1:111122223333:rule/SageMakerPipelineExecutionEMRStepStatusUpdateRule`,
        ),
      ],
    ],
    ['nothing for a decision', { Type: 'Condition', Arguments: { Conditions: [] } }, []],
    ['nothing to fail', { Type: 'Fail', Arguments: { ErrorMessage: 'no' } }, []],
  ])('%s', (_, step, needs) => {
    expect(needsOfSteps(step)).toMatchObject({ open: [] });
    expect(needsOfSteps(step).needs.map(brief)).toEqual(needs);
  });

  test.each([
    ['sqs.cn-north-1.amazonaws.com.cn', 'aws-cn', 'cn-north-1'],
    ['sqs.us-gov-west-1.amazonaws.com', 'aws-us-gov', 'us-gov-west-1'],
    ['sqs.eusc-de-east-1.amazonaws.eu', 'aws-eusc', 'eusc-de-east-1'],
    ['sqs.us-iso-east-1.c2s.ic.gov', 'aws-iso', 'us-iso-east-1'],
  ])('its queue at %s, in the partition %s', (host, partition, region) => {
    const step = { Name: 'Ask', Type: 'Callback', SqsQueueUrl: `https://${host}/111122223333/q` };
    const { needs, open } = needsOf(JSON.stringify({ Steps: [step] }), EXECUTION_ROLE, {
      ...SCOPE,
      partition,
      region,
    });
    expect(open).toEqual([]);
    expect(needs.map(brief)).toEqual([`sqs:SendMessage arn:${partition}:sqs:${region}:111122223333:q`]);
  });

  test.each([
    'sqs.eu-west-1.amazonaws.com.evil.example',
    'sqs.eu-west-1.amazonaws.eu',
    'old.queue.amazonaws.com',
  ])('nothing for a queue at %s, which is no host of AWS in a Region', (host) => {
    const { needs, open } = needsOfSteps({
      Type: 'Callback',
      SqsQueueUrl: `https://${host}/111122223333/q`,
    });
    expect(needs).toEqual([]);
    expect(open).toHaveLength(1);
  });

  test('a cluster of its own', () => {
    const ClusterConfig = { JobFlowRole: 'Nodes', ServiceRole: ROLE };
    const found = needsOfSteps({ Type: 'EMR', Arguments: { ClusterConfig } });
    const needs = found.needs.map(brief);
    expect(needs).toEqual(
      expect.arrayContaining([
        'elasticmapreduce:RunJobFlow *',
        'elasticmapreduce:TerminateJobFlows arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/*',
        'events:PutRule arn:aws:events:eu-west-1:111122223333:rule/SageMakerPipelineExecutionEMRClusterStatusUpdateRule',
        passTo('elasticmapreduce.amazonaws.com'),
      ]),
    );
    expect(needs).toHaveLength(14);
    expect(found.open).toEqual([
      expect.objectContaining({
        reason: expect.stringContaining(
          'which role instance profile Nodes holds is not told; allow iam:PassRole on it to ec2.amazonaws.com by hand',
        ),
      }),
    ]);
  });

  test('a new cluster on * or as AWS’s own policy writes it, and the tags that it gets', () => {
    const tags = [
      { Key: 'team', Value: 'risk' },
      { Key: 'run', Value: { Get: 'Execution.PipelineExecutionId' } },
    ];
    const { needs } = needsOfSteps({ Type: 'EMR', Arguments: { ClusterConfig: { Tags: tags } } });
    const request = {
      'aws:RequestTag/team': ['risk'],
      'elasticmapreduce:RequestTag/team': ['risk'],
      'elasticmapreduce:ResourceTag/team': ['risk'],
    };
    const clusters = 'arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/';
    expect(needs).toContainEqual({
      action: 'elasticmapreduce:RunJobFlow',
      resource: '*',
      or: [{ action: 'elasticmapreduce:RunJobFlow', resource: `${clusters}\${*}` }],
      request,
    });
    expect(needs).toContainEqual({
      action: 'elasticmapreduce:AddTags',
      resource: `${clusters}*`,
      request,
    });
  });

  test.each([
    [
      'a runtime role',
      { ExecutionRoleArn: ROLE },
      { context: { 'elasticmapreduce:ExecutionRoleArn': ROLE } },
    ],
    ['none', {}, { request: { 'elasticmapreduce:ExecutionRoleArn': [null] } }],
    ['one that only a run tells', { ExecutionRoleArn: { Get: 'Steps.A.B' } }, {}],
  ])('the right to submit a step to a cluster with %s', (_, role, told) => {
    const { needs } = needsOfSteps({ Type: 'EMR', Arguments: { ClusterId: 'j-1', ...role } });
    expect(needs.find(({ action }) => action === 'elasticmapreduce:AddJobFlowSteps')).toEqual({
      action: 'elasticmapreduce:AddJobFlowSteps',
      resource: 'arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1',
      ...told,
    });
  });

  test('what is nested in a Condition as well', () => {
    const nested = { Name: 'In', Type: 'Training', Arguments: { TrainingJobName: 'in' } };
    const { needs } = needsOfSteps({
      Type: 'Condition',
      Arguments: { Conditions: [], IfSteps: [], ElseSteps: [nested] },
    });
    expect(needs.map(brief)).toEqual([...job('TrainingJob', 'training-job/in-*', 'Stop'), itself]);
  });
});

describe('JsonGet needs', () => {
  const evaluation = (S3Uri: unknown) => ({
    Name: 'Eval',
    Type: 'Processing',
    Arguments: { ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output: { S3Uri } }] } },
    PropertyFiles: [{ PropertyFileName: 'Report', OutputName: 'o', FilePath: 'evaluation.json' }],
  });
  const condition = (get: object) => ({
    Name: 'Check',
    Type: 'Condition',
    Arguments: { Conditions: [{ LeftValue: { 'Std:JsonGet': { ...get, Path: 'mse' } } }] },
  });
  const report = { PropertyFile: { Get: 'Steps.Eval.PropertyFiles.Report' } };
  const joined = { 'Std:Join': { On: '/', Values: ['s3:/', 'acme', 'fraud', ID, 'out/'] } };
  test.each<[string, unknown, object, string]>([
    ['the file of a property file', 's3://acme/out', report, 'acme/out/evaluation.json'],
    ['it where only a run tells the folder', joined, report, 'acme/fraud/*/out/evaluation.json'],
    ['a file of S3', 's3://x/y', { S3Uri: 's3://acme/results/a.json' }, 'acme/results/a.json'],
    [
      'it by a plain name',
      's3://acme/out',
      { PropertyFile: 'Steps.Eval.PropertyFiles.Report' },
      'acme/out/evaluation.json',
    ],
  ])('%s', (_, uri, get, object) => {
    const { needs, open } = needsOfSteps(evaluation(uri), condition(get));
    expect(open).toEqual([]);
    expect(needs.at(-1)).toMatchObject({ action: 's3:GetObject', resource: `arn:aws:s3:::${object}` });
  });

  test('the key by which the step has encrypted the file', () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { Arguments, ...step } = evaluation('s3://acme/out');
    const Encrypted = { ...Arguments.ProcessingOutputConfig, KmsKeyId: key };
    const { needs } = needsOfSteps(
      { ...step, Arguments: { ProcessingOutputConfig: Encrypted } },
      condition(report),
    );
    expect(needs.slice(-2).map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      's3:GetObject arn:aws:s3:::acme/out/evaluation.json',
      `kms:Decrypt ${key}`,
    ]);
  });

  test.each<[string, object[], string?]>([
    [
      'a bucket that only a run tells',
      [evaluation({ Get: 'Parameters.Bucket' }), condition(report)],
      'is in a bucket that only a run can tell',
    ],
    ['a step that is not there', [condition(report)]],
    [
      'a property file that is not there',
      [{ ...evaluation('s3://acme/out'), PropertyFiles: [] }, condition(report)],
    ],
    ['an output that is not there', [{ ...evaluation('s3://acme/out'), Arguments: {} }, condition(report)]],
    ['no file at all', [condition({})]],
  ])('what cannot be told: %s', (_, steps, why = 'is of no step’s property files') => {
    const { needs, open } = needsOfSteps(...steps);
    expect(needs.map(({ action }) => action)).not.toContain('s3:GetObject');
    expect(open).toEqual([
      {
        pointer: `/Steps/${steps.length - 1}`,
        reason: `Check: the file of a JsonGet ${why}; allow s3:GetObject on it by hand`,
      },
    ]);
  });
});

test.each<[string, object, string]>([
  [
    'a role',
    { Type: 'Training', Arguments: { RoleArn: { Get: 'Parameters.Role' } } },
    'the role in Arguments.RoleArn is only known in a run',
  ],
  [
    'a function',
    { Type: 'Lambda', FunctionArn: { Get: 'Parameters.F' } },
    'the ARN of its function is only known',
  ],
  [
    'a queue',
    { Type: 'Callback', SqsQueueUrl: 'https://example.com/q' },
    'the URL of its queue is only known',
  ],
  [
    'EMR Serverless',
    { Type: 'EMRServerless', Arguments: { ExecutionRoleArn: ROLE } },
    'AWS does not document',
  ],
  ['lineage', { Type: 'Lineage', Arguments: {} }, 'AWS does not document'],
  [
    'a cleanup of what only a run tells',
    {
      Type: 'Cleanup',
      Arguments: { Resources: { S3: [{ StepName: 'A', S3Uris: [{ Get: 'Parameters.U' }] }] } },
    },
    'S0: what it deletes of A is only known in a run; allow s3:DeleteObject on it by hand',
  ],
  [
    'a cleanup of a step that there is not',
    { Type: 'Cleanup', Arguments: { Resources: { S3: [{ StepName: 'Nobody' }] } } },
    'S0: what it deletes of Nobody is only known',
  ],
  ['a type that nobody knows', { Type: 'Quantum', Arguments: {} }, 'steps of type Quantum are not known'],
])('what is not known is told: %s', (_, step, reason) => {
  const { open } = needsOfSteps(step);
  expect(open).toEqual([{ pointer: '/Steps/0', reason: expect.stringContaining(reason) }]);
});

test.each<[string, object, string[]]>([
  [
    'the runs of a step on an application of EMR Serverless',
    { Type: 'EMRServerless', Arguments: { ApplicationId: '00f1a2b3', JobConfig: {} } },
    [
      'emr-serverless:StartJobRun /applications/00f1a2b3',
      'emr-serverless:GetJobRun /applications/00f1a2b3/jobruns/*',
      'emr-serverless:CancelJobRun /applications/00f1a2b3/jobruns/*',
    ],
  ],
  [
    'the application too, if the step makes it',
    { Type: 'EMRServerless', Arguments: { ApplicationConfig: {}, JobConfig: {} } },
    [
      ...['StartJobRun', 'GetApplication', 'StartApplication', 'StopApplication', 'DeleteApplication'].map(
        (name) => `emr-serverless:${name} /applications/*`,
      ),
      ...['GetJobRun', 'CancelJobRun'].map((name) => `emr-serverless:${name} /applications/*/jobruns/*`),
      'emr-serverless:CreateApplication *',
    ],
  ],
  [
    'the queries of an Athena step in its workgroup',
    { Type: 'Athena', Arguments: { WorkGroup: 'fraud' } },
    ['Start', 'Get', 'Stop'].map((verb) => `athena:${verb}QueryExecution workgroup/fraud`),
  ],
  [
    'the throughput of a model on Bedrock',
    { Type: 'BedrockProvisionedModelThroughput', Arguments: {} },
    [
      'bedrock:CreateProvisionedModelThroughput *',
      'bedrock:GetProvisionedModelThroughput *',
      'bedrock:TagResource *',
    ],
  ],
])('calls that AWS does not document are allowed, and nobody fails without: %s', (_, step, expected) => {
  const { needs } = needsOfSteps(step);
  expect(
    needs.flatMap(({ action, resource, isOptional }) =>
      isOptional ? `${action} ${resource.replace(/^arn:.*:111122223333:/, '')}` : [],
    ),
  ).toEqual(expected);
  expect(needs.filter(({ action, isOptional }) => !isOptional && !action.startsWith('iam:'))).toEqual([]);
});

test.each(['Athena', 'HubContent', 'BedrockCustomModel', 'BedrockCustomModelDeployment'])(
  'what is not judged of a step is told, and what it needs: %s',
  (Type) => {
    const reasons = needsOfSteps({ Type, Arguments: {} }).open.map(({ reason }) => reason);
    expect(reasons).toEqual([
      expect.stringMatching(/^S0: AWS does not document what .* needs of the execution role/),
      expect.stringContaining(`of steps of type ${Type} `),
    ]);
  },
);

test.each<[string, object, string[], string]>([
  [
    'a job of any category',
    { Type: 'Job', Arguments: { JobName: 'fraud', RoleArn: ROLE, JobCategory: 'AgentRFT' } },
    [...job('Job', 'job/AgentRFT/fraud-*', 'Stop'), toSageMaker],
    'it is not judged what their JobConfigDocument reads',
  ],
  [
    'an import of a model into Bedrock',
    { Type: 'BedrockModelImport', Arguments: { RoleArn: ROLE } },
    [
      ...['CreateModelImportJob', 'GetModelImportJob', 'TagResource'].map((name) => `bedrock:${name} *`),
      passTo('bedrock.amazonaws.com'),
    ],
    'the role alone is judged',
  ],
])('what is known of %s is asked for, and the rest is told', (_, step, needs, told) => {
  const asked = needsOfSteps(step);
  expect(asked.needs.map(brief)).toEqual(needs);
  expect(asked.open.at(-1)?.reason).toContain(told);
});

describe('a step that deletes what others have made', () => {
  const made = (Type: string, args: object) => ({ Name: 'Made', Type, Arguments: args });
  const training = made('Training', {
    TrainingJobName: 'fraud',
    OutputDataConfig: { S3OutputPath: 's3://acme-out/train/' },
    CheckpointConfig: { S3Uri: 's3://acme-out/checkpoints/' },
  });
  const cleanup = (source: object) => ({
    Type: 'Cleanup',
    Arguments: { Resources: { S3: [{ StepName: 'Made', ...source }] } },
  });
  const deleted = (...steps: object[]) => {
    const { needs, open } = needsOfSteps(...steps);
    return {
      objects: needs.flatMap(({ action, resource }) => (action === 's3:DeleteObject' ? resource : [])),
      open: open.map(({ reason }) => reason),
    };
  };

  test.each<[string, object[], string[]]>([
    [
      'the objects that it names',
      [training, cleanup({ S3Uris: ['s3://b/k', 's3://c/d/*'] })],
      ['b/k', 'c/d/${*}'],
    ],
    [
      'what the job of a training step puts into its folder, and not its checkpoints',
      [training, cleanup({})],
      ['acme-out/train/fraud-*'],
    ],
    [
      'one whose end only a run tells',
      [training, cleanup({ S3Uris: [{ 'Std:Join': { On: '/', Values: ['s3://b', ID] } }] })],
      ['b/*'],
    ],
  ])('needs to delete %s', (_, steps, objects) => {
    expect(deleted(...steps)).toEqual({
      objects: objects.map((object) => expect.stringContaining(`arn:aws:s3:::${object}`)),
      open: [],
    });
  });

  test('names what it cannot tell beside what it can', () => {
    const processing = made('Processing', {
      ProcessingJobName: 'fraud',
      ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: 's3://acme-out/p/' } }] },
    });
    expect(deleted(processing, cleanup({}))).toEqual({
      objects: [],
      open: [expect.stringContaining('what it deletes of Made is only known in a run')],
    });
    expect(deleted(training, cleanup({ S3Uris: ['s3://b/k', 'local/file'] }))).toEqual({
      objects: ['arn:aws:s3:::b/k'],
      open: [expect.stringContaining('what it deletes of Made is only known in a run')],
    });
  });
});

const fields: Record<JobStepType, string> = {
  Training: 'TrainingJobName',
  Processing: 'ProcessingJobName',
  Transform: 'TransformJobName',
  Tuning: 'HyperParameterTuningJobName',
  AutoML: 'AutoMLJobName',
  Model: 'ModelName',
  RegisterModel: 'ModelPackageGroupName',
  QualityCheck: 'ProcessingJobName',
  ClarifyCheck: 'ProcessingJobName',
  Job: 'JobName',
};

const expectLeast = (needs: readonly Need[]) => {
  const document = leastPolicy(needs, SCOPE);
  expect(unmetNeed(document, needs, SCOPE)).toBeUndefined();
  expect([...idleParts(document, needs, SCOPE)].map(({ pointer }) => pointer)).toEqual([]);
  const policy = readPolicy(document, { name: 'p', kind: 'identity' });
  expect(policy.problems).toEqual([]);
  expect(lintPolicy(policy)).toEqual([]);
  return document;
};

describe('the least policy', () => {
  test('says each thing once, though names hold one another', () => {
    const train = (TrainingJobName: string) => ({ Type: 'Training', Arguments: { TrainingJobName } });
    const { needs } = needsOfSteps(train('fraud-eu'), train('fraud'), train('risk'), train('fraud'));
    const prefix = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job';
    expect(expectLeast(needs).Statement).toEqual([
      {
        Sid: 'CreateTrainingJob',
        Effect: 'Allow',
        Action: ['CreateTrainingJob', 'DescribeTrainingJob', 'StopTrainingJob', 'AddTags'].map(
          (name) => `sagemaker:${name}`,
        ),
        Resource: [`${prefix}/fraud-*`, `${prefix}/risk-*`],
      },
      {
        Sid: 'PassRole',
        Effect: 'Allow',
        Action: ['iam:PassRole'],
        Resource: [EXECUTION_ROLE],
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    ]);
  });

  test('passes a role to the services that take it, and to no other', () => {
    const { needs } = needsOfSteps(
      { Type: 'Model', Arguments: { ExecutionRoleArn: ROLE } },
      { Type: 'EMR', Arguments: { ClusterConfig: { ServiceRole: ROLE } } },
    );
    const passing = expectLeast(needs).Statement.filter(({ Action }) => Action[0] === 'iam:PassRole');
    expect(passing).toMatchObject([
      { Sid: 'PassRole', Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } } },
      {
        Sid: 'PassRole2',
        Condition: { StringEquals: { 'iam:PassedToService': 'elasticmapreduce.amazonaws.com' } },
      },
    ]);
  });

  test('allows keys of which only the alias is known by that alias', () => {
    const keys = 'arn:aws:kms:eu-west-1:111122223333:key';
    const grant = (id: string, alias?: string): Need => ({
      action: 'kms:CreateGrant',
      resource: `${keys}/${id}`,
      ...(alias !== undefined && { alias }),
    });
    const byArn = 'arn:aws:kms:eu-west-1:111122223333:alias/risk';
    const { Statement } = expectLeast([grant('*', 'alias/fraud'), grant('*', byArn), grant('1234')]);
    expect(Statement).toMatchObject([
      {
        Resource: [`${keys}/*`],
        Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/fraud' } },
      },
      {
        Resource: [`${keys}/*`],
        Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/risk' } },
      },
      { Resource: [`${keys}/1234`] },
    ]);
  });

  test('a need is not met by less than all of its resources, nor by a narrower condition', () => {
    const need = {
      action: 'sagemaker:CreateModel',
      resource: 'arn:aws:sagemaker:eu-west-1:111122223333:model/a-*',
    };
    const allow = (Resource: string, Condition = {}) => ({
      Version: '2012-10-17' as const,
      Statement: [
        { Sid: 'A', Effect: 'Allow' as const, Action: [need.action], Resource: [Resource], Condition },
      ],
    });
    expect(unmetNeed(allow(need.resource), [need], SCOPE)).toBeUndefined();
    expect(unmetNeed(allow('*'), [need], SCOPE)).toBeUndefined();
    expect(unmetNeed(allow(`${need.resource}b`), [need], SCOPE)).toBe(need);
    expect(
      unmetNeed(allow(need.resource, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }), [need], SCOPE),
    ).toBe(need);
  });

  const name = fc.constantFrom('a', 'a-b', 'ab', 'b');
  const step = fc
    .tuple(fc.constantFrom(...JOB_STEP_TYPES), fc.option(name), name)
    .map(([Type, base, role]) => ({
      Type,
      Arguments: {
        ...(base && { [fields[Type] ?? '']: base }),
        RoleArn: `arn:aws:iam::111122223333:role/${role}`,
      },
    }));
  test('of any pipeline allows all it needs, and has nothing that can be taken away', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        expectLeast(needsOfSteps(...steps).needs);
      }),
      { numRuns: 25 },
    );
  });
});

test('any definition has needs that a policy can meet', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '*',
      '${aws:x}',
      'arn:aws:iam:::role/*',
      'arn:a:b:c:111122223333:d',
      's3://b*/k',
      's3://b/k',
    ),
  );
  const value = fc.oneof(
    text,
    fc.record({ Get: text }),
    fc.record({ 'Std:Join': fc.record({ On: text, Values: fc.array(text, { maxLength: 3 }) }) }),
    fc.record({ 'Std:JsonGet': fc.record({ S3Uri: text }) }),
    fc.constant(null),
  );
  const names = [
    ...Object.values(fields),
    'RoleArn',
    'ExecutionRoleArn',
    'ClusterId',
    'ClusterConfig',
    'EndpointName',
  ];
  const types = [
    ...JOB_STEP_TYPES,
    'EMR',
    'Lambda',
    'Callback',
    'Endpoint',
    'EndpointConfig',
    'Condition',
    'Cleanup',
    'Weird',
  ];
  const any = fc.record({
    Type: fc.constantFrom(...types),
    Arguments: fc.dictionary(fc.constantFrom(...names), value),
    FunctionArn: value,
    SqsQueueUrl: fc.oneof(value, fc.constant('https://sqs.*.amazonaws.com/111122223333/a?')),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), (steps) => {
      const { needs } = needsOfSteps(...steps);
      expect(unmetNeed(leastPolicy(needs, SCOPE), needs, SCOPE)).toBeUndefined();
    }),
  );
});

describeCases('pipelines', 'the least policy of real pipelines', (folder) => {
  const files = globSync('**/*.json', { cwd: folder }).toSorted();
  test.each(files)('%s', (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const parsed = parseDefinition(text);
    if (!parsed.ok) return;
    const { needs } = needsOf(text);
    if (needs.length > 0) expectLeast(needs);
  });
});

test('what a registered model consists of, and its key, is allowed by a policy that is made, and its lack is nobody’s fault', () => {
  const KEY = '99999999-12ab-34cd-56ef-1234567890ab';
  const { needs } = needsOfSteps({
    Type: 'RegisterModel',
    Arguments: {
      ModelPackageGroupName: 'g',
      InferenceSpecification: {
        Containers: [{ Image: 'x', ModelDataUrl: 's3://acme-models/fraud/model.tar.gz' }],
      },
      SecurityConfig: { KmsKeyId: KEY },
    },
  });
  const optional = needs.filter(({ isOptional }) => isOptional);
  expect(optional.map(({ action, resource }) => `${action} ${resource}`).toSorted()).toEqual([
    `kms:CreateGrant arn:aws:kms:eu-west-1:111122223333:key/${KEY}`,
    `kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/${KEY}`,
    `kms:GenerateDataKey arn:aws:kms:eu-west-1:111122223333:key/${KEY}`,
    's3:GetObject arn:aws:s3:::acme-models/fraud/model.tar.gz',
  ]);
  const document = leastPolicy(needs, SCOPE);
  expect(unmetNeed(document, needs, SCOPE)).toBeUndefined();
});

test('a tuning job whose long name SageMaker cuts is listed under the cut name as it is created under it', () => {
  const { needs } = needsOfSteps(
    {
      Type: 'Tuning',
      Arguments: {
        HyperParameterTuningJobName: 'tensorflow-training',
        TrainingJobDefinition: { RoleArn: ROLE },
      },
    },
    {
      Type: 'Model',
      Arguments: { PrimaryContainer: { ModelDataUrl: { Get: 'Steps.S0.BestTrainingJob.TrainingJobName' } } },
    },
  );
  const document = leastPolicy(needs, SCOPE);
  const resourcesOf = (action: string) =>
    document.Statement.flatMap(({ Action, Resource }) =>
      Action.includes(`sagemaker:${action}`) ? Resource : [],
    );
  const listed = resourcesOf('ListTrainingJobsForHyperParameterTuningJob');
  expect(listed).toEqual(resourcesOf('CreateHyperParameterTuningJob'));
  expect(listed).toHaveLength(1);
});

test('a statement with actions of several services is not named as if it had one', () => {
  const everywhere = ['sagemaker:ListModelPackages', 'ecr:GetAuthorizationToken'].map((action) => ({
    action,
    resource: '*',
  }));
  const alone = { action: 'ecr:BatchGetImage', resource: 'arn:aws:ecr:eu-west-1:111122223333:repository/a' };
  expect(leastPolicy([...everywhere, alone], SCOPE).Statement.map(({ Sid }) => Sid)).toEqual([
    'ListModelPackagesAndOthers',
    'BatchGetImage',
  ]);
});
