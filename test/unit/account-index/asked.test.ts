import { expect, test } from '@jest/globals';
import { askedOf, isInertAction, mayBeAsked, tellsOf } from '../../../shared/account-index/asked.ts';
import type { Policy } from '../../../shared/iam/policy/policy.ts';
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

const statementIn = (statement: object) => {
  const [read] = readPolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...statement } as never] },
    { name: 'p', kind: 'identity' },
  ).statements;
  if (!read) throw new Error('the statement cannot be read');
  return read;
};

test.each([
  'iam:PassRole',
  'iam:*',
  'sts:AssumeRole',
  'cloudformation:CreateStack',
  's3:PutBucketPolicy',
  's3:Put*',
  'sagemaker:CreatePipeline',
  'sagemaker:Create*',
  'sagemaker:*',
  '*',
  '*:PutRolePolicy',
])('looks may ask of anybody whether it may call %s', (action) => {
  expect(mayBeAsked['of-any'](action)).toBe(true);
});

test.each([
  's3:PutObject',
  's3:PutObject*',
  'sagemaker:CreateTrainingJob',
  'sagemaker:CreateM*',
  'lambda:UpdateFunctionCode',
  'iam:GetRole',
  'logs:*',
])(
  'looks ask of nobody but roles that somebody can assume, or whoever writes in S3, whether it may call %s',
  (action) => {
    expect(mayBeAsked['of-any'](action)).toBe(false);
  },
);

test('of whoever writes in S3 its writing is asked, and of a role that somebody can assume all that puts services to work', () => {
  expect(mayBeAsked['of-writers']('s3:PutObject')).toBe(true);
  expect(mayBeAsked['of-writers']('lambda:UpdateFunctionCode')).toBe(false);
  expect(mayBeAsked['of-assumable']('lambda:UpdateFunctionCode')).toBe(true);
  expect(mayBeAsked['of-assumable']('logs:PutLogEvents')).toBe(false);
});

test('NotAction tells of everything, and a Deny of anything may keep a role from putting a service to work', () => {
  expect(tellsOf('of-any', statementIn({ NotAction: 'iam:*' }))).toBe(true);
  const deny = statementIn({ Effect: 'Deny', Action: 'logs:*' });
  expect(tellsOf('of-assumable', deny)).toBe(true);
  expect(tellsOf('of-any', deny)).toBe(false);
});

const trust = (principal: object | string) =>
  readPolicy(
    {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' } as never],
    },
    { name: 't', kind: 'trust' },
  );

test('a role is assumable whose trust policy names a principal of an account or cannot be read', () => {
  const asked = (policy?: Policy) => askedOf({ trust: policy, inline: [], hasMore: false });
  expect(asked(trust({ AWS: 'arn:aws:iam::111122223333:root' }))).toBe('of-assumable');
  expect(asked(trust('*'))).toBe('of-assumable');
  expect(asked(readPolicy('{', { name: 't', kind: 'trust' }))).toBe('of-assumable');
  expect(asked(trust({ Service: 'sagemaker.amazonaws.com' }))).toBe('of-any');
  expect(asked()).toBe('of-any');
});

test('what it writes in S3 is asked of whoever may change policies of buckets, or may have policies that let it', () => {
  const inline = [
    readPolicy(
      { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Put*', Resource: '*' }] },
      { name: 'p', kind: 'identity' },
    ),
  ];
  expect(askedOf({ trust: undefined, inline, hasMore: false })).toBe('of-writers');
  expect(askedOf({ trust: undefined, inline: [], hasMore: true })).toBe('of-writers');
});
