import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

type Locked = { link?: boolean; inBundle?: boolean; integrity?: string };

/** The folders of the lockfile that are no packages of a registry. */
const OWN = ['', 'bundle'];

test('each locked package is told apart from others of its name by a checksum, also those of platforms that nobody here has', () => {
  const lockfile = readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8');
  const { packages } = JSON.parse(lockfile) as { packages: Readonly<Record<string, Locked>> };
  const others = Object.entries(packages).filter(
    ([path, { link, inBundle }]) => !(OWN.includes(path) || link || inBundle),
  );
  expect(others.length).toBeGreaterThan(400);
  expect(others.flatMap(([path, { integrity }]) => (/^sha512-/.test(integrity ?? '') ? [] : path))).toEqual(
    [],
  );
});
