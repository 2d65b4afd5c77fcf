import { describe, expect, test } from '@jest/globals';
import { inputsByBucket } from '../../../shared/needs/inputs.ts';
import { step } from '../../support/builders/control-cases.ts';
import { rosterOf } from '../../support/builders/principal-facts.ts';

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const coded = (name: string, uri: string) =>
  step(name, 'Processing', { ProcessingInputs: [{ InputName: 'code', S3Input: { S3Uri: uri } }] });
const filesOf = (pipelines: Parameters<typeof rosterOf>[0]['pipelines'], bucket = 'acme-code') =>
  (inputsByBucket(rosterOf({ pipelines: pipelines ?? {} })).get(bucket) ?? []).map(
    ({ resource, pipelines: readers }) =>
      `${resource.split(':::')[1]} of ${readers.map(({ name }) => name).join(', ')}`,
  );

describe('the inputs of pipelines in a bucket', () => {
  test('are told once each, in their own order, with all pipelines that read them under whatever role', () => {
    const fraud = { steps: [coded('B', 's3://acme-code/b.py'), coded('A', 's3://acme-code/a.py')] };
    const vision = { steps: [coded('B', 's3://acme-code/b.py')], roleArn: role('pipelines/vision') };
    const told = ['acme-code/a.py of fraud', 'acme-code/b.py of fraud, vision'];
    expect(filesOf({ fraud, vision })).toEqual(told);
    expect(filesOf({ vision, fraud })).toEqual([
      'acme-code/a.py of fraud',
      'acme-code/b.py of vision, fraud',
    ]);
  });

  test('are code that a step hands to EMR, and no data', () => {
    const HadoopJarStep = { Jar: 's3://acme-code/a.jar', Args: ['s3://acme-code/in/'] };
    const fraud = { steps: [step('Crunch', 'EMR', { ClusterId: 'j-1', StepConfig: { HadoopJarStep } })] };
    expect(filesOf({ fraud })).toEqual(['acme-code/a.jar of fraud']);
  });

  test('that more steps read than a roster tells may be any pipeline’s of the role', () => {
    const pipelines = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [`p${index}`, { steps: [coded('A', 's3://acme-code/a.py')] }]),
    );
    const [only = '', ...others] = filesOf(pipelines);
    expect([others, only.split(', ').length]).toEqual([[], 25]);
  });
});
