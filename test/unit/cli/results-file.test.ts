import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readResultsFile } from '../../../cli/results-file.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { resultsWith } from '../../support/builders/results.ts';

const folder = mkdtempSync(join(tmpdir(), 'pipewarden-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const readBack = async (remediation: Finding['remediation']) => {
  const path = join(folder, 'results.json');
  writeFileSync(path, JSON.stringify(resultsWith([aFinding({ remediation })])));
  const [finding] = (await readResultsFile(path)).findings;
  return finding?.remediation;
};

test.each<[string, Finding['remediation']]>([
  [
    'a command and its undo',
    { text: 'Do it.', patch: "aws iam tag-role --tags 'a b'", undo: 'aws iam untag-role --tag-keys a' },
  ],
  ['a JSON Patch', { text: 'Do it.', patch: '[{"op":"replace","path":"/a","value":"$(ls)"}]' }],
  ['a text alone', { text: 'Do it; ls' }],
])('of results of another run %s is as it was written', async (_, remediation) => {
  expect(await readBack(remediation)).toEqual(remediation);
});

test.each([
  { text: 'Do it.', patch: 'aws iam get-role; ls' },
  { text: 'Do it.', patch: 'aws iam get-role', undo: 'ls' },
])(
  'of results of somebody else a command that runs more is left out, which is told: %j',
  async (remediation) => {
    expect(await readBack(remediation)).toEqual({
      text: 'Do it. (The command in these results is left out: it is more than calls of the AWS CLI.)',
    });
  },
);
