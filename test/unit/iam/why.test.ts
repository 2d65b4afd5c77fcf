import { expect, test } from '@jest/globals';
import { contextOf } from '../../../shared/iam/context.ts';
import { explain } from '../../../shared/iam/explain.ts';
import { FULL_AWS_ACCESS } from '../../../shared/iam/full-access.ts';
import type { PolicyKind } from '../../../shared/iam/policy.ts';
import { indexPolicies } from '../../../shared/iam/policy-index.ts';
import { readPolicy } from '../../../shared/iam/read-policy.ts';
import { why } from '../../../shared/iam/why.ts';
import type { JsonObject } from '../../../shared/json.ts';

const ROLE = 'arn:aws:iam::111122223333:role/fraud';

const layer = (name: string, kind: PolicyKind, statement: JsonObject) =>
  indexPolicies([readPolicy({ Version: '2012-10-17', Statement: [statement] }, { name, kind })]);

test('an Allow is told of the policy that gives it, not of the SCPs and the boundary that leave it', () => {
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
