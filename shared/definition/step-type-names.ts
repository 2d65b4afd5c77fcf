import type { JobKindId } from './job-kinds.ts';

/**
 * All step types that AWS names: those that the SageMaker Python SDK writes, and those in the metadata of an
 * execution's steps.
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

/** A step type that this version knows. A table by step type (`Record<StepTypeName, …>`) must have a row for each. */
export type StepTypeName = (typeof STEP_TYPES)[number];

/** The step type with that name; undefined for unknown names. */
export const stepTypeNamed = (text: string): StepTypeName | undefined =>
  STEP_TYPES.find((name) => name === text);

/** The members in which a step contains other steps: a Condition has two branches, a ForEach (of SDK 3) a body. */
export const BRANCHES = ['IfSteps', 'ElseSteps', 'ForEachBody'] as const;
export type Branch = (typeof BRANCHES)[number];

/** How the job or resource that a step makes gets its name, if a prefix can govern the name. */
export type JobNaming = {
  /** The field of the base job name. */
  field: string;
  /**
   * The longest base job name that AWS documents ("Prefix length restrictions"); absent where AWS documents no limit.
   */
  maxPrefixLength?: number;
  /** The longest job name that the API accepts. */
  maxLength: number;
  /** The argument that may replace a name: with it and without a base job name, nothing gets a name of its own. */
  unnamedWith?: string;
};

/** Fields of the KMS keys that encrypt a step's output and the volumes of its instances. */
export type KeyFields = { output: readonly string[]; volume: readonly string[] };

/**
 * The fields of the arguments that become condition keys of the request which creates what the step makes. A list is empty
 * where the API has no such key.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
export type RequestFields = Readonly<
  Record<'vpcConfigs' | 'instanceTypes' | 'networkIsolation' | 'trafficEncryption', readonly string[]>
>;

/** The objects in a step that can hold a data role, and the name of the role's field in them. */
export type RoleHolders = { holders: readonly string[]; role: string };

/** What later steps can refer to, besides a step's arguments and its job's name. */
export type StepResult =
  | 'model artifacts'
  | 'tuned jobs'
  | 'candidates'
  | 'quality baseline'
  | 'clarify baseline';

/**
 * Everything that is known about a step type. Paths begin at the step (`Arguments.RoleArn`); `[]` follows a field
 * that is a list. Source: what the SageMaker Python SDK writes, and the request shapes of the SageMaker API.
 */
export type StepType = {
  /** The job kinds that such a step makes: the only link between steps and jobs. */
  makes: readonly JobKindId[];
  roles: readonly string[];
  /** Null for a step type that makes nothing with a name that a prefix governs. */
  name: JobNaming | null;
  images: readonly string[];
  inputs: readonly string[];
  outputs: readonly string[];
  /** Whether inputs may be something other than S3 URIs. */
  takesOtherInputs: boolean;
  /** Whether the job adds a folder with its own name below some of the outputs. */
  hasJobFolder: boolean;
  keys: KeyFields;
  /** `not told`: the fields are in a text that AWS does not document. */
  requestFields: RequestFields | 'not told';
  hyperParameters: readonly string[];
  /** The role that reads and writes the data. `none`: the step runs no SageMaker job. */
  dataRole: RoleHolders | 'role of its model' | 'role of its endpoint' | 'none';
  branches: readonly Branch[];
  result: StepResult | null;
  /** What is not judged “of steps of type …”, and why; null where everything that AWS documents is judged. */
  unjudged: string | null;
};
