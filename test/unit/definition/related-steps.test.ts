import { describe, expect, test } from '@jest/globals';
import { relatedSteps } from '../../../shared/definition/related-steps.ts';
import {
  ID,
  joined,
  ofStep,
  parameter,
  processing,
  type RawStep,
  scopeOfSteps,
  training,
} from '../../support/builders/steps.ts';

describe('a definition relates', () => {
  const related = (...steps: RawStep[]): Record<string, string[]> =>
    Object.fromEntries(
      [...relatedSteps(scopeOfSteps(...steps))].map(([step, others]) => [
        step.name,
        [...others].map(({ name }) => name).sort(),
      ]),
    );
  test('steps by a reference, by DependsOn and by a Condition that contains or reads a step, directly and in both directions', () =>
    expect(
      related(
        { Name: 'A', ...processing([], ['s3://acme-data/a']) },
        { Name: 'B', ...training({ Note: ofStep('A.ProcessingJobName') }) },
        {
          Name: 'If',
          Type: 'Condition',
          DependsOn: ['B'],
          Arguments: {
            Conditions: [{ LeftValue: ofStep('A.ProcessingJobName') }],
            IfSteps: [{ Name: 'In', Type: 'Fail', Arguments: {} }],
          },
        },
      ),
    ).toEqual({ A: ['B', 'If'], B: ['A', 'If'], If: ['A', 'B', 'In'], In: ['If'] }));

  test.each<[string, RawStep, RawStep, boolean]>([
    [
      'a step that reads what the other writes',
      processing([], ['s3://acme-data/x/']),
      processing(['s3://acme-data/x/part/a.csv']),
      true,
    ],
    [
      'a step that writes inside a place that the other reads',
      processing([], ['s3://acme-data/x/y']),
      processing(['s3://acme-data/x']),
      true,
    ],
    [
      'two steps that write to one place',
      processing([], ['s3://acme-data/x']),
      processing([], ['s3://acme-data/x']),
      true,
    ],
    [
      'two steps whose places contain the same unknown',
      processing([], [joined('/', 's3://acme-data', ID)]),
      processing([joined('/', 's3://acme-data', ID, 'x')]),
      true,
    ],
    [
      'not two steps whose places contain different unknowns',
      processing([], [joined('/', 's3://acme-data', ID)]),
      processing([joined('/', 's3://acme-data', parameter('Unset'))]),
      false,
    ],
    [
      'not two steps that only read the same place',
      processing(['s3://acme-data/x']),
      processing(['s3://acme-data/x']),
      false,
    ],
    [
      'not two steps whose folder names only begin alike',
      processing([], ['s3://acme-data/x']),
      processing(['s3://acme-data/x2']),
      false,
    ],
    [
      'not two steps with different buckets',
      processing([], ['s3://acme-data/x']),
      processing(['s3://acme-other/x']),
      false,
    ],
    [
      'not two steps in a bucket where a training job has its own folder',
      training(),
      processing(['s3://acme-data/models/raw']),
      false,
    ],
    ['not two training jobs with the same output path', training(), training(), false],
  ])('%s', (_, one, other, isRelated) =>
    expect(related({ Name: 'A', ...one }, { Name: 'B', ...other }).A).toEqual(isRelated ? ['B'] : []),
  );

  test('steps of an overlong list without comparing all places', () => {
    const steps = Array.from({ length: 3000 }, () => processing([], ['s3://acme-data/x']));
    expect([...relatedSteps(scopeOfSteps(...steps)).values()].every((others) => others.size === 0)).toBe(
      true,
    );
  });
});
