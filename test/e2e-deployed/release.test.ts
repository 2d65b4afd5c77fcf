import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { makeRelease } from '../support/commands/release.ts';
import { forMiniStack } from '../support/emulators/deployment.ts';
import { type MiniStack, startMiniStack } from '../support/emulators/ministack.ts';
import { adapted, createStack, type MadeTemplate, physicalIds } from '../support/emulators/stacks.ts';
import { until } from '../support/emulators/until.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Resource } from '../support/templates/cdk.ts';

const PREFIX = 'releases/pipewarden/';
const ArtifactBucket = 'artifacts';

describeWith('MiniStack', 'a release, deployed from its files alone', () => {
  let folder: string;
  let ministack: MiniStack;
  let sqs: SQSClient;
  let outputs: ReadonlyMap<string, string>;
  const clientOf = (region = REGION) => ({
    endpoint: ministack.endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  /** The emulator’s own address is all that its functions are told besides. */
  const forThis = (resource: Resource): Resource | undefined => {
    const made = forMiniStack(resource);
    if (made?.Type !== 'AWS::Lambda::Function') return made;
    const { Environment, ...properties } = made.Properties as { Environment: { Variables: object } };
    const Variables = { ...Environment.Variables, AWS_ENDPOINT_URL: ministack.endpoint };
    return { ...made, Properties: { ...properties, Environment: { Variables } } };
  };
  const templateOf = (stack: string): MadeTemplate =>
    adapted(
      JSON.parse(readFileSync(join(folder, 'templates', REGION, `${stack}.template.json`), 'utf8')),
      forThis,
    );

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-release-'));
    await makeRelease(folder, [REGION]);
    ministack = await startMiniStack(ACCOUNT, REGION);
    sqs = new SQSClient(clientOf());
    const s3 = new S3Client({ ...clientOf(), forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({
        Bucket: ArtifactBucket,
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    for (const path of globSync('{functions,config}/*', { cwd: folder }))
      await s3.send(
        new PutObjectCommand({
          Bucket: ArtifactBucket,
          Key: `${PREFIX}${path}`,
          Body: readFileSync(join(folder, path)),
        }),
      );
    // It is larger than what CloudFormation takes without a bucket.
    const Key = `${PREFIX}templates/Pipewarden.json`;
    const Body = JSON.stringify(templateOf('Pipewarden'));
    await s3.send(new PutObjectCommand({ Bucket: ArtifactBucket, Key, Body }));
    s3.destroy();
    await createStack(clientOf(), 'PipewardenState', templateOf('PipewardenState'));
    outputs = await createStack(clientOf(), 'Pipewarden', `${ministack.endpoint}/${ArtifactBucket}/${Key}`, {
      ArtifactBucket,
      ArtifactPrefix: PREFIX,
      ReserveConcurrency: 'no',
      RolePath: '/team/',
    });
    await createStack(clientOf('us-east-1'), 'PipewardenIamEvents', templateOf('PipewardenIamEvents'), {
      RolePath: '/team/',
    });
  });
  afterAll(async () => {
    sqs?.destroy();
    await ministack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('has functions that run with the code, the configuration and the table that they were given', async () => {
    const record = cloudTrail('UpdatePipeline', { pipeline: 'unnamed' });
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: outputs.get('RequestsQueueUrl'),
        MessageBody: JSON.stringify(envelope(record)),
      }),
    );
    const letters = async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: outputs.get('DeadLetterQueueUrl'),
          MessageAttributeNames: ['All'],
        }),
      );
      return Messages;
    };
    const [letter] = await until(letters, (all) => all.length > 0).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${ministack.log().slice(-100).join('\n')}`, { cause: error });
    });
    expect(letter?.Body).toContain(String(record.eventID));
    expect(letter?.MessageAttributes?.Reason?.StringValue).toEqual(expect.stringContaining('not understood'));
  });

  test('follows the switches that were given', async () => {
    const ids = await physicalIds(clientOf(), 'Pipewarden');
    const named = (begin: string) => [...ids].find(([id]) => id.startsWith(begin))?.[1] ?? '';
    const iam = new IAMClient(clientOf());
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: named('AuditRole') }));
    expect(Role?.Path).toBe('/team/');
    const lambda = new LambdaClient(clientOf());
    const { Environment } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: named('AuditFunction') }),
    );
    expect(Environment?.Variables).toMatchObject({
      CONFIG_BUCKET: ArtifactBucket,
      CONFIG_KEY: `${PREFIX}config/default.json`,
    });
    iam.destroy();
    lambda.destroy();
  });
});
