import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { releaseReadme } from '../../../scripts/release-files.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');

test('a release tells how it is deployed, without links that lead nowhere', () => {
  const readme = releaseReadme(page);
  expect(readme).toContain('aws cloudformation create-stack');
  expect(readme).toContain('sha256sum --check SHA256SUMS');
  expect(readme).toContain('module "pipewarden"');
  expect(readme).not.toContain('](#');
  expect(() => releaseReadme('# Operations')).toThrow(/no part “Without a checkout”/);
});
