import type { PrincipalFact } from '../facts/facts.ts';
import { assume, contextOf } from '../iam/decide/context.ts';
import type { AnyAnswer, Example } from '../iam/sets/answers.ts';
import { tagKeysBeside } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { statementsAbout } from '../iam/sets/statements.ts';
import { amongRoles, rolesIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf } from '../judging/concern.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';

/** By action, how a principal may set a tag on any role, or take it from one of these. */
export const taggingOf = (
  tag: ExceptionTag,
  taggedArns: readonly string[],
  principal: PrincipalFact,
  expected: string,
  shared: SharedWork,
): Concern[][] => {
  const { scope } = principal;
  const taking = contextOf({ [`aws:RequestTag/${tag.key}`]: null });
  const setting = assume(taking, { [`aws:RequestTag/${tag.key}`]: tag.value });
  const anyRole = rolesIn(scope);
  return [
    { action: 'iam:TagRole', context: setting, universe: anyRole },
    { action: 'iam:CreateRole', context: setting, universe: anyRole },
    { action: 'iam:UntagRole', context: taking, universe: amongRoles(taggedArns, scope) },
  ].map(({ action, context, universe }) => {
    const { policies, identity } = principal;
    const nameOf = (example?: Example): string => {
      if (!example) return 'any role';
      return action === 'iam:UntagRole' ? example.resource : `a role such as ${example.resource}`;
    };
    const request = { principal: identity.principal, action, context };
    return answersFor(tag.key, { policies, universe, request }, shared).flatMap((found) =>
      concernsOf(found, action, nameOf, expected),
    );
  });
};

/** So many tags beside the one are tried at most. */
const MOST_BESIDE = 3;

/** A condition on the one tag of a request may be got around by others beside it. */
const answersFor = (key: string, question: Question, shared: SharedWork): AnyAnswer[] => {
  const { request } = question;
  const alone = { ...request, context: assume(request.context, { 'aws:TagKeys': key }) };
  const beside = tagsBeside(question);
  const tried = Array.from({ length: Math.min(beside, MOST_BESIDE) }, (_, count) => ({
    ...question,
    keys: Array.from({ length: count + 1 }, () => tagKeysBeside(key)),
  }));
  return [
    ...[{ ...question, request: alone }, ...tried].map((asked) => allowedBeyond(asked, shared)),
    ...(beside > MOST_BESIDE ? [manyTags(key)] : []),
  ];
};

/** How many other tags a request may need: each can meet a condition that wants one, and get around one that wants all. */
const tagsBeside = ({ policies, request: { action } }: Question): number =>
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
