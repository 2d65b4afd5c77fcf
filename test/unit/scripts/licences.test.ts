import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  bundledPackages,
  isAllowed,
  type LockedPackage,
  productionPackages,
} from '../../../scripts/licences.ts';

const { packages } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8'),
) as { packages: Record<string, LockedPackage> };

test('nothing ships under a licence that this project may not pass on, or without a hash', () => {
  const shipped = productionPackages(packages);
  expect(shipped.length).toBeGreaterThan(20);
  expect(shipped.filter(([, { license }]) => !isAllowed(license))).toEqual([]);
  expect(shipped.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
});

test('packages that only tests use do not ship', () => {
  const shipped = productionPackages(packages).map(([path]) => path);
  expect(packages['node_modules/@cloud-copilot/iam-simulate']?.license).toMatch(/^AGPL/);
  expect(shipped).not.toContain('node_modules/@cloud-copilot/iam-simulate');
});

test.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-or-later)', true],
  ['Apache-2.0 AND MIT', true],
  ['GPL-3.0-only', false],
  ['AGPL-3.0-or-later', false],
  ['MIT AND GPL-2.0-only', false],
  ['LGPL-3.0', false],
  ['SEE LICENSE IN LICENSE', false],
  ['', false],
  [undefined, false],
])('%s may ship: %s', (expression, expected) => {
  expect(isAllowed(expression)).toBe(expected);
});

test('the packages in a bundle are found from its inputs', () => {
  expect(
    bundledPackages([
      'shared/audit.ts',
      'node_modules/zod/v4/core/core.js',
      'node_modules/zod/index.js',
      '../main/node_modules/@a/b/node_modules/@c/d/index.js',
    ]),
  ).toEqual(['node_modules/@a/b/node_modules/@c/d', 'node_modules/zod']);
});
