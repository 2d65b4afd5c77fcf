import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type Context, contextOf } from '../iam/decide/context.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { roleLanguage, wordsLanguage } from '../iam/sets/language.ts';
import { allowedBeyond } from '../iam/sets/reach.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { unknownExecutionRoles } from '../judging/unread-uses.ts';
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
    if (isExempt(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator may change whatever holds it' }];
    const tried = questions(tagKey, tagValue, principal, roster).flatMap(({ action, context, all }) => {
      const request = { principal: principal.identity.principal, action, context };
      const isNamed = action === 'iam:UntagRole';
      return concernsOf(
        allowedBeyond(principal.policies, request, all(), []),
        action,
        (role) => (role === undefined ? 'any role' : isNamed ? role : `a role such as ${role}`),
        `denied with the tag ${tagKey} to all but ${taggers.join(', ') || 'nobody'}`,
      ).map((concern) => ({ action, concern }));
    });
    const byAction = groupBy(tried, ({ action }) => action);
    const [first, ...others] = [...byAction.values()].flatMap((of) => {
      const { shown } = sorted(of.map(({ concern }) => concern));
      return shown.slice(-1);
    });
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
    const { open } = sorted(tried.map(({ concern }) => concern));
    if (open) return [openVerdict(open, 'deny the tag without that condition')];
    return [unknownExecutionRoles(roster.unread) ?? { status: 'PASSED' }];
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
