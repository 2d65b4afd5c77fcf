import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/job-prefix-length.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  condition,
  controlCases,
  definitionOf,
  type ExpectedFinding,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';

const FIELDS = {
  Training: 'TrainingJobName',
  Processing: 'ProcessingJobName',
  QualityCheck: 'ProcessingJobName',
  ClarifyCheck: 'ProcessingJobName',
  Transform: 'TransformJobName',
  Model: 'ModelName',
  RegisterModel: 'ModelPackageName',
  Tuning: 'HyperParameterTuningJobName',
  AutoML: 'AutoMLJobName',
  Job: 'JobName',
};
type Type = keyof typeof FIELDS;
const LONG = [
  'Training',
  'Processing',
  'QualityCheck',
  'ClarifyCheck',
  'Transform',
  'Model',
  'RegisterModel',
] as const;
const SHORT = ['Tuning', 'AutoML'] as const;

const named = (type: Type, name: unknown, attempts: unknown[] = []) =>
  step(
    'S',
    type,
    { [FIELDS[type]]: name },
    {
      RetryPolicies: attempts.map((MaxAttempts) => ({ ExceptionType: ['Step.THROTTLING'], MaxAttempts })),
    },
  );
const letters = (count: number) => 'x'.repeat(count);
const EXECUTION_ID = { Get: 'Execution.PipelineExecutionId' };
const RUN_ONLY = { 'Std:JsonGet': { PropertyFile: 'F', Path: 'name' } };
const joined = (...Values: unknown[]) => ({ 'Std:Join': { On: '-', Values } });

const told = (
  type: Type,
  count: number,
  expected: string,
  more: Partial<ExpectedFinding> = {},
): ExpectedFinding => ({
  subject: 'S',
  evidence: [[`/Steps/0/Arguments/${FIELDS[type]}`, `(${count} characters)`]],
  expected,
  ...more,
});
const risk = (type: Type, count: number, expected: string): ExpectedFinding =>
  told(type, count, expected, { severity: 'LOW' });

type Stated = { steps: object[]; parameters?: Record<string, unknown>; overrides?: Record<string, string> };
const rows = <T>(entries: [string, T][]): Record<string, T> => Object.fromEntries(entries);

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ steps, parameters, overrides = {} }) => ({
      facts: { pipeline: { name: 'p' }, definition: definitionOf(steps, parameters), overrides },
    }),
    passes: {
      ...rows(LONG.map((type) => [`38 characters for ${type}`, { steps: [named(type, letters(38))] }])),
      ...rows(SHORT.map((type) => [`6 characters for ${type}`, { steps: [named(type, letters(6))] }])),
      '37 characters and 9 retries': { steps: [named('Training', letters(37), [9])] },
      '36 characters and 20 retries': { steps: [named('Training', letters(36), [20])] },
      '6 characters for a tuning job and 9 retries': { steps: [named('Tuning', letters(6), [9])] },
      '5 characters for a tuning job and 20 retries': { steps: [named('Tuning', letters(5), [20])] },
      'a job of any category, for which AWS documents no length of prefixes': {
        steps: [named('Job', letters(39))],
      },
      '38 characters and no retry': { steps: [named('Training', letters(38), [0])] },
      'the execution’s id counts as 12 characters': {
        steps: [named('Training', joined(letters(25), EXECUTION_ID))],
      },
      'a parameter by the value of an execution': {
        steps: [named('Training', { Get: 'Parameters.Base' })],
        parameters: { Base: letters(39) },
        overrides: { Base: letters(38) },
      },
    },
    fails: {
      ...rows(
        LONG.map((type) => [
          `39 characters for ${type}`,
          {
            steps: [named(type, letters(39))],
            told: told(type, 39, `at most 38 characters for ${type} steps`),
          },
        ]),
      ),
      ...rows(
        SHORT.map((type) => [
          `7 characters for ${type}`,
          { steps: [named(type, letters(7))], told: told(type, 7, `at most 6 characters for ${type} steps`) },
        ]),
      ),
      'a job of any category, with more than the API takes': {
        steps: [named('Job', letters(64))],
        told: told('Job', 64, 'at most 63 characters for Job steps', {
          remedy:
            'Step S: shorten its base job name to 39 characters or fewer. SDK 2: no class for such a step. SDK 3: MultiTurnRLTrainer(base_job_name=…).',
        }),
      },
      'nested in a Condition, and retried': {
        steps: [condition('If', [], [named('Training', letters(39), [10])])],
        told: {
          subject: 'S',
          evidence: [['/Steps/0/Arguments/ElseSteps/0/Arguments/TrainingJobName', letters(39)]],
          remedy:
            'Step S: shorten its base job name to 36 characters or fewer. SDK 2: Estimator(base_job_name=…).',
        },
      },
      'with the execution’s id': {
        steps: [named('Training', joined(letters(26), EXECUTION_ID))],
        told: told('Training', 39, 'at most 38'),
      },
      'what is known of it is too long already': {
        steps: [named('Training', joined(letters(38), RUN_ONLY))],
        told: {
          subject: 'S',
          evidence: [['/Steps/0/Arguments/TrainingJobName', '(at least 39 characters)']],
        },
      },
      'a parameter’s default': {
        steps: [named('Tuning', { Get: 'Parameters.Base' })],
        parameters: { Base: letters(7) },
        told: told('Tuning', 7, 'at most 6'),
      },
      'the value that an execution was started with': {
        steps: [named('Tuning', { Get: 'Parameters.Base' })],
        parameters: { Base: letters(6) },
        overrides: { Base: letters(7) },
        told: told('Tuning', 7, 'at most 6'),
      },
    },
    warns: {
      '38 characters and one retry': {
        steps: [named('Training', letters(38), [1])],
        told: risk('Training', 38, 'at most 37 characters, so that the name of retry 1 fits into 63'),
      },
      'a job of any category, whose whole name would not fit': {
        steps: [named('Job', letters(40))],
        told: risk('Job', 40, 'at most 39 characters, so that the name fits into 63'),
      },
      'a job of any category, whose whole name would not fit when it is retried': {
        steps: [named('Job', letters(39), [1])],
        told: risk('Job', 39, 'at most 37 characters, so that the name of retry 1 fits into 63'),
      },
      '37 characters and 10 retries': {
        steps: [named('Training', letters(37), [10])],
        told: risk('Training', 37, 'at most 36 characters, so that the name of retry 10 fits into 63'),
      },
      'the policy with the most retries counts': {
        steps: [named('Training', letters(37), [2, 20, 3])],
        told: risk('Training', 37, 'retry 20'),
      },
      'a policy without a number tries 5 times': {
        steps: [named('Training', letters(38), [undefined])],
        told: risk('Training', 38, 'retry 5'),
      },
      '6 characters for a tuning job and 10 retries': {
        steps: [named('Tuning', letters(6), [10])],
        told: risk('Tuning', 6, 'at most 5 characters, so that the name of retry 10 fits into 32'),
      },
    },
    isNotAvailable: {
      'a part whose length only a run knows': {
        steps: [named('Training', joined('short', RUN_ONLY))],
        told: {
          subject: 'S',
          evidence: [['/Steps/0/Arguments/TrainingJobName', 'short-{Std:JsonGet} (at least 6 characters)']],
          expected: 'a length that is known: at most 38',
          remedy: 'Step S: give it a base job name of 38 characters or fewer that is known before a run',
        },
      },
      'a parameter without a default': {
        steps: [named('Training', { Get: 'Parameters.Base' })],
        parameters: { Base: null },
        told: {
          subject: 'S',
          evidence: [['/Steps/0/Arguments/TrainingJobName', '{Parameters.Base} (at least 0']],
        },
      },
    },
    isSilent: {
      'a step without a base job name': { steps: [step('S', 'Training')] },
      'a step that makes no job': { steps: [step('S', 'Lambda', { TrainingJobName: letters(99) })] },
      'an execution whose values have no part in a name': {
        steps: [named('Training', letters(39))],
        overrides: { Base: 'x' },
      },
    },
  });
});

const judgeFile = (path: string): [string, string | undefined][] => {
  const parsed = parseDefinition(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const facts = { pipeline: { name: 'p' }, definition: parsed.definition };
  return verdictsOf(control, { facts }).map(({ status, subject }) => [status, subject]);
};

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  test('the SDK cuts a long base job name to 39 characters, one too many', () => {
    expect(judgeFile(join(folder, '05_abalone_prefix_longbase63.json'))).toEqual([
      ['FAILED', 'PreprocessAbaloneData'],
      ['FAILED', 'TrainAbaloneModel'],
      ['FAILED', 'EvaluateAbaloneModel'],
    ]);
  });

  test('names for tuning and AutoML are the ones that are too long', () => {
    const failed = judgeFile(join(folder, '06_allsteps_prefix.json')).filter(
      ([status]) => status !== 'PASSED',
    );
    expect(failed).toEqual([
      ['FAILED', 'Tune'],
      ['FAILED', 'AutoML'],
    ]);
  });

  test('default names are never too long', () => {
    expect(judgeFile(join(folder, '07_allsteps_noprefix.json'))).toEqual([]);
  });
});

describeCases('pipelines/real', `${control.id} on published definitions`, (folder) => {
  test('base names that end in the execution’s id have a known length', () => {
    const verdicts = judgeFile(join(folder, 'aws__sagemaker-python-sdk-v3__LLMAJ_TEMPLATE.json'));
    expect(verdicts.map(([status]) => status)).toEqual(['PASSED', 'PASSED', 'PASSED', 'PASSED']);
  });
});
