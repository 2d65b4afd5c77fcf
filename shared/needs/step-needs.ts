import { type DataRole, dataRole } from '../definition/data-role.ts';
import type { ResolveScope } from '../definition/expression.ts';
import { type NamedRoles, namedRole, PROFILE_FIELD } from '../definition/named-roles.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { stepType } from '../definition/step-types.ts';
import { type Located, stepRoles } from '../definition/step-values.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
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
    const untold = passes.untold.map(({ reason }) => ({ pointer: stepPointer(step), reason }));
    return [jobs, passes, { needs: [], open: untold }];
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

/** A need on one role of a pattern, which an instance profile holds, and why nobody tells which. */
type UntoldNeed = { need: Need; reason: string; profile: string };

type PassNeeds = StepNeeds & { untold?: UntoldNeed[] };

/** What the execution role must be allowed for one step: for its job or other service, and to pass its roles. */
export const stepNeeds = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
  executionRoleArn: string | undefined,
  named?: NamedRoles,
): { jobs: PipelineNeeds; passes: PipelineNeeds & { untold: readonly UntoldNeed[] } } => {
  const told = (found: readonly StepNeeds[]): PipelineNeeds => ({
    needs: found.flatMap(({ needs = [] }) => needs),
    open: found.flatMap(({ open = [] }) =>
      open.map((reason) => ({ pointer: stepPointer(step), reason: `${step.name}: ${reason}` })),
    ),
  });
  const passes: PassNeeds[] = [
    ...stepRoles(step).map((role) => roleNeed(step, role, scope, place, named)),
    ...ownRoleNeeds(step, scope, executionRoleArn),
  ];
  return {
    jobs: told([withRequests(asksOf(step).needs({ step, scope, place }), step, scope, place)]),
    passes: { ...told(passes), untold: passes.flatMap(({ untold = [] }) => untold) },
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

/**
 * To whom a role is passed that is not for the service of its step; null where nobody passes it: it is attached to something
 * that exists.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEMRFullAccessPolicy_v2.html
 */
const PASSED_TO: ReadonlyMap<string, string | null> = new Map([
  [PROFILE_FIELD, 'ec2.amazonaws.com'],
  ['Arguments.ClusterConfig.ServiceRole', 'elasticmapreduce.amazonaws.com'],
  ['Arguments.ClusterConfig.AutoScalingRole', 'application-autoscaling.amazonaws.com'],
  [
    'Arguments.AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN',
    'emr-serverless.amazonaws.com',
  ],
  ['Arguments.ProcessingInputs[].DatasetDefinition.RedshiftDatasetDefinition.ClusterRoleArn', null],
]);

/**
 * Whether a role is the runtime role of a step on an EMR cluster. Nobody passes it, and no service takes it over: the role of
 * the cluster's instances assumes it, and who may name it is told by elasticmapreduce:ExecutionRoleArn.
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-steps-runtime-roles.html
 */
const isRuntimeRole = ({ type }: Step, field: string): boolean =>
  type === 'EMR' && field === 'Arguments.ExecutionRoleArn';

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

/** The roles that a step hands over, and to which service. */
export const handedOver = (
  step: Step,
  scope: ResolveScope,
  place: Scope,
  named?: NamedRoles,
): { role: string; to: string | 'instances of a cluster' }[] =>
  stepRoles(step).flatMap((located) => {
    if (isRuntimeRole(step, located.field)) {
      const runtime = namedRole(located, scope, place, named);
      return typeof runtime === 'object' && 'arn' in runtime
        ? [{ role: runtime.arn, to: 'instances of a cluster' }]
        : [];
    }
    const { needs = [], untold = [] } = roleNeed(step, located, scope, place, named);
    const passed = needs.map((need) => ({ need, role: need.resource }));
    // Consoles make an instance profile with the name of its role.
    const alike = untold.flatMap(({ need, profile }) => ({ need, role: named?.roles.get(profile) }));
    return [...passed, ...alike].flatMap(({ need, role }) => {
      const service = need.context?.['iam:PassedToService'];
      return role !== undefined && service !== undefined ? [{ role, to: canonicalName(service) }] : [];
    });
  });

/** The pipeline passes each role that a step names, also its own; a service takes it over from there. */
const roleNeed = (
  step: Step,
  located: Located,
  scope: ResolveScope,
  place: Scope,
  named: NamedRoles | undefined,
): PassNeeds => {
  const { field } = located;
  const byField = PASSED_TO.get(field);
  if (byField === null || isRuntimeRole(step, field)) return {};
  const services = byField === undefined ? asksOf(step).passTo : [byField];
  const [service = SAGEMAKER, ...others] = services.flatMap((name) => namesOfService(name, place.partition));
  const passing = (resource: string): Need => ({
    ...passOf(resource, service),
    ...(others.length > 0 && { or: others.map((name) => passOf(resource, name)) }),
  });
  const role = namedRole(located, scope, place, named);
  if (role === 'only known in a run')
    return { open: [`the role in ${field} is only known in a run; allow iam:PassRole for it by hand`] };
  if ('arn' in role) return { needs: [passing(role.arn)] };
  const anyRole = `arn:${place.partition}:iam::${place.account}:role/*`;
  const reason = `${step.name}: which role instance profile ${role.profile} holds is not told; allow iam:PassRole on it to ${service} by hand`;
  return { untold: [{ need: { ...passing(anyRole), isOneOf: true }, reason, profile: role.profile }] };
};
