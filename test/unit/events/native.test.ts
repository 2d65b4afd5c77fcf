import { describe, expect, test } from '@jest/globals';
import { roleArn, sagemakerArn } from '../../setup/events.ts';
import { jobOf, only, read } from './reading.ts';

const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');

describe('events of SageMaker itself', () => {
  const native = (detailType: string, detail: object, resources: string[] = []) => ({
    'detail-type': detailType,
    source: 'aws.sagemaker',
    id: 'e-1',
    time: '2026-11-20T10:00:00Z',
    resources,
    detail,
  });
  const STEP = 'SageMaker Model Building Pipeline Execution Step Status Change';

  test('about a step lead to its job', () => {
    const detail = {
      stepName: 'TrainTheModelOfTheWholeTeam',
      pipelineExecutionArn: EXECUTION,
      metadata: { trainingJob: { arn: sagemakerArn('training-job/x') } },
    };
    expect(only(native(STEP, detail))).toMatchObject({
      type: 'job',
      trigger: { eventId: 'e-1' },
      job: {
        hasRecord: true,
        startedByPipeline: true,
        nameKeepsCase: false,
        execution: {
          executionId: 'a1b2c3d4e5f6',
          executionArn: EXECUTION,
          stepNameStart: 'TrainTheModelOfTheWholeTeam',
        },
      },
    });
  });

  test.each([{}, { lambda: { arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' } }, 'text'])(
    'about a step without a job (%j) ask for nothing',
    (metadata) => {
      expect(
        read(native(STEP, { stepName: 'x', pipelineExecutionArn: EXECUTION, metadata })).ignored,
      ).toHaveLength(1);
    },
  );

  test('about an execution lead to its pipeline', () => {
    const detail = { pipelineArn: sagemakerArn('pipeline/fraud'), pipelineExecutionArn: EXECUTION };
    expect(only(native('SageMaker Model Building Pipeline Execution Status Change', detail))).toMatchObject({
      type: 'pipeline',
      name: 'fraud',
      executions: [],
    });
  });

  test('about a job’s state tell its name and role', () => {
    const name = 'pipelines-a1b2c3d4e5f6-Train-Ab3dEf6hIj';
    const detail = {
      TrainingJobName: name,
      TrainingJobArn: sagemakerArn(`training-job/${name.toLowerCase()}`),
      RoleArn: roleArn('x'),
    };
    expect(jobOf(native('SageMaker Training Job State Change', detail))).toMatchObject({
      name,
      roleArns: [roleArn('x')],
      execution: { executionId: 'a1b2c3d4e5f6', stepNameStart: 'Train' },
    });
  });

  test('about other things are ignored', () => {
    expect(read(native('SageMaker Endpoint State Change', { EndpointName: 'x' })).ignored).toHaveLength(1);
    expect(read(native('EC2 Instance State-change Notification', {})).ignored).toHaveLength(1);
  });
});
