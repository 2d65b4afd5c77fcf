import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type LockedPackage, productionPackages } from '../../../scripts/licences.ts';

type Engines = { engines: { node: string } };

const read = <T>(file: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../..', file), 'utf8')) as T;
const { engines } = read<Engines>('package.json');
const { packages } = read<{ packages: Record<string, LockedPackage & Partial<Engines>> }>(
  'package-lock.json',
);

type Version = readonly [major: number, minor: number, patch: number];

const numberOf = ([major, minor, patch]: Version): number => (major * 1000 + minor) * 1000 + patch;

/** Whether a version of Node meets one comparator of an engines range. A form that is not known here is an error. */
const meets = (comparator: string, version: Version): boolean => {
  const found = comparator.match(/^(>=|\^)(\d+)(?:\.(\d+))?(?:\.(\d+))?$/);
  if (!found) throw new Error(`this form of an engines range is not known: ${comparator}`);
  const [, sign, ...parts] = found;
  const [major = 0, minor = 0, patch = 0] = parts.map((part) => Number(part ?? 0));
  const isReached = numberOf(version) >= numberOf([major, minor, patch]);
  return isReached && (sign === '>=' || version[0] === major);
};

const isMet = (range: string, version: Version): boolean =>
  range
    .replaceAll(/(>=|\^) +/g, '$1')
    .split('||')
    .some((alternative) =>
      alternative
        .trim()
        .split(/ +/)
        .every((comparator) => meets(comparator, version)),
    );

test.each<[string, Version, boolean]>([
  ['>=20', [20, 0, 0], true],
  ['>= 20', [19, 9, 9], false],
  ['>=22.12.0', [22, 11, 5], false],
  ['>=22.12.0', [22, 12, 0], true],
  ['^20.19.0 || >=22.12.0', [20, 20, 1], true],
  ['^20.19.0 || >=22.12.0', [21, 0, 0], false],
  ['>=18 >=20.5', [20, 4, 0], false],
])('an engines range of %s admits Node %j: %s', (range, version, expected) => {
  expect(isMet(range, version)).toBe(expected);
});

test('no package that ships asks for a newer Node than package.json does', () => {
  const lowest = [...engines.node.matchAll(/(\d+)\.(\d+)/g)].map(
    ([, major, minor]): Version => [Number(major), Number(minor), 0],
  );
  expect(lowest.every((version) => isMet(engines.node, version))).toBe(true);
  expect(lowest.length).toBe(engines.node.split('||').length);
  const asking = productionPackages(packages).flatMap(([path]) => {
    const range = packages[path]?.engines?.node;
    return range === undefined ? [] : [{ path, range }];
  });
  expect(asking.length).toBeGreaterThan(20);
  expect(asking.filter(({ range }) => !lowest.every((version) => isMet(range, version)))).toEqual([]);
});

test('the lockfile names the same Node as package.json', () => {
  expect(packages['']?.engines).toEqual(engines);
});
