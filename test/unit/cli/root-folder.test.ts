import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pathInRoot, rootFolder } from '../../../cli/root-folder.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pipewarden-root-')));
const root = join(folder, 'root');
mkdirSync(join(root, 'in'), { recursive: true });
mkdirSync(join(folder, 'root-beside'));
for (const file of ['root/a.json', 'root/in/b.json', 'root/-', 'root/<stdin>', 'root/..odd', 'secret.json'])
  writeFileSync(join(folder, file), '{}');
symlinkSync(join(root, 'in/b.json'), join(root, 'link.json'));
symlinkSync(join(folder, 'secret.json'), join(root, 'out.json'));
symlinkSync('..', join(root, 'up'));
symlinkSync('nowhere', join(root, 'dangling'));
execFileSync('mkfifo', [join(root, 'pipe')]);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a path in the root', () => {
  test.each([
    ['a.json', 'a.json'],
    ['in/../in/b.json', 'in/b.json'],
    [join(root, 'a.json'), 'a.json'],
    ['link.json', 'in/b.json'],
    ['.', '.'],
    ['..odd', '..odd'],
    ['../root/a.json', 'a.json'],
  ])('%s is %s', async (path, real) => {
    expect(await pathInRoot(root, path)).toBe(real);
  });

  test.each(['-', '<stdin>'])('a file called %s is not taken for stdin', async (path) => {
    expect(await pathInRoot(root, path)).toBe(`./${path}`);
  });

  test.each([
    ['..', /outside of the root/],
    ['../secret.json', /outside of the root/],
    ['../nothing.json', /outside of the root/],
    ['../root-beside', /outside of the root/],
    ['/etc/passwd', /outside of the root/],
    ['in/../../secret.json', /outside of the root/],
    ['out.json', /a link that leads out of the root/],
    ['up', /a link that leads out of the root/],
    ['up/secret.json', /a link that leads out of the root/],
    ['up/root/a.json', undefined],
    ['dangling', /there is no such file/],
    ['nothing.json', /there is no such file/],
    ['a.json/b', /a part of the path is not a folder/],
    ['pipe', /a pipe, a socket or a device/],
    ['a\0.json', /cannot be read/],
    ['x'.repeat(5000), /its name is too long/],
  ])('%s is refused unless it comes back in', async (path, message) => {
    const found = pathInRoot(root, path);
    if (message)
      await expect(found).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringMatching(message),
      });
    else expect(await found).toBe('a.json');
  });
});

test('the root is a folder, by its real path', async () => {
  expect(await rootFolder(join(root, 'up', 'root'))).toBe(root);
  await expect(rootFolder(join(root, 'a.json'))).rejects.toThrow(/is a file, and a folder was expected/);
  await expect(rootFolder(join(root, 'nothing'))).rejects.toThrow(/there is no such file/);
});
