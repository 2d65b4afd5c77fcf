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
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MAX_BYTES, readBytes, readBytesInFolder } from '../../../cli/bounded-file.ts';
import { UsageError } from '../../../cli/errors.ts';
import { filesInFolder } from '../../../cli/event-folder.ts';
import { readEventFiles } from '../../../cli/files.ts';

const RECORD = JSON.stringify({ eventSource: 'sagemaker.amazonaws.com', eventName: 'ListTags' });
const outside = realpathSync(mkdtempSync(join(tmpdir(), 'pipewarden-outside-')));
const made: string[] = [outside];

/** A folder with these files; a path that ends in a slash is a folder. */
const folderWith = (...paths: string[]): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pipewarden-events-')));
  made.push(root);
  for (const path of paths) {
    const at = join(root, path);
    mkdirSync(path.endsWith('/') ? at : dirname(at), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(at, RECORD);
  }
  return root;
};

beforeAll(() => writeFileSync(join(outside, 'config.json'), '{"auths": {"registry": {"auth": "c2VjcmV0"}}}'));
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

describe('the event files of a folder', () => {
  test('are those in it and its subfolders, in the order of their paths, without hidden files', async () => {
    const root = folderWith('b.json', '2026/11/24/a.json', '.hidden/x.json', '2026/.DS_Store', 'empty/');
    expect(await filesInFolder(root)).toEqual({
      files: ['2026/11/24/a.json', 'b.json'].map((path) => join(root, path)),
      problems: [],
      hidden: ['.hidden', '2026/.DS_Store'].map((path) => join(root, path)),
    });
  });

  test('without the hidden ones are told of, the first of them by name', async () => {
    const names = [1, 2, 3, 4, 5, 6, 7].map((number) => `.${number}.json`);
    const root = folderWith('a.json', ...names);
    const told: string[] = [];
    await readEventFiles([root], undefined, (text) => told.push(text));
    expect(told).toEqual([
      `not read, as their names begin with a dot: ${names
        .slice(0, 5)
        .map((name) => join(root, name))
        .join(', ')} and 2 more`,
    ]);
  });

  test('may be links to other files in the folder', async () => {
    const root = folderWith('a.json');
    symlinkSync('a.json', join(root, 'latest.json'));
    expect((await filesInFolder(root)).files).toHaveLength(2);
  });

  test.each<[string, (root: string, at: string) => void, string]>([
    [
      'a link out of it',
      (_, at) => symlinkSync(join(outside, 'config.json'), at),
      'a link that leads out of the folder',
    ],
    ['a link up and out of it', (_, at) => symlinkSync('../../../../../../../etc/passwd', at), 'leads out'],
    ['a link to a folder outside', (_, at) => symlinkSync(outside, at), 'leads out of the folder'],
    [
      'a link to a folder in it',
      (root, at) => symlinkSync(join(root, 'sub'), at),
      'a link to what is no file',
    ],
    ['a link to itself', (_, at) => symlinkSync(at, at), 'a link that leads nowhere'],
    ['a link to nothing', (_, at) => symlinkSync('gone', at), 'a link that leads nowhere'],
    ['a link to a device', (_, at) => symlinkSync('/dev/zero', at), 'leads out of the folder'],
    ['a pipe', (_, at) => execFileSync('mkfifo', [at]), 'it is a pipe, a socket or a device'],
  ])('do not include %s, which is refused with its path and the reason', async (_, make, why) => {
    const root = folderWith('a.json', 'sub/b.json');
    const at = join(root, 'sub', 'odd.json');
    make(root, at);
    const { files, problems } = await filesInFolder(root);
    expect(files).toEqual(['a.json', 'sub/b.json'].map((path) => join(root, path)));
    expect(problems).toEqual([expect.stringContaining(why)]);
    expect(problems[0]?.startsWith(`${at}: cannot be read: `)).toBe(true);
    await expect(readEventFiles([root])).rejects.toThrow(why);
  });

  test('do not include a socket, which is refused', async () => {
    const root = folderWith('a.json');
    const server = createServer().listen(join(root, 's.json'));
    await new Promise((resolve) => server.once('listening', resolve));
    const { problems } = await filesInFolder(root);
    server.close();
    expect(problems).toEqual([`${join(root, 's.json')}: cannot be read: it is a pipe, a socket or a device`]);
  });

  test('are refused if they lie deeper than 32 folders', async () => {
    const root = folderWith(`${'d/'.repeat(32)}a.json`, `${'d/'.repeat(60)}b.json`);
    const { files, problems } = await filesInFolder(root);
    expect(files).toEqual([join(root, 'd/'.repeat(32), 'a.json')]);
    expect(problems).toEqual([
      `${join(root, 'd/'.repeat(33))}: cannot be read: it is deeper than 32 folders in ${root}`.replace(
        '/:',
        ':',
      ),
    ]);
  });

  test('are read from a folder that a link names', async () => {
    const root = folderWith('a.json');
    const link = join(outside, 'trail');
    symlinkSync(root, link);
    expect((await filesInFolder(link)).files).toEqual([join(link, 'a.json')]);
    expect((await readEventFiles([link])).ignored).toHaveLength(1);
  });
});

describe('a named file', () => {
  test.each<[string, string]>([
    ['a device that never ends', '/dev/zero'],
    ['a terminal or nothing', '/dev/null'],
  ])('that is %s is refused before it is read', async (_, path) => {
    await expect(readBytes(path, 'definition')).rejects.toThrow(
      new UsageError(`${path}: cannot be read: it is a pipe, a socket or a device`),
    );
  });

  test('that is a folder is refused as a folder', async () => {
    await expect(readBytes(outside, 'policy')).rejects.toThrow('it is a folder, and a file was expected');
  });

  test('may be a pipe, which is read up to the bound for its kind of file', async () => {
    const pipe = join(folderWith(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const written = (count: number) =>
      execFileSync('sh', ['-c', `(head -c ${count} /dev/zero > '${pipe}') >/dev/null 2>&1 &`]);
    written(1000);
    expect((await readBytes(pipe, 'definition')).length).toBe(1000);
    written(MAX_BYTES.definition + 1);
    await expect(readBytes(pipe, 'definition')).rejects.toThrow(
      `it is larger than ${MAX_BYTES.definition} bytes`,
    );
    await expect(readBytesInFolder(pipe, 'events')).rejects.toThrow('it is a pipe');
  });

  test('that is too large is refused before it is read', async () => {
    const path = join(folderWith(), 'sparse.json');
    writeFileSync(path, '');
    truncateSync(path, MAX_BYTES.results + 1);
    await expect(readBytes(path, 'results')).rejects.toThrow(`it is larger than ${MAX_BYTES.results} bytes`);
  });

  test('of nothing but brackets is refused before it is parsed', async () => {
    const path = join(folderWith(), 'brackets.json');
    writeFileSync(path, Buffer.alloc(4_000_000, '['));
    await expect(readBytes(path, 'definition')).rejects.toThrow('it holds more values than any such file');
  });
});
