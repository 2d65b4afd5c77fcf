import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cloudTrail, roleArn, sagemakerArn, session, stepJob } from '../../support/builders/events.ts';
import { jobOf, only, read, recased } from '../../support/builders/reading.ts';

const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');

describe('a record about a job', () => {
  test.each([
    ['CreateTrainingJob', 'trainingJobName', 'training-job'],
    ['CreateProcessingJob', 'ProcessingJobName', 'processing-job'],
    ['CreateTransformJob', 'transformJobName', 'transform-job'],
    ['CreateHyperParameterTuningJob', 'hyperParameterTuningJobName', 'hyper-parameter-tuning-job'],
    ['CreateAutoMLJob', 'autoMLJobName', 'automl-job'],
    ['CreateAutoMLJobV2', 'AUTOMLJOBNAME', 'automl-job'],
    ['CreateModel', 'modelName', 'model'],
    ['CreateAIBenchmarkJob', 'aIBenchmarkJobName', 'ai-benchmark-job'],
    ['CreateJob', 'jobName', 'job'],
  ])('%s, named by %s', (eventName, key, arnType) => {
    const request = only(cloudTrail(eventName, { [key]: 'x-1' }));
    expect(request).toMatchObject({
      type: 'job',
      resource: { arn: sagemakerArn(`${arnType}/x-1`) },
      job: { name: 'x-1', nameKeepsCase: true },
    });
  });

  test('has the roles of every definition, whatever the case of its keys', () => {
    const request = {
      HYPERPARAMETERTUNINGJOBNAME: 't',
      trainingJobDefinition: { ROLEARN: 'a' },
      trainingJobDefinitions: [{ roleArn: 'b' }, { RoleArn: 'c' }],
    };
    expect(jobOf(cloudTrail('CreateHyperParameterTuningJob', request)).roleArns).toEqual(['a', 'b', 'c']);
  });

  test('reads the same whatever the case of its keys', () => {
    const record = stepJob({
      executionId: 'a1b2c3d4e5f6',
      step: 'Train',
      name: 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj',
      role: 'steps/train',
    });
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (upper) => {
        expect(read(recased(record, upper))).toEqual(read(record));
      }),
    );
  });

  test.each<[string, unknown, object]>([
    [
      'a step’s session',
      session('pipelines/fraud', 'sagemaker-pipeline-a1b2c3d4e5f6-Train-the-Model-of-F'),
      {
        caller: { principalArn: roleArn('pipelines/fraud') },
        startedByPipeline: true,
        execution: {
          executionId: 'a1b2c3d4e5f6',
          stepNameStart: 'Train-the-Model-of-F',
          principalArn: roleArn('pipelines/fraud'),
        },
      },
    ],
    [
      'a session that only looks like one',
      session('data-scientist', 'sagemaker-pipeline-A1B2-x'),
      { caller: { principalArn: roleArn('data-scientist') }, startedByPipeline: false },
    ],
    [
      'a user',
      { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/maya' },
      { caller: { principalArn: 'arn:aws:iam::111122223333:user/maya' }, startedByPipeline: false },
    ],
    [
      'a session without its role',
      { type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/ci/build' },
      { caller: { sessionArn: 'arn:aws:sts::111122223333:assumed-role/ci/build' }, startedByPipeline: false },
    ],
    ['nobody', null, {}],
  ])('knows who started it: %s', (_, userIdentity, expected) => {
    const { kind, name, nameKeepsCase, roleArns, ...rest } = jobOf(
      cloudTrail('CreateTrainingJob', { trainingJobName: 'x' }, { userIdentity }),
    );
    expect(rest).toEqual(expected);
  });

  test.each<[string, string | undefined]>([
    [EXECUTION, EXECUTION],
    [sagemakerArn('pipeline/fraud/execution/zzzzzzzzzzzz'), undefined],
  ])('believes the execution tag %s only where the session agrees', (value, executionArn) => {
    const record = stepJob({ executionId: 'a1b2c3d4e5f6', step: 'Train', name: 'x', role: 'r' });
    record.requestParameters = {
      trainingJobName: 'x',
      tags: [{ key: 'sagemaker:pipeline-execution-arn', value }],
    };
    expect(jobOf(record).execution?.executionArn).toBe(executionArn);
  });

  test('that names nothing is unreadable', () => {
    const { requests, unreadable } = read(cloudTrail('CreateTrainingJob', {}));
    expect([requests, unreadable[0]?.reason]).toEqual([[], expect.stringContaining('names no job')]);
  });

  test('whose request was left out is still named by the response', () => {
    const fields = { responseElements: { trainingJobArn: sagemakerArn('training-job/x') } };
    expect(jobOf(cloudTrail('CreateTrainingJob', { omitted: 'true' }, fields))).toMatchObject({
      name: 'x',
      nameKeepsCase: false,
    });
  });

  test('that SageMaker made for a tuning job is audited with that one', () => {
    const { requests, ignored } = read(
      cloudTrail(
        'CreateTrainingJob',
        { trainingJobName: 'tune-001-c4159396' },
        { eventType: 'AwsServiceEvent' },
      ),
    );
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('tuning job tune')]);
    expect(
      read(cloudTrail('CreateTrainingJob', { trainingJobName: 'tune-001-c4159396' })).requests,
    ).toHaveLength(1);
  });

  test('of a model package in a group has no name', () => {
    const fields = { responseElements: { modelPackageArn: sagemakerArn('model-package/fraud/3') } };
    expect(
      jobOf(cloudTrail('CreateModelPackage', { modelPackageGroupName: 'fraud' }, fields)).name,
    ).toBeUndefined();
  });
});
