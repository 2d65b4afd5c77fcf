import { creatorContext } from '../authorised/creators.ts';
import { parseArn } from '../domain/arn.ts';
import type { PrincipalFact } from '../facts/facts.ts';
import { assume } from '../iam/decide/context.ts';
import { why } from '../iam/explain/why.ts';
import { exampleOf } from '../iam/sets/questions.ts';
import { type Concern, doubtEvidence } from '../judging/concern.ts';
import type { PipelineRef } from '../needs/roster.ts';
import { VERSION_KEY } from '../policies/version-policy.ts';
import { mayBeAllowed } from './iam-calls.ts';

/** Calls that change a pipeline or make it run, or stop it, by what is below the pipeline in their resource. */
export const PIPELINE_CALLS = [
  { action: 'sagemaker:UpdatePipeline', below: '' },
  { action: 'sagemaker:StartPipelineExecution', below: '' },
  { action: 'sagemaker:UpdatePipelineVersion', below: '' },
  { action: 'sagemaker:DeletePipeline', below: '' },
  { action: 'sagemaker:RetryPipelineExecution', below: '/execution/any' },
  { action: 'sagemaker:StopPipelineExecution', below: '/execution/any' },
] as const;

/** Whatever floor a policy sets, a version is above it. */
const ANY_VERSION = '999999999';

/** A pipeline that a principal reaches, and the calls by which it does, or perhaps does. */
export type Reached = { pipeline: PipelineRef; actions: string[]; concern: Concern };

/** A person reads only the first few. */
const MOST = 20;

const callsOf = ({ policies }: PrincipalFact) =>
  PIPELINE_CALLS.filter(({ action }) => mayBeAllowed(policies, action));

/** Whether a principal may make one of the calls on any pipeline, or perhaps may. Most roles may not, so that nobody compares pipelines. */
export const mayReach = (principal: PrincipalFact): boolean => callsOf(principal).length > 0;

/** The pipelines, among these, on which a principal may make one of the calls, or perhaps may. */
export const reachedOf = (principal: PrincipalFact, pipelines: readonly PipelineRef[]): Reached[] => {
  const { policies, identity } = principal;
  const calls = callsOf(principal);
  const reached: Reached[] = [];
  let shown = 0;
  for (const pipeline of pipelines) {
    if (shown >= MOST) break;
    const region = parseArn(pipeline.arn)?.region ?? '';
    const context = assume(creatorContext(region), { [VERSION_KEY]: ANY_VERSION });
    const examples = calls.map(({ action, below }) => ({
      action,
      example: exampleOf(policies, {
        principal: identity.principal,
        action,
        resource: `${pipeline.arn}${below}`,
        context,
      }),
    }));
    const allowed = examples.filter(({ example }) => example.decision === 'Allow');
    const open = examples.filter(({ example }) => example.decision === 'Unknown');
    const [first] = allowed.length > 0 ? allowed : open;
    if (!first) continue;
    if (allowed.length > 0) shown++;
    else if (reached.length - shown >= MOST) continue;
    const { action, example } = first;
    const expected = `the pipelines of its own team alone, not ${pipeline.name}`;
    const actions = (allowed.length > 0 ? allowed : open).map((each) => each.action);
    const also = actions.slice(1).join(', ');
    reached.push({
      pipeline,
      actions,
      concern:
        allowed.length > 0
          ? {
              is: 'shown',
              evidence: evidenceOf(why(example.explanation, action, pipeline.arn), also, expected),
            }
          : {
              is: 'open',
              doubt: { kind: 'hangs', example },
              evidence: evidenceOf(
                doubtEvidence({ kind: 'hangs', example }, action, () => pipeline.arn),
                also,
                expected,
              ),
            },
    });
  }
  return reached;
};

const evidenceOf = ({ at, found }: { at: string; found: string }, also: string, expected: string) => ({
  at,
  found: also === '' ? found : `${found}; also ${also}`,
  expected,
});
