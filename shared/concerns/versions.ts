import type { Config } from '../config/schema.ts';
import { sagemakerArn } from '../domain/arn.ts';
import { inRegions, type Scope } from '../domain/scope.ts';
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

/**
 * The concerns by action: a principal may act on a pipeline below its floor, with a version that is too low or
 * without a version.
 */
export const belowFloor = (
  { pipeline, minimum }: Floor,
  principal: PrincipalFact,
  shared: SharedWork,
): Concern[][] =>
  VERSION_ACTIONS.map((action) =>
    inRegions(principal.scope).flatMap((place) =>
      belowFloorIn(place, { pipeline, minimum }, action, principal, shared),
    ),
  );

const belowFloorIn = (
  place: Scope,
  { pipeline, minimum }: Floor,
  action: string,
  principal: PrincipalFact,
  shared: SharedWork,
): Concern[] => {
  const pattern = patternOf(pipeline, place);
  const question = questionOn(pattern, place.region, action, principal);
  const asking: Question[] = [withoutVersion(question), { ...question, keys: [versionsBelow(minimum)] }];
  return asking.flatMap((asked) => {
    const found = allowedBeyond(asked, shared);
    const named = asked.keys ? `of version ${versionIn(found) ?? `below ${minimum}`}` : 'without a version';
    return concernsOf(
      found,
      `${action} ${named}`,
      (example) => example?.resource ?? pattern,
      `denied below version ${minimum} of ${pipeline}, and without a version`,
    );
  });
};

/**
 * Calls that make a version or run one again, and that do not carry the version key, by the resource below the
 * pipeline. AWS does not document that a retry runs the version of its execution.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const OUTSIDE_KEY = [
  { action: 'sagemaker:UpdatePipeline', below: '' },
  { action: 'sagemaker:RetryPipelineExecution', below: '/execution/*' },
] as const;

/** A call without the version key, and the resource on which a principal may make it. */
export type OutsideCall = { action: string; resource: string };

/** The calls without the version key that a principal may, or possibly may, make on the floor's pipeline. */
export const callsOutsideKey = (
  { pipeline }: Floor,
  principal: PrincipalFact,
  shared: SharedWork,
): OutsideCall[] =>
  inRegions(principal.scope).flatMap((place) =>
    OUTSIDE_KEY.map(({ action, below }) => ({
      action,
      resource: `${patternOf(pipeline, place)}${below}`,
    })).filter(({ action, resource }) => {
      const question = withoutVersion(questionOn(resource, place.region, action, principal));
      return !isRuledOut(allowedBeyond(question, shared));
    }),
  );

const patternOf = (pipeline: string, place: Scope): string => sagemakerArn(place, `pipeline/${pipeline}`);

const questionOn = (
  resource: string,
  region: string,
  action: string,
  principal: PrincipalFact,
): Question => ({
  policies: principal.policies,
  universe: resource.endsWith('/execution/*') ? meantBy(resource, action) : namedIn(resource),
  request: {
    principal: principal.identity.principal,
    action,
    context: contextOf({ 'aws:RequestedRegion': region }),
  },
});

const withoutVersion = (question: Question): Question => ({
  ...question,
  request: { ...question.request, context: assume(question.request.context, { [VERSION_KEY]: null }) },
});

/** The version in the example of an answer. */
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
