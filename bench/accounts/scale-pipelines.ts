/** An account and Region. */
export type Place = { account: string; region: string };

/** The place of snapshots; moto has an account of its own. */
export const SNAPSHOT_PLACE: Place = { account: '111122223333', region: 'eu-west-1' };

/** A team's names; its prefix is short enough for tuning jobs. */
export type Team = { prefix: string; bucket: string; imageBucket: string | undefined; hasStepRoles: boolean };

/** The team at an index. Every tenth team trains on images, and every third has roles for its steps. */
export const teamAt = (index: number): Team => {
  const prefix = `t${String(index).padStart(3, '0')}`;
  return {
    prefix,
    bucket: `acme-${prefix}-data`,
    imageBucket: index % 10 === 5 ? `acme-${prefix}-images` : undefined,
    hasStepRoles: index % 3 === 0,
  };
};

/** The roles of a team's pipelines. Without roles for steps, the execution role runs the steps. */
export const teamRoles = ({ prefix, hasStepRoles }: Team, { account }: Place = SNAPSHOT_PLACE) => {
  const role = (path: string) => `arn:aws:iam::${account}:role/${path}`;
  const execution = role(`pipelines/${prefix}`);
  return {
    execution,
    prepare: hasStepRoles ? role(`steps/${prefix}-prepare`) : execution,
    train: hasStepRoles ? role(`steps/${prefix}-train`) : execution,
  };
};

/** The breach of a pipeline, named by the control that finds it. */
export type PipelineBreach = 'pipeline-job-prefix' | 'job-prefix-length' | 'step-role-authorised';

const BREACHES: readonly PipelineBreach[] = [
  'pipeline-job-prefix',
  'job-prefix-length',
  'step-role-authorised',
];
/** One of this many pipelines has a breach. */
const BREACH_EVERY = 50;

/** The breach of a pipeline, if it has one. */
export const breachOf = (index: number): PipelineBreach | undefined =>
  index % BREACH_EVERY === BREACH_EVERY - 1
    ? BREACHES[Math.floor(index / BREACH_EVERY) % BREACHES.length]
    : undefined;

export type Pipeline = { name: string; roleArn: string; definitionText: string };

/** A pipeline with ten steps of mixed types; each branch contains at least one of them. */
export const pipelineAt = (index: number, team: Team, place: Place = SNAPSHOT_PLACE): Pipeline => {
  const name = `${team.prefix}-${NAMES[index % NAMES.length]}-${String(index).padStart(5, '0')}`;
  const definition = definitionOf(name, team, breachOf(index), place);
  return {
    name,
    roleArn: teamRoles(team, place).execution,
    definitionText: JSON.stringify(definition),
  };
};

const NAMES = ['daily', 'weekly', 'backfill', 'challenger', 'canary'];

const get = (reference: string) => ({ Get: reference });
const join = (...Values: unknown[]) => ({ 'Std:Join': { On: '/', Values } });
const cluster = {
  ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
};
const input = (InputName: string, S3Uri: unknown) => ({
  InputName,
  AppManaged: false,
  S3Input: {
    S3Uri,
    LocalPath: `/opt/ml/processing/${InputName}`,
    S3DataType: 'S3Prefix',
    S3InputMode: 'File',
    S3DataDistributionType: 'FullyReplicated',
  },
});
const output = (OutputName: string, S3Uri: unknown) => ({
  OutputName,
  AppManaged: false,
  S3Output: { S3Uri, LocalPath: `/opt/ml/processing/${OutputName}`, S3UploadMode: 'EndOfJob' },
});
const channel = (ChannelName: string, ContentType: string, S3Uri: unknown) => ({
  ChannelName,
  ContentType,
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri, S3DataDistributionType: 'FullyReplicated' } },
});

const definitionOf = (
  name: string,
  team: Team,
  breach: PipelineBreach | undefined,
  { account, region }: Place,
) => {
  const { prefix, bucket, imageBucket } = team;
  const roles = teamRoles(team, { account, region });
  const image = (of: string) => `${account}.dkr.ecr.${region}.amazonaws.com/${of}:1.7-1`;
  const at = (folder: string) => `s3://${bucket}/${folder}/${name}`;
  const clean = (out: string) => `Steps.Prepare.ProcessingOutputConfig.Outputs['${out}'].S3Output.S3Uri`;
  const training = {
    AlgorithmSpecification: { TrainingImage: image('xgboost'), TrainingInputMode: 'File' },
    OutputDataConfig: { S3OutputPath: at('models') },
    ResourceConfig: {
      InstanceType: get('Parameters.TrainingInstanceType'),
      InstanceCount: 1,
      VolumeSizeInGB: 30,
    },
    StoppingCondition: { MaxRuntimeInSeconds: 86400 },
    InputDataConfig: [
      channel('train', 'text/csv', get(clean('train'))),
      channel('validation', 'text/csv', get(clean('validation'))),
    ],
  };
  const steps = [
    {
      Name: 'Prepare',
      Type: 'Processing',
      Arguments: {
        ProcessingJobName: `${breach === 'pipeline-job-prefix' ? 'other' : prefix}-prepare`,
        RoleArn: roles.prepare,
        AppSpecification: {
          ImageUri: image('features'),
          ContainerEntrypoint: ['python3', '/opt/ml/processing/code/prepare.py'],
        },
        ProcessingResources: cluster,
        ProcessingInputs: [
          input('raw', get('Parameters.InputData')),
          input('code', `s3://${bucket}/code/prepare.py`),
        ],
        ProcessingOutputConfig: {
          Outputs: ['train', 'validation', 'test'].map((out) =>
            output(out, join(`s3://${bucket}`, 'clean', get('Execution.PipelineName'), out)),
          ),
        },
        StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      },
      CacheConfig: { Enabled: true, ExpireAfter: 'P7D' },
    },
    {
      Name: 'Train',
      Type: 'Training',
      Arguments: {
        TrainingJobName: `${prefix}-train`,
        ...training,
        RoleArn: get('Parameters.TrainingRole'),
        InputDataConfig: imageBucket
          ? [
              ...training.InputDataConfig,
              channel('images', 'application/x-image', `s3://${imageBucket}/labelled`),
            ]
          : training.InputDataConfig,
        HyperParameters: { objective: 'binary:logistic', max_depth: '6', num_round: '200', eta: '0.1' },
        Tags: [{ Key: 'team', Value: prefix }],
      },
      RetryPolicies: [
        {
          ExceptionType: ['Step.SERVICE_FAULT', 'Step.THROTTLING'],
          IntervalSeconds: 5,
          BackoffRate: 2,
          MaxAttempts: 3,
        },
      ],
    },
    {
      Name: 'Tune',
      Type: 'Tuning',
      Arguments: {
        HyperParameterTuningJobName: breach === 'job-prefix-length' ? `${prefix}-tuning` : prefix,
        HyperParameterTuningJobConfig: {
          Strategy: 'Bayesian',
          ResourceLimits: { MaxNumberOfTrainingJobs: 8, MaxParallelTrainingJobs: 2 },
        },
        TrainingJobDefinition: { RoleArn: roles.train, ...training },
      },
    },
    {
      Name: 'Evaluate',
      Type: 'Processing',
      Arguments: {
        ProcessingJobName: `${prefix}-evaluate`,
        RoleArn: breach === 'step-role-authorised' ? unauthorised(account) : roles.prepare,
        AppSpecification: { ImageUri: image('features') },
        ProcessingResources: cluster,
        ProcessingInputs: [
          input('model', get('Steps.Train.ModelArtifacts.S3ModelArtifacts')),
          input('test', get(clean('test'))),
        ],
        ProcessingOutputConfig: { Outputs: [output('report', at('clean/reports'))] },
      },
      PropertyFiles: [{ PropertyFileName: 'Report', OutputName: 'report', FilePath: 'evaluation.json' }],
    },
    {
      Name: 'GoodEnough',
      Type: 'Condition',
      Arguments: {
        Conditions: [
          {
            Type: 'GreaterThanOrEqualTo',
            LeftValue: {
              'Std:JsonGet': {
                PropertyFile: get('Steps.Evaluate.PropertyFiles.Report'),
                Path: 'metrics.auc.value',
              },
            },
            RightValue: get('Parameters.Threshold'),
          },
        ],
        IfSteps: [
          {
            Name: 'CreateModel',
            Type: 'Model',
            Arguments: {
              ModelName: `${prefix}-model`,
              ExecutionRoleArn: roles.train,
              PrimaryContainer: {
                Image: image('xgboost'),
                ModelDataUrl: get('Steps.Train.ModelArtifacts.S3ModelArtifacts'),
              },
            },
          },
          {
            Name: 'Score',
            Type: 'Transform',
            Arguments: {
              TransformJobName: `${prefix}-score`,
              ModelName: get('Steps.CreateModel.ModelName'),
              TransformInput: {
                ContentType: 'text/csv',
                DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: get(clean('test')) } },
              },
              TransformOutput: { S3OutputPath: at('models/scores') },
              TransformResources: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
            },
          },
          {
            Name: 'Register-RegisterModel',
            Type: 'RegisterModel',
            Arguments: {
              ModelPackageGroupName: `${prefix}-models`,
              ModelApprovalStatus: get('Parameters.Approval'),
              InferenceSpecification: {
                Containers: [
                  {
                    Image: image('xgboost'),
                    ModelDataUrl: get('Steps.Train.ModelArtifacts.S3ModelArtifacts'),
                  },
                ],
                SupportedContentTypes: ['text/csv'],
                SupportedResponseMIMETypes: ['text/csv'],
              },
            },
          },
          {
            Name: 'Publish',
            Type: 'Lambda',
            FunctionArn: `arn:aws:lambda:${region}:${account}:function:${prefix}-publish`,
            Arguments: { model: get('Steps.CreateModel.ModelName') },
            OutputParameters: [{ OutputName: 'status', OutputType: 'String' }],
          },
        ],
        ElseSteps: [
          {
            Name: 'TooWeak',
            Type: 'Fail',
            Arguments: { ErrorMessage: 'The model is below the quality gate.' },
          },
        ],
      },
      DependsOn: ['Tune'],
    },
  ];
  return {
    Version: '2020-12-01',
    Metadata: {},
    Parameters: [
      { Name: 'InputData', Type: 'String', DefaultValue: at('raw') },
      { Name: 'TrainingRole', Type: 'String', DefaultValue: roles.train },
      { Name: 'TrainingInstanceType', Type: 'String', DefaultValue: 'ml.m5.2xlarge' },
      { Name: 'Threshold', Type: 'Float', DefaultValue: 0.9 },
      { Name: 'Approval', Type: 'String', DefaultValue: 'PendingManualApproval' },
    ],
    PipelineExperimentConfig: {
      ExperimentName: get('Execution.PipelineName'),
      TrialName: get('Execution.PipelineExecutionId'),
    },
    Steps: steps,
  };
};

const unauthorised = (account: string): string => `arn:aws:iam::${account}:role/shared/analytics`;
