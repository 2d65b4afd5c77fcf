import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { describedJob, pipelineFact } from '../../../../shared/reader/answers/describe.ts';
import { found } from '../../../../shared/reader/read-result.ts';
import { describeCases } from '../../../support/builders/cases.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws-cn' };
const asked = { scope, nameAsked: 'asked' };
const ROLE = 'arn:aws:iam::111122223333:role/r';

describe('a job', () => {
  test('has the name in its description, or else the name that was asked for', () => {
    const named = { TrainingJobName: 'n', TrainingJobArn: 'arn', RoleArn: ROLE };
    expect(describedJob('training-job', named, 'call', asked)).toEqual(
      found({ kind: 'training-job', name: 'n', arn: 'arn', roleArns: [ROLE] }),
    );
    expect(describedJob('auto-ml-job-v2', { RoleArn: ROLE }, 'call', asked)).toEqual(
      found({
        kind: 'auto-ml-job-v2',
        name: 'asked',
        arn: 'arn:aws-cn:sagemaker:eu-west-1:111122223333:automl-job/asked',
        roleArns: [ROLE],
      }),
    );
  });

  test('without the role that the API requires is incomplete, and says so', () => {
    expect(describedJob('auto-ml-job-v2', {}, 'call', asked)).toEqual({
      ok: false,
      unread: { call: 'call', code: 'Incomplete', message: 'it holds no role of the auto-ml-job-v2 asked' },
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
    const job = describedJob('model', { CreationTime }, 'call', asked);
    expect(job.ok && job.value.createdAt).toBe(createdAt);
  });
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
    expect(describedJob('training-job', requestParameters, 'call', asked)).toEqual(
      found({
        kind: 'training-job',
        name: 'Example-Job-001',
        arn: 'arn:aws:sagemaker:eu-central-1:111122223333:training-job/Example-Job-001',
        roleArns: ['arn:aws:iam::111122223333:role/example-trainer-role'],
      }),
    );
  });
});
