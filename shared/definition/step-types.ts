import type { JobKindId } from './job-kinds.ts';
import { JOB_STEPS } from './job-step-types.ts';
import { STEP_TYPES, type StepType, type StepTypeName } from './step-type-names.ts';

/** A step type whose arguments name no roles, images, data or steps. */
const NOTHING = {
  makes: [],
  roles: [],
  name: null,
  images: [],
  inputs: [],
  outputs: [],
  takesOtherInputs: false,
  hasJobFolder: false,
  keys: { output: [], volume: [] },
  requestFields: { vpcConfigs: [], instanceTypes: [], networkIsolation: [], trafficEncryption: [] },
  hyperParameters: [],
  dataRole: 'none',
  branches: [],
  result: null,
  unjudged: null,
} as const satisfies StepType;

const UNDOCUMENTED = {
  ...NOTHING,
  requestFields: 'not told',
  unjudged: 'nothing is judged, as AWS does not document their arguments',
} as const;

/** Bedrock's requests behind these two step types contain a role. */
const BEDROCK_JOB = {
  ...UNDOCUMENTED,
  roles: ['Arguments.RoleArn'],
  unjudged: 'the role alone is judged, as AWS does not document their other arguments',
} as const;

const TABLE = {
  ...JOB_STEPS,
  EndpointConfig: {
    ...NOTHING,
    roles: ['Arguments.ExecutionRoleArn'],
    outputs: [
      'Arguments.DataCaptureConfig.DestinationS3Uri',
      'Arguments.AsyncInferenceConfig.OutputConfig.S3OutputPath',
      'Arguments.AsyncInferenceConfig.OutputConfig.S3FailurePath',
    ],
    keys: {
      output: [
        'Arguments.DataCaptureConfig.KmsKeyId',
        'Arguments.AsyncInferenceConfig.OutputConfig.KmsKeyId',
      ],
      volume: ['Arguments.KmsKeyId'],
    },
    dataRole: 'role of its endpoint',
    requestFields: {
      vpcConfigs: ['Arguments.VpcConfig'],
      instanceTypes: [
        'Arguments.ProductionVariants[].InstanceType',
        'Arguments.ShadowProductionVariants[].InstanceType',
      ],
      networkIsolation: ['Arguments.EnableNetworkIsolation'],
      trafficEncryption: [],
    },
  },
  Endpoint: NOTHING,
  InferenceComponent: NOTHING,
  EMR: {
    ...NOTHING,
    roles: [
      'Arguments.ExecutionRoleArn',
      'Arguments.ClusterConfig.JobFlowRole',
      'Arguments.ClusterConfig.ServiceRole',
      'Arguments.ClusterConfig.AutoScalingRole',
    ],
    inputs: ['Arguments.StepConfig.HadoopJarStep.Jar', 'Arguments.StepConfig.HadoopJarStep.Args[]'],
    outputs: ['Arguments.ClusterConfig.LogUri'],
    takesOtherInputs: true,
  },
  EMRServerless: {
    ...NOTHING,
    roles: ['Arguments.ExecutionRoleArn', 'Arguments.JobConfig.executionRoleArn'],
    inputs: [
      'Arguments.JobConfig.jobDriver.sparkSubmit.entryPoint',
      'Arguments.JobConfig.jobDriver.sparkSubmit.entryPointArguments[]',
    ],
    takesOtherInputs: true,
  },
  Athena: UNDOCUMENTED,
  BedrockCustomModel: BEDROCK_JOB,
  BedrockCustomModelDeployment: UNDOCUMENTED,
  BedrockModelImport: BEDROCK_JOB,
  BedrockProvisionedModelThroughput: UNDOCUMENTED,
  HubContent: UNDOCUMENTED,
  Lambda: NOTHING, // runs under the function's own role
  Callback: NOTHING,
  Condition: { ...NOTHING, branches: ['IfSteps', 'ElseSteps'] },
  ForEach: { ...NOTHING, branches: ['ForEachBody'] },
  Cleanup: NOTHING, // deletes what earlier steps wrote, as the execution role
  Fail: NOTHING,
  Lineage: NOTHING,
} as const satisfies Record<StepTypeName, StepType>;

/** What is known about a step type. For an unknown type nothing is known, and such steps are reported as not judged. */
export const stepType = (name: StepTypeName | undefined): StepType =>
  name === undefined ? NOTHING : TABLE[name];

/** The step types whose job, model or model package gets a name that a prefix can govern. */
export type JobStepType = {
  [T in StepTypeName]: (typeof TABLE)[T]['name'] extends null ? never : T;
}[StepTypeName];

/** The fields in which a step of a type names roles. */
export type RoleField<T extends StepTypeName> = (typeof TABLE)[T]['roles'][number];

export const isJobStepType = (name: StepTypeName | undefined): name is JobStepType =>
  stepType(name).name !== null;

/** All job step types, in the order of `STEP_TYPES`. The type says “not empty”, as Zod and Commander require. */
export const JOB_STEP_TYPES = STEP_TYPES.filter(isJobStepType) as [JobStepType, ...JobStepType[]];

const MAKERS = new Map<JobKindId, StepTypeName[]>();
for (const name of STEP_TYPES)
  for (const kind of stepType(name).makes) MAKERS.set(kind, [...(MAKERS.get(kind) ?? []), name]);

/** The step types that make jobs of a kind; empty for kinds that no step makes. */
export const stepTypesOf = (kind: JobKindId): readonly StepTypeName[] => MAKERS.get(kind) ?? [];
