export const JOB_STEP_TYPES = [
  'Training',
  'Processing',
  'Transform',
  'Tuning',
  'AutoML',
  'Model',
  'RegisterModel',
  'QualityCheck',
  'ClarifyCheck',
] as const;
/** The step types whose job, model or model package gets a name that a prefix can govern. */
export type JobStepType = (typeof JOB_STEP_TYPES)[number];

export const isJobStepType = (type: string): type is JobStepType =>
  (JOB_STEP_TYPES as readonly string[]).includes(type);

/**
 * Where a step type keeps things. Paths are from the step (`Arguments.RoleArn`); `[]` after a field that is a list.
 * Source: what the SageMaker Python SDK writes, and the request shapes of the SageMaker API.
 */
export type StepLayout = {
  roles: readonly string[];
  /** The field of the base job name, for job step types. */
  baseName?: string;
  /** The longest base job name that AWS documents ("Prefix length restrictions"). */
  maxPrefixLength?: number;
  /** The longest job name that the API takes. */
  maxNameLength?: number;
  images: readonly string[];
  inputs: readonly string[];
  outputs: readonly string[];
};

const TRAINING_INPUTS = ['InputDataConfig[].DataSource.S3DataSource.S3Uri', 'ModelPackageConfig.S3Uri'];
const TRAINING_OUTPUTS = [
  'OutputDataConfig.S3OutputPath',
  'CheckpointConfig.S3Uri',
  'DebugHookConfig.S3OutputPath',
  'ProfilerConfig.S3OutputPath',
  'TensorBoardOutputConfig.S3OutputPath',
  'ProfilerRuleConfigurations[].S3OutputPath',
  'DebugRuleConfigurations[].S3OutputPath',
];
const TRAINING_IMAGES = ['AlgorithmSpecification.TrainingImage'];
const CONTAINER_INPUTS = [
  'ModelDataUrl',
  'ModelDataSource.S3DataSource.S3Uri',
  'AdditionalModelDataSources[].S3DataSource.S3Uri',
  'AdditionalS3DataSource.S3Uri',
];

const under = (prefix: string, paths: readonly string[]): string[] =>
  paths.map((path) => `${prefix}.${path}`);
const NONE: StepLayout = { roles: [], images: [], inputs: [], outputs: [] };

const processing: StepLayout = {
  roles: [
    'Arguments.RoleArn',
    'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn',
  ],
  baseName: 'Arguments.ProcessingJobName',
  maxPrefixLength: 38,
  maxNameLength: 63,
  images: ['Arguments.AppSpecification.ImageUri'],
  inputs: ['Arguments.ProcessingInputs[].S3Input.S3Uri'],
  outputs: [
    'Arguments.ProcessingOutputConfig.Outputs[].S3Output.S3Uri',
    'Arguments.ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.OutputS3Uri',
    'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.OutputS3Uri',
  ],
};
const check: StepLayout = {
  ...processing,
  inputs: [...processing.inputs, 'SuppliedBaselineStatistics', 'SuppliedBaselineConstraints'],
};
const tuningDefinition = (field: string) => ({
  images: under(field, TRAINING_IMAGES),
  inputs: under(field, TRAINING_INPUTS),
  outputs: under(field, TRAINING_OUTPUTS),
});
const single = tuningDefinition('Arguments.TrainingJobDefinition');
const several = tuningDefinition('Arguments.TrainingJobDefinitions[]');

const STEP_LAYOUTS: ReadonlyMap<string, StepLayout> = new Map(
  Object.entries({
    Training: {
      roles: ['Arguments.RoleArn'],
      baseName: 'Arguments.TrainingJobName',
      maxPrefixLength: 38,
      maxNameLength: 63,
      images: under('Arguments', TRAINING_IMAGES),
      inputs: under('Arguments', TRAINING_INPUTS),
      outputs: under('Arguments', TRAINING_OUTPUTS),
    },
    Processing: processing,
    QualityCheck: check,
    ClarifyCheck: check,
    Transform: {
      roles: [], // the job runs under the model's role
      baseName: 'Arguments.TransformJobName',
      maxPrefixLength: 38,
      maxNameLength: 63,
      images: [],
      inputs: ['Arguments.TransformInput.DataSource.S3DataSource.S3Uri'],
      outputs: ['Arguments.TransformOutput.S3OutputPath', 'Arguments.DataCaptureConfig.DestinationS3Uri'],
    },
    Tuning: {
      roles: ['Arguments.TrainingJobDefinition.RoleArn', 'Arguments.TrainingJobDefinitions[].RoleArn'],
      baseName: 'Arguments.HyperParameterTuningJobName',
      maxPrefixLength: 6,
      maxNameLength: 32,
      images: [...single.images, ...several.images],
      inputs: [...single.inputs, ...several.inputs],
      outputs: [...single.outputs, ...several.outputs],
    },
    AutoML: {
      roles: [
        'Arguments.RoleArn',
        'Arguments.AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN',
      ],
      baseName: 'Arguments.AutoMLJobName',
      maxPrefixLength: 6,
      maxNameLength: 32,
      images: [],
      inputs: [
        'Arguments.InputDataConfig[].DataSource.S3DataSource.S3Uri',
        'Arguments.AutoMLJobInputDataConfig[].DataSource.S3DataSource.S3Uri',
        'Arguments.AutoMLJobConfig.CandidateGenerationConfig.FeatureSpecificationS3Uri',
        'Arguments.AutoMLProblemTypeConfig.TabularJobConfig.FeatureSpecificationS3Uri',
        'Arguments.AutoMLProblemTypeConfig.TimeSeriesForecastingJobConfig.FeatureSpecificationS3Uri',
      ],
      outputs: ['Arguments.OutputDataConfig.S3OutputPath'],
    },
    Model: {
      roles: ['Arguments.ExecutionRoleArn'],
      baseName: 'Arguments.ModelName',
      maxPrefixLength: 38,
      maxNameLength: 63,
      images: ['Arguments.PrimaryContainer.Image', 'Arguments.Containers[].Image'],
      inputs: [
        ...under('Arguments.PrimaryContainer', CONTAINER_INPUTS),
        ...under('Arguments.Containers[]', CONTAINER_INPUTS),
      ],
      outputs: [],
    },
    RegisterModel: {
      roles: ['Arguments.ValidationSpecification.ValidationRole'],
      baseName: 'Arguments.ModelPackageName',
      maxPrefixLength: 38,
      maxNameLength: 63,
      images: ['Arguments.InferenceSpecification.Containers[].Image'],
      inputs: under('Arguments.InferenceSpecification.Containers[]', CONTAINER_INPUTS),
      outputs: [],
    },
    EndpointConfig: {
      ...NONE,
      roles: ['Arguments.ExecutionRoleArn'],
      outputs: [
        'Arguments.DataCaptureConfig.DestinationS3Uri',
        'Arguments.AsyncInferenceConfig.OutputConfig.S3OutputPath',
        'Arguments.AsyncInferenceConfig.OutputConfig.S3FailurePath',
      ],
    },
    Endpoint: NONE,
    InferenceComponent: NONE,
    EMR: {
      ...NONE,
      roles: [
        'Arguments.ExecutionRoleArn',
        'Arguments.ClusterConfig.JobFlowRole',
        'Arguments.ClusterConfig.ServiceRole',
        'Arguments.ClusterConfig.AutoScalingRole',
      ],
      inputs: ['Arguments.StepConfig.HadoopJarStep.Jar', 'Arguments.StepConfig.HadoopJarStep.Args[]'],
      outputs: ['Arguments.ClusterConfig.LogUri'],
    },
    EMRServerless: {
      ...NONE,
      roles: ['Arguments.ExecutionRoleArn', 'Arguments.JobConfig.executionRoleArn'],
      inputs: [
        'Arguments.JobConfig.jobDriver.sparkSubmit.entryPoint',
        'Arguments.JobConfig.jobDriver.sparkSubmit.entryPointArguments[]',
      ],
    },
    Lambda: NONE, // runs under the function's own role
    Callback: NONE,
    Condition: NONE,
    ForEach: NONE,
    Cleanup: NONE, // deletes what earlier steps wrote, as the execution role
    Fail: NONE,
    Lineage: NONE,
  } satisfies Record<string, StepLayout>),
);

/** Where that step type keeps its role, name, images and S3 references; undefined for a type that nobody has described. */
export const stepLayout = (type: string): StepLayout | undefined => STEP_LAYOUTS.get(type);
