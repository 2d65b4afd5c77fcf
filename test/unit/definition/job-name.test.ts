import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isStepNamed, type JobName, parseJobName, tuningJobOf } from '../../../shared/definition/job-name.ts';
import { arnName } from '../../../shared/domain/arn.ts';
import { describeCases } from '../../support/builders/cases.ts';

const text = (alphabet: string, length: { minLength: number; maxLength: number }) =>
  fc.array(fc.constantFrom(...alphabet), length).map((letters) => letters.join(''));
const LETTERS = 'abcxyzABCXYZ0189-';
const executionId = text('abcxyz0189', { minLength: 12, maxLength: 12 });
const token = text('abcXYZ0189', { minLength: 10, maxLength: 10 });
const failures = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
const suffix = (count: number | undefined) => (count === undefined ? '' : `-${count}`);

describe('a parsed job name', () => {
  test('has the parts of a default name, whatever dashes the step name contains', () => {
    const stepName = text(`${LETTERS}_`, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(executionId, stepName, token, failures, (id, step, end, count) => {
        const name = `pipelines-${id}-${step}-${end}${suffix(count)}`;
        expect(parseJobName(name, 'training-job')).toEqual({
          form: 'default',
          baseName: 'pipelines',
          executionId: id,
          stepNameStart: step,
          failureCount: count ?? 0,
        });
      }),
    );
  });

  test('has the parts of a custom name', () => {
    const base = text('abcXYZ', { minLength: 1, maxLength: 38 });
    fc.assert(
      fc.property(base, executionId, token, failures, (prefix, id, end, count) => {
        fc.pre(prefix !== 'pipelines');
        expect(parseJobName(`${prefix}-${id}-${end}${suffix(count)}`, 'processing-job')).toEqual({
          form: 'custom',
          baseName: prefix,
          executionId: id,
          failureCount: count ?? 0,
        });
      }),
    );
  });

  test.each<[string, Partial<JobName> | undefined]>([
    ['pipelines-is6ph1fp4go8-abalone-createmodel--m2fs0kxign', { stepNameStart: 'abalone-createmodel-' }],
    ['my-team-a1b2c3d4e5f6-Ab3dEf6hIj', { form: 'custom', baseName: 'my-team' }],
    ['a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj', undefined],
    ['pipelines-scratch', undefined],
    ['PIPELINES-a1b2c3d4e5f6-Train-Ab3dEf6hIj', undefined],
    ['kmeans-1', undefined],
    ['', undefined],
  ])('%j of a training job', (name, parts) => {
    const parsed = parseJobName(name, 'training-job');
    if (parts) expect(parsed).toMatchObject(parts);
    else expect(parsed).toBeUndefined();
  });

  test('of a tuning job begins with the execution’s id by default', () => {
    expect(parseJobName('a1b2c3d4e5f6-TuneMode-Ab3dEf6hIj', 'hyper-parameter-tuning-job')).toMatchObject({
      form: 'default',
      executionId: 'a1b2c3d4e5f6',
      stepNameStart: 'TuneMode',
    });
  });

  test('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), (name) => void parseJobName(name, 'auto-ml-job')));
  });
});

test('the training jobs of a tuning job are recognised by the end of their names', () => {
  expect(tuningJobOf('fraud-a1b2c3d4e5f6-Ab3dEf6hIj-011-c4159396')).toBe('fraud-a1b2c3d4e5f6-Ab3dEf6hIj');
  expect(tuningJobOf('fraud-011-c415939')).toBeUndefined();
});

test.each<[string, string, 'training-job' | 'auto-ml-job', boolean]>([
  ['PrepareFeaturesOfTheDay', 'PrepareFeaturesOfThe', 'training-job', true],
  ['PrepareFeaturesOfTheDay', 'preparefeaturesofthe', 'training-job', true],
  ['Prepare_Features', 'Prepare-Features', 'training-job', true],
  ['PrepareFeatures', 'Prepare', 'training-job', false],
  ['TuneModelWell', 'TuneMode', 'training-job', false],
  ['TuneModelWell', 'TuneMode', 'auto-ml-job', true],
  ['TuneModelWell', 'Tune', 'auto-ml-job', false],
])('step %s is named by %s of a %s: %s', (step, start, kind, expected) => {
  expect(isStepNamed(step, start, kind)).toBe(expected);
});

describeCases('pipelines/job-arns.tsv', 'the names that real pipelines gave', (file) => {
  const lines = readFileSync(file, 'utf8').trim().split('\n');

  test.each(lines.map((line) => arnName(line.split('\t')[1] ?? '')))('%s', (name) => {
    expect(parseJobName(name, 'training-job')).toMatchObject({ form: 'default', failureCount: 0 });
  });
});
