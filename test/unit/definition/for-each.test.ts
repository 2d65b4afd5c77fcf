import { describe, expect, test } from '@jest/globals';
import { knownText, resolveScope, resolveText } from '../../../shared/definition/expression.ts';
import { type Definition, parseDefinition } from '../../../shared/definition/parse.ts';
import {
  stepBaseName,
  stepImages,
  stepRoles,
  stepS3References,
} from '../../../shared/definition/step-values.ts';

const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const item = (path = '') => ({ Get: `ForEach.CurrentItem${path}` });

const definition = (items: unknown, args: object): Definition => {
  const parsed = parseDefinition(
    JSON.stringify({
      Version: '2020-12-01',
      Parameters: [{ Name: 'Role', Type: 'String', DefaultValue: role('default') }],
      Steps: [
        {
          Name: 'Each',
          Type: 'ForEach',
          Arguments: {
            IterableItems: items,
            MaxConcurrency: 2,
            ForEachBody: [{ Name: 'Train', Type: 'Training', Arguments: args }],
          },
        },
      ],
    }),
  );
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition;
};

const told = (of: Definition, values: typeof stepRoles): (string | undefined)[] => {
  const train = of.steps.find(({ name }) => name === 'Train');
  if (!train) throw new Error('no step Train');
  return values(train).map(({ value }) => knownText(resolveText(value, resolveScope(of))));
};

describe('the current item of a ForEach', () => {
  test.each<[string, unknown, object, (string | undefined)[]]>([
    ['is each item', [role('a'), role('b')], item(), [role('a'), role('b')]],
    ['is each item once', [role('a'), role('a')], item(), [role('a')]],
    [
      'is a field of each item, however it is written',
      [JSON.stringify({ role: role('a'), n: 1 }), JSON.stringify({ role: role('b') })],
      item("['role']"),
      [role('a'), role('b')],
    ],
    ['is a field of a field', [JSON.stringify({ a: [{ b: role('a') }] })], item('.a[0].b'), [role('a')]],
    [
      'is a part of a text',
      ['a', 'b'],
      { 'Std:Join': { On: '', Values: ['arn:aws:iam::111122223333:role/', item()] } },
      [role('a'), role('b')],
    ],
    [
      'is what a parameter says',
      [{ Get: 'Parameters.Role' }, role('b')],
      item(),
      [role('default'), role('b')],
    ],
    [
      'is not known of a field that an item lacks',
      [JSON.stringify({ role: role('a') }), '{}'],
      item('.role'),
      [role('a'), undefined],
    ],
    ['is not known of a field of what is no JSON', ['x'], item('.role'), [undefined]],
    ['is not known where a run tells the items', { Get: 'Steps.List.Items' }, item(), [undefined]],
    [
      'is not known of more items than SageMaker takes',
      Array.from({ length: 101 }, () => role('a')),
      item(),
      [undefined],
    ],
    ['is not another reference that begins alike', [role('a')], { Get: 'ForEach.CurrentItemX' }, [undefined]],
  ])('%s', (_, items, RoleArn, expected) => {
    expect(told(definition(items, { RoleArn }), stepRoles)).toEqual(expected);
  });

  test('stands for images and places as well', () => {
    const of = definition(['a', 'b'], {
      AlgorithmSpecification: { TrainingImage: { 'Std:Join': { On: ':', Values: ['image', item()] } } },
      OutputDataConfig: { S3OutputPath: { 'Std:Join': { On: '/', Values: ['s3://acme', item()] } } },
    });
    expect(told(of, stepImages as typeof stepRoles)).toEqual(['image:a', 'image:b']);
    expect(told(of, stepS3References as unknown as typeof stepRoles)).toEqual(['s3://acme/a', 's3://acme/b']);
  });

  test('is no base job name that is known, where the items differ', () => {
    const nameOf = (items: unknown) => {
      const of = definition(items, { TrainingJobName: item() });
      const train = of.steps.find(({ name }) => name === 'Train');
      const base = train && stepBaseName(train);
      return base && knownText(resolveText(base.value, resolveScope(of)));
    };
    expect([nameOf(['fraud', 'fraud']), nameOf(['fraud', 'other'])]).toEqual(['fraud', undefined]);
  });

  test('outside of a ForEach is not known', () => {
    const parsed = parseDefinition(
      JSON.stringify({ Steps: [{ Name: 'Train', Type: 'Training', Arguments: { RoleArn: item() } }] }),
    );
    expect(parsed.ok && told(parsed.definition, stepRoles)).toEqual([undefined]);
  });

  test('in a value that is deep and large is left as it is', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 600; level++) deep = { 'Std:Join': { On: '', Values: [item(), deep] } };
    expect(told(definition(['a', 'b'], { RoleArn: deep }), stepRoles)).toEqual([undefined]);
  });
});
