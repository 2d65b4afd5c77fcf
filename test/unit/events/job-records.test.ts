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
      'a session that is named as a step’s, which is the caller’s word',
      session('pipelines/fraud', 'sagemaker-pipeline-a1b2c3d4e5f6-Train-the-Model-of-the-Team'),
      {
        caller: {
          principalArn: roleArn('pipelines/fraud'),
          claim: { by: 'session', executionId: 'a1b2c3d4e5f6', stepNameStart: 'Train-the-Model-of-t' },
        },
      },
    ],
    [
      'a session that only looks like one',
      session('data-scientist', 'sagemaker-pipeline-A1B2-x'),
      { caller: { principalArn: roleArn('data-scientist') } },
    ],
    [
      'a user',
      { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/maya' },
      { caller: { principalArn: 'arn:aws:iam::111122223333:user/maya' } },
    ],
    [
      'a user who is named as a step’s session',
      { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/sagemaker-pipeline-a1b2c3d4e5f6-Train' },
      { caller: { principalArn: 'arn:aws:iam::111122223333:user/sagemaker-pipeline-a1b2c3d4e5f6-Train' } },
    ],
    [
      'a session without its role',
      { type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/ci/build' },
      { caller: { sessionArn: 'arn:aws:sts::111122223333:assumed-role/ci/build' } },
    ],
    ['nobody', null, {}],
    ['AWS itself', { accountId: '111122223333', invokedBy: 'sagemaker.amazonaws.com' }, {}],
  ])('knows who created it: %s', (_, userIdentity, expected) => {
    const { kind, name, nameKeepsCase, roleArns, ...rest } = jobOf(
      cloudTrail('CreateTrainingJob', { trainingJobName: 'x' }, { userIdentity }),
    );
    expect(rest).toEqual(expected);
  });

  const OTHER = sagemakerArn('pipeline/fraud/execution/zzzzzzzzzzzz');

  test.each<[string, string, string, unknown, object | undefined]>([
    [
      'the session, and the tag where it agrees',
      'sagemaker-pipeline-a1b2c3d4e5f6-Train',
      'key',
      EXECUTION,
      { by: 'session', executionId: 'a1b2c3d4e5f6', stepNameStart: 'Train', executionArn: EXECUTION },
    ],
    [
      'the session alone, where the tag names another execution',
      'sagemaker-pipeline-a1b2c3d4e5f6-Train',
      'key',
      OTHER,
      { by: 'session', executionId: 'a1b2c3d4e5f6', stepNameStart: 'Train' },
    ],
    [
      'the session without a step',
      'sagemaker-pipeline-a1b2c3d4e5f6',
      'Key',
      EXECUTION,
      { by: 'session', executionId: 'a1b2c3d4e5f6', executionArn: EXECUTION },
    ],
    ['the tag alone', 'maya', 'key', OTHER, { by: 'tag', executionId: 'zzzzzzzzzzzz', executionArn: OTHER }],
    [
      'nothing, where the tag is no execution’s ARN',
      'maya',
      'key',
      sagemakerArn('pipeline/fraud'),
      undefined,
    ],
    ['nothing, where the tag is longer than any', 'maya', 'key', `${OTHER}${'z'.repeat(300)}`, undefined],
    ['nothing, where the tag is no text', 'maya', 'key', { a: 1 }, undefined],
  ])('repeats the creator’s claim of an execution: %s', (_, name, key, value, claim) => {
    const record = cloudTrail(
      'CreateTrainingJob',
      {
        trainingJobName: 'x',
        tags: [
          { [key]: 'team', value: EXECUTION },
          { [key]: 'sagemaker:pipeline-execution-arn', value },
        ],
      },
      { userIdentity: session('data-scientist', name) },
    );
    expect(jobOf(record).caller?.claim).toEqual(claim);
  });

  test('names the job of the response, which its caller did not write', () => {
    const record = cloudTrail(
      'CreateTrainingJob',
      { trainingJobName: 'x', trainingJobArn: sagemakerArn('training-job/victim') },
      { responseElements: { trainingJobArn: sagemakerArn('training-job/x') } },
    );
    expect(only(record).resource.arn).toBe(sagemakerArn('training-job/x'));
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

  test('that SageMaker made for a tuning job is ignored, as the tuning job is audited', () => {
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

test('a training session is a job of its caller, with the role that it names', () => {
  const name = 'fraud-tune';
  const record = cloudTrail(
    'CreateTrainingSession',
    { trainingSessionName: name, roleArn: roleArn('steps/tune') },
    { responseElements: { trainingSessionArn: sagemakerArn(`training-session/${name}`) } },
  );
  expect(only(record)).toMatchObject({
    type: 'job',
    resource: { arn: sagemakerArn(`training-session/${name}`) },
    job: { kind: 'training-session', name, roleArns: [roleArn('steps/tune')] },
  });
});
