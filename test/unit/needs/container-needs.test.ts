import { expect, test } from '@jest/globals';
import { resolveScope } from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { jobRoleNeeds } from '../../../shared/needs/job-role-needs.ts';
import { SCOPE } from '../../support/builders/principal-facts.ts';

const ROLE = 'arn:aws:iam::111122223333:role/steps/train';

/** The places that the container of the last step is told, each with the pointer behind the step’s Arguments. */
const toldTo = (...steps: { Type: string; Arguments: object }[]): [string, string][] => {
  const parsed = parseDefinition(
    JSON.stringify({
      Parameters: [{ Name: 'Seed', Type: 'String', DefaultValue: 's3://acme-seed/default.csv' }],
      Steps: steps.map((step, at) => ({ Name: `S${at}`, ...step })),
    }),
  );
  const last = parsed.ok ? parsed.definition.steps.at(-1) : undefined;
  if (!parsed.ok || !last) throw new Error('no definition');
  return jobRoleNeeds(last, resolveScope(parsed.definition, 'fraud'), SCOPE, ROLE).open.flatMap(
    ({ kind, pointer, reason }) => {
      const [, uri] = /its container is told (\S+), which/.exec(reason) ?? [];
      return uri === undefined || kind !== 'data'
        ? []
        : [[pointer.replace(/^\/Steps\/\d+\/Arguments\//, ''), uri]];
    },
  );
};
const processing = (AppSpecification: object, more: object = {}) => ({
  Type: 'Processing',
  Arguments: { AppSpecification, ...more },
});
const input = (S3Uri: string) => ({ ProcessingInputs: [{ InputName: 'data', S3Input: { S3Uri } }] });
const output = (S3Uri: string) => ({
  ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', S3Output: { S3Uri } }] },
});

test.each<[string, { Type: string; Arguments: object }, [string, string][]]>([
  [
    'an argument, by itself or behind an equals sign',
    processing({ ContainerArguments: ['--in', 's3://acme-seed/a.csv', '--out=s3://acme-out/b'] }),
    [
      ['AppSpecification/ContainerArguments/1', 's3://acme-seed/a.csv'],
      ['AppSpecification/ContainerArguments/2', 's3://acme-out/b'],
    ],
  ],
  [
    'each place of a command line, a list and JSON',
    processing({
      ContainerEntrypoint: ['sh', '-c', "aws s3 cp s3://acme-a/x '/tmp' && run s3://acme-b/y,s3://acme-c/z"],
      ContainerArguments: ['{"in": "s3://acme-d/w"}'],
    }),
    [
      ['AppSpecification/ContainerArguments/0', 's3://acme-d/w'],
      ['AppSpecification/ContainerEntrypoint/2', 's3://acme-a/x'],
      ['AppSpecification/ContainerEntrypoint/2', 's3://acme-b/y'],
      ['AppSpecification/ContainerEntrypoint/2', 's3://acme-c/z'],
    ],
  ],
  [
    'the default of a parameter, and a join whose end only a run tells',
    processing({
      ContainerArguments: [
        { Get: 'Parameters.Seed' },
        { 'Std:Join': { On: '/', Values: ['s3://acme-out', { Get: 'Execution.PipelineExecutionId' }] } },
      ],
    }),
    [
      ['AppSpecification/ContainerArguments/0', 's3://acme-seed/default.csv'],
      ['AppSpecification/ContainerArguments/1', 's3://acme-out/{Execution.PipelineExecutionId}'],
    ],
  ],
  [
    'a variable of the environment',
    processing({}, { Environment: { SEED: 's3://acme-seed/a.csv', MODE: 'fast' } }),
    [['Environment/SEED', 's3://acme-seed/a.csv']],
  ],
  [
    'the arguments of a training job',
    {
      Type: 'Training',
      Arguments: { AlgorithmSpecification: { ContainerArguments: ['s3://acme-seed/a.csv'] } },
    },
    [['AlgorithmSpecification/ContainerArguments/0', 's3://acme-seed/a.csv']],
  ],
  [
    'the place in which a framework may write its model, and no hyperparameter that is an input',
    {
      Type: 'Training',
      Arguments: {
        HyperParameters: { model_dir: '"s3://acme-models/fraud/model"', seed: '"s3://acme-seed/a.csv"' },
      },
    },
    [['HyperParameters/model_dir', 's3://acme-models/fraud/model']],
  ],
  [
    'what a tuning job’s definition tells',
    {
      Type: 'Tuning',
      Arguments: {
        TrainingJobDefinitions: [{ StaticHyperParameters: { model_dir: 's3://acme-models/m' } }],
      },
    },
    [['TrainingJobDefinitions/0/StaticHyperParameters/model_dir', 's3://acme-models/m']],
  ],
  [
    'the environment of a model’s container',
    { Type: 'Model', Arguments: { PrimaryContainer: { Environment: { RULES: 's3://acme-rules/r.json' } } } },
    [['PrimaryContainer/Environment/RULES', 's3://acme-rules/r.json']],
  ],
])('a container is told %s', (_, step, expected) => {
  expect(toldTo(step).toSorted()).toEqual(expected.toSorted());
});

test.each<[string, { Type: string; Arguments: object }]>([
  [
    'the very object of an input',
    processing({ ContainerArguments: ['s3://acme-data/a.csv'] }, input('s3://acme-data/a.csv')),
  ],
  [
    'a folder below an input',
    processing({ ContainerArguments: ['--dir=s3://acme-data/rates/2026/'] }, input('s3://acme-data/rates')),
  ],
  [
    'the folder of an output',
    processing({ ContainerArguments: ['s3://acme-out/x'] }, output('s3://acme-out/x/')),
  ],
  [
    'the code of a framework',
    {
      Type: 'Training',
      Arguments: { HyperParameters: { sagemaker_submit_directory: '"s3://acme-code/c.tar.gz"' } },
    },
  ],
  ['places in the container', processing({ ContainerArguments: ['/opt/ml/processing/input'] })],
  [
    'what somebody else runs: a registered model',
    {
      Type: 'RegisterModel',
      Arguments: { InferenceSpecification: { Containers: [{ Environment: { A: 's3://acme-x/y' } }] } },
    },
  ],
])('nothing is left to tell of %s', (_, step) => {
  expect(toldTo(step)).toEqual([]);
});

test('a folder above an input is more than the input', () => {
  expect(
    toldTo(processing({ ContainerArguments: ['s3://acme-data/'] }, input('s3://acme-data/rates/'))),
  ).toEqual([['AppSpecification/ContainerArguments/0', 's3://acme-data/']]);
});

test('a step with very many of them is told by the first', () => {
  const ContainerArguments = Array.from({ length: 5000 }, (_, at) => `s3://acme-seed/${at}.csv`);
  expect(toldTo(processing({ ContainerArguments }))).toHaveLength(20);
});

test('of very many places the first are told and the others counted, and none is taken for covered', () => {
  const parsed = parseDefinition(
    JSON.stringify({
      Steps: [
        {
          Name: 'S0',
          ...processing(
            { ContainerArguments: Array.from({ length: 700 }, (_, at) => `s3://acme-seed/${at}.csv`) },
            input('s3://acme-seed/0.csv'),
          ),
        },
      ],
    }),
  );
  const [step] = parsed.ok ? parsed.definition.steps : [];
  if (!parsed.ok || !step) throw new Error('no definition');
  const { open } = jobRoleNeeds(step, resolveScope(parsed.definition, 'fraud'), SCOPE, ROLE);
  // One is an input, twenty are told, and the rest is counted.
  expect(open.map(({ reason }) => reason).at(-1)).toBe(
    'S0: its container is told 679 further places; see by hand which of them its inputs and outputs do not cover',
  );
});
