import { contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { allowedForAll } from '../iam/sets/questions.ts';
import { onlyOne } from '../iam/sets/universe.ts';
import { refusals, verdictOn } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { unknownExecutionRoles } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import type { RoleUses } from '../needs/roster.ts';
import { groupedPolicy } from '../policies/least-policy.ts';
import { PASSED_TO_SERVICE, SAGEMAKER } from '../policies/passing-policy.ts';

const ACTION = 'iam:PassRole';
const TO_SAGEMAKER = { [PASSED_TO_SERVICE]: SAGEMAKER };

/** More evidence helps nobody. */
const MAX_EVIDENCE = 20;

export const control = defineControl({
  id: 'pass-role-allowed',
  system: 'Execution roles',
  title: 'Who creates pipelines may pass their execution roles to SageMaker',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['roles.creators'],
  evaluate: ({ principal, roster }, { roles }, shared) => {
    const { identity, policies, scope } = principal;
    const { arn } = identity.principal;
    if (!matchesAny(roles?.creators ?? [], arn))
      return doesNotApply('the configuration does not name it as a creator');

    const around = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': scope.region };
    const context = contextOf({ ...TO_SAGEMAKER, ...around });
    const request = { principal: identity.principal, action: ACTION, context };
    const asked = [...roster.roles.values()]
      .filter(({ executes }) => executes.length > 0)
      .map(({ roleArn, executes }) => {
        const found = allowedForAll({ policies, request, universe: onlyOne(roleArn) }, shared);
        return { roleArn, found, concerns: refusals(found, ACTION, roleArn, expectedFor(executes)) };
      });
    const verdict = verdictOn(
      asked.flatMap(({ concerns }) => concerns),
      {
        otherwise: 'allow it without that condition',
        fine: unknownExecutionRoles(roster.unread) ?? { status: 'PASSED' },
        breach: ([first, ...others]) => {
          const refused = asked.flatMap(({ roleArn, found }) =>
            found.answer === 'none' ? { roleArn, ...found.example } : [],
          );
          const denied = refused.find(({ decision }) => decision === 'ExplicitDeny');
          const [deny] = denied?.explanation.decidedBy ?? [];
          const needs = refused.map(({ roleArn }) => ({
            action: ACTION,
            resource: roleArn,
            context: TO_SAGEMAKER,
          }));
          return {
            status: 'FAILED',
            evidence: [first, ...others.slice(0, MAX_EVIDENCE - 1)],
            remediation: deny
              ? {
                  text: `Take the execution roles out of statement ${deny.statement} of ${deny.policy}, which denies to pass them.`,
                }
              : remedyBy(
                  principal,
                  putPolicy('pass-role-allowed', groupedPolicy(needs)),
                  `Allow ${arn} to pass the execution roles to SageMaker.`,
                ),
          };
        },
      },
    );
    return [verdict];
  },
});

const expectedFor = (executes: RoleUses['executes']): string => {
  const names = executes.slice(0, 5).map(({ name }) => name);
  const more = executes.length - names.length;
  return `allowed: it is the execution role of ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};
