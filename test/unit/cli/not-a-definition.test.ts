import { expect, test } from '@jest/globals';
import { definitionIn } from '../../../cli/definition-file.ts';

test.each([
  [
    'pipeline.py',
    'from sagemaker import Session\n',
    'it is a program: write what pipeline.definition() gives',
  ],
  ['pipeline.ipynb', '{"cells":[],"nbformat":4}', 'it is a notebook: write what pipeline.definition() gives'],
  ['notebook.json', '{"cells":[],"nbformat":4}', 'it is a notebook'],
  ['template.yaml', 'Resources:\n  P:\n', 'it is YAML, and a definition is JSON'],
  ['template.yml', 'Steps: []', 'it is YAML, and a definition is JSON'],
  [
    'cdk.template.json',
    '{"Resources":{}}',
    'it is a CloudFormation template: take the PipelineDefinitionBody',
  ],
  ['plan.json', '{"terraform_version":"1.9","planned_values":{}}', 'it is a plan of Terraform'],
  ['main.tf', 'resource "aws_sagemaker_pipeline" "p" {}', 'it is Terraform'],
  [
    'pipeline.json.tftpl',
    '{"Steps": ${jsonencode(steps)}}',
    'it is a template that is no JSON before it is filled in',
  ],
  ['pipeline.json.j2', '{% for s in steps %}', 'it is a template that is no JSON'],
  ['app.ts', 'export {}', 'it is a program: write the definition that it makes into a file'],
])('%s is no definition, and what to do is told', (path, text, advice) => {
  expect(() => definitionIn(text, path)).toThrow(
    new RegExp(
      `^${path.replaceAll('.', '\\.')}:1:\\d+: not a pipeline definition: .*; ${advice.replace('()', '\\(\\)')}`,
    ),
  );
});

test('of a broken definition its mistake alone is told', () => {
  expect(() => definitionIn('{"Steps": [', 'pipeline.json')).toThrow(
    /^pipeline\.json:1:\d+: not a pipeline definition: [^;]*$/,
  );
});

test.each<[string, object]>([
  ['/Definition', { Version: '2020-12-01', Definition: { Steps: [] } }],
  ['/0', [{ Steps: [] }]],
  ['/a~1b/1', { 'a/b': [1, { Steps: [] }] }],
])('Steps that stand in %s are told, with their place', (pointer, root) => {
  expect(() => definitionIn(JSON.stringify(root, null, 1), 'p.json')).toThrow(
    new RegExp(
      `^p\\.json:[2-9]:\\d+: not a pipeline definition: its Steps must stand at the top of it, and not in ${pointer}$`,
    ),
  );
});
