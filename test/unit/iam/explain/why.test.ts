import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../../../../shared/iam/decide/context.ts';
import { FULL_AWS_ACCESS } from '../../../../shared/iam/decide/full-access.ts';
import { indexPolicies } from '../../../../shared/iam/decide/policy-index.ts';
import { explain } from '../../../../shared/iam/explain/explain.ts';
import { why } from '../../../../shared/iam/explain/why.ts';
import type { PolicyKind } from '../../../../shared/iam/policy/policy.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import type { JsonObject } from '../../../../shared/json/json.ts';

const ROLE = 'arn:aws:iam::111122223333:role/fraud';

const layer = (name: string, kind: PolicyKind, statement: JsonObject) =>
  indexPolicies([readPolicy({ Version: '2012-10-17', Statement: [statement] }, { name, kind })]);

test('an Allow is explained by the policy that grants it, not by the SCPs and the boundary that permit it', () => {
  const explanation = explain(
    {
      scps: [indexPolicies([FULL_AWS_ACCESS])],
      boundary: layer('boundary', 'identity', { Effect: 'Allow', Action: '*', Resource: '*' }),
      identity: layer('jobs', 'identity', {
        Sid: 'Jobs',
        Effect: 'Allow',
        Action: 'sagemaker:*',
        Resource: '*',
      }),
    },
    {
      principal: { kind: 'role', arn: ROLE, account: '111122223333' },
      action: 'sagemaker:CreatePipeline',
      resource: '*',
      context: contextOf(),
    },
  );
  expect(why(explanation, 'sagemaker:CreatePipeline', '*')).toEqual({
    at: 'jobs/Statement/0',
    found: 'statement Jobs allows sagemaker:CreatePipeline on *',
  });
});

describe('a decision is explained in one sentence', () => {
  const request = {
    principal: { kind: 'role' as const, arn: ROLE, account: '111122223333' },
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::acme/a',
    context: contextOf(),
  };
  const tell = (policies: Parameters<typeof explain>[0]) =>
    why(explain(policies, request), request.action, request.resource);
  const all = { Effect: 'Allow', Action: '*', Resource: '*' };
  const WHAT = 's3:GetObject on arn:aws:s3:::acme/a';

  test.each<[string, Parameters<typeof explain>[0], string, string]>([
    [
      'an Allow of the bucket’s own policy',
      {
        identity: layer('own', 'identity', { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }),
        resource: layer('of the bucket', 'resource', { ...all, Principal: { AWS: ROLE } }),
      },
      'of the bucket/Statement/0',
      `statement 0 allows ${WHAT}`,
    ],
    [
      'a Deny, wherever it is',
      {
        identity: layer('own', 'identity', all),
        scps: [layer('limits', 'scp', { Sid: 'NoS3', Effect: 'Deny', Action: 's3:*', Resource: '*' })],
      },
      'limits/Statement/0',
      `statement NoS3 denies ${WHAT}`,
    ],
    [
      'nothing that allows anything',
      { identity: layer('own', 'identity', { Effect: 'Deny', Action: 'ec2:*', Resource: '*' }) },
      'identity policies',
      `nothing there allows ${WHAT}`,
    ],
    ['no policies at all', {}, 'identity policies', `nothing there allows ${WHAT}`],
    [
      'the statement that comes nearest, and what of it does not fit',
      {
        identity: layer('own', 'identity', {
          Sid: 'Read',
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::acme/b',
        }),
      },
      'own/Statement/0/Resource',
      `${WHAT} is not allowed: the nearest statement, Read, has Resource arn:aws:s3:::acme/b`,
    ],
    [
      'statements that are for other actions, none of which is near',
      {
        identity: layer('own', 'identity', { Effect: 'Allow', Action: 's3:GetObjectTagging', Resource: '*' }),
      },
      'identity policies',
      `nothing there allows ${WHAT}`,
    ],
    [
      'a boundary for other actions, by its name',
      {
        identity: layer('own', 'identity', all),
        boundary: layer('edge', 'boundary', { Effect: 'Allow', NotAction: 's3:*', Resource: '*' }),
      },
      'edge',
      `nothing there allows ${WHAT}`,
    ],
    [
      'NotResource, as it is written',
      {
        identity: layer('own', 'identity', {
          Effect: 'Allow',
          Action: 's3:*',
          NotResource: ['arn:aws:s3:::acme/*', 'arn:aws:s3:::other'],
        }),
      },
      'own/Statement/0/NotResource',
      `${WHAT} is not allowed: the nearest statement, 0, has NotResource arn:aws:s3:::acme/*, arn:aws:s3:::other`,
    ],
    [
      'a boundary that leaves nothing of it',
      {
        identity: layer('own', 'identity', all),
        boundary: layer('edge', 'boundary', { Effect: 'Deny', Action: 'ec2:*', Resource: '*' }),
      },
      'permissions boundary',
      `nothing there allows ${WHAT}`,
    ],
    [
      'a level of SCPs that leaves nothing of it',
      {
        identity: layer('own', 'identity', all),
        scps: [layer('edge', 'scp', { ...all, Effect: 'Deny', Action: 'ec2:*' })],
      },
      'service control policies',
      `nothing there allows ${WHAT}`,
    ],
    [
      'a key whose value is not known',
      {
        identity: layer('own', 'identity', {
          ...all,
          Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } },
        }),
      },
      'own/Statement/0',
      `whether ${WHAT} is allowed is not known: the value of aws:SourceVpc is not known`,
    ],
  ])('%s', (_, policies, at, found) => {
    expect(tell(policies)).toEqual({ at, found });
  });

  test('a policy that cannot be read is named in the explanation', () => {
    const identity = indexPolicies([readPolicy('{', { name: 'own', kind: 'identity' })]);
    expect(tell({ identity })).toEqual({
      at: 'policies',
      found: expect.stringMatching(/^whether s3:GetObject on \S+ is allowed is not known: .*own/),
    });
  });

  test('a decision without any reason gets a sentence too', () => {
    const told = why({ decision: 'Unknown', decidedBy: [], missingContext: [], doubts: [] }, 'a:B', '*');
    expect(told).toEqual({
      at: 'policies',
      found: 'whether a:B on * is allowed is not known: there are too many cases',
    });
  });
});
