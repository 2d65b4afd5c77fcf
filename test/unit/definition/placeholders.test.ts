import { describe, expect, test } from '@jest/globals';
import {
  displayText,
  knownText,
  patternOf,
  resolveScope,
  resolveText,
} from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { hasPlaceholder } from '../../../shared/definition/placeholders.ts';
import type { Json } from '../../../shared/json/json.ts';

const scopeOf = (isTemplate: boolean) => {
  const parameters = [{ Name: 'Bucket', Type: 'String', DefaultValue: 's3://${bucket}/x' }];
  const parsed = parseDefinition(JSON.stringify({ Parameters: parameters, Steps: [] }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return resolveScope({ ...parsed.definition, ...(isTemplate && { isTemplate }) });
};

describe('in a template file', () => {
  test.each<[string, Json, string, string]>([
    ['Terraform and CloudFormation', '${RoleArn}', '{${RoleArn}}', '*'],
    ['CloudFormation', 'arn:${AWS::Partition}:iam::x', 'arn:{${AWS::Partition}}:iam::x', 'arn:*:iam::x'],
    ['Jinja', '{{ team }}-train', '{{{ team }}}-train', '*-train'],
    ['a default', { Get: 'Parameters.Bucket' }, 's3://{${bucket}}/x', 's3://*/x'],
    ['a join', { 'Std:Join': { On: '/', Values: ['s3:/', '${b}', 'x'] } }, 's3://{${b}}/x', 's3://*/x'],
  ])('a placeholder of %s is unknown', (_, value, shown, pattern) => {
    const text = resolveText(value, scopeOf(true));
    expect([knownText(text), displayText(text), patternOf(text)]).toEqual([undefined, shown, pattern]);
  });

  test.each(['plain', '$x', '$ {x}', '{x}', '{ {x} }', '${}', `\${${'x'.repeat(201)}}`])(
    '%j is a text like any other',
    (text) => {
      expect(hasPlaceholder(text)).toBe(false);
      expect(knownText(resolveText(text, scopeOf(true)))).toBe(text);
    },
  );
});

test('in a definition from SageMaker, a placeholder is plain text', () => {
  const text = resolveText('s3://acme/${x}/', scopeOf(false));
  expect(knownText(text)).toBe('s3://acme/${x}/');
});

test('a definition is resolved once for a name and its defaults, and anew for other values', () => {
  const parameters = [{ Name: 'Folder', Type: 'String', DefaultValue: 'x' }];
  const parsed = parseDefinition(JSON.stringify({ Parameters: parameters, Steps: [] }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const { definition } = parsed;
  const value: Json = {
    'Std:Join': { On: '/', Values: [{ Get: 'Execution.PipelineName' }, { Get: 'Parameters.Folder' }] },
  };
  const shownIn = (...[name, values]: [name?: string, values?: Record<string, string>]) =>
    displayText(resolveText(value, resolveScope(definition, name, values)));
  expect(resolveScope(definition, 'fraud', {})).toBe(resolveScope(definition, 'fraud'));
  expect([
    shownIn('fraud'),
    shownIn('churn'),
    shownIn(),
    shownIn('fraud', { Folder: 'y' }),
    shownIn('fraud'),
  ]).toEqual(['fraud/x', 'churn/x', '{Execution.PipelineName}/x', 'fraud/y', 'fraud/x']);
});
