import type { ResourcePolicies } from '../facts/facts.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import type { Need } from '../needs/need.ts';

export const control = defineControl({
  id: 'step-role-data-access',
  system: 'Step roles',
  title: 'Each step’s role may read its inputs, write its outputs and use its keys',
  severity: 'MEDIUM',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role', 'step role'],
  satisfiedBy: ownStatements(['s3:GetObject', 's3:PutObject', 'kms:Decrypt']),
  evaluate: ({ principal, uses, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'step-role-data-access',
      'data',
      uses,
      {
        principal,
        policiesFor: byNetwork(principal.policies, resourcePolicies),
        resourcePolicies,
        contextIn: serviceContext,
        shared,
      },
      { purpose: purposeOf, expected: 'allowed' },
    ),
});

/** What the role is to do: a need of EC2 is one of the job’s network, and all others are for its data. */
const purposeOf = (needs: readonly Need[]): string => {
  const ofNetwork = needs.filter(({ action }) => action.startsWith('ec2:')).length;
  const data = 'read and write the data of the steps that run under it';
  const network = 'make the network interfaces of the steps that run under it in a VPC';
  if (ofNetwork === 0) return data;
  return ofNetwork === needs.length ? network : `${data}, and ${network}`;
};

/**
 * Whether a job in a VPC comes from where an SCP wants it is for its VpcConfig; a job in none does not. Nor does S3, which
 * asks for the keys of objects by itself.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
 */
const byNetwork = (policies: Policies, resources: ResourcePolicies): ((need: Need) => Policies) => {
  const anywhere = policiesWithResources(policies, resources);
  const inVpcs = policiesWithResources(withoutNetworkLimits(policies), resources);
  return (need) => (isFromOutside(need) ? anywhere(need) : inVpcs(need));
};

const isFromOutside = ({ action, request }: Need): boolean =>
  request?.['aws:sourcevpc'] !== undefined || KEYS_OF_OBJECTS.includes(action);

const KEYS_OF_OBJECTS: readonly string[] = ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:Encrypt'];
