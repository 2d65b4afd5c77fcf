import { expect, test } from '@jest/globals';
import { organizationPoliciesOf } from '../../../../shared/reader/answers/organization.ts';

const LEVELS = [{ target: 'r-ab12', policies: [{ Name: 'all', Content: '{"Statement": []}' }] }];
const READ = [{ target: 'r-ab12', policies: [{ name: 'all', document: { Statement: [] } }] }];

test.each<[string, unknown, object]>([
  ['the levels of the SCPs', LEVELS, { scps: READ, rcps: [] }],
  ['SCPs alone', { scps: LEVELS }, { scps: READ, rcps: [] }],
  [
    'all of it',
    { scps: LEVELS, rcps: LEVELS, managementAccount: '111122223333' },
    { scps: READ, rcps: READ, managementAccount: '111122223333' },
  ],
  ['no organization', { absent: true }, { scps: [], rcps: [] }],
])('an organization may be given as %s', (_, json, policies) => {
  expect(organizationPoliciesOf(json as never)).toEqual(policies);
});

test.each([
  [{}],
  [{ rcps: LEVELS }],
  [{ scps: LEVELS, rcps: {} }],
  [{ scps: LEVELS, rcps: null }],
  [{ scps: LEVELS, managementAccount: 111122223333 }],
  [{ scps: LEVELS, managementAccount: '1' }],
  ['scps'],
  [null],
])('%j is no organization', (json) => {
  expect(organizationPoliciesOf(json as never)).toBeUndefined();
});
