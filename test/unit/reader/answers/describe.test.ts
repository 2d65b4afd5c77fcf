import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { jobDescription, jobRoleArns, pipelineFact } from '../../../../shared/reader/answers/describe.ts';
import { found } from '../../../../shared/reader/read-result.ts';
import { describeCases } from '../../../support/builders/cases.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws-cn' };
const asked = { scope, nameAsked: 'asked' };
const ROLE = 'arn:aws:iam::111122223333:role/r';

describe('a job', () => {
  test('has the name in its description, or else the name that was asked for', () => {
    expect(
      jobDescription('training-job', { TrainingJobName: 'n', TrainingJobArn: 'arn', RoleArn: ROLE }, asked),
    ).toEqual({
      kind: 'training-job',
      name: 'n',
      arn: 'arn',
      roleArns: [ROLE],
    });
    expect(jobDescription('auto-ml-job-v2', {}, asked)).toEqual({
      kind: 'auto-ml-job-v2',
      name: 'asked',
      arn: 'arn:aws-cn:sagemaker:eu-west-1:111122223333:automl-job/asked',
      roleArns: [],
    });
  });

  test.each<[string, unknown, string | undefined]>([
    ['the SDK’s Date', new Date('2026-01-02T03:04:05.678Z'), '2026-01-02T03:04:05.678Z'],
    ['the CLI’s text with an offset', '2026-01-02T03:04:05.678000+02:00', '2026-01-02T01:04:05.678Z'],
    ['seconds', 1_767_323_045.678, '2026-01-02T03:04:05.678Z'],
    ['no time', 'yesterday', undefined],
    ['a time beyond all', 1e300, undefined],
    ['an object', {}, undefined],
  ])('%s is its time of creation', (_, CreationTime, createdAt) => {
    expect(jobDescription('model', { CreationTime }, asked).createdAt).toBe(createdAt);
  });
});

test.each<[string, Parameters<typeof jobRoleArns>, string[]]>([
  ['a model', ['model', { ExecutionRoleArn: ROLE }], [ROLE]],
  ['a transform job, which has none', ['transform-job', { RoleArn: ROLE }], []],
  [
    'each definition of a tuning job, once',
    [
      'hyper-parameter-tuning-job',
      { TrainingJobDefinitions: [{ RoleArn: ROLE }, { RoleArn: 'b' }, { RoleArn: ROLE }] },
    ],
    [ROLE, 'b'],
  ],
  [
    'one definition instead of a list',
    ['hyper-parameter-tuning-job', { trainingJobDefinitions: { roleArn: ROLE } }],
    [ROLE],
  ],
  [
    'an AutoML job, whichever version its ARN was taken for',
    [
      'auto-ml-job',
      { RoleArn: ROLE, AutoMLComputeConfig: { EmrServerlessComputeConfig: { ExecutionRoleARN: 'emr' } } },
    ],
    [ROLE, 'emr'],
  ],
  ['a request whose acronyms are written otherwise', ['ai-benchmark-job', { rolearn: ROLE }], [ROLE]],
  ['something else', ['model', [{ ExecutionRoleArn: { Get: 'Parameters.Role' } }]], []],
])('roles of %s', (_, [kind, source], expected) => {
  expect(jobRoleArns(kind, source)).toEqual(expected);
});

describe('a pipeline', () => {
  const source = { PipelineName: 'p', PipelineArn: 'arn', RoleArn: ROLE };

  test('keeps its definition as it is, or as JSON where it is an object', () => {
    const fact = (PipelineDefinition: unknown) =>
      pipelineFact({ ...source, PipelineDefinition }, 'call', scope, 'asked');
    expect(fact('{ "Steps": [] }')).toEqual(
      found({ name: 'p', arn: 'arn', roleArn: ROLE, definitionText: '{ "Steps": [] }' }),
    );
    expect(fact({ Steps: [] })).toMatchObject({ value: { definitionText: '{"Steps":[]}' } });
  });

  test.each([
    ['no role', { PipelineDefinition: '{}' }, 'RoleArn'],
    ['no definition', { RoleArn: ROLE }, 'PipelineDefinition'],
    [
      'a definition nested beyond the stack',
      { RoleArn: ROLE, PipelineDefinition: nested(200_000) },
      'PipelineDefinition',
    ],
  ])('with %s is incomplete, and says so', (_, part, named) => {
    expect(pipelineFact(part, 'call', scope, 'asked')).toEqual({
      ok: false,
      unread: { call: 'call', code: 'Incomplete', message: `it holds no ${named} of the pipeline asked` },
    });
  });
});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = { Steps: value };
  return value;
}

describeCases('events/shape-cloudtrail-CreateTrainingJob-v1.11.json', 'a request of CloudTrail', (file) => {
  test('is read like the output of a Describe call', () => {
    const { requestParameters } = JSON.parse(readFileSync(file, 'utf8')) as { requestParameters: unknown };
    expect(jobDescription('training-job', requestParameters, asked)).toEqual({
      kind: 'training-job',
      name: 'Example-Job-001',
      arn: 'arn:aws:sagemaker:eu-central-1:111122223333:training-job/Example-Job-001',
      roleArns: ['arn:aws:iam::111122223333:role/example-trainer-role'],
    });
  });
});
