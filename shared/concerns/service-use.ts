import type { Scope } from '../domain/scope.ts';
import type { AccountPrincipal } from '../facts/facts.ts';
import { contextOf } from '../iam/decide/context.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import { type Why, why } from '../iam/explain/why.ts';
import { isPattern, matchesGlob } from '../iam/policy/glob.ts';
import type { Effect, PatternElement } from '../iam/policy/policy.ts';
import type { AnyAnswer } from '../iam/sets/answers.ts';
import { allowedBeyond, allowedUnnamed, type Question } from '../iam/sets/questions.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { arnsOf } from '../iam/sets/universe.ts';
import { doubtEvidence } from '../judging/concern.ts';
import { oncePer, remembered } from '../memo.ts';
import { canonicalName } from '../needs/services.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import { regionsThatMatter } from './asked-regions.ts';
import type { Answer } from './assuming.ts';
import { creationByChoice } from './creating.ts';

export const CLOUDFORMATION = 'cloudformation.amazonaws.com';

/** Calls that together make a service act under a role that the caller passes; one of the lists is enough. */
export type Calls = readonly (readonly string[])[];

/**
 * What the caller must be allowed besides iam:PassRole, so that a service acts under the passed role as the caller wants.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html and the services’ pages in
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const CALLS: ReadonlyMap<string, Calls> = new Map<string, Calls>([
  [
    CLOUDFORMATION,
    [
      ['cloudformation:CreateStack'],
      ['cloudformation:UpdateStack'],
      ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
    ],
  ],
  [
    'lambda.amazonaws.com',
    [['lambda:CreateFunction'], ['lambda:UpdateFunctionConfiguration'], ['synthetics:CreateCanary']],
  ],
  [
    'ec2.amazonaws.com',
    [
      ['ec2:RunInstances'],
      ['ec2:AssociateIamInstanceProfile'],
      ['ec2:ReplaceIamInstanceProfileAssociation'],
      ['ec2:RequestSpotInstances'],
      ['ec2:RequestSpotFleet'],
      ['ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
      ['autoscaling:CreateAutoScalingGroup', 'ec2:CreateLaunchTemplate'],
      ['autoscaling:UpdateAutoScalingGroup', 'ec2:CreateLaunchTemplate'],
      ['autoscaling:CreateAutoScalingGroup', 'autoscaling:CreateLaunchConfiguration'],
      ['elasticmapreduce:RunJobFlow'],
      ['batch:CreateComputeEnvironment'],
      ['datapipeline:CreatePipeline', 'datapipeline:PutPipelineDefinition'],
      ['eks:CreateNodegroup'],
      ['elasticbeanstalk:CreateEnvironment'],
      ['imagebuilder:CreateInfrastructureConfiguration'],
    ],
  ],
  [
    'glue.amazonaws.com',
    [['glue:CreateJob'], ['glue:UpdateJob'], ['glue:CreateSession'], ['glue:CreateDevEndpoint']],
  ],
  [
    'codebuild.amazonaws.com',
    [
      ['codebuild:CreateProject'],
      ['codebuild:UpdateProject'],
      ['codebuild:StartBuild'],
      ['codebuild:StartBuildBatch'],
    ],
  ],
  ['codepipeline.amazonaws.com', [['codepipeline:CreatePipeline'], ['codepipeline:UpdatePipeline']]],
  [
    'states.amazonaws.com',
    [['states:CreateStateMachine'], ['states:UpdateStateMachine'], ['states:TestState']],
  ],
  [
    'ecs-tasks.amazonaws.com',
    [
      ['ecs:RunTask'],
      ['ecs:StartTask'],
      ['ecs:CreateService'],
      ['ecs:UpdateService'],
      ['batch:RegisterJobDefinition', 'batch:SubmitJob'],
    ],
  ],
  ['elasticmapreduce.amazonaws.com', [['elasticmapreduce:RunJobFlow']]],
  ['tasks.apprunner.amazonaws.com', [['apprunner:CreateService'], ['apprunner:UpdateService']]],
  [
    'bedrock-agentcore.amazonaws.com',
    [
      ['bedrock-agentcore:CreateCodeInterpreter', 'bedrock-agentcore:InvokeCodeInterpreter'],
      ['bedrock-agentcore:CreateAgentRuntime'],
      ['bedrock-agentcore:UpdateAgentRuntime'],
    ],
  ],
  [
    'datapipeline.amazonaws.com',
    [
      ['datapipeline:CreatePipeline', 'datapipeline:PutPipelineDefinition'],
      ['datapipeline:PutPipelineDefinition'],
    ],
  ],
  ['ssm.amazonaws.com', [['ssm:StartAutomationExecution'], ['ssm:CreateAssociation']]],
  ['scheduler.amazonaws.com', [['scheduler:CreateSchedule'], ['scheduler:UpdateSchedule']]],
  ['emr-serverless.amazonaws.com', [['emr-serverless:StartJobRun']]],
  ['pods.eks.amazonaws.com', [['eks:CreatePodIdentityAssociation'], ['eks:UpdatePodIdentityAssociation']]],
]);

/**
 * What runs code of the caller’s under a role in SageMaker besides pipelines and jobs: notebooks, apps of Studio, clusters,
 * monitoring and endpoints.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const IN_SAGEMAKER: Calls = [
  ...['Create', 'Update'].flatMap((verb) => [
    [`sagemaker:${verb}NotebookInstance`, 'sagemaker:CreatePresignedNotebookInstanceUrl'],
    [`sagemaker:${verb}NotebookInstance`, `sagemaker:${verb}NotebookInstanceLifecycleConfig`],
    [`sagemaker:${verb}Domain`, 'sagemaker:CreatePresignedDomainUrl'],
    [`sagemaker:${verb}UserProfile`, 'sagemaker:CreatePresignedDomainUrl'],
    [`sagemaker:${verb}Cluster`],
    [`sagemaker:${verb}MonitoringSchedule`],
  ]),
  ['sagemaker:CreateModel', 'sagemaker:CreateEndpointConfig', 'sagemaker:CreateEndpoint'],
];

/** Services that can be made to act under a role which trusts everybody. */
export const SERVICES_KNOWN: readonly string[] = [SAGEMAKER, ...CALLS.keys()];

/** Whether a principal can make a service act under a role, and the statement that allows the first call for it. */
export type Use = { answer: Answer; because?: { actions: readonly string[]; why: Why } };

/**
 * Whether a principal can make the service act under the role. Of services without an entry it is unknown, unless the
 * principal may make no call of the service at all.
 */
export const useOf = (
  principal: AccountPrincipal,
  service: string,
  roleArn: string,
  shared: SharedWork,
): Use => {
  if (service === SAGEMAKER) return useOfSageMaker(principal, roleArn, shared);
  const calls = CALLS.get(canonicalName(service));
  if (!calls) return { answer: mayUse(principal, service) ? 'unknown' : 'no' };
  return useBy(principal, calls, roleArn, shared);
};

const useOfSageMaker = (principal: AccountPrincipal, roleArn: string, shared: SharedWork): Use => {
  const creates = creationByChoice(principal, shared);
  if (creates === 'yes') return { answer: 'yes' };
  const others = useBy(principal, IN_SAGEMAKER, roleArn, shared);
  return others.answer === 'no' ? { answer: creates } : others;
};

/** Whether a principal may make the calls of one of the lists, for a role that it passes or, without one, for none. */
export const useBy = (
  principal: AccountPrincipal,
  calls: Calls,
  roleArn: string | null,
  shared: SharedWork,
): Use => {
  const uses = calls.map((together) => ofCalls(principal, together, roleArn, shared));
  return (
    uses.find(({ answer }) => answer === 'yes') ??
    uses.find(({ answer }) => answer === 'unknown') ?? { answer: 'no' }
  );
};

/** Services that are put to work by calls of another name than their own, by the beginning of their name. */
const CALLED_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'application-insights': ['applicationinsights'],
  customerprofiles: ['profile'],
  ec2fleet: ['ec2'],
  edgelambda: ['cloudfront', 'lambda'],
  'eks-fargate-pods': ['eks'],
  lexv2: ['lex'],
  macie: ['macie2'],
  marketplace: ['aws-marketplace'],
  migrationhub: ['mgh'],
  'mwaa-serverless': ['airflow-serverless'],
  opensearchservice: ['es'],
  opensearch: ['es', 'aoss'],
  pinpoint: ['mobiletargeting', 'sms-voice'],
  snowball: ['importexport'],
  spot: ['ec2'],
  spotfleet: ['ec2'],
  vmie: ['ec2'],
  'vpc-flow-logs': ['ec2', 'logs'],
};

/**
 * The services of IAM’s actions by which a service may be put to work: the parts of its name, and their beginnings
 * (`tasks.apprunner`, `airflow-env`).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const actionsServicesOf = (service: string): string[] => {
  const parts = service.replace(/\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)$/, '').split('.');
  return [
    ...new Set(
      parts.flatMap((part) => {
        const words = part.split('-');
        return [...words.map((_, at) => words.slice(0, at + 1).join('-')), ...(CALLED_ELSEWHERE[part] ?? [])];
      }),
    ),
  ];
};

/** Whether the principal may make any call of the service, as far as its policies name actions. */
const mayUse = ({ policies }: AccountPrincipal, service: string): boolean =>
  actionsServicesOf(service).some((name) => mayUseOf(policies)(name));

const mayUseOf = remembered(({ identity, boundary }: Policies) =>
  oncePer((name: string) =>
    [identity, boundary].every((index) => index === undefined || mayAllowAny(index, name)),
  ),
);

const mayAllowAny = ({ statements, unreadable }: PolicyIndex, name: string): boolean => {
  const of = (wanted: Effect) => statements.filter(({ statement }) => statement.effect === wanted);
  const isDenied = of('Deny').some(
    ({ statement: { actions, resources, conditions } }) =>
      conditions.length === 0 && resources?.texts.includes('*') && !resources.isNot && isAll(actions, name),
  );
  return (
    unreadable.length > 0 ||
    (!isDenied && of('Allow').some(({ statement }) => isAny(statement.actions, name)))
  );
};

/** Whether an element covers all actions of a service. */
const isAll = ({ texts, isNot }: PatternElement, name: string): boolean =>
  !isNot && texts.some((text) => text === '*' || text.toLowerCase() === `${name}:*`);

/** Whether an element may cover an action of a service. */
const isAny = (actions: PatternElement, name: string): boolean =>
  actions.isNot
    ? !isAll({ ...actions, isNot: false }, name)
    : actions.texts.some((text) => {
        const [of = '', action] = text.toLowerCase().split(':');
        return action === undefined ? isPattern(of) : matchesGlob(of, name);
      });

const ofCalls = (
  principal: AccountPrincipal,
  actions: readonly string[],
  roleArn: string | null,
  shared: SharedWork,
): Use => {
  let use: Use = { answer: 'no' };
  for (const { region } of regionsOf(principal, actions)) {
    const found = ofCallsIn(region, principal, actions, roleArn, shared);
    if (found.answer === 'yes') return found;
    if (use.answer === 'no') use = found;
  }
  return use;
};

/** The Regions for which the calls may come out otherwise. */
const regionsOf = ({ scope, policies }: AccountPrincipal, actions: readonly string[]): readonly Scope[] =>
  actions
    .map((action) => regionsThatMatter(scope, policies, action))
    .reduce((most, each) => (each.length > most.length ? each : most));

const ofCallsIn = (
  region: string,
  principal: AccountPrincipal,
  actions: readonly string[],
  roleArn: string | null,
  shared: SharedWork,
): Use => {
  const answers: { action: string; found: AnyAnswer }[] = [];
  for (const action of actions) {
    const found = allowedBeyond(calling(principal, action, roleArn, region), shared);
    if (found.answer === 'none') return { answer: 'no' };
    answers.push({ action, found });
  }
  const open = answers.find(({ found }) => found.answer === 'unknown');
  const [first] = open ? [open] : answers;
  if (!first || first.found.answer === 'none') return { answer: 'unknown' };
  const { action, found } = first;
  return {
    answer: open ? 'unknown' : 'yes',
    because: {
      actions,
      why:
        found.answer === 'some'
          ? why(found.example.explanation, action, 'a resource')
          : doubtEvidence(found.doubt, action, () => 'a resource'),
    },
  };
};

/** Whether all these calls are surely allowed on a resource that no statement names, and so on every one. */
export const isForEveryResource = (
  principal: AccountPrincipal,
  actions: readonly string[],
  shared: SharedWork,
): boolean =>
  actions.every((action) => {
    const { partition, account } = principal.scope;
    const instances = arnsOf(`arn:${partition}:ec2:*:${account}:instance/*`);
    return regionsThatMatter(principal.scope, principal.policies, action).some(({ region }) => {
      const question = calling(principal, action, null, region);
      const asked = ON_INSTANCES.test(action) ? { ...question, universe: instances } : question;
      return allowedUnnamed(asked, shared).answer === 'yes';
    });
  });

/** Calls that are authorised on instances and nodes, which are resources of other services. */
const ON_INSTANCES = /^(?:ssm:(?:SendCommand|StartSession)|ec2-instance-connect:)/;

const calling = (
  { policies, identity, scope }: AccountPrincipal,
  action: string,
  roleArn: string | null,
  region: string,
): Question => {
  const code = action.slice(0, action.indexOf(':'));
  const context = contextOf({
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': region,
    ...(code === 'cloudformation' && { 'cloudformation:RoleArn': roleArn }),
  });
  const [of, resource] = ON_INSTANCES.test(action) ? ['*', '*instance/*'] : [code, '*'];
  const universe = arnsOf(`arn:${scope.partition}:${of}:*:${scope.account}:${resource}`);
  return { policies, request: { principal: identity.principal, action, context }, universe };
};
