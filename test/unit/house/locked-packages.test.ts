import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

type Locked = { link?: boolean; inBundle?: boolean; integrity?: string; hasInstallScript?: boolean };

/** The folders of the lockfile that are no packages of a registry. */
const OWN = ['', 'bundle'];

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, Locked>> };

test('each locked package is told apart from others of its name by a checksum, also those of platforms that nobody here has', () => {
  const others = Object.entries(packages).filter(
    ([path, { link, inBundle }]) => !(OWN.includes(path) || link || inBundle),
  );
  expect(others.length).toBeGreaterThan(400);
  expect(others.flatMap(([path, { integrity }]) => (/^sha512-/.test(integrity ?? '') ? [] : path))).toEqual(
    [],
  );
});

test('a package that runs something when it is installed is named as one that may, or may not', () => {
  const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
  const withScripts = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.replace(/^.*node_modules\//, '')] : [],
  );
  expect(withScripts.toSorted()).toEqual(Object.keys(allowScripts).toSorted());
});
