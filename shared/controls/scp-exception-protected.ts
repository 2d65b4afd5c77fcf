import type { Evidence } from '../domain/finding.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { assume, type Context, contextOf } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { roleLanguage, wordsLanguage } from '../iam/sets/language.ts';
import { allowedBeyond } from '../iam/sets/reach.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import type { Roster } from '../needs/roster.ts';

export const control = defineControl({
  id: 'scp-exception-protected',
  system: 'Service control policies',
  title: 'Nobody but the authorised may set or take the tag of the SCP exception',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['scpException'],
  evaluate: ({ principal, roster }, { scpException }) => {
    if (!scpException) return [];
    const { tagKey, tagValue, taggers = [] } = scpException;
    const { arn } = principal.identity.principal;
    if (matchesAny(taggers, arn)) return [{ status: 'NOT_APPLICABLE', because: 'it is one of the taggers' }];
    if (principal.isAdministrator)
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator may change whatever holds it' }];
    const tried = questions(tagKey, tagValue, principal, roster).flatMap(({ action, context, all }) => {
      if (principal.policies.identity?.candidates(action.toLowerCase()).allows.length === 0) return [];
      const request = { principal: principal.identity.principal, action, context };
      const { answer, example } = allowedBeyond(principal.policies, request, all(), []);
      if (answer === 'none' || !example) return [];
      const evidence: Evidence = {
        ...why(
          example.explanation,
          action,
          action === 'iam:UntagRole' ? example.resource : `a role such as ${example.resource}`,
        ),
        expected: `denied with the tag ${tagKey} to all but ${taggers.join(', ') || 'nobody'}`,
      };
      return [{ action, evidence, isSure: answer !== 'unknown' }];
    });
    const sure = new Map(
      tried.filter(({ isSure }) => isSure).map(({ action, evidence }) => [action, evidence]),
    );
    const [first, ...others] = sure.values();
    if (first) {
      const change = putPolicy('scp-exception-protected', {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Action: ['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole'],
            Resource: ['*'],
            Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': tagKey } },
          },
        ],
      });
      return [
        {
          status: 'FAILED',
          evidence: [first, ...others],
          remediation: {
            text: `Deny ${arn} to set or take the tag ${tagKey}, or name it in scpException.taggers.`,
            patch: changeCommand(principal, change),
            change,
          },
        },
      ];
    }
    const [unknown] = tried;
    if (!unknown) return [{ status: 'PASSED' }];
    return [
      {
        status: 'NOT_AVAILABLE',
        evidence: [unknown.evidence],
        remediation: {
          text: 'Try it with pipewarden simulate and --context, or deny the tag without that condition.',
        },
      },
    ];
  },
});

const ANOTHER_KEY = 'pipewarden-any-key';

const questions = (key: string, value: string, { scope }: PrincipalFact, { roles }: Roster) => {
  const anyRole = () => roleLanguage(scope);
  const executionRoles = () =>
    wordsLanguage(
      [...roles.values()].filter(({ executes }) => executes.length > 0).map(({ roleArn }) => roleArn),
    );
  // A condition on the one tag of a request may be got around by a second one beside it.
  return [[key], [key, ANOTHER_KEY]].flatMap((keys) => {
    const taking: Context = contextOf({ 'aws:TagKeys': keys, [`aws:RequestTag/${key}`]: null });
    const setting: Context = assume(taking, { [`aws:RequestTag/${key}`]: value });
    return [
      { action: 'iam:TagRole', context: setting, all: anyRole },
      { action: 'iam:CreateRole', context: setting, all: anyRole },
      { action: 'iam:UntagRole', context: taking, all: executionRoles },
    ];
  });
};
