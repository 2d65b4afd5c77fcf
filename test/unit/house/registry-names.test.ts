import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

/** What parts words: of a command line, and of a list of arguments in code. */
const GAP = String.raw`["'\x60,\s]+`;

/**
 * A call that asks the registry for the package `pipewarden` wherever none is installed. Nobody owns that name, so that
 * whoever registers it would run code at every reader's.
 */
const ASKS_REGISTRY = new RegExp(
  String.raw`\b(?:npx|bunx|(?:npm|pnpm|yarn|bun)${GAP}(?:exec|x|dlx|i|install|add))${GAP}(?:-[-=\w]*${GAP})*pipewarden(?![\w./-]*\.tgz)\b`,
);

const trackedFiles = (): string[] =>
  execFileSync('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  })
    .split('\0')
    .filter((path) => path !== '' && path !== 'package-lock.json' && existsSync(join(root, path)));

describe('no file calls the command by a name that a registry may give to anybody', () => {
  test('in all files of the repository', () => {
    const own = 'test/unit/house/registry-names.test.ts';
    const files = trackedFiles().filter((path) => path !== own);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'action.yml', 'cli/deploy.ts']));
    expect(files.filter((path) => ASKS_REGISTRY.test(readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });

  test.each([
    'npx pipewarden lint',
    'npx --yes -- pipewarden lint',
    '["npx", "pipewarden", "lint"]',
    'npm exec -- pipewarden lint',
    'npm install -g pipewarden',
    'npm i --save-dev pipewarden',
    'pnpm dlx pipewarden',
    'yarn add pipewarden',
  ])('%s is such a call', (text) => {
    expect(ASKS_REGISTRY.test(text)).toBe(true);
  });

  test.each([
    'pipewarden lint',
    'node_modules/.bin/pipewarden lint',
    'npm install -g .',
    'npm install -g ./pipewarden-cli-0.1.0.tgz',
    'npx cdk bootstrap',
    'npm run build',
  ])('%s is none', (text) => {
    expect(ASKS_REGISTRY.test(text)).toBe(false);
  });
});
