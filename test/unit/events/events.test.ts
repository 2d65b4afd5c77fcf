import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AuditRequest, ReadEvents } from '../../../shared/events/audit-request.ts';
import { readEventFile } from '../../../shared/events/event-file.ts';
import { mergeRequests } from '../../../shared/events/merge.ts';
import { readEvents } from '../../../shared/events/read-events.ts';
import type { Json } from '../../../shared/json.ts';
import { describeCases } from '../../setup/cases.ts';
import { cloudTrail, envelope, roleArn, sagemakerArn, session, stepJob } from '../../setup/events.ts';

const read = (value: unknown): ReadEvents => readEvents(value as Json, 'input');
const only = (value: unknown): AuditRequest => {
  const { requests, ignored, unreadable } = read(value);
  expect([requests.length, ignored, unreadable]).toEqual([1, [], []]);
  return requests[0] as AuditRequest;
};
const jobOf = (value: unknown) => {
  const request = only(value);
  if (request.type !== 'job') throw new Error(request.type);
  return request.job;
};
const s3 = { eventSource: 's3.amazonaws.com' };
const EXECUTION = sagemakerArn('pipeline/fraud/execution/a1b2c3d4e5f6');

describe('a record about a pipeline', () => {
  test.each<[string, unknown, object]>([
    [
      'CreatePipeline',
      { pipelineName: 'fraud' },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
    ['UpdatePipeline', { pipelineName: 'fraud', roleArn: roleArn('x') }, {}],
    ['UpdatePipelineVersion', { pipelineArn: sagemakerArn('pipeline/fraud'), pipelineVersionId: 7 }, {}],
    ['StartPipelineExecution', { pipelineName: sagemakerArn('pipeline/fraud') }, {}],
    ['StartPipelineExecution', null, { responseElements: { pipelineExecutionArn: EXECUTION } }],
    ['DeletePipeline', { pipelineName: 'fraud' }, {}],
    [
      'UpdatePipeline',
      { reason: 'requestParameters too large', omitted: 'true', originalSize: '149893' },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
    [
      'UpdatePipeline',
      { omitted: true },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    ],
  ])('%s %j', (eventName, request, fields) => {
    expect(only(cloudTrail(eventName, request, fields as Record<string, unknown>))).toMatchObject({
      type: 'pipeline',
      name: 'fraud',
      resource: { type: 'pipeline', arn: sagemakerArn('pipeline/fraud') },
      deleted: eventName === 'DeletePipeline',
      trigger: { eventName },
    });
  });

  test.each<[string, unknown, Record<string, string>]>([
    [
      'a list',
      [
        { name: 'A', value: 'x' },
        { Name: 'B', Value: 2 },
      ],
      { A: 'x', B: '2' },
    ],
    ['one object', { name: 'A', value: true }, { A: 'true' }],
    ['nothing', null, {}],
    ['things that are none', [{ name: 'A' }, 7, { value: 'x' }], {}],
  ])(
    'has the parameters that an execution was started with, given as %s',
    (_, pipelineParameters, parameters) => {
      const start = cloudTrail(
        'StartPipelineExecution',
        { pipelineName: 'fraud', pipelineParameters },
        { responseElements: { pipelineExecutionArn: EXECUTION } },
      );
      expect(only(start)).toMatchObject({
        executions: [{ executionArn: EXECUTION, parameters, isVersionChosen: false }],
      });
    },
  );

  test.each([{ pipelineVersionId: 3 }, { pipelineVersionAlias: 'prod' }])(
    'knows a chosen version by %j',
    (chosen) => {
      expect(only(cloudTrail('StartPipelineExecution', { pipelineName: 'fraud', ...chosen }))).toMatchObject({
        executions: [{ isVersionChosen: true }],
      });
    },
  );

  test('keeps what it carries, for a pipeline that is gone when it is looked at', () => {
    const definitionText = '{"Steps": []}';
    expect(
      only(
        cloudTrail('UpdatePipeline', {
          pipelineName: 'fraud',
          pipelineDefinition: definitionText,
          roleArn: roleArn('x'),
        }),
      ),
    ).toMatchObject({
      inEvent: { definitionText, roleArn: roleArn('x') },
    });
  });

  test('of another service with the same operation is not one', () => {
    for (const eventSource of ['codepipeline.amazonaws.com', 'datapipeline.amazonaws.com']) {
      const { requests, ignored } = read(cloudTrail('CreatePipeline', { name: 'web' }, { eventSource }));
      expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining(eventSource)]);
    }
  });

  test('of a call that failed changed nothing', () => {
    const { requests, ignored } = read(cloudTrail('UpdatePipeline', null, { errorCode: 'AccessDenied' }));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('AccessDenied')]);
  });

  test.each<[string, unknown]>([
    ['UpdatePipeline', null],
    ['UpdatePipeline', { omitted: 'true', reason: 'requestParameters too large' }],
    ['CreateTrainingJob', {}],
    ['PutBucketCors', { cors: '' }],
    ['CreateRole', 'text'],
  ])('%s %j that names nothing is unreadable, and kept', (eventName, request) => {
    const source = eventName.includes('Bucket')
      ? s3
      : eventName === 'CreateRole'
        ? { eventSource: 'iam.amazonaws.com' }
        : {};
    const { requests, unreadable } = read(cloudTrail(eventName, request, source));
    expect([requests, unreadable]).toEqual([
      [],
      [
        expect.objectContaining({
          at: 'input',
          trigger: expect.objectContaining({ eventName }),
          excerpt: expect.stringContaining('eventName'),
        }),
      ],
    ]);
  });
});

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
    const recase = (value: unknown, upper: boolean[]): unknown => {
      let next = 0;
      const turn = (key: string) =>
        [...key]
          .map((letter) => (upper[next++ % upper.length] ? letter.toUpperCase() : letter.toLowerCase()))
          .join('');
      const walk = (inner: unknown): unknown =>
        typeof inner !== 'object' || inner === null
          ? inner
          : Array.isArray(inner)
            ? inner.map(walk)
            : Object.fromEntries(Object.entries(inner).map(([key, of]) => [turn(key), walk(of)]));
      return walk(value);
    };
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), (upper) => {
        expect(read(recase(record, upper))).toEqual(read(record));
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

describe('a record about a bucket or a role', () => {
  test.each<[string, unknown, boolean]>([
    [
      'PutBucketCors',
      {
        bucketName: 'scans',
        Host: 'scans.s3.amazonaws.com',
        cors: '',
        CORSConfiguration: { CORSRule: { AllowedMethod: 'PUT' } },
      },
      false,
    ],
    ['PutBucketCors', { bucketName: 'scans', cors: [''], host: ['s3.eu-west-3.amazonaws.com'] }, false],
    ['DeleteBucketCors', { bucketName: 'scans' }, false],
    ['PutBucketTagging', { bucketName: 'scans' }, false],
    ['DeleteBucket', { bucketName: 'scans' }, true],
  ])('%s %j', (eventName, request, deleted) => {
    expect(only(cloudTrail(eventName, request, s3))).toMatchObject({
      type: 'bucket',
      name: 'scans',
      deleted,
      resource: { arn: 'arn:aws:s3:::scans' },
    });
  });

  test('finds the bucket among the record’s resources, and keeps its partition', () => {
    const fields = {
      ...s3,
      awsRegion: 'cn-north-1',
      userIdentity: null,
      resources: [{ ARN: 'arn:aws-cn:s3:::scans/key' }, { ARN: 'arn:aws-cn:s3:::scans' }],
    };
    expect(only(cloudTrail('PutBucketCors', null, fields))).toMatchObject({
      resource: { arn: 'arn:aws-cn:s3:::scans' },
    });
  });

  test('of a role that was made or deleted', () => {
    const iam = { eventSource: 'iam.amazonaws.com' };
    const response = { responseElements: { role: { arn: roleArn('path/x') } } };
    expect(only(cloudTrail('CreateRole', { roleName: 'x' }, { ...iam, ...response }))).toMatchObject({
      type: 'role',
      name: 'x',
      resource: { arn: roleArn('path/x') },
    });
    expect(only(cloudTrail('DeleteRole', { roleName: 'x' }, iam))).toMatchObject({
      type: 'role',
      deleted: true,
    });
    expect(read(cloudTrail('PutRolePolicy', { roleName: 'x' }, iam)).ignored).toHaveLength(1);
  });
});

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

describe('whatever wraps a record', () => {
  const record = cloudTrail('UpdatePipeline', { pipelineName: 'fraud' });
  const text = JSON.stringify(record);
  const deep = Array.from({ length: 20 }).reduce<unknown>(
    (inner) => ({ body: JSON.stringify(inner) }),
    record,
  );

  test.each<[string, unknown]>([
    ['EventBridge', envelope(record)],
    ['a list', [[record]]],
    ['a CloudTrail log file', { Records: [record] }],
    ['a log file with a single record', { Records: record }],
    ['an SQS batch', { Records: [{ messageId: 'm', body: JSON.stringify(envelope(record)) }] }],
    ['SQS on the command line', { Messages: [{ Body: text }] }],
    ['SNS in SQS', { Records: [{ body: JSON.stringify({ Type: 'Notification', Message: text }) }] }],
    ['SNS to Lambda', { Records: [{ Sns: { Message: text } }] }],
    ['CloudTrail’s look-up', { Events: [{ EventId: 'x', CloudTrailEvent: text }] }],
  ])('%s', (_, wrapped) => {
    expect(only(wrapped)).toEqual(only(record));
  });

  test('too many times, or around no JSON, is unreadable', () => {
    expect(read(deep).unreadable).toEqual([
      expect.objectContaining({ reason: 'it is wrapped too many times' }),
    ]);
    expect(read({ body: 'x' }).unreadable).toEqual([
      expect.objectContaining({ reason: 'the message is not JSON' }),
    ]);
  });

  test('one record that nobody understands takes no other with it', () => {
    const { requests, unreadable } = read([
      record,
      7,
      { __proto__: null, eventName: {} },
      JSON.parse('{"__proto__": {"eventName": "x"}}'),
      null,
      record,
    ]);
    expect([requests.length, unreadable.map(({ at }) => at)]).toEqual([
      2,
      ['input[1]', 'input[2]', 'input[3]', 'input[4]'],
    ]);
  });

  test('nothing is lost or thrown, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (values) => {
        const { requests, ignored, unreadable } = read(values);
        const leaves = values.flat(20).filter((value) => !Array.isArray(value));
        expect(requests.length + ignored.length + unreadable.length).toBeGreaterThanOrEqual(
          leaves.length === 0 ? 0 : 1,
        );
      }),
    );
  });
});

describe('a file of events', () => {
  const record = JSON.stringify(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }));
  const file = (content: string | Uint8Array) =>
    readEventFile(typeof content === 'string' ? Buffer.from(content) : content, 'f');
  const counts = (content: string | Uint8Array) => {
    const read = file(content);
    return read.ok ? [read.events.requests.length, read.events.unreadable.length] : read.error;
  };

  test.each<[string, string | Uint8Array, [number, number]]>([
    ['JSON', `\n${record}\n`, [1, 0]],
    ['JSON with a byte order mark', `\uFEFF[${record}]`, [1, 0]],
    ['JSON lines', `${record}\n\n${record}\r\n`, [2, 0]],
    ['JSON lines of which one is cut', `${record}\n${record.slice(0, 50)}\n${record}`, [2, 1]],
    ['gzip', gzipSync(`{"Records":[${record},${record}]}`), [2, 0]],
    [
      'one line of 6 MB',
      JSON.stringify({ Records: Array.from({ length: 12_000 }, () => JSON.parse(record)) }),
      [12_000, 0],
    ],
  ])('%s', (_, content, expected) => {
    expect(counts(content)).toEqual(expected);
  });

  test('a line that is cut is told with its place', () => {
    const read = file(`${record}\n{"a":\n${record}`);
    expect(read.ok && read.events.unreadable).toEqual([
      { at: 'f:2', reason: expect.stringContaining('not JSON'), excerpt: '{"a":' },
    ]);
  });

  test.each<[string, string | Uint8Array, object]>([
    ['a cut log file', `{"Records":[${record},\n{"eventName":`, { line: 2, column: 14 }],
    ['no JSON at all', 'hello\nworld', { line: 1, column: 1 }],
    [
      'broken gzip',
      gzipSync(record).subarray(0, 40),
      { message: expect.stringContaining('cannot be unpacked') },
    ],
    [
      'a gzip bomb',
      gzipSync(Buffer.alloc(300 * 1024 * 1024)),
      { message: expect.stringContaining('cannot be unpacked') },
    ],
  ])('%s is an error with its place', (_, content, error) => {
    expect(counts(content)).toMatchObject(error);
  });
});

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
      cloudTrail('PutBucketCors', { bucketName: 'a' }, s3),
    ];
    expect(mergeRequests(records.map(only))).toHaveLength(3);
  });
});

describeCases('events', 'records that others published', (folder) => {
  const outcome = (file: string) => {
    const read = readEventFile(readFileSync(join(folder, file)), file);
    if (!read.ok) throw new Error(read.error.message);
    const { requests, ignored, unreadable } = read.events;
    return [requests.map(({ type }) => type), ignored.length, unreadable.length];
  };

  test.each<[string, unknown]>([
    ['CreateModel-14.json', [['job'], 0, 0]],
    ['SageMaker_Model_Building_Pipeline_Execution_Status_Change-6.json', [['pipeline'], 0, 0]],
    ['SageMaker_Model_Building_Pipeline_Execution_Step_Status_Change-7.json', [['job'], 0, 0]],
    ['SageMaker_Training_Job_State_Change-0.json', [['job'], 0, 0]],
    ['cloudtrail-invictus-GetBucketCors.json', [[], 1, 0]],
    ['cloudtrail-invictus-PutBucketPolicy.json', [[], 1, 0]],
    ['cloudtrail-traildiscover-ListTrainingJobs.json', [[], 1, 0]],
    ['cloudtrail-traildiscover-PutRolePolicy-AccessDenied.json', [[], 1, 0]],
    ['iam-CreateRole-ok-1.json', [['role'], 0, 0]],
    ['shape-cloudtrail-CreateTrainingJob-v1.11.json', [['job'], 0, 0]],
    ['shape-cloudtrail-requestParameters-omitted.json', [[], 0, 1]],
  ])('%s', (file, expected) => {
    expect(outcome(file)).toEqual(expected);
  });

  test('requests of PutBucketCors, as they are inferred to be', () => {
    const { variants } = JSON.parse(
      readFileSync(join(folder, 'inferred-PutBucketCors-requestParameters.json'), 'utf8'),
    ) as { variants: unknown[] };
    for (const variant of variants)
      expect(only(cloudTrail('PutBucketCors', variant, s3))).toMatchObject({ name: 'example-bucket' });
  });

  test('every operation that creates a job leads to one', () => {
    const apis = join(folder, '../../reference/sagemaker-create-apis.json');
    const { operations } = JSON.parse(readFileSync(apis, 'utf8')) as {
      operations: { operation: string; createsJob: boolean; cloudTrailNameKey: string }[];
    };
    for (const { operation, cloudTrailNameKey } of operations.filter(({ createsJob }) => createsJob)) {
      expect(only(cloudTrail(operation, { [cloudTrailNameKey]: 'x' }))).toMatchObject({
        type: 'job',
        job: { name: 'x' },
      });
    }
  });
});
