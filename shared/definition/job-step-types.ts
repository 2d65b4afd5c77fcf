import type { KeyFields, RequestFields, RoleHolders, StepType } from './step-type-names.ts';

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

const LIMITS = { maxPrefixLength: 38, maxLength: 63 } as const;
const SHORT_LIMITS = { maxPrefixLength: 6, maxLength: 32 } as const;
const IN_ARGUMENTS: RoleHolders = { holders: ['Arguments'], role: 'RoleArn' };
const NO_KEYS: KeyFields = { output: [], volume: [] };

const trainingRequest = (field: string): RequestFields => ({
  vpcConfigs: [`${field}.VpcConfig`],
  instanceTypes: [
    `${field}.ResourceConfig.InstanceType`,
    `${field}.ResourceConfig.InstanceGroups[].InstanceType`,
    `${field}.HyperParameterTuningResourceConfig.InstanceType`,
    `${field}.HyperParameterTuningResourceConfig.InstanceConfigs[].InstanceType`,
  ],
  networkIsolation: [`${field}.EnableNetworkIsolation`],
  trafficEncryption: [`${field}.EnableInterContainerTrafficEncryption`],
});

const bothRequests = (one: RequestFields, other: RequestFields): RequestFields => ({
  vpcConfigs: [...one.vpcConfigs, ...other.vpcConfigs],
  instanceTypes: [...one.instanceTypes, ...other.instanceTypes],
  networkIsolation: [...one.networkIsolation, ...other.networkIsolation],
  trafficEncryption: [...one.trafficEncryption, ...other.trafficEncryption],
});

const tuningDefinition = (field: string) => ({
  images: under(field, TRAINING_IMAGES),
  inputs: under(field, TRAINING_INPUTS),
  outputs: under(field, TRAINING_OUTPUTS),
  keys: {
    output: [`${field}.OutputDataConfig.KmsKeyId`],
    volume: [
      `${field}.ResourceConfig.VolumeKmsKeyId`,
      `${field}.HyperParameterTuningResourceConfig.VolumeKmsKeyId`,
      `${field}.HyperParameterTuningResourceConfig.InstanceConfigs[].VolumeKmsKeyId`,
    ],
  },
});
const single = tuningDefinition('Arguments.TrainingJobDefinition');
const several = tuningDefinition('Arguments.TrainingJobDefinitions[]');

const PROCESSING = {
  makes: ['processing-job'],
  roles: [
    'Arguments.RoleArn',
    'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn',
  ],
  name: { field: 'Arguments.ProcessingJobName', ...LIMITS },
  images: ['Arguments.AppSpecification.ImageUri'],
  inputs: ['Arguments.ProcessingInputs[].S3Input.S3Uri'],
  outputs: [
    'Arguments.ProcessingOutputConfig.Outputs[].S3Output.S3Uri',
    'Arguments.ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.OutputS3Uri',
    'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.OutputS3Uri',
  ],
  takesOtherInputs: false,
  hasJobFolder: false,
  // Redshift's own KMS key is left out: the cluster's role uses it, not the job's.
  keys: {
    output: [
      'Arguments.ProcessingOutputConfig.KmsKeyId',
      'Arguments.ProcessingInputs[].DatasetDefinition.AthenaDatasetDefinition.KmsKeyId',
    ],
    volume: ['Arguments.ProcessingResources.ClusterConfig.VolumeKmsKeyId'],
  },
  requestFields: {
    vpcConfigs: ['Arguments.NetworkConfig.VpcConfig'],
    instanceTypes: ['Arguments.ProcessingResources.ClusterConfig.InstanceType'],
    networkIsolation: ['Arguments.NetworkConfig.EnableNetworkIsolation'],
    trafficEncryption: ['Arguments.NetworkConfig.EnableInterContainerTrafficEncryption'],
  },
  hyperParameters: [],
  dataRole: IN_ARGUMENTS,
  branches: [],
  result: null,
  unjudged: null,
} as const satisfies StepType;

const CHECK = {
  ...PROCESSING,
  inputs: [...PROCESSING.inputs, 'SuppliedBaselineStatistics', 'SuppliedBaselineConstraints'],
} as const satisfies StepType;

/** The step types that make jobs, models and model packages, whose names a prefix can govern. */
export const JOB_STEPS = {
  Training: {
    makes: ['training-job'],
    roles: ['Arguments.RoleArn'],
    name: { field: 'Arguments.TrainingJobName', ...LIMITS },
    images: under('Arguments', TRAINING_IMAGES),
    inputs: under('Arguments', TRAINING_INPUTS),
    outputs: under('Arguments', TRAINING_OUTPUTS),
    takesOtherInputs: false,
    hasJobFolder: true,
    keys: {
      output: ['Arguments.OutputDataConfig.KmsKeyId'],
      volume: ['Arguments.ResourceConfig.VolumeKmsKeyId'],
    },
    requestFields: trainingRequest('Arguments'),
    hyperParameters: ['Arguments.HyperParameters'],
    dataRole: IN_ARGUMENTS,
    branches: [],
    result: 'model artifacts',
    unjudged: null,
  },
  Processing: PROCESSING,
  QualityCheck: { ...CHECK, result: 'quality baseline' },
  ClarifyCheck: { ...CHECK, result: 'clarify baseline' },
  Transform: {
    makes: ['transform-job'],
    roles: [], // the job runs under the model's role
    name: { field: 'Arguments.TransformJobName', ...LIMITS },
    images: [],
    inputs: ['Arguments.TransformInput.DataSource.S3DataSource.S3Uri'],
    outputs: ['Arguments.TransformOutput.S3OutputPath', 'Arguments.DataCaptureConfig.DestinationS3Uri'],
    takesOtherInputs: false,
    hasJobFolder: false,
    keys: {
      output: ['Arguments.TransformOutput.KmsKeyId', 'Arguments.DataCaptureConfig.KmsKeyId'],
      volume: ['Arguments.TransformResources.VolumeKmsKeyId'],
    },
    // A transform job runs in the network of its model.
    requestFields: {
      vpcConfigs: [],
      instanceTypes: ['Arguments.TransformResources.InstanceType'],
      networkIsolation: [],
      trafficEncryption: [],
    },
    hyperParameters: [],
    dataRole: 'role of its model',
    branches: [],
    result: null,
    unjudged: null,
  },
  Tuning: {
    makes: ['hyper-parameter-tuning-job'],
    roles: ['Arguments.TrainingJobDefinition.RoleArn', 'Arguments.TrainingJobDefinitions[].RoleArn'],
    name: { field: 'Arguments.HyperParameterTuningJobName', ...SHORT_LIMITS },
    images: [...single.images, ...several.images],
    inputs: [...single.inputs, ...several.inputs],
    outputs: [...single.outputs, ...several.outputs],
    takesOtherInputs: false,
    hasJobFolder: true,
    keys: {
      output: [...single.keys.output, ...several.keys.output],
      volume: [...single.keys.volume, ...several.keys.volume],
    },
    requestFields: bothRequests(
      trainingRequest('Arguments.TrainingJobDefinition'),
      trainingRequest('Arguments.TrainingJobDefinitions[]'),
    ),
    hyperParameters: [
      'Arguments.TrainingJobDefinition.StaticHyperParameters',
      'Arguments.TrainingJobDefinitions[].StaticHyperParameters',
    ],
    dataRole: {
      holders: ['Arguments.TrainingJobDefinition', 'Arguments.TrainingJobDefinitions[]'],
      role: 'RoleArn',
    },
    branches: [],
    result: 'tuned jobs',
    unjudged: null,
  },
  AutoML: {
    makes: ['auto-ml-job', 'auto-ml-job-v2'],
    roles: ['Arguments.RoleArn', 'Arguments.AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN'],
    name: { field: 'Arguments.AutoMLJobName', ...SHORT_LIMITS },
    images: [],
    inputs: [
      'Arguments.InputDataConfig[].DataSource.S3DataSource.S3Uri',
      'Arguments.AutoMLJobInputDataConfig[].DataSource.S3DataSource.S3Uri',
      'Arguments.AutoMLJobConfig.CandidateGenerationConfig.FeatureSpecificationS3Uri',
      'Arguments.AutoMLProblemTypeConfig.TabularJobConfig.FeatureSpecificationS3Uri',
      'Arguments.AutoMLProblemTypeConfig.TimeSeriesForecastingJobConfig.FeatureSpecificationS3Uri',
    ],
    outputs: ['Arguments.OutputDataConfig.S3OutputPath'],
    takesOtherInputs: false,
    hasJobFolder: true,
    keys: {
      output: ['Arguments.OutputDataConfig.KmsKeyId'],
      volume: [
        'Arguments.AutoMLJobConfig.SecurityConfig.VolumeKmsKeyId',
        'Arguments.SecurityConfig.VolumeKmsKeyId',
      ],
    },
    requestFields: {
      vpcConfigs: [
        'Arguments.AutoMLJobConfig.SecurityConfig.VpcConfig',
        'Arguments.SecurityConfig.VpcConfig',
      ],
      instanceTypes: [],
      networkIsolation: [],
      trafficEncryption: [
        'Arguments.AutoMLJobConfig.SecurityConfig.EnableInterContainerTrafficEncryption',
        'Arguments.SecurityConfig.EnableInterContainerTrafficEncryption',
      ],
    },
    hyperParameters: [],
    dataRole: IN_ARGUMENTS,
    branches: [],
    result: 'candidates',
    unjudged: null,
  },
  Model: {
    makes: ['model'],
    roles: ['Arguments.ExecutionRoleArn'],
    name: { field: 'Arguments.ModelName', ...LIMITS },
    images: ['Arguments.PrimaryContainer.Image', 'Arguments.Containers[].Image'],
    inputs: [
      ...under('Arguments.PrimaryContainer', CONTAINER_INPUTS),
      ...under('Arguments.Containers[]', CONTAINER_INPUTS),
    ],
    outputs: [],
    takesOtherInputs: false,
    hasJobFolder: false,
    keys: NO_KEYS,
    requestFields: {
      vpcConfigs: ['Arguments.VpcConfig'],
      instanceTypes: [],
      networkIsolation: ['Arguments.EnableNetworkIsolation'],
      trafficEncryption: [],
    },
    hyperParameters: [],
    dataRole: { ...IN_ARGUMENTS, role: 'ExecutionRoleArn' },
    branches: [],
    result: null,
    unjudged: null,
  },
  RegisterModel: {
    makes: ['model-package'],
    roles: ['Arguments.ValidationSpecification.ValidationRole'],
    name: { field: 'Arguments.ModelPackageName', ...LIMITS, unnamedWith: 'ModelPackageGroupName' },
    images: ['Arguments.InferenceSpecification.Containers[].Image'],
    inputs: under('Arguments.InferenceSpecification.Containers[]', CONTAINER_INPUTS),
    outputs: [],
    takesOtherInputs: false,
    hasJobFolder: false,
    keys: NO_KEYS,
    requestFields: { vpcConfigs: [], instanceTypes: [], networkIsolation: [], trafficEncryption: [] },
    hyperParameters: [],
    dataRole: 'none',
    branches: [],
    result: null,
    unjudged: null,
  },
  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateJob.html
  Job: {
    makes: ['job'],
    roles: ['Arguments.RoleArn'],
    name: { field: 'Arguments.JobName', maxLength: 63 },
    images: [],
    inputs: [],
    outputs: [],
    takesOtherInputs: false,
    hasJobFolder: false,
    keys: NO_KEYS,
    requestFields: 'not told',
    hyperParameters: [],
    dataRole: IN_ARGUMENTS,
    branches: [],
    result: null,
    unjudged: 'it is not judged what their JobConfigDocument reads, writes and encrypts',
  },
} as const satisfies Partial<Record<string, StepType>>;
