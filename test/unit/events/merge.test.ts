import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeRequests } from '../../../shared/events/merge.ts';
import { cloudTrail, roleArn, sagemakerArn, stepJob } from '../../setup/events.ts';
import { only, S3 } from './reading.ts';

const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');

describe('requests for one resource', () => {
  const start = (time: string, parameters: object) =>
    only(
      cloudTrail(
        'StartPipelineExecution',
        { pipelineName: 'fraud', pipelineParameters: [{ name: 'A', value: JSON.stringify(parameters) }] },
        { eventTime: time },
      ),
    );

  test('become one, in any order: the newest leads, and every execution stays', () => {
    const requests = ['2026-11-20T10:00:01Z', '2026-11-20T10:00:03Z', '2026-11-20T10:00:02Z'].map((time) =>
      start(time, { time }),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(requests, { minLength: 3 }), (shuffled) => {
        const [merged, ...others] = mergeRequests(shuffled);
        expect(others).toEqual([]);
        expect(merged?.trigger?.eventTime).toBe('2026-11-20T10:00:03Z');
        expect(merged?.type === 'pipeline' && merged.executions.length).toBe(3);
      }),
    );
  });

  test('know a job’s creator and name from its record, and its step from SageMaker’s own event', () => {
    const name = 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj';
    const record = only(
      stepJob({
        executionId: 'a1b2c3d4e5f6',
        step: 'TrainTheModelOfTheWholeTeam',
        name,
        role: 'steps/train',
      }),
    );
    const event = only({
      'detail-type': 'SageMaker Model Building Pipeline Execution Step Status Change',
      time: '2999-01-01T00:00:00Z',
      detail: {
        stepName: 'TrainTheModelOfTheWholeTeam',
        pipelineExecutionArn: EXECUTION,
        metadata: { trainingJob: { arn: sagemakerArn(`training-job/${name.toLowerCase()}`) } },
      },
    });
    for (const order of [
      [record, event],
      [event, record],
    ]) {
      expect(mergeRequests(order)).toEqual([
        expect.objectContaining({
          job: expect.objectContaining({
            name,
            nameKeepsCase: true,
            roleArns: [roleArn('steps/train')],
            caller: { principalArn: roleArn('pipelines/fraud') },
            execution: expect.objectContaining({
              executionArn: EXECUTION,
              stepNameStart: 'TrainTheModelOfTheWholeTeam',
            }),
          }),
        }),
      ]);
      expect(mergeRequests(order)[0]).not.toHaveProperty('job.hasRecord');
    }
  });

  test('of different resources stay apart', () => {
    const records = [
      cloudTrail('UpdatePipeline', { pipelineName: 'a' }),
      cloudTrail('UpdatePipeline', { pipelineName: 'b' }),
      cloudTrail('PutBucketCors', { bucketName: 'a' }, S3),
    ];
    expect(mergeRequests(records.map(only))).toHaveLength(3);
  });
});
