import { describe, expect, test } from '@jest/globals';
import { definitionIn } from '../../../cli/definition-file.ts';
import { UsageError } from '../../../cli/errors.ts';

const read = (value: object) => definitionIn(JSON.stringify(value, null, 1), 'pipeline.json');
const DEFINITION = { Version: '2020-12-01', Steps: [] };

describe('a definition file', () => {
  test.each([
    ['with a version of its own', { Version: '2020-12-01', PipelineDefinition: { Steps: [] } }, '3:24'],
    ['with metadata', { Metadata: { PipelineName: 'x' }, PipelineDefinition: { Steps: [] } }, '5:24'],
    ['alone', { PipelineDefinition: { Steps: [] } }, '2:24'],
    ['as a text', { PipelineDefinition: JSON.stringify(DEFINITION) }, '2:24'],
  ])(
    'whose steps are inside PipelineDefinition %s is refused, with the advice to put them at the top',
    (_, value, place) => {
      expect(() => read(value)).toThrow(
        new UsageError(
          `pipeline.json:${place}: not a pipeline definition: its Steps must stand at the top of it, and not in PipelineDefinition`,
        ),
      );
    },
  );

  test('may be the output of DescribePipeline, which must be complete', () => {
    const described = {
      PipelineName: 'fraud',
      RoleArn: 'arn:aws:iam::111122223333:role/fraud',
      PipelineDefinition: JSON.stringify(DEFINITION),
    };
    expect(read(described).pipeline).toMatchObject({ name: 'fraud', roleArn: described.RoleArn });
    const { RoleArn: _, ...without } = described;
    expect(() => read(without)).toThrow('it holds no RoleArn of the pipeline fraud');
  });

  test('may be the request of CreatePipeline, and a template of it, whose placeholders tell no name and no role', () => {
    const request = (PipelineName: string, RoleArn: string) =>
      definitionIn(
        JSON.stringify({ PipelineName, RoleArn, PipelineDefinition: '{"Version":"2020-12-01","Steps":[]}' }),
        'request.json',
      );
    const role = 'arn:aws:iam::111122223333:role/fraud';
    expect(request('fraud', role)).toMatchObject({ pipeline: { name: 'fraud', roleArn: role } });
    const { pipeline, definition } = request('${team}-daily', 'arn:aws:iam::${account}:role/fraud');
    expect([pipeline.name, pipeline.roleArn, definition.isTemplate]).toEqual([undefined, undefined, true]);
  });

  test('with placeholders is a template, unless it is the output of DescribePipeline', () => {
    const step = { Name: 'T', Type: 'Training', Arguments: { RoleArn: '${Role}' } };
    expect(read({ ...DEFINITION, Steps: [step] }).definition.isTemplate).toBe(true);
    expect(read(DEFINITION).definition.isTemplate).toBeUndefined();
    const described = {
      PipelineArn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud',
      PipelineName: 'fraud',
      RoleArn: 'arn:aws:iam::111122223333:role/fraud',
      PipelineDefinition: JSON.stringify({ ...DEFINITION, Steps: [step] }),
    };
    expect(read(described).definition.isTemplate).toBeUndefined();
  });
});
