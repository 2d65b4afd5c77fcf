import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreatePipelineCommand,
  DeletePipelineCommand,
  ListPipelinesCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-sagemaker';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ROLES } from '../setup/cli.ts';
import { type CountingProxy, readsOf, startCountingProxy } from '../setup/counting-proxy.ts';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
  session,
  stepJob,
} from '../setup/events.ts';
import { createRoles } from '../setup/iam.ts';
import { type Lambda, startLambda } from '../setup/lambda.ts';
import { startMoto } from '../setup/moto-server.ts';
import { type Notification, subscriber } from '../setup/sqs.ts';
import { describeWith } from '../setup/tools.ts';
import { type SecurityHubStandIn, type StoredFinding, startSecurityHub } from '../standins/security-hub.ts';

const CONFIG = {
  version: 1,
  prefixes: [
    {
      prefix: 'fraud-train',
      stepTypes: ['Training'],
      roles: [roleArn('pipelines/fraud')],
      pipelines: ['fraud-*'],
    },
  ],
  roles: { execution: [roleArn('pipelines/*')], steps: [roleArn('steps/*')] },
  imageBuckets: { tags: { pipewarden: 'image-bucket' } },
};

const CORS = {
  AllowedHeaders: ['*'],
  AllowedMethods: ['PUT'],
  AllowedOrigins: ['*'],
  ExposeHeaders: ['Access-Control-Allow-Origin'],
};

const trainStep = (name: string | undefined, role: unknown) => ({
  Name: 'Train',
  Type: 'Training',
  Arguments: { ...(name ? { TrainingJobName: name } : {}), RoleArn: role },
});
const definitionOf = (...steps: object[]): string =>
  JSON.stringify({
    Version: '2020-12-01',
    Parameters: [{ Name: 'Role', Type: 'String', DefaultValue: roleArn('steps/train') }],
    Steps: steps,
  });
const CLEAN = definitionOf(trainStep('fraud-train', roleArn('steps/train')));

describeWith('moto', 'the audit function, bundled', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: CountingProxy;
  let securityHub: SecurityHubStandIn;
  let lambda: Lambda;
  let folder: string;
  let sagemaker: SageMakerClient;
  let s3: S3Client;
  let env: Record<string, string>;
  let alerts: () => Promise<Notification[]>;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startCountingProxy(moto.endpoint);
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    sagemaker = new SageMakerClient(options);
    s3 = new S3Client({ ...options, forcePathStyle: true });
    await createRoles(moto.endpoint, ROLES);
    const dynamodb = new DynamoDBClient(options);
    for (const [table, key] of [
      ['findings', 'pk'],
      ['idempotency', 'id'],
    ] as const) {
      await dynamodb.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        }),
      );
    }
    const sns = new SNSClient(options);
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const queues = subscriber(moto.endpoint, REGION, sns);
    const queueUrl = await queues.subscribe(TopicArn, 'alerts');
    alerts = () => queues.receive(queueUrl);
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-'));
    const configFile = join(folder, 'pipewarden.json');
    await writeFile(configFile, JSON.stringify(CONFIG));
    env = {
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      FINDINGS_TABLE: 'findings',
      IDEMPOTENCY_TABLE: 'idempotency',
      ALERT_TOPIC_ARN: TopicArn,
      PIPEWARDEN_CONFIG_FILE: configFile,
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
    };
  });

  beforeEach(async () => {
    await lambda?.stop();
    await securityHub?.stop();
    securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
    lambda = startLambda('audit', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:audit`, {
      ...env,
      AWS_ENDPOINT_URL_SECURITYHUB: securityHub.endpoint,
    });
    proxy.take();
  });

  afterAll(async () => {
    await lambda?.stop();
    await securityHub?.stop();
    await proxy?.stop();
    await moto?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const createPipeline = async (definition: string): Promise<string> => {
    const name = `fraud-${randomUUID().slice(0, 8)}`;
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: name,
        PipelineDefinition: definition,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    return name;
  };
  const updated = (name: string) => envelope(cloudTrail('UpdatePipeline', { pipelineName: name }));
  const imported = (): StoredFinding[] => [...securityHub.findings().values()];
  const summary = (finding: StoredFinding) => ({
    control: String(finding.GeneratorId).replace('pipewarden/', ''),
    status: (finding.Compliance as { Status: string }).Status,
    state: finding.RecordState,
  });
  test('a drifted pipeline becomes findings once, and they close when it is mended', async () => {
    const name = await createPipeline(definitionOf(trainStep(undefined, roleArn('admin'))));
    const event = updated(name);
    await alerts();
    expect(await lambda.deliver(event)).toEqual([]);
    expect(imported().map(summary)).toEqual(
      expect.arrayContaining([
        { control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' },
        { control: 'step-role-authorised', status: 'FAILED', state: 'ACTIVE' },
      ]),
    );
    expect(imported()).toHaveLength(2);
    expect(await alerts()).toEqual([
      expect.objectContaining({
        Subject: expect.stringContaining(name),
        MessageAttributes: expect.objectContaining({ severity: { Type: 'String', Value: 'HIGH' } }),
      }),
    ]);

    const requests = securityHub.requests().length;
    await lambda.deliver(event); // the same event again
    await lambda.deliver(updated(name)); // another event, nothing changed
    expect(securityHub.requests()).toHaveLength(requests);

    await sagemaker.send(new UpdatePipelineCommand({ PipelineName: name, PipelineDefinition: CLEAN }));
    expect(await lambda.deliver(updated(name))).toEqual([]);
    expect(imported().map(summary)).toEqual([
      expect.objectContaining({ status: 'PASSED', state: 'ARCHIVED' }),
      expect.objectContaining({ status: 'PASSED', state: 'ARCHIVED' }),
    ]);
    expect(securityHub.ignoredUpdates()).toBe(0);
    expect(await alerts()).toMatchObject([
      { Subject: expect.stringMatching(/^RESOLVED HIGH: pipeline fraud-.* and 1 more$/) },
    ]);
  });

  test('a deleted pipeline closes its findings', async () => {
    const name = await createPipeline(definitionOf(trainStep('other', roleArn('steps/train'))));
    await lambda.deliver(updated(name));
    expect(imported().map(summary)).toEqual([
      { control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' },
    ]);
    await sagemaker.send(new DeletePipelineCommand({ PipelineName: name, ClientRequestToken: randomUUID() }));
    await lambda.deliver(envelope(cloudTrail('DeletePipeline', { pipelineName: name })));
    expect(imported().map(({ RecordState }) => RecordState)).toEqual(['ARCHIVED']);
  });

  test('a job is held against the definition of its execution, with the values it was started with', async () => {
    const name = await createPipeline(definitionOf(trainStep('fraud-train', { Get: 'Parameters.Role' })));
    const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: name, ClientRequestToken: randomUUID() }),
    );
    const executionId = executionArn.split('/').at(-1) ?? '';
    await lambda.deliver(
      envelope(
        cloudTrail(
          'StartPipelineExecution',
          { pipelineName: name, pipelineParameters: { name: 'Role', value: roleArn('steps/other') } },
          { responseElements: { pipelineExecutionArn: executionArn } },
        ),
      ),
    );
    const job = (suffix: string, role: string) =>
      envelope(stepJob({ executionId, step: 'Train', name: `fraud-train-${executionId}-${suffix}`, role }));
    await lambda.deliver(job('AAAAAAAAAA', 'steps/other'));
    expect(imported()).toEqual([]);
    await lambda.deliver(job('BBBBBBBBBB', 'steps/train'));
    expect(imported().map(summary)).toEqual([
      { control: 'job-role-as-declared', status: 'FAILED', state: 'ACTIVE' },
    ]);
  });

  test('reads at most twice for a job’s event when cold, once when warm, and lists nothing for it', async () => {
    const name = await createPipeline(CLEAN);
    const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: name, ClientRequestToken: randomUUID() }),
    );
    const executionId = executionArn.split('/').at(-1) ?? '';
    const job = (suffix: string) =>
      envelope(
        stepJob({
          executionId,
          step: 'Train',
          name: `fraud-train-${executionId}-${suffix}`,
          role: 'steps/train',
        }),
      );
    const bucket = `images-${randomUUID().slice(0, 8)}`;
    await s3.send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    const cors = envelope(
      cloudTrail('PutBucketCors', { bucketName: bucket }, { eventSource: 's3.amazonaws.com' }),
    );
    const started = envelope(
      cloudTrail(
        'StartPipelineExecution',
        { pipelineName: name },
        { responseElements: { pipelineExecutionArn: executionArn } },
      ),
    );
    const reads: Record<string, Record<string, number>> = {};
    for (const [label, event] of [
      ['update cold', updated(name)],
      ['update warm', updated(name)],
      ['start', started],
      ['job cold', job('AAAAAAAAAA')],
      ['job warm', job('BBBBBBBBBB')],
      ['bucket', cors],
    ] as const) {
      proxy.take();
      expect(await lambda.deliver(event)).toEqual([]);
      reads[label] = readsOf(proxy.take());
    }
    // The roles of a changed pipeline are held against all pipelines; those that were not modified are not read again.
    const { PipelineSummaries: all = [] } = await sagemaker.send(new ListPipelinesCommand());
    expect(reads).toEqual({
      'update cold': {
        DescribePipeline: 1 + all.length,
        ListPipelines: 1,
        GetAccountAuthorizationDetails: 1,
        DescribeOrganization: 1,
      },
      'update warm': { DescribePipeline: 1, ListPipelines: 1 },
      start: { DescribePipeline: 1, ListPipelines: 1 },
      'job cold': { DescribePipelineDefinitionForExecution: 1, GetItem: 1 },
      'job warm': { GetItem: 1 },
      bucket: { Gettagging: 1, ListPipelines: 1 },
    });
  });

  test('requests for one resource are merged within a batch', async () => {
    const name = await createPipeline(CLEAN);
    await lambda.deliver(updated(name)); // all pipelines are known then
    proxy.take();
    expect(await lambda.deliver(...Array.from({ length: 10 }, () => updated(name)))).toEqual([]);
    expect(proxy.take()).toMatchObject({ DescribePipeline: 1, ListPipelines: 1 });
  });

  test('a message that nobody understands fails alone, and is reported once', async () => {
    const name = await createPipeline(definitionOf(trainStep(undefined, roleArn('steps/train'))));
    const hostile = '{"__proto__": {"detail-type": "x"}, "eventName": {}, "constructor": 1}';
    const failed = await lambda.deliver(
      '{"truncated": ',
      updated(name),
      hostile,
      envelope(cloudTrail('ListTrainingJobs', null)),
    );
    expect(failed).toEqual([0, 2]);
    const controls = imported().map(summary);
    expect(controls.filter(({ control }) => control === 'evidence-readable')).toHaveLength(2);
    expect(controls).toContainEqual({ control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' });
    expect(
      imported().find(({ GeneratorId }) => String(GeneratorId).endsWith('evidence-readable')),
    ).toMatchObject({
      Compliance: { Status: 'NOT_AVAILABLE' },
    });
  });

  test('what Security Hub does not take comes again, and then arrives', async () => {
    const name = await createPipeline(definitionOf(trainStep(undefined, roleArn('steps/train'))));
    const event = updated(name);
    securityHub.disable();
    expect(await lambda.deliver(event)).toEqual([0]);
    securityHub.enable();
    expect(await lambda.deliver(event)).toEqual([]);
    expect(imported().map(summary)).toEqual([
      { control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' },
    ]);
  });

  test('a tagged bucket is looked at after its CORS configuration changed', async () => {
    const bucket = `scans-${randomUUID().slice(0, 8)}`;
    await s3.send(
      new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    await s3.send(
      new PutBucketTaggingCommand({
        Bucket: bucket,
        Tagging: { TagSet: [{ Key: 'pipewarden', Value: 'image-bucket' }] },
      }),
    );
    const event = (name: string) =>
      envelope(cloudTrail(name, { bucketName: bucket, cors: '' }, { eventSource: 's3.amazonaws.com' }));
    await lambda.deliver(event('DeleteBucketCors'));
    expect(imported().map(summary)).toEqual([
      { control: 'image-bucket-cors', status: 'FAILED', state: 'ACTIVE' },
    ]);
    await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [CORS] } }));
    await lambda.deliver(event('PutBucketCors'));
    expect(imported().map(summary)).toEqual([
      { control: 'image-bucket-cors', status: 'PASSED', state: 'ARCHIVED' },
    ]);
  });

  test('log lines carry the event they are about, and metrics are counted', async () => {
    const name = await createPipeline(CLEAN);
    const record = cloudTrail(
      'UpdatePipeline',
      { pipelineName: name },
      { userIdentity: session('ci', 'build') },
    );
    await lambda.deliver(envelope(record));
    expect(lambda.log()).toContainEqual(
      expect.objectContaining({
        message: 'audited',
        correlation_id: record.eventID,
        resource: sagemakerArn(`pipeline/${name}`),
      }),
    );
    expect(lambda.log()).toContainEqual(expect.objectContaining({ Messages: 1, MessagesFailed: 0 }));
  });
});
