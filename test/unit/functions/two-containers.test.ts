import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import { auditBatch } from '../../../functions/audit/audit-batch.ts';
import { memoryStore, type Store } from '../../../shared/findings/store.ts';
import type { Json } from '../../../shared/json/json.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { cachedReader } from '../../../shared/reader/cached-reader.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { bucketRequest } from '../../../shared/requests/resource-requests.ts';
import { sweepMessage } from '../../../shared/sweep/messages.ts';
import { step } from '../../support/builders/control-cases.ts';
import { cloudTrail, envelope, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { anObservation } from '../../support/builders/observation.ts';
import { TRUST } from '../../support/builders/principal-facts.ts';
import { batchOver, oneAccount, quietBatch } from '../../support/builders/quiet-batch.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const BUCKET = 'acme-images';
const BUCKET_ARN = `arn:aws:s3:::${BUCKET}`;
const ROLE = roleArn('pipelines/vision');
const PIPELINE = sagemakerArn('pipeline/vision');
const ANYONE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
};
const CONFIG = {
  version: 1 as const,
  imageBuckets: { names: [BUCKET] },
  prefixes: [{ prefix: 'vision' }],
  roles: { steps: [roleArn('steps/*')] },
};

let account: Account;
let store: Store;
let seconds: number;

const time = (at: number): string => new Date(Date.UTC(2026, 10, 24, 10) + at * 1000).toISOString();
const now = (): Date => new Date(time(seconds));

/** The account with one pipeline, which runs under the role `vision` and reads images. */
const anAccount = (): Account => ({
  listing: ['vision'],
  organization: NO_ORGANIZATION,
  cors: { [BUCKET]: [] },
  pipelines: {
    vision: {
      name: 'vision',
      arn: PIPELINE,
      roleArn: ROLE,
      definitionText: JSON.stringify({
        Version: '2020-12-01',
        Steps: [step('train', 'Training', { TrainingJobName: 'vision', RoleArn: roleArn('others/vision') })],
      }),
    },
  },
  identities: { RoleDetailList: [] },
});

/** A share by which another account may start the pipeline. */
const SHARED: NonNullable<Account['shares']>[number] = {
  arn: 'arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b2c3d',
  name: 'vision',
  allowsExternal: true,
  pipelineArns: [PIPELINE],
  formerPipelineArns: [],
  principals: [{ id: '444455556666', isExternal: true }],
  permissions: found([{ name: 'own', actions: found(['sagemaker:StartPipelineExecution']) }]),
};

const JOBS = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob'],
      Resource: sagemakerArn('training-job/vision-*'),
    },
  ],
};

const roleTrusting = (trust: Json, policies: readonly Json[] = []): Json => ({
  RoleDetailList: [
    {
      RoleName: 'vision',
      Arn: ROLE,
      Path: '/pipelines/',
      AssumeRolePolicyDocument: trust,
      RolePolicyList: policies.map((PolicyDocument) => ({ PolicyName: 'own', PolicyDocument })),
      AttachedManagedPolicies: [],
    },
  ],
});

/** An execution environment of the function, with a cache of its own; `hasIndex`: it keeps what its looks read for others. */
const container = ({ hasIndex = false } = {}) => {
  const { reader: ofAccount, calls } = memoryReader(account);
  const reader = cachedReader(ofAccount, { now });
  const handle = auditBatch({
    ...quietBatch(),
    ...oneAccount({
      audit: () => ({
        ...batchOver(reader, CONFIG, now),
        ...(hasIndex && { learn: async () => {} }),
      }),
      cache: reader,
      store,
    }),
  });
  const receive = async (message: object): Promise<string[]> => {
    calls.length = 0;
    const event = { Records: [{ messageId: randomUUID(), body: JSON.stringify(message) }] };
    expect(await handle(event as unknown as SQSEvent, CONTEXT)).toEqual({ batchItemFailures: [] });
    return [...calls];
  };
  const looks = (eventName: string, asked: object, fields: object): Promise<string[]> =>
    receive(envelope(cloudTrail(eventName, asked, { eventTime: now().toISOString(), ...fields })));
  return {
    /** Told of the bucket itself, of the role itself, or of the pipeline, which leads to the role. */
    ofShare: () =>
      looks(
        'CreateResourceShare',
        { name: 'vision', resourceArns: [PIPELINE] },
        { eventSource: 'ram.amazonaws.com' },
      ),
    ofBucket: () => looks('PutBucketCors', { bucketName: BUCKET }, { eventSource: 's3.amazonaws.com' }),
    ofRole: (fields: object = {}) =>
      looks(
        'UpdateAssumeRolePolicy',
        { roleName: 'vision' },
        { eventSource: 'iam.amazonaws.com', awsRegion: 'us-east-1', ...fields },
      ),
    bySweep: () => {
      const { scope } = ofAccount;
      const context = { sweepId: 's', scope, time: now().toISOString() };
      return receive(sweepMessage(bucketRequest(BUCKET, { scope }), 1, context) ?? {});
    },
    ofPipeline: (fields: object = {}) => looks('UpdatePipeline', { pipelineName: 'vision' }, fields),
  };
};

const open = async (control: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { state } of store.states())
    found.push(
      ...Object.values(state.open).flatMap((finding) =>
        finding.control === control ? finding.resource.arn : [],
      ),
    );
  return found;
};

/** When the open finding on the role's trust began. */
const firstSeen = async (): Promise<string | undefined> => {
  for await (const { state } of store.states())
    for (const { control, firstObservedAt } of Object.values(state.open))
      if (control === 'execution-role-trust') return firstObservedAt;
  return undefined;
};

const observedAt = async (arn: string): Promise<string | undefined> => {
  const late = anObservation({ resourceArn: arn, observedAt: '2000-01-01T00:00:00Z', findings: [] });
  const { state } = await store.observe(late);
  return state.observedAt;
};

beforeEach(() => {
  account = anAccount();
  store = memoryStore();
  seconds = 0;
});

describe('two containers, each with its own cache:', () => {
  test('a mended role is not reported again by the container that read it before', async () => {
    const [one, other] = [container(), container()];
    account.identities = roleTrusting(ANYONE);
    await one.ofPipeline();
    expect(await open('execution-role-trust')).toEqual([ROLE]);
    seconds = 10;
    account.identities = roleTrusting(TRUST);
    await other.ofRole();
    expect(await open('execution-role-trust')).toEqual([]);
    seconds = 20;
    expect(await one.ofPipeline({ eventTime: time(5) })).not.toContain('readIdentities');
    expect([await open('execution-role-trust'), await observedAt(ROLE)]).toEqual([[], time(10)]);
  });

  test('a change is not lost to a look that read the index after the change, and before the index was told of it', async () => {
    const one = container({ hasIndex: true });
    account.identities = roleTrusting(TRUST);
    await one.ofPipeline(); // keeps the organization
    seconds = 10;
    account.identities = roleTrusting(ANYONE);
    const at = (kinds: readonly string[]) =>
      Object.fromEntries(kinds.map((kind) => [kind, Date.parse(time(12))]));
    await store.observe(
      anObservation({
        resourceArn: ROLE,
        observedAt: time(12),
        readAt: at(['principal', 'usesOf', 'organization']),
        findings: [],
      }),
    );
    seconds = 14;
    await one.ofRole({ eventTime: time(10) });
    expect(await open('execution-role-trust')).toEqual([ROLE]);
  });

  test('what neither container has seen is read anew', async () => {
    const [one, other] = [container(), container()];
    account.identities = roleTrusting(TRUST);
    await one.ofPipeline();
    seconds = 10;
    await other.ofRole();
    account.identities = roleTrusting(ANYONE); // and the event of it is lost
    seconds = 20;
    expect(await one.ofPipeline()).toContain('readIdentities');
    expect([await open('execution-role-trust'), await observedAt(ROLE)]).toEqual([[ROLE], time(20)]);
  });

  test('a newer look is not undone by one whose kept evidence is younger on the whole, but older where it matters', async () => {
    const [one, other] = [container(), container()];
    account.identities = roleTrusting(TRUST, [JOBS]);
    await one.ofPipeline(); // keeps the organization
    seconds = 5;
    await other.ofPipeline();
    seconds = 10;
    account.identities = roleTrusting(ANYONE, [JOBS]);
    await one.ofRole();
    expect(await open('execution-role-trust')).toEqual([ROLE]);
    seconds = 20;
    expect(await other.ofPipeline({ eventTime: time(15) })).toContain('readIdentities');
    expect([await open('execution-role-trust'), await firstSeen()]).toEqual([[ROLE], time(10)]);
  });

  test('the cache is enough where no other container has read the role later', async () => {
    const one = container();
    account.identities = roleTrusting(ANYONE);
    await one.ofPipeline();
    seconds = 20;
    expect(await one.ofPipeline()).not.toContain('readIdentities');
    expect(await observedAt(ROLE)).toBe(time(0));
  });

  test('a pipeline is dated by its own reading and by that of the shares, and by nothing else', async () => {
    const one = container();
    await one.ofPipeline();
    expect(await open('step-role-authorised')).toEqual([PIPELINE]);
    seconds = 20;
    expect(await one.ofPipeline()).not.toContain('readIdentities');
    expect(await observedAt(PIPELINE)).toBe(time(0));
    seconds = 70;
    expect(await one.ofPipeline()).toContain('readShares');
    expect(await observedAt(PIPELINE)).toBe(time(70));
  });

  test('older shares do not take back what another container has read of them', async () => {
    const [one, other] = [container(), container()];
    await one.ofPipeline();
    expect(await open('pipeline-shared')).toEqual([]);
    seconds = 10;
    account.shares = [SHARED];
    expect(await other.ofShare()).toContain('readShares');
    expect(await open('pipeline-shared')).toEqual([PIPELINE]);
    seconds = 20;
    await one.ofPipeline();
    expect(await open('pipeline-shared')).toEqual([PIPELINE]);
    account.shares = [];
    await one.ofShare();
    expect(await open('pipeline-shared')).toEqual([]);
  });

  test('a sweep, which has no event, reads again what another container has read later', async () => {
    const [one, other] = [container(), container()];
    await one.ofBucket();
    expect(await open('image-bucket-cors')).toEqual([BUCKET_ARN]);
    seconds = 10;
    account.cors = { [BUCKET]: [REQUIRED_CORS] };
    await other.ofBucket();
    seconds = 20;
    expect(await one.bySweep()).toContain(`getBucketCors ${BUCKET}`);
    expect([await open('image-bucket-cors'), await observedAt(BUCKET_ARN)]).toEqual([[], time(20)]);
  });

  test('where neither container has a finding, the cache is enough', async () => {
    account.cors = { [BUCKET]: [REQUIRED_CORS] };
    const [one, other] = [container(), container()];
    await one.bySweep();
    seconds = 10;
    await other.bySweep();
    seconds = 20;
    expect(await one.bySweep()).not.toContain(`getBucketCors ${BUCKET}`);
    expect(await observedAt(BUCKET_ARN)).toBe(time(10));
    account.cors = { [BUCKET]: [] };
    await one.ofBucket();
    expect([await open('image-bucket-cors'), await observedAt(BUCKET_ARN)]).toEqual([[BUCKET_ARN], time(20)]);
  });
});
