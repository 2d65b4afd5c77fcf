import { type DataRole, dataRole } from '../definition/data-role.ts';
import { patternOf, type ResolveScope, resolveText } from '../definition/expression.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import { type Located, stepRoles } from '../definition/step-values.ts';
import { parseArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import type { Json } from '../json/json.ts';
import { jsonGetNeeds } from './json-get.ts';
import type { Need, UnknownNeed } from './need.ts';
import {
  BARE_REQUEST,
  creatingRequest,
  groupRequest,
  type KnownRequest,
  taggingRequest,
} from './request-keys.ts';
import { canonicalName, namesEverywhere, namesOfService } from './services.ts';
import { asksOf, PASSED_BY_STEPS, type StepNeeds } from './step-asks.ts';

/** What a pipeline's execution role must be allowed, and what the definition does not tell. */
export type PipelineNeeds = { needs: Need[]; open: UnknownNeed[] };

/**
 * What the execution role of a pipeline must be allowed for SageMaker to run the steps, nested ones included: not what
 * the code in them does, which is for the role of the step.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const pipelineNeeds = (
  scope: ResolveScope,
  place: Scope,
  executionRoleArn: string | undefined,
): PipelineNeeds => {
  const { steps, unchecked } = scope.definition;
  const asked = steps.flatMap((step) => {
    const { jobs, passes } = stepNeeds(step, scope, place, executionRoleArn);
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
  executionRoleArn: string | undefined,
): { jobs: PipelineNeeds; passes: PipelineNeeds } => {
  const told = (found: readonly StepNeeds[]): PipelineNeeds => ({
    needs: found.flatMap(({ needs = [] }) => needs),
    open: found.flatMap(({ open = [] }) =>
      open.map((reason) => ({ pointer: stepPointer(step), reason: `${step.name}: ${reason}` })),
    ),
  });
  return {
    jobs: told([withRequests(asksOf(step).needs({ step, scope, place }), step, scope, place)]),
    passes: told([
      ...stepRoles(step).map((role) => roleNeed(step, role, scope, place)),
      ...ownRoleNeeds(step, scope, executionRoleArn),
    ]),
  };
};

const MAKING = /^sagemaker:(Create|Update)/;
const ADD_TAGS = 'sagemaker:AddTags';
const MAKE_GROUP = 'sagemaker:CreateModelPackageGroup';

/** The needs with what the definition tells of their requests to SageMaker. */
const withRequests = (found: StepNeeds, step: Step, scope: ResolveScope, place: Scope): StepNeeds => {
  const { needs = [], ...rest } = found;
  if (!needs.some(({ action }) => action.startsWith('sagemaker:'))) return found;
  const making = creatingRequest(step, scope, place);
  const makers = groupBy(
    needs.filter(({ action }) => MAKING.test(action)),
    ({ resource }) => resource,
  );
  const requestOf = ({ action, resource }: Need): KnownRequest => {
    if (action === ADD_TAGS) {
      const actions = (makers.get(resource) ?? []).map((need) => need.action.slice('sagemaker:'.length));
      return taggingRequest(step, scope, actions);
    }
    if (action === MAKE_GROUP) return groupRequest(step, scope);
    return MAKING.test(action) ? making : BARE_REQUEST;
  };
  return {
    ...rest,
    needs: needs.map((need) =>
      need.action.startsWith('sagemaker:') ? { ...need, request: requestOf(need) } : need,
    ),
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

/** The services that pipelines hand roles to, by all their names. */
export const TAKING_OVER: readonly string[] = namesEverywhere([
  ...PASSED_BY_STEPS,
  ...[...PASSED_TO.values()].filter((service) => service !== null),
]);

/** A step that names no role runs under the execution role, which the pipeline passes to SageMaker like any other. */
const ownRoleNeeds = (step: Step, scope: ResolveScope, executionRoleArn: string | undefined): StepNeeds[] => {
  const { dataRole: fields } = stepType(step.type);
  if (
    typeof fields === 'string' ||
    !dataRole(step, scope, executionRoleArn).some(({ isDefault }) => isDefault)
  )
    return [];
  if (executionRoleArn === undefined)
    return [
      {
        open: [
          'it names no role, and so runs under the execution role, which is not told; allow that role iam:PassRole on itself by hand',
        ],
      },
    ];
  return [{ needs: [passOf(executionRoleArn, SAGEMAKER)] }];
};

const SAGEMAKER = 'sagemaker.amazonaws.com';

const passOf = (resource: string, service: string): Need => ({
  action: 'iam:PassRole',
  resource,
  context: { 'iam:PassedToService': service },
});

/** An AutoML job passes its role to the jobs that it starts itself. https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html */
export const passedByJob = (step: Step, { role }: DataRole): Need[] =>
  step.type === 'AutoML' && role !== undefined ? [passOf(role, SAGEMAKER)] : [];

/**
 * The roles that a step hands over, and to which service. The runtime role of a step on an EMR cluster is taken by no
 * service: the role of the cluster's instances assumes it.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-steps-runtime-roles.html
 */
export const handedOver = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
): { role: string; to: string | 'instances of a cluster' }[] =>
  stepRoles(step).flatMap((located) => {
    const [need] = roleNeed(step, located, scope, place).needs ?? [];
    const service = need?.context?.['iam:PassedToService'];
    if (!need || service === undefined) return [];
    const isRuntime = step.type === 'EMR' && located.field === 'Arguments.ExecutionRoleArn';
    return [{ role: need.resource, to: isRuntime ? 'instances of a cluster' : canonicalName(service) }];
  });

/** The pipeline passes each role that a step names, also its own; a service takes it over from there. */
const roleNeed = (step: Step, { field, value }: Located, scope: ResolveScope, place: Scope): StepNeeds => {
  const byField = PASSED_TO.get(field);
  if (byField === null) return {};
  const services = byField === undefined ? asksOf(step).passTo : [byField];
  const [service = SAGEMAKER, ...others] = services.flatMap((name) => namesOfService(name, place.partition));
  const resource = roleArnOf(value, scope, place);
  if (resource === undefined)
    return { open: [`the role in ${field} is only known in a run; allow iam:PassRole for it by hand`] };
  return {
    needs: [
      {
        ...passOf(resource, service),
        ...(others.length > 0 && { or: others.map((name) => passOf(resource, name)) }),
      },
    ],
  };
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
