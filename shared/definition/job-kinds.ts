/**
 * One kind of job that SageMaker creates under a name. Which steps make it is in the table of step types. Source: the
 * SageMaker API model and the service authorization reference.
 */
type KindOfJob = {
  /** The noun of the AWS CLI (`describe-training-job`), also the folder's name in a snapshot. */
  id: string;
  /** The resource type in the job's ARN: `training-job`, but `automl-job` for `auto-ml-job`. */
  arnType: string;
  /** The noun of the API, which follows Create, Describe and List. */
  noun: string;
  nameField: string;
  arnField: string;
  /** The fields of roles in the create request; `[]` follows a field that is a list. */
  roleFields: readonly string[];
  /** Whether a request need not name a role, although it has a field for one. */
  mayLackRole: boolean;
  /** The length of the longest name that the API accepts. */
  maxNameLength: number;
};

const kind = <const Id extends string, const Noun extends string>(
  id: Id,
  noun: Noun,
  maxNameLength: number,
  roleFields: readonly string[],
  nameField = `${noun}Name`,
  arnField = `${noun}Arn`,
  arnType: string = id,
): KindOfJob & { id: Id; noun: Noun } => ({
  id,
  arnType,
  noun,
  nameField,
  arnField,
  roleFields,
  mayLackRole: MAY_LACK_ROLE.includes(id),
  maxNameLength,
});

const MAY_LACK_ROLE: readonly string[] = ['model', 'model-package'];

const ROLE = ['RoleArn'] as const;

export const JOB_KINDS = {
  'training-job': kind('training-job', 'TrainingJob', 63, ROLE),
  'processing-job': kind('processing-job', 'ProcessingJob', 63, [
    ...ROLE,
    'ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn',
  ]),
  'transform-job': kind('transform-job', 'TransformJob', 63, []),
  'hyper-parameter-tuning-job': kind('hyper-parameter-tuning-job', 'HyperParameterTuningJob', 32, [
    'TrainingJobDefinition.RoleArn',
    'TrainingJobDefinitions[].RoleArn',
  ]),
  'auto-ml-job': kind('auto-ml-job', 'AutoMLJob', 32, ROLE, 'AutoMLJobName', 'AutoMLJobArn', 'automl-job'),
  'auto-ml-job-v2': kind(
    'auto-ml-job-v2',
    'AutoMLJobV2',
    32,
    ['RoleArn', 'AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN'],
    'AutoMLJobName',
    'AutoMLJobArn',
    'automl-job',
  ),
  model: kind('model', 'Model', 63, ['ExecutionRoleArn']),
  'model-package': kind('model-package', 'ModelPackage', 63, ['ValidationSpecification.ValidationRole']),
  'compilation-job': kind('compilation-job', 'CompilationJob', 63, ROLE),
  'edge-packaging-job': kind('edge-packaging-job', 'EdgePackagingJob', 63, ROLE),
  'inference-recommendations-job': kind(
    'inference-recommendations-job',
    'InferenceRecommendationsJob',
    64,
    ROLE,
    'JobName',
    'JobArn',
  ),
  'labeling-job': kind('labeling-job', 'LabelingJob', 63, ROLE),
  'optimization-job': kind('optimization-job', 'OptimizationJob', 63, ROLE),
  'model-card-export-job': kind('model-card-export-job', 'ModelCardExportJob', 63, []),
  'ai-benchmark-job': kind('ai-benchmark-job', 'AIBenchmarkJob', 63, ROLE),
  'ai-recommendation-job': kind('ai-recommendation-job', 'AIRecommendationJob', 63, ROLE),
  job: kind('job', 'Job', 63, ROLE),
  'training-session': kind('training-session', 'TrainingSession', 63, ROLE),
} as const satisfies Record<string, KindOfJob>;

export type JobKindId = keyof typeof JOB_KINDS;
export type JobKind = KindOfJob & { id: JobKindId };

/** The job kind with that id. AutoML V1 and V2 have the same resource type but different requests. */
export const jobKind = (id: JobKindId): JobKind => JOB_KINDS[id];

/**
 * The kind of the job that an ARN names. The resource type is compared without letter case, because older ARNs are in
 * lower case throughout.
 */
export const jobKindOfArn = (arn: string): JobKindId | undefined => {
  const type = arn.split(':')[5]?.split('/')[0]?.toLowerCase() ?? '';
  return ARN_TYPES.get(type);
};

const ARN_TYPES = new Map(
  Object.entries(JOB_KINDS)
    .toReversed()
    .map(([id, { arnType }]) => [arnType, id as JobKindId]),
);

/** Whether a text is the name of a kind of jobs, such as `transform-job`. */
export const isJobKind = (text: string): boolean => Object.hasOwn(JOB_KINDS, text);
