import type { ResourcePolicies } from '../facts/facts.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import type { Need } from '../needs/need.ts';

export const control = defineControl({
  id: 'step-role-data-access',
  system: 'Step roles',
  title: 'Each step’s role may read its inputs, write its outputs and use its keys',
  severity: 'MEDIUM',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role', 'step role'],
  evaluate: ({ principal, uses, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'step-role-data-access',
      'data',
      uses,
      {
        principal,
        policiesFor: byNetwork(principal.policies, resourcePolicies),
        resourcePolicies,
        context: serviceContext(principal),
        shared,
      },
      { purpose: 'read and write the data of the steps that run under it', expected: 'allowed' },
    ),
});

/** Whether a job in a VPC comes from where an SCP wants it is for its VpcConfig; a job in none does not. */
const byNetwork = (policies: Policies, resources: ResourcePolicies): ((need: Need) => Policies) => {
  const anywhere = policiesWithResources(policies, resources);
  const inVpcs = policiesWithResources(withoutNetworkLimits(policies), resources);
  return (need) => (need.request?.['aws:sourcevpc'] ? anywhere(need) : inVpcs(need));
};
