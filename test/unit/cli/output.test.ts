import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { searchDefinitions } from '../../../cli/definition-folder.ts';
import { readText } from '../../../cli/files.ts';
import { prepareFiles, writeText } from '../../../cli/output.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipewarden-output-'));
const at = (name: string): string => join(folder, name);

beforeAll(() => {
  writeFileSync(at('read.json'), '{"Steps": []}');
  symlinkSync('read.json', at('link.json'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a result', () => {
  test('does not take the place of a file that the run has read, under whatever name', async () => {
    await readText(at('read.json'), 'definition');
    for (const name of ['read.json', 'link.json'])
      await expect(writeText('{}', at(name))).rejects.toThrow(
        'cannot be written: this run has read it, and its content would be lost',
      );
    expect(readFileSync(at('read.json'), 'utf8')).toBe('{"Steps": []}');
  });

  test('takes the place of another file, and gets the folders that it lacks', async () => {
    writeFileSync(at('old.json'), 'old');
    await writeText('new', at('old.json'));
    await writeText('new', at('some/deep/folder/new.json'));
    expect([readFileSync(at('old.json'), 'utf8'), existsSync(at('some/deep/folder/new.json'))]).toEqual([
      'new',
      true,
    ]);
  });

  test.each([
    ['below a file', () => at('read.json/x/out.json')],
    ['where no folder can be made', () => '/proc/pipewarden/out.json'],
  ])('%s is refused and not waited for', async (_, file) => {
    await expect(prepareFiles([file()])).rejects.toThrow('cannot be written');
  });
});

test('a definition that is named twice, or in a folder that is named as well, is searched once', async () => {
  rmSync(at('link.json'));
  const { paths } = await searchDefinitions([at('read.json'), folder, join(folder, '.', 'read.json')]);
  expect(paths).toEqual([at('read.json')]);
});
