import { inAnyLetterCase } from '../concerns/tag-guards.ts';
import { taggingOf } from '../concerns/tagging.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { exemption } from '../judging/administrators.ts';
import { verdictOn, worstOf } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { putPolicy, remedyBy } from '../judging/role-change.ts';
import { ownStatements } from '../judging/satisfying-statements.ts';
import { unknownExecutionRoles } from '../judging/unread-use-verdicts.ts';
import { doesNotApply } from '../judging/verdicts.ts';
import { taggingGuardrail } from '../policies/scp-exception.ts';

export const control = defineControl({
  id: 'scp-exception-protected',
  system: 'Service control policies',
  title: 'Nobody but the authorised may set or take the tag of the SCP exception',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'principals', 'roster'],
  needs: ['scpException'],
  satisfiedBy: ownStatements(['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole']),
  evaluate: ({ principal, principals, roster }, { scpException }, shared) => {
    if (!scpException) return [];
    const { tagKey, tagValue, taggers = [] } = scpException;
    const { arn } = principal.identity.principal;
    if (matchesAny(taggers, arn)) return doesNotApply('it is one of the taggers');
    const exempt = exemption(principal);
    if (exempt) return exempt;

    const executing = [...roster.roles.values()].filter(({ executes }) => executes.length > 0);
    const byAction = taggingOf(
      { key: tagKey, value: tagValue },
      executing.map(({ roleArn }) => roleArn),
      { principal: underSCPsAsMeant(principal), principals },
      `denied with the tag ${tagKey} to all but ${taggers.join(', ') || 'nobody'}`,
      shared,
    );
    const verdict = verdictOn(byAction.flatMap(worstOf), {
      otherwise: 'deny the tag whatever that condition says',
      fine: unknownExecutionRoles(roster.unread) ?? { status: 'PASSED' },
      breach: (evidence) => ({
        status: 'FAILED',
        evidence,
        remediation: remedyBy(
          principal,
          putPolicy('scp-exception-protected', taggingGuardrail(tagKey)),
          `Deny ${arn} to set or take the tag ${tagKey}, or name it in scpException.taggers.`,
        ),
      }),
    });
    return [verdict];
  },
});

/** That a guard of the organization minds letter case is told of the organization, by scp-json-get-exception. */
const underSCPsAsMeant = (principal: PrincipalFact): PrincipalFact => {
  const { scps } = principal.policies;
  return scps
    ? { ...principal, policies: { ...principal.policies, scps: scps.map(inAnyLetterCase) } }
    : principal;
};
