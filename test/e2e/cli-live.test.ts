import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  type PutBucketCorsCommandInput,
  PutBucketTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreatePipelineCommand,
  CreateTrainingJobCommand,
  SageMakerClient,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
  stepJob,
} from '../support/builders/events.ts';
import {
  CLEAN,
  CORS,
  definitionOf,
  described,
  type Files,
  IDENTITY,
  inFolder,
  ROLES,
  type Run,
  type RunOptions,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';
import { tellSteps } from '../support/emulators/execution-steps.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { describeWith } from '../support/jest/tools.ts';

/** The configuration without its suggestions, which are comments. */
const uncommented = (text: string): string[] =>
  text.split('\n').flatMap((line) => line.replace(/\s*#.*$/, '') || []);

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const LIVE = ['audit', '--live', '--format', 'json', '--quiet'];

/** Answers the calls that it knows, and forwards all others. */
const startStandIn = async (
  answerTo: (operation: string) => { status: number; body: string } | undefined,
  upstream?: string,
): Promise<{ endpoint: string; stop: () => Promise<void> }> => {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method = 'GET', url = '/', headers } = request;
    const named = headers['x-amz-target']?.toString().split('.').at(-1);
    const operation = named ?? /(?:^|&)Action=(\w+)/.exec(body.toString('utf8'))?.[1] ?? `${method} ${url}`;
    const answer = answerTo(operation);
    if (answer)
      return void response.writeHead(answer.status, { 'content-type': 'application/xml' }).end(answer.body);
    const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers;
    const passed = await fetch(`${upstream}${url}`, {
      method,
      headers: others as Record<string, string>,
      ...(body.length > 0 ? { body } : {}),
    });
    const type = passed.headers.get('content-type') ?? 'application/xml';
    response.writeHead(passed.status, { 'content-type': type }).end(Buffer.from(await passed.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const inXml = (code: string, message: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

const refused = (message: string): Run => ({ status: 2, stdout: '', stderr: `pipewarden: ${message}\n` });

describe('an account that cannot be reached', () => {
  const region = ['--region', REGION];
  const NO_CREDENTIALS = (why: string) =>
    `AWS credentials cannot be loaded (${why}): give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and its secret`;
  const NONE = 'Could not load credentials from any providers';
  const NO_REGION = (why: string) =>
    `AWS cannot be called without a valid Region (${why}): give --region, such as eu-west-1, or set AWS_REGION, or a region in the profile`;

  test.each<[string, string[], RunOptions['env'], string]>([
    ['no credentials', region, {}, NO_CREDENTIALS(NONE)],
    ['an unknown profile', [...region, '--profile', 'nobody'], {}, NO_CREDENTIALS(`profile nobody: ${NONE}`)],
    ['an unknown AWS_PROFILE', region, { AWS_PROFILE: 'nobody' }, NO_CREDENTIALS(`profile nobody: ${NONE}`)],
    ['no Region', [], CREDENTIALS, NO_REGION('Region is missing')],
    [
      'a word for a Region',
      ['--region', 'nowhere'],
      CREDENTIALS,
      NO_REGION('Region not accepted: nowhere is not a Region; Regions look like eu-west-1'),
    ],
    [
      'nobody listening',
      region,
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      "the address of AWS cannot be reached (ECONNREFUSED): look at the Region's name, the network, and AWS_ENDPOINT_URL where it is set",
    ],
    [
      'an endpoint that is no URL',
      region,
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'localhost' },
      'AWS_ENDPOINT_URL, or a setting like it, is not a URL; a URL looks like http://127.0.0.1:5000',
    ],
  ])('%s', async (_title, args, env = {}, message) => {
    expect(await run([...LIVE, ...args], { env })).toEqual(refused(message));
  });

  test('a host that nobody knows', async () => {
    const { status, stdout, stderr } = await run([...LIVE, ...region], {
      env: { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://sts.nowhere.invalid' },
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^pipewarden: sts\.nowhere\.invalid cannot be reached \(E\w+\): look at .*\n$/);
  });

  test.each([
    [
      'ExpiredToken',
      'the AWS credentials have expired: renew them (for a profile with SSO: `aws sso login`) and run it again',
    ],
    [
      'InvalidClientTokenId',
      'AWS does not accept the credentials (InvalidClientTokenId): look at the profile and its keys, and at whether the Region is enabled for the account',
    ],
  ])('%s', async (code, message) => {
    const standIn = await startStandIn(() => ({
      status: 403,
      body: inXml(code, 'The security token is no good'),
    }));
    try {
      expect(
        await run([...LIVE, ...region], { env: { ...CREDENTIALS, AWS_ENDPOINT_URL: standIn.endpoint } }),
      ).toEqual(refused(message));
    } finally {
      await standIn.stop();
    }
  });
});

const PIPELINES: Record<string, object> = {
  fraud: definitionOf(trainStep('fraud-train', 'steps/train')),
  'fraud-2': definitionOf(trainStep(undefined, 'steps/train'), trainStep('fraud-train', 'admin', 'Retrain')),
  'fraud-3': definitionOf(trainStep('x'.repeat(39), 'steps/train'), { Name: 'New', Type: 'NotYetKnown' }),
};

const BUCKETS: Record<string, { cors?: typeof CORS; tags?: Record<string, string> }> = {
  'acme-images': { cors: CORS },
  'acme-scans': {
    cors: { CORSRules: CORS.CORSRules.map((rule) => ({ ...rule, AllowedMethods: ['GET'] })) },
    tags: { images: 'yes' },
  },
  'acme-photos': { tags: { images: 'yes' } },
  'acme-logs': { tags: { images: 'no' } },
  'acme-plain': {},
};

/** The jobs of an execution of the pipeline fraud, and their roles. */
const jobsOf = (executionId: string): [name: string, role: string][] => [
  [`fraud-train-${executionId}-aaaaaaaaaa`, 'steps/train'],
  [`fraud-train-${executionId}-bbbbbbbbbb`, 'admin'],
];

const eventsOf = (executionArn: string) => {
  const executionId = executionArn.split('/').at(-1) ?? '';
  const jobs = jobsOf(executionId);
  return [
    ...Object.keys(PIPELINES).map((pipelineName) => envelope(cloudTrail('UpdatePipeline', { pipelineName }))),
    cloudTrail(
      'StartPipelineExecution',
      { pipelineName: 'fraud' },
      { responseElements: { pipelineExecutionArn: executionArn } },
    ),
    ...Object.keys(BUCKETS).map((bucketName) =>
      cloudTrail('PutBucketCors', { bucketName }, { eventSource: 's3.amazonaws.com' }),
    ),
    ...jobs.map(([name, role]) => stepJob({ executionId, step: 'Train', name, role })),
    ...jobs.map(([name]) => ({
      'detail-type': 'SageMaker Training Job State Change',
      source: 'aws.sagemaker',
      account: ACCOUNT,
      region: REGION,
      id: name,
      time: '2026-11-20T10:00:00Z',
      detail: {
        TrainingJobName: name,
        TrainingJobArn: sagemakerArn(`training-job/${name}`),
        TrainingJobStatus: 'InProgress',
      },
    })),
  ];
};

const tagSet = (tags: Record<string, string>) => ({
  TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
});

const snapshotOf = (executionArn: string): Files => ({
  'pipewarden.yaml': {
    ...(CLEAN['pipewarden.yaml'] as object),
    prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud*'] }],
    imageBuckets: { names: ['acme-images'], tags: { images: 'yes' } },
  },
  'events.json': eventsOf(executionArn),
  'account/caller-identity.json': IDENTITY,
  'account/iam/account-authorization-details.json': { RoleDetailList: ROLES, UserDetailList: [] },
  'account/organizations/scps.json': [],
  'account/ram/resource-shares.json': [],
  ...Object.fromEntries(
    Object.entries(PIPELINES).map(([name, definition]) => [
      `account/sagemaker/pipelines/${name}/pipeline.json`,
      described(name, definition),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(BUCKETS).flatMap(([name, { cors, tags }]) => [
      [`account/s3/${name}/cors.json`, cors ?? { absent: true }],
      [`account/s3/${name}/tagging.json`, tags ? tagSet(tags) : { absent: true }],
    ]),
  ),
  ...Object.fromEntries(
    jobsOf(executionArn.split('/').at(-1) ?? '').map(([name, role]) => [
      `account/sagemaker/jobs/training-job/${name}.json`,
      { TrainingJobName: name, TrainingJobArn: sagemakerArn(`training-job/${name}`), RoleArn: roleArn(role) },
    ]),
  ),
});

/** Makes the account, and returns the ARN of the execution that it started. */
const fill = async (endpoint: string): Promise<string> => {
  const options = { endpoint, region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const sagemaker = new SageMakerClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  await createRoles(endpoint, ROLES);
  for (const [name, definition] of Object.entries(PIPELINES)) {
    const { PipelineName, RoleArn, PipelineDefinition } = described(name, definition);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName,
        RoleArn,
        PipelineDefinition,
        ClientRequestToken: randomUUID(),
      }),
    );
  }
  for (const [Bucket, { cors, tags }] of Object.entries(BUCKETS)) {
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    const CORSConfiguration = cors as PutBucketCorsCommandInput['CORSConfiguration'];
    if (cors) await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration }));
    if (tags) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: tagSet(tags) }));
  }
  const { PipelineExecutionArn: executionArn = '' } = await sagemaker.send(
    new StartPipelineExecutionCommand({ PipelineName: 'fraud' }),
  );
  const jobs = jobsOf(executionArn.split('/').at(-1) ?? '');
  await tellSteps(
    sagemaker,
    executionArn,
    'Train',
    jobs.map(([name]) => sagemakerArn(`training-job/${name}`)),
  );
  for (const [TrainingJobName, role] of jobs) {
    await sagemaker.send(
      new CreateTrainingJobCommand({
        TrainingJobName,
        RoleArn: roleArn(role),
        AlgorithmSpecification: { TrainingImage: 'example:1', TrainingInputMode: 'File' },
        OutputDataConfig: { S3OutputPath: 's3://acme-plain/out' },
        ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 10 },
        StoppingCondition: { MaxRuntimeInSeconds: 60 },
      }),
    );
  }
  await makeTrail(new CloudTrailClient(options), 'acme-plain');
  sagemaker.destroy();
  s3.destroy();
  return executionArn;
};

describeWith('moto', 'an account in moto', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let snapshot: Files;

  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    snapshot = snapshotOf(await fill(moto.endpoint));
  });

  afterAll(() => moto?.stop());

  const live = (cwd: string, endpoint: string, ...args: string[]): Promise<Run> =>
    run([...LIVE, '--region', REGION, ...args], { cwd, env: { ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint } });

  const verdicts = (of: Run, isWanted: (type: string) => boolean = () => true) =>
    resultsOf(of)
      .findings.filter(({ resource }) => isWanted(resource.type))
      .map(({ firstObservedAt: _first, lastObservedAt: _last, evidenceAt, ...finding }) => ({
        ...finding,
        tellsItsTime: evidenceAt !== undefined,
      }));

  test('has the same findings as its snapshot, when only the resources of events are audited', async () => {
    await inFolder(snapshot, async (cwd) => {
      const args = ['--events', 'events.json', '--all'];
      const recorded = await run(['audit', '--snapshot', 'account', '--format', 'json', '--quiet', ...args], {
        cwd,
      });
      const read = await live(cwd, moto.endpoint, ...args);
      expect(verdicts(read)).toEqual(verdicts(recorded));
      expect(read).toMatchObject({ status: recorded.status, stderr: '' });
    });
  });

  test('has the same findings on pipelines and buckets as its snapshot, in a full audit', async () => {
    await inFolder(snapshot, async (cwd) => {
      const recorded = await run(['audit', '--snapshot', 'account', '--format', 'json', '--quiet', '--all'], {
        cwd,
      });
      const read = await live(cwd, moto.endpoint, '--all');
      const isLasting = (type: string) => type === 'pipeline' || type === 'bucket';
      expect(verdicts(read, isLasting)).toEqual(verdicts(recorded, isLasting));
      expect(verdicts(read, isLasting).filter(({ status }) => status === 'FAILED').length).toBeGreaterThan(3);
    });
  });

  const init = (cwd: string, endpoint: string, ...args: string[]): Promise<Run> =>
    run(['init', '--live', '--region', REGION, ...args], {
      cwd,
      env: { ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint },
    });

  test('gives the same configuration as its snapshot, and audit accepts it', async () => {
    const { 'pipewarden.yaml': _, ...account } = snapshot;
    await inFolder(account, async (cwd) => {
      const made = await init(cwd, moto.endpoint);
      expect(made).toMatchObject({ status: 0, stdout: '' });
      expect(made.stderr).toContain('written: pipewarden.yaml');
      const text = await readFile(join(cwd, 'pipewarden.yaml'), 'utf8');
      expect(text).toContain('prefix: fraud-train');
      const recorded = await run(['init', '--snapshot', 'account', '-o', '-', '--quiet'], { cwd });
      expect(uncommented(text)).toEqual(uncommented(recorded.stdout));
      const judged = (of: Run) => verdicts(of, (type) => type === 'pipeline');
      const read = await live(cwd, moto.endpoint);
      const ofSnapshot = await run(['audit', '--snapshot', 'account', '--format', 'json', '--quiet'], {
        cwd,
      });
      expect(judged(read)).toEqual(judged(ofSnapshot));
      expect(await init(cwd, moto.endpoint)).toMatchObject({ status: 2, stdout: '' });
    });
  });

  test('may deny a pipeline, which the proposed configuration mentions, with status 3', async () => {
    const standIn = await startStandIn(
      (operation) =>
        operation === 'DescribePipeline' ? { status: 400, body: denied('DescribePipeline') } : undefined,
      moto.endpoint,
    );
    try {
      await inFolder({}, async (cwd) => {
        const made = await init(cwd, standIn.endpoint, '-o', '-', '--quiet');
        expect(made.status).toBe(3);
        expect(made.stderr).toContain('not read: pipeline fraud: DescribePipeline: AccessDeniedException');
        expect(made.stdout).toContain('# Not read: pipeline fraud: ');
      });
    } finally {
      await standIn.stop();
    }
  });

  const denied = (operation: string): string =>
    JSON.stringify({
      __type: 'AccessDeniedException',
      message: `not authorized to perform: sagemaker:${operation}`,
    });

  test.each<[string, (operation: string) => boolean, string, string]>([
    [
      'DescribePipeline',
      (operation) => operation === 'DescribePipeline',
      'DescribePipeline',
      'AccessDeniedException: not authorized to perform: sagemaker:DescribePipeline',
    ],
    [
      'ListPipelines',
      (operation) => operation === 'ListPipelines',
      'ListPipelines',
      'AccessDeniedException: not authorized to perform: sagemaker:ListPipelines',
    ],
    [
      'GetBucketCors',
      (operation) => operation.includes('?cors'),
      'GetBucketCors',
      'AccessDenied: Access Denied (needs s3:GetBucketCORS)',
    ],
    [
      'GetBucketTagging',
      (operation) => operation.includes('?tagging'),
      'GetBucketTagging',
      'AccessDenied: Access Denied (needs s3:GetBucketTagging)',
    ],
  ])('is audited without %s if AWS denies it, with status 3', async (name, isRefused, at, found) => {
    const standIn = await startStandIn((operation) => {
      if (!isRefused(operation)) return undefined;
      const inS3 = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
      return operation.includes('?') ? { status: 403, body: inS3 } : { status: 400, body: denied(name) };
    }, moto.endpoint);
    try {
      await inFolder(snapshot, async (cwd) => {
        const read = await live(cwd, standIn.endpoint, '--fail-on', 'none');
        expect(read).toMatchObject({ status: 3, stderr: '' });
        const { findings } = resultsOf(read);
        expect(findings).toContainEqual(
          expect.objectContaining({
            control: 'evidence-readable',
            status: 'NOT_AVAILABLE',
            evidence: [expect.objectContaining({ at, found })],
          }),
        );
        const broken = findings.filter(({ status }) => status === 'FAILED');
        const types = new Set(broken.map(({ resource }) => resource.type));
        // Its role may not create the job whose name nobody authorised.
        expect([...types]).toEqual(at.includes('Pipeline') ? ['bucket'] : ['role', 'pipeline']);
      });
    } finally {
      await standIn.stop();
    }
  });

  test('gives no results, but advice, if the credentials expire meanwhile', async () => {
    const body = JSON.stringify({
      __type: 'ExpiredTokenException',
      message: 'The security token is expired',
    });
    const standIn = await startStandIn(
      (operation) => (operation === 'DescribePipeline' ? { status: 400, body } : undefined),
      moto.endpoint,
    );
    try {
      await inFolder(snapshot, async (cwd) => {
        expect(await live(cwd, standIn.endpoint)).toEqual(
          refused(
            'the AWS credentials have expired: renew them (for a profile with SSO: `aws sso login`) and run it again',
          ),
        );
      });
    } finally {
      await standIn.stop();
    }
  });
});
