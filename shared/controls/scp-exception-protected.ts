import type { PrincipalFact } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import { assume, type Context, contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { AnyAnswer, Example } from '../iam/sets/answers.ts';
import { tagKeysBeside } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import { statementsAbout } from '../iam/sets/statements.ts';
import { amongRoles, rolesIn } from '../iam/sets/universe.ts';
import { isExempt } from '../judging/administrators.ts';
import { concernsOf, openVerdict, sorted } from '../judging/concern.ts';
import { defineControl } from '../judging/control.ts';
import { changeCommand, putPolicy } from '../judging/role-change.ts';
import { unknownExecutionRoles } from '../judging/unread-use-verdicts.ts';
import type { Roster } from '../needs/roster.ts';

export const control = defineControl({
  id: 'scp-exception-protected',
  system: 'Service control policies',
  title: 'Nobody but the authorised may set or take the tag of the SCP exception',
  severity: 'HIGH',
  on: ['role', 'user'],
  requires: ['principal', 'roster'],
  needs: ['scpException'],
  evaluate: ({ principal, roster }, { scpException }, shared) => {
    if (!scpException) return [];
    const { tagKey, tagValue, taggers = [] } = scpException;
    const { arn } = principal.identity.principal;
    if (matchesAny(taggers, arn)) return [{ status: 'NOT_APPLICABLE', because: 'it is one of the taggers' }];
    if (isExempt(principal))
      return [{ status: 'NOT_APPLICABLE', because: 'an administrator may change whatever holds it' }];
    const expected = `denied with the tag ${tagKey} to all but ${taggers.join(', ') || 'nobody'}`;
    const tried = questions(tagKey, tagValue, principal, roster).flatMap((question) => {
      const { action } = question.request;
      const nameOf = (example?: Example): string => {
        if (!example) return 'any role';
        return action === 'iam:UntagRole' ? example.resource : `a role such as ${example.resource}`;
      };
      const found = question.isBounded ? allowedBeyond(question, shared) : manyTags(tagKey);
      return concernsOf(found, action, nameOf, expected).map((concern) => ({ action, concern }));
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

/** So many tags beside the one are tried at most. */
const MOST_BESIDE = 3;

/** A condition on the one tag of a request may be got around by others beside it. */
const questions = (
  key: string,
  value: string,
  { scope, policies, identity }: PrincipalFact,
  { roles }: Roster,
): (Question & { isBounded: boolean })[] => {
  const executing = [...roles.values()].filter(({ executes }) => executes.length > 0);
  const taking: Context = contextOf({ [`aws:RequestTag/${key}`]: null });
  const setting: Context = assume(taking, { [`aws:RequestTag/${key}`]: value });
  const anyRole = rolesIn(scope);
  const asked = [
    { action: 'iam:TagRole', context: setting, universe: anyRole },
    { action: 'iam:CreateRole', context: setting, universe: anyRole },
    {
      action: 'iam:UntagRole',
      context: taking,
      universe: amongRoles(
        executing.map(({ roleArn }) => roleArn),
        scope,
      ),
    },
  ];
  return asked.flatMap(({ action, context, universe }) => {
    const beside = tagsBeside(policies, action);
    return Array.from({ length: Math.min(beside, MOST_BESIDE) + 1 }, (_, count) => ({
      policies,
      universe,
      request: {
        principal: identity.principal,
        action,
        context: count === 0 ? assume(context, { 'aws:TagKeys': key }) : context,
      },
      keys: Array.from({ length: count }, () => tagKeysBeside(key)),
      isBounded: count < MOST_BESIDE || beside <= MOST_BESIDE,
    }));
  });
};

/** How many other tags a request may need: each can meet a condition that wants one, and get around one that wants all. */
const tagsBeside = (policies: Policies, action: string): number =>
  statementsAbout(policies, action.toLowerCase())
    .flatMap(({ statement }) => statement.conditions)
    .filter(({ keyName, set }) => keyName === 'aws:tagkeys' && set !== undefined).length;

const manyTags = (key: string): AnyAnswer => ({
  answer: 'unknown',
  doubt: {
    kind: 'too-complex',
    at: 'policies',
    reason: `more conditions on aws:TagKeys than requests with ${key} and ${MOST_BESIDE} other tags can show`,
  },
});
