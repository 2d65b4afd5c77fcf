import type { Config } from '../config/schema.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { assume, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { versionsBelow } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { namedIn } from '../iam/sets/universe.ts';
import { type Concern, concernsOf } from '../judging/concern.ts';
import { VERSION_ACTIONS, VERSION_KEY } from '../policies/version-policy.ts';

type Floor = NonNullable<Config['versionFloors']>[number];

/** By action, what a principal may do to a pipeline below the floor: with a version that is too low, or with none. */
export const belowFloor = (
  { pipeline, minimum }: Floor,
  principal: PrincipalFact,
  shared: SharedWork,
): Concern[][] =>
  VERSION_ACTIONS.map((action) => {
    const question = questionOn(pipeline, action, principal);
    const { request } = question;
    const unnamed = { ...request, context: assume(request.context, { [VERSION_KEY]: null }) };
    return [
      { ...question, request: unnamed },
      { ...question, keys: [versionsBelow(minimum)] },
    ].flatMap((asked) => {
      const found = allowedBeyond(asked, shared);
      const named = asked.keys ? `of version ${versionIn(found) ?? `below ${minimum}`}` : 'without a version';
      return concernsOf(
        found,
        `${action} ${named}`,
        (example) => example?.resource ?? patternOf(pipeline, principal),
        `denied below version ${minimum} of ${pipeline}, and without a version`,
      );
    });
  });

/** The call that changes a pipeline beside its versions, where a principal may make it: no version is named in it. */
export const updatesBeside = ({ pipeline }: Floor, principal: PrincipalFact, shared: SharedWork): string[] =>
  isRuledOut(allowedBeyond(questionOn(pipeline, UPDATE, principal), shared))
    ? []
    : [`${UPDATE} on ${patternOf(pipeline, principal)}`];

const UPDATE = 'sagemaker:UpdatePipeline';

const patternOf = (pipeline: string, { scope }: PrincipalFact): string =>
  sagemakerArn(scope, `pipeline/${pipeline}`);

const questionOn = (pipeline: string, action: string, principal: PrincipalFact): Question => ({
  policies: principal.policies,
  universe: namedIn(patternOf(pipeline, principal)),
  request: {
    principal: principal.identity.principal,
    action,
    context: contextOf({ 'aws:RequestedRegion': principal.scope.region }),
  },
});

/** The version of the example that an answer rests on. */
const versionIn = (found: AnyAnswer): ContextValue | undefined => {
  switch (found.answer) {
    case 'some':
      return found.example.values[VERSION_KEY];
    case 'none':
      return undefined;
    case 'unknown':
      return found.doubt.kind === 'hangs' ? found.doubt.example.values[VERSION_KEY] : undefined;
  }
};
