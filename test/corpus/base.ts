import type { Source } from './clean-account.ts';

const ROLE = 'arn:aws:iam::111122223333:role';
const step = (Name: string, Type: string, Arguments: object, more: object = {}) => ({
  Name,
  Type,
  Arguments,
  ...more,
});
const image = { ImageUri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud:1' };
const cluster = { ClusterConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 } };
const input = (InputName: string, S3Uri: unknown) => ({
  InputName,
  S3Input: { S3Uri, LocalPath: `/opt/${InputName}`, S3DataType: 'S3Prefix' },
});
const output = (OutputName: string, S3Uri: string) => ({
  OutputName,
  S3Output: { S3Uri, LocalPath: `/opt/${OutputName}`, S3UploadMode: 'EndOfJob' },
});
const channel = (ChannelName: string, S3Uri: unknown, more: object = {}) => ({
  ChannelName,
  DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri } },
  ...more,
});
const get = (reference: string) => ({ Get: reference });
const from = (name: string, out: string) =>
  get(`Steps.${name}.ProcessingOutputConfig.Outputs['${out}'].S3Output.S3Uri`);

const definition = (Steps: object[], Parameters: object[] = []): string =>
  JSON.stringify({ Version: '2020-12-01', Metadata: {}, Parameters, Steps });

/** A pipeline with prefixes, roles for steps, a condition on a file, and every kind of service that a step can call. */
const fraud = definition(
  [
    step('Prepare', 'Processing', {
      ProcessingJobName: 'fraud-prep',
      RoleArn: `${ROLE}/steps/fraud-prep`,
      AppSpecification: image,
      ProcessingResources: cluster,
      ProcessingInputs: [input('raw', 's3://acme-raw/fraud')],
      ProcessingOutputConfig: {
        Outputs: [
          output('train', 's3://acme-clean/fraud/train'),
          output('test', 's3://acme-clean/fraud/test'),
        ],
      },
    }),
    step('Train', 'Training', {
      TrainingJobName: 'fraud-train',
      RoleArn: get('Parameters.TrainRole'),
      AlgorithmSpecification: { TrainingImage: image.ImageUri, TrainingInputMode: 'File' },
      InputDataConfig: [channel('train', from('Prepare', 'train'))],
      OutputDataConfig: {
        S3OutputPath: 's3://acme-models/fraud',
        KmsKeyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
      },
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
      Tags: [{ Key: 'team', Value: 'fraud' }],
    }),
    step(
      'Evaluate',
      'Processing',
      {
        ProcessingJobName: 'fraud-eval',
        RoleArn: `${ROLE}/steps/fraud-eval`,
        AppSpecification: image,
        ProcessingResources: cluster,
        ProcessingInputs: [
          input('model', get('Steps.Train.ModelArtifacts.S3ModelArtifacts')),
          input('test', from('Prepare', 'test')),
        ],
        ProcessingOutputConfig: { Outputs: [output('report', 's3://acme-reports/fraud')] },
      },
      { PropertyFiles: [{ PropertyFileName: 'Report', OutputName: 'report', FilePath: 'evaluation.json' }] },
    ),
    step('GoodEnough', 'Condition', {
      Conditions: [
        {
          Type: 'GreaterThanOrEqualTo',
          LeftValue: {
            'Std:JsonGet': { PropertyFile: get('Steps.Evaluate.PropertyFiles.Report'), Path: 'auc.value' },
          },
          RightValue: 0.8,
        },
      ],
      IfSteps: [
        step('Create', 'Model', {
          ModelName: 'fraud-model',
          ExecutionRoleArn: `${ROLE}/steps/fraud-serve`,
          PrimaryContainer: {
            Image: image.ImageUri,
            ModelDataUrl: get('Steps.Train.ModelArtifacts.S3ModelArtifacts'),
          },
        }),
        step('Register', 'RegisterModel', {
          ModelPackageGroupName: 'fraud',
          ModelApprovalStatus: 'PendingManualApproval',
          InferenceSpecification: {
            Containers: [
              { Image: image.ImageUri, ModelDataUrl: get('Steps.Train.ModelArtifacts.S3ModelArtifacts') },
            ],
            SupportedContentTypes: ['text/csv'],
            SupportedResponseMIMETypes: ['text/csv'],
          },
        }),
        step('Score', 'Transform', {
          TransformJobName: 'fraud-score',
          ModelName: get('Steps.Create.ModelName'),
          TransformInput: {
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://acme-clean/fraud/score' } },
          },
          TransformOutput: { S3OutputPath: 's3://acme-reports/scores' },
          TransformResources: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1 },
        }),
      ],
      ElseSteps: [
        step(
          'Tell',
          'Lambda',
          { reason: 'not good enough' },
          { FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:fraud-tell' },
        ),
      ],
    }),
    step(
      'Ask',
      'Callback',
      { what: 'approval' },
      { SqsQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/fraud-ask' },
    ),
  ],
  [{ Name: 'TrainRole', Type: 'String', DefaultValue: `${ROLE}/steps/fraud-train` }],
);

/** A pipeline with tuning and AutoML, which allow only short prefixes, under the execution role. */
const tune = definition([
  step('Tune', 'Tuning', {
    HyperParameterTuningJobName: 'tune',
    HyperParameterTuningJobConfig: {
      Strategy: 'Bayesian',
      ResourceLimits: { MaxNumberOfTrainingJobs: 4, MaxParallelTrainingJobs: 2 },
    },
    TrainingJobDefinition: {
      RoleArn: `${ROLE}/pipelines/tune`,
      AlgorithmSpecification: { TrainingImage: image.ImageUri, TrainingInputMode: 'File' },
      InputDataConfig: [channel('train', 's3://acme-clean/tune/train')],
      OutputDataConfig: { S3OutputPath: 's3://acme-models/tune' },
      ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
      StoppingCondition: { MaxRuntimeInSeconds: 3600 },
    },
  }),
  step('Check', 'QualityCheck', {
    ProcessingJobName: 'tune-check',
    RoleArn: `${ROLE}/pipelines/tune`,
    AppSpecification: image,
    ProcessingResources: cluster,
    ProcessingInputs: [input('baseline', 's3://acme-clean/tune/baseline')],
    ProcessingOutputConfig: { Outputs: [output('quality', 's3://acme-reports/tune')] },
  }),
]);

/** A pipeline with image inputs and default names: prefixing is off. */
const vision = definition([
  step('Classify', 'Training', {
    RoleArn: `${ROLE}/pipelines/vision`,
    AlgorithmSpecification: { TrainingImage: image.ImageUri, TrainingInputMode: 'File' },
    InputDataConfig: [channel('images', 's3://acme-images/labelled', { ContentType: 'application/x-image' })],
    OutputDataConfig: { S3OutputPath: 's3://acme-models/vision' },
    ResourceConfig: { InstanceType: 'ml.p3.2xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  }),
]);

/** The account that mutations break: three teams. */
export const BASE: readonly Source[] = [
  { name: 'fraud', definitionText: fraud },
  { name: 'tune', definitionText: tune },
  { name: 'vision', definitionText: vision },
];
