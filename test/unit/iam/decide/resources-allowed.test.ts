import { expect, test } from '@jest/globals';
import { indexPolicies } from '../../../../shared/iam/decide/policy-index.ts';
import { resourcesAllowed } from '../../../../shared/iam/decide/resources-allowed.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../../shared/json/json.ts';

const ROLE = 'arn:aws:iam::111122223333:role/train';

const allowedBy = (...Statement: Json[]): string[] | undefined =>
  resourcesAllowed(
    indexPolicies([readPolicy({ Version: '2012-10-17', Statement }, { name: 'p', kind: 'identity' })]),
    ['iam:PassRole', 'iam:TagRole'],
  );

test('the resources of all statements that allow one of the actions are told once', () => {
  expect(
    allowedBy(
      { Effect: 'Allow', Action: 'iam:Pass*', Resource: [ROLE, `${ROLE}-*`] },
      { Effect: 'Allow', Action: ['iam:TagRole', 'logs:*'], Resource: ROLE },
      { Effect: 'Allow', Action: 'iam:GetRole', Resource: 'arn:aws:iam::111122223333:role/other' },
      { Effect: 'Deny', Action: 'iam:*', Resource: 'arn:aws:iam::111122223333:role/denied' },
    ),
  ).toEqual([ROLE, `${ROLE}-*`]);
});

test.each<[string, Json]>([
  ['everything', { Effect: 'Allow', Action: 'iam:*', Resource: '*' }],
  ['NotResource', { Effect: 'Allow', Action: 'iam:PassRole', NotResource: ROLE }],
  [
    'a variable at the beginning',
    { Effect: 'Allow', Action: 'iam:PassRole', Resource: '${aws:PrincipalTag/role}' },
  ],
])('a statement with %s may mean any resource', (_, statement) => {
  expect(allowedBy({ Effect: 'Allow', Action: 'iam:PassRole', Resource: ROLE }, statement)).toBeUndefined();
});

test('a variable leaves open what follows it', () => {
  expect(
    allowedBy({
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}-jobs',
    }),
  ).toEqual(['arn:aws:iam::111122223333:role/*']);
});

test('a policy that cannot be read may allow any resource', () => {
  const index = indexPolicies([readPolicy('{', { name: 'p', kind: 'identity' })]);
  expect(resourcesAllowed(index, ['iam:PassRole'])).toBeUndefined();
});
