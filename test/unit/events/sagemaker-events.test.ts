import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AUDITED_DETAIL_TYPES } from '../../../shared/events/audited-calls.ts';
import { mergeRequests } from '../../../shared/requests/merge.ts';
import { roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { jobOf, only, read } from '../../support/builders/reading.ts';

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
        nameKeepsCase: false,
        step: { executionArn: EXECUTION, stepName: 'TrainTheModelOfTheWholeTeam' },
      },
    });
  });

  test.each(['cacheHitResult', 'selectiveExecutionResult'])(
    'about a step with the result of an earlier execution (%s) tie the job to no execution',
    (key) => {
      const about = (sourcePipelineExecutionArn: string) =>
        native(STEP, {
          stepName: 'Train',
          pipelineExecutionArn: EXECUTION,
          metadata: { trainingJob: { arn: sagemakerArn('training-job/x') } },
          [key]: { sourcePipelineExecutionArn },
        });
      const { requests, ignored } = read(about(sagemakerArn('pipeline/fraud/execution/zzzzzzzzzzzz')));
      expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('earlier execution')]);
      expect(jobOf(about(''))).toMatchObject({ step: { executionArn: EXECUTION } });
    },
  );

  test.each([undefined, sagemakerArn('pipeline/fraud'), 'x'])(
    'about a step of no execution (%s) are unreadable',
    (pipelineExecutionArn) => {
      const metadata = { trainingJob: { arn: sagemakerArn('training-job/x') } };
      const { unreadable } = read(native(STEP, { stepName: 'Train', pipelineExecutionArn, metadata }));
      expect(unreadable[0]?.reason).toBe('the event names a job but not its execution');
    },
  );

  test.each(['my.app', 'sagemaker', ''])(
    'of the source %j, which anybody may use, are not believed',
    (source) => {
      const detail = {
        stepName: 'Train',
        pipelineExecutionArn: EXECUTION,
        metadata: { trainingJob: { arn: sagemakerArn('training-job/x') } },
      };
      const { requests, ignored } = read({ ...native(STEP, detail), source });
      expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('not of AWS itself')]);
    },
  );

  test.each([
    {},
    { glue: { arn: 'arn:aws:glue:eu-west-1:111122223333:job/x' } },
    { lambda: { arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' } },
    'text',
  ])('about a step without a job (%j) ask for nothing', (metadata) => {
    expect(
      read(native(STEP, { stepName: 'x', pipelineExecutionArn: EXECUTION, metadata })).ignored,
    ).toHaveLength(1);
  });

  test('about an execution lead to its pipeline', () => {
    const detail = { pipelineArn: sagemakerArn('pipeline/fraud'), pipelineExecutionArn: EXECUTION };
    expect(only(native('SageMaker Model Building Pipeline Execution Status Change', detail))).toMatchObject({
      type: 'pipeline',
      name: 'fraud',
      executions: [],
    });
  });

  test('about a job’s state tell its name and role, and nothing of an execution, whatever the name', () => {
    const name = 'pipelines-a1b2c3d4e5f6-Train-Ab3dEf6hIj';
    const detail = {
      TrainingJobName: name,
      TrainingJobArn: sagemakerArn(`training-job/${name.toLowerCase()}`),
      RoleArn: roleArn('x'),
    };
    expect(jobOf(native('SageMaker Training Job State Change', detail))).toEqual({
      kind: 'training-job',
      name,
      nameKeepsCase: true,
      hasRecord: true,
      roleArns: [roleArn('x')],
    });
  });

  test.each<[string, string, string, object]>([
    ['Training Job', 'TrainingJob', 'training-job', { RoleArn: roleArn('x') }],
    ['Processing Job', 'ProcessingJob', 'processing-job', { RoleArn: roleArn('x') }],
    ['Transform Job', 'TransformJob', 'transform-job', { ModelName: 'm' }],
    [
      'HyperParameter Tuning Job',
      'HyperParameterTuningJob',
      'hyper-parameter-tuning-job',
      { TrainingJobDefinition: { RoleArn: roleArn('x') }, TrainingJobDefinitions: null },
    ],
    [
      'Model Package',
      'ModelPackage',
      'model-package',
      { ValidationSpecification: { ValidationRole: roleArn('x') } },
    ],
    ['Model', 'Model', 'model', { ExecutionRoleArn: roleArn('x') }],
    ['Ground Truth Labeling Job', 'LabelingJob', 'labeling-job', { RoleArn: roleArn('x') }],
    ['Model Card Export Job', 'ModelCardExportJob', 'model-card-export-job', {}],
  ])('SageMaker %s State Change leads to the job', (noun, prefix, arnType, fields) => {
    const detailType = `SageMaker ${noun} State Change`;
    const arn = sagemakerArn(`${arnType}/x-1`);
    const detail = { [`${prefix}Name`]: 'X-1', [`${prefix}Arn`]: arn, Tags: {}, ...fields };
    const event = native(detailType, detail, [arn]);
    const hasRole = JSON.stringify(fields).includes(roleArn('x'));
    expect(AUDITED_DETAIL_TYPES).toContain(detailType);
    expect(only(event)).toEqual({
      type: 'job',
      resource: { type: 'job', arn },
      changed: ['state'],
      trigger: { eventId: 'e-1', eventName: detailType, eventTime: '2026-11-20T10:00:00Z' },
      job: {
        kind: arnType,
        name: 'X-1',
        nameKeepsCase: true,
        hasRecord: true,
        roleArns: hasRole ? [roleArn('x')] : [],
      },
    });
    expect(only({ ...event, detail: null })).toMatchObject({ resource: { arn }, job: { name: 'x-1' } });
    expect(only({ ...event, resources: null })).toEqual(only(event));
    const { detail: _, resources, ...bare } = event;
    expect(only({ ...bare, Resources: resources })).toMatchObject({ resource: { arn } });
    expect(read({ ...bare, detail: {} }).unreadable[0]?.reason).toBe('the event names no job');
  });

  test('about the states of one job are one request', () => {
    const name = 'fraud-a1b2c3d4e5f6-Ab3dEf6hIj';
    const events = ['InProgress', 'Completed'].map((TrainingJobStatus) =>
      only(
        native('SageMaker Training Job State Change', {
          TrainingJobName: name,
          TrainingJobArn: sagemakerArn(`training-job/${name.toLowerCase()}`),
          TrainingJobStatus,
        }),
      ),
    );
    expect(mergeRequests(events)).toEqual([events[0]]);
  });

  test('about a job with an ARN of no known type are about the job of that name', () => {
    const detail = {
      HyperParameterTuningJobName: 'tune-1',
      HyperParameterTuningJobArn: sagemakerArn('tuningJob/x'),
    };
    expect(only(native('SageMaker HyperParameter Tuning Job State Change', detail))).toMatchObject({
      resource: { arn: sagemakerArn('hyper-parameter-tuning-job/tune-1') },
      job: { kind: 'hyper-parameter-tuning-job', name: 'tune-1' },
    });
  });

  test('about a version of a model package name its group and version', () => {
    const arn = sagemakerArn('model-package/fraud/2');
    const detail = { ModelPackageGroupName: 'fraud', ModelPackageVersion: 2, ModelPackageArn: arn };
    const request = only(native('SageMaker Model Package State Change', detail));
    expect(request).toMatchObject({ resource: { arn }, job: { kind: 'model-package' } });
    expect(request).not.toHaveProperty('job.name');
    expect(request).not.toHaveProperty('job.roleArns');
  });

  test.each<[string, object]>([
    ['tune-1', { TuningJobArn: sagemakerArn('hyper-parameter-tuning-job/tune-1') }],
    ['tune', {}],
  ])('about a training job of the tuning job %s ask for nothing', (tuningJob, fields) => {
    const detail = {
      TrainingJobName: 'tune-001-c4159396',
      TrainingJobArn: sagemakerArn('training-job/tune-001-c4159396'),
      ...fields,
    };
    const { requests, ignored } = read(native('SageMaker Training Job State Change', detail));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining(`tuning job ${tuningJob},`)]);
  });

  test('about a check lead to the processing job that makes it', () => {
    const arn = sagemakerArn('processing-job/x');
    const metadata = { qualityCheck: { checkType: 'DATA_QUALITY', checkJobArn: arn } };
    expect(only(native(STEP, { stepName: 'q', pipelineExecutionArn: EXECUTION, metadata }))).toMatchObject({
      resource: { arn },
      job: { kind: 'processing-job' },
    });
  });

  test('are read, or kept with the reason, whatever they contain', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant(sagemakerArn('training-job/x')));
    const keys = fc.constantFrom(
      'TrainingJobName',
      'TrainingJobArn',
      'RoleArn',
      'metadata',
      'stepName',
      'pipelineArn',
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...AUDITED_DETAIL_TYPES),
        fc.oneof(fc.dictionary(keys, value), fc.jsonValue()),
        fc.jsonValue(),
        (detailType, detail, resources) => {
          const { requests, ignored, unreadable } = read({ 'detail-type': detailType, detail, resources });
          expect(requests.length + ignored.length + unreadable.length).toBe(1);
        },
      ),
    );
  });

  test('about other things are ignored', () => {
    expect(read(native('SageMaker Endpoint State Change', { EndpointName: 'x' })).ignored).toHaveLength(1);
    expect(
      read(native('SageMaker Endpoint State Change', {}, [sagemakerArn('model/x')])).ignored,
    ).toHaveLength(1);
    expect(read(native('EC2 Instance State-change Notification', {})).ignored).toHaveLength(1);
  });
});
