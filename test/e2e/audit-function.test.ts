import { randomUUID } from 'node:crypto';
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
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
  session,
  stepJob,
} from '../support/builders/events.ts';
import { FRAUD_CONFIG } from '../support/builders/fraud-config.ts';
import { ROLES } from '../support/commands/cli.ts';
import { isRead } from '../support/emulators/counting-proxy.ts';
import { tellSteps } from '../support/emulators/execution-steps.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';
import {
  type SecurityHubStandIn,
  type StoredFinding,
  startSecurityHub,
} from '../support/standins/security-hub.ts';

const CONFIG = { ...FRAUD_CONFIG, imageBuckets: { tags: { pipewarden: 'image-bucket' } } };

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
  let world: FunctionWorld;
  let proxy: FunctionWorld['proxy'];
  let alerts: FunctionWorld['alerts'];
  let securityHub: SecurityHubStandIn;
  let lambda: Lambda;
  let deliverer: Lambda;
  let sagemaker: SageMakerClient;
  let s3: S3Client;

  beforeAll(async () => {
    world = await startFunctionWorld(CONFIG);
    ({ proxy, alerts } = world);
    sagemaker = new SageMakerClient(world.client);
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    await createRoles(world.endpoint, ROLES);
  });

  beforeEach(async () => {
    securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
    lambda = world.start('audit', securityHub.endpoint);
    deliverer = world.start('deliver', securityHub.endpoint);
    proxy.take();
  });

  afterEach(async () => {
    await Promise.all([lambda.stop(), deliverer.stop(), securityHub.stop()]);
  });

  afterAll(() => world?.stop());

  /** Audits the messages, delivers the changes, and returns the indexes of the messages that come again. */
  const handle = async (...bodies: Parameters<Lambda['deliver']>): Promise<number[]> => {
    const failed = await lambda.deliver(...bodies);
    expect(await world.deliverNews(deliverer)).toEqual({ batchItemFailures: [] });
    return failed;
  };

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
    expect(await handle(event)).toEqual([]);
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
    await handle(event); // the same event again
    await handle(updated(name)); // another event, nothing changed
    expect(securityHub.requests()).toHaveLength(requests);

    await sagemaker.send(new UpdatePipelineCommand({ PipelineName: name, PipelineDefinition: CLEAN }));
    expect(await handle(updated(name))).toEqual([]);
    // The role may create jobs named pipelines-…, which no pipeline needs any more: that is a finding of its own.
    const ended = imported().map(summary);
    expect(ended.filter(({ state }) => state === 'ARCHIVED')).toEqual([
      expect.objectContaining({ status: 'PASSED' }),
      expect.objectContaining({ status: 'PASSED' }),
    ]);
    expect(ended.filter(({ state }) => state === 'ACTIVE')).toEqual([
      { control: 'prefix-policy-enforced', status: 'FAILED', state: 'ACTIVE' },
    ]);
    expect(securityHub.ignoredUpdates()).toBe(0);
    expect((await alerts()).map(({ Subject }) => Subject)).toContainEqual(
      expect.stringMatching(/^RESOLVED HIGH: pipeline fraud-.* and 1 more$/),
    );
  });

  test('a deleted pipeline closes its findings', async () => {
    const name = await createPipeline(definitionOf(trainStep('other', roleArn('steps/train'))));
    await handle(updated(name));
    expect(imported().map(summary)).toContainEqual({
      control: 'pipeline-job-prefix',
      status: 'FAILED',
      state: 'ACTIVE',
    });
    await sagemaker.send(new DeletePipelineCommand({ PipelineName: name, ClientRequestToken: randomUUID() }));
    await handle(envelope(cloudTrail('DeletePipeline', { pipelineName: name })));
    // The role that nothing is asked of any more is looked at again as well.
    const closed = imported().filter(({ RecordState }) => RecordState === 'ARCHIVED');
    expect(closed.map((finding) => summary(finding).control).toSorted()).toEqual([
      'execution-role-job-permissions',
      'pipeline-job-prefix',
    ]);
  });

  test('a job is compared with the definition of its execution, with the values of its start', async () => {
    const name = await createPipeline(definitionOf(trainStep('fraud-train', { Get: 'Parameters.Role' })));
    const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: name, ClientRequestToken: randomUUID() }),
    );
    const executionId = executionArn.split('/').at(-1) ?? '';
    await handle(
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
    await tellSteps(
      sagemaker,
      executionArn,
      'Train',
      ['AAAAAAAAAA', 'BBBBBBBBBB'].map((suffix) =>
        sagemakerArn(`training-job/fraud-train-${executionId}-${suffix}`),
      ),
    );
    await handle(job('AAAAAAAAAA', 'steps/other'));
    expect(imported()).toEqual([]);
    await handle(job('BBBBBBBBBB', 'steps/train'));
    expect(imported().map(summary)).toEqual([
      { control: 'job-role-as-declared', status: 'FAILED', state: 'ACTIVE' },
    ]);
  });

  test('a job that poses as a step’s makes a finding on the job, and not on the pipeline', async () => {
    const name = await createPipeline(CLEAN);
    const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
      new StartPipelineExecutionCommand({ PipelineName: name, ClientRequestToken: randomUUID() }),
    );
    const executionId = executionArn.split('/').at(-1) ?? '';
    const job = `fraud-train-${executionId}-CCCCCCCCCC`;
    const posing = stepJob({ executionId, step: 'Train', name: job, role: 'steps/train' });
    const tags = [{ key: 'sagemaker:pipeline-execution-arn', value: executionArn }];
    await handle(
      envelope({ ...posing, requestParameters: { ...(posing.requestParameters as object), tags } }),
    );
    expect(imported().map(summary)).toEqual([
      { control: 'job-role-as-declared', status: 'FAILED', state: 'ACTIVE' },
    ]);
    expect(JSON.stringify(imported())).toContain(sagemakerArn(`training-job/${job}`));
  });

  test('an event of a job needs few reads: the steps of its execution, and once the definition that it runs', async () => {
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
    await tellSteps(
      sagemaker,
      executionArn,
      'Train',
      ['AAAAAAAAAA', 'BBBBBBBBBB'].map((suffix) =>
        sagemakerArn(`training-job/fraud-train-${executionId}-${suffix}`),
      ),
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
      reads[label] = Object.fromEntries(Object.entries(proxy.take()).filter(([call]) => isRead(call)));
    }
    // The roles of a changed pipeline are judged with the needs of all pipelines; unmodified pipelines are not read
    // again.
    const { PipelineSummaries: all = [] } = await sagemaker.send(new ListPipelinesCommand());
    expect(reads).toEqual({
      'update cold': {
        'sagemaker.DescribePipeline': 1 + all.length,
        'sagemaker.ListPipelines': 1,
        'iam.GetAccountAuthorizationDetails': 1,
        'organizations.DescribeOrganization': 1,
        's3.GetObject': 1,
      },
      'update warm': { 'sagemaker.DescribePipeline': 1, 'sagemaker.ListPipelines': 1 },
      start: {
        'sagemaker.DescribePipeline': 2, // with the definition, the role under which it runs
        'sagemaker.DescribePipelineDefinitionForExecution': 1,
        'sagemaker.ListPipelines': 1,
      },
      // BatchGetItem in place of a write to each state that the look might have to change.
      'job cold': {
        'sagemaker.ListPipelineExecutionSteps': 1,
        'dynamodb.BatchGetItem': 2,
      },
      'job warm': {
        'sagemaker.ListPipelineExecutionSteps': 1,
        'dynamodb.BatchGetItem': 2,
      },
      bucket: { 's3.GetBucketTagging': 1, 'sagemaker.ListPipelines': 1, 'dynamodb.BatchGetItem': 1 },
    });
  });

  test('requests for one resource are merged within a batch', async () => {
    const name = await createPipeline(CLEAN);
    await lambda.deliver(updated(name)); // all pipelines are known then
    proxy.take();
    const renamed = () =>
      envelope(cloudTrail('UpdatePipelineVersion', { pipelineArn: sagemakerArn(`pipeline/${name}`) }));
    expect(await lambda.deliver(...Array.from({ length: 10 }, renamed))).toEqual([]);
    expect(proxy.take()).toMatchObject({ 'sagemaker.DescribePipeline': 1, 'sagemaker.ListPipelines': 1 });
  });

  test('an unreadable message fails alone, and is reported once', async () => {
    const name = await createPipeline(definitionOf(trainStep(undefined, roleArn('steps/train'))));
    const hostile = '{"__proto__": {"detail-type": "x"}, "eventName": {}, "constructor": 1}';
    const failed = await handle(
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
    await handle(event('DeleteBucketCors'));
    expect(imported().map(summary)).toEqual([
      { control: 'image-bucket-cors', status: 'FAILED', state: 'ACTIVE' },
    ]);
    await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [CORS] } }));
    await handle(event('PutBucketCors'));
    expect(imported().map(summary)).toEqual([
      { control: 'image-bucket-cors', status: 'PASSED', state: 'ARCHIVED' },
    ]);
  });

  test('log lines contain the id of their event, and metrics are counted', async () => {
    const name = await createPipeline(CLEAN);
    const record = cloudTrail(
      'UpdatePipeline',
      { pipelineName: name },
      { userIdentity: session('ci', 'build') },
    );
    await handle(envelope(record));
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
