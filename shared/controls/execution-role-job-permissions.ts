import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';

export const control = defineControl({
  id: 'execution-role-job-permissions',
  system: 'Execution roles',
  title: 'Execution roles may create and describe the jobs of their pipelines',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role'],
  evaluate: ({ principal, uses, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'execution-role-job-permissions',
      'job',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(principal.policies, resourcePolicies),
        resourcePolicies,
        context: serviceContext(principal),
        shared,
      },
      { purpose: 'create and describe the jobs of its pipelines', expected: 'allowed' },
    ),
});
