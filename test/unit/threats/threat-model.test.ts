import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { lintPolicy } from '../../../shared/iam/lint/lint-policy.ts';
import type { PolicyKind } from '../../../shared/iam/policy/policy.ts';
import { principalOf } from '../../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';

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

describe('the policy of the page', () => {
  const [, text = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const ROLE = 'arn:aws:iam::111122223333:role';
  const scp = readPolicy(text, { name: 'PipewardenStays', kind: 'scp' });
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  const all = (kind: PolicyKind) => readPolicy(everything, { name: 'all', kind });

  test('is one, and each of its statements has an effect', () => {
    expect([scp.problems, lintPolicy(scp)]).toEqual([[], []]);
  });

  test.each([
    ['events:DeleteRule', 'events:eu-west-1:111122223333:rule/Pipewarden-IamOperations1A2B', 'admin', false],
    ['sqs:SendMessage', 'sqs:eu-west-1:111122223333:Pipewarden-Requests1A2B', 'admin', false],
    ['lambda:UpdateFunctionCode', 'lambda:eu-west-1:111122223333:function:Pipewarden-Audit1', 'admin', false],
    ['dynamodb:PutItem', 'dynamodb:eu-west-1:111122223333:table/PipewardenState-Findings1', 'admin', false],
    [
      'lambda:DeleteEventSourceMapping',
      'lambda:eu-west-1:111122223333:event-source-mapping:1',
      'admin',
      false,
    ],
    ['dynamodb:GetItem', 'dynamodb:eu-west-1:111122223333:table/PipewardenState-Findings1', 'admin', true],
    ['dynamodb:PutItem', 'dynamodb:eu-west-1:111122223333:table/orders', 'admin', true],
    [
      'dynamodb:PutItem',
      'dynamodb:eu-west-1:111122223333:table/PipewardenState-Findings1',
      'Pipewarden-AuditRole1',
      true,
    ],
    [
      'events:DeleteRule',
      'events:eu-west-1:111122223333:rule/Pipewarden-Iam1',
      'cdk-hnb659fds-cfn-exec-role-1-eu',
      true,
    ],
  ])('%s on %s is for %s: %j', (action, resource, role, isAllowed) => {
    const principal = principalOf(`${ROLE}/${role}`);
    if (!principal) throw new Error('no principal');
    const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:Pipewarden-Audit1';
    const context = contextOf({ 'lambda:FunctionArn': FUNCTION }, 'absent');
    const decision = decide(
      { identity: indexPolicies([all('identity')]), scps: [indexPolicies([all('scp'), scp])] },
      { principal, action, resource: `arn:aws:${resource}`, context },
    );
    expect(decision).toBe(isAllowed ? 'Allow' : 'ExplicitDeny');
  });
});
