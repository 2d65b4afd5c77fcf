import { describe, expect, test } from '@jest/globals';
import { changersOf } from '../../../shared/concerns/changing-role.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import { step } from '../../support/builders/control-cases.ts';
import { principalFacts } from '../../support/builders/principal-facts.ts';

const PEOPLE = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
};
const COUNT = 400;
const buckets = Array.from({ length: COUNT }, (_, at) => `acme-out-${at}`);
const steps = buckets.map((bucket, at) =>
  step(`T${at}`, 'Training', { OutputDataConfig: { S3OutputPath: `s3://${bucket}/out` } }),
);

/** How a principal with one statement about buckets’ policies may change the role of a pipeline that uses 400 buckets. */
const changing = (Resource: string, work: number, Action = ['s3:PutBucketPolicy']) => {
  const facts = principalFacts({
    pipelines: { fraud: { steps } },
    buckets: Object.fromEntries(buckets.map((bucket) => [bucket, null])),
    others: {
      'arn:aws:iam::111122223333:role/person': {
        allow: [{ Effect: 'Allow', Action, Resource }],
        trust: PEOPLE,
      },
    },
  }) as Facts;
  const { principal, principals, uses, resourcePolicies } = facts;
  const shared = sharedWork(work);
  const calls = changersOf(principal, principals, { uses, resourcePolicies, tagKeys: [] }, shared).flatMap(
    (changer) => changer.calls.map(({ action, isSure }) => ({ action, isSure })),
  );
  return { calls, spent: shared.work.spent() };
};

describe('who may change the policies of the buckets that a role’s pipelines use', () => {
  test('is found in the last of many buckets', () => {
    const { calls } = changing(`arn:aws:s3:::${buckets.at(-1)}`, 14_000_000);
    expect(calls).toEqual([{ action: 's3:PutBucketPolicy', isSure: true }]);
  });

  test('costs one question where the first bucket shows it', () => {
    const one = changing(`arn:aws:s3:::${buckets[0]}`, 14_000_000).spent;
    const all = changing('arn:aws:s3:::*', 14_000_000).spent;
    expect(all).toBeLessThan(2 * one);
  });

  test('is in doubt, and never ruled out, where no work is left', () => {
    const { calls, spent } = changing(`arn:aws:s3:::${buckets.at(-1)}`, 10_000);
    expect(calls).toEqual([{ action: 's3:PutBucketPolicy', isSure: false }]);
    expect(spent).toBeLessThan(20_000);
  });

  test('is nobody where another bucket is meant', () => {
    expect(changing('arn:aws:s3:::acme-elsewhere', 14_000_000).calls).toEqual([]);
  });
});

describe('who may change a role by a policy that was read, beside one that was not', () => {
  const changersWith = (isUnread: boolean) => {
    const facts = principalFacts({
      pipelines: { fraud: { steps: [] } },
      others: {
        'arn:aws:iam::111122223333:role/person': {
          allow: [
            {
              Effect: 'Allow',
              Action: 'iam:PutRolePolicy',
              Resource: 'arn:aws:iam::111122223333:role/pipelines/fraud',
            },
          ],
          trust: PEOPLE,
        },
      },
    }) as Facts;
    const { principal, principals, uses, resourcePolicies } = facts;
    const all = principals.map((each) => {
      const { identity } = each.policies;
      if (!isUnread || !identity || !each.identity.principal.arn.endsWith('/person')) return each;
      const policy = readPolicy('', { name: 'unread', kind: 'identity' });
      const administrator = { ...each.administrator, answer: 'unknown' } as typeof each.administrator;
      return {
        ...each,
        administrator,
        policies: { ...each.policies, identity: indexPolicies([...identity.policies, policy]) },
      };
    });
    const around = { uses, resourcePolicies, tagKeys: [] };
    return changersOf(principal, all, around, sharedWork()).flatMap(({ calls }) =>
      calls.map(({ action, isSure }) => ({ action, isSure })),
    );
  };

  test('is in doubt, and never ruled out: the other policy can only deny it', () => {
    expect(changersWith(true)).toContainEqual({ action: 'iam:PutRolePolicy', isSure: false });
  });
});
