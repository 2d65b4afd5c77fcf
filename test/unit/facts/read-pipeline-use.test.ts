import { describe, expect, test } from '@jest/globals';
import { type Definition, MAX_STEPS, parseDefinition } from '../../../shared/definition/parse.ts';
import { ofAllSteps, readUse, unreadPipeline } from '../../../shared/facts/read-pipeline-use.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { definitionOf, step } from '../../support/builders/control-cases.ts';

const SCOPE = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const PIPELINE = {
  name: 'daily',
  arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/daily',
  roleArn: 'arn:aws:iam::111122223333:role/daily',
  definitionText: '',
};
const useOf = (definition: Definition) => readUse(found(PIPELINE), found(definition), SCOPE, { version: 1 });

describe('the needs of a pipeline', () => {
  test('are derived from a definition that can be read', () => {
    const use = useOf(definitionOf([step('Train', 'Training')]));
    expect(use).toMatchObject({ ok: true, value: { name: 'daily', roleArn: PIPELINE.roleArn } });
  });

  test('are unread if deriving them fails', () => {
    const steps = new Proxy([], {
      get: () => {
        throw new RangeError('Invalid string length');
      },
    });
    expect(useOf({ parameters: new Map(), steps, unchecked: [] })).toEqual(
      notRead('PipelineDefinition', 'RangeError', 'Invalid string length'),
    );
  });

  test('are not derived from a part of the steps', () => {
    const steps = Array.from({ length: MAX_STEPS + 1 }, (_, index) => step(`S${index}`, 'Training'));
    const parsed = parseDefinition(JSON.stringify({ Steps: steps }));
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.definition.steps).toHaveLength(MAX_STEPS);
    expect(parsed.definition.unchecked).toEqual([
      {
        pointer: `/Steps/${MAX_STEPS}`,
        name: '',
        reason: 'only the first 5000 steps are judged; SageMaker takes 50',
      },
    ]);
    expect(useOf(parsed.definition)).toMatchObject({ ok: false, unread: { code: 'TooManySteps' } });
    const whole = parseDefinition(JSON.stringify({ Steps: steps.slice(1) }));
    expect(whole.ok && [whole.definition.isCut, whole.definition.unchecked]).toEqual([undefined, []]);
  });

  test('are unread if the pipeline is unread', () => {
    const denied = notRead('DescribePipeline', 'AccessDenied', 'no');
    expect(ofAllSteps(denied, found(definitionOf([])), () => 1)).toBe(denied);
    expect(
      unreadPipeline('daily', denied, denied.ok ? { call: '', code: '', message: '' } : denied.unread),
    ).toEqual({
      name: 'daily',
      why: 'DescribePipeline: AccessDenied: no',
    });
  });
});
