import { jobPatternAnswer } from '../authorised/job-name.ts';
import type { Prefix } from '../config/schema.ts';
import { defineControl } from '../judging/control.ts';
import { needsVerdict, policiesWithResources, serviceContext } from '../judging/needs-verdict.ts';
import { CREATE, ownStatements } from '../judging/satisfying-statements.ts';
import type { RoleNeed } from '../needs/roster.ts';

export const control = defineControl({
  id: 'execution-role-job-permissions',
  system: 'Execution roles',
  title: 'Execution roles may create and describe the jobs of their pipelines',
  severity: 'HIGH',
  on: ['role'],
  requires: ['principal', 'uses', 'resourcePolicies'],
  hangsOn: ['execution role'],
  satisfiedBy: ownStatements(CREATE),
  evaluate: ({ principal, uses, resourcePolicies }, { prefixes = [] }, shared) =>
    needsVerdict(
      'execution-role-job-permissions',
      'job',
      uses,
      {
        principal,
        policiesFor: policiesWithResources(principal.policies, resourcePolicies),
        resourcePolicies,
        contextIn: serviceContext,
        shared,
      },
      {
        purpose: 'create and describe the jobs of its pipelines',
        expected: 'allowed',
        isMisnamed: (asked) => isMisnamed(asked, principal.identity.principal.arn, prefixes),
      },
    ),
});

/** Whether a need is to create jobs under names that no prefix is known to authorise for the role and a pipeline that asks. */
const isMisnamed = (
  { need: { action, resource }, askers }: RoleNeed,
  principalArn: string,
  prefixes: readonly Prefix[],
): boolean =>
  prefixes.length > 0 &&
  action.startsWith('sagemaker:Create') &&
  askers.some(({ pipeline }) => {
    const named = jobPatternAnswer(resource, { principalArn, pipelineName: pipeline.name }, prefixes);
    return named !== undefined && named.answer !== 'yes';
  });
