import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dataRole } from '../../../shared/definition/data-role.ts';
import type { ResolveScope } from '../../../shared/definition/expression.ts';
import { relatedSteps } from '../../../shared/definition/related-steps.ts';
import { stepData } from '../../../shared/definition/step-data.ts';
import { stepS3References } from '../../../shared/definition/step-values.ts';
import type { Json } from '../../../shared/json/json.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  channel,
  EXECUTION_ROLE,
  ID,
  joined,
  ofStep,
  parameter,
  processing,
  processingInput,
  processingOutput,
  type RawStep,
  scopeOf,
  scopeOfSteps,
  stepOf,
  training,
} from '../../support/builders/steps.ts';

const dataOf = (scope: ResolveScope, name?: string) => stepData(stepOf(scope, name), scope);

/** `input acme-data/raw/` and, of one object, `input acme-data/raw/x.csv (object)`. */
const placesOf = (scope: ResolveScope, name?: string): string[] =>
  dataOf(scope, name).places.map(
    ({ direction, bucket, keyPattern, isObject }) =>
      `${direction} ${bucket}/${keyPattern}${isObject ? ' (object)' : ''}`,
  );
const reasonsOf = (scope: ResolveScope): string[] => dataOf(scope).open.map(({ reason }) => reason);

describe('the S3 places of', () => {
  test.each<[string, RawStep, string[]]>([
    [
      'Training include the job’s own folder for results, and the given place for checkpoints',
      training({
        InputDataConfig: [channel('s3://acme-data/train'), channel('s3://acme-data/test.csv')],
        CheckpointConfig: { S3Uri: 's3://acme-data/checkpoints' },
        DebugHookConfig: { S3OutputPath: 's3://acme-data/debug' },
        ProfilerConfig: { S3OutputPath: 's3://acme-data/', DisableProfiler: false },
        Environment: { DATA: 's3://acme-data/not-told' },
      }),
      [
        'input acme-data/train',
        'input acme-data/test.csv (object)',
        'output acme-data/models/fraud-*',
        'output acme-data/checkpoints',
        'output acme-data/debug/fraud-*',
        'output acme-data/fraud-*',
      ],
    ],
    [
      'Training leave out a disabled profiler',
      training({ ProfilerConfig: { S3OutputPath: 's3://acme-data/', DisableProfiler: true } }),
      ['output acme-data/models/fraud-*'],
    ],
    [
      'Training use SageMaker’s default job name if there is no base job name',
      { Type: 'Training', Arguments: { OutputDataConfig: { S3OutputPath: 's3://acme-data' } } },
      ['output acme-data/pipelines-*'],
    ],
    [
      'Training use only the beginning of a base job name that is too long',
      training({ TrainingJobName: 'x'.repeat(40) }),
      [`output acme-data/models/${'x'.repeat(38)}*`],
    ],
    [
      'Training are open after an unknown base job name',
      training({ TrainingJobName: joined('-', 'a', parameter('Unset')) }),
      ['output acme-data/models/a-*'],
    ],
    [
      'Training include a manifest, whose listed objects are open',
      training({
        InputDataConfig: [
          channel('s3://acme-data/list', 'ManifestFile'),
          channel('s3://acme-data/l2', 'AugmentedManifestFile'),
        ],
      }),
      ['input acme-data/list (object)', 'input acme-data/l2 (object)', 'output acme-data/models/fraud-*'],
    ],
    [
      'Training include hyperparameters that are URIs, also in quotes',
      training({
        HyperParameters: {
          sagemaker_submit_directory: '"s3://acme-code/sourcedir.tar.gz"',
          sagemaker_program: '"train.py"',
          data: joined('', 's3://acme-data/', ID, '/x'),
          quoted: joined('', '"s3://acme-data/', ID, '"'),
          output_path: 's3://acme-data/o',
          model_dir: '"s3://acme-data/unused"',
          epochs: 3,
        },
      }),
      [
        'output acme-data/models/fraud-*',
        'input acme-code/sourcedir.tar.gz (object)',
        'input acme-data/*/x',
        'input acme-data/*',
        'output acme-data/o',
      ],
    ],
    [
      'Processing include inputs, outputs and data sets, with Redshift’s output as an input of the job',
      {
        Type: 'Processing',
        Arguments: {
          ProcessingInputs: [
            processingInput('s3://acme-data/raw/'),
            { DatasetDefinition: { AthenaDatasetDefinition: { OutputS3Uri: 's3://acme-data/athena' } } },
            { DatasetDefinition: { RedshiftDatasetDefinition: { OutputS3Uri: 's3://acme-data/redshift' } } },
          ],
          ProcessingOutputConfig: { Outputs: [processingOutput('s3://acme-data/out.csv')] },
        },
      },
      [
        'input acme-data/raw/',
        'output acme-data/out.csv',
        'output acme-data/athena',
        'input acme-data/redshift',
      ],
    ],
    [
      'QualityCheck include the baseline that it is given',
      {
        ...processing(['s3://acme-data/in.csv'], ['s3://acme-data/check']),
        Type: 'QualityCheck',
        ...{
          SuppliedBaselineStatistics: 's3://acme-data/statistics.json',
          SuppliedBaselineConstraints: null,
        },
      },
      [
        'input acme-data/in.csv (object)',
        'input acme-data/statistics.json (object)',
        'output acme-data/check',
      ],
    ],
    [
      'Transform',
      {
        Type: 'Transform',
        Arguments: {
          TransformInput: {
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://acme-data/batch' } },
          },
          TransformOutput: { S3OutputPath: 's3://acme-data/scores' },
          DataCaptureConfig: { DestinationS3Uri: 's3://acme-data/captured' },
        },
      },
      ['input acme-data/batch', 'output acme-data/scores', 'output acme-data/captured'],
    ],
    [
      'Tuning include those of one and of several definitions',
      {
        Type: 'Tuning',
        Arguments: {
          HyperParameterTuningJobName: 'tune',
          TrainingJobDefinition: {
            InputDataConfig: [channel('s3://acme-data/train')],
            OutputDataConfig: { S3OutputPath: 's3://acme-data/models' },
            StaticHyperParameters: { code: '"s3://acme-code/a.tar.gz"' },
          },
          TrainingJobDefinitions: [{ OutputDataConfig: { S3OutputPath: 's3://acme-data/other' } }],
        },
      },
      [
        'input acme-data/train',
        'output acme-data/models/tune-*',
        'output acme-data/other/tune-*',
        'input acme-code/a.tar.gz (object)',
      ],
    ],
    [
      'AutoML, whose default job names have an unknown beginning, end in a wildcard',
      {
        Type: 'AutoML',
        Arguments: {
          InputDataConfig: [channel('s3://acme-data/table.csv')],
          OutputDataConfig: { S3OutputPath: 's3://acme-data/automl' },
          AutoMLJobConfig: {
            CandidateGenerationConfig: { FeatureSpecificationS3Uri: 's3://acme-data/f.json' },
          },
        },
      },
      ['input acme-data/table.csv (object)', 'input acme-data/f.json (object)', 'output acme-data/automl/*'],
    ],
    [
      'Model',
      {
        Type: 'Model',
        Arguments: {
          PrimaryContainer: { ModelDataUrl: 's3://acme-data/model.tar.gz' },
          Containers: [
            { ModelDataSource: { S3DataSource: { S3Uri: 's3://acme-data/model/', S3DataType: 'S3Prefix' } } },
            {
              ModelDataSource: { S3DataSource: { S3Uri: 's3://acme-data/weights', S3DataType: 'S3Object' } },
            },
            { AdditionalModelDataSources: [{ S3DataSource: { S3Uri: 's3://acme-data/draft/' } }] },
          ],
        },
      },
      [
        'input acme-data/model.tar.gz (object)',
        'input acme-data/model/',
        'input acme-data/weights (object)',
        'input acme-data/draft/',
      ],
    ],
    [
      'RegisterModel',
      {
        Type: 'RegisterModel',
        Arguments: {
          InferenceSpecification: { Containers: [{ ModelDataUrl: 's3://acme-data/model.tar.gz' }] },
        },
      },
      ['input acme-data/model.tar.gz (object)'],
    ],
    [
      'EndpointConfig',
      {
        Type: 'EndpointConfig',
        Arguments: {
          AsyncInferenceConfig: {
            OutputConfig: { S3OutputPath: 's3://acme-data/async', S3FailurePath: 's3://acme-data/failed' },
          },
        },
      },
      ['output acme-data/async', 'output acme-data/failed'],
    ],
    [
      'EMR include the arguments that are URIs',
      {
        Type: 'EMR',
        Arguments: {
          StepConfig: {
            HadoopJarStep: {
              Jar: 'command-runner.jar',
              Args: ['spark-submit', 's3://acme-code/job.py', '7'],
            },
          },
        },
      },
      ['input acme-code/job.py (object)'],
    ],
    ['Lambda', { Type: 'Lambda', Arguments: { data: 's3://acme-data/x' } }, []],
    ['an unknown step type are none', { Type: 'New', Arguments: { S3Uri: 's3://acme-data/x' } }, []],
  ])('%s', (_, step, expected) => expect(placesOf(scopeOfSteps(step))).toEqual(expected));
});

test('a place has its JSON pointer, also in a branch', () => {
  const scope = scopeOfSteps({
    Type: 'Condition',
    Arguments: { IfSteps: [{ Name: 'In', ...processing(['s3://acme-data/x']) }] },
  });
  expect(dataOf(scope, 'In')).toEqual({
    places: [
      {
        direction: 'input',
        pointer: '/Steps/0/Arguments/IfSteps/0/Arguments/ProcessingInputs/0/S3Input/S3Uri',
        bucket: 'acme-data',
        identity: 'acme-data/x',
        keyPattern: 'x',
        nameStars: 0,
        isObject: false,
        isListed: true,
      },
    ],
    keys: [],
    open: [],
  });
  expect(
    dataOf(scopeOfSteps(training({ HyperParameters: { 'a/b': 's3://acme-data/x' } }))).places[1]?.pointer,
  ).toBe('/Steps/0/Arguments/HyperParameters/a~1b');
});

test.each<[Json, string]>([
  ['s3://acme-data', 'input acme-data/'],
  ['s3://acme-data/', 'input acme-data/'],
  [joined('/', 's3:/', parameter('Bucket'), 'x', ID, ID, 'y'), 'input acme-data/x/*/*/y'],
  [joined('', 's3://', parameter('Bucket'), '/', ID, ID), 'input acme-data/*'],
  [
    joined('/', joined('', 's3://acme-', 'data'), joined('-', parameter('Unset'), 'a.csv')),
    'input acme-data/*-a.csv (object)',
  ],
  [joined('/', 's3://acme-data', { Get: 'Execution.PipelineName' }), 'input acme-data/fraud'],
  [joined('/', 's3://acme-data', { 'Std:JsonGet': {} }), 'input acme-data/*'],
  ['s3://acme-data/what?*${x}', 'input acme-data/what${?}${*}${$}{x}'],
  ['s3://acme-data/table.parquet', 'input acme-data/table.parquet'],
  ['s3://acme-data/v1.0', 'input acme-data/v1.0'],
  ['s3://acme-data/a.csv/', 'input acme-data/a.csv/'],
])('the URI %j is the place %s', (uri, expected) =>
  expect(placesOf(scopeOfSteps(processing([uri])))).toEqual([expected]),
);

test.each<[Json, string]>([
  [parameter('Unset'), '{Parameters.Unset} is only known in a run'],
  [
    joined('/', 's3:/', parameter('Unset'), 'x'),
    'the bucket of s3://{Parameters.Unset}/x is only known in a run',
  ],
  [
    joined('', 's3://acme-', ID),
    'the bucket of s3://acme-{Execution.PipelineExecutionId} is only known in a run',
  ],
  [ofStep('Gone.ProcessingOutputConfig.X'), '{Steps.Gone.ProcessingOutputConfig.X} is only known in a run'],
  [{}, '{an expression of unknown form} is only known in a run'],
  ['s3://Acme_Data/x', 's3://Acme_Data/x names no bucket'],
  ['s3://*/x', 's3://*/x names no bucket'],
  ['s3:///x', 's3:///x names no bucket'],
  ['s3://acme-a1b2c3-s3alias/x', 'acme-a1b2c3-s3alias is an access point, of a bucket not named here'],
  ['s3://acme--ol-s3/x', 'acme--ol-s3 is an access point of S3 Object Lambda, of a bucket not named here'],
  ['s3://acme--op-s3/x', 'acme--op-s3 is an access point of S3 on Outposts, of a bucket not named here'],
  ['s3://a1b2c3.mrap/x', 'a1b2c3.mrap is a Multi-Region Access Point, of buckets not named here'],
  [
    's3://fast--euw1-az1--x-s3/x',
    'fast--euw1-az1--x-s3 is a directory bucket, for which s3express:CreateSession is asked; allow it by hand',
  ],
  ['s3://acme--table-s3/x', 'acme--table-s3 is a table bucket, for which other permissions are asked'],
  ['https://acme-data.s3.amazonaws.com/x', 'this is no s3:// URI'],
  [
    joined('', parameter('Unset'), 'x'.repeat(5000)),
    `{Parameters.Unset}${'x'.repeat(2032)}{the rest of a text of more than 2048 characters} is only known in a run`,
  ],
])('the place of the URI %j is open', (uri, reason) => {
  const scope = scopeOfSteps(processing([uri]));
  expect(dataOf(scope)).toEqual({
    places: [],
    keys: [],
    open: [{ pointer: '/Steps/0/Arguments/ProcessingInputs/0/S3Input/S3Uri', reason }],
  });
});

test('the objects that a manifest lists are open, and an execution’s values replace the defaults', () => {
  expect(
    reasonsOf(scopeOfSteps(training({ InputDataConfig: [channel('s3://acme-data/l', 'ManifestFile')] }))),
  ).toEqual(['the objects that a manifest lists are not in the definition']);
  const scope = scopeOfSteps(processing([joined('/', 's3:/', parameter('Bucket'), 'x')]));
  expect(placesOf({ ...scope, parameters: { Bucket: 'acme-other' } })).toEqual(['input acme-other/x']);
});

describe('a reference to another step', () => {
  const makers: RawStep[] = [
    {
      Name: 'Prep',
      ...processing(['s3://acme-data/raw'], [joined('/', 's3://acme-data/prep', ID, 'train')]),
    },
    { Name: 'Train', ...training() },
    {
      Name: 'Plain',
      ...training({
        OutputDataConfig: {
          S3OutputPath: ofStep('Prep.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri'),
          CompressionType: 'NONE',
        },
      }),
    },
    {
      Name: 'Dotted.Name',
      Type: 'Transform',
      Arguments: { TransformOutput: { S3OutputPath: 's3://acme-data/scores' } },
    },
    {
      Name: 'Tune',
      Type: 'Tuning',
      Arguments: {
        HyperParameterTuningJobName: 'tune',
        TrainingJobDefinition: { OutputDataConfig: { S3OutputPath: 's3://acme-data/tuned' } },
      },
    },
    {
      Name: 'Auto',
      Type: 'AutoML',
      Arguments: { OutputDataConfig: { S3OutputPath: 's3://acme-data/auto' } },
    },
    { Name: 'Check', ...processing([], ['s3://acme-data/check/']), Type: 'QualityCheck' },
    { Name: 'Clarify', ...processing([], ['s3://acme-data/clarify']), Type: 'ClarifyCheck' },
    {
      Name: 'Model',
      Type: 'Model',
      Arguments: { PrimaryContainer: { ModelDataUrl: ofStep('Train.ModelArtifacts.S3ModelArtifacts') } },
    },
  ];
  test.each<[Json, string]>([
    [ofStep("Prep.ProcessingOutputConfig.Outputs['out0'].S3Output.S3Uri"), 'acme-data/prep/*/train'],
    [ofStep('Prep.ProcessingOutputConfig.Outputs["out0"].S3Output.S3Uri'), 'acme-data/prep/*/train'],
    [
      joined('/', ofStep("Prep.ProcessingOutputConfig.Outputs['out0'].S3Output.S3Uri"), 'a.csv'),
      'acme-data/prep/*/train/a.csv (object)',
    ],
    [ofStep("Prep.ProcessingInputs['in'].S3Input.S3Uri"), 'acme-data/raw'],
    [
      ofStep('Train.ModelArtifacts.S3ModelArtifacts'),
      'acme-data/models/fraud-*/output/model.tar.gz (object)',
    ],
    [ofStep('Plain.ModelArtifacts.S3ModelArtifacts'), 'acme-data/prep/*/train/fraud-*/output/model/'],
    [ofStep('Train.OutputDataConfig.S3OutputPath'), 'acme-data/models/'],
    [
      joined('/', 's3://acme-data/models', ofStep('Train.TrainingJobName'), 'output/x.json'),
      'acme-data/models/fraud-*/output/x.json (object)',
    ],
    [ofStep('Dotted.Name.TransformOutput.S3OutputPath'), 'acme-data/scores'],
    [
      joined(
        '/',
        's3:/',
        parameter('Bucket'),
        'tuned',
        ofStep('Tune.BestTrainingJob.TrainingJobName'),
        'output/model.tar.gz',
      ),
      'acme-data/tuned/tune-*/output/model.tar.gz (object)',
    ],
    [
      joined('/', 's3://acme-data', ofStep('Tune.TrainingJobSummaries[1].TrainingJobName')),
      'acme-data/tune-*',
    ],
    [ofStep('Auto.BestCandidate.InferenceContainers[0].ModelDataUrl'), 'acme-data/auto/*/*'],
    [ofStep('Check.CalculatedBaselineConstraints'), 'acme-data/check/constraints.json (object)'],
    [ofStep('Clarify.CalculatedBaselineConstraints'), 'acme-data/clarify/analysis.json (object)'],
    [ofStep('Model.PrimaryContainer.ModelDataUrl'), 'acme-data/models/fraud-*/output/model.tar.gz (object)'],
  ])('%j is followed to its place', (uri, expected) =>
    expect(placesOf(scopeOfSteps(...makers, processing([uri])))).toEqual([`input ${expected}`]),
  );

  test.each([
    "Prep.ProcessingOutputConfig.Outputs['none'].S3Output.S3Uri",
    'Prep.ProcessingOutputConfig.Outputs[7].S3Output.S3Uri',
    "Prep.ProcessingOutputConfig.Outputs['out0'",
    'Prep.__proto__.constructor',
    'Prep.ProcessingOutputConfig.Outputs',
    "Prep.OutputParameters['uri']",
    'Check.BaselineUsedForDriftCheckConstraints',
    `Prep.${'x'.repeat(2000)}`,
  ])('to %s is not followed', (path) => {
    const { places, open } = dataOf(scopeOfSteps(...makers, processing([ofStep(path)])));
    expect(places).toEqual([]);
    expect(open).toHaveLength(1);
  });

  test('is not followed in circles or beyond the depth limit', () => {
    const uri = (name: string) => ofStep(`${name}.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri`);
    const circle = scopeOfSteps(
      { Name: 'A', ...processing([], [uri('B')]) },
      { Name: 'B', ...processing([], [uri('A')]) },
    );
    expect(reasonsOf(circle)).toEqual([expect.stringContaining('is only known in a run')]);
    const wide = Array.from({ length: 60 }, (_, index) => ({
      Name: `W${index}`,
      ...processing(
        [],
        [joined('/', 's3://acme-data', ...Array.from({ length: 40 }, () => uri(`W${index + 1}`)))],
      ),
    }));
    for (const step of scopeOfSteps(...wide).definition.steps) {
      const { places, open } = stepData(step, scopeOfSteps(...wide));
      expect(places.length + open.length).toBe(1);
    }
    const long = scopeOfSteps(processing([{ 'Std:Join': { On: '/', Values: Array(200_000).fill(1) } }]));
    expect(reasonsOf(long)).toEqual(['this is no s3:// URI']);
  });
});

describe('the KMS keys of', () => {
  test.each<[string, RawStep, string[]]>([
    [
      'Training',
      training({
        OutputDataConfig: { KmsKeyId: 'alias/out' },
        ResourceConfig: { VolumeKmsKeyId: parameter('Bucket') },
      }),
      ['output alias/out', 'volume acme-data'],
    ],
    [
      'Processing',
      {
        Type: 'Processing',
        Arguments: {
          ProcessingOutputConfig: { KmsKeyId: 'k1' },
          ProcessingInputs: [{ DatasetDefinition: { AthenaDatasetDefinition: { KmsKeyId: 'k2' } } }],
          ProcessingResources: { ClusterConfig: { VolumeKmsKeyId: 'k3' } },
        },
      },
      ['output k1', 'output k2', 'volume k3'],
    ],
    [
      'Transform',
      {
        Type: 'Transform',
        Arguments: {
          TransformOutput: { KmsKeyId: 'k1' },
          DataCaptureConfig: { KmsKeyId: 'k2' },
          TransformResources: { VolumeKmsKeyId: 'k3' },
        },
      },
      ['output k1', 'output k2', 'volume k3'],
    ],
    [
      'Tuning',
      {
        Type: 'Tuning',
        Arguments: {
          TrainingJobDefinition: {
            OutputDataConfig: { KmsKeyId: 'k1' },
            ResourceConfig: { VolumeKmsKeyId: 'k2' },
          },
          TrainingJobDefinitions: [{ HyperParameterTuningResourceConfig: { VolumeKmsKeyId: 'k3' } }],
        },
      },
      ['output k1', 'volume k2', 'volume k3'],
    ],
    [
      'AutoML, of both versions',
      {
        Type: 'AutoML',
        Arguments: {
          OutputDataConfig: { KmsKeyId: 'k1' },
          AutoMLJobConfig: { SecurityConfig: { VolumeKmsKeyId: 'k2' } },
          SecurityConfig: { VolumeKmsKeyId: 'k3' },
        },
      },
      ['output k1', 'volume k2', 'volume k3'],
    ],
    [
      'a step whose key is an empty text',
      training({ OutputDataConfig: { KmsKeyId: parameter('None') } }),
      [],
    ],
  ])('%s', (_, step, expected) =>
    expect(dataOf(scopeOfSteps(step)).keys.map(({ use, key }) => `${use} ${key}`)).toEqual(expected),
  );

  test('a step are open if only a run can tell them', () =>
    expect(
      dataOf(scopeOfSteps(training({ ResourceConfig: { VolumeKmsKeyId: parameter('Unset') } }))),
    ).toMatchObject({
      keys: [],
      open: [
        {
          pointer: '/Steps/0/Arguments/ResourceConfig/VolumeKmsKeyId',
          reason: 'the KMS key {Parameters.Unset} is only known in a run',
        },
      ],
    }));
});

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** What must hold of every step, of whatever definition. */
const expectSound = (scope: ResolveScope): void => {
  for (const step of scope.definition.steps) {
    const { places, keys, open } = stepData(step, scope);
    for (const { bucket, keyPattern } of places) {
      expect(bucket).toMatch(BUCKET);
      expect(keyPattern).not.toContain('**');
    }
    for (const { key } of keys) expect(key).not.toBe('');
    const told = new Set([...places, ...open].map(({ pointer }) => pointer));
    for (const { pointer, value } of stepS3References(step))
      if (JSON.stringify(value).includes('"Steps.') && !pointer.includes('/ProfilerConfig/'))
        expect(told).toContain(pointer);
    expect(dataRole(step, scope, EXECUTION_ROLE).every(({ pointer }) => pointer.startsWith('/Steps/'))).toBe(
      true,
    );
  }
  const related = relatedSteps(scope);
  for (const [step, others] of related) {
    expect(others.has(step)).toBe(false);
    for (const other of others) expect(related.get(other)?.has(step)).toBe(true);
  }
};

const TYPES = [
  'Training',
  'Processing',
  'Transform',
  'Tuning',
  'AutoML',
  'Model',
  'QualityCheck',
  'Condition',
  'EMR',
];
const FIELDS = [
  'S3Uri',
  'S3OutputPath',
  'OutputDataConfig',
  'InputDataConfig',
  'DataSource',
  'S3DataSource',
  'ProcessingInputs',
  'S3Input',
  'ProcessingOutputConfig',
  'Outputs',
  'S3Output',
  'OutputName',
  'KmsKeyId',
  'RoleArn',
  'ModelName',
  'HyperParameters',
  'IfSteps',
  'TrainingJobDefinition',
  'TrainingJobDefinitions',
  'TrainingJobName',
  'PrimaryContainer',
  'ModelDataUrl',
  'Get',
  'Std:Join',
  'Values',
  'On',
  '__proto__',
];
const TEXTS = [
  's3://acme-data/x',
  's3://',
  '"s3://acme-data/"',
  '',
  'A',
  'ManifestFile',
  'Parameters.A',
  'Execution.PipelineExecutionId',
  'Steps.A.OutputDataConfig.S3OutputPath',
  'Steps.B.ModelArtifacts.S3ModelArtifacts',
  'Steps.B.ModelName',
  'Steps.',
  "Steps.A.ProcessingOutputConfig.Outputs['A'].S3Output.S3Uri",
  'Steps.A.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri',
];
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom<Json>(...TEXTS, null, 1),
    fc.string(),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('tree'), { maxKeys: 5 }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}));
const anyStep = fc.record({
  Name: fc.constantFrom('A', 'B', 'C.D'),
  Type: fc.constantFrom(...TYPES),
  Arguments: fc.dictionary(fc.constantFrom(...FIELDS), tree),
  DependsOn: fc.array(fc.constantFrom('A', 'B'), { maxLength: 2 }),
});

test('every place of any definition is known or open, and nothing throws', () =>
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 5 }), (Steps) =>
      expectSound(scopeOf(JSON.stringify({ Steps }))),
    ),
    { numRuns: 500 },
  ));

for (const part of ['real', 'generated'])
  describeCases(`pipelines/${part}`, `the data of definitions that others made: ${part}`, (folder) => {
    test.each(readdirSync(folder))('%s', (file) =>
      expectSound(scopeOf(readFileSync(join(folder, file), 'utf8'))),
    );
  });
