import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { historyFolder } from '../../../cli/history-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipewarden-history-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refuse = (text: string): never => {
  throw new Error(`told twice: ${text}`);
};

test('a folder without files is no history', async () => {
  await expect(historyFolder(folder, refuse)).rejects.toThrow('holds no history');
});

test('a folder of which nothing can be listed says why, and not that it holds no history', async () => {
  const unlisted = join(folder, 'unlisted');
  mkdirSync(unlisted);
  symlinkSync('/', join(unlisted, 'verdicts'));
  await expect(historyFolder(unlisted, refuse)).rejects.toThrow(/verdicts: cannot be read: /);
});
