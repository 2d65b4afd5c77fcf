import { randomUUID } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreatePipelineCommand,
  DeletePipelineCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { historyKey } from '../../functions/report/earlier-reports.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import type { Store } from '../../shared/findings/store.ts';
import { parseResults } from '../../shared/outputs/formats/results-schema.ts';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
  stepJob,
} from '../support/builders/events.ts';
import { definitionOf, inFolder, ROLES, resultsOf, run, trainStep } from '../support/commands/cli.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type Lambda, startLambda } from '../support/lambda/lambda.ts';
import {
  type CloudTrailStandIn,
  type HistoryRecord,
  startCloudTrail,
} from '../support/standins/cloudtrail.ts';

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

  /** Does what Step Functions does: sends the messages to the queue, ten at a time. */
  const sweep = async (sweepId: string): Promise<Swept & { messages: Message[] }> => {
    const swept = (await lambdas.sweep.invoke({ sweepId })) as Swept;
    const messages = JSON.parse(await textOf(swept.bucket, swept.key)) as Message[];
    expect(messages).toHaveLength(swept.count);
    for (let at = 0; at < messages.length; at += 10)
      expect(await lambdas.audit.deliver(...messages.slice(at, at + 10))).toEqual([]);
    return { ...swept, messages };
  };

  /** The controls with open findings, by resource. */
  const open = async (): Promise<Map<string, string[]>> => {
    const all = new Map<string, string[]>();
    for await (const { resourceArn, state } of store.states())
      all.set(
        resourceArn,
        Object.values(state.open).map(({ control }) => control),
      );
    return all;
  };

  const metric = (name: string): unknown[] =>
    lambdas.sweep.log().flatMap((line) => (name in line ? [line[name]] : []));

  test('finds what no event reported, closes findings on what is gone, and says that no trail is logging', async () => {
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
    expect([metric('TrailNotLogging'), metric('TrailUnread')]).toEqual([[1], [0]]);
    expect(await world.retries()).toBeGreaterThan(0);
  });

  test('tells of what no event arrives, until one does', async () => {
    const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const update = (minutes: number) =>
      cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }, { eventTime: at(minutes) }) as HistoryRecord;
    await lambdas.sweep.invoke({ sweepId: 'first', finished: at(120) });
    history.add(update(60));
    await sweep('unheard');
    expect(metric('EventsNotArriving').at(-1)).toBe(1);
    expect(lambdas.sweep.log()).toContainEqual(
      expect.objectContaining({
        account: ACCOUNT,
        silent: [{ eventSource: 'sagemaker.amazonaws.com', region: REGION, events: 1 }],
      }),
    );
    const heard = update(50);
    history.add(heard);
    await lambdas.audit.deliver(envelope(heard));
    await sweep('heard');
    expect(metric('EventsNotArriving').at(-1)).toBe(0);
  });

  test('finds lost events in the history, once', async () => {
    const pipeline = await create(trainStep('fraud-train', 'steps/train'));
    const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: pipeline, ClientRequestToken: randomUUID() }),
    );
    const executionId = executionArn.slice(-12);
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
    const ago = (minutes: number) => ({ eventTime: new Date(Date.now() - minutes * 60_000).toISOString() });
    history.add(
      cloudTrail('UpdatePipeline', { pipelineName: pipeline }, ago(120)) as HistoryRecord,
      cloudTrail('DeletePipeline', { pipelineName: pipeline }, ago(10)) as HistoryRecord,
    );
    const third = await sweep('third');
    const names = third.messages.map(({ detail }) => (detail as { eventName?: string }).eventName);
    expect(names).toContain('DeletePipeline'); // the look-ups overlap by half an hour
    expect(names).not.toContain('CreateTrainingJob'); // which was handled
    expect(names).not.toContain('UpdatePipeline');
  });

  test('reports what it could not look up, and closes this finding when it can', async () => {
    history.deny(true);
    await sweep('denied');
    expect((await open()).get(ACCOUNT_ARN)).toContain('evidence-readable');
    history.deny(false);
    await makeTrail(new CloudTrailClient(world.client), 'reports');
    await sweep('allowed');
    expect((await open()).get(ACCOUNT_ARN)).toEqual([]);
    expect(metric('TrailNotLogging').at(-1)).toBe(0);
  });

  test('an invalid input is refused', async () => {
    for (const input of [
      {},
      { sweepId: '../x' },
      { sweepId: 'x', more: 1 },
      { sweepId: 'x', finished: 'now' },
    ])
      await expect(lambdas.sweep.invoke(input)).rejects.toThrow('Error');
  });

  test('the report contains the open findings, and the notice links to it', async () => {
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
    expect(again?.Message).toMatch(/Since .*: 0 new, 0 not open any more/);

    const ofSchedule = async (schedule: string) => {
      await lambdas.report.invoke({ schedule });
      const [daily] = await world.alerts();
      return daily?.Message;
    };
    expect(await ofSchedule(DAILY)).not.toContain('Since');
    expect(await ofSchedule(DAILY)).toContain('0 new, 0 not open any more');
    expect(await ofSchedule('rate(7 days)')).not.toContain('Since');
  });

  const DAILY = 'cron(0 6 * * ? *)';

  const trendOf = (page: string) => /<title>(Open findings over [^<]+)/.exec(page)?.[1];

  const unreadOf = (page: string) => {
    const [, list = ''] = /Earlier reports that could not be read(.*?)<\/ul>/s.exec(page) ?? [];
    return [...list.matchAll(/<bdi>([^<]+)/g)].map(([, name]) => name);
  };

  const reported = async (schedule: string) => {
    const { key } = (await lambdas.report.invoke({ schedule })) as { key: string };
    const parsed = parseResults(
      JSON.parse(await textOf('reports', key.replace('report.html', 'results.json'))),
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return { page: await textOf('reports', key), results: parsed.results };
  };

  test('the report counts the same passes as an audit of the account', async () => {
    await sweep('counted');
    const { results, page } = await reported('rate(1 day)');
    const env = {
      AWS_ENDPOINT_URL: world.endpoint,
      AWS_ENDPOINT_URL_CLOUDTRAIL: history.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const audited = await inFolder({ 'pipewarden.yaml': CONFIG }, (cwd) =>
      run(['audit', '--live', '--format', 'json', '--all', '--quiet'], { cwd, env }),
    );
    // Readable evidence does not count as a passed rule.
    const passed = resultsOf(audited).findings.filter(
      ({ status, control }) => status === 'PASSED' && control !== 'evidence-readable',
    );
    const counts = new Map<string, number>();
    for (const { resource } of passed) counts.set(resource.arn, (counts.get(resource.arn) ?? 0) + 1);
    counts.delete('pipewarden.yaml');
    const stored = new Map<string, number>();
    for await (const { resourceArn, state } of store.states())
      if (state.passed !== undefined) stored.set(resourceArn, state.passed);
    expect([...stored].toSorted()).toEqual([...counts].toSorted());
    expect(results.summary.passed).toBe(passed.length);
    expect(page).toContain(`<dd>${results.summary.passed}</dd>`);
  });

  test('the trend contains the readable reports of the same schedule', async () => {
    const prefix = `reports/history/${encodeURIComponent(DAILY)}/`;
    const keys = async () => {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: 'reports', Prefix: prefix }),
      );
      return Contents.map(({ Key = '' }) => Key);
    };
    const [newest = '', ...others] = await keys();
    expect(others).toHaveLength(1);
    const put = (Key: string, Body: string) =>
      s3.send(new PutObjectCommand({ Bucket: 'reports', Key, Body }));
    await put(newest, '{');
    const second = await reported(DAILY);
    // The previous results are available, and contain the same findings.
    expect(trendOf(second.page)).toMatch(/^Open findings over 3 times: from (\d+) to \1$/);
    expect(unreadOf(second.page)).toEqual([newest]);

    const point = JSON.parse(await textOf('reports', others[0] ?? ''));
    const past = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    for (let days = 1; days <= 40; days++) {
      const at = past(days);
      await put(
        historyKey(encodeURIComponent(DAILY), at),
        JSON.stringify({ ...point, at, notAvailable: days }),
      );
    }
    await put(`reports/latest/${encodeURIComponent(DAILY)}.json`, 'x'.repeat(20));
    const later = await reported(DAILY);
    expect(trendOf(later.page)).toMatch(/^Open findings over 29 times: /);
    expect(unreadOf(later.page)).toEqual([`reports/latest/${encodeURIComponent(DAILY)}.json`, newest]);
    // What was suppressed stands in the last column.
    const notAvailable = [...later.page.matchAll(/<td>(\d+)<\/td><td>[^<]*<\/td><\/tr>/g)].map(([, count]) =>
      Number(count),
    );
    expect(notAvailable).toEqual(expect.arrayContaining([26, 25, 2, 1]));
    expect(later.page.includes(' still open.')).toBe(false);
    expect(await keys()).toHaveLength(44);
  });
});
