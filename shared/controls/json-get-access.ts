import { assume } from '../iam/decide/context.ts';
import { outsideNetworks, withoutNetworkLimits } from '../iam/sets/network-limits.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'json-get-access',
  system: 'Execution roles',
  title: 'Execution roles may read the files that JsonGet reads',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role'],
  evaluate: ({ principal, uses, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'json-get-access',
      'json-get',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(withoutNetworkLimits(principal.policies), resourcePolicies),
        resourcePolicies,
        context: assume(serviceContext(principal), outsideNetworks()),
        shared,
      },
      { purpose: 'read the files of JsonGet', expected: 'allowed' },
    ),
});
