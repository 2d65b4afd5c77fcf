import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Prefix } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/job-name-prefix.ts';
import { arnName } from '../../../shared/domain/arn.ts';
import type { JobFact } from '../../../shared/facts/facts.ts';
import { casesFolder } from '../../support/builders/cases.ts';
import { controlCases, verdictsOf } from '../../support/builders/control-cases.ts';

const FRAUD = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const MAYA = 'arn:aws:iam::111122223333:role/data-scientist';

/** A job that a step of the pipeline fraud-daily started, with changes. */
const jobOf = (changes: Partial<JobFact>): JobFact => ({
  kind: 'training-job',
  arn: 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/x',
  name: 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj',
  nameKeepsCase: true,
  roleArns: [],
  principalArn: FRAUD,
  origin: { startedBy: 'pipeline', executionId: 'a1b2c3d4e5f6', pipelineName: 'fraud-daily' },
  ...changes,
});

/** A job that somebody created by hand. */
const byHand: Partial<JobFact> = { origin: { startedBy: 'caller' }, principalArn: MAYA };
/** A job whose creator is unknown. */
const unknownStart: Partial<JobFact> = {
  origin: { startedBy: 'unknown', unread: { call: 'c', code: 'NotNamed', message: 'm' } },
  principalArn: undefined,
} as object;
const byPipeline = (executionId: string, pipelineName = 'fraud-daily'): Partial<JobFact> => ({
  origin: { startedBy: 'pipeline', executionId, pipelineName },
});

const TRAIN: Prefix = { prefix: 'fraud-train' };
const DEFAULTS: Prefix = { prefix: 'pipelines' };
const DEFAULT_NAME = 'pipelines-a1b2c3d4e5f6-Train-Ab3dEf6hIj';

type Stated = { job?: Partial<JobFact>; prefixes?: Prefix[] };

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ job = {}, prefixes = [TRAIN] }) => ({ facts: { job: jobOf(job) }, config: { prefixes } }),
    passes: {
      'a prefix and what a pipeline adds': {},
      'a prefix for all, whoever started the job': { job: unknownStart },
      'a default name under a prefix of its own letters, whoever started the job': {
        job: { ...unknownStart, name: DEFAULT_NAME },
        prefixes: [DEFAULTS, { prefix: 'pipelines-a1b2c3d4e5f6' }],
      },
      'a retry': { job: { name: 'fraud-train-a1b2c3d4e5f6-Ab3dEf6hIj-12' } },
      'more between the prefix and the rest': { job: { name: 'fraud-train-eval-a1b2c3d4e5f6-Ab3dEf6hIj' } },
      'a job by hand under the prefix': { job: { ...byHand, name: 'fraud-train-scratch' } },
      'a name that was lower-cased, as in older ARNs': {
        job: { name: 'myteam-a1b2c3d4e5f6-ab3def6hij', nameKeepsCase: false },
        prefixes: [{ prefix: 'MyTeam' }],
      },
      'one of several prefixes': { prefixes: [{ prefix: 'vision' }, TRAIN] },
      'the longer of two prefixes of which the shorter is for others': {
        prefixes: [{ prefix: 'fraud', stepTypes: ['AutoML'] }, TRAIN],
      },
      'a prefix for that step type': { prefixes: [{ ...TRAIN, stepTypes: ['Training', 'Tuning'] }] },
      'a prefix for the step types of a processing job': {
        job: { kind: 'processing-job' },
        prefixes: [{ ...TRAIN, stepTypes: ['ClarifyCheck'] }],
      },
      'a prefix for that role': { prefixes: [{ ...TRAIN, roles: ['arn:aws:iam::*:role/pipelines/*'] }] },
      'a prefix for that pipeline': { prefixes: [{ ...TRAIN, pipelines: ['fraud-*'] }] },
      'a prefix for pipelines and roles, used by that role itself': {
        job: { ...byHand, name: 'fraud-train-scratch' },
        prefixes: [{ ...TRAIN, pipelines: ['fraud-*'], roles: [MAYA] }],
      },
      'a default name where such are authorised': { job: { name: DEFAULT_NAME }, prefixes: [DEFAULTS] },
      'a default name that was lower-cased': {
        job: { name: DEFAULT_NAME.toLowerCase(), nameKeepsCase: false },
        prefixes: [DEFAULTS],
      },
      'a default name for that pipeline': {
        job: { name: DEFAULT_NAME },
        prefixes: [{ ...DEFAULTS, pipelines: ['fraud-*'] }],
      },
      'a transform job, which has no role': {
        job: { kind: 'transform-job' },
        prefixes: [{ ...TRAIN, stepTypes: ['Transform'] }],
      },
      'a tuning job with the longest base name': {
        job: { kind: 'hyper-parameter-tuning-job', name: 'fraudt-a1b2c3d4e5f6-Ab3dEf6hIj-1' },
        prefixes: [{ prefix: 'fraudt', stepTypes: ['Tuning'] }],
      },
      'the default name of a tuning job, which holds no “pipelines”': {
        job: { kind: 'hyper-parameter-tuning-job', name: 'a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj' },
        prefixes: [DEFAULTS],
      },
      'a training job of a tuning job with a default name': {
        job: {
          name: 'a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj-001-c42f316a',
          tuningJobName: 'a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj',
        },
        prefixes: [DEFAULTS],
      },
      'a training job that a tuning job made, by the tuning job’s name': {
        job: {
          ...unknownStart,
          name: 'fraudt-a1b2c3d4e5f6-Ab3dEf6hIj-011-c4159396',
          tuningJobName: 'fraudt-a1b2c3d4e5f6-Ab3dEf6hIj',
        },
        prefixes: [{ prefix: 'fraudt', stepTypes: ['Tuning'] }],
      },
      'a model package outside a group': {
        job: { kind: 'model-package' },
        prefixes: [{ ...TRAIN, stepTypes: ['RegisterModel'] }],
      },
      'an AutoML job of the second version': {
        job: { kind: 'auto-ml-job-v2', name: 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj' },
        prefixes: [{ prefix: 'fraud', stepTypes: ['AutoML'] }],
      },
      'a kind of job that no step makes, under a prefix for all': {
        job: { ...byHand, kind: 'labeling-job', name: 'fraud-train-labels' },
      },
    },
    fails: {
      'another name': {
        job: { ...byHand, name: 'scratch-2026-01-31' },
        told: {
          evidence: [['TrainingJobName', 'scratch-2026-01-31']],
          expected: 'a name that begins with an authorised prefix and a dash: fraud-train',
          remedy: `Have ${MAYA} use an authorised prefix`,
        },
      },
      'a pipeline’s job under another name': {
        job: { name: 'churn-a1b2c3d4e5f6-Ab3dEf6hIj' },
        told: {
          evidence: [['TrainingJobName', 'churn-']],
          remedy:
            'Set the base job name of its step in pipeline fraud-daily to an authorised prefix, and narrow the execution role’s policy to it. SDK 2: Estimator(base_job_name=…).',
        },
      },
      'a name that only begins with the letters of the prefix': {
        job: { name: 'fraud-trainer-a1b2c3d4e5f6-Ab3dEf6hIj' },
        told: { evidence: [['TrainingJobName', 'fraud-trainer-']] },
      },
      'the prefix with nothing behind it': {
        job: { ...byHand, name: 'fraud-train' },
        told: { evidence: [['TrainingJobName', 'fraud-train']] },
      },
      'the prefix in another case': {
        job: { name: 'Fraud-Train-a1b2c3d4e5f6-Ab3dEf6hIj' },
        told: { evidence: [['TrainingJobName', 'Fraud-Train-']] },
      },
      'a prefix for another step type': {
        prefixes: [{ ...TRAIN, stepTypes: ['Processing', 'Tuning'] }],
        told: { evidence: [['TrainingJobName', 'prefix fraud-train is for step types Processing, Tuning']] },
      },
      'a prefix for another role': {
        prefixes: [{ ...TRAIN, roles: ['arn:aws:iam::*:role/pipelines/churn'] }],
        told: {
          evidence: [
            ['TrainingJobName', 'prefix fraud-train is for roles arn:aws:iam::*:role/pipelines/churn'],
          ],
        },
      },
      'a prefix for another pipeline': {
        prefixes: [{ ...TRAIN, pipelines: ['churn-*'] }],
        told: { evidence: [['TrainingJobName', 'prefix fraud-train is for pipelines churn-*']] },
      },
      'a prefix for pipelines only, used by hand': {
        job: { ...byHand, name: 'fraud-train-scratch' },
        prefixes: [{ ...TRAIN, pipelines: ['fraud-*'] }],
        told: { evidence: [['TrainingJobName', 'prefix fraud-train is for pipelines fraud-*']] },
      },
      'a kind of job that no step makes, under a prefix for steps': {
        job: { ...byHand, kind: 'labeling-job', name: 'fraud-train-labels' },
        prefixes: [{ ...TRAIN, stepTypes: ['Training'] }],
        told: { evidence: [['LabelingJobName', 'prefix fraud-train is for step types Training']] },
      },
      'a default name where none are authorised': {
        job: { name: DEFAULT_NAME },
        told: { evidence: [['TrainingJobName', DEFAULT_NAME]] },
      },
      'a default name of another pipeline': {
        job: { name: DEFAULT_NAME },
        prefixes: [{ ...DEFAULTS, pipelines: ['sandbox-*'] }],
        told: { evidence: [['TrainingJobName', 'prefix pipelines is for pipelines sandbox-*']] },
      },
      'a default name that a user imitates': {
        job: { ...byHand, name: DEFAULT_NAME },
        prefixes: [DEFAULTS],
        told: { evidence: [['TrainingJobName', DEFAULT_NAME]] },
      },
      'a name that only begins as a default one': {
        job: { ...byPipeline('scratch'), name: 'pipelines-scratch' },
        prefixes: [DEFAULTS],
        told: { evidence: [['TrainingJobName', 'pipelines-scratch']] },
      },
      'a step’s session whose execution is not in the name': {
        job: { name: 'fraud-train-z9y8x7w6v5u4-Ab3dEf6hIj' },
        told: {
          evidence: [
            ['TrainingJobName', 'started in execution a1b2c3d4e5f6, whose id the name does not carry'],
          ],
        },
      },
      'a step’s session, and a name that no pipeline makes': {
        job: { name: 'fraud-train-scratch' },
        told: {
          evidence: [
            ['TrainingJobName', 'started in execution a1b2c3d4e5f6, whose id the name does not carry'],
          ],
        },
      },
      'a step’s session, and the default name of another execution': {
        job: { name: 'pipelines-z9y8x7w6v5u4-Train-Ab3dEf6hIj' },
        prefixes: [DEFAULTS],
        told: { evidence: [['TrainingJobName', 'whose id the name does not carry']] },
      },
      'a training job by hand that is called as if a tuning job had made it': {
        job: { ...byHand, name: 'fraudt-x-011-c4159396' },
        prefixes: [{ prefix: 'fraudt', stepTypes: ['Tuning'] }],
        told: { evidence: [['TrainingJobName', 'prefix fraudt is for step types Tuning']] },
      },
      'a training job that is called as if a tuning job had made it, which SageMaker does not say': {
        job: { ...unknownStart, name: 'fraudt-x-011-c4159396' },
        prefixes: [{ prefix: 'fraudt', stepTypes: ['Tuning'] }],
        told: { evidence: [['TrainingJobName', 'prefix fraudt is for step types Tuning']] },
      },
      'the name of a pipeline’s job, of one who poses as its step': {
        job: { origin: { startedBy: 'caller', falseClaim: 'w' }, principalArn: MAYA },
        prefixes: [{ ...TRAIN, pipelines: ['fraud-*'] }],
        told: {
          evidence: [['TrainingJobName', 'prefix fraud-train is for pipelines fraud-*']],
          remedy: `Have ${MAYA} use an authorised prefix`,
        },
      },
      'a default name, of one who poses as a pipeline’s step': {
        job: { origin: { startedBy: 'caller', falseClaim: 'w' }, principalArn: MAYA, name: DEFAULT_NAME },
        prefixes: [DEFAULTS],
        told: { evidence: [['TrainingJobName', DEFAULT_NAME]] },
      },
      'a default name where none are authorised, whoever started it': {
        job: { ...unknownStart, name: DEFAULT_NAME },
        told: { evidence: [['TrainingJobName', DEFAULT_NAME]] },
      },
    },
    isNotAvailable: {
      'a default name that nobody has told the start of, though such are authorised': {
        job: { ...unknownStart, name: DEFAULT_NAME },
        prefixes: [DEFAULTS],
        told: {
          evidence: [['TrainingJobName', 'only a pipeline may use a default name, and whether one started']],
          remedy:
            'Nothing needs to change if a pipeline or principal started the job that may use this name. Look up who',
        },
      },
      'the default name of a tuning job that nobody has told the start of': {
        job: {
          ...unknownStart,
          kind: 'hyper-parameter-tuning-job',
          name: 'a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj',
        },
        prefixes: [DEFAULTS],
        told: { evidence: [['HyperParameterTuningJobName', 'only a pipeline may use a default name']] },
      },
      'a prefix for a role, and nobody told who started the job': {
        job: unknownStart,
        prefixes: [{ ...TRAIN, roles: [FRAUD] }],
        told: {
          evidence: [['TrainingJobName', `prefix fraud-train is for roles ${FRAUD}`]],
          remedy: 'its CreateJob record in CloudTrail tells the caller',
        },
      },
      'a prefix for a pipeline, and the pipeline is not known': {
        job: { ...unknownStart, principalArn: FRAUD },
        prefixes: [{ ...TRAIN, pipelines: ['fraud-*'], roles: [FRAUD] }],
        told: { evidence: [['TrainingJobName', 'prefix fraud-train is for pipelines fraud-*']] },
      },
      'default names for a pipeline, and the pipeline is not known': {
        job: { ...unknownStart, name: DEFAULT_NAME },
        prefixes: [{ ...DEFAULTS, pipelines: ['sandbox-*'] }],
        told: { evidence: [['TrainingJobName', 'prefix pipelines is for pipelines sandbox-*']] },
      },
    },
    isNotApplicable: {
      'SageMaker’s own event, where who started it decides and the record tells': {
        job: { ...unknownStart, hasRecord: true },
        prefixes: [{ ...TRAIN, roles: [FRAUD] }],
      },
      'SageMaker’s own event of a default name, of which the record tells who gave it': {
        job: { ...unknownStart, name: DEFAULT_NAME, hasRecord: true },
        prefixes: [DEFAULTS],
      },
      'SageMaker’s own event of a step’s job, where the role that started it decides and the record tells': {
        job: { principalArn: undefined, hasRecord: true } as object,
        prefixes: [{ ...TRAIN, roles: [FRAUD] }],
      },
      'a model package in a group': { job: { kind: 'model-package', name: undefined } as object },
    },
  });

  const list = casesFolder('pipelines', 'job-arns.tsv');
  const arns = list
    ? readFileSync(list, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[1] ?? '')
    : [];
  (list ? test : test.skip)(
    'real default names are fine exactly where such are authorised and a pipeline gave them',
    () => {
      expect(arns.length).toBeGreaterThan(10);
      for (const arn of arns) {
        const named = { arn, name: arnName(arn), nameKeepsCase: false };
        const executionId = /pipelines-(.{12})-/.exec(arn)?.[1] ?? '';
        const judge = (prefixes: Prefix[], origin: Partial<JobFact>) =>
          verdictsOf(control, { facts: { job: jobOf({ ...named, ...origin }) }, config: { prefixes } })[0]
            ?.status;
        expect([
          arn,
          judge([DEFAULTS], byPipeline(executionId)),
          judge([TRAIN], byPipeline(executionId)),
        ]).toEqual([arn, 'PASSED', 'FAILED']);
        expect([arn, judge([DEFAULTS], unknownStart), judge([DEFAULTS], byHand)]).toEqual([
          arn,
          'NOT_AVAILABLE',
          'FAILED',
        ]);
      }
    },
  );
});
