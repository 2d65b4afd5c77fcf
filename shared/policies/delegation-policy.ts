import type { Place, ReadAction } from './audit-policy.ts';

/** The resource policy of an organization. */
export type DelegationPolicy = {
  Version: '2012-10-17';
  Statement: {
    Sid: string;
    Effect: 'Allow';
    Principal: { AWS: string };
    Action: string[];
    Resource: '*';
  }[];
};

/**
 * The policy by which the management account lets another account of its organization read the organization’s tree and policies:
 * all that an audit asks of AWS Organizations, and nothing that writes.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies_example_view_accts_orgs.html
 */
export const delegationPolicy = (
  read: readonly Pick<ReadAction, 'action'>[],
  { partition, account }: Required<Pick<Place, 'partition' | 'account'>>,
): DelegationPolicy => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'PipewardenReadsTheOrganization',
      Effect: 'Allow',
      Principal: { AWS: `arn:${partition}:iam::${account}:root` },
      Action: read.flatMap(({ action }) => (action.startsWith('organizations:') ? action : [])).toSorted(),
      Resource: '*',
    },
  ],
});
