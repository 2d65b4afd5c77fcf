import { describe, expect, test } from '@jest/globals';
import { parseDefinition } from '../../../shared/definition/parse.ts';

const uncheckedOf = (type: string, args: unknown): string[] => {
  const text = JSON.stringify({ Steps: [{ Name: 'S', Type: type, Arguments: args }] });
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition.unchecked.map(({ pointer }) => pointer);
};
const IF = { IfExpression: { Condition: {}, Then: [], Else: [] } };

describe('an expression in place of an object or a list', () => {
  test.each<[string, string, unknown, string[]]>([
    ['that lists channels', 'Training', { InputDataConfig: IF }, ['/Steps/0/Arguments/InputDataConfig']],
    [
      'that is one of the channels',
      'Training',
      { InputDataConfig: [{ ChannelName: 'a' }, { Omit: {} }] },
      ['/Steps/0/Arguments/InputDataConfig/1'],
    ],
    [
      'that is a definition of a tuning job',
      'Tuning',
      { TrainingJobDefinition: { 'Std:Something': [] } },
      ['/Steps/0/Arguments/TrainingJobDefinition'],
    ],
    ['that is all arguments', 'Processing', { Get: 'Steps.Other.Arguments' }, ['/Steps/0/Arguments']],
  ])('%s is told as not checked', (_, type, args, pointers) => {
    expect(uncheckedOf(type, args)).toEqual(pointers);
  });

  test('in place of a value alone is that value’s matter', () => {
    expect(
      uncheckedOf('Training', { RoleArn: IF, OutputDataConfig: { S3OutputPath: { Get: 'Parameters.X' } } }),
    ).toEqual([]);
  });

  test('of which there are very many is told some times', () => {
    const InputDataConfig = Array.from({ length: 5000 }, () => IF);
    expect(uncheckedOf('Training', { InputDataConfig })).toHaveLength(50);
  });
});
