/** The account that moto uses, and the names in it. */
export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const EXECUTION_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/pipelines/fraud-execution`;
export const STEP_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/steps/fraud-train`;
export const PREFIX = 'fraud-train';
/** The role of people who start jobs without a pipeline, and the prefix that it may use. */
export const OWN_ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/fraud-notebooks`;
export const OWN_PREFIX = 'fraud-scratch';
export const STEP_NAMES = [
  'TrainBaseline',
  'TrainGradientBoosting',
  'TrainNeuralNetwork',
  'TrainCalibration',
  'TrainEnsemble',
];

/** A training job that a pipeline started, as its CreateTrainingJob event describes it. */
export type Job = { name: string; arn: string; executionArn: string; stepName: string; authorised: boolean };

/** The job's name as SageMaker makes it: from the base job name, or in the default form for a step without one. */
export const jobName = (
  authorised: boolean,
  executionArn: string,
  stepName: string,
  token: string,
): string => {
  const start = authorised ? [PREFIX] : ['pipelines'];
  const step = authorised ? [] : [stepName.slice(0, 20)];
  return [...start, executionId(executionArn), ...step, token].join('-');
};

/** The 12 characters that end an execution's ARN. */
export const executionId = (executionArn: string): string => executionArn.slice(-12);

/** The members that a step's Arguments, the CreateTrainingJob request and its event have in common. */
export const trainingArguments = (stepName: string) => ({
  AlgorithmSpecification: {
    TrainingImage: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/fraud-train:4.2.0`,
    TrainingInputMode: 'File',
  },
  RoleArn: STEP_ROLE_ARN,
  HyperParameters: { objective: 'binary:logistic', 'max-depth': '6', 'num-round': '200', eta: '0.1' },
  InputDataConfig: ['train', 'validation'].map((channel) => ({
    ChannelName: channel,
    ContentType: 'text/csv',
    DataSource: {
      S3DataSource: {
        S3DataType: 'S3Prefix',
        S3Uri: `s3://acme-fraud-data/prepared/${channel}`,
        S3DataDistributionType: 'FullyReplicated',
      },
    },
  })),
  OutputDataConfig: { S3OutputPath: `s3://acme-fraud-models/${stepName}` },
  ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
  StoppingCondition: { MaxRuntimeInSeconds: 3600 },
});

/**
 * A definition with five training steps. Without prefixes, its jobs get default names, which the bench's
 * configuration rejects.
 */
export const pipelineDefinition = (withPrefixes: boolean): string =>
  JSON.stringify({
    Version: '2020-12-01',
    Metadata: {},
    Parameters: [{ Name: 'InputPath', Type: 'String', DefaultValue: 's3://acme-fraud-data/prepared' }],
    PipelineExperimentConfig: {
      ExperimentName: { Get: 'Execution.PipelineName' },
      TrialName: { Get: 'Execution.PipelineExecutionId' },
    },
    Steps: STEP_NAMES.map((stepName) => ({
      Name: stepName,
      Type: 'Training',
      Arguments: { ...trainingArguments(stepName), ...(withPrefixes ? { TrainingJobName: PREFIX } : {}) },
    })),
  });

/** The handler's configuration. Custodian's policy states the same rules. */
export const CONFIGURATION = {
  version: 1,
  prefixes: [
    { prefix: PREFIX, stepTypes: ['Training'], roles: [EXECUTION_ROLE_ARN], pipelines: ['fraud-*'] },
    { prefix: OWN_PREFIX, roles: [OWN_ROLE_ARN] },
  ],
  roles: { execution: [EXECUTION_ROLE_ARN], steps: [STEP_ROLE_ARN] },
};
