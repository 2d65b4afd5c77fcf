import type { JobKindId } from './job-kinds.ts';

/**
 * Every type of step that AWS tells of: those that the SageMaker Python SDK writes, and those that the metadata of an
 * execution's step knows (PipelineExecutionStepMetadata).
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStepMetadata.html
 */
export const STEP_TYPES = [
  'Training',
  'Processing',
  'Transform',
  'Tuning',
  'AutoML',
  'Model',
  'RegisterModel',
  'QualityCheck',
  'ClarifyCheck',
  'Job',
  'EndpointConfig',
  'Endpoint',
  'InferenceComponent',
  'EMR',
  'EMRServerless',
  'Athena',
  'BedrockCustomModel',
  'BedrockCustomModelDeployment',
  'BedrockModelImport',
  'BedrockProvisionedModelThroughput',
  'HubContent',
  'Lambda',
  'Callback',
  'Condition',
  'ForEach',
  'Cleanup',
  'Fail',
  'Lineage',
] as const;

/** The type of a step that is known here: what is kept by it (`Record<StepTypeName, …>`) has a row for each. */
export type StepTypeName = (typeof STEP_TYPES)[number];

/** The step type of that name; undefined for a text that is none. */
export const stepTypeNamed = (text: string): StepTypeName | undefined =>
  STEP_TYPES.find((name) => name === text);

/** Where a step keeps steps of its own: a Condition in its branches, a ForEach (of SDK 3) in its body. */
export const BRANCHES = ['IfSteps', 'ElseSteps', 'ForEachBody'] as const;
export type Branch = (typeof BRANCHES)[number];

/** How what a step makes is named, in a field that a prefix can govern. */
export type JobNaming = {
  /** The field of the base job name. */
  field: string;
  /** The longest base job name that AWS documents ("Prefix length restrictions"); missing where it documents none. */
  maxPrefixLength?: number;
  /** The longest job name that the API takes. */
  maxLength: number;
  /** The argument that stands for a name: where there is one, and no base job name, nothing gets a name of its own. */
  unnamedWith?: string;
};

/** The KMS keys that encrypt what a step writes, and the volumes of its instances. */
export type KeyFields = { output: readonly string[]; volume: readonly string[] };

/**
 * The fields of the arguments that become condition keys of the request which creates what the step makes. A list is empty
 * where the API has no such key.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
export type RequestFields = Readonly<
  Record<'vpcConfigs' | 'instanceTypes' | 'networkIsolation' | 'trafficEncryption', readonly string[]>
>;

/** What holds the role that does a step's data work, in the step, and the field of the role in it. */
export type RoleHolders = { holders: readonly string[]; role: string };

/** What later steps can refer to beside a step's arguments and the name of its job. */
export type StepResult =
  | 'model artifacts'
  | 'tuned jobs'
  | 'candidates'
  | 'quality baseline'
  | 'clarify baseline';

/**
 * All that a step type is, as far as a definition tells. Paths are from the step (`Arguments.RoleArn`); `[]` after a
 * field that is a list.
 * Source: what the SageMaker Python SDK writes, and the request shapes of the SageMaker API.
 */
export type StepType = {
  /** The kinds of job that it makes: the one relation between steps and jobs. */
  makes: readonly JobKindId[];
  roles: readonly string[];
  /** Null where it names nothing that a prefix governs. */
  name: JobNaming | null;
  images: readonly string[];
  inputs: readonly string[];
  outputs: readonly string[];
  /** An input may be something else than a URI of S3. */
  takesOtherInputs: boolean;
  /** Its job puts a folder of its own, named as the job, into some of its outputs. */
  hasJobFolder: boolean;
  keys: KeyFields;
  /** `not told`: the fields are in a text that AWS does not document. */
  requestFields: RequestFields | 'not told';
  hyperParameters: readonly string[];
  /** Who reads and writes its data: the role of its model, or nobody of the account's where it runs no job of SageMaker's. */
  dataRole: RoleHolders | 'role of its model' | 'none';
  branches: readonly Branch[];
  result: StepResult | null;
  /** What is not judged “of steps of type …”, and why; null where all that AWS documents of them is. */
  unjudged: string | null;
};
