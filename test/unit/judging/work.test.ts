import { describe, expect, test } from '@jest/globals';
import type { PrincipalFact } from '../../../shared/facts/facts.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import { needsVerdict, serviceContext } from '../../../shared/judging/needs-verdict.ts';
import { isAffordable, spend } from '../../../shared/judging/work.ts';
import type { RoleUses } from '../../../shared/needs/roster.ts';
import { principalFacts } from '../../support/builders/principal-facts.ts';

const principalWith = (resources: readonly string[]): PrincipalFact => {
  const { principal } = principalFacts({
    allow: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resources }],
  });
  if (!principal) throw new Error('no principal');
  return principal;
};
const patterns = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `arn:aws:s3:::acme-${index}/*`);

/** How many questions of one action can be asked of a principal. */
const questions = (principal: PrincipalFact, action = 's3:GetObject'): number => {
  let count = 0;
  while (count < 10_000_000 && isAffordable(principal, principal.policies, action)) count++;
  return count;
};

describe('the questions that one look asks of a principal', () => {
  test('are as many as its policies leave, by their patterns and not by time', () => {
    const few = questions(principalWith(patterns(10)));
    const many = questions(principalWith(patterns(1000)));
    expect(few).toBeGreaterThan(100_000);
    expect(many).toBeGreaterThan(5_000);
    expect(many).toBeLessThan(few / 20);
  });

  test('cost what statements about their own action have', () => {
    expect(questions(principalWith(patterns(1000)), 's3:PutObject')).toBeGreaterThan(400_000);
  });

  test('are shared by all controls of the look, and begin anew for another principal', () => {
    const principal = principalWith(patterns(10));
    expect(spend(principal, 10_000_000)).toBe(true);
    expect(isAffordable(principal, principal.policies, 's3:GetObject')).toBe(false);
    const other = { ...principal };
    expect(isAffordable(other, other.policies, 's3:GetObject')).toBe(true);
  });

  test('count the patterns of conditions and of resource policies as well', () => {
    const principal = principalWith(patterns(1));
    const statement = {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:*',
      Resource: '*',
      Condition: { StringLike: { 'aws:PrincipalArn': patterns(1000) } },
    };
    const document = { Version: '2012-10-17', Statement: [statement] };
    const resource = indexPolicies([readPolicy(document, { name: 'policy of bucket b', kind: 'resource' })]);
    const before = questions({ ...principal });
    let count = 0;
    while (isAffordable(principal, { ...principal.policies, resource }, 's3:GetObject')) count++;
    expect(count).toBeLessThan(before / 20);
  });
});

test('a need that could not be asked any more is not known, and never met', () => {
  const principal = principalWith(['*']);
  const askers = [{ pipeline: { name: 'p', arn: 'a' }, step: 'S', pointer: '/Steps/0' }];
  const needs = ['x', 'y'].map((key) => ({
    kind: 'data' as const,
    need: { action: 's3:GetObject', resource: `arn:aws:s3:::acme/${key}` },
    askers,
    count: 1,
  }));
  const { uses } = principalFacts({});
  const asking = { principal, policiesFor: () => principal.policies, context: serviceContext(principal) };
  const verdicts = () =>
    needsVerdict('c', 'data', { ...(uses as RoleUses), needs, open: [] }, asking, {
      purpose: 'read',
      expected: 'allowed',
    });
  expect(verdicts()).toEqual([{ status: 'PASSED' }]);
  spend(principal, 10_000_000);
  expect(verdicts()).toMatchObject([
    { status: 'NOT_AVAILABLE', evidence: [{ found: expect.stringContaining('too much to compare') }] },
  ]);
});
