import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MAX_BYTES } from '../../../cli/bounded-file.ts';
import { readSnapshotRecords } from '../../../cli/files.ts';
import { recordedBuilder } from '../../../shared/events/recorded-uses.ts';
import { cloudTrail, roleArn } from '../../support/builders/events.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

const RECORD = cloudTrail('StartPipelineExecution', { pipelineName: 'fraud' });
const TEXT = JSON.stringify(RECORD);

/** A folder with these files. */
const folderOf = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pipewarden-records-')));
  made.push(root);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
};

const readIn = async (dir: string) => {
  const builder = recordedBuilder();
  const unreadable = await readSnapshotRecords(dir, builder);
  return { unreadable, recorded: builder.recorded() };
};

describe('the CloudTrail records of a snapshot', () => {
  test('are read from all files below its folder, in each form', async () => {
    const root = folderOf({
      'cloudtrail/events/2026/11/24/log.json.gz': gzipSync(JSON.stringify({ Records: [RECORD] })),
      'cloudtrail/events/lines.jsonl': `${TEXT}\n${TEXT}\n`,
      'cloudtrail/events/lookup.json': JSON.stringify({ Events: [{ CloudTrailEvent: TEXT }] }),
      'cloudtrail/trails.json': '[]',
    });
    const { unreadable, recorded } = await readIn(root);
    expect(unreadable).toEqual([]);
    expect(recorded.records).toBe(4);
    expect(recorded.of(roleArn('data-scientist')).uses).toMatchObject([{ times: 1 }]);
  });

  test('in hidden files are not read, which is told', async () => {
    const root = folderOf({ 'cloudtrail/events/a.json': TEXT, 'cloudtrail/events/.b.json': '{' });
    const told: string[] = [];
    const builder = recordedBuilder();
    expect(await readSnapshotRecords(root, builder, (text) => told.push(text))).toEqual([]);
    expect(told).toEqual([
      `not read, as their names begin with a dot: ${join(root, 'cloudtrail/events/.b.json')}`,
    ]);
    expect(builder.recorded().records).toBe(1);
  });

  test('are none where the snapshot has no such folder', async () => {
    for (const files of [{}, { 'cloudtrail/trails.json': '[]' }])
      expect(await readIn(folderOf(files))).toMatchObject({
        unreadable: [],
        recorded: { records: 0, unread: [] },
      });
  });

  test.each<[string, (at: string) => void, string]>([
    ['is broken', (at) => writeFileSync(at, '{"Records": ['), 'not JSON, nor JSON lines'],
    ['is empty', (at) => writeFileSync(at, ''), 'the file is empty'],
    [
      'has a name twice in one record',
      (at) => writeFileSync(at, TEXT.replace('{', '{"eventName":"ListTags",')),
      'ambiguous JSON',
    ],
    ['holds something else', (at) => writeFileSync(at, '[{"a": 1}]'), 'neither a CloudTrail record'],
    ['is a pipe', (at) => execFileSync('mkfifo', [at]), 'a pipe, a socket or a device'],
    ['is a link out of the folder', (at) => symlinkSync('/etc/hostname', at), 'leads out of the folder'],
    ['is a link to nothing', (at) => symlinkSync('gone', at), 'a link that leads nowhere'],
    [
      'is larger than any',
      (at) => {
        writeFileSync(at, '');
        truncateSync(at, MAX_BYTES.events + 1);
      },
      'it is larger than',
    ],
    [
      'unpacks to more than any',
      (at) => writeFileSync(at, gzipSync(Buffer.alloc(MAX_BYTES.events + 1, ' '))),
      'cannot be unpacked',
    ],
  ])(
    'leave a finding and a doubt where a file %s, beside the records of other files',
    async (_, make, why) => {
      const root = folderOf({ 'cloudtrail/events/a.json': TEXT });
      make(join(root, 'cloudtrail/events/b.json'));
      const { unreadable, recorded } = await readIn(root);
      expect(unreadable).toEqual([expect.objectContaining({ reason: expect.stringContaining(why) })]);
      expect(recorded.unread).toEqual([expect.stringContaining(why)]);
      expect(recorded.of(roleArn('data-scientist')).uses).toHaveLength(1);
    },
  );

  test.each<[string, (root: string, outside: string) => void, string]>([
    [
      'the folder is a link out of the snapshot',
      (root, outside) => {
        mkdirSync(join(root, 'cloudtrail'));
        symlinkSync(outside, join(root, 'cloudtrail/events'));
      },
      'it is a link',
    ],
    [
      'the folder above it is a link',
      (root, outside) => symlinkSync(dirname(outside), join(root, 'cloudtrail')),
      'it is a link',
    ],
    [
      'the folder is a link to nothing',
      (root) => {
        mkdirSync(join(root, 'cloudtrail'));
        symlinkSync('gone', join(root, 'cloudtrail/events'));
      },
      'it is a link',
    ],
    [
      'the folder is a file',
      (root) => {
        mkdirSync(join(root, 'cloudtrail'));
        writeFileSync(join(root, 'cloudtrail/events'), TEXT);
      },
      'cannot be read',
    ],
  ])('are refused where %s', async (_, make, why) => {
    const outside = join(folderOf({ 'events/a.json': TEXT }), 'events');
    const root = folderOf({});
    make(root, outside);
    const { unreadable, recorded } = await readIn(root);
    expect(unreadable).toEqual([expect.objectContaining({ reason: expect.stringContaining(why) })]);
    expect(recorded).toMatchObject({ records: 0, unread: [expect.stringContaining(why)] });
  });

  test('with names of a megabyte show nothing that anybody did', async () => {
    const long = 'x'.repeat(1_000_000);
    const record = cloudTrail(
      'StartPipelineExecution',
      { pipelineName: long },
      { userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${long}` }, eventName: long },
    );
    const { recorded } = await readIn(folderOf({ 'cloudtrail/events/a.json': JSON.stringify(record) }));
    expect(recorded.records).toBe(1);
    expect(recorded.of(`arn:aws:iam::111122223333:user/${long}`).uses).toEqual([]);
  });
});
