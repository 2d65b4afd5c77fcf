import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { configOf } from '../../../cli/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipewarden-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that is missing, and a folder, are refused by name', async () => {
  const missing = join(folder, 'nowhere.yaml');
  await expect(configOf(missing)).rejects.toThrow(missing);
  await expect(configOf(folder)).rejects.toThrow(folder);
});

test('the problems of a file are reported with the file’s path', async () => {
  const path = join(folder, 'pipewarden.yaml');
  writeFileSync(path, 'version: 1\nprefixs: []\n');
  await expect(configOf(path)).rejects.toThrow(`${path}:2:1: prefixs: there is no key`);
});
