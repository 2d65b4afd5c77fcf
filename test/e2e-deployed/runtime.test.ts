import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cloudTrail, envelope } from '../support/builders/events.ts';
import { createFindingsTable } from '../support/emulators/findings-table.ts';
import { startHangingServer } from '../support/emulators/hanging-server.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { until } from '../support/emulators/until.ts';
import { describeWith } from '../support/jest/tools.ts';
import { RIE_SCOPE, type RieFunction, startInRie } from '../support/lambda/rie.ts';
import { cdkFor, type StagedFunction, stagedFunctions } from '../support/templates/cdk.ts';

const { account: ACCOUNT, region: REGION } = RIE_SCOPE;

describeWith('the Lambda runtime', 'the functions in the Lambda runtime, as the CDK packs them', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let folder: string;
  let functions: StagedFunction[];
  const running: RieFunction[] = [];

  const staged = (name: string): StagedFunction => {
    const found = functions.find(({ id }) => id.startsWith(name));
    if (!found) throw new Error(`the template has no function ${name}`);
    return found;
  };
  /** Puts the function's code into a folder of its own, so that it finds no `node_modules`. */
  const start = async (
    name: string,
    env: Record<string, string> = {},
    { timeoutSeconds = staged(name).timeoutSeconds } = {},
  ): Promise<RieFunction> => {
    const taskRoot = join(folder, randomUUID());
    await cp(staged(name).folder, taskRoot, { recursive: true });
    const started = await startInRie(taskRoot, {
      handler: staged(name).handler,
      timeoutSeconds,
      env: {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_ENDPOINT_URL: moto.endpoint,
        CONFIG_BUCKET: 'config',
        CONFIG_KEY: 'pipewarden.json',
        FINDINGS_TABLE: 'findings',
        SWEEP_BUCKET: 'config',
        REPORT_BUCKET: 'config',
        EVENT_BUS_NAME: 'default',
        ALERT_TOPIC_ARN: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`,
        DEAD_LETTER_QUEUE_URL: `${moto.endpoint}/${ACCOUNT}/dead`,
        DELIVERY_RETRIES_URL: `${moto.endpoint}/${ACCOUNT}/retries`,
        MAX_RECEIVES: '5',
        ...env,
      },
    });
    running.push(started);
    return started;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-runtime-'));
    moto = await startMoto({ account: ACCOUNT });
    await cdkFor({ endpoint: moto.endpoint, account: ACCOUNT, region: REGION }, folder).synth({});
    functions = await stagedFunctions(folder, 'Pipewarden');
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'config' }));
    await s3.send(new PutObjectCommand({ Bucket: 'config', Key: 'pipewarden.json', Body: '{"version":1}' }));
    await createFindingsTable(new DynamoDBClient(options), 'findings');
    await new SNSClient(options).send(new CreateTopicCommand({ Name: 'alerts' }));
    await new SageMakerClient(options).send(
      new CreatePipelineCommand({
        PipelineName: 'fraud',
        PipelineDefinition: JSON.stringify({ Version: '2020-12-01', Steps: [] }),
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/pipelines/fraud`,
        ClientRequestToken: randomUUID(),
      }),
    );
  });

  afterAll(async () => {
    for (const { stop } of running) await stop();
    await moto?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('every function of the template is tested here, and all of its files can be read by any user', async () => {
    expect(functions.map(({ id }) => id.replace(/Function\w{8}$/, '')).toSorted()).toEqual([
      'Audit',
      'Deliver',
      'Inventory',
      'Report',
      'Sweep',
    ]);
    for (const { folder: code } of functions) {
      const files = (await readdir(code, { recursive: true, withFileTypes: true })).filter((one) =>
        one.isFile(),
      );
      expect(files.map(({ name }) => name)).toContain('index.mjs');
      for (const { parentPath, name } of files) {
        expect(name).toMatch(/\.mjs$/);
        expect((await stat(join(parentPath, name))).mode & 0o004).toBe(0o004);
      }
    }
  });

  test.each([
    ['Audit', { Records: [] }, { batchItemFailures: [] }],
    ['Deliver', { Records: [] }, { batchItemFailures: [] }],
    ['Inventory', { Records: [{ body: JSON.stringify({ account: ACCOUNT }) }] }, { batchItemFailures: [] }],
    ['Report', {}, { key: expect.stringMatching(/^reports\//) }],
    // moto lacks calls that a whole sweep needs. An error in the function's own words shows that its code has started.
    [
      'Sweep',
      { sweepId: '../evil' },
      { errorType: expect.stringContaining('Zod'), errorMessage: expect.any(String) },
    ],
  ])('%s starts cold from nothing but its own files', async (name, event, answer) => {
    const started = await start(name);
    expect(await started.invoke(event)).toEqual(expect.objectContaining(answer));
    const inits = () =>
      started.log().flatMap((line) => /INIT REPORT\(durationMs: ([\d.]+)\)/.exec(line)?.[1] ?? []);
    const init = await until(inits, (found) => found.length > 0);
    expect(init).toHaveLength(1);
  });

  test('a function that runs out of time is stopped, and its message is audited when it comes again', async () => {
    const hanging = await startHangingServer();
    const record = cloudTrail(
      'UpdatePipeline',
      { pipelineName: 'fraud' },
      { awsRegion: REGION, recipientAccountId: ACCOUNT },
    );
    const event = { ...envelope(record), account: ACCOUNT, region: REGION };
    const message = { messageId: randomUUID(), body: JSON.stringify(event), eventSource: 'aws:sqs' };
    const batch = { Records: [{ ...message, attributes: { ApproximateReceiveCount: '1' } }] };
    try {
      const late = await start('Audit', { AWS_ENDPOINT_URL_S3: hanging.endpoint }, { timeoutSeconds: 2 });
      const ending = expect.stringContaining('Task timed out after 2.00 seconds');
      expect(await late.invoke(batch)).toEqual(ending);
      // Its environment is made anew, which the emulator at times has not finished; then it is as whole as the first.
      const isMade = (answer: unknown): boolean => !JSON.stringify(answer).includes('ErrGateCanceled');
      expect(await until(() => late.invoke(batch), isMade)).toEqual(ending);
    } finally {
      await hanging.stop();
    }
    const again = await start('Audit');
    expect(await again.invoke(batch)).toEqual({ batchItemFailures: [] });
    expect(again.log().filter((line) => line.includes('"message":"audited"'))).not.toEqual([]);
  });
});
