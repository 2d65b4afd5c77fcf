import type { StepTypeName } from './step-type-names.ts';
import type { JobStepType, RoleField } from './step-types.ts';

/**
 * The call with which code of one major version of the SageMaker Python SDK gives a value, with VALUE in the place of
 * the value; `note` says for which versions this holds. `none` says what the SDK lacks.
 */
export type SdkWay = { call: string; note?: string } | { none: string };
export type SdkWays = { sdk2: SdkWay; sdk3: SdkWay };

/** The words for steps of a type: null for a type whose steps get no base job name. */
export type StepWords<T extends StepTypeName> = {
  name: T extends JobStepType ? SdkWays : null;
  roles: Record<RoleField<T>, SdkWays>;
};

const ways = (sdk2: string, sdk3: string, note3?: string): SdkWays => ({
  sdk2: { call: sdk2 },
  sdk3: note3 === undefined ? { call: sdk3 } : { call: sdk3, note: note3 },
});
const both = (call: string): SdkWays => ways(call, call);
const none = (sdk3: SdkWay, what: string): SdkWays => ({ sdk2: { none: what }, sdk3 });

/** The page of the control shows how older ones are made to write it. */
const KEPT_FROM = 'from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix';
const PASSED_OVER = '3.27.0 passes over it: pipewarden explain pipeline-job-prefix';
const NO_CLASS = 'no class for such a step';
const NO_ARGUMENT = 'no argument for it';
const BY_HAND: SdkWays = { sdk2: { none: NO_CLASS }, sdk3: { none: NO_CLASS } };
const WITHOUT = { name: null, roles: {} } as const;

const CHECK_ROLES = {
  'Arguments.RoleArn': both('CheckJobConfig(role=VALUE)'),
  'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn': {
    sdk2: { none: NO_ARGUMENT },
    sdk3: { none: NO_ARGUMENT },
  },
} as const;

const TUNED_ROLE = ways('Estimator(role=VALUE)', 'ModelTrainer(role=VALUE)');
const BEDROCK = { name: null, roles: { 'Arguments.RoleArn': BY_HAND } } as const;

/**
 * How code of the SageMaker Python SDK names the jobs and roles of each step type. Source: the SDK's sources and what
 * 2.257.7 and 3.27.0 write, with https://github.com/aws/sagemaker-python-sdk/blob/master/CHANGELOG.md for the versions.
 * AWS's guide spells the arguments of the tuner and the transformer in another order of words, which the SDK refuses.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions-prefix
 */
export const SDK_WORDS: { readonly [T in StepTypeName]: StepWords<T> } = {
  Training: {
    name: ways('Estimator(base_job_name=VALUE)', 'ModelTrainer(base_job_name=VALUE)', KEPT_FROM),
    roles: { 'Arguments.RoleArn': TUNED_ROLE },
  },
  Processing: {
    name: both('Processor(base_job_name=VALUE)'),
    roles: {
      'Arguments.RoleArn': both('Processor(role=VALUE)'),
      'Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn': both(
        'RedshiftDatasetDefinition(cluster_role_arn=VALUE)',
      ),
    },
  },
  QualityCheck: {
    name: ways('CheckJobConfig(base_job_name=VALUE)', 'CheckJobConfig(base_job_name=VALUE)', PASSED_OVER),
    roles: CHECK_ROLES,
  },
  ClarifyCheck: {
    name: ways('CheckJobConfig(base_job_name=VALUE)', 'CheckJobConfig(base_job_name=VALUE)', PASSED_OVER),
    roles: CHECK_ROLES,
  },
  Transform: { name: both('Transformer(base_transform_job_name=VALUE)'), roles: {} },
  Tuning: {
    name: ways(
      'HyperparameterTuner(base_tuning_job_name=VALUE)',
      'HyperparameterTuner(base_tuning_job_name=VALUE)',
      KEPT_FROM,
    ),
    roles: {
      'Arguments.TrainingJobDefinition.RoleArn': TUNED_ROLE,
      'Arguments.TrainingJobDefinitions[].RoleArn': TUNED_ROLE,
    },
  },
  AutoML: {
    name: { sdk2: { call: 'AutoML(base_job_name=VALUE)' }, sdk3: { none: NO_CLASS } },
    roles: {
      'Arguments.RoleArn': { sdk2: { call: 'AutoML(role=VALUE)' }, sdk3: { none: NO_CLASS } },
      'Arguments.AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN': {
        sdk2: { none: NO_ARGUMENT },
        sdk3: { none: NO_CLASS },
      },
    },
  },
  Model: {
    name: ways('Model(name=VALUE)', 'ModelBuilder.build(model_name=VALUE)'),
    roles: { 'Arguments.ExecutionRoleArn': ways('Model(role=VALUE)', 'ModelBuilder(role_arn=VALUE)') },
  },
  RegisterModel: {
    name: ways('Model.register(model_package_name=VALUE)', 'ModelBuilder.register(model_package_name=VALUE)'),
    roles: {
      'Arguments.ValidationSpecification.ValidationRole': ways(
        'Model.register(validation_specification={"ValidationRole": VALUE, …})',
        'ModelBuilder.register(validation_specification={"ValidationRole": VALUE, …})',
      ),
    },
  },
  Job: {
    name: none({ call: 'MultiTurnRLTrainer(base_job_name=VALUE)' }, NO_CLASS),
    roles: { 'Arguments.RoleArn': none({ call: 'MultiTurnRLTrainer(role=VALUE)' }, NO_CLASS) },
  },
  EndpointConfig: {
    name: null,
    roles: { 'Arguments.ExecutionRoleArn': both('PipelineSession.create_endpoint_config(role=VALUE)') },
  },
  EMR: {
    name: null,
    roles: {
      'Arguments.ExecutionRoleArn': both('EMRStep(execution_role_arn=VALUE)'),
      'Arguments.ClusterConfig.JobFlowRole': both('EMRStep(cluster_config={"JobFlowRole": VALUE, …})'),
      'Arguments.ClusterConfig.ServiceRole': both('EMRStep(cluster_config={"ServiceRole": VALUE, …})'),
      'Arguments.ClusterConfig.AutoScalingRole': both(
        'EMRStep(cluster_config={"AutoScalingRole": VALUE, …})',
      ),
    },
  },
  EMRServerless: {
    name: null,
    roles: {
      'Arguments.ExecutionRoleArn': none(
        { call: 'EMRServerlessJobConfig(execution_role_arn=VALUE)' },
        NO_CLASS,
      ),
      'Arguments.JobConfig.executionRoleArn': none(
        { call: 'EMRServerlessJobConfig(execution_role_arn=VALUE)' },
        NO_CLASS,
      ),
    },
  },
  BedrockCustomModel: BEDROCK,
  BedrockModelImport: BEDROCK,
  Endpoint: WITHOUT,
  InferenceComponent: WITHOUT,
  Athena: WITHOUT,
  BedrockCustomModelDeployment: WITHOUT,
  BedrockProvisionedModelThroughput: WITHOUT,
  HubContent: WITHOUT,
  Lambda: WITHOUT,
  Callback: WITHOUT,
  Condition: WITHOUT,
  ForEach: WITHOUT,
  Cleanup: WITHOUT,
  Fail: WITHOUT,
  Lineage: WITHOUT,
};

/** What makes a Training step besides the estimator and the trainer: each has arguments of its own. */
export type TrainingMaker = 'function' | 'notebook' | 'repacked model';

export const TRAINING_WORDS: Readonly<Record<TrainingMaker, StepWords<'Training'>>> = {
  function: {
    name: both('@step(job_name_prefix=VALUE)'),
    roles: { 'Arguments.RoleArn': both('@step(role=VALUE)') },
  },
  notebook: {
    name: both('NotebookJobStep(notebook_job_name=VALUE)'),
    roles: { 'Arguments.RoleArn': both('NotebookJobStep(role=VALUE)') },
  },
  'repacked model': {
    name: ways(
      'ModelStep(repack_model_step_settings={"base_job_name": VALUE})',
      'ModelStep(repack_model_step_settings={"base_job_name": VALUE})',
      KEPT_FROM,
    ),
    roles: { 'Arguments.RoleArn': both('ModelStep(repack_model_step_settings={"role": VALUE})') },
  },
};
