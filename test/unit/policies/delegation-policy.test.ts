import { expect, test } from '@jest/globals';
import { FACT_ACTIONS } from '../../../shared/facts/fact-actions.ts';
import { READ_ACTIONS } from '../../../shared/facts/read-actions.ts';
import { delegationPolicy } from '../../../shared/policies/delegation-policy.ts';

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies_example_view_accts_orgs.html */
const ON_THE_PAGE = [
  'DescribeOrganization',
  'DescribeOrganizationalUnit',
  'DescribeAccount',
  'DescribePolicy',
  'DescribeEffectivePolicy',
  'ListRoots',
  'ListOrganizationalUnitsForParent',
  'ListParents',
  'ListChildren',
  'ListAccounts',
  'ListAccountsForParent',
  'ListPolicies',
  'ListPoliciesForTarget',
  'ListTargetsForPolicy',
  'ListTagsForResource',
].map((operation) => `organizations:${operation}`);

test('the delegation policy allows all that an audit asks of Organizations, and nothing that AWS does not delegate', () => {
  const { Statement } = delegationPolicy(READ_ACTIONS, {
    partition: 'aws-us-gov',
    account: '111122223333',
  });
  expect(Statement.map(({ Principal, Resource, Effect }) => [Principal.AWS, Resource, Effect])).toEqual([
    ['arn:aws-us-gov:iam::111122223333:root', '*', 'Allow'],
  ]);
  const [{ Action } = { Action: [] as string[] }] = Statement;
  const asked = FACT_ACTIONS.principal.flatMap(({ action }) =>
    action.startsWith('organizations:') ? action : [],
  );
  expect(Action).toEqual(expect.arrayContaining([...asked, 'organizations:ListAccounts']));
  expect(Action.filter((action) => !ON_THE_PAGE.includes(action))).toEqual([]);
});
