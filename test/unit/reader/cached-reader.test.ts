import { describe, expect, test } from '@jest/globals';
import type { ExecutionRef } from '../../../shared/definition/execution-ref.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import {
  type CachedReader,
  type ChangedResource,
  cachedReader,
  definitionCache,
  identityCache,
} from '../../../shared/reader/cached-reader.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

/** A cached reader over a reader that records each call and gives the answer that the test sets. */
const setUp = (options: { maxDefinitions?: number; definitionText?: string } = {}) => {
  const asked: string[] = [];
  let time = 0;
  let answer: (value: unknown) => unknown = (value) => found(value);
  const reply = (call: string, value: unknown) => {
    asked.push(call);
    return Promise.resolve(answer(value)) as never;
  };
  const reader: Reader = {
    scope: { account: '1', region: 'r', partition: 'aws' },
    describePipeline: (name) => reply(`pipeline ${name}`, { name }),
    describePipelineVersion: (name, versionId) => reply(`pipeline ${name} ${versionId}`, { name }),
    listExecutionSteps: (executionArn) => reply(`steps ${executionArn}`, []),
    describeExecutionDefinition: ({ executionArn }) =>
      reply(`definition ${executionArn.split('/').at(-1)}`, {
        pipelineName: 'p',
        definitionText: options.definitionText ?? '{}',
      }),
    describeJob: (kind, name) => reply(`${kind} ${name}`, { kind, name }),
    getBucketCors: (bucket) => reply(`cors ${bucket}`, []),
    getBucketTags: (bucket) => reply(`tags ${bucket}`, new Map()),
    getRole: (name) => reply(`role ${name}`, { name, arn: name }),
    getBucketPolicy: (bucket) => reply(`bucket policy ${bucket}`, null),
    getKeyPolicy: (key) => reply(`key policy ${key}`, {}),
    readIdentities: () => reply('identities', identitiesOf({})),
    readOrganizationPolicies: () => reply('organization', { scps: [], rcps: [] }),
    readOwnOrganization: () => reply('own organization', { id: 'o-example' }),
    describeExecution: (executionArn) => reply(`execution ${executionArn}`, { executionArn, parameters: {} }),
    listPipelineVersions: (name) => reply(`versions ${name}`, []),
    readTrails: () => reply('trails', []),
    readShares: () => reply('shares', []),
    listPipelines: () => reply('pipelines', []),
    listBuckets: () => reply('buckets', []),
    listJobs: () => reply('jobs', []),
  };
  const now = () => new Date(time);
  const cached = cachedReader(reader, {
    now,
    definitions: definitionCache({
      now,
      ...(options.maxDefinitions !== undefined && { maxEntries: options.maxDefinitions }),
    }),
  });
  return {
    cached,
    asked,
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
    answerWith: (next: (value: unknown) => unknown) => {
      answer = next;
    },
  };
};

const execution = (id: string, more: Partial<ExecutionRef> = {}): ExecutionRef => ({
  executionArn: `arn:aws:sagemaker:r:1:pipeline/p/execution/${id}`,
  ...more,
});

test('an answer that was itself kept holds for its own time, and is kept no longer than that', async () => {
  const { cached, asked, pass, answerWith } = setUp();
  pass(400);
  answerWith((value) => found(value, 300_000));
  expect(await cached.readOrganizationPolicies()).toMatchObject({ asOf: 300_000 });
  pass(199);
  await cached.readOrganizationPolicies();
  expect(asked).toEqual(['organization']);
  pass(1);
  await cached.readOrganizationPolicies();
  expect(asked).toEqual(['organization', 'organization']);
  answerWith((value) => found(value, 10_000_000));
  pass(400);
  expect(await cached.readOwnOrganization()).toMatchObject({ asOf: 1_000_000 });
  cached.forgetBefore(1_000_001);
  await cached.readOwnOrganization();
  expect(asked.filter((call) => call === 'own organization')).toHaveLength(2);
});

describe('roles and buckets', () => {
  test('are kept for a minute', async () => {
    const { cached, asked, pass } = setUp();
    const readAll = async () => {
      await cached.getRole('r');
      await cached.getBucketCors('b');
      await cached.getBucketTags('b');
    };
    await readAll();
    pass(59);
    await readAll();
    expect(asked).toEqual(['role r', 'cors b', 'tags b']);
    pass(1);
    await readAll();
    expect(asked).toHaveLength(6);
  });

  test('are asked for anew once they are forgotten', async () => {
    const { cached, asked } = setUp();
    const readAll = () =>
      Promise.all([cached.getRole('x'), cached.getBucketCors('x'), cached.getBucketTags('x')]);
    await readAll();
    cached.forget({ type: 'bucket', name: 'x', changed: ['existence'] });
    await readAll();
    expect(asked).toEqual(['role x', 'cors x', 'tags x', 'cors x', 'tags x']);
    cached.forget({ type: 'role', name: 'x', changed: ['existence'] });
    cached.forget({ type: 'pipeline', changed: ['existence', 'definition'] });
    await readAll();
    expect(asked.slice(5)).toEqual(['role x']);
  });

  test('are kept with identities and policies, and the organization is kept for longer', async () => {
    const { cached, asked, pass } = setUp();
    const readAll = async () => {
      await cached.readIdentities();
      await cached.readOrganizationPolicies();
      await cached.getBucketPolicy('b');
      await cached.getKeyPolicy('k');
    };
    const short = ['identities', 'bucket policy b', 'key policy k'];
    await readAll();
    pass(59);
    await readAll();
    expect(asked.splice(0).toSorted()).toEqual([...short, 'organization'].toSorted());
    pass(1);
    await readAll();
    pass(239);
    await readAll();
    expect(asked.splice(0).toSorted()).toEqual([...short, ...short].toSorted());
    pass(1);
    await readAll();
    expect(asked).toEqual(['organization']);
  });

  test.each<[ChangedResource, string[]]>([
    [{ type: 'role', name: 'x', changed: ['existence'] }, ['role x', 'identities']],
    [{ type: 'role', name: 'x', changed: ['policy'] }, ['identities']],
    [{ type: 'role', name: 'x', changed: ['uses', 'tags'] }, ['identities']],
    [{ type: 'role', name: 'x', changed: ['uses'] }, []],
    [{ type: 'role', name: 'x', changed: [] }, []],
    [{ type: 'user', changed: ['groups'] }, ['identities']],
    [{ type: 'group', changed: ['policy'] }, ['identities']],
    [{ type: 'policy', changed: ['document'] }, ['identities']],
    [{ type: 'pipeline', changed: ['sharing'] }, ['shares']],
    [{ type: 'pipeline', changed: ['definition', 'version', 'execution'] }, []],
    [{ type: 'share', changed: ['content'] }, ['shares']],
    [{ type: 'share', changed: [] }, []],
    [{ type: 'organization', changed: ['membership'] }, ['organization']],
    [{ type: 'organization', changed: [] }, []],
    [{ type: 'bucket', name: 'x', changed: ['existence'] }, ['cors x', 'tags x', 'bucket policy x']],
    [{ type: 'bucket', name: 'x', changed: ['cors'] }, ['cors x']],
    [{ type: 'bucket', name: 'x', changed: ['tags', 'uses'] }, ['tags x']],
    [{ type: 'bucket', name: 'x', changed: ['policy', 'cors'] }, ['cors x', 'bucket policy x']],
    [{ type: 'key', changed: ['policy'] }, ['key policy x']],
    [{ type: 'key', changed: [] }, []],
    [{ type: 'pipeline', changed: ['definition'] }, []],
    [{ type: 'job', changed: ['existence'] }, []],
    [{ type: 'account', changed: [] }, []],
  ])('are asked for again where a change affects them, and nothing else is: %j', async (changed, again) => {
    const { cached, asked } = setUp();
    const readAll = () =>
      Promise.all([
        cached.getRole('x'),
        cached.readIdentities(),
        cached.readShares(),
        cached.readOrganizationPolicies(),
        cached.getBucketCors('x'),
        cached.getBucketTags('x'),
        cached.getBucketPolicy('x'),
        cached.getBucketPolicy('y'),
        cached.getKeyPolicy('x'),
      ]);
    await readAll();
    asked.splice(0);
    cached.forget(changed);
    await readAll();
    expect(asked).toEqual(again);
  });

  test('that were asked for before they were forgotten are not kept when the answer comes', async () => {
    const { cached, asked, answerWith } = setUp();
    let release: (value: unknown) => void = () => undefined;
    answerWith(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    const before = cached.getRole('r');
    await Promise.resolve();
    cached.forget({ type: 'role', name: 'r', changed: ['existence'] });
    answerWith(() => found({ name: 'r', arn: 'new' }));
    const after = await cached.getRole('r');
    release(found({ name: 'r', arn: 'old' }));
    expect([await before, after]).toEqual([
      found({ name: 'r', arn: 'old' }, 0),
      found({ name: 'r', arn: 'new' }, 0),
    ]);
    expect(await cached.getRole('r')).toEqual(found({ name: 'r', arn: 'new' }, 0));
    expect(asked).toHaveLength(2);
  });

  test('say when they were asked for, and are forgotten by their age', async () => {
    const { cached, asked, pass } = setUp();
    await cached.getRole('old');
    pass(10);
    await cached.getRole('new');
    expect(await cached.getRole('old')).toMatchObject({ asOf: 0 });
    expect(await cached.listPipelines()).toMatchObject({ asOf: 10_000 });
    asked.splice(0);
    cached.forgetBefore(10_000);
    pass(10);
    expect(await cached.getRole('old')).toMatchObject({ asOf: 20_000 });
    expect(await cached.getRole('new')).toMatchObject({ asOf: 10_000 });
    expect(asked).toEqual(['role old']);
  });
});

test('callers that ask for the same at the same time share one call, also for answers that are never kept', async () => {
  const { cached, asked } = setUp();
  const readAll = () =>
    Promise.all([
      cached.describePipeline('p'),
      cached.describePipeline('p'),
      cached.describePipeline('q'),
      cached.describeJob('training-job', 'j'),
      cached.describeJob('training-job', 'j'),
      cached.describeJob('model', 'j'),
      cached.describeExecution('e'),
      cached.describeExecution('e'),
      cached.listPipelineVersions('p'),
      cached.listPipelineVersions('p'),
    ]);
  await readAll();
  const once = ['pipeline p', 'pipeline q', 'training-job j', 'model j', 'execution e', 'versions p'];
  expect(asked).toEqual(once);
  await readAll();
  expect(asked).toEqual([...once, ...once]);
});

test('a failure is not kept, whether it was answered or thrown', async () => {
  const { cached, asked, answerWith } = setUp();
  answerWith(() => notRead('GetRole', 'AccessDenied', 'no'));
  expect(await cached.getRole('r')).toMatchObject({ ok: false });
  answerWith(() => Promise.reject(new Error('expired')));
  await expect(Promise.all([cached.getRole('r'), cached.getRole('r')])).rejects.toThrow('expired');
  answerWith((value) => found(value));
  expect(await cached.getRole('r')).toMatchObject({ ok: true });
  expect(asked).toHaveLength(3);
});

describe('definitions of executions', () => {
  test('are kept, and shared by all steps of the execution', async () => {
    const { cached, asked, pass } = setUp();
    await cached.describeExecutionDefinition(execution('a'));
    pass(10 ** 6);
    await cached.describeExecutionDefinition(execution('a', { howStarted: async () => undefined }));
    expect(asked).toEqual(['definition a']);
  });

  test('leave when there are too many, the least recently used first', async () => {
    const { cached, asked } = setUp({ maxDefinitions: 2 });
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await cached.describeExecutionDefinition(execution(id));
    expect(asked).toEqual(['definition a', 'definition b', 'definition c', 'definition b']);
  });

  test('leave when they are too large together', async () => {
    const { cached, asked } = setUp({ definitionText: ' '.repeat(17 * 1024 * 1024) });
    for (const id of ['a', 'a', 'b', 'a']) await cached.describeExecutionDefinition(execution(id));
    expect(asked).toEqual(['definition a', 'definition b', 'definition a']);
  });
});

test('readers of several accounts keep the users and roles of those that were asked for last', async () => {
  const now = () => new Date('2026-11-24T10:00:00.000Z');
  const identities = identityCache({ now, maxEntries: 2 });
  const asked: string[] = [];
  const readers = ['1', '2', '3'].map((account) => {
    const { reader } = memoryReader({ identities: {} });
    const readIdentities = async () => {
      asked.push(account);
      return reader.readIdentities();
    };
    const of = { ...reader, scope: { ...reader.scope, account }, readIdentities };
    return cachedReader(of, { now, identities });
  });
  const [one, two, three] = readers as [CachedReader, CachedReader, CachedReader];
  for (const each of [one, two, one, three, one, two]) await each.readIdentities();
  expect(asked).toEqual(['1', '2', '3', '2']);
  one.forget({ type: 'role', name: 'r', changed: ['policy'] });
  for (const each of [two, one]) await each.readIdentities();
  expect(asked).toEqual(['1', '2', '3', '2', '1']);
});

test('lists are passed through', async () => {
  const { cached, asked } = setUp();
  await Promise.all([cached.listPipelines(), cached.listBuckets(), cached.listJobs()]);
  expect(asked).toEqual(['pipelines', 'buckets', 'jobs']);
  expect(cached.scope).toEqual({ account: '1', region: 'r', partition: 'aws' });
});
