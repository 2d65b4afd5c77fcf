import {
  knownText,
  leadingText,
  patternOf,
  type ResolvedText,
  type ResolveScope,
  resolveText,
} from '../definition/expression.ts';
import { JOB_KINDS, type JobKind, type JobKindId } from '../definition/job-kinds.ts';
import type { Step } from '../definition/parse.ts';
import { stepKeys } from '../definition/step-keys.ts';
import { followText, stepNames } from '../definition/step-reference.ts';
import type { JobNaming, StepTypeName } from '../definition/step-type-names.ts';
import { stepType } from '../definition/step-types.ts';
import { objectsWith, stepBaseName } from '../definition/step-values.ts';
import { parseArn, sagemakerArn } from '../domain/arn.ts';
import { partitionOfRegion, suffixOf } from '../domain/regions.ts';
import type { Scope } from '../domain/scope.ts';
import { literalText } from '../iam/policy/literal-text.ts';
import { asList, asText, type Json, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
import { dataNeeds, keyNeed } from './data-needs.ts';
import { objectArn } from './json-get.ts';
import type { Need } from './need.ts';

/** The needs of a step, or a part of them. */
export type StepNeeds = { needs?: Need[]; open?: string[] };

type AskingStep = { step: Step; scope: ResolveScope; place: Scope };

const forEach = (actions: readonly string[], resource: string): Need[] =>
  actions.map((action) => ({ action, resource }));

/** The names of jobs with a base job name; of one that only a run can tell, all that begin as it does. */
const namesUnder = (base: ResolvedText): string => {
  const known = knownText(base);
  return known === undefined ? `${literalText(leadingText(base))}*` : `${literalText(known)}-*`;
};

/**
 * What begins as the names of jobs do whose base job name is longer than AWS documents: nobody tells whether it is cut
 * then.
 */
const shortened = (base: ResolvedText | undefined, naming: JobNaming | null): string | undefined => {
  const known = base && knownText(base);
  const most = naming?.maxPrefixLength;
  return known === undefined || most === undefined || known.length <= most
    ? undefined
    : `${literalText(known.slice(0, most))}*`;
};

const ADD_TAGS = 'sagemaker:AddTags';

/** Default names begin so, but not those of 32 characters, of which AWS does not document how they begin. */
const DEFAULT_BASE = 'pipelines';

/** Models and model packages are not. Both versions of AutoML jobs are stopped by one action. */
const STOPPABLE = /Job(?:V2)?$/;

/** What nobody documents is allowed by a policy that is made, and its lack is nobody's fault. */
const optional = (needs: readonly Need[]): Need[] =>
  needs.map((need): Need => ({ ...need, isOptional: true }));

/** Either the job's role makes the grant for its volume, or who creates the job: the one that may. */
const volumeGrants = ({ step, scope, place }: AskingStep): Need[] =>
  optional(
    stepKeys(step, scope)
      .keys.filter(({ use }) => use === 'volume')
      .map((key) => keyNeed(key, place)),
  );

const jobNeeds =
  (kind: JobKind) =>
  (asked: AskingStep): StepNeeds => {
    const { step, scope, place } = asked;
    const { arnType, noun, maxNameLength } = kind;
    const base = stepBaseName(step);
    const names = base
      ? namesUnder(resolveText(base.value, scope))
      : maxNameLength > 32
        ? `${DEFAULT_BASE}-*`
        : '*';
    // The ARN of a job that CreateJob makes has its category before its name.
    const category = patternOf(resolveText(member(step.arguments, 'JobCategory') ?? null, scope));
    const folder = noun === 'Job' ? `${arnType}/${category}` : arnType;
    const arn = sagemakerArn(place, `${folder}/${names}`);
    const lasting = shortened(base && resolveText(base.value, scope), stepType(step.type).name);
    const stopping = STOPPABLE.test(noun) ? [`sagemaker:Stop${noun.replace(STOPPABLE, 'Job')}`] : [];
    return {
      needs: [
        ...[
          ...forEach([`sagemaker:Create${noun}`, `sagemaker:Describe${noun}`], arn),
          ...optional(forEach(stopping, arn)),
          ...forEach([ADD_TAGS], arn),
        ].map((need) =>
          lasting === undefined ? need : { ...need, lasting: sagemakerArn(place, `${folder}/${lasting}`) },
        ),
        ...volumeGrants(asked),
      ],
    };
  };

/** A reference to the jobs that a tuning job has made lists them first. */
const tuningNeeds = (asked: AskingStep): StepNeeds => {
  const { needs = [] } = jobNeeds(JOB_KINDS['hyper-parameter-tuning-job'])(asked);
  const [{ resource = '', lasting } = {}] = needs;
  const isListed = stepsWithTunedJobsAsked(asked.scope).has(asked.step.name);
  const list = forEach(['sagemaker:ListTrainingJobsForHyperParameterTuningJob'], resource).map((need) =>
    lasting === undefined ? need : { ...need, lasting },
  );
  return { needs: [...needs, ...(isListed ? optional(list) : [])] };
};

/** The names of the tuning steps of whose jobs other steps ask. */
const stepsWithTunedJobsAsked = remembered(
  ({ definition }: ResolveScope): ReadonlySet<string> =>
    new Set(
      definition.steps.flatMap((step) =>
        objectsWith(step, 'Get').flatMap(
          (value) => TUNED_JOBS.exec(asText(member(value, 'Get')) ?? '')?.[1] ?? [],
        ),
      ),
    ),
);
const TUNED_JOBS = /^Steps\.([A-Za-z0-9_-]{1,64})\.(?:TrainingJobSummaries|BestTrainingJob)\b/;

/** A check that names a group takes its baseline from the newest package of it that is approved. */
const checkNeeds = (asked: AskingStep): StepNeeds => {
  const { step, scope, place } = asked;
  const { needs = [] } = jobNeeds(JOB_KINDS['processing-job'])(asked);
  const group = member(step.raw, 'ModelPackageGroupName');
  if (group === undefined || group === null) return { needs };
  const groupArn = groupArnOf(patternOf(resolveText(group, scope)), place);
  return {
    needs: [
      ...needs,
      ...optional([
        ...forEach(['sagemaker:ListModelPackages'], '*'),
        ...forEach(['sagemaker:DescribeModelPackage'], packagesOf(groupArn)),
      ]),
    ],
  };
};

const autoMLNeeds = (asked: AskingStep): StepNeeds => {
  const isV2 = member(asked.step.arguments, 'AutoMLProblemTypeConfig') !== undefined;
  return jobNeeds(isV2 ? JOB_KINDS['auto-ml-job-v2'] : JOB_KINDS['auto-ml-job'])(asked);
};

const GROUP = 'model-package-group/';

/** A group is named by its name or by its ARN. */
const groupArnOf = (named: string, place: Scope): string =>
  parseArn(named) ? named : sagemakerArn(place, `${GROUP}${named}`);

const packagesOf = (groupArn: string): string => `${groupArn.replace(`:${GROUP}`, ':model-package/')}/*`;

/** Nobody makes a group in another account. */
const registerNeeds = (asked: AskingStep): StepNeeds => {
  const { needs = [], ...rest } = packageNeeds(asked);
  return { ...rest, needs: [...needs, ...packageData(asked)] };
};

/**
 * To read the artifacts of the model, and to use the key that encrypts what is kept of the package. AWS gives this to
 * roles that register models, and does not say which of it a request needs.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/security-iam-awsmanpol-model-registry.html
 */
const packageData = ({ step, scope, place }: AskingStep): Need[] => {
  const named = member(member(step.arguments, 'SecurityConfig'), 'KmsKeyId');
  const key = named === undefined ? undefined : knownText(resolveText(named, scope));
  const { resource = '', alias } =
    key === undefined ? {} : keyNeed({ key, use: 'volume', pointer: '' }, place);
  return optional([
    ...dataNeeds(step, scope, place).needs.map(({ need }) => need),
    ...(key === undefined
      ? []
      : ['kms:CreateGrant', 'kms:GenerateDataKey', 'kms:Decrypt'].map((action) => ({
          action,
          resource,
          ...(alias !== undefined && { alias }),
        }))),
  ]);
};

const packageNeeds = (asked: AskingStep): StepNeeds => {
  const { step, scope, place } = asked;
  const group = member(step.arguments, 'ModelPackageGroupName');
  if (group === undefined) return jobNeeds(JOB_KINDS['model-package'])(asked);
  const groupArn = groupArnOf(patternOf(resolveText(group, scope)), place);
  const isForeign = parseArn(groupArn)?.account !== place.account;
  return {
    needs: [
      ...forEach(
        ['sagemaker:CreateModelPackage', 'sagemaker:DescribeModelPackage', ADD_TAGS],
        packagesOf(groupArn),
      ),
      ...(isForeign ? [] : forEach(['sagemaker:CreateModelPackageGroup', ADD_TAGS], groupArn)),
    ],
  };
};

/** Resources that get the name in the step's arguments, or one that the service makes. */
const namedNeeds =
  (noun: string, arnType: string, also?: { field: string; arnType: string }) =>
  (asked: AskingStep): StepNeeds => {
    const { step, scope, place } = asked;
    const arnOf = (field: string, type: string): string => {
      const name = member(step.arguments, field);
      return sagemakerArn(place, `${type}/${name === undefined ? '*' : patternOf(resolveText(name, scope))}`);
    };
    const create = `sagemaker:Create${noun}`;
    return {
      needs: [
        ...forEach([create, `sagemaker:Describe${noun}`, ADD_TAGS], arnOf(`${noun}Name`, arnType)),
        ...(also ? forEach([create], arnOf(also.field, also.arnType)) : []),
        ...volumeGrants(asked),
      ],
    };
  };

/** The SDK's step updates a component that exists. */
const componentNeeds = (asked: AskingStep): StepNeeds => {
  const also = { field: 'EndpointName', arnType: 'endpoint' };
  const { needs = [] } = namedNeeds('InferenceComponent', 'inference-component', also)(asked);
  const [{ resource = '' } = {}] = needs;
  return { needs: [...needs, ...optional(forEach(['sagemaker:UpdateInferenceComponent'], resource))] };
};

const lambdaNeeds = ({ step, scope }: AskingStep): StepNeeds => {
  const arn = patternOf(resolveText(member(step.raw, 'FunctionArn') ?? null, scope));
  if (!/^\d{12}$/.test(parseArn(arn)?.account ?? ''))
    return {
      open: ['the ARN of its function is only known in a run; allow lambda:InvokeFunction for it by hand'],
    };
  return { needs: forEach(['lambda:InvokeFunction'], arn) };
};

/** By the endpoint of a Region, of a VPC, or of the older form (`<region>.queue.amazonaws.com`, in us-east-1 without the Region). */
const QUEUE_URL = /^https:\/\/([^/]+)\/(\d{12})\/([^/]+)$/;
const OLDEST_HOST = 'queue.amazonaws.com';
const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d$/;

const queueRegion = (host: string): string | undefined => {
  if (host === OLDEST_HOST) return 'us-east-1';
  const region = host.split('.').findLast((label) => REGION.test(label));
  const domains = region === undefined ? [] : [suffixOf(partitionOfRegion(region)), 'api.aws'];
  return domains.some((domain) => host.endsWith(`.${domain}`)) ? region : undefined;
};

const callbackNeeds = ({ step, scope, place }: AskingStep): StepNeeds => {
  const url = patternOf(resolveText(member(step.raw, 'SqsQueueUrl') ?? null, scope));
  const [, host = '', account, name] = QUEUE_URL.exec(url) ?? [];
  const region = queueRegion(host);
  if (region === undefined)
    return { open: ['the URL of its queue is only known in a run; allow sqs:SendMessage for it by hand'] };
  return { needs: forEach(['sqs:SendMessage'], `arn:${place.partition}:sqs:${region}:${account}:${name}`) };
};

/**
 * What the managed policy AmazonSageMakerPipelinesIntegrations allows for steps on EMR, and the tags of a cluster. The
 * request for a new cluster is for `cluster/*`, as messages of denials tell; AWS’s policies allow it so or on `*`.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerPipelinesIntegrations.html
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-fine-grained-cluster-access.html
 */
const emrNeeds = ({ step, scope, place: { partition, region, account } }: AskingStep): StepNeeds => {
  const id = member(step.arguments, 'ClusterId');
  const name = id === undefined ? '*' : patternOf(resolveText(id, scope));
  const clusters = `arn:${partition}:elasticmapreduce:${region}:${account}:cluster/`;
  const cluster = `${clusters}${name}`;
  const run = 'elasticmapreduce:RunJobFlow';
  const rule = (about: string) =>
    forEach(
      ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'],
      `arn:${partition}:events:${region}:${account}:rule/SageMakerPipelineExecutionEMR${about}StatusUpdateRule`,
    );
  const onCluster = ['AddJobFlowSteps', 'DescribeStep', 'CancelSteps'];
  const ownCluster = ['TerminateJobFlows', 'DescribeCluster', 'ListSteps'];
  const config = member(step.arguments, 'ClusterConfig');
  const isOwn = config !== undefined;
  const tags = clusterTags(asList(member(config, 'Tags')), scope);
  const actions = [...onCluster, ...(isOwn ? ownCluster : [])].map((action) => `elasticmapreduce:${action}`);
  return {
    needs: [
      ...forEach(actions, cluster).map((need) =>
        need.action === 'elasticmapreduce:AddJobFlowSteps' ? { ...need, ...runtimeRole(step, scope) } : need,
      ),
      ...rule('Step'),
      ...(isOwn
        ? [
            {
              action: run,
              resource: '*',
              or: [{ action: run, resource: `${clusters}${literalText('*')}` }],
              ...(tags && { request: tags }),
            },
            ...rule('Cluster'),
          ]
        : []),
      ...(tags
        ? forEach(['elasticmapreduce:AddTags'], cluster).map((need) => ({ ...need, request: tags }))
        : []),
    ],
  };
};

/** The runtime role that the request for a step names, on which AWS asks policies to insist. */
const runtimeRole = (step: Step, scope: ResolveScope): Pick<Need, 'context' | 'request'> => {
  const key = 'elasticmapreduce:ExecutionRoleArn';
  const role = member(step.arguments, 'ExecutionRoleArn');
  if (role === undefined || role === null) return { request: { [key]: [null] } };
  const known = knownText(resolveText(role, scope));
  // Any other text is no role, and in a policy it could be a pattern or a variable.
  return known !== undefined && ROLE_ARN.test(known) ? { context: { [key]: known } } : {};
};

const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/;

/** The condition keys of a cluster’s tags; undefined where it has none. Its tags count as its own while it is made. */
const clusterTags = (tags: readonly Json[], scope: ResolveScope): Need['request'] | undefined => {
  if (tags.length === 0) return undefined;
  const known = tags.slice(0, MAX_TAGS).flatMap((tag) => {
    const [key, value] = ['Key', 'Value'].map((field) =>
      knownText(resolveText(member(tag, field) ?? null, scope)),
    );
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(
    known.flatMap(([key, value]) =>
      ['aws:RequestTag', 'elasticmapreduce:RequestTag', 'elasticmapreduce:ResourceTag'].map((of) => [
        `${of}/${key}`,
        [value],
      ]),
    ),
  );
};

/** A cluster takes no more. https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags-restrictions.html */
const MAX_TAGS = 50;

const undocumented = (what: string) => (): StepNeeds => ({
  open: [`AWS does not document what ${what} needs of the execution role; add it by hand`],
});

/** The calls that a step is for by its type, of which AWS does not document that they are all. */
const inferred =
  (what: string, calls: (asked: AskingStep) => Need[]) =>
  (asked: AskingStep): StepNeeds => ({
    needs: optional(calls(asked)),
    open: [
      `AWS does not document what ${what} needs of the execution role; a policy that is made allows the calls that it is for: compare them with CloudTrail after the first run`,
    ],
  });

const calls = (service: string, names: readonly string[], resource = '*'): Need[] =>
  forEach(
    names.map((name) => `${service}:${name}`),
    resource,
  );

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonemrserverless.html */
const serverlessNeeds = inferred('a step on EMR Serverless', ({ step, scope, place }) => {
  const { partition, region, account } = place;
  const id =
    member(step.arguments, 'ApplicationId') ?? member(member(step.arguments, 'JobConfig'), 'applicationId');
  const named = id === undefined || id === null ? '*' : patternOf(resolveText(id, scope));
  const application = `arn:${partition}:emr-serverless:${region}:${account}:/applications/${named}`;
  const isOwn = member(step.arguments, 'ApplicationConfig') !== undefined;
  const own = ['GetApplication', 'StartApplication', 'StopApplication', 'DeleteApplication'];
  return [
    ...calls('emr-serverless', ['StartJobRun', ...(isOwn ? own : [])], application),
    ...calls('emr-serverless', ['GetJobRun', 'CancelJobRun'], `${application}/jobruns/*`),
    ...(isOwn ? calls('emr-serverless', ['CreateApplication']) : []),
  ];
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonathena.html */
const athenaNeeds = inferred('an Athena step', ({ step, scope, place: { partition, region, account } }) => {
  const group = member(step.arguments, 'WorkGroup');
  const named = group === undefined || group === null ? '*' : patternOf(resolveText(group, scope));
  return calls(
    'athena',
    ['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution'],
    `arn:${partition}:athena:${region}:${account}:workgroup/${named}`,
  );
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html */
const bedrockNeeds = (noun: string): ((asked: AskingStep) => StepNeeds) =>
  inferred('a step on Bedrock', () => calls('bedrock', [`Create${noun}`, `Get${noun}`, 'TagResource']));

/** The SDK asks it of the execution role: the objects that are named, or what a training step's job has made. */
const cleanupNeeds = ({ step, scope, place }: AskingStep): StepNeeds => {
  const madeBy = (name: string): string[] => {
    const made = stepNames(scope.definition).get(name);
    return (made ? dataNeeds(made, scope, place).needs : [])
      .filter(({ need, pointer }) => need.action === 's3:PutObject' && MODEL_OUTPUT.test(pointer))
      .map(({ need }) => need.resource);
  };
  const told = new Set<string>();
  const found = asList(member(member(step.arguments, 'Resources'), 'S3')).map((source): StepNeeds => {
    const name = asText(member(source, 'StepName')) ?? '';
    const uris = member(source, 'S3Uris');
    if (uris === undefined) {
      // A step that is named ten thousand times has made no more than one that is named once.
      if (told.has(name)) return {};
      told.add(name);
    }
    const objects =
      uris === undefined
        ? madeBy(name)
        : asList(uris).map((uri) => objectArn(patternOf(followText(uri, scope)), place));
    const isTold = objects.length > 0 && !objects.includes(undefined);
    return {
      needs: objects.flatMap((resource) =>
        resource === undefined ? [] : { action: 's3:DeleteObject', resource },
      ),
      ...(!isTold && {
        open: [`what it deletes of ${name} is only known in a run; allow s3:DeleteObject on it by hand`],
      }),
    };
  });
  return {
    needs: found.flatMap(({ needs = [] }) => needs),
    open: found.flatMap(({ open = [] }) => open),
  };
};

const MODEL_OUTPUT = /\/OutputDataConfig\/S3OutputPath$/;

const nothing = (): StepNeeds => ({});

/** What a step asks of the execution role, and the services to which its roles may be passed: any of them does. */
type Asks = { needs: (asked: AskingStep) => StepNeeds; passTo: readonly [string, ...string[]] };

const SAGEMAKER = ['sagemaker.amazonaws.com'] as const;

const ofJob = (kind: JobKindId): Asks => ({ needs: jobNeeds(JOB_KINDS[kind]), passTo: SAGEMAKER });

const STEP_ASKS: Record<StepTypeName, Asks> = {
  Training: ofJob('training-job'),
  Processing: ofJob('processing-job'),
  QualityCheck: { needs: checkNeeds, passTo: SAGEMAKER },
  ClarifyCheck: { needs: checkNeeds, passTo: SAGEMAKER },
  Transform: ofJob('transform-job'),
  Tuning: { needs: tuningNeeds, passTo: SAGEMAKER },
  AutoML: { needs: autoMLNeeds, passTo: SAGEMAKER },
  Model: ofJob('model'),
  RegisterModel: { needs: registerNeeds, passTo: SAGEMAKER },
  Job: ofJob('job'),
  EndpointConfig: { needs: namedNeeds('EndpointConfig', 'endpoint-config'), passTo: SAGEMAKER },
  Endpoint: {
    needs: namedNeeds('Endpoint', 'endpoint', { field: 'EndpointConfigName', arnType: 'endpoint-config' }),
    passTo: SAGEMAKER,
  },
  InferenceComponent: { needs: componentNeeds, passTo: SAGEMAKER },
  EMR: { needs: emrNeeds, passTo: ['elasticmapreduce.amazonaws.com'] },
  // That the role is passed is documented, and not for which service.
  EMRServerless: {
    needs: serverlessNeeds,
    passTo: ['emr-serverless.amazonaws.com', ...SAGEMAKER],
  },
  Athena: { needs: athenaNeeds, passTo: SAGEMAKER },
  BedrockCustomModel: { needs: bedrockNeeds('CustomModel'), passTo: ['bedrock.amazonaws.com'] },
  BedrockCustomModelDeployment: {
    needs: bedrockNeeds('CustomModelDeployment'),
    passTo: ['bedrock.amazonaws.com'],
  },
  BedrockModelImport: { needs: bedrockNeeds('ModelImportJob'), passTo: ['bedrock.amazonaws.com'] },
  BedrockProvisionedModelThroughput: {
    needs: bedrockNeeds('ProvisionedModelThroughput'),
    passTo: ['bedrock.amazonaws.com'],
  },
  HubContent: { needs: undocumented('a HubContent step'), passTo: SAGEMAKER },
  Lambda: { needs: lambdaNeeds, passTo: SAGEMAKER },
  Callback: { needs: callbackNeeds, passTo: SAGEMAKER },
  Condition: { needs: nothing, passTo: SAGEMAKER },
  ForEach: { needs: nothing, passTo: SAGEMAKER },
  Cleanup: { needs: cleanupNeeds, passTo: SAGEMAKER },
  Fail: { needs: nothing, passTo: SAGEMAKER },
  Lineage: { needs: undocumented('a Lineage step'), passTo: SAGEMAKER },
};

/** The services that steps of some type hand roles to. */
export const PASSED_BY_STEPS: readonly string[] = [
  ...new Set(Object.values(STEP_ASKS).flatMap(({ passTo }) => passTo)),
];

/** What a step asks; of a type that is not known here, nothing: it is told of as not checked. */
export const asksOf = ({ type }: Step): Asks =>
  type === undefined ? { needs: nothing, passTo: SAGEMAKER } : STEP_ASKS[type];
