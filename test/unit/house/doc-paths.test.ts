import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

const DOCS = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  'test/e2e-deployed/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .toSorted(),
];

/** The folders whose files documents name by path; built and installed files are not among them. */
const FOLDERS = ['bench', 'cli', 'docs', 'examples', 'functions', 'infra', 'scripts', 'shared', 'test'];

/** The paths in a document: targets of links, and words in backticks that can only be paths. */
const pathsIn = (document: string, text: string): string[] => {
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
  const words = [...text.matchAll(/`([\w.@/-]+)`/g)].map(([, word = '']) => word);
  return [
    ...links
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => join(dirname(document), decodeURI(target))),
    ...words.filter((word) => /[^.]\.tsx?$/.test(word) || FOLDERS.includes(word.split('/', 1)[0] ?? '')),
  ];
};

/** Paths begin at the checkout's root or at the document's own folder. */
const isThere = (document: string, path: string): boolean =>
  existsSync(join(root, path)) || existsSync(join(root, dirname(document), path));

describe('the paths that documents name', () => {
  test.each(DOCS)('%s names only what is there', (document) => {
    const text = readFileSync(join(root, document), 'utf8');
    expect(pathsIn(document, text).filter((path) => !isThere(document, path))).toEqual([]);
  });

  test('are those of links and of words in backticks', () => {
    const text =
      'See [the port](../shared/reader/reader.ts#L3), [AWS](https://aws.amazon.com), `shared/iam`, `glob.ts`, `.ts`, `iam:PassRole`, `a/b`.';
    expect(pathsIn('docs/architecture.md', text)).toEqual([
      'shared/reader/reader.ts',
      'shared/iam',
      'glob.ts',
    ]);
  });
});
