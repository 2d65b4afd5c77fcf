import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isInert, isInertAction } from '../../../shared/account-index/inert.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';

test.each([
  'logs:*',
  'logs:PutLogEvents',
  's3:Get*',
  's3:GetObject',
  's3:List*',
  'kms:Decrypt',
  'kms:GenerateDataKey*',
  'dynamodb:*',
  'ecr:BatchGetImage',
  'iam:GetRole',
  'IAM:List*',
])('%s changes nothing for others', (action) => {
  expect(isInertAction(action)).toBe(true);
});

test.each([
  '*',
  's3:*',
  's3:P*',
  's3:Put*',
  's3:PutObject*',
  's3:PutObjectAcl',
  's3:PutObject',
  's3:PutBucketPolicy',
  '?am:Get*',
  'l*:*',
  'sts:GetFederationToken',
  'sts:AssumeRole',
  'iam:PassRole',
  'iam:*',
  'kms:*',
  'kms:PutKeyPolicy',
  'lambda:InvokeFunction',
  'sagemaker:CreatePipeline',
  'ssm:SendCommand',
])('%s may matter to others', (action) => {
  expect(isInertAction(action)).toBe(false);
});

const policy = (statement: object) =>
  readPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...statement } as never] },
    { name: 'p', kind: 'identity' },
  );

test('NotAction, a policy that cannot be read and one with a warning may matter to others', () => {
  expect(isInert(policy({ NotAction: 'logs:*' }))).toBe(false);
  expect(isInert(readPolicy('{', { name: 'p', kind: 'identity' }))).toBe(false);
  expect(isInert(policy({ Action: ['logs:*', 's3:GetObject'] }))).toBe(true);
  expect(isInert(policy({ Action: ['logs:*', 'iam:PassRole'] }))).toBe(false);
});

/** The actions in the code that asks what principals may do to others. */
const ACTION = /'((?:[a-z0-9-]+):(?:[A-Z][A-Za-z0-9]+|\*))'/g;

/**
 * These are asked of the subject of a look alone; those of Organizations are the auditor’s own.
 */
const OF_NO_OTHERS = new Set([
  's3:GetObject',
  's3:ListBucket',
  'kms:Decrypt',
  'organizations:DescribeAccount',
  'organizations:DescribePolicy',
  'organizations:ListParents',
  'organizations:ListPoliciesForTarget',
]);

test('the code that asks about others asks for no action that the outline of a principal leaves out', () => {
  const asked = ['concerns', 'judging', 'policies', 'facts', 'iam/sets'].flatMap((name) => {
    const folder = join(import.meta.dirname, '../../../shared', name);
    return readdirSync(folder)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('-actions.ts'))
      .flatMap((file) =>
        [...readFileSync(join(folder, file), 'utf8').matchAll(ACTION)].flatMap(([, action]) => action ?? []),
      );
  });
  expect(asked.length).toBeGreaterThan(60);
  expect([...new Set(asked)].filter((action) => isInertAction(action) && !OF_NO_OTHERS.has(action))).toEqual(
    [],
  );
});
