import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isNativeError } from 'node:util/types';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAwsAccessError } from '../../../../shared/aws/read/access-error.ts';
import { awsClients } from '../../../../shared/aws/read/clients.ts';
import { liveReader } from '../../../../shared/aws/read/live-reader.ts';
import { JOB_KINDS, type JobKindId, jobKind } from '../../../../shared/definition/job-kinds.ts';
import { insistentReader, isNotReadYet } from '../../../../shared/reader/insistent-reader.ts';
import type { ListingBound } from '../../../../shared/reader/listing-bound.ts';
import { ABSENT, found } from '../../../../shared/reader/read-result.ts';
import type { Reader } from '../../../../shared/reader/reader.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const CREDENTIALS = { accessKeyId: 'a', secretAccessKey: 'b' };

/** A request as it came: the operation of SageMaker, KMS or Organizations, or the query of S3 or IAM, and its body. */
type Asked = { operation: string; path: string; body: string; authorization: string };
type Answer = { status?: number; headers?: Record<string, string>; body: unknown } | 'hang' | 'reset';

/**
 * Node's own errors are made outside of jest's context, where the SDK would not know them as errors and wrap them.
 * Here, as in production, each of them is one.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, candidate: unknown): boolean {
    return this === Error
      ? isNativeError(candidate)
      : Function.prototype[Symbol.hasInstance].call(this, candidate);
  },
});

let answer: (asked: Asked) => Answer;
let asked: Asked[];
let closers: (() => Promise<void>)[];

beforeEach(() => {
  asked = [];
  closers = [];
});
afterEach(async () => {
  for (const close of closers) await close();
  delete process.env.AWS_ENDPOINT_URL;
});

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const operation = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
  const { authorization = '' } = request.headers;
  const question = { operation, path: request.url ?? '', body: await bodyOf(request), authorization };
  asked.push(question);
  const given = answer(question);
  if (given === 'hang') return;
  if (given === 'reset') {
    request.socket.destroy();
    return;
  }
  const { status = 200, headers = {}, body } = given;
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

/** A live reader whose AWS is a server that answers with faults; there is no other way to have them when wanted. */
const readerOf = async ({
  maxAttempts = 1,
  requestMillis = 10_000,
  bound,
}: {
  maxAttempts?: number;
  requestMillis?: number;
  bound?: ListingBound;
} = {}): Promise<Reader> => {
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients = awsClients({ region: scope.region, credentials: CREDENTIALS, maxAttempts, requestMillis });
  closers.push(async () => {
    const { sagemaker, s3, iam, kms, organizations } = clients;
    for (const client of [sagemaker, await s3(), await iam(), await kms(), await organizations()])
      client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return liveReader({ ...clients, scope, bound });
};

const jsonError = (code: string, message = 'no', status = 400): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: { __type: `com.amazonaws.sagemaker#${code}`, message },
});
const s3Error = (code: string, status: number): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: s3ErrorBody(code),
});
const s3ErrorBody = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
const iamError = (code: string, status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p/execution/kytlemm1lvpq';

/** The codes of errors after which another attempt may succeed. */
const TRANSIENT = ['ThrottlingException', 'InternalFailure', 'Http503', 'SlowDown', 'TimeoutError'];

/** An error as the service that is asked on this path writes it. */
const inProtocol = ({ path, operation }: Asked, code: string, status: number): Answer => {
  if (path.startsWith('/bucket') || path.includes('max-buckets')) return s3Error(code, status);
  return operation === '' ? iamError(code, status) : jsonError(code, 'no', status);
};

describe('members that the SDK does not know', () => {
  test('of the versions of a pipeline are read: their aliases', async () => {
    answer = () => ({
      body: {
        PipelineVersionSummaries: [
          { PipelineVersionId: 2, CreationTime: 1795255200, PipelineVersionAliases: ['prod', 'x'] },
          { PipelineVersionId: 1, CreationTime: 1795255100 },
        ],
      },
    });
    const reader = await readerOf();
    expect(await reader.listPipelineVersions('p')).toMatchObject({
      ok: true,
      value: [
        { id: 2, createdAt: '2026-11-21T10:00:00.000Z', aliases: ['prod', 'x'] },
        { id: 1, aliases: [] },
      ],
    });
  });

  test('of an execution are read: the role that it was started with', async () => {
    const roleArn = 'arn:aws:iam::111122223333:role/admin';
    answer = ({ operation }) => ({
      body:
        operation === 'DescribePipelineExecution'
          ? `{"PipelineExecutionArn": "${ARN}", "RoleArn": "${roleArn}", "PipelineVersionId": 3, "__proto__": {"x": 1}}`
          : { PipelineParameters: [{ Name: 'A', Value: 'b' }] },
    });
    const reader = await readerOf();
    expect(await reader.describeExecution(ARN)).toEqual(
      found({ executionArn: ARN, versionId: 3, roleArn, parameters: { A: 'b' } }),
    );
  });
});

describe('an error that AWS may answer is a value', () => {
  const calls = {
    DescribePipeline: (reader: Reader) => reader.describePipeline('p'),
    DescribePipelineDefinitionForExecution: (reader: Reader) =>
      reader.describeExecutionDefinition({ executionArn: ARN }),
    ListPipelineExecutionSteps: (reader: Reader) => reader.listExecutionSteps(ARN),
    DescribeTrainingJob: (reader: Reader) => reader.describeJob('training-job', 'j'),
    ListPipelines: (reader: Reader) => reader.listPipelines(),
    ListTrainingJobs: (reader: Reader) => reader.listJobs(),
    GetBucketCors: (reader: Reader) => reader.getBucketCors('bucket'),
    GetBucketTagging: (reader: Reader) => reader.getBucketTags('bucket'),
    ListBuckets: (reader: Reader) => reader.listBuckets(),
    GetRole: (reader: Reader) => reader.getRole('r'),
    GetAccountAuthorizationDetails: (reader: Reader) => reader.readIdentities(),
    GetBucketPolicy: (reader: Reader) => reader.getBucketPolicy('bucket'),
    GetKeyPolicy: (reader: Reader) => reader.getKeyPolicy('key'),
    DescribeKey: (reader: Reader) => reader.getKeyPolicy('alias/a'),
    DescribeOrganization: (reader: Reader) => reader.readOrganizationPolicies(),
    DescribePipelineExecution: (reader: Reader) => reader.describeExecution(ARN),
    ListPipelineVersions: (reader: Reader) => reader.listPipelineVersions('p'),
  };

  test.each<[keyof typeof calls, string, Answer]>([
    ['DescribePipeline', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['DescribePipeline', ABSENT, jsonError('ResourceNotFound')],
    ['DescribePipeline', 'ValidationException', jsonError('ValidationException', '1 validation error')],
    ['DescribePipelineDefinitionForExecution', ABSENT, jsonError('ResourceNotFound')],
    ['ListPipelineExecutionSteps', ABSENT, jsonError('ResourceNotFound')],
    ['ListPipelineExecutionSteps', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['DescribeTrainingJob', ABSENT, jsonError('ValidationException', 'Requested resource not found.')],
    ['DescribeTrainingJob', ABSENT, jsonError('ValidationException', 'Could not find requested job: j')],
    ['DescribeTrainingJob', 'ThrottlingException', jsonError('ThrottlingException', 'Rate exceeded')],
    ['DescribeTrainingJob', 'InternalFailure', jsonError('InternalFailure', '', 500)],
    ['DescribeTrainingJob', 'Http503', { status: 503, body: '<html>proxy</html>' }],
    ['DescribeTrainingJob', 'Http404', { status: 404, body: '' }],
    ['ListPipelines', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['ListTrainingJobs', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['GetBucketCors', 'AccessDenied', s3Error('AccessDenied', 403)],
    ['GetBucketCors', ABSENT, s3Error('NoSuchBucket', 404)],
    ['GetBucketTagging', 'AccessDenied', s3Error('AccessDenied', 403)],
    ['GetBucketTagging', 'SlowDown', s3Error('SlowDown', 503)],
    ['ListBuckets', 'AccessDenied', s3Error('AccessDenied', 403)],
    ['GetRole', 'AccessDenied', iamError('AccessDenied', 403)],
    ['GetRole', ABSENT, iamError('NoSuchEntity', 404)],
    ['DescribePipeline', 'TimeoutError', 'reset'],
    ['GetAccountAuthorizationDetails', 'AccessDenied', iamError('AccessDenied', 403)],
    ['GetBucketPolicy', 'AccessDenied', s3Error('AccessDenied', 403)],
    ['GetBucketPolicy', ABSENT, s3Error('NoSuchBucket', 404)],
    ['GetKeyPolicy', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['GetKeyPolicy', ABSENT, jsonError('NotFoundException')],
    ['DescribeKey', ABSENT, jsonError('NotFoundException')],
    ['DescribeOrganization', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['DescribePipelineExecution', ABSENT, jsonError('ResourceNotFound')],
    ['ListPipelineVersions', 'AccessDeniedException', jsonError('AccessDeniedException')],
  ])('%s: %s', async (call, code, given) => {
    answer = () => given;
    const read = await calls[call](await readerOf());
    const transient = TRANSIENT.includes(code) ? { isTransient: true } : {};
    expect(read).toEqual({ ok: false, unread: { call, code, message: expect.any(String), ...transient } });
    expect(read.ok || read.unread.message).not.toBe('');
  });

  test.each<[string, (asked: Asked) => Answer]>([
    ['throttled', (asked) => inProtocol(asked, 'ThrottlingException', 400)],
    ['told to slow down', (asked) => inProtocol(asked, 'SlowDown', 503)],
    ['failed', (asked) => inProtocol(asked, 'InternalFailure', 500)],
    ['failed, by what is absent', (asked) => inProtocol(asked, 'ResourceNotFound', 500)],
    ['answered by a gateway', () => ({ status: 502, body: '<html>' })],
    ['cut off', () => 'reset'],
    ['never answered', () => 'hang'],
  ])('a call that is %s rejects in the insistent reader', async (_title, given) => {
    answer = given;
    const refused = async ([name, read]: [string, (reader: Reader) => Promise<unknown>]) => {
      const reader = insistentReader(await readerOf({ requestMillis: 300 })); // its own: a throttled client waits
      const error = await read(reader).catch((thrown: unknown) => thrown);
      return isNotReadYet(error) ? name : error;
    };
    expect(await Promise.all(Object.entries(calls).map(refused))).toEqual(Object.keys(calls));
  });

  test.each(['AccessDeniedException', 'ResourceNotFound'])(
    '%s is a value in the insistent reader too',
    async (code) => {
      answer = (question) => inProtocol(question, code, 400);
      const reader = insistentReader(await readerOf());
      for (const read of Object.values(calls)) expect(await read(reader)).toMatchObject({ ok: false });
    },
  );

  test('a bucket without configuration, tags or policy has none', async () => {
    answer = ({ path }) => s3Error(path.includes('cors') ? 'NoSuchCORSConfiguration' : 'NoSuchTagSet', 404);
    const reader = await readerOf();
    expect(await reader.getBucketCors('bucket')).toEqual(found([]));
    expect(await reader.getBucketTags('bucket')).toEqual(found(new Map()));
    answer = () => s3Error('NoSuchBucketPolicy', 404);
    expect(await reader.getBucketPolicy('bucket')).toEqual(found(null));
  });

  test('a call that hangs ends', async () => {
    answer = () => 'hang';
    const read = await (await readerOf({ requestMillis: 100 })).describePipeline('p');
    expect(read).toMatchObject({ ok: false, unread: { call: 'DescribePipeline', code: 'TimeoutError' } });
  });

  test('throttling is answered only after the SDK’s own attempts', async () => {
    answer = () =>
      asked.length < 2 ? jsonError('ThrottlingException') : { body: { PipelineSummaries: [] } };
    expect(await (await readerOf({ maxAttempts: 2 })).listPipelines()).toEqual(found([]));
    expect(asked).toHaveLength(2);
  });

  test('a message is cut at 500 characters, and no surrogate pair is broken', async () => {
    answer = () => jsonError('ValidationException', '\u{1f511}'.repeat(4000));
    const read = await (await readerOf()).describePipeline('p');
    const message = read.ok ? '' : read.unread.message;
    expect(message).toHaveLength(2 * 249 + '…'.length);
    expect(message.isWellFormed()).toBe(true);
  });

  test('a long message of a refused call is cut before the action that it needs', async () => {
    answer = () => jsonError('AccessDeniedException', '\u{1f511}'.repeat(4000));
    const read = await (await readerOf()).describePipeline('p');
    const message = read.ok ? '' : read.unread.message;
    expect(message).toMatch(/… \(needs sagemaker:DescribePipeline\)$/u);
    expect(message.length).toBeLessThanOrEqual(500);
    expect(message.isWellFormed()).toBe(true);
  });

  test.each<[string, unknown, keyof typeof calls, RegExp]>([
    [
      'pipeline has no role',
      { PipelineName: 'p', PipelineDefinition: '{}' },
      'DescribePipeline',
      /no RoleArn/,
    ],
    ['key has no policy', {}, 'GetKeyPolicy', /no policy of key/],
    ['alias has no key', {}, 'DescribeKey', /no key of alias\/a/],
    ['bucket has an empty policy', '', 'GetBucketPolicy', /no policy of bucket/],
    [
      'version has no id',
      { PipelineVersionSummaries: [{}] },
      'ListPipelineVersions',
      /a version of p lacks its id/,
    ],
    ['execution has no definition', {}, 'DescribePipelineDefinitionForExecution', /no definition/],
    [
      'role is missing',
      '<GetRoleResponse><GetRoleResult></GetRoleResult></GetRoleResponse>',
      'GetRole',
      /no role r/,
    ],
  ])('an answer whose %s is incomplete', async (_, body, call, message) => {
    answer = () => ({ body });
    expect(await calls[call](await readerOf())).toEqual({
      ok: false,
      unread: { call, code: 'Incomplete', message: expect.stringMatching(message) },
    });
  });
});

describe('where no call can succeed, the reader throws an error that says what to do:', () => {
  test.each<[string, Answer, RegExp]>([
    ['an expired token', jsonError('ExpiredTokenException'), /have expired: renew them/],
    ['an unknown key', jsonError('UnrecognizedClientException'), /does not accept the credentials/],
    ['a wrong signature', jsonError('InvalidSignatureException'), /does not accept the credentials/],
    ['a clock that is wrong', jsonError('RequestTimeTooSkewed', 'no', 403), /set the clock/],
  ])('%s', async (_, given, message) => {
    answer = () => given;
    const thrown: unknown = await (await readerOf()).describePipeline('p').catch((error: unknown) => error);
    expect(isAwsAccessError(thrown)).toBe(true);
    expect(thrown).toMatchObject({ message: expect.stringMatching(message), cause: { $fault: 'client' } });
  });

  /** S3 knows no credentials of an account in a Region that is off there. */
  const ofBucketIn = (region: string, code: string): void => {
    answer = ({ authorization }) =>
      authorization.includes(`/${region}/s3/`)
        ? s3Error(code, 403)
        : {
            ...(s3Error('PermanentRedirect', 301) as object),
            headers: { 'content-type': 'application/xml', 'x-amz-bucket-region': region },
            body: s3ErrorBody('PermanentRedirect'),
          };
  };

  test.each(['getBucketPolicy', 'getBucketCors', 'getBucketTags'] as const)(
    'but %s answers where the bucket is in a Region that is off in the account',
    async (read) => {
      ofBucketIn('eu-south-1', 'InvalidAccessKeyId');
      expect(await (await readerOf())[read]('bucket')).toMatchObject({
        ok: false,
        unread: { code: 'NoAccess', message: expect.stringContaining('the Region eu-south-1 is on') },
      });
      ofBucketIn('eu-south-1', 'ExpiredToken');
      await expect((await readerOf())[read]('bucket')).rejects.toThrow('have expired');
      ofBucketIn(scope.region, 'InvalidAccessKeyId');
      await expect((await readerOf())[read]('bucket')).rejects.toThrow('does not accept the credentials');
    },
  );

  test('an expired token of S3, of IAM, and in a list', async () => {
    const reader = await readerOf();
    answer = () => s3Error('ExpiredToken', 400);
    await expect(reader.getBucketCors('bucket')).rejects.toThrow('have expired');
    answer = () => iamError('ExpiredToken', 403);
    await expect(reader.getRole('r')).rejects.toThrow('have expired');
    answer = () => jsonError('ExpiredTokenException');
    await expect(reader.listJobs()).rejects.toThrow('have expired');
  });

  test.each<[string, Parameters<typeof awsClients>[0], RegExp]>([
    [
      'a Region that does not exist',
      { region: 'eu-nowhere-1' },
      /^api\.sagemaker\.eu-nowhere-1\.amazonaws\.com cannot be reached/,
    ],
    ['a Region that is none', { region: 'a b' }, /without a valid Region/],
    [
      'no credentials',
      {
        region: 'eu-west-1',
        credentials: () =>
          Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
      },
      /AWS credentials cannot be loaded \(none\)/,
    ],
    [
      'a role that cannot be assumed',
      {
        region: 'eu-west-1',
        credentials: () =>
          Promise.reject(
            Object.assign(new Error('x is not authorized to perform: sts:AssumeRole'), {
              name: 'AccessDenied',
            }),
          ),
      },
      /cannot be assumed/,
    ],
  ])('%s', async (_, options, message) => {
    const clients = awsClients({ credentials: CREDENTIALS, maxAttempts: 1, ...options });
    const thrown: unknown = await liveReader({ ...clients, scope })
      .describePipeline('p')
      .catch((error: unknown) => error);
    clients.sagemaker.destroy();
    expect(thrown).toMatchObject({ name: 'AwsAccessError', message: expect.stringMatching(message) });
  });

  test('a defect of ours is thrown as it is', async () => {
    const bug = new TypeError('a bug');
    const clients = awsClients({
      region: 'eu-west-1',
      credentials: () => Promise.reject(bug),
      maxAttempts: 1,
    });
    await expect(liveReader({ ...clients, scope }).describePipeline('p')).rejects.toBe(bug);
  });
});

describe('jobs', () => {
  const OPERATIONS: Partial<Record<JobKindId, string>> = { 'auto-ml-job': 'DescribeAutoMLJobV2' };
  const describable = (Object.keys(JOB_KINDS) as JobKindId[]).filter(
    (kind) => kind !== 'model-card-export-job' && kind !== 'training-session',
  );

  test('a training session, which the SDK does not know, is not described', async () => {
    expect(await (await readerOf()).describeJob('training-session', 's')).toEqual({
      ok: false,
      unread: { call: 'DescribeTrainingSession', code: 'NotInSdk', message: expect.stringContaining(' s') },
    });
    expect(asked).toEqual([]);
  });

  test.each(describable)('a %s is described by its own operation', async (kind) => {
    const { noun, nameField, arnField } = jobKind(kind);
    const named = { [nameField]: 'j', [arnField]: 'arn', CreationTime: 1_767_323_045 };
    answer = () => ({ body: { ...named, RoleArn: 'role', TrainingJobDefinition: { RoleArn: 'role' } } });
    const read = await (await readerOf()).describeJob(kind, 'j');
    expect(read).toMatchObject(found({ kind, name: 'j', arn: 'arn', createdAt: '2026-01-02T03:04:05.000Z' }));
    expect(asked).toMatchObject([{ operation: OPERATIONS[kind] ?? `Describe${noun}` }]);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ [nameField]: 'j' });
  });

  test('a job of no known category is looked for in each', async () => {
    answer = ({ body }) =>
      body.includes('AgentRFTEvaluation')
        ? { body: { JobName: 'j', RoleArn: 'role' } }
        : jsonError('ResourceNotFound');
    expect(await (await readerOf()).describeJob('job', 'j')).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  test('a model package in a group is described by its ARN, an export job only by its ARN', async () => {
    answer = () => ({ body: {} });
    const reader = await readerOf();
    await reader.describeJob('model-package', 'group/3');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      ModelPackageName: 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/group/3',
    });
    expect(await reader.describeJob('model-card-export-job', 'e')).toMatchObject({
      unread: { code: 'NotNamed' },
    });
    expect(await reader.describeJob('model-card-export-job', 'arn:x')).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  test('in progress are listed page by page, of each kind that runs for a while', async () => {
    answer = ({ operation, body }) => {
      const { NextToken, StatusEquals } = JSON.parse(body) as { NextToken?: string; StatusEquals: string };
      const noun = operation.replace(/^List|s$/g, '');
      const name = `${noun}-${NextToken ?? 'first'}-${StatusEquals}`;
      return {
        body: {
          [`${noun}Summaries`]: [{ [`${noun}Name`]: name }],
          ...(NextToken ? {} : { NextToken: 'second' }),
        },
      };
    };
    const reader = await readerOf();
    const read = await reader.listJobs();
    const kinds = [
      'training-job',
      'processing-job',
      'transform-job',
      'hyper-parameter-tuning-job',
      'auto-ml-job',
    ] as const;
    expect(read).toEqual(
      found(
        kinds.flatMap((kind) =>
          ['first', 'second'].map((page) => ({ kind, name: `${jobKind(kind).noun}-${page}-InProgress` })),
        ),
      ),
    );
    expect(await reader.listJobs()).toEqual(read);
  });
});

test('an execution is not asked for under an ARN of something else', async () => {
  answer = () => ({ body: {} });
  const reader = await readerOf();
  for (const executionArn of ['', 'x'.repeat(5000), 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p']) {
    expect(await reader.describeExecutionDefinition({ executionArn })).toMatchObject({
      unread: { code: 'InvalidName', message: expect.stringMatching(/^.{0,600}$/) },
    });
  }
  expect(asked).toEqual([]);
});

describe('the definition of an execution', () => {
  const answers =
    (pipeline: Answer) =>
    ({ operation }: Asked): Answer =>
      operation === 'DescribePipeline' ? pipeline : { body: { PipelineDefinition: 'ran' } };

  test('comes with the pipeline’s role, and when the pipeline was last modified', async () => {
    answer = answers({
      body: {
        PipelineName: 'p',
        RoleArn: 'arn:r',
        PipelineDefinition: 'now',
        LastModifiedTime: 1_795_000_000,
      },
    });
    expect(await (await readerOf()).describeExecutionDefinition({ executionArn: ARN })).toEqual(
      found({
        pipelineName: 'p',
        roleArn: 'arn:r',
        modifiedAt: '2026-11-18T11:06:40.000Z',
        definitionText: 'ran',
      }),
    );
  });

  test('lacks the role where the pipeline is gone, and is a gap where the pipeline may not be read', async () => {
    answer = answers(jsonError('ResourceNotFound'));
    const reader = await readerOf();
    expect(await reader.describeExecutionDefinition({ executionArn: ARN })).toEqual(
      found({ pipelineName: 'p', definitionText: 'ran' }),
    );
    answer = answers(jsonError('AccessDeniedException'));
    expect(await reader.describeExecutionDefinition({ executionArn: ARN })).toMatchObject({
      unread: { call: 'DescribePipeline', code: 'AccessDeniedException' },
    });
  });
});

test('the steps of an execution are listed, page by page', async () => {
  const job = (name: string) => `arn:aws:sagemaker:eu-west-1:111122223333:processing-job/${name}`;
  answer = ({ body }) => ({
    body: body.includes('second')
      ? {
          PipelineExecutionSteps: [
            {
              StepName: 'Old',
              StepStatus: 'Succeeded',
              CacheHitResult: { SourcePipelineExecutionArn: 'arn:x' },
              Metadata: { ProcessingJob: { Arn: job('old') } },
            },
            {
              StepName: 'Check',
              StepStatus: 'Failed',
              AttemptCount: 2,
              Metadata: { QualityCheck: { CheckJobArn: job('check') } },
            },
            {
              StepName: 'Ask',
              StepStatus: 'Starting',
              Metadata: { Lambda: { Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:x' } },
            },
          ],
        }
      : {
          PipelineExecutionSteps: [
            {
              StepName: 'Prepare',
              StepStatus: 'Executing',
              StartTime: 1_795_000_000,
              Metadata: { ProcessingJob: { Arn: job('prepare') } },
            },
          ],
          NextToken: 'second',
        },
  });
  const over = { isRunning: false, isRetried: false };
  expect(await (await readerOf()).listExecutionSteps(ARN)).toEqual(
    found([
      {
        ...over,
        name: 'Prepare',
        jobArns: [job('prepare')],
        isRunning: true,
        startedAt: '2026-11-18T11:06:40.000Z',
      },
      { ...over, name: 'Old', jobArns: [] },
      { ...over, name: 'Check', jobArns: [job('check')], isRetried: true },
      { ...over, name: 'Ask', jobArns: [], isRunning: true },
    ]),
  );
});

test('all buckets and pipelines are listed, page by page', async () => {
  const reader = await readerOf();
  answer = ({ path }) => ({
    headers: { 'content-type': 'application/xml' },
    body: `<ListAllMyBucketsResult><Buckets><Bucket><Name>${path.includes('second') ? 'b' : 'a'}</Name></Bucket></Buckets>${
      path.includes('second') ? '' : '<ContinuationToken>second</ContinuationToken>'
    }</ListAllMyBucketsResult>`,
  });
  expect(await reader.listBuckets()).toEqual(found(['a', 'b']));
  answer = ({ body }) => ({
    body: body.includes('second')
      ? { PipelineSummaries: [{ PipelineName: 'q', RoleArn: 'role', LastModifiedTime: 1_790_000_000 }, {}] }
      : { PipelineSummaries: [{ PipelineName: 'p' }], NextToken: 'second' },
  });
  expect(await reader.listPipelines()).toEqual(
    found([{ name: 'p' }, { name: 'q', roleArn: 'role', modifiedAt: '2026-09-21T14:13:20.000Z' }]),
  );
});

describe('an organization', () => {
  const now = <T>(value: T) => ({ ...found(value), asOf: expect.any(Number) });
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
  /** The account is in a unit below the root. Each level lists the same SCP, on as many pages as there are levels. */
  const answers: Record<string, (body: Record<string, string>) => Answer> = {
    DescribeOrganization: () => ({
      body: { Organization: { Id: 'o-acme', MasterAccountId: '999988887777' } },
    }),
    DescribeAccount: () => jsonError('AccessDeniedException'),
    ListParents: ({ ChildId }) => ({
      body: {
        Parents: [
          ChildId === scope.account
            ? { Id: 'ou-1', Type: 'ORGANIZATIONAL_UNIT' }
            : { Id: 'r-1', Type: 'ROOT' },
        ],
      },
    }),
    ListPoliciesForTarget: ({ Filter, NextToken }) =>
      Filter === 'RESOURCE_CONTROL_POLICY'
        ? jsonError('PolicyTypeNotEnabledException')
        : {
            body: NextToken
              ? { Policies: [{ Id: 'p-2', Name: 'second' }] }
              : { Policies: [{ Id: 'p-1', Name: 'first' }], NextToken: 'x' },
          },
    DescribePolicy: () => ({ body: { Policy: { Content: JSON.stringify(document) } } }),
  };
  const answerWith = (changed: typeof answers = {}) => {
    answer = ({ operation, body }) =>
      ({ ...answers, ...changed })[operation]?.(JSON.parse(body) as Record<string, string>) ?? 'reset';
  };

  test('is read from the root to the account, each policy once', async () => {
    answerWith();
    const policies = [
      { name: 'first', document },
      { name: 'second', document },
    ];
    expect(await (await readerOf()).readOrganizationPolicies()).toEqual(
      now({
        scps: ['r-1', 'ou-1', scope.account].map((target) => ({ target, policies })),
        rcps: [],
        managementAccount: '999988887777',
        own: { id: 'o-acme', path: 'o-acme/r-1/ou-1/' },
      }),
    );
    expect(asked.filter(({ operation }) => operation === 'DescribePolicy')).toHaveLength(2);
  });

  const pathOf = (...Paths: string[]): Answer => ({
    body: { Account: { Id: scope.account, State: 'ACTIVE', Paths } },
  });

  test.each([`o-acme/r-1/ou-1/ou-2/${scope.account}`, 'o-acme/r-1/ou-1/ou-2/', 'r-1/ou-1/ou-2'])(
    'that tells the path of the account (%s) is asked for no parents',
    async (path) => {
      answerWith({ DescribeAccount: () => pathOf(path) });
      const reader = await readerOf();
      const read = await reader.readOrganizationPolicies();
      expect(read.ok && read.value.scps.map(({ target }) => target)).toEqual([
        'r-1',
        'ou-1',
        'ou-2',
        scope.account,
      ]);
      expect(asked.map(({ operation }) => operation)).not.toContain('ListParents');
      expect(await reader.readOwnOrganization()).toEqual(
        now({ id: 'o-acme', path: 'o-acme/r-1/ou-1/ou-2/' }),
      );
    },
  );

  test.each<[string, Answer]>([
    ['no path', { body: { Account: { Id: scope.account, Status: 'ACTIVE' } } }],
    ['no account', { body: {} }],
    ['the path of another account', pathOf('o-acme/r-1/999988887777')],
    ['the path in another organization', pathOf('o-other/r-1/')],
    ['several paths', pathOf('o-acme/r-1/', 'o-acme/r-1/ou-1/')],
    ['a path without a root', pathOf('o-acme/ou-1/')],
    ['what is no path', pathOf('../../r-1')],
    ['a call that is unknown', jsonError('UnknownOperationException')],
  ])('that tells %s is asked for the parents', async (_, given) => {
    answerWith({ DescribeAccount: () => given });
    const reader = await readerOf();
    const read = await reader.readOrganizationPolicies();
    expect(read.ok && read.value.scps.map(({ target }) => target)).toEqual(['r-1', 'ou-1', scope.account]);
    expect(await reader.readOwnOrganization()).toEqual(now({ id: 'o-acme', path: 'o-acme/r-1/ou-1/' }));
  });

  test.each<[string, Answer | undefined, unknown]>([
    ['its id', undefined, found({ id: 'o-acme' })],
    ['that there is none', jsonError('AWSOrganizationsNotInUseException'), found(null)],
    ['nothing', { body: { Organization: {} } }, { unread: { code: 'Incomplete' } }],
    [
      'that it may not be asked',
      jsonError('AccessDeniedException'),
      { unread: { code: 'AccessDeniedException' } },
    ],
  ])('of its own tells an account %s', async (_, given, expected) => {
    answerWith(given && { DescribeOrganization: () => given });
    expect(await (await readerOf()).readOwnOrganization()).toMatchObject(expected as object);
  });

  test('without the account has no level', async () => {
    answerWith({ DescribeOrganization: () => jsonError('AWSOrganizationsNotInUseException') });
    expect(await (await readerOf()).readOrganizationPolicies()).toEqual(
      now({ scps: [], rcps: [], own: null }),
    );
  });

  test('whose levels have no policy of a type does not use the type', async () => {
    answerWith({ ListPoliciesForTarget: () => ({ body: { Policies: [] } }) });
    expect(await (await readerOf()).readOrganizationPolicies()).toMatchObject(found({ scps: [], rcps: [] }));
  });

  test.each<[string, string, Answer]>([
    ['ListParents', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['ListParents', 'Incomplete', { body: { Parents: [] } }],
    ['ListParents', 'Incomplete', { body: { Parents: [{ Id: 'ou-1', Type: 'ORGANIZATIONAL_UNIT' }] } }],
    ['ListPoliciesForTarget', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['DescribePolicy', 'AccessDeniedException', jsonError('AccessDeniedException')],
    ['DescribePolicy', 'Incomplete', { body: { Policy: {} } }],
  ])('is not read in part: %s, %s', async (call, code, given) => {
    answerWith({ [call]: () => given });
    expect(await (await readerOf()).readOrganizationPolicies()).toEqual({
      ok: false,
      unread: { call, code, message: expect.any(String) },
    });
    expect(asked.length).toBeLessThan(30);
  });
});

test('identities are read page by page, with documents as IAM encodes them', async () => {
  const document = encodeURIComponent(
    JSON.stringify({ Statement: { Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::a+b/%/*' } }),
  );
  const attached =
    '<AttachedManagedPolicies><member><PolicyName>m</PolicyName><PolicyArn>arn:m</PolicyArn></member></AttachedManagedPolicies>';
  const details = (text: string) => ({
    headers: { 'content-type': 'text/xml' },
    body: `<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult>${text}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`,
  });
  const version = (isDefault: boolean, content: string) =>
    `<member><Document>${content}</Document><IsDefaultVersion>${isDefault}</IsDefaultVersion></member>`;
  answer = ({ body }) =>
    body.includes('Marker=second')
      ? details(
          `<Policies><member><Arn>arn:m</Arn><PolicyVersionList>${version(false, 'old')}${version(true, document)}</PolicyVersionList></member></Policies><IsTruncated>false</IsTruncated>`,
        )
      : details(
          `<RoleDetailList><member><RoleName>r</RoleName><Arn>arn:aws:iam::111122223333:role/r</Arn><AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument>${attached}</member></RoleDetailList><IsTruncated>true</IsTruncated><Marker>second</Marker>`,
        );
  const read = await (await readerOf()).readIdentities();
  const [only, ...others] = read.ok ? read.value.identities : [];
  expect(others).toEqual([]);
  expect(only?.policies.identity?.policies).toMatchObject([
    {
      name: 'arn:m',
      isReadable: true,
      statements: [{ actions: { texts: ['s3:Get*'] }, resources: { texts: ['arn:aws:s3:::a+b/%/*'] } }],
    },
  ]);
  expect(asked).toHaveLength(2);
});

describe('a bounded reader', () => {
  const BOUND = { iamCharacters: 10_000, pipelines: 4 };
  /** A page of a listing of IAM with one role, whose name has so many characters. */
  const rolePage = (characters: number, marker?: string): Answer => ({
    headers: { 'content-type': 'text/xml' },
    body: `<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult><RoleDetailList><member><RoleName>${'r'.repeat(characters)}</RoleName><Arn>arn:aws:iam::111122223333:role/r</Arn></member></RoleDetailList>${marker === undefined ? '<IsTruncated>false</IsTruncated>' : `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`}</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`,
  });
  const pipelinePage = (names: readonly string[], more: object = {}): Answer => ({
    body: { PipelineSummaries: names.map((PipelineName) => ({ PipelineName })), ...more },
  });

  test('lists what is within its bound', async () => {
    answer = ({ operation, body }) => {
      if (operation !== 'ListPipelines') return rolePage(8_000);
      return body.includes('second')
        ? pipelinePage(['c', 'd'])
        : pipelinePage(['a', 'b'], { NextToken: 'second' });
    };
    const reader = await readerOf({ bound: BOUND });
    expect(await reader.readIdentities()).toMatchObject({ ok: true });
    expect(await reader.listPipelines()).toEqual(found(['a', 'b', 'c', 'd'].map((name) => ({ name }))));
  });

  test('asks for no page after the one that goes beyond it, and tells nothing of what it has read', async () => {
    answer = ({ operation }) =>
      operation === 'ListPipelines'
        ? pipelinePage(['a', 'b', 'c'], { NextToken: 'more' })
        : rolePage(6_000, 'more');
    const reader = await readerOf({ bound: BOUND });
    const tooLarge = { ok: false, unread: { code: 'TooLargeToList', message: expect.any(String) } };
    expect(await reader.readIdentities()).toMatchObject(tooLarge);
    expect(asked).toHaveLength(2);
    expect(await reader.listPipelines()).toMatchObject(tooLarge);
    expect(asked).toHaveLength(4);
  });

  test('tells a refusal as a refusal', async () => {
    answer = (about) => inProtocol(about, 'AccessDenied', 403);
    const reader = await readerOf({ bound: BOUND });
    expect(await reader.readIdentities()).toMatchObject({ unread: { code: 'AccessDenied' } });
  });
});

test('a document of IAM with a doubled name is a policy that cannot be read', async () => {
  const document = encodeURIComponent(
    '{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Effect": "Allow"}}',
  );
  answer = () => ({
    headers: { 'content-type': 'text/xml' },
    body: `<GetAccountAuthorizationDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountAuthorizationDetailsResult><RoleDetailList><member><RoleName>r</RoleName><Arn>arn:aws:iam::111122223333:role/r</Arn><RolePolicyList><member><PolicyName>p</PolicyName><PolicyDocument>${document}</PolicyDocument></member></RolePolicyList></member></RoleDetailList><IsTruncated>false</IsTruncated></GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>`,
  });
  const read = await (await readerOf()).readIdentities();
  expect(read.ok && read.value.identities[0]?.policies.identity?.policies).toMatchObject([
    { isReadable: false, statements: [], problems: [{ code: 'doubled-name', line: 1, column: 66 }] },
  ]);
});

test('an execution comes with its version and all of its parameters', async () => {
  answer = ({ operation, body }) => {
    if (operation === 'DescribePipelineExecution') return { body: { PipelineVersionId: 7 } };
    return {
      body: body.includes('second')
        ? { PipelineParameters: [{ Name: 'b', Value: '2' }] }
        : { PipelineParameters: [{ Name: 'a', Value: '1' }], NextToken: 'second' },
    };
  };
  const reader = await readerOf();
  const fact = { executionArn: ARN, versionId: 7, parameters: { a: '1', b: '2' } };
  expect(await reader.describeExecution(ARN)).toEqual(found(fact));
  answer = ({ operation }) =>
    operation === 'DescribePipelineExecution' ? { body: {} } : jsonError('AccessDeniedException');
  expect(await reader.describeExecution(ARN)).toMatchObject({
    unread: { call: 'ListPipelineParametersForExecution', code: 'AccessDeniedException' },
  });
});

test('a version of a pipeline is asked for by its id', async () => {
  answer = ({ body }) => ({
    body: { PipelineName: 'p', RoleArn: 'arn:r', PipelineDefinition: body, LastModifiedTime: 1_795_000_000 },
  });
  const read = await (await readerOf()).describePipelineVersion('p', 3);
  expect(read).toMatchObject({ value: { roleArn: 'arn:r', modifiedAt: '2026-11-18T11:06:40.000Z' } });
  expect(read.ok && JSON.parse(read.value.definitionText)).toEqual({
    PipelineName: 'p',
    PipelineVersionId: 3,
  });
});

test('the versions of a pipeline are listed, page by page', async () => {
  answer = ({ body }) => ({
    body: body.includes('second')
      ? { PipelineVersionSummaries: [{ PipelineVersionId: 1, CreationTime: 1_795_000_000 }] }
      : { PipelineVersionSummaries: [{ PipelineVersionId: 2 }], NextToken: 'second' },
  });
  expect(await (await readerOf()).listPipelineVersions('p')).toEqual(
    found([
      { id: 2, aliases: [] },
      { id: 1, createdAt: '2026-11-18T11:06:40.000Z', aliases: [] },
    ]),
  );
});

test('a key of another account, and a text that no key can have, are not asked for', async () => {
  answer = () => ({ body: {} });
  const reader = await readerOf();
  for (const [key, code] of [
    ['arn:aws:kms:eu-west-1:999988887777:key/k', 'OutsideScope'],
    ['arn:aws:kms:eu-north-1:111122223333:alias/k', 'OutsideScope'],
    ['k/k', 'InvalidName'],
  ] as const) {
    expect(await reader.getKeyPolicy(key)).toMatchObject({ unread: { call: 'GetKeyPolicy', code } });
  }
  expect(asked).toEqual([]);
});

test('a name that is no bucket’s never becomes a part of an address', async () => {
  answer = () => ({ body: '' });
  const reader = await readerOf();
  for (const bucket of [
    '',
    '..',
    'a/b',
    'arn:aws:s3:eu-west-1:111122223333:accesspoint/x',
    'a?x',
    'x'.repeat(300),
  ]) {
    expect(await reader.getBucketCors(bucket)).toMatchObject({ unread: { code: 'InvalidBucketName' } });
  }
  expect(asked).toEqual([]);
});
