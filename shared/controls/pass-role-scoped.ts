import { authorisedRoles, isPipelineRole } from '../authorised/roles.ts';
import { administratorFailed, perhapsAdministrator } from '../concerns/administrator.ts';
import { createsNothing } from '../concerns/creating.ts';
import {
  administratorPassed,
  passingBeyond,
  passingElsewhere,
  servicesTakingRoles,
} from '../concerns/passing.ts';
import { verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { passingGuardrail } from '../policies/passing-policy.ts';

export const control = defineControl({
  id: 'pass-role-scoped',
  system: 'Execution roles',
  title: 'Who can create pipelines or jobs passes authorised roles alone, to SageMaker alone',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'uses', 'administrators'],
  needs: ['roles.steps'],
  evaluate: ({ principal, uses, administrators }, config, shared) => {
    const standing = principal.administrator;
    const isOfPipelines = isPipelineRole(principal.identity.principal.arn, uses, config);
    if (standing.answer === 'yes')
      return principal.isGoverned && !isOfPipelines
        ? [administratorFailed(principal, standing)]
        : doesNotApply('an administrator gains nothing by passing roles');
    if (createsNothing(principal, shared)) return doesNotApply('it can create neither pipelines nor jobs');

    const roles = authorisedRoles(config);
    const services = servicesTakingRoles(uses);
    const perhaps = isOfPipelines ? [] : perhapsAdministrator(principal);
    const concerns = [
      ...passingBeyond(roles, services, principal, shared),
      ...passingElsewhere(services, principal, shared),
    ];
    const verdict = verdictOn([...concerns, ...perhaps], {
      otherwise: concerns.length > 0 ? 'name the roles in the statement' : 'take the permission',
      breach: (evidence) => {
        const passed = administratorPassed(administrators, principal, shared);
        const worst = [...(passed ? [passed] : []), ...perhaps.map((each) => each.evidence)];
        return {
          status: 'FAILED',
          ...(worst.length > 0 && { severity: 'CRITICAL' }),
          evidence: [...evidence, ...worst],
          remediation: remedyBy(
            principal,
            putPolicy('pass-role-scoped', passingGuardrail(roles, services)),
            `Let ${principal.identity.principal.arn} pass the authorised roles alone: name them in the statement, or put this Deny beside it.`,
          ),
        };
      },
    });
    return [verdict];
  },
});
