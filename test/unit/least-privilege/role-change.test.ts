import { expect, test } from '@jest/globals';
import { changedPrincipal } from '../../../shared/least-privilege/role-change.ts';
import { principalFacts } from '../controls/principal-facts.ts';

const document = (effect: 'Allow' | 'Deny', action: string) => ({
  Version: '2012-10-17' as const,
  Statement: [{ Effect: effect, Action: [action], Resource: ['*'] }],
});

test.each([
  [
    'what it has is replaced',
    { type: 'replace-policies', name: 'least', document: document('Allow', 's3:GetObject') },
    false,
  ],
  [
    'a Deny is put beside it',
    { type: 'put-policy', name: 'guard', document: document('Deny', 'iam:*') },
    false,
  ],
  [
    'an Allow is put beside it',
    { type: 'put-policy', name: 'more', document: document('Allow', 's3:*') },
    true,
  ],
] as const)('whether a role is an administrator is found anew where %s', (_title, change, isStill) => {
  const { principal } = principalFacts({ allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
  if (!principal) throw new Error('no principal');
  expect(principal.isAdministrator).toBe(true);
  expect(changedPrincipal(principal, change).isAdministrator).toBe(isStill);
});
