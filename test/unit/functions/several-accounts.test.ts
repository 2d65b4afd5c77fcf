import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Context, SQSEvent } from 'aws-lambda';
import type { AccountAnswer } from '../../../functions/account-context.ts';
import { type AuditedAccount, auditBatch } from '../../../functions/audit/audit-batch.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { accountStore } from '../../../shared/findings/account-state.ts';
import { memoryStore, type Store } from '../../../shared/findings/store.ts';
import { REQUIRED_CORS } from '../../../shared/policies/required-cors.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { cloudTrail, envelope } from '../../support/builders/events.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { quietBatch } from '../../support/builders/quiet-batch.ts';

const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 } as unknown as Context;
const HUB = '111122223333';
const [ONE, OTHER, STRANGER] = ['444455556666', '777788889999', '999999999999'] as const;
const BUCKET = 'acme-images';
const CONFIG = { version: 1 as const, imageBuckets: { names: [BUCKET] }, prefixes: [{ prefix: 'vision' }] };
const DENIED = {
  call: 'AssumeRole',
  code: 'AccessDenied',
  message: 'not authorized to perform: sts:AssumeRole',
};

/** Why an account gives no answer; missing for one that is read. */
let refused: Map<string, 'denied' | 'throttled'>;
let store: Store;
let asked: string[];
let noted: unknown[];
/** The accounts of the events that are noted as handled. */
let handled: string[];
let metrics: Map<string, number>;
/** With what AWS refuses every call of an account. */
let shut: Map<string, Error>;
/** The same of another Region of each account. */
let off: Error | undefined;
/** The bucket’s rules, as each account reads them. */
let cors: Map<string, (typeof REQUIRED_CORS)[]>;

const now = () => new Date('2026-11-24T10:00:00Z');

const readerOf = (account: string): Reader => {
  const { reader } = memoryReader({ listing: [], organization: NO_ORGANIZATION, trails: [], identities: {} });
  return {
    ...reader,
    scope: { ...reader.scope, account },
    readShares: async () => found([]),
    getBucketTags: async () => found(new Map()),
    getBucketCors: async () => {
      asked.push(account);
      const refusal = shut.get(account);
      if (refusal) throw refusal;
      return found(cors.get(account) ?? [REQUIRED_CORS]);
    },
  };
};

const describePipeline: Reader['describePipeline'] = async () => {
  if (off) throw off;
  return notRead('DescribePipeline', 'AccessDeniedException', 'not allowed');
};

const accounts = async (account: string): Promise<AccountAnswer<AuditedAccount>> => {
  if (account === STRANGER) return { is: 'unwatched', reason: 'nobody names it' };
  if (refused.get(account) === 'throttled') throw new Error('not yet');
  const reader = readerOf(account);
  if (refused.has(account))
    return { is: 'unread', scope: reader.scope, regions: ['eu-west-1', 'us-east-1'], unread: DENIED };
  const audit = () => ({
    readers: [
      reader,
      { ...reader, scope: { ...reader.scope, region: 'eu-south-1' }, describePipeline },
    ] as const,
    config: CONFIG,
    now,
    countsPasses: true,
    recallExecution: async () => undefined,
    evidence: accountEvidence(reader, CONFIG),
  });
  const cache = { forgetBefore: () => {} };
  return { is: 'watched', context: { audit, cache, store: accountStore(store, account, HUB) } };
};

const changedIn = (account: string, bucket = BUCKET) => ({
  ...envelope(
    cloudTrail(
      'PutBucketCors',
      { bucketName: bucket },
      { eventSource: 's3.amazonaws.com', recipientAccountId: account },
    ),
  ),
  account,
});

/** The indexes of the messages that come again. */
const handle = (...events: object[]): Promise<string[]> => handleAt(1, ...events);
const LAST_RECEIVE = 5;
const handleAt = async (receives: number, ...events: object[]): Promise<string[]> => {
  const quiet = quietBatch();
  quiet.metrics.addMetric = (name, _unit, value) => {
    metrics.set(name, (metrics.get(name) ?? 0) + value);
    return quiet.metrics;
  };
  const noteUnread = async (...told: unknown[]) => void noted.push(told);
  const noteHandled: typeof quiet.noteHandled = async (told) => {
    handled.push(...told.flatMap(({ account, eventIds }) => eventIds.map(() => account)));
  };
  const batch = auditBatch({ ...quiet, own: HUB, accounts, store, now, noteUnread, noteHandled });
  const Records = events.map((event, index) => ({
    messageId: String(index),
    body: JSON.stringify(event),
    attributes: { ApproximateReceiveCount: String(receives) },
  }));
  const { batchItemFailures } = await batch({ Records } as unknown as SQSEvent, CONTEXT);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const open = async (): Promise<{ key: string; finding: Finding }[]> => {
  const all: { key: string; finding: Finding }[] = [];
  for await (const { resourceArn: key, state } of store.states())
    all.push(...Object.values(state.open).map((finding) => ({ key, finding })));
  return all;
};
const corsFindings = async () =>
  (await open()).filter(({ finding }) => finding.control === 'image-bucket-cors');

beforeEach(() => {
  refused = new Map();
  store = memoryStore();
  asked = [];
  noted = [];
  handled = [];
  metrics = new Map();
  cors = new Map();
  shut = new Map();
  off = undefined;
});

describe('a batch with events of several accounts', () => {
  test('is looked at by the reader of the account of each event', async () => {
    expect(await handle(changedIn(ONE), changedIn(OTHER, 'other-images'), changedIn(HUB))).toEqual([]);
    expect(asked.toSorted()).toEqual([HUB, ONE]); // the other bucket is no image bucket
  });

  test('has a finding on an account that cannot be read, whose messages alone come again', async () => {
    refused.set(ONE, 'denied');
    cors.set(OTHER, []);
    expect(await handle(changedIn(ONE), changedIn(OTHER), changedIn(ONE, 'other-images'))).toEqual([
      '0',
      '2',
    ]);
    const root = `arn:aws:iam::${ONE}:root`;
    const [unread, uncovered, ...more] = (await open()).filter(({ key }) => key === root);
    expect(uncovered?.finding).toMatchObject({
      control: 'scope-covered',
      status: 'FAILED',
      evidence: [
        { at: `account ${ONE}, Region eu-west-1`, found: `AssumeRole: AccessDenied: ${DENIED.message}` },
        { at: `account ${ONE}, Region us-east-1` },
      ],
    });
    expect(noted).toEqual([[ONE, ['eu-west-1', 'us-east-1'], DENIED]]);
    expect(unread?.finding).toMatchObject({
      control: 'evidence-readable',
      status: 'NOT_AVAILABLE',
      subject: 'the whole account',
      evidence: [{ at: 'AssumeRole', found: `AccessDenied: ${DENIED.message}` }],
    });
    expect(more).toEqual([]);
    expect((await corsFindings()).map(({ finding }) => finding.account)).toEqual([OTHER]);
    expect(metrics.get('AccountsUnread')).toBe(1);
  });

  test('waits for an account of which AWS may still answer, and says nothing of it', async () => {
    refused.set(ONE, 'throttled');
    expect(await handle(changedIn(ONE), changedIn(HUB))).toEqual(['0']);
    expect((await open()).filter(({ key }) => key.includes(ONE))).toEqual([]);
  });

  const refusedBy = (cause: Error) =>
    Object.assign(new Error('AWS does not accept the credentials', { cause }), { name: 'AwsAccessError' });

  test('has a finding on a Region of an account in which nothing is answered, such as one that is off', async () => {
    shut.set(ONE, refusedBy(Object.assign(new Error('invalid'), { name: 'UnrecognizedClientException' })));
    expect(await handle(changedIn(ONE), changedIn(HUB))).toEqual(['0']);
    const there = `arn:aws:sagemaker:eu-west-1:${ONE}:*`;
    const found = (await open()).filter(({ key }) => key === there);
    expect(found.map(({ finding: { control, status } }) => [control, status])).toEqual([
      ['evidence-readable', 'NOT_AVAILABLE'],
      ['scope-covered', 'FAILED'],
    ]);
    expect(noted).toEqual([[ONE, ['eu-west-1'], expect.objectContaining({ code: 'NoAccess' })]]);
  });

  test('says nothing of an account where the network fails, or the credentials of the deployment itself', async () => {
    const network = Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
    shut.set(ONE, refusedBy(network));
    shut.set(HUB, refusedBy(Object.assign(new Error('invalid'), { name: 'UnrecognizedClientException' })));
    expect(await handle(changedIn(ONE), changedIn(HUB))).toEqual(['0', '1']);
    expect(await open()).toEqual([]);
    expect(noted).toEqual([]);
  });

  test('has a finding on another Region of the deployment’s own account, where that Region alone answers nothing', async () => {
    const changed = {
      ...envelope(
        cloudTrail(
          'UpdatePipeline',
          { pipelineName: 'fraud' },
          { recipientAccountId: HUB, awsRegion: 'eu-south-1' },
        ),
      ),
      region: 'eu-south-1',
    };
    off = refusedBy(Object.assign(new Error('expired'), { name: 'ExpiredTokenException' }));
    expect(await handle(changed)).toEqual(['0']);
    expect(await open()).toEqual([]);
    off = refusedBy(Object.assign(new Error('invalid'), { name: 'UnrecognizedClientException' }));
    expect(await handle(changed)).toEqual(['0']);
    const there = `arn:aws:sagemaker:eu-south-1:${HUB}:*`;
    expect((await open()).map(({ key, finding: { control } }) => [key, control])).toEqual([
      [there, 'evidence-readable'],
      [there, 'scope-covered'],
    ]);
  });

  const invalidIn = (signedFor: string) =>
    refusedBy(Object.assign(new Error('invalid'), { name: 'InvalidClientTokenId', signedFor }));
  const updatedInOther = (account: string) => ({
    ...envelope(
      cloudTrail(
        'UpdatePipeline',
        { pipelineName: 'fraud' },
        { recipientAccountId: account, awsRegion: 'eu-south-1' },
      ),
    ),
    account,
    region: 'eu-south-1',
  });

  test('is done with a message at its last receive of which a Region is off, and leaves the event to a later sweep', async () => {
    off = invalidIn('eu-south-1');
    expect(await handleAt(LAST_RECEIVE - 1, updatedInOther(ONE), changedIn(OTHER))).toEqual(['0']);
    expect(await handleAt(LAST_RECEIVE, updatedInOther(ONE), updatedInOther(HUB))).toEqual([]);
    expect(handled).toEqual([OTHER]);
    const told = (await open()).map(({ key, finding: { control, status } }) => [key, control, status]);
    expect(told).toEqual(
      [ONE, HUB].flatMap((account) => [
        [`arn:aws:sagemaker:eu-south-1:${account}:*`, 'evidence-readable', 'NOT_AVAILABLE'],
        [`arn:aws:sagemaker:eu-south-1:${account}:*`, 'scope-covered', 'FAILED'],
      ]),
    );
    expect(noted.at(-1)).toEqual([HUB, ['eu-south-1'], expect.objectContaining({ code: 'NoAccess' })]);
  });

  test('names the Region that refused, also where the look was at a resource of another one', async () => {
    shut.set(ONE, invalidIn('eu-south-1'));
    expect(await handleAt(LAST_RECEIVE, changedIn(ONE))).toEqual([]);
    expect(new Set((await open()).map(({ key }) => key))).toEqual(
      new Set([`arn:aws:sagemaker:eu-south-1:${ONE}:*`]),
    );
    expect(noted).toEqual([
      [
        ONE,
        ['eu-south-1'],
        expect.objectContaining({ message: expect.stringContaining('eu-south-1 is on') }),
      ],
    ]);
  });

  test('has a finding on the whole account where a Region refuses that is not watched, such as that of IAM', async () => {
    shut.set(ONE, invalidIn('us-east-1'));
    shut.set(HUB, invalidIn('us-east-1'));
    expect(await handleAt(LAST_RECEIVE, changedIn(ONE), changedIn(HUB))).toEqual(['0', '1']);
    expect(new Set((await open()).map(({ key }) => key))).toEqual(new Set([`arn:aws:iam::${ONE}:root`]));
    const [{ finding } = { finding: undefined }] = await open();
    expect(JSON.stringify(finding?.evidence)).toContain('The Region us-east-1 refused the call');
    expect(noted.at(-1)).toEqual([
      ONE,
      ['eu-west-1', 'eu-south-1'],
      expect.objectContaining({ code: 'NoAccess' }),
    ]);
  });

  test('does not count a message as done of which something else has failed as well', async () => {
    off = invalidIn('eu-south-1');
    refused.set(OTHER, 'throttled');
    expect(await handleAt(LAST_RECEIVE, [updatedInOther(ONE), changedIn(OTHER)])).toEqual(['0']);
  });

  test('never judges an account that nobody watches', async () => {
    cors.set(STRANGER, []);
    expect(await handle(changedIn(STRANGER), changedIn(HUB))).toEqual([]);
    expect(asked).toEqual([HUB]);
    expect(metrics.get('EventsUnwatched')).toBe(1);
    expect(await open()).toEqual([]);
  });

  test('keeps apart what each account says of one bucket', async () => {
    for (const account of [HUB, ONE, OTHER]) cors.set(account, []);
    await handle(changedIn(HUB), changedIn(ONE), changedIn(OTHER));
    const arn = `arn:aws:s3:::${BUCKET}`;
    expect(
      (await corsFindings()).map(({ key, finding }) => [key, finding.resource.arn, finding.account]),
    ).toEqual([
      [arn, arn, undefined],
      [`${arn}#${ONE}`, arn, ONE],
      [`${arn}#${OTHER}`, arn, OTHER],
    ]);
    expect(new Set((await corsFindings()).map(({ finding }) => finding.id)).size).toBe(3);
    cors.delete(ONE);
    await handle(changedIn(ONE));
    expect((await corsFindings()).map(({ key }) => key)).toEqual([arn, `${arn}#${OTHER}`]);
  });

  test('keeps apart what an account says of another one’s pipeline, and what that one says', async () => {
    const shared = `arn:aws:sagemaker:eu-west-1:${ONE}:pipeline/shared`;
    const updated = (account: string) => ({
      ...envelope(cloudTrail('UpdatePipeline', { pipelineName: shared }, { recipientAccountId: account })),
      account,
    });
    await handle(updated(OTHER));
    const keys = new Set((await open()).map(({ key }) => key));
    expect([...keys]).toEqual([`${shared}#${OTHER}`]);
    await handle(updated(ONE));
    expect(new Set((await open()).map(({ key }) => key)).has(`${shared}#${OTHER}`)).toBe(true);
  });
});
