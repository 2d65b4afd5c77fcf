import { symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { found } from '../../../../shared/reader/read-result.ts';
import type { Reader } from '../../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../../shared/reader/snapshot/reader.ts';
import {
  ACCOUNT,
  folderOf,
  IDENTITY,
  removeFolders,
  role,
  snapshotOf,
  unreadOf,
} from '../../../support/builders/snapshot-folder.ts';

const NOTHING = { Steps: [] };

afterEach(removeFolders);

const pipeline = (name: string, definition: unknown = NOTHING, roleArn = role('pipelines')) => ({
  PipelineName: name,
  PipelineArn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/${name}`,
  RoleArn: roleArn,
  PipelineDefinition: JSON.stringify(definition),
});

describe('opening a folder', () => {
  test('names the account, the Region and the partition', async () => {
    const { scope } = await snapshotOf({
      'caller-identity.json': { ...IDENTITY, Arn: `arn:aws-cn:iam::${ACCOUNT}:user/u`, Region: 'cn-north-1' },
    });
    expect(scope).toEqual({ account: ACCOUNT, region: 'cn-north-1', partition: 'aws-cn' });
  });

  test.each<[string, unknown, RegExp]>([
    [
      'no caller identity',
      undefined,
      /it is no snapshot, as caller-identity\.json is missing; `pipewarden snapshot --out DIR` makes one/,
    ],
    ['an empty one', '', /caller-identity\.json:1:1: the file is empty/],
    ['one that is not JSON', '{\n  "Account": ,\n}', /caller-identity\.json:2:14: /],
    ['one without a Region', { ...IDENTITY, Region: undefined }, /add "Region"/],
    ['a Region that is none', { ...IDENTITY, Region: '../..' }, /add "Region"/],
    ['an account that lost its quotes', { ...IDENTITY, Account: 12345 }, /"Account" must be an account id/],
    ['no ARN', { ...IDENTITY, Arn: 'me' }, /"Arn" must be/],
    ['a list', [], /"Account" must be/],
  ])('with %s is refused, with what to do', async (_, identity, message) => {
    const dir = await folderOf(
      identity === undefined ? { 'README.md': 'x' } : { 'caller-identity.json': identity },
    );
    const { call, message: given } = unreadOf(await openSnapshot(dir));
    expect(call).toBe(join(dir, 'caller-identity.json'));
    expect(given).toMatch(message);
    expect(given.startsWith(`${dir}: `)).toBe(true);
  });

  test('that does not exist, or is a file, is refused', async () => {
    const dir = await folderOf({ file: 'x' });
    expect(unreadOf(await openSnapshot(join(dir, 'none'))).message).toMatch(
      /none: there is no such folder; `pipewarden snapshot/,
    );
    expect(unreadOf(await openSnapshot(join(dir, 'file'))).message).toMatch(
      /file: it is a file, and the folder of a snapshot was expected/,
    );
  });
});

describe('a file', () => {
  const corsOf = async (files: Record<string, unknown>) => (await snapshotOf(files)).getBucketCors('b');
  const RULES = { CORSRules: [{ AllowedMethods: ['PUT'], AllowedOrigins: ['*'] }] };
  const read = found([
    { allowedHeaders: [], allowedMethods: ['PUT'], allowedOrigins: ['*'], exposeHeaders: [] },
  ]);
  const XML =
    '<CORSConfiguration><CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>';

  test.each<[string, Record<string, unknown>]>([
    ['JSON', { 's3/b/cors.json': RULES }],
    ['JSON after a byte order mark', { 's3/b/cors.json': `\ufeff${JSON.stringify(RULES)}` }],
    [
      'JSON in UTF-16, as Windows PowerShell writes it',
      { 's3/b/cors.json': Buffer.from(`\ufeff${JSON.stringify(RULES)}`, 'utf16le') },
    ],
    ['XML', { 's3/b/cors.xml': XML }],
    ['XML under the name of JSON', { 's3/b/cors.json': `\n${XML}` }],
  ])('may be %s', async (_, files) => {
    expect(await corsOf(files)).toEqual(read);
  });

  test('that is missing was not read, and says which command makes it', async () => {
    expect(await corsOf({})).toEqual({
      ok: false,
      unread: {
        call: 's3/b/cors.json',
        code: 'NotInSnapshot',
        message: 's3/b/cors.json is not in the snapshot; `aws s3api get-bucket-cors --bucket b` makes it',
      },
    });
  });

  test.each<[string, unknown, string, RegExp]>([
    ['is empty', '', 'Malformed', /^s3\/b\/cors\.json:1:1: the file is empty: .*\{"absent": true\}/],
    ['is cut', '{"CORSRules": [\n  {"AllowedMethods"', 'Malformed', /^s3\/b\/cors\.json:2:\d+: /],
    [
      'is XML of another kind',
      '<Error/>',
      'Malformed',
      /^s3\/b\/cors\.json:1:1: it is not a CORSConfiguration/,
    ],
    ['is something else', '[5]', 'Malformed', /^s3\/b\/cors\.json:1:1: it is not a CORS configuration/],
    [
      'names something twice',
      '{"CORSRules": [],\n "CORSRules": []}',
      'Malformed',
      /^s3\/b\/cors\.json:2:2: "CORSRules" stands twice in one object, first at line 1, column 2;/,
    ],
    ['is no text', Buffer.from([0x80, 0x81]), 'Malformed', /neither UTF-8 nor UTF-16/],
    ['is huge', ' '.repeat(8 * 1024 * 1024 + 1), 'TooLarge', /8388609 bytes; at most 8388608 are read/],
  ])('that %s was not read, and says where', async (_, content, code, message) => {
    const unread = unreadOf(await corsOf({ 's3/b/cors.json': content }));
    expect(unread).toEqual({ call: 's3/b/cors.json', code, message: expect.stringMatching(message) });
  });

  test('that is a folder, a socket or a link out of the snapshot is not opened', async () => {
    const dir = await folderOf({
      'caller-identity.json': IDENTITY,
      's3/folder/cors.json/x': 'x',
      's3/link/x': 'x',
      's3/socket/x': 'x',
    });
    const secret = await folderOf({ 'cors.json': RULES });
    await symlink(join(secret, 'cors.json'), join(dir, 's3/link/cors.json'));
    await symlink(secret, join(dir, 's3/linked-folder'));
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(dir, 's3/socket/cors.json'), resolve);
    });
    const opened = await openSnapshot(dir);
    for (const bucket of ['folder', 'link', 'linked-folder', 'socket']) {
      expect(opened.ok && (await opened.value.getBucketCors(bucket))).toMatchObject({
        ok: false,
        unread: { code: 'Unreadable' },
      });
    }
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  test('that cannot be a file of the snapshot is refused before it is looked for', async () => {
    const reader = await snapshotOf({ 's3/cors.json': RULES, 'secret.json': RULES });
    for (const name of ['..', '.', '../s3', 'a/../..', '/', 'a\\b', 'a\0', '\u001b[2J', 'n'.repeat(300)]) {
      expect(unreadOf(await reader.getBucketCors(name)).code).toBe('InvalidName');
    }
  });
});

describe('pipelines', () => {
  test('are found by the name of the folder, and by the name inside where the folder has another', async () => {
    const reader = await snapshotOf({
      'sagemaker/pipelines/Fraud/pipeline.json': pipeline('Fraud'),
      'sagemaker/pipelines/01-churn/pipeline.json': pipeline('Churn'),
      'sagemaker/pipelines/bare/pipeline.json': { RoleArn: role('r'), PipelineDefinition: NOTHING },
    });
    const nameOf = async (name: string) => {
      const read = await reader.describePipeline(name);
      return read.ok ? read.value.name : read.unread.code;
    };
    expect(await nameOf('Fraud')).toBe('Fraud');
    expect(await nameOf('fraud')).toBe('Fraud');
    expect(await nameOf('churn')).toBe('Churn');
    expect(await nameOf('01-churn')).toBe('Churn');
    expect(await nameOf('bare')).toBe('bare');
    expect(await nameOf('other')).toBe('NotInSnapshot');
    expect(await reader.listPipelines()).toEqual(
      found([{ name: 'Churn' }, { name: 'Fraud' }, { name: 'bare' }]),
    );
  });

  test('are listed by the start of a file, wherever in it the name stands', async () => {
    const long = 'x'.repeat(10_000);
    const file = (name: string, members: string) => [`sagemaker/pipelines/${name}/pipeline.json`, members];
    const files = Object.fromEntries([
      file('01', `{ "PipelineArn": "a\\"b", "PipelineName": "Early", "PipelineDefinition": "${long}" }`),
      file('02', `\ufeff{"PipelineName":"Marked\\u0021","PipelineDefinition":"${long}"}`),
      file('03', `{"PipelineDefinition":"${long}","PipelineName":"Late"}`),
      file(
        '04',
        `{"Nested":{"PipelineName":"no"},"Text":"\\"PipelineName\\":\\"no\\"${long}","PipelineName":"Outer"}`,
      ),
      file('05', `{"PipelineName":"Utf16","PipelineDefinition":"${long}"}`),
      file('06', `{"PipelineName":"Cut","PipelineDefinition":"${long}`),
      file('07', `{"PipelineDescription":"${long}`),
      file('08', `{"PipelineName":8,"PipelineDefinition":"${long}"}`),
      file('09', `{"PipelineName":"","PipelineDefinition":"${long}"}`),
      file('10', `{"PipelineDefinition":"${long}","absent":true}`),
    ]);
    const utf16 = 'sagemaker/pipelines/05/pipeline.json';
    const reader = await snapshotOf({ ...files, [utf16]: Buffer.from(`\ufeff${files[utf16]}`, 'utf16le') });
    const listed = await reader.listPipelines();
    expect(listed.ok && listed.value.map(({ name }) => name)).toEqual([
      'Early',
      'Marked!',
      'Late',
      'Outer',
      'Utf16',
      'Cut',
      '07',
      '8',
      '09',
    ]);
    expect(unreadOf(await reader.describePipeline('Cut'))).toMatchObject({
      call: 'sagemaker/pipelines/06/pipeline.json',
      code: 'Malformed',
    });
  });

  test.each([
    ['Fraud', 'Fraud', 'fraud', 'fraud'],
    ['01', 'fraud', '02', 'fraud'],
  ])(
    'of which one would hide the other are not read: %s with %s, %s with %s',
    async (one, name, two, other) => {
      const reader = await snapshotOf({
        [`sagemaker/pipelines/${one}/pipeline.json`]: pipeline(name),
        [`sagemaker/pipelines/${two}/pipeline.json`]: pipeline(other),
        'sagemaker/pipelines/churn/pipeline.json': pipeline('churn'),
      });
      for (const asked of [name, other])
        expect(await reader.describePipeline(asked)).toMatchObject({
          unread: { code: 'Malformed', message: expect.stringContaining(`keep one of ${one}, ${two}`) },
        });
      expect(await reader.describePipeline('churn')).toMatchObject({ ok: true });
    },
  );

  test('keep to what the file says when two folders have swapped names', async () => {
    const reader = await snapshotOf({
      'sagemaker/pipelines/a/pipeline.json': pipeline('b'),
      'sagemaker/pipelines/b/pipeline.json': pipeline('a'),
    });
    expect(await reader.describePipeline('a')).toMatchObject({ value: { name: 'a' } });
  });

  test('that cannot be read are listed all the same, those that are absent are not', async () => {
    const reader = await snapshotOf({
      'sagemaker/pipelines/broken/pipeline.json': '{',
      'sagemaker/pipelines/empty/versions.json': {},
      'sagemaker/pipelines/gone/pipeline.json': { absent: true },
      'sagemaker/pipelines/list/pipeline.json': [],
      'sagemaker/pipelines/.hidden/pipeline.json': pipeline('hidden'),
      'sagemaker/pipelines/README.md': 'x',
    });
    expect(await reader.listPipelines()).toEqual(
      found([{ name: 'broken' }, { name: 'empty' }, { name: 'list' }]),
    );
    expect(unreadOf(await reader.describePipeline('broken')).code).toBe('Malformed');
    expect(unreadOf(await reader.describePipeline('list')).message).toContain(
      'not the output of describe-pipeline',
    );
    expect(unreadOf(await reader.describePipeline("it's"))).toMatchObject({
      message: expect.stringContaining(`--pipeline-name 'it'"'"'s'`),
    });
  });
});

describe('jobs', () => {
  test('are found by kind or by the type in their ARN, by file name or by the name inside, without case', async () => {
    const reader = await snapshotOf({
      'sagemaker/jobs/training-job/a.json': { TrainingJobName: 'Fraud-Train', RoleArn: role('r') },
      'sagemaker/jobs/training-job/bare.json': { RoleArn: role('bare') },
      'sagemaker/jobs/automl-job/auto.json': { AutoMLJobName: 'auto', RoleArn: role('auto') },
      'sagemaker/jobs/auto-ml-job-v2/second.json': { AutoMLJobName: 'second', RoleArn: role('second') },
      'sagemaker/jobs/model-package/any.json': {
        ModelPackageArn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:model-package/group/3`,
      },
      'sagemaker/jobs/training-job/notes.txt': 'x',
      'sagemaker/jobs/unknown-job/x.json': {},
    });
    const job = async (kind: Parameters<Reader['describeJob']>[0], name: string) => {
      const read = await reader.describeJob(kind, name);
      return read.ok ? [read.value.kind, read.value.name, ...read.value.roleArns] : read.unread.code;
    };
    expect(await job('training-job', 'fraud-train')).toEqual(['training-job', 'Fraud-Train', role('r')]);
    expect(await job('training-job', 'A')).toEqual(['training-job', 'Fraud-Train', role('r')]);
    expect(await job('training-job', 'BARE')).toEqual(['training-job', 'bare', role('bare')]);
    expect(await job('auto-ml-job', 'auto')).toEqual(['auto-ml-job', 'auto', role('auto')]);
    expect(await job('auto-ml-job-v2', 'auto')).toEqual(['auto-ml-job-v2', 'auto', role('auto')]);
    expect(await job('auto-ml-job', 'SECOND')).toEqual(['auto-ml-job', 'second', role('second')]);
    expect(await reader.describeJob('model-package', 'group/3')).toMatchObject({ ok: true });
    expect(await job('model-package', 'group/4')).toBe('InvalidName');
    expect(await job('transform-job', 'fraud-train')).toBe('NotInSnapshot');
    expect(await reader.listJobs()).toEqual(
      found([
        { kind: 'training-job', name: 'Fraud-Train' },
        { kind: 'training-job', name: 'bare' },
        { kind: 'auto-ml-job', name: 'auto' },
        { kind: 'auto-ml-job-v2', name: 'second' },
        { kind: 'model-package', name: 'group/3' },
      ]),
    );
  });

  test('that name no role are incomplete, where jobs of the kind always run under one', async () => {
    const reader = await snapshotOf({
      'sagemaker/jobs/training-job/j.json': {},
      'sagemaker/jobs/model/m.json': {},
      'sagemaker/jobs/transform-job/t.json': {},
    });
    expect(unreadOf(await reader.describeJob('training-job', 'j'))).toEqual({
      call: 'sagemaker/jobs/training-job/j.json',
      code: 'Incomplete',
      message: 'it holds no role of the training-job j',
    });
    expect(await reader.describeJob('model', 'm')).toMatchObject({ value: { roleArns: [] } });
    expect(await reader.describeJob('transform-job', 't')).toMatchObject({ value: { roleArns: [] } });
  });

  test.each([
    ['auto-ml-job-v2', 'aws sagemaker describe-auto-ml-job-v2 --auto-ml-job-name n'],
    ['inference-recommendations-job', 'aws sagemaker describe-inference-recommendations-job --job-name n'],
    [
      'hyper-parameter-tuning-job',
      'aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name n',
    ],
  ] as const)('a missing %s says which command makes its file', async (kind, command) => {
    const reader = await snapshotOf({});
    expect(unreadOf(await reader.describeJob(kind, 'n')).message).toBe(
      `sagemaker/jobs/${kind}/n.json is not in the snapshot; \`${command}\` makes it`,
    );
  });
});

describe('roles', () => {
  const DETAILS = 'iam/account-authorization-details.json';
  const RoleDetailList = [{ RoleName: 'Train', Arn: role('steps/Train') }, { RoleName: 'odd' }];

  test('are found without case', async () => {
    const reader = await snapshotOf({ [DETAILS]: { RoleDetailList } });
    expect(await reader.getRole('train')).toEqual(found({ name: 'Train', arn: role('steps/Train') }));
  });

  test.each<[string, unknown, string]>([
    ['a whole listing', { RoleDetailList, IsTruncated: false }, 'Absent'],
    ['a listing that was cut', { RoleDetailList, IsTruncated: true, Marker: 'x' }, 'NotInSnapshot'],
    ['the first page of a listing', { RoleDetailList, NextToken: 'x' }, 'NotInSnapshot'],
    ['a listing of something else', { UserDetailList: [] }, 'Malformed'],
    ['nothing', undefined, 'NotInSnapshot'],
  ])('in %s, an unknown one is not always absent', async (_, details, code) => {
    const reader = await snapshotOf(details === undefined ? {} : { [DETAILS]: details });
    expect(unreadOf(await reader.getRole('other')).code).toBe(code);
  });
});

test('a snapshot without a folder has not looked for what belongs there; jobs are optional', async () => {
  const reader = await snapshotOf({});
  for (const read of [await reader.listPipelines(), await reader.listBuckets()]) {
    expect(read).toMatchObject({ ok: false, unread: { code: 'NotInSnapshot' } });
  }
  expect(await reader.listJobs()).toEqual(found([]));
});
