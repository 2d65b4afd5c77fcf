import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { measureBundle } from '../../bench/cases/bundle.ts';
import { GRAMMAR } from '../../scripts/grammar.ts';
import {
  bundledPackages,
  isAllowed,
  type LockedPackage,
  productionPackages,
} from '../../scripts/licences.ts';
import { ROOT } from '../support/commands/cli.ts';

const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const shipped = new Map(productionPackages(packages));
const bundles = globSync('dist/{cli,functions/*}/meta.json', { cwd: ROOT });

describe.each(bundles)('%s', (path) => {
  const { inputs } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as {
    inputs: Record<string, unknown>;
  };
  const bundled = bundledPackages(Object.keys(inputs));

  test('contains only packages from package.json and their dependencies', () => {
    expect(bundled.length).toBeGreaterThan(0);
    expect(bundled.filter((name) => !shipped.has(name))).toEqual([]);
  });

  test('contains nothing that may not ship', () => {
    expect(bundled.filter((name) => !isAllowed(shipped.get(name)?.license))).toEqual([]);
  });
});

test('bundle/ declares what is bundled, and nothing else', () => {
  const read = (file: string) =>
    JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as Record<'dependencies' | 'devDependencies', object>;
  const { dependencies, devDependencies } = read('bundle/package.json');
  expect(read('package.json').devDependencies).toMatchObject({ ...dependencies, ...devDependencies });
  const inputs = bundles.flatMap((path) =>
    Object.keys((JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { inputs: object }).inputs),
  );
  const declared = Object.keys(dependencies).map((name) => `node_modules/${name}`);
  const bundled = bundledPackages([...inputs, ...Object.values(GRAMMAR)]);
  expect(declared.filter((path) => !bundled.includes(path))).toEqual([]);
});

test('the command and the function are built', () => {
  expect(bundles).toEqual(expect.arrayContaining(['dist/cli/meta.json', 'dist/functions/audit/meta.json']));
});

test('the audit function stays small, and loads little at its start', async () => {
  const { bytes, folderBytes } = await measureBundle(join(ROOT, 'dist/functions/audit/index.mjs'));
  expect(bytes).toBeLessThan(720_000);
  expect(folderBytes).toBeLessThan(1_470_000);
});

test('a start of the audit function loads nothing with which roles of other accounts are assumed', () => {
  const { outputs } = JSON.parse(readFileSync(join(ROOT, 'dist/functions/audit/meta.json'), 'utf8')) as {
    outputs: Record<string, Output>;
  };
  const [entry = ''] = Object.keys(outputs).filter((path) => path.endsWith('/index.mjs'));
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && next in outputs) load(next);
  };
  load(entry);
  const inputsOf = (paths: Iterable<string>) =>
    [...paths].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
  const isOfSts = (input: string) => input.includes('@aws-sdk/client-sts/');
  expect(inputsOf(Object.keys(outputs)).some(isOfSts)).toBe(true);
  expect(inputsOf(loaded).filter(isOfSts)).toEqual([]);
});

type Output = { inputs: object; imports: { path: string; kind: string }[] };
