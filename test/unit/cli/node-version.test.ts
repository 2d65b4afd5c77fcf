import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { nodeProblem } from '../../../cli/node-version.ts';

test.each(['20.12.0', '20.20.2', '21.7.0', '22.0.0', '24.21.0', '30.0.0'])(
  'the command runs on Node %s',
  (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  },
);

test.each(['16.20.2', '18.20.4', '20.11.1', '20.9.0', '21.6.2', ''])(
  'Node %j is refused with what is needed',
  (version) => {
    expect(nodeProblem(version)).toMatch(
      new RegExp(
        `^this is Node ${version.replaceAll('.', '\\.')}, and the command needs Node 20\\.12 or newer`,
      ),
    );
  },
);

test('npm is told the same versions', () => {
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8'));
  expect(engines).toEqual({ node: '^20.12 || >=21.7' });
});
