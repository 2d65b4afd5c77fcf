import type { Facts } from '../facts/facts.ts';
import { assume, type Context, contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { allowsInStatements, indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { AnyAnswer, Example } from '../iam/sets/answers.ts';
import { tagKeyInAnyCase, tagKeysBeside } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { statementsAbout } from '../iam/sets/statements.ts';
import { amongRoles, onlyOne, rolesIn, type Universe, usersIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf } from '../judging/concern.ts';
import { remembered } from '../memo.ts';
import type { ExceptionTag } from '../policies/scp-exception.ts';
import { withArticle } from '../text/with-article.ts';

/** What a principal may be able to do with the tag: on all resources of a universe, under these policies. */
type Tagging = {
  action: string;
  context: Context;
  universe: Universe;
  policies: Policies;
  nameOf: (example?: Example) => string;
};

/**
 * The concerns by action: a principal may set a tag on any role or user, or bring it into a session of another role,
 * or remove it from one of these roles.
 */
export const taggingOf = (
  tag: ExceptionTag,
  taggedArns: readonly string[],
  { principal, principals }: Pick<Facts, 'principal' | 'principals'>,
  expected: string,
  shared: SharedWork,
): Concern[][] => {
  const { scope, policies, identity } = principal;
  const taking = contextOf({ [`aws:RequestTag/${tag.key}`]: null });
  const setting = assume(taking, { [`aws:RequestTag/${tag.key}`]: tag.value });
  const onAny = (kind: string, universe: Universe, actions: readonly string[]): Tagging[] =>
    actions.map((action) => ({
      action,
      context: setting,
      universe,
      policies,
      nameOf: (example) => (example ? `${withArticle(kind)} such as ${example.resource}` : `any ${kind}`),
    }));
  const inSessions = rolesWithSessionTags(principals).map(
    ({ arn, trust }): Tagging => ({
      action: 'sts:TagSession',
      context: setting,
      universe: onlyOne(arn),
      policies: { ...policies, resource: trust },
      nameOf: () => `its sessions of ${arn}`,
    }),
  );
  const removing: Tagging = {
    action: 'iam:UntagRole',
    context: taking,
    universe: amongRoles(taggedArns, scope),
    policies,
    nameOf: (example) => example?.resource ?? 'any role',
  };
  return [
    ...onAny('role', rolesIn(scope), ['iam:TagRole', 'iam:CreateRole']),
    ...onAny('user', usersIn(scope), ['iam:TagUser', 'iam:CreateUser']),
    ...inSessions,
    removing,
  ].map(({ action, context, universe, policies: asked, nameOf }) => {
    const request = { principal: identity.principal, action, context };
    return answersFor(tag.key, { policies: asked, universe, request }, shared).flatMap((found) =>
      concernsOf(found, action, nameOf, expected),
    );
  });
};

/**
 * The roles whose trust policies say something of sts:TagSession: without that, nobody brings a tag into a session. Tags
 * of a session count as tags of the principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
const rolesWithSessionTags = remembered(
  (principals: Facts['principals']): readonly { arn: string; trust: PolicyIndex }[] =>
    principals.flatMap(({ identity: { principal, trust } }) => {
      if (!trust || isServiceLinkedRole(principal.arn)) return [];
      const isSilent = trust.isReadable && !allowsSessionTags(trust.statements);
      return isSilent ? [] : { arn: principal.arn, trust: indexPolicies([trust]) };
    }),
);

const allowsSessionTags = allowsInStatements('sts:TagSession');

/** At most this many further tags are tried. */
const MOST_BESIDE = 3;

/** Asks also with further tags in the request, because they may get around a condition on the first one. */
const answersFor = (key: string, question: Question, shared: SharedWork): AnyAnswer[] => {
  const beside = tagsBeside(question);
  const tried = Array.from({ length: Math.min(beside, MOST_BESIDE) + 1 }, (_, count) => ({
    ...question,
    keys: [tagKeyInAnyCase(key), ...Array.from({ length: count }, () => tagKeysBeside(key))],
  }));
  return [
    ...tried.map((asked) => allowedBeyond(asked, shared)),
    ...(beside > MOST_BESIDE ? [manyTags(key)] : []),
  ];
};

/**
 * How many further tags a request may need: each can meet a condition that requires one tag, or get around a
 * condition on all tags.
 */
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
