import {
  knownText,
  leadingText,
  patternOf,
  type ResolvedText,
  type ResolveScope,
  resolveText,
} from '../definition/expression.ts';
import { JOB_KINDS, type JobKind } from '../definition/job-kinds.ts';
import { type Step, stepPointer } from '../definition/parse.ts';
import { type Located, stepBaseName, stepRoles } from '../definition/step-values.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { type Json, member } from '../json/json.ts';
import { jsonGetNeeds } from './json-get.ts';
import type { Need, Open } from './need.ts';

/** What a pipeline's execution role must be allowed, and what the definition does not tell. */
export type PipelineNeeds = { needs: Need[]; open: Open[] };

/** The needs of a step, or a part of them. */
type StepNeeds = { needs?: Need[]; open?: string[] };

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
    jobs: told([STEP_NEEDS.get(step.type)?.({ step, scope, place }) ?? {}]),
    passes: told(stepRoles(step).map((role) => roleNeed(step, role, scope, place))),
  };
};

const unique = (needs: readonly Need[]): Need[] => [
  ...new Map(needs.map((need) => [JSON.stringify(need), need])).values(),
];

type Asked = { step: Step; scope: ResolveScope; place: Scope };

const forEach = (actions: readonly string[], resource: string): Need[] =>
  actions.map((action) => ({ action, resource }));

/** The names of jobs with a base job name; of one that only a run can tell, all that begin as it does. */
const namesUnder = (base: ResolvedText): string => {
  const known = knownText(base);
  return known === undefined ? `${literalText(leadingText(base))}*` : `${literalText(known)}-*`;
};

const ADD_TAGS = 'sagemaker:AddTags';

/** Default names begin so, but not those of 32 characters, of which AWS does not document how they begin. */
const DEFAULT_BASE = 'pipelines';

/** Models and model packages are not. Both versions of AutoML jobs are stopped by one action. */
const STOPPABLE = /Job(?:V2)?$/;

const jobNeeds =
  (kind: JobKind) =>
  ({ step, scope, place }: Asked): StepNeeds => {
    const { arnType, noun, maxNameLength } = kind;
    const base = stepBaseName(step);
    const names = base
      ? namesUnder(resolveText(base.value, scope))
      : maxNameLength > 32
        ? `${DEFAULT_BASE}-*`
        : '*';
    const actions = [
      `sagemaker:Create${noun}`,
      `sagemaker:Describe${noun}`,
      ...(STOPPABLE.test(noun) ? [`sagemaker:Stop${noun.replace(STOPPABLE, 'Job')}`] : []),
      ADD_TAGS,
    ];
    return { needs: forEach(actions, sagemakerArn(place, `${arnType}/${names}`)) };
  };

const autoMLNeeds = (asked: Asked): StepNeeds => {
  const isV2 = member(asked.step.arguments, 'AutoMLProblemTypeConfig') !== undefined;
  return jobNeeds(isV2 ? JOB_KINDS['auto-ml-job-v2'] : JOB_KINDS['auto-ml-job'])(asked);
};

const GROUP = 'model-package-group/';

/** A group is named by its name or by its ARN; nobody makes one in another account. */
const registerNeeds = (asked: Asked): StepNeeds => {
  const { step, scope, place } = asked;
  const group = member(step.arguments, 'ModelPackageGroupName');
  if (group === undefined) return jobNeeds(JOB_KINDS['model-package'])(asked);
  const named = patternOf(resolveText(group, scope));
  const given = parseArn(named);
  const groupArn = given ? named : sagemakerArn(place, `${GROUP}${named}`);
  const isForeign = given !== undefined && given.account !== place.account;
  return {
    needs: [
      ...forEach(
        ['sagemaker:CreateModelPackage', 'sagemaker:DescribeModelPackage', ADD_TAGS],
        `${groupArn.replace(`:${GROUP}`, ':model-package/')}/*`,
      ),
      ...(isForeign ? [] : forEach(['sagemaker:CreateModelPackageGroup', ADD_TAGS], groupArn)),
    ],
  };
};

/** Resources that get the name in the step's arguments, or one that the service makes. */
const namedNeeds =
  (noun: string, arnType: string, also?: { field: string; arnType: string }) =>
  ({ step, scope, place }: Asked): StepNeeds => {
    const arnOf = (field: string, type: string): string => {
      const name = member(step.arguments, field);
      return sagemakerArn(place, `${type}/${name === undefined ? '*' : patternOf(resolveText(name, scope))}`);
    };
    const create = `sagemaker:Create${noun}`;
    return {
      needs: [
        ...forEach([create, `sagemaker:Describe${noun}`, ADD_TAGS], arnOf(`${noun}Name`, arnType)),
        ...(also ? forEach([create], arnOf(also.field, also.arnType)) : []),
      ],
    };
  };

const lambdaNeeds = ({ step, scope }: Asked): StepNeeds => {
  const arn = patternOf(resolveText(member(step.raw, 'FunctionArn') ?? null, scope));
  if (!/^\d{12}$/.test(parseArn(arn)?.account ?? ''))
    return {
      open: ['the ARN of its function is only known in a run; allow lambda:InvokeFunction for it by hand'],
    };
  return { needs: forEach(['lambda:InvokeFunction'], arn) };
};

/** By the endpoint of a Region, of a VPC, or of the older form (`<region>.queue.amazonaws.com`). */
const QUEUE_URL = /^https:\/\/([^/]+)\/(\d{12})\/([^/]+)$/;
const AWS_DOMAINS = ['.amazonaws.com', '.amazonaws.com.cn', '.api.aws'];
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;

const callbackNeeds = ({ step, scope, place }: Asked): StepNeeds => {
  const url = patternOf(resolveText(member(step.raw, 'SqsQueueUrl') ?? null, scope));
  const [, host = '', account, name] = QUEUE_URL.exec(url) ?? [];
  const region = host.split('.').findLast((label) => REGION.test(label));
  if (!region || !AWS_DOMAINS.some((domain) => host.endsWith(domain)))
    return { open: ['the URL of its queue is only known in a run; allow sqs:SendMessage for it by hand'] };
  return { needs: forEach(['sqs:SendMessage'], `arn:${place.partition}:sqs:${region}:${account}:${name}`) };
};

/** What the managed policy AmazonSageMakerPipelinesIntegrations allows for steps on EMR. */
const emrNeeds = ({ step, scope, place: { partition, region, account } }: Asked): StepNeeds => {
  const id = member(step.arguments, 'ClusterId');
  const name = id === undefined ? '*' : patternOf(resolveText(id, scope));
  const cluster = `arn:${partition}:elasticmapreduce:${region}:${account}:cluster/${name}`;
  const rule = (about: string) =>
    forEach(
      ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'],
      `arn:${partition}:events:${region}:${account}:rule/SageMakerPipelineExecutionEMR${about}StatusUpdateRule`,
    );
  const onCluster = ['AddJobFlowSteps', 'DescribeStep', 'CancelSteps'];
  const ownCluster = ['TerminateJobFlows', 'DescribeCluster', 'ListSteps'];
  const isOwn = member(step.arguments, 'ClusterConfig') !== undefined;
  const actions = [...onCluster, ...(isOwn ? ownCluster : [])].map((action) => `elasticmapreduce:${action}`);
  return {
    needs: [
      ...forEach(actions, cluster),
      ...rule('Step'),
      ...(isOwn ? [{ action: 'elasticmapreduce:RunJobFlow', resource: '*' }, ...rule('Cluster')] : []),
    ],
  };
};

const undocumented = (what: string) => (): StepNeeds => ({
  open: [`AWS does not document what ${what} needs of the execution role; add it by hand`],
});

const STEP_NEEDS: ReadonlyMap<string, (asked: Asked) => StepNeeds> = new Map(
  Object.entries({
    Training: jobNeeds(JOB_KINDS['training-job']),
    Processing: jobNeeds(JOB_KINDS['processing-job']),
    QualityCheck: jobNeeds(JOB_KINDS['processing-job']),
    ClarifyCheck: jobNeeds(JOB_KINDS['processing-job']),
    Transform: jobNeeds(JOB_KINDS['transform-job']),
    Tuning: jobNeeds(JOB_KINDS['hyper-parameter-tuning-job']),
    AutoML: autoMLNeeds,
    Model: jobNeeds(JOB_KINDS.model),
    RegisterModel: registerNeeds,
    EndpointConfig: namedNeeds('EndpointConfig', 'endpoint-config'),
    Endpoint: namedNeeds('Endpoint', 'endpoint', { field: 'EndpointConfigName', arnType: 'endpoint-config' }),
    InferenceComponent: namedNeeds('InferenceComponent', 'inference-component', {
      field: 'EndpointName',
      arnType: 'endpoint',
    }),
    Lambda: lambdaNeeds,
    Callback: callbackNeeds,
    EMR: emrNeeds,
    EMRServerless: undocumented('a step on EMR Serverless'),
    Lineage: undocumented('a Lineage step'),
  } satisfies Record<string, (asked: Asked) => StepNeeds>),
);

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

/** Who takes over the role of a step that runs no job of SageMaker's. */
const SERVICES: ReadonlyMap<string, string> = new Map([
  ['EMR', 'elasticmapreduce.amazonaws.com'],
  ['EMRServerless', 'emr-serverless.amazonaws.com'],
]);

/** The pipeline passes each role that a step names, also its own; a service takes it over from there. */
const roleNeed = (step: Step, { field, value }: Located, scope: ResolveScope, place: Scope): StepNeeds => {
  const byField = PASSED_TO.get(field);
  if (byField === null) return {};
  const service = byField ?? SERVICES.get(step.type) ?? 'sagemaker.amazonaws.com';
  const resource = roleArnOf(value, scope, place);
  if (resource === undefined)
    return { open: [`the role in ${field} is only known in a run; allow iam:PassRole for it by hand`] };
  const passTo = (name: string) => ({
    action: 'iam:PassRole',
    resource,
    context: { 'iam:PassedToService': name },
  });
  const isOpen = step.type === 'EMRServerless'; // that the role is passed is documented, and not for which service
  return { needs: [{ ...passTo(service), ...(isOpen && { or: [passTo('sagemaker.amazonaws.com')] }) }] };
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
