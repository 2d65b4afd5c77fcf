import { withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

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
        policiesFor: policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies),
        context: serviceContext(principal),
        shared,
      },
      { purpose: 'read and write the data of the steps that run under it', expected: 'allowed' },
    ),
});
