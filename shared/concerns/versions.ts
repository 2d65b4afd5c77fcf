import type { Config } from '../config/schema.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { assume, type ContextValue, contextOf } from '../iam/decide/context.ts';
import { type AnyAnswer, isRuledOut } from '../iam/sets/answers.ts';
import { versionsBelow } from '../iam/sets/key-axis.ts';
import { allowedBeyond, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { meantBy, namedIn } from '../iam/sets/universe.ts';
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
    const question = questionOn(patternOf(pipeline, principal), action, principal);
    const asking: Question[] = [withoutVersion(question), { ...question, keys: [versionsBelow(minimum)] }];
    return asking.flatMap((asked) => {
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

/**
 * Calls that make a version, or run one again, and that the key does not reach, by the resource below the pipeline. That
 * a retry runs the version of its execution is not documented.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const OUTSIDE_KEY = [
  { action: 'sagemaker:UpdatePipeline', below: '' },
  { action: 'sagemaker:RetryPipelineExecution', below: '/execution/*' },
] as const;

/** A call that the key does not reach, and where a principal may make it. */
export type OutsideCall = { action: string; resource: string };

/** The calls outside the key's reach that a principal may make for the pipeline of a floor, or that may be open to it. */
export const callsOutsideKey = (
  { pipeline }: Floor,
  principal: PrincipalFact,
  shared: SharedWork,
): OutsideCall[] =>
  OUTSIDE_KEY.map(({ action, below }) => ({
    action,
    resource: `${patternOf(pipeline, principal)}${below}`,
  })).filter(({ action, resource }) => {
    const question = withoutVersion(questionOn(resource, action, principal));
    return !isRuledOut(allowedBeyond(question, shared));
  });

const patternOf = (pipeline: string, { scope }: PrincipalFact): string =>
  sagemakerArn(scope, `pipeline/${pipeline}`);

const questionOn = (resource: string, action: string, principal: PrincipalFact): Question => ({
  policies: principal.policies,
  universe: resource.endsWith('/execution/*') ? meantBy(resource, action) : namedIn(resource),
  request: {
    principal: principal.identity.principal,
    action,
    context: contextOf({ 'aws:RequestedRegion': principal.scope.region }),
  },
});

const withoutVersion = (question: Question): Question => ({
  ...question,
  request: { ...question.request, context: assume(question.request.context, { [VERSION_KEY]: null }) },
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
