import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

/** The tests that the page names, as `file`: “name”. */
const named = [...page.matchAll(/`(test\/[\w./-]+\.test\.ts)`: “([^”]+)”/g)].map(
  ([, file = '', name = '']): [string, string] => [file, name],
);

test('the page names tests', () => {
  expect(named.length).toBeGreaterThan(20);
});

test.each(named)('%s has the test “%s”', (file, name) => {
  expect(readFileSync(join(root, file), 'utf8')).toContain(`'${name}'`);
});

test.each([
  'Policies that exhaust or fool the engine',
  'Versions',
  'Names and sessions as impersonation',
  'One definition, message or record that breaks all',
  'CloudFormation as a way round',
  'CI, and what an engineer is sent',
  'A compromised dependency',
  'Events: held back, without end, forged',
  'Who works in the account of the deployment',
  "Abuse of the auditor's own rights",
])('an attacker has a part: %s', (title) => {
  const [, part = ''] = page.split(`\n## ${title}\n`);
  const [own = ''] = part.split('\n## ');
  expect(own.match(/^\| .*`test\/.*\|$/gm)?.length).toBeGreaterThanOrEqual(3);
});

test('each threat has what holds against it, a test that shows it, and what is left', () => {
  const tables = page
    .split('| threat | what holds against it | the test that shows it | what is left |\n')
    .slice(1);
  const rows = tables.flatMap((table) => table.split('\n\n')[0]?.split('\n').slice(1) ?? []);
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const cells = row.split('|').slice(1, -1);
    expect([row, cells.length]).toEqual([row, 4]);
    expect(cells[2]).toMatch(/`test\/[\w./-]+\.test\.ts`: “/);
  }
});
