import { sagemakerArn } from '../domain/arn.ts';
import type { PolicyText } from '../domain/role-change.ts';
import { type AccountScope, inRegions, type Scope } from '../domain/scope.ts';
import { contextOf } from '../iam/decide/context.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { roleIn } from '../iam/policy/principal.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { versionsBelow, versionsFrom } from '../iam/sets/key-axis.ts';
import { allowedBeyond, allowedForAll } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { namedIn, onlyOne } from '../iam/sets/universe.ts';
import type { PolicyDocument } from './least-policy.ts';

/** The condition key that names a pipeline's version, and the actions whose requests carry it. */
export const VERSION_KEY = 'sagemaker:PipelineVersionId';
export const VERSION_ACTIONS = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];

/**
 * A policy that lets its holder start and change the versions of a pipeline (`*`: of all pipelines) from `minimum` on.
 * The engine has found that both actions are allowed for exactly those versions, and denied where the request names
 * none.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 * @throws {Error} where the engine finds that the policy does something else. No input leads to that.
 */
export const versionPolicy = (pipeline: string, minimum: number, scope: Scope): PolicyDocument => {
  const name = pipeline === '*' ? pipeline : literalText(pipeline);
  const document: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'VersionFloor',
        Effect: 'Allow',
        Action: VERSION_ACTIONS,
        Resource: [sagemakerArn(scope, `pipeline/${name}`)],
        Condition: { NumericGreaterThanEquals: { [VERSION_KEY]: String(minimum) } },
      },
    ],
  };
  const arn = sagemakerArn(scope, `pipeline/${pipeline}`);
  const universe = pipeline === '*' ? namedIn(arn) : onlyOne(arn);
  const identity = indexPolicies([readPolicy(document, { name: 'generated', kind: 'identity' })]);
  const shared = sharedWork();
  const wrong = VERSION_ACTIONS.find((action) => {
    const request = { principal: roleIn(scope), action, context: contextOf({}, 'absent') };
    const question = { policies: { identity }, request, universe };
    const below = allowedBeyond({ ...question, keys: [versionsBelow(minimum)] }, shared);
    const unnamed = allowedBeyond(question, shared);
    const from = allowedForAll({ ...question, keys: [versionsFrom(minimum)] }, shared);
    return below.answer !== 'none' || unnamed.answer !== 'none' || from.answer !== 'all';
  });
  if (wrong) throw new Error(`the policy does not hold ${wrong} to version ${minimum}`);
  return document;
};

/**
 * The policy that keeps its holder from starting and changing versions below a floor, and from naming no version. Each
 * Region counts the versions of its pipelines itself, so the policy leaves those of other Regions alone.
 */
export const versionGuardrail = (
  floors: readonly { pipeline: string; minimum: number }[],
  scope: AccountScope,
): PolicyText => ({
  Version: '2012-10-17',
  Statement: floors.flatMap(({ pipeline, minimum }) => {
    const below = {
      Effect: 'Deny' as const,
      Action: VERSION_ACTIONS,
      Resource: inRegions(scope).map((place) => sagemakerArn(place, `pipeline/${pipeline}`)),
    };
    return [
      { ...below, Condition: { NumericLessThan: { [VERSION_KEY]: String(minimum) } } },
      { ...below, Condition: { Null: { [VERSION_KEY]: 'true' } } },
    ];
  }),
});
