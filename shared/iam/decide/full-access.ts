import { readPolicy } from '../policy/read-policy.ts';

/**
 * AWS attaches this policy to each level of an organization, so that further SCPs need only deny.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export const FULL_AWS_ACCESS = readPolicy(
  { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  { name: 'FullAWSAccess', kind: 'scp' },
);
