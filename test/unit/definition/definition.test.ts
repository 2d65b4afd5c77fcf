import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  concerns,
  displayText,
  knownText,
  leadingText,
  resolveScope,
  resolveText,
  textLength,
} from '../../../shared/definition/expression.ts';
import { imageInputs } from '../../../shared/definition/image-inputs.ts';
import { type Definition, parseDefinition, stepPointer } from '../../../shared/definition/parse.ts';
import { stepGraph } from '../../../shared/definition/step-graph.ts';
import {
  stepBaseName,
  stepImages,
  stepMaxRetries,
  stepRoles,
  stepS3References,
} from '../../../shared/definition/step-values.ts';
import type { Json } from '../../../shared/json/json.ts';
import { describeCases } from '../../support/builders/cases.ts';

const parse = (definition: unknown): Definition => {
  const parsed = parseDefinition(typeof definition === 'string' ? definition : JSON.stringify(definition));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition;
};
const ofSteps = (...Steps: unknown[]): Definition => parse({ Version: '2020-12-01', Steps });
const step = (Type: string, Arguments: object = {}, more: object = {}) => ({
  Name: `A-${Type}`,
  Type,
  Arguments,
  ...more,
});
const at = (root: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, token) => (value as Record<string, unknown>)[token], root);

describe('the roles, base job name and image of a step of type', () => {
  const IMAGE = 'i/x:1';
  test.each<[string, object, { roles: string[]; base?: string; image?: true }]>([
    [
      'Training',
      { RoleArn: 'r', TrainingJobName: 'n', AlgorithmSpecification: { TrainingImage: IMAGE } },
      { roles: ['RoleArn'], base: 'TrainingJobName', image: true },
    ],
    [
      'Processing',
      { RoleArn: 'r', ProcessingJobName: 'n', AppSpecification: { ImageUri: IMAGE } },
      { roles: ['RoleArn'], base: 'ProcessingJobName', image: true },
    ],
    [
      'Processing',
      {
        RoleArn: 'r',
        ProcessingInputs: [{}, { DatasetDefinition: { RedshiftDatasetDefinition: { ClusterRoleArn: 'c' } } }],
      },
      { roles: ['RoleArn', 'ProcessingInputs/1/DatasetDefinition/RedshiftDatasetDefinition/ClusterRoleArn'] },
    ],
    [
      'QualityCheck',
      { RoleArn: 'r', ProcessingJobName: 'n' },
      { roles: ['RoleArn'], base: 'ProcessingJobName' },
    ],
    [
      'ClarifyCheck',
      { RoleArn: 'r', ProcessingJobName: 'n' },
      { roles: ['RoleArn'], base: 'ProcessingJobName' },
    ],
    [
      'Transform',
      { TransformJobName: 'n', ModelName: 'a reference' },
      { roles: [], base: 'TransformJobName' },
    ],
    [
      'Tuning',
      {
        HyperParameterTuningJobName: 'n',
        TrainingJobDefinition: { RoleArn: 'r', AlgorithmSpecification: { TrainingImage: IMAGE } },
      },
      { roles: ['TrainingJobDefinition/RoleArn'], base: 'HyperParameterTuningJobName', image: true },
    ],
    [
      'Tuning',
      { TrainingJobDefinitions: [{ RoleArn: 'r' }, { RoleArn: 's' }] },
      { roles: ['TrainingJobDefinitions/0/RoleArn', 'TrainingJobDefinitions/1/RoleArn'] },
    ],
    [
      'Tuning',
      { TrainingJobDefinitions: { RoleArn: 'single' } },
      { roles: ['TrainingJobDefinitions/RoleArn'] },
    ],
    ['AutoML', { RoleArn: 'r', AutoMLJobName: 'n' }, { roles: ['RoleArn'], base: 'AutoMLJobName' }],
    [
      'Model',
      { ExecutionRoleArn: 'r', ModelName: 'n', PrimaryContainer: { Image: IMAGE } },
      { roles: ['ExecutionRoleArn'], base: 'ModelName', image: true },
    ],
    [
      'RegisterModel',
      {
        ModelPackageName: 'n',
        ValidationSpecification: { ValidationRole: 'r' },
        InferenceSpecification: { Containers: [{ Image: IMAGE }] },
      },
      { roles: ['ValidationSpecification/ValidationRole'], base: 'ModelPackageName', image: true },
    ],
    ['EndpointConfig', { ExecutionRoleArn: 'r' }, { roles: ['ExecutionRoleArn'] }],
    ['EMR', { ExecutionRoleArn: 'r', ClusterId: 'j' }, { roles: ['ExecutionRoleArn'] }],
    [
      'EMR',
      { ClusterConfig: { JobFlowRole: 'f', ServiceRole: 's' } },
      { roles: ['ClusterConfig/JobFlowRole', 'ClusterConfig/ServiceRole'] },
    ],
    [
      'EMRServerless',
      { ExecutionRoleArn: 'r', JobConfig: { executionRoleArn: 's' } },
      { roles: ['ExecutionRoleArn', 'JobConfig/executionRoleArn'] },
    ],
    ...['Lambda', 'Callback', 'Condition', 'Fail', 'Lineage', 'Endpoint', 'InferenceComponent'].map(
      (type): [string, object, { roles: string[] }] => [
        type,
        { RoleArn: 'an input of its own' },
        { roles: [] },
      ],
    ),
  ])('%s', (type, args, expected) => {
    const [only] = ofSteps(step(type, args)).steps;
    if (!only) throw new Error('no step');
    expect(stepRoles(only).map(({ pointer }) => pointer)).toEqual(
      expected.roles.map((path) => `/Steps/0/Arguments/${path}`),
    );
    expect(stepBaseName(only)?.pointer).toBe(expected.base && `/Steps/0/Arguments/${expected.base}`);
    expect(stepImages(only).map(({ value }) => value)).toEqual(expected.image ? [IMAGE] : []);
    expect(ofSteps(step(type)).unchecked).toEqual([]);
  });
});

test('S3 references have a direction, and input references have the content type of their channel', () => {
  const [only] = ofSteps(
    step('Training', {
      InputDataConfig: [
        { ContentType: 'image/png', DataSource: { S3DataSource: { S3Uri: 's3://in/x' } } },
        { DataSource: {} },
      ],
      OutputDataConfig: { S3OutputPath: { Get: 'Parameters.Out' } },
      CheckpointConfig: { S3Uri: null },
    }),
  ).steps;
  expect(
    only &&
      stepS3References(only).map(({ pointer, direction, contentType }) => [pointer, direction, contentType]),
  ).toEqual([
    ['/Steps/0/Arguments/InputDataConfig/0/DataSource/S3DataSource/S3Uri', 'input', 'image/png'],
    ['/Steps/0/Arguments/OutputDataConfig/S3OutputPath', 'output', undefined],
  ]);
});

test('image inputs are recognised by their content type or file name, never by outputs', () => {
  const input = (S3Uri: Json, ContentType?: string) => ({
    ...(ContentType ? { ContentType } : {}),
    DataSource: { S3DataSource: { S3Uri } },
  });
  const definition = ofSteps(
    step('Training', {
      InputDataConfig: [
        input('s3://scans/a', 'application/x-image'),
        input('s3://tables/a', 'text/csv'),
        input({ Get: 'Steps.X.Out' }, 'image/png'),
      ],
      OutputDataConfig: { S3OutputPath: 's3://results/a.png' },
    }),
    step('Processing', { ProcessingInputs: [{ S3Input: { S3Uri: 's3://photos/cat.JPEG' } }] }),
  );
  expect(imageInputs(resolveScope(definition)).map(({ bucket }) => bucket)).toEqual(['scans', 'photos']);
});

const manifest = (S3DataType: string, S3Uri: Json, more: object = {}, ContentType?: string) =>
  step('Training', {
    InputDataConfig: [
      {
        ...(ContentType ? { ContentType } : {}),
        DataSource: { S3DataSource: { S3DataType, S3Uri, ...more } },
      },
    ],
  });
const FILE = 's3://sets/birds.jsonl';
const TASK = 'arn:aws:lambda:eu-west-1:568282634449:function:PRE-';
const labelling = (ManifestS3Uri: Json, more: object = {}) =>
  step('Lambda', { InputConfig: { DataSource: { S3DataSource: { ManifestS3Uri } } }, ...more });

test.each<[title: string, made: ReturnType<typeof step>, found: [bucket: string, manifest?: string][]]>([
  [
    'an augmented manifest of references',
    manifest('AugmentedManifestFile', FILE, { AttributeNames: ['source-ref', 'bird'] }),
    [['sets', 'read']],
  ],
  [
    'an augmented manifest whose own label refers to files',
    manifest('AugmentedManifestFile', FILE, { AttributeNames: ['image', 'mask-Ref'] }),
    [['sets', 'read']],
  ],
  [
    'an augmented manifest of RecordIO, as algorithms for images take it',
    manifest(
      'AugmentedManifestFile',
      FILE,
      { AttributeNames: ['source-ref', 'bird'] },
      'application/x-recordio',
    ),
    [['sets', 'read']],
  ],
  [
    'an augmented manifest whose attributes are not told',
    manifest('AugmentedManifestFile', FILE),
    [['sets', 'read']],
  ],
  [
    'an augmented manifest with an attribute that only a run tells',
    manifest('AugmentedManifestFile', FILE, { AttributeNames: ['bird', { Get: 'Parameters.Source' }] }),
    [['sets', 'read']],
  ],
  [
    'an augmented manifest that holds the texts themselves',
    manifest('AugmentedManifestFile', FILE, { AttributeNames: ['source', 'topic'] }),
    [],
  ],
  [
    'an augmented manifest of files of text',
    manifest('AugmentedManifestFile', FILE, { AttributeNames: ['source-ref', 'topic'] }, 'text/plain'),
    [],
  ],
  ['a manifest of images', manifest('ManifestFile', FILE, {}, 'image/jpeg'), [['sets', 'read']]],
  ['a manifest of anything', manifest('ManifestFile', FILE), []],
  [
    'a manifest of Ground Truth by its name',
    manifest('ManifestFile', 's3://sets/output.manifest'),
    [['sets', 'read']],
  ],
  [
    'a manifest in a bucket that only a run tells',
    manifest('AugmentedManifestFile', {
      'Std:Join': { On: '/', Values: ['s3:/', { Get: 'Parameters.B' }, 'a.manifest'] },
    }),
    [],
  ],
  [
    'a manifest that a processing job reads',
    step('Processing', { ProcessingInputs: [{ S3Input: { S3Uri: 's3://sets/a/output.Manifest' } }] }),
    [['sets', 'read']],
  ],
  [
    'a manifest that a processing job writes',
    step('Processing', {
      ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: 's3://sets/a.manifest' } }] },
    }),
    [],
  ],
  ['the request of a labelling job, for a function', labelling('s3://sets/birds'), [['sets', 'labelled']]],
  [
    'a labelling job of images',
    labelling('s3://sets/birds', { HumanTaskConfig: { PreHumanTaskLambdaArn: `${TASK}BoundingBox` } }),
    [['sets', 'labelled']],
  ],
  [
    'a labelling job of texts',
    labelling('s3://sets/topics', { HumanTaskConfig: { PreHumanTaskLambdaArn: `${TASK}TextMultiClass` } }),
    [],
  ],
  [
    'manifests among free arguments for a queue, one of them in parts',
    step('Callback', {
      train: 's3://sets/train.manifest',
      others: ['s3://sets/test.manifest', 's3://rows/a.csv'],
      more: { 'Std:Join': { On: '/', Values: ['s3://other', 'val.manifest'] } },
    }),
    [
      ['sets', 'labelled'],
      ['other', 'labelled'],
    ],
  ],
  ['other arguments of a function', step('Lambda', { place: 's3://sets/birds', when: 3, and: null }), []],
])('image inputs: %s', (_, made, found) => {
  const inputs = imageInputs(resolveScope(ofSteps(made)));
  expect(new Set(inputs.map(({ bucket, manifest: use }) => `${bucket} ${use}`))).toEqual(
    new Set(found.map(([bucket, use]) => `${bucket} ${use}`)),
  );
});

test.each<[unknown, number]>([
  [undefined, 0],
  [[], 0],
  [[{ ExceptionType: ['Step.THROTTLING'], MaxAttempts: 3 }, { MaxAttempts: 7 }], 7],
  [{ MaxAttempts: 2 }, 2],
  [[{ ExpireAfterMin: 10 }], 5],
])('retry policies %j give %d retries', (RetryPolicies, retries) => {
  const [only] = ofSteps(step('Training', {}, RetryPolicies === undefined ? {} : { RetryPolicies })).steps;
  expect(only && stepMaxRetries(only)).toBe(retries);
});

describe('a definition', () => {
  const nested = (depth: number): string =>
    `{"Steps":[${Array.from({ length: depth }, (_, i) => `{"Name":"c${i}","Type":"Condition","Arguments":{"IfSteps":[`).join('')}` +
    `{"Name":"end","Type":"Fail"}${'],"ElseSteps":[]}}'.repeat(depth)}]}`;

  test('contains every step, nested ones too, at the pointer that the step reports', () => {
    const tree = fc.letrec<{ steps: object[] }>((tie) => ({
      steps: fc.array(
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          fc.constant({ Name: 'leaf', Type: 'Fail' }),
          fc.record({
            Name: fc.constant('if'),
            Type: fc.constant('Condition'),
            Arguments: fc.record({ IfSteps: tie('steps'), ElseSteps: tie('steps') }),
          }),
        ),
        { maxLength: 3 },
      ),
    })).steps;
    const count = (steps: unknown): number =>
      (steps as { Arguments?: Record<string, unknown> }[]).reduce(
        (sum, { Arguments: args }) => sum + 1 + (args ? count(args.IfSteps) + count(args.ElseSteps) : 0),
        0,
      );
    fc.assert(
      fc.property(tree, (Steps) => {
        const root = JSON.parse(JSON.stringify({ Steps }));
        const { steps } = parse(root);
        expect(steps).toHaveLength(count(Steps));
        for (const each of steps) expect(at(root, stepPointer(each))).toEqual(each.raw);
      }),
    );
  });

  test('of 10,000 nested Conditions is read to the depth limit, and the rest is reported as unchecked', () => {
    const { steps, unchecked } = parse(nested(10_000));
    expect(steps).toHaveLength(201);
    expect(unchecked).toEqual([
      expect.objectContaining({ name: 'c200', reason: expect.stringContaining('deeper than 200') }),
    ]);
  });

  test('nested within the depth limit hides no step', () => {
    const { steps, unchecked } = parse(nested(200));
    expect([steps.at(-1)?.name, unchecked]).toEqual(['end', []]);
  });

  test('lists what cannot be judged as unchecked', () => {
    const { steps, unchecked } = ofSteps(
      { Name: 'Ask', Type: 'Bedrock' },
      'text',
      { Name: 'no type' },
      null,
      step('Fail'),
    );
    expect(steps.map(({ name }) => name)).toEqual(['Ask', 'A-Fail']);
    expect(unchecked.map(({ pointer, name }) => [pointer, name])).toEqual([
      ['/Steps/0', 'Ask'],
      ['/Steps/1', ''],
      ['/Steps/2', ''],
      ['/Steps/3', ''],
    ]);
  });

  test('with hostile keys is read like any other', () => {
    const definition = parse(
      '{"__proto__": {"Steps": []}, "Parameters": [{"Name": "__proto__", "DefaultValue": "x"}, 7], "Steps": [{"Name": "constructor", "Type": "__proto__", "Arguments": {"__proto__": {"RoleArn": "x"}}}]}',
    );
    expect(definition.unchecked).toEqual([expect.objectContaining({ name: 'constructor' })]);
    expect(definition.parameters.get('__proto__')?.defaultValue).toBe('x');
    expect(Object.hasOwn({}, 'RoleArn')).toBe(false);
  });

  test.each<[string, string, { line: number; column: number; message: RegExp }]>([
    ['no JSON', '{"Steps": [}', { line: 1, column: 12, message: /Unexpected token/ }],
    ['a list', '[]', { line: 1, column: 1, message: /JSON object with Steps/ }],
    ['one without steps', '{"Version": "2020-12-01"}', { line: 1, column: 1, message: /no list of Steps/ }],
    ['one whose steps are no list', '{"Steps": {}}', { line: 1, column: 1, message: /no list of Steps/ }],
    [
      'one that is too long',
      `{"Steps": []${' '.repeat(1_048_576)}}`,
      { line: 1, column: 1, message: /at most 1048576/ },
    ],
  ])('is refused: %s', (_, text, { line, column, message }) => {
    expect(parseDefinition(text)).toEqual({
      ok: false,
      error: expect.objectContaining({ line, column, message: expect.stringMatching(message) }),
    });
  });
});

describe('an expression', () => {
  const definition = parse({
    Parameters: [
      { Name: 'Team', Type: 'String', DefaultValue: 'fraud' },
      { Name: 'Count', Type: 'Integer', DefaultValue: 3 },
      { Name: 'Free', Type: 'String' },
    ],
    Steps: [],
  });
  const join = (On: string, ...Values: Json[]): Json => ({ 'Std:Join': { On, Values } });
  const get = (Get: string): Json => ({ Get });
  const deep = Array.from({ length: 10_000 }).reduce<Json>((inner) => join('-', inner), 'x');

  test.each<
    [string, Json, { shown: string; known?: string; leading: string; least: number; exact: boolean }]
  >([
    ['a literal', 'x', { shown: 'x', known: 'x', leading: 'x', least: 1, exact: true }],
    ['a number', 7, { shown: '7', known: '7', leading: '7', least: 1, exact: true }],
    [
      'a default',
      get('Parameters.Team'),
      { shown: 'fraud', known: 'fraud', leading: 'fraud', least: 5, exact: true },
    ],
    [
      'a default that is a number',
      get('Parameters.Count'),
      { shown: '3', known: '3', leading: '3', least: 1, exact: true },
    ],
    [
      'a parameter without default',
      get('Parameters.Free'),
      { shown: '{Parameters.Free}', leading: '', least: 0, exact: false },
    ],
    [
      'nobody’s parameter',
      get('Parameters.toString'),
      { shown: '{Parameters.toString}', leading: '', least: 0, exact: false },
    ],
    [
      'the pipeline',
      get('Execution.PipelineName'),
      { shown: 'daily', known: 'daily', leading: 'daily', least: 5, exact: true },
    ],
    [
      'an execution’s id, of which the length is known',
      join('-', get('Parameters.Team'), 'eval', get('Execution.PipelineExecutionId')),
      { shown: 'fraud-eval-{Execution.PipelineExecutionId}', leading: 'fraud-eval-', least: 23, exact: true },
    ],
    [
      'joins in joins',
      join('/', 's3:/', join('', 'a', 'b'), get('Steps.X.Out')),
      { shown: 's3://ab/{Steps.X.Out}', leading: 's3://ab/', least: 8, exact: false },
    ],
    [
      'a value of a property file',
      { 'Std:JsonGet': { Path: 'a' } },
      { shown: '{Std:JsonGet}', leading: '', least: 0, exact: false },
    ],
    [
      'a form that nobody knows',
      { 'Std:New': 1 },
      { shown: '{an expression of unknown form}', leading: '', least: 0, exact: false },
    ],
    [
      'two forms in one',
      { Get: 'Parameters.P', 'Std:Join': { On: '', Values: ['x'] } },
      { shown: '{an expression of several forms at once}', leading: '', least: 0, exact: false },
    ],
    ['a list', [], { shown: '{a value that is not text}', leading: '', least: 0, exact: false }],
    ['joins in ten thousand joins', deep, { shown: 'x', known: 'x', leading: 'x', least: 1, exact: true }],
  ])('%s', (_, value, { shown, known, leading, least, exact }) => {
    const text = resolveText(value, resolveScope(definition, 'daily'));
    expect([displayText(text), knownText(text), leadingText(text), textLength(text)]).toEqual([
      shown,
      known,
      leading,
      { least, exact },
    ]);
  });

  test('resolves to an execution’s value in preference to the default', () => {
    const overrides = { Team: 'churn' };
    const text = resolveText(
      join('-', get('Parameters.Team'), 'x'),
      resolveScope(definition, undefined, overrides),
    );
    expect(knownText(text)).toBe('churn-x');
    expect([concerns(text, overrides), concerns(text, { Other: '' }), concerns(text, {})]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('of any shape never throws', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) => void displayText(resolveText(value as Json, resolveScope(definition))),
      ),
    );
  });
});

test('the step graph has an edge for each use, DependsOn and branch, and lists references to missing steps', () => {
  const definition = ofSteps(
    { Name: 'Prepare.Data', Type: 'Processing', Arguments: {} },
    {
      Name: 'Train',
      Type: 'Training',
      Arguments: { In: { Get: 'Steps.Prepare.Data.Out' } },
      DependsOn: ['Prepare.Data', 'Gone'],
    },
    {
      Name: 'If',
      Type: 'Condition',
      Arguments: {
        Conditions: [
          { LeftValue: { 'Std:JsonGet': { PropertyFile: { Get: 'Steps.Train.PropertyFiles.F' } } } },
        ],
        IfSteps: [
          {
            Name: 'Lambda',
            Type: 'Lambda',
            Arguments: { code: { Get: "Steps.Asked.OutputParameters['x']" } },
          },
        ],
      },
    },
  );
  expect(stepGraph(definition)).toEqual({
    edges: expect.arrayContaining([
      { from: 'Prepare.Data', to: 'Train', kind: 'order' },
      { from: 'Prepare.Data', to: 'Train', kind: 'data' },
      { from: 'Train', to: 'If', kind: 'data' },
      { from: 'If', to: 'Lambda', kind: 'branch' },
    ]),
    dangling: [
      { step: 'Train', reference: 'Gone' },
      { step: 'Lambda', reference: 'Asked' },
    ],
  });
  expect(stepGraph(definition).edges).toHaveLength(4);
});

for (const part of ['real', 'generated']) {
  describeCases(`pipelines/${part}`, `definitions that others made: ${part}`, (folder) => {
    test.each(readdirSync(folder))('%s', (file) => {
      const definition = parse(readFileSync(join(folder, file), 'utf8'));
      expect(definition.steps.length).toBeGreaterThan(0);
      expect(definition.unchecked).toEqual([]);
      expect(stepGraph(definition).dangling).toEqual([]);
    });
  });
}

test('a ForEach contains the steps of its body, and a dependency with a trigger is still a dependency', () => {
  const body = { IterableItems: ['a'], ForEachBody: [step('Training', { RoleArn: 'r' })] };
  const definition = ofSteps(step('ForEach', body), {
    ...step('Cleanup', { Resources: { S3: [{ StepName: 'A-Training' }] } }),
    DependsOn: [{ Step: 'A-ForEach', Trigger: 'Any' }],
  });
  expect(definition.unchecked).toEqual([]);
  expect(definition.steps.flatMap((at) => stepRoles(at).map(({ pointer }) => pointer))).toEqual([
    '/Steps/0/Arguments/ForEachBody/0/Arguments/RoleArn',
  ]);
  expect(stepGraph(definition).edges).toEqual([
    { from: 'A-ForEach', to: 'A-Training', kind: 'branch' },
    { from: 'A-ForEach', to: 'A-Cleanup', kind: 'order' },
  ]);
});

describe('a name that a definition has twice', () => {
  test('in one object is refused, with the place of the second', () => {
    const text =
      '{"Steps": [{"Name": "A", "Type": "Training",\n "Arguments": {"RoleArn": "x", "RoleArn": "y"}}]}';
    expect(parseDefinition(text)).toEqual({
      ok: false,
      error: expect.objectContaining({
        line: 2,
        column: 32,
        message: expect.stringContaining('"RoleArn" stands twice in one object'),
      }),
    });
  });

  test('as a parameter leaves the parameter’s default unknown', () => {
    const definition = parse({
      Parameters: [
        { Name: 'Role', DefaultValue: 'a' },
        { Name: 'Other', DefaultValue: 'o' },
        { Name: 'Role', DefaultValue: 'b' },
        { Name: 'Role', DefaultValue: 'a' },
      ],
      Steps: [],
    });
    const shown = (name: string) =>
      displayText(resolveText({ Get: `Parameters.${name}` }, resolveScope(definition)));
    expect([shown('Role'), shown('Other')]).toEqual(['{Parameters.Role}', 'o']);
    expect(definition.unchecked.map(({ pointer }) => pointer)).toEqual(['/Parameters/2', '/Parameters/3']);
  });
});

describe('a member name in an unexpected letter case', () => {
  test.each<[string, object, string]>([
    ['a role', step('Training', { roleArn: 'x' }), '/Arguments/roleArn'],
    ['a role beside the right one', step('Training', { RoleArn: 'a', ROLEARN: 'x' }), '/Arguments/ROLEARN'],
    [
      'a role in a list',
      step('Tuning', { TrainingJobDefinitions: [{ RoleArn: 'a' }, { RoleARN: 'x' }] }),
      '/Arguments/TrainingJobDefinitions/1/RoleARN',
    ],
    ['the arguments', { ...step('Training'), arguments: { RoleArn: 'x' } }, '/arguments'],
    ['a branch', step('Condition', { ifSteps: [step('Training')] }), '/Arguments/ifSteps'],
    [
      'an image',
      step('Training', { AlgorithmSpecification: { trainingImage: 'x' } }),
      '/Arguments/AlgorithmSpecification/trainingImage',
    ],
  ])('is reported as unchecked for %s', (_, raw, below) => {
    const { unchecked } = ofSteps(raw);
    expect(unchecked).toEqual([
      {
        pointer: `/Steps/0${below}`,
        name: expect.any(String),
        reason: expect.stringContaining('letter case'),
      },
    ]);
  });

  test('is reported as unchecked for Steps itself', () => {
    const { unchecked } = parse({ Steps: [], steps: [step('Training')], parameters: [] });
    expect(unchecked.map(({ pointer }) => pointer)).toEqual(['/steps', '/parameters']);
  });

  test.each([
    step('Training', { Environment: { rolearn: 'x' }, HyperParameters: { RoleARN: 'y' } }),
    step('Lambda', { rolearn: 'x', ifsteps: [] }),
    step('EMRServerless', { ExecutionRoleArn: 'a', JobConfig: { executionRoleArn: 'a' } }),
  ])('is not reported where the author chooses the name: %j', (raw) => {
    expect(ofSteps(raw).unchecked).toEqual([]);
  });
});
