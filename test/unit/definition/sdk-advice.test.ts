import { describe, expect, test } from '@jest/globals';
import { parseDefinition, type Step } from '../../../shared/definition/parse.ts';
import {
  baseNameAdvice,
  droppedBaseName,
  roleAdvice,
  trainingMaker,
} from '../../../shared/definition/sdk-advice.ts';
import { STEP_TYPES, type StepTypeName } from '../../../shared/definition/step-type-names.ts';
import { JOB_STEP_TYPES, stepType } from '../../../shared/definition/step-types.ts';

const stepOf = (type: string, args: object = {}): Step => {
  const text = JSON.stringify({ Steps: [{ Name: 'S', Type: type, Arguments: args }] });
  const parsed = parseDefinition(text);
  if (!parsed.ok || !parsed.definition.steps[0]) throw new Error('no step');
  return parsed.definition.steps[0];
};

/** What the SDK takes for the base job name of each type, as its own sources say. */
const NAMES: Partial<Record<StepTypeName, string>> = {
  Training:
    'SDK 2: Estimator(base_job_name="f"). SDK 3: ModelTrainer(base_job_name="f") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix).',
  Processing: 'SDK 2 and 3: Processor(base_job_name="f").',
  Transform: 'SDK 2 and 3: Transformer(base_transform_job_name="f").',
  Tuning:
    'SDK 2: HyperparameterTuner(base_tuning_job_name="f"). SDK 3: HyperparameterTuner(base_tuning_job_name="f") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix).',
  AutoML: 'SDK 2: AutoML(base_job_name="f"). SDK 3: no class for such a step.',
  Model: 'SDK 2: Model(name="f"). SDK 3: ModelBuilder.build(model_name="f").',
  RegisterModel:
    'SDK 2: Model.register(model_package_name="f"). SDK 3: ModelBuilder.register(model_package_name="f").',
  QualityCheck:
    'SDK 2: CheckJobConfig(base_job_name="f"). SDK 3: CheckJobConfig(base_job_name="f") (3.27.0 passes over it: pipewarden explain pipeline-job-prefix).',
  ClarifyCheck:
    'SDK 2: CheckJobConfig(base_job_name="f"). SDK 3: CheckJobConfig(base_job_name="f") (3.27.0 passes over it: pipewarden explain pipeline-job-prefix).',
  Job: 'SDK 2: no class for such a step. SDK 3: MultiTurnRLTrainer(base_job_name="f").',
};

describe('the words of the SDK for a base job name', () => {
  test.each(JOB_STEP_TYPES)('%s', (type) => {
    expect(baseNameAdvice(stepOf(type), 'f')).toBe(NAMES[type]);
  });

  test('are empty for types without a name, and for unknown types', () => {
    const others = STEP_TYPES.filter((type) => NAMES[type] === undefined);
    expect([...others, 'Unheard'].map((type) => baseNameAdvice(stepOf(type), 'f')).join('')).toBe('');
  });

  test('leave the value open where none is known, and write it as Python does', () => {
    expect(baseNameAdvice(stepOf('Processing'))).toBe('SDK 2 and 3: Processor(base_job_name=…).');
    expect(baseNameAdvice(stepOf('Processing'), 'a"$&b')).toContain('Processor(base_job_name="a\\"$&b")');
  });
});

describe('the words of the SDK for a role', () => {
  const NOBODY = 'SDK 2 and 3: no class for such a step.';
  const TUNED = 'SDK 2: Estimator(role=…). SDK 3: ModelTrainer(role=…).';
  const ROLES: Record<string, string> = {
    'Training RoleArn': TUNED,
    'Processing RoleArn': 'SDK 2 and 3: Processor(role=…).',
    'Processing ClusterRoleArn': 'SDK 2 and 3: RedshiftDatasetDefinition(cluster_role_arn=…).',
    'QualityCheck RoleArn': 'SDK 2 and 3: CheckJobConfig(role=…).',
    'QualityCheck ClusterRoleArn': 'SDK 2 and 3: no argument for it.',
    'ClarifyCheck RoleArn': 'SDK 2 and 3: CheckJobConfig(role=…).',
    'ClarifyCheck ClusterRoleArn': 'SDK 2 and 3: no argument for it.',
    'Tuning RoleArn': TUNED,
    'AutoML RoleArn': 'SDK 2: AutoML(role=…). SDK 3: no class for such a step.',
    'AutoML ExecutionRoleARN': 'SDK 2: no argument for it. SDK 3: no class for such a step.',
    'Model ExecutionRoleArn': 'SDK 2: Model(role=…). SDK 3: ModelBuilder(role_arn=…).',
    'RegisterModel ValidationRole':
      'SDK 2: Model.register(validation_specification={"ValidationRole": …, …}). SDK 3: ModelBuilder.register(validation_specification={"ValidationRole": …, …}).',
    'Job RoleArn': 'SDK 2: no class for such a step. SDK 3: MultiTurnRLTrainer(role=…).',
    'EndpointConfig ExecutionRoleArn': 'SDK 2 and 3: PipelineSession.create_endpoint_config(role=…).',
    'EMR ExecutionRoleArn': 'SDK 2 and 3: EMRStep(execution_role_arn=…).',
    'EMR JobFlowRole': 'SDK 2 and 3: EMRStep(cluster_config={"JobFlowRole": …, …}).',
    'EMR ServiceRole': 'SDK 2 and 3: EMRStep(cluster_config={"ServiceRole": …, …}).',
    'EMR AutoScalingRole': 'SDK 2 and 3: EMRStep(cluster_config={"AutoScalingRole": …, …}).',
    'EMRServerless ExecutionRoleArn':
      'SDK 2: no class for such a step. SDK 3: EMRServerlessJobConfig(execution_role_arn=…).',
    'EMRServerless executionRoleArn':
      'SDK 2: no class for such a step. SDK 3: EMRServerlessJobConfig(execution_role_arn=…).',
    'BedrockCustomModel RoleArn': NOBODY,
    'BedrockModelImport RoleArn': NOBODY,
  };
  const fields = STEP_TYPES.flatMap((type) => stepType(type).roles.map((field) => ({ type, field })));

  test.each(fields)('$type $field', ({ type, field }) => {
    expect(roleAdvice(stepOf(type), field)).toBe(ROLES[`${type} ${field.split('.').at(-1)}`]);
  });

  test('are empty for a field that is no role, and for unknown types', () => {
    expect(roleAdvice(stepOf('Training'), 'constructor')).toBe('');
    expect(roleAdvice(stepOf('Unheard'), 'Arguments.RoleArn')).toBe('');
  });
});

describe('what made a Training step', () => {
  const entry = (...parts: unknown[]) => ({ AlgorithmSpecification: { ContainerEntrypoint: parts } });
  test.each([
    ['notebook', entry('amazon_sagemaker_scheduler')],
    ['function', entry('/bin/bash', '/opt/ml/input/data/sagemaker_remote_function_bootstrap/job_driver.sh')],
    ['repacked model', { HyperParameters: { inference_script: '"a.py"', model_archive: '"m"' } }],
    [undefined, { HyperParameters: { inference_script: '"a.py"' } }],
    [undefined, entry('/bin/bash', 7, null)],
    [undefined, {}],
  ])('%s', (maker, args) => {
    expect(trainingMaker(stepOf('Training', args))).toBe(maker);
    expect(trainingMaker(stepOf('Processing', args))).toBeUndefined();
  });
});

describe('the base job name that SDK 3 left out', () => {
  const input = (S3Uri: unknown) => ({ InputDataConfig: [{ DataSource: { S3DataSource: { S3Uri } } }] });
  test.each([
    ['fraud-train', 's3://b/fraud-train/fraud-train-20260101000000/input/sm_drivers'],
    ['nightly', 's3://b/other/prefix/nightly-20260101000000/input/sm_drivers'],
    [undefined, 's3://b/fraud-train/fraud-train-2026-01-01/input/sm_drivers'],
    [undefined, 's3://b/fraud-train/fraud-train-20260101000000/input/data'],
    [undefined, { Get: 'Parameters.Data' }],
  ])('%s', (name, uri) => {
    expect(droppedBaseName(stepOf('Training', input(uri)))).toBe(name);
    expect(droppedBaseName(stepOf('Processing', input(uri)))).toBeUndefined();
  });
});
