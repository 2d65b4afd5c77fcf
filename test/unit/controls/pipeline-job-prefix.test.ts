import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Prefix } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/pipeline-job-prefix.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import type { JobStepType } from '../../../shared/definition/step-types.ts';
import type { Verdict } from '../../../shared/domain/finding.ts';
import type { PipelineSubject } from '../../../shared/facts/facts.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  condition,
  controlCases,
  definitionOf,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';

const FRAUD = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const PIPELINE = {
  name: 'fraud-daily',
  arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily',
  roleArn: FRAUD,
};
const IMAGE = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3';

const TRAIN: Prefix = { prefix: 'fraud-train' };
const DEFAULTS: Prefix = { prefix: 'pipelines' };

const training = (name: unknown, more: object = {}) =>
  step('Train', 'Training', { ...(name === undefined ? {} : { TrainingJobName: name }), ...more });
const parameter = (name: string) => ({ Get: `Parameters.${name}` });
const joined = (...Values: unknown[]) => ({ 'Std:Join': { On: '-', Values } });
const EXECUTION_ID = { Get: 'Execution.PipelineExecutionId' };
const RUN_ONLY = { 'Std:JsonGet': { PropertyFile: 'F', Path: 'name' } };
/** What SDK 3 writes of the code of a ModelTrainer with that base job name. */
const codeOf = (base: string) => ({
  InputDataConfig: ['code', 'sm_drivers'].map((ChannelName) => ({
    ChannelName,
    DataSource: {
      S3DataSource: { S3Uri: `s3://acme-code/${base}/${base}-20260101000000/input/${ChannelName}` },
    },
  })),
});
const notebook = (name: string) =>
  step('Nb', 'Training', {
    TrainingJobName: name,
    AlgorithmSpecification: { ContainerEntrypoint: ['amazon_sagemaker_scheduler'] },
  });
const FUNCTION = ['/bin/bash', '/opt/ml/input/data/sagemaker_remote_function_bootstrap/job_driver.sh'];
const NAME = '/Steps/0/Arguments/TrainingJobName';

/** The field of the base job name of each job step type. */
const FIELDS: Record<JobStepType, string> = {
  Training: 'TrainingJobName',
  Processing: 'ProcessingJobName',
  QualityCheck: 'ProcessingJobName',
  ClarifyCheck: 'ProcessingJobName',
  Transform: 'TransformJobName',
  Tuning: 'HyperParameterTuningJobName',
  AutoML: 'AutoMLJobName',
  Model: 'ModelName',
  RegisterModel: 'ModelPackageName',
  Job: 'JobName',
};
const everyType = (name: string | undefined) =>
  Object.entries(FIELDS).map(([type, field]) =>
    step(type, type, name === undefined ? {} : { [field]: name }),
  );

type Stated = {
  steps?: object[];
  parameters?: Record<string, unknown>;
  overrides?: Record<string, string>;
  pipeline?: PipelineSubject;
  prefixes?: Prefix[];
};

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({
      steps = [training('fraud-train')],
      parameters,
      overrides = {},
      pipeline = PIPELINE,
      prefixes = [TRAIN],
    }) => ({
      facts: { pipeline, definition: definitionOf(steps, parameters), overrides },
      config: { prefixes },
    }),
    passes: {
      'the prefix itself': { subjects: ['Train'] },
      'the prefix and more': { steps: [training('fraud-train-nightly')] },
      'every job step type, in its own field': {
        steps: everyType('fraud-train'),
        subjects: Object.keys(FIELDS),
      },
      'a step nested in Conditions': {
        steps: [condition('If', [condition('Again', [], [training('fraud-train')])])],
        subjects: ['Train'],
      },
      'a parameter by its default': {
        steps: [training(parameter('Base'))],
        parameters: { Base: 'fraud-train' },
      },
      'a parameter by the value of an execution': {
        steps: [training(parameter('Base'))],
        parameters: { Base: 'scratch' },
        overrides: { Base: 'fraud-train' },
      },
      'a name that is joined with what only a run knows, behind the dash': {
        steps: [training(joined('fraud-train', EXECUTION_ID, RUN_ONLY))],
      },
      'the pipeline’s own name in it': {
        steps: [training(joined({ Get: 'Execution.PipelineName' }, 'train'))],
        prefixes: [{ prefix: 'fraud-daily' }],
      },
      'a prefix for that type, role and pipeline': {
        prefixes: [
          {
            ...TRAIN,
            stepTypes: ['Training'],
            roles: ['arn:aws:iam::*:role/pipelines/*'],
            pipelines: ['fraud-*'],
          },
        ],
      },
      'no base job name, where default names are authorised for the pipeline': {
        steps: everyType(undefined),
        prefixes: [TRAIN, { ...DEFAULTS, pipelines: ['fraud-*'] }],
      },
      'a file, by a prefix that is for all pipelines and roles': {
        pipeline: {},
        prefixes: [
          { ...TRAIN, stepTypes: ['Training'] },
          { ...TRAIN, pipelines: ['vision-*'] },
        ],
      },
    },
    fails: {
      'another name': {
        steps: [training('scratch')],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'scratch']],
          expected: 'a base job name with one of the authorised prefixes: fraud-train',
          remedy:
            'Step Train: give it the base job name fraud-train (or fraud-train-…). SDK 2: Estimator(base_job_name="fraud-train").',
          patch: JSON.stringify([{ op: 'replace', path: NAME, value: 'fraud-train' }]),
        },
      },
      'a name that only begins with the letters of the prefix': {
        steps: [training('fraud-trainer')],
        told: { subject: 'Train', evidence: [[NAME, 'fraud-trainer']] },
      },
      'a name that the prefix only begins with': {
        steps: [training('fraud')],
        told: { subject: 'Train', evidence: [[NAME, 'fraud']] },
      },
      'the prefix in another case': {
        steps: [training('Fraud-Train')],
        told: { subject: 'Train', evidence: [[NAME, 'Fraud-Train']] },
      },
      'the base job name is lost in one step': {
        steps: [training(undefined), step('Prepare', 'Processing', { ProcessingJobName: 'fraud-train' })],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'no base job name']],
          patch: JSON.stringify([{ op: 'add', path: NAME, value: 'fraud-train' }]),
        },
      },
      'a name in the field of another step type': {
        steps: [training(undefined, { ProcessingJobName: 'fraud-train' })],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'no base job name']],
          remedy:
            'SDK 3: ModelTrainer(base_job_name="fraud-train") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix). Also set PipelineDefinitionConfig(use_custom_job_prefix=True) on the pipeline (in SDK 2 from 2.171.0 on), or the SDK leaves the name out. Without the SDK: set TrainingJobName.',
        },
      },
      'a step alone whose name SDK 3 dropped, which the place of its code still has': {
        steps: [training(undefined, codeOf('fraud-train'))],
        told: {
          subject: 'Train',
          evidence: [
            [
              NAME,
              'step Train has no base job name: SDK 3 left out fraud-train, which the place of its code still has',
            ],
          ],
          remedy:
            'ModelTrainer(base_job_name="fraud-train") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix)',
        },
      },
      'a tuning step without a name beside one with a name: prefixing is on': {
        steps: [step('Tune', 'Tuning'), step('Prepare', 'Processing', { ProcessingJobName: 'fraud' })],
        prefixes: [{ prefix: 'fraud' }],
        told: {
          subject: 'Tune',
          evidence: [
            [
              '/Steps/0/Arguments/HyperParameterTuningJobName',
              'step Tune has no base job name, though others have: SDK 3 before 3.28.0 leaves it out',
            ],
          ],
          remedy:
            'SDK 3: HyperparameterTuner(base_tuning_job_name="fraud") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix). Without the SDK: set HyperParameterTuningJobName.',
        },
      },
      'a notebook’s name does not show that prefixing is on': {
        steps: [step('Score', 'Transform'), notebook('fraud-train')],
        told: {
          subject: 'Score',
          evidence: [['/Steps/0/Arguments/TransformJobName', 'step Score has no base job name']],
          remedy: 'Also set PipelineDefinitionConfig(use_custom_job_prefix=True)',
        },
      },
      'another name of a notebook, which needs no setting of the pipeline': {
        steps: [notebook('scratch')],
        told: {
          subject: 'Nb',
          evidence: [[NAME, 'step Nb has the base job name scratch']],
          remedy:
            'SDK 2 and 3: NotebookJobStep(notebook_job_name="fraud-train"). Without the SDK: set TrainingJobName.',
        },
      },
      'a step of a function': {
        steps: [training(undefined, { AlgorithmSpecification: { ContainerEntrypoint: FUNCTION } })],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'step Train has no base job name']],
          remedy: 'SDK 2 and 3: @step(job_name_prefix="fraud-train"). Also set PipelineDefinitionConfig',
        },
      },
      'a model that is packed anew': {
        steps: [
          training('sagemaker-scikit-learn', {
            HyperParameters: { inference_script: '"a.py"', model_archive: '"m"' },
          }),
        ],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'sagemaker-scikit-learn']],
          remedy: 'SDK 2: ModelStep(repack_model_step_settings={"base_job_name": "fraud-train"}).',
        },
      },
      'a check whose name SDK 3 passed over': {
        steps: [step('Check', 'QualityCheck', { ProcessingJobName: 'baseline-job' })],
        told: {
          subject: 'Check',
          evidence: [
            [
              '/Steps/0/Arguments/ProcessingJobName',
              'step Check has the base job name baseline-job; SDK 3 wrote it in place of the given name',
            ],
          ],
          remedy:
            'SDK 3: CheckJobConfig(base_job_name="fraud-train") (3.27.0 passes over it: pipewarden explain pipeline-job-prefix).',
        },
      },
      'a type for which SDK 3 has no class': {
        steps: [step('Auto', 'AutoML', { AutoMLJobName: 'scratch' })],
        prefixes: [{ prefix: 'fraud' }],
        told: {
          subject: 'Auto',
          evidence: [['/Steps/0/Arguments/AutoMLJobName', 'step Auto has the base job name scratch']],
          remedy: 'SDK 2: AutoML(base_job_name="fraud"). SDK 3: no class for such a step.',
        },
      },
      'a null is no name': {
        steps: [training(null)],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'no base job name']],
          remedy:
            'SDK 3: ModelTrainer(base_job_name="fraud-train") (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix). Also set PipelineDefinitionConfig(use_custom_job_prefix=True) on the pipeline (in SDK 2 from 2.171.0 on), or the SDK leaves the name out. Without the SDK: set TrainingJobName.',
        },
      },
      'the image’s name, which the SDK took': {
        steps: [training('sagemaker-scikit-learn', { AlgorithmSpecification: { TrainingImage: IMAGE } })],
        told: {
          subject: 'Train',
          evidence: [
            [
              NAME,
              'sagemaker-scikit-learn; the SDK took the name of the image, as no base job name was given',
            ],
          ],
        },
      },
      'a step nested in Conditions, by its own place': {
        steps: [condition('If', [training('fraud-train')], [condition('Again', [training('scratch')])])],
        told: {
          subject: 'Train',
          evidence: [
            ['/Steps/0/Arguments/ElseSteps/0/Arguments/IfSteps/0/Arguments/TrainingJobName', 'scratch'],
          ],
        },
      },
      'a parameter’s default': {
        steps: [training(parameter('Base'))],
        parameters: { Base: 'scratch' },
        told: { subject: 'Train', evidence: [[NAME, 'scratch']] },
      },
      'the value that an execution was started with': {
        steps: [training(parameter('Base')), step('Prepare', 'Processing')],
        parameters: { Base: 'fraud-train' },
        overrides: { Base: 'scratch' },
        told: { subject: 'Train', evidence: [[NAME, 'scratch']] },
      },
      'a part that is known and decides already': {
        steps: [training(joined('fraud-trainer', RUN_ONLY))],
        told: { subject: 'Train', evidence: [[NAME, 'fraud-trainer-{Std:JsonGet}']] },
      },
      'a prefix for another step type, with the one to use instead': {
        prefixes: [
          { ...TRAIN, stepTypes: ['Processing'] },
          { prefix: 'fraud-fit', stepTypes: ['Training'] },
        ],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'fraud-train (prefix fraud-train is for step types Processing)']],
          expected: 'fraud-fit (Training)',
          remedy: 'SDK 2: Estimator(base_job_name="fraud-fit").',
        },
      },
      'a prefix for another role': {
        prefixes: [{ ...TRAIN, roles: ['arn:aws:iam::*:role/pipelines/churn'] }],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'prefix fraud-train is for roles arn:aws:iam::*:role/pipelines/churn']],
          remedy: 'Step Train: authorise a prefix of at most 38 characters for Training steps',
        },
      },
      'a prefix for another pipeline': {
        prefixes: [{ ...TRAIN, pipelines: ['churn-*'] }],
        told: { subject: 'Train', evidence: [[NAME, 'prefix fraud-train is for pipelines churn-*']] },
      },
      'a base job name that poses as a default one': {
        steps: [training('pipelines')],
        prefixes: [DEFAULTS, TRAIN],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'pipelines']],
          expected: 'a base job name with one of the authorised prefixes: fraud-train',
        },
      },
      'one where default names alone are authorised': {
        steps: [training('scratch')],
        prefixes: [DEFAULTS],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'scratch']],
          expected: 'a base job name with one of the authorised prefixes',
        },
      },
      'a remedy never names a prefix that is too long for the step type': {
        steps: [step('Tune', 'Tuning', { HyperParameterTuningJobName: 'scratch' })],
        prefixes: [TRAIN, { prefix: 'fraud' }],
        told: {
          subject: 'Tune',
          evidence: [['/Steps/0/Arguments/HyperParameterTuningJobName', 'scratch']],
          remedy:
            'Step Tune: give it the base job name fraud (or fraud-…). SDK 2: HyperparameterTuner(base_tuning_job_name="fraud").',
        },
      },
      'nor one where only such are authorised': {
        steps: [step('Tune', 'Tuning', { HyperParameterTuningJobName: 'scratch' })],
        told: {
          subject: 'Tune',
          evidence: [['/Steps/0/Arguments/HyperParameterTuningJobName', 'scratch']],
          remedy: 'Step Tune: authorise a prefix of at most 6 characters for Tuning steps',
        },
      },
      'a type for whose prefixes AWS documents no length, where none is authorised': {
        steps: [step('Tune', 'Job', { JobName: 'scratch' })],
        prefixes: [DEFAULTS],
        told: {
          subject: 'Tune',
          evidence: [['/Steps/0/Arguments/JobName', 'step Tune has the base job name scratch']],
          remedy:
            'Step Tune: authorise a prefix for Job steps of this pipeline in pipewarden.yaml, and give the step a base job name with it.',
        },
      },
      'no name of a step alone, for which no prefix is authorised': {
        steps: [step('Tune', 'Tuning')],
        told: {
          subject: 'Tune',
          evidence: [['/Steps/0/Arguments/HyperParameterTuningJobName', 'step Tune has no base job name']],
          remedy:
            'Step Tune: authorise a prefix of at most 6 characters for Tuning steps of this pipeline in pipewarden.yaml (fraud-train, which it allows here, is too long), and give the step a base job name with it. SDK 2: HyperparameterTuner(base_tuning_job_name=…). SDK 3: HyperparameterTuner(base_tuning_job_name=…) (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix). Also set PipelineDefinitionConfig(use_custom_job_prefix=True) on the pipeline',
        },
      },
      'one finding for the pipeline where prefixing is off': {
        steps: [training(undefined), condition('If', [step('Score', 'Transform')])],
        told: {
          evidence: [
            [NAME, 'no base job name'],
            ['/Steps/1/Arguments/IfSteps/0/Arguments/TransformJobName', 'no base job name'],
          ],
          remedy:
            'Prefixing is off for this pipeline: no job step carries a base job name. Set PipelineDefinitionConfig(use_custom_job_prefix=True) on the pipeline (in SDK 2 from 2.171.0 on), give each step its base job name, and update the pipeline. Train: SDK 2: Estimator(base_job_name=…). SDK 3: ModelTrainer(base_job_name=…) (from 3.28.0 on; for older ones: pipewarden explain pipeline-job-prefix). Score: SDK 2 and 3: Transformer(base_transform_job_name=…).',
          patch: JSON.stringify([
            { op: 'add', path: NAME, value: 'fraud-train' },
            {
              op: 'add',
              path: '/Steps/1/Arguments/IfSteps/0/Arguments/TransformJobName',
              value: 'fraud-train',
            },
          ]),
        },
      },
      'a model package outside a group': {
        steps: [step('Register', 'RegisterModel', { ModelPackageName: 'scratch' })],
        told: { subject: 'Register', evidence: [['/Steps/0/Arguments/ModelPackageName', 'scratch']] },
      },
    },
    isNotAvailable: {
      'a file, where the prefix is for certain pipelines': {
        pipeline: {},
        prefixes: [{ ...TRAIN, stepTypes: ['Training'], roles: [FRAUD], pipelines: ['fraud-*'] }],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'and whether that is the case here is not known']],
          remedy: 'aws sagemaker describe-pipeline',
          isMended: false,
        },
      },
      'a right name in a file of which the pipeline is told, where the prefix is for certain roles': {
        pipeline: { name: 'fraud-daily' },
        prefixes: [{ ...TRAIN, roles: [FRAUD] }],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'and whether that is the case here is not known']],
          remedy:
            'Step Train: give lint the request of create-pipeline (PipelineName, RoleArn and PipelineDefinition',
          isMended: false,
        },
      },
      'no base job name in a file, where default names are for some pipelines': {
        steps: [training(undefined)],
        pipeline: {},
        prefixes: [{ ...DEFAULTS, pipelines: ['sandbox-*'] }],
        told: {
          subject: 'Train',
          evidence: [[NAME, 'no base job name (prefix pipelines is for pipelines sandbox-*, and whether']],
          remedy: '--pipeline-name',
          isMended: false,
        },
      },
      'a parameter without a default': {
        steps: [training(parameter('Base'))],
        parameters: { Base: null },
        told: {
          subject: 'Train',
          evidence: [
            [NAME, '{Parameters.Base} (whether it begins with fraud-train- is only known in a run)'],
          ],
        },
      },
      'a name that is only known in a run': {
        steps: [training(RUN_ONLY)],
        told: { subject: 'Train', evidence: [[NAME, '{Std:JsonGet}']] },
      },
      'such a name in a file, where the prefix is for some pipelines': {
        steps: [training(RUN_ONLY)],
        pipeline: {},
        prefixes: [{ ...TRAIN, pipelines: ['fraud-*'] }],
        told: {
          subject: 'Train',
          evidence: [[NAME, '{Std:JsonGet} (whether it begins with fraud-train- is only known in a run)']],
        },
      },
      'what follows the prefix decides, and is not known': {
        steps: [training({ 'Std:Join': { On: '', Values: ['fraud-train', RUN_ONLY] } })],
        told: { subject: 'Train', evidence: [[NAME, 'fraud-train{Std:JsonGet}']] },
      },
      'a value that is no text': {
        steps: [training(['fraud-train'])],
        told: { subject: 'Train', evidence: [[NAME, '{a value that is not text}']] },
      },
    },
    isSilent: {
      'a model package in a group, which has no name of its own': {
        steps: [step('Register', 'RegisterModel', { ModelPackageGroupName: 'fraud' })],
      },
      'steps that make no job': {
        steps: [step('Notify', 'Lambda'), step('Stop', 'Fail'), step('New', 'Unheard')],
      },
      'an execution whose values have no part in a name': {
        steps: [training('scratch'), step('Prepare', 'Processing')],
        overrides: { Count: '2' },
      },
    },
  });
});

const briefly = (verdicts: Verdict[]) =>
  verdicts.map((verdict) => [
    verdict.status,
    verdict.subject,
    ...('evidence' in verdict ? [verdict.evidence.map(({ found }) => found).join(' | ')] : []),
  ]);

const judgeFile = (path: string, ...prefixes: Prefix[]): unknown[][] => {
  const parsed = parseDefinition(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const { definition } = parsed;
  return briefly(verdictsOf(control, { facts: { pipeline: PIPELINE, definition }, config: { prefixes } }));
};

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  test('prefixing off is one finding with every job step', () => {
    const [only, ...others] = judgeFile(join(folder, '07_allsteps_noprefix.json'), TRAIN);
    expect(others).toEqual([]);
    expect(only).toEqual([
      'FAILED',
      undefined,
      expect.stringMatching(/^(step \S+ has no base job name( \| |$)){8}$/),
    ]);
  });

  test('prefixing off passes if default names are authorised', () => {
    const verdicts = judgeFile(join(folder, '01_abalone_noprefix_onerole.json'), DEFAULTS);
    expect(verdicts.length).toBeGreaterThan(1);
    expect(new Set(verdicts.map(([status]) => status))).toEqual(new Set(['PASSED']));
  });

  test('base job names pass or fail as configured', () => {
    const file = join(folder, '06_allsteps_prefix.json');
    expect(judgeFile(file, { prefix: 'MyBaseJobName' }).filter(([status]) => status === 'PASSED')).toEqual([
      ['PASSED', 'TestTrainingJob'],
    ]);
    const each = ['', 'Proc', 'Tune', 'Model', 'Transform', 'QCheck', 'CCheck'].map((end) => ({
      prefix: `MyBaseJobName${end}`,
    }));
    expect(judgeFile(file, ...each, { prefix: 'MyBaseJo' }).map(([status]) => status)).toEqual(
      Array(8).fill('PASSED'),
    );
    expect(judgeFile(join(folder, '02_abalone_prefix_steproles.json'), { prefix: 'churn-team' })).toEqual([
      ['PASSED', 'PreprocessAbaloneData'],
      ['PASSED', 'TrainAbaloneModel'],
      ['PASSED', 'EvaluateAbaloneModel'],
    ]);
  });

  test('the image’s name is recognised in the step that the SDK added', () => {
    const verdicts = judgeFile(
      join(folder, '10_model_repack_prefix.json'),
      { prefix: 'churn' },
      { prefix: 'MyBasePackage' },
    );
    expect(verdicts).toEqual([
      ['PASSED', 'Train'],
      [
        'FAILED',
        'SKRegister-RepackModel-churn-sk',
        expect.stringContaining('the SDK took the name of the image'),
      ],
      ['PASSED', 'PMCreate-CreateModel'],
      ['PASSED', 'PkgNamed-RegisterModel'],
    ]);
  });

  test('a notebook job carries its name although prefixing is off', () => {
    expect(judgeFile(join(folder, '08_notebookjob_noprefix.json'), TRAIN)).toEqual([
      ['FAILED', 'Nb', 'step Nb has the base job name MyBaseNb'],
    ]);
  });
});

describeCases('pipelines/real', `${control.id} on published definitions`, (folder) => {
  test('a base name that ends in the execution’s id is judged by the text before the id', () => {
    const file = join(folder, 'aws__sagemaker-python-sdk-v3__LLMAJ_TEMPLATE.json');
    expect(judgeFile(file, { prefix: 'base-llmaj' }, { prefix: 'BaseInference' })).toEqual([
      ['PASSED', 'EvaluateBaseInferenceModel'],
      [
        'FAILED',
        'EvaluateCustomInferenceModel',
        'step EvaluateCustomInferenceModel has the base job name CustomInference',
      ],
      ['PASSED', 'EvaluateBaseModelMetrics'],
      [
        'FAILED',
        'EvaluateCustomModelMetrics',
        'step EvaluateCustomModelMetrics has the base job name custom-llmaj-eval-{Execution.PipelineExecutionId}',
      ],
    ]);
  });

  test('thirty nested Conditions without a job make no verdict', () => {
    expect(judgeFile(join(folder, 'apache__airflow__nested30.json'), TRAIN)).toEqual([]);
  });
});
