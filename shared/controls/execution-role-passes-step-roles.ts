import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';

export const control = defineControl({
  id: 'execution-role-passes-step-roles',
  system: 'Execution roles',
  title: 'Execution roles may pass the roles that their pipelines’ steps name',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'administrators', 'resourcePolicies'],
  hangsOn: ['execution role'],
  satisfiedBy: ownStatements(['iam:PassRole']),
  evaluate: ({ principal, uses, administrators, resourcePolicies }, _config, shared) =>
    needsVerdict(
      'execution-role-passes-step-roles',
      'pass-role',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(principal.policies, resourcePolicies),
        resourcePolicies,
        contextIn: serviceContext,
        shared,
      },
      { purpose: 'pass the roles of its pipelines’ steps', expected: 'allowed', administrators },
    ),
});
