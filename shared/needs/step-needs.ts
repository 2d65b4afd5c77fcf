import { patternOf, type ResolveScope, resolveText } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { type Located, stepRoles } from '../definition/step-values.ts';
import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { Json } from '../json/json.ts';
import { jsonGetNeeds } from './json-get.ts';
import type { Need, UnknownNeed } from './need.ts';
import { asksOf, PASSED_BY_STEPS, type StepNeeds } from './step-asks.ts';

/** What a pipeline's execution role must be allowed, and what the definition does not tell. */
export type PipelineNeeds = { needs: Need[]; open: UnknownNeed[] };

/**
 * What the execution role of a pipeline must be allowed for SageMaker to run the steps, nested ones included: not what
 * the code in them does, which is for the role of the step.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const pipelineNeeds = (scope: ResolveScope, place: Scope): PipelineNeeds => {
  const { steps, unchecked } = scope.definition;
  const asked = steps.flatMap((step) => {
    const { jobs, passes } = stepNeeds(step, scope, place);
    return [jobs, passes];
  });
  const found = [...asked, ...steps.map((step) => jsonGetNeeds(step, scope, place))];
  return {
    needs: unique(found.flatMap(({ needs }) => needs)),
    open: [
      ...found.flatMap(({ open }) => open),
      ...unchecked.map(({ pointer, reason }) => ({ pointer, reason })),
    ],
  };
};

/** What the execution role must be allowed for one step: for its job or other service, and to pass its roles. */
export const stepNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { jobs: PipelineNeeds; passes: PipelineNeeds } => {
  const told = (found: readonly StepNeeds[]): PipelineNeeds => ({
    needs: found.flatMap(({ needs = [] }) => needs),
    open: found.flatMap(({ open = [] }) =>
      open.map((reason) => ({ pointer: stepPointer(step), reason: `${step.name}: ${reason}` })),
    ),
  });
  return {
    jobs: told([asksOf(step).needs({ step, scope, place })]),
    passes: told(stepRoles(step).map((role) => roleNeed(step, role, scope, place))),
  };
};

const unique = (needs: readonly Need[]): Need[] => [
  ...new Map(needs.map((need) => [JSON.stringify(need), need])).values(),
];

/** To whom a role is passed that is not for SageMaker itself; null where it is attached to something that exists. */
const PASSED_TO: ReadonlyMap<string, string | null> = new Map([
  ['Arguments.ClusterConfig.JobFlowRole', 'ec2.amazonaws.com'],
  ['Arguments.ClusterConfig.ServiceRole', 'elasticmapreduce.amazonaws.com'],
  ['Arguments.ClusterConfig.AutoScalingRole', 'elasticmapreduce.amazonaws.com'],
  [
    'Arguments.AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN',
    'emr-serverless.amazonaws.com',
  ],
  ['Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn', null],
]);

/** The services that pipelines hand roles to. */
export const TAKING_OVER: readonly string[] = [
  ...new Set([...PASSED_BY_STEPS, ...[...PASSED_TO.values()].filter((service) => service !== null)]),
];

/** The pipeline passes each role that a step names, also its own; a service takes it over from there. */
const roleNeed = (step: Step, { field, value }: Located, scope: ResolveScope, place: Scope): StepNeeds => {
  const byField = PASSED_TO.get(field);
  if (byField === null) return {};
  const [service, ...others] = byField === undefined ? asksOf(step).passTo : [byField];
  const resource = roleArnOf(value, scope, place);
  if (resource === undefined)
    return { open: [`the role in ${field} is only known in a run; allow iam:PassRole for it by hand`] };
  const passTo = (name: string) => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': name },
  });
  return { needs: [{ ...passTo(service), ...(others.length > 0 && { or: others.map(passTo) }) }] };
};

/** The ARN of a role, as a pattern of policies; EMR takes names as well. A role that is not wholly known would be a pattern of roles. */
export const roleArnOf = (
  value: Json,
  scope: ResolveScope,
  { partition, account }: Scope,
): string | undefined => {
  const resolved = resolveText(value, scope);
  if (resolved.parts.some((part) => 'unknown' in part)) return undefined;
  const text = patternOf(resolved);
  if (text === '') return undefined;
  return parseArn(text) ? text : `arn:${partition}:iam::${account}:role/${text}`;
};
