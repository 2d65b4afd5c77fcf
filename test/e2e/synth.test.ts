import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { cdkFor } from '../support/templates/cdk.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pipewarden-synth-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Synthesises with a configuration, and returns the configuration that the deployment would store. */
const synthesised = async (name: string, config: object): Promise<unknown> => {
  const own = join(folder, name);
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config));
  await cdkFor({ endpoint: 'http://127.0.0.1:9', account: ACCOUNT, region: REGION }, own).synth({
    config: file,
    region: REGION,
  });
  const assets = globSync(join(own, 'cdk.out', 'asset.*.json'));
  const stored = await Promise.all(
    assets.map(async (path) => JSON.parse(await readFile(path, 'utf8')) as unknown),
  );
  expect(stored).toHaveLength(1);
  return stored[0];
};

const contentsOf = async (place: string): Promise<Record<string, string>> => {
  const files = globSync('**/*', { cwd: place, withFileTypes: true }).filter((entry) => entry.isFile());
  const hashed = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [
      path,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(hashed));
};

test('deployments that are made at the same time from one checkout store each their own configuration', async () => {
  const configs = ['fraud', 'pricing'].map((prefix) => ({ version: 1, prefixes: [{ prefix }] }));
  const before = await contentsOf(join(ROOT, 'dist'));
  const stored = await Promise.all(configs.map((config, at) => synthesised(`run-${at}`, config)));
  expect(stored).toEqual(configs.map((config) => expect.objectContaining(config)));
  // Whoever writes nothing outside the output of the run can be in nobody’s way.
  expect(await contentsOf(join(ROOT, 'dist'))).toEqual(before);
});
