import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { counted } from '../../../shared/text/counted.ts';

const root = join(import.meta.dirname, '../../..');
const SOURCES = '{shared,functions,cli,infra,scripts,docs,examples}/**/*.{ts,tsx,md}';

test.each([
  [0, 'pipeline', undefined, '0 pipelines'],
  [1, 'pipeline', undefined, '1 pipeline'],
  [2, 'pipeline', undefined, '2 pipelines'],
  [1, 'alias', 'aliases', '1 alias'],
  [3, 'alias', 'aliases', '3 aliases'],
])('%i %s with the plural %s is "%s"', (count, noun, plural, text) => {
  expect(counted(count, noun, plural)).toBe(text);
});

test('no text leaves it to its reader whether a noun is singular or plural', () => {
  const files = globSync(SOURCES, { cwd: root }).filter((file) => !file.includes('node_modules'));
  expect(files.length).toBeGreaterThan(400);
  const doubtful = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        /[a-z]\((?:s|es)\)/.test(line) ? `${file}:${index + 1}: ${line.trim()}` : [],
      ),
  );
  expect(doubtful).toEqual([]);
});
