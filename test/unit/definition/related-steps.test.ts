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

describe('the definition relates', () => {
  const related = (...steps: RawStep[]): Record<string, string[]> =>
    Object.fromEntries(
      [...relatedSteps(scopeOfSteps(...steps))].map(([step, others]) => [
        step.name,
        [...others].map(({ name }) => name).sort(),
      ]),
    );
  test('by a reference, by DependsOn, and by a Condition that holds or reads, each directly and either way', () =>
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
      'one that reads what the other writes',
      processing([], ['s3://acme-data/x/']),
      processing(['s3://acme-data/x/part/a.csv']),
      true,
    ],
    [
      'one that writes within what the other reads',
      processing([], ['s3://acme-data/x/y']),
      processing(['s3://acme-data/x']),
      true,
    ],
    [
      'two that write to one place',
      processing([], ['s3://acme-data/x']),
      processing([], ['s3://acme-data/x']),
      true,
    ],
    [
      'the same place, by the same unknown',
      processing([], [joined('/', 's3://acme-data', ID)]),
      processing([joined('/', 's3://acme-data', ID, 'x')]),
      true,
    ],
    [
      'not by another unknown',
      processing([], [joined('/', 's3://acme-data', ID)]),
      processing([joined('/', 's3://acme-data', parameter('Unset'))]),
      false,
    ],
    [
      'not two that read one place',
      processing(['s3://acme-data/x']),
      processing(['s3://acme-data/x']),
      false,
    ],
    [
      'not by the beginning of a folder’s name',
      processing([], ['s3://acme-data/x']),
      processing(['s3://acme-data/x2']),
      false,
    ],
    [
      'not in different buckets',
      processing([], ['s3://acme-data/x']),
      processing(['s3://acme-other/x']),
      false,
    ],
    [
      'not by a bucket in which a training job has its own folder',
      training(),
      processing(['s3://acme-data/models/raw']),
      false,
    ],
    ['not two training jobs of one output path', training(), training(), false],
  ])('%s', (_, one, other, isRelated) =>
    expect(related({ Name: 'A', ...one }, { Name: 'B', ...other }).A).toEqual(isRelated ? ['B'] : []),
  );

  test('steps of a list longer than AWS takes without comparing all places', () => {
    const steps = Array.from({ length: 3000 }, () => processing([], ['s3://acme-data/x']));
    expect([...relatedSteps(scopeOfSteps(...steps)).values()].every((others) => others.size === 0)).toBe(
      true,
    );
  });
});
