import { randomUUID } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, DeletePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dynamodbStore } from '../../shared/aws/dynamodb-store.ts';
import type { Store } from '../../shared/findings/store.ts';
import { parseResults } from '../../shared/outputs/results.ts';
import { definitionOf, ROLES, trainStep } from '../setup/cli.ts';
import { ACCOUNT, cloudTrail, envelope, REGION, roleArn, sagemakerArn, stepJob } from '../setup/events.ts';
import { type FunctionWorld, startFunctionWorld } from '../setup/function-world.ts';
import { createRoles } from '../setup/iam.ts';
import { type Lambda, startLambda } from '../setup/lambda.ts';
import { describeWith } from '../setup/tools.ts';
import { makeTrail } from '../setup/trail.ts';
import { type CloudTrailStandIn, type HistoryRecord, startCloudTrail } from '../standins/cloudtrail.ts';

const CONFIG = {
  version: 1,
  prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud-*'] }],
  roles: { execution: [roleArn('pipelines/*')], steps: [roleArn('steps/*')] },
};
const ACCOUNT_ARN = sagemakerArn('*');

type Message = Record<string, unknown> & {
  id: string;
  detail: { resource?: { type: string; name?: string } };
};

describeWith('moto', 'the sweep and report functions, bundled', () => {
  let world: FunctionWorld;
  let history: CloudTrailStandIn;
  let store: Store;
  let s3: S3Client;
  let sagemaker: SageMakerClient;
  let lambdas: { audit: Lambda; sweep: Lambda; report: Lambda };

  beforeAll(async () => {
    world = await startFunctionWorld(CONFIG);
    history = await startCloudTrail(world.endpoint);
    await createRoles(world.endpoint, ROLES);
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    sagemaker = new SageMakerClient(world.client);
    store = dynamodbStore({ client: new DynamoDBClient(world.client), table: 'findings' });
    for (const Bucket of ['sweeps', 'reports'])
      await s3.send(
        new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
      );
    const start = (name: string) =>
      startLambda(name, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`, {
        AWS_ENDPOINT_URL: world.endpoint,
        AWS_ENDPOINT_URL_CLOUDTRAIL: history.endpoint,
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        FINDINGS_TABLE: 'findings',
        IDEMPOTENCY_TABLE: 'idempotency',
        CONFIG_BUCKET: 'assets',
        CONFIG_KEY: 'pipewarden.json',
        SWEEP_BUCKET: 'sweeps',
        REPORT_BUCKET: 'reports',
        ALERT_TOPIC_ARN: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`,
        DELIVERY_RETRIES_URL: `${world.endpoint}/${ACCOUNT}/retries`,
        POWERTOOLS_SERVICE_NAME: 'pipewarden',
        POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      });
    lambdas = { audit: start('audit'), sweep: start('sweep'), report: start('report') };
  });

  afterAll(async () => {
    await Promise.all(Object.values(lambdas ?? {}).map((lambda) => lambda.stop()));
    await history?.stop();
    await world?.stop();
  });

  const create = async (...steps: object[]): Promise<string> => {
    const name = `fraud-${randomUUID().slice(0, 8)}`;
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: name,
        PipelineDefinition: JSON.stringify(definitionOf(...steps)),
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    return name;
  };

  const textOf = async (Bucket: string, Key: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  };

  type Swept = { bucket: string; key: string; count: number; until: string };

  /** What Step Functions does: it sends the messages to the queue, ten at a time. */
  const sweep = async (sweepId: string): Promise<Swept & { messages: Message[] }> => {
    const swept = (await lambdas.sweep.invoke({ sweepId })) as Swept;
    const messages = JSON.parse(await textOf(swept.bucket, swept.key)) as Message[];
    expect(messages).toHaveLength(swept.count);
    for (let at = 0; at < messages.length; at += 10)
      expect(await lambdas.audit.deliver(...messages.slice(at, at + 10))).toEqual([]);
    return { ...swept, messages };
  };

  /** The controls with something open, by resource. */
  const open = async (): Promise<Map<string, string[]>> => {
    const all = new Map<string, string[]>();
    for await (const { resourceArn, state } of store.openStates())
      all.set(
        resourceArn,
        Object.values(state.open).map(({ control }) => control),
      );
    return all;
  };

  const metric = (name: string): unknown[] =>
    lambdas.sweep.log().flatMap((line) => (name in line ? [line[name]] : []));

  test('finds what no event told, closes what is gone, and says that no trail is logging', async () => {
    const gone = await create(trainStep(undefined, 'steps/train'));
    await lambdas.audit.deliver(envelope(cloudTrail('CreatePipeline', { pipelineName: gone })));
    expect((await open()).get(sagemakerArn(`pipeline/${gone}`))).toEqual(['pipeline-job-prefix']);
    await sagemaker.send(new DeletePipelineCommand({ PipelineName: gone, ClientRequestToken: randomUUID() }));
    const drifted = await create(trainStep(undefined, 'steps/train'));

    const { messages, key } = await sweep('first');
    expect(key).toBe('sweeps/first/messages.json');
    expect(messages.map(({ detail: { resource } }) => resource?.type)).toEqual(
      expect.arrayContaining(['pipeline', 'role', 'organization', 'account']),
    );
    expect(messages.map(({ detail: { resource } }) => resource)).toContainEqual({
      type: 'pipeline',
      name: gone,
      deleted: true,
    });
    const now = await open();
    expect(now.get(sagemakerArn(`pipeline/${gone}`))).toEqual([]);
    expect(now.get(sagemakerArn(`pipeline/${drifted}`))).toEqual(['pipeline-job-prefix']);
    expect(now.get(ACCOUNT_ARN)).toEqual(['trail-logging']);
    expect(metric('TrailNotLogging')).toEqual([1]);
    expect(await world.retries()).toBeGreaterThan(0);
  });

  test('finds lost events in the history, once', async () => {
    const pipeline = await create(trainStep('fraud-train', 'steps/train'));
    const executionId = 'a1b2c3d4e5f6';
    const executionArn = sagemakerArn(`pipeline/${pipeline}/execution/${executionId}`);
    const record = stepJob({
      executionId,
      step: 'Train',
      name: `scratch-${executionId}-aaaaaaaaaa`,
      role: 'steps/train',
    });
    history.add(
      record as HistoryRecord,
      cloudTrail(
        'StartPipelineExecution',
        { pipelineName: pipeline },
        { responseElements: { pipelineExecutionArn: executionArn } },
      ) as HistoryRecord,
      cloudTrail('DescribePipeline', { pipelineName: pipeline }) as HistoryRecord,
      cloudTrail(
        'PutRolePolicy',
        { roleName: 'train' },
        { eventSource: 'iam.amazonaws.com', awsRegion: 'us-east-1' },
      ) as HistoryRecord,
    );
    const second = await sweep('second');
    const lost = second.messages.filter(({ source }) => source !== 'pipewarden');
    expect(lost.map(({ source }) => source).toSorted()).toEqual([
      'aws.iam',
      'aws.sagemaker',
      'aws.sagemaker',
    ]);
    expect(lost).toContainEqual({ ...envelope(record), id: record.eventID });
    const jobs = [...(await open())].filter(([arn]) => /training-job|\/jobs$/.test(arn));
    expect(jobs.flatMap(([, controls]) => controls)).toContain('job-name-prefix');

    await lambdas.sweep.invoke({ sweepId: 'second', finished: second.until });
    history.add(
      cloudTrail(
        'UpdatePipeline',
        { pipelineName: pipeline },
        { eventTime: new Date(Date.now() - 2 * 60 * 60 * 1000).toISOString() },
      ) as HistoryRecord,
    );
    const third = await sweep('third');
    const names = third.messages.map(({ detail }) => (detail as { eventName?: string }).eventName);
    expect(names).toContain('CreateTrainingJob'); // the look-ups overlap by half an hour
    expect(names).not.toContain('UpdatePipeline');
  });

  test('says what it could not look up, and takes it back when it can', async () => {
    history.deny(true);
    await sweep('denied');
    expect((await open()).get(ACCOUNT_ARN)).toContain('evidence-readable');
    history.deny(false);
    await makeTrail(new CloudTrailClient(world.client), 'reports');
    await sweep('allowed');
    expect((await open()).get(ACCOUNT_ARN)).toEqual([]);
    expect(metric('TrailNotLogging').at(-1)).toBe(0);
  });

  test('an input that is none is refused', async () => {
    for (const input of [
      {},
      { sweepId: '../x' },
      { sweepId: 'x', more: 1 },
      { sweepId: 'x', finished: 'now' },
    ])
      await expect(lambdas.sweep.invoke(input)).rejects.toThrow('Error');
  });

  test('the report holds what is open, and tells where it lies', async () => {
    await world.alerts();
    const { key } = (await lambdas.report.invoke({})) as { key: string };
    expect(key).toMatch(/^reports\/\d{4}\/\d\d\/\d\dT\d{4}\/report\.html$/);
    const latest = await textOf('reports', 'reports/latest.json');
    expect(await textOf('reports', key.replace('report.html', 'results.json'))).toBe(latest);
    const parsed = parseResults(JSON.parse(latest));
    const told = parsed.ok ? parsed.results.findings : [];
    expect(told.filter(({ control }) => control === 'pipeline-job-prefix')).toHaveLength(1);
    expect(await textOf('reports', key)).toMatch(/^<!doctype html>.*pipeline-job-prefix/s);
    const [notice] = await world.alerts();
    expect(notice?.Subject).toMatch(/^Pipewarden report: \d+ failed/);
    expect(notice?.MessageAttributes).toEqual({ kind: { Type: 'String', Value: 'report' } });
    expect(notice?.Message).toContain(
      `https://console.aws.amazon.com/s3/object/reports?region=${REGION}&prefix=${encodeURIComponent(key)}`,
    );
    expect(notice?.Message).not.toContain('Since');

    await lambdas.report.invoke({});
    const [again] = await world.alerts();
    expect(again?.Message).toMatch(/Since .*: 0 new, 0 closed/);

    const ofSchedule = async (schedule: string) => {
      await lambdas.report.invoke({ schedule });
      const [daily] = await world.alerts();
      return daily?.Message;
    };
    expect(await ofSchedule('cron(0 6 * * ? *)')).not.toContain('Since');
    expect(await ofSchedule('cron(0 6 * * ? *)')).toContain('0 new, 0 closed');
    expect(await ofSchedule('rate(7 days)')).not.toContain('Since');
  });
});
