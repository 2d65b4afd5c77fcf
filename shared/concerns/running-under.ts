import type { AccountPrincipal } from '../facts/facts.ts';
import { groupBy } from '../group-by.ts';
import type { SharedWork } from '../iam/sets/shared-work.ts';
import { remembered, rememberedPart } from '../memo.ts';
import { canonicalName } from '../needs/services.ts';
import { SAGEMAKER } from '../policies/passing-policy.ts';
import type { Answer } from './assuming.ts';
import { type Call, EXPECTED } from './iam-calls.ts';
import { usedLately } from './last-use.ts';
import { servicesNamed, trusts } from './service-trust.ts';
import { type Calls, CLOUDFORMATION, isForEveryResource, useBy } from './service-use.ts';
import { inOrder, isSure, type Way } from './way.ts';

/**
 * What runs under roles of a service, where a person sees under which role, and the calls by which somebody makes it do
 * what he wants without passing the role again.
 */
type Running = { things: string; seenBy: string; calls: Calls };

/**
 * The calls by which Systems Manager runs a document on instances or nodes; associations and tasks do so at set times, without
 * passing a role.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state.html
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RegisterTaskWithMaintenanceWindow.html
 */
const BY_SYSTEMS_MANAGER: Calls = [
  ['ssm:SendCommand'],
  ['ssm:StartSession'],
  ['ssm:CreateAssociation'],
  ['ssm:UpdateAssociation'],
  ['ssm:RegisterTaskWithMaintenanceWindow'],
  ['ssm:UpdateMaintenanceWindowTask'],
];

/**
 * The pages of the services in https://docs.aws.amazon.com/service-authorization/latest/reference/ and, for stacks,
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html (whoever may update a stack uses its role),
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-prereqs-self-managed.html
 */
const RUNNING: ReadonlyMap<string, Running> = new Map<string, Running>([
  [
    CLOUDFORMATION,
    {
      things: 'stacks',
      seenBy: 'aws cloudformation describe-stacks',
      calls: [
        ['cloudformation:UpdateStack'],
        ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
        ['cloudformation:UpdateStackSet'],
        ['cloudformation:CreateStackSet', 'cloudformation:CreateStackInstances'],
      ],
    },
  ],
  [
    'lambda.amazonaws.com',
    {
      things: 'functions',
      seenBy: 'aws lambda list-functions',
      calls: [['lambda:UpdateFunctionCode'], ['lambda:UpdateFunctionConfiguration']],
    },
  ],
  [
    'ec2.amazonaws.com',
    {
      things: 'instances',
      seenBy: 'aws ec2 describe-instances',
      calls: [
        ...BY_SYSTEMS_MANAGER,
        ['ec2-instance-connect:SendSSHPublicKey'],
        ['ec2-instance-connect:SendSerialConsoleSSHPublicKey'],
        ['ec2:ModifyInstanceAttribute', 'ec2:StopInstances', 'ec2:StartInstances'],
        ['ec2:CreateLaunchTemplateVersion', 'ec2:ModifyLaunchTemplate'],
        ['codedeploy:CreateDeployment'],
        ['elasticmapreduce:AddJobFlowSteps'],
      ],
    },
  ],
  [
    'ssm.amazonaws.com',
    {
      things: 'hybrid nodes',
      seenBy: 'aws ssm describe-instance-information',
      calls: BY_SYSTEMS_MANAGER,
    },
  ],
  [
    'glue.amazonaws.com',
    {
      things: 'jobs, sessions or endpoints',
      seenBy: 'aws glue get-jobs, list-sessions and get-dev-endpoints',
      calls: [['glue:StartJobRun'], ['glue:RunStatement'], ['glue:UpdateDevEndpoint']],
    },
  ],
  [
    'codebuild.amazonaws.com',
    {
      things: 'projects',
      seenBy: 'aws codebuild batch-get-projects',
      calls: [['codebuild:StartBuild'], ['codebuild:StartBuildBatch'], ['codebuild:UpdateProject']],
    },
  ],
  [
    'states.amazonaws.com',
    {
      things: 'state machines',
      seenBy: 'aws stepfunctions describe-state-machine',
      calls: [['states:UpdateStateMachine']],
    },
  ],
  [
    'ecs-tasks.amazonaws.com',
    {
      things: 'tasks or job definitions',
      seenBy: 'aws ecs describe-task-definition and aws batch describe-job-definitions',
      calls: [['ecs:ExecuteCommand'], ['batch:SubmitJob']],
    },
  ],
  [
    SAGEMAKER,
    {
      things: 'notebooks, domains or users of Studio',
      seenBy: 'aws sagemaker describe-notebook-instance, describe-domain and describe-user-profile',
      calls: [
        ['sagemaker:CreatePresignedNotebookInstanceUrl'],
        ['sagemaker:CreatePresignedDomainUrl'],
        ['sagemaker:StartSession'],
        ['sagemaker:UpdateNotebookInstanceLifecycleConfig'],
      ],
    },
  ],
  [
    'tasks.apprunner.amazonaws.com',
    {
      things: 'services of App Runner',
      seenBy: 'aws apprunner describe-service',
      calls: [['apprunner:UpdateService']],
    },
  ],
  [
    'bedrock-agentcore.amazonaws.com',
    {
      things: 'code interpreters',
      seenBy: 'aws bedrock-agentcore-control get-code-interpreter',
      calls: [['bedrock-agentcore:StartCodeInterpreterSession', 'bedrock-agentcore:InvokeCodeInterpreter']],
    },
  ],
  [
    'pods.eks.amazonaws.com',
    {
      things: 'pods',
      seenBy: 'aws eks list-pod-identity-associations',
      calls: [['eks:CreateAccessEntry', 'eks:AssociateAccessPolicy']],
    },
  ],
  [
    'rolesanywhere.amazonaws.com',
    {
      things: 'profiles of IAM Roles Anywhere',
      seenBy: 'aws rolesanywhere list-profiles',
      calls: [['rolesanywhere:CreateTrustAnchor'], ['rolesanywhere:UpdateTrustAnchor']],
    },
  ],
  [
    'amplify.amazonaws.com',
    {
      things: 'apps of Amplify',
      seenBy: 'aws amplify list-apps',
      calls: [['amplify:UpdateApp'], ['amplify:UpdateBranch']],
    },
  ],
  [
    'datapipeline.amazonaws.com',
    {
      things: 'data pipelines',
      seenBy: 'aws datapipeline get-pipeline-definition',
      calls: [['datapipeline:PutPipelineDefinition']],
    },
  ],
]);

/** An administrator’s role that a service can assume, or perhaps can. */
type Target = { role: AccountPrincipal; way: Way; trust: Answer };

/**
 * The ways by which a principal makes what runs already under an administrator’s role do what it wants: a function, say,
 * whose code it may replace. What runs in the account is not in the evidence. So a way is sure only if the role’s last use
 * shows that something runs under it, and the calls are allowed on whatever that is.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
 */
export const waysByRunning = (
  by: AccountPrincipal,
  principals: readonly AccountPrincipal[],
  known: ReadonlyMap<string, Way>,
  isToldOfItself: (roleArn: string) => boolean,
  shared: SharedWork,
): (() => Way | undefined)[] => {
  const { arn } = by.identity.principal;
  return [...targetsIn(principals)(known)].map(([service, targets]) => (): Way | undefined => {
    const running = RUNNING.get(canonicalName(service));
    const meant = targets.filter(
      ({ role: { identity }, way }) =>
        identity.principal.arn !== arn &&
        !isToldOfItself(identity.principal.arn) &&
        way.every((call) => call.by !== arn),
    );
    if (!running || meant.length === 0) return undefined;
    const use = useBy(by, running.calls, null, shared);
    if (use.answer === 'no' || !use.because) return undefined;
    const { because } = use;
    const sure = meant.find(
      ({ role, way, trust }) => trust === 'yes' && isSure(way) && lastUseBy(role, service, by) !== undefined,
    );
    const [target = sure] = sure ? [sure] : meant;
    if (!target) return undefined;
    const { role, way } = target;
    const lastUse = sure && lastUseBy(role, service, by);
    const isEnough =
      use.answer === 'yes' && lastUse !== undefined && isForEveryResource(by, because.actions, shared);
    const to = role.identity.principal.arn;
    const [action = ''] = because.actions;
    const told =
      lastUse === undefined
        ? `whether ${running.things} run under ${to} is not known`
        : `${running.things} run under ${to}, as ${service} alone can assume it and it was used on ${lastUse.slice(0, 10)}${isEnough ? '' : '; whether this call is allowed on them is not known'}`;
    const call: Call = {
      by: arn,
      action,
      isSure: isEnough,
      evidence: { at: because.why.at, found: `${because.why.found}; ${told}`, expected: EXPECTED },
      advice: `See whether ${running.things} run under ${to} (${running.seenBy}), or take ${because.actions.join(' or ')} from ${arn}.`,
    };
    return inOrder(call, way);
  });
};

const targetsIn = remembered((principals: readonly AccountPrincipal[]) =>
  rememberedPart((known: ReadonlyMap<string, Way>) => {
    const found = principals.flatMap((role) => {
      const way = known.get(role.identity.principal.arn);
      if (!way || role.identity.principal.kind !== 'role') return [];
      return servicesOf(role).flatMap((service) => {
        const trust = trusts(role, service);
        return trust === 'no' || !mayRun(role, service) ? [] : { service, target: { role, way, trust } };
      });
    });
    const grouped = groupBy(found, ({ service }) => service);
    return new Map<string, Target[]>(
      [...grouped].map(([service, of]) => [service, of.map(({ target }) => target)]),
    );
  }),
);

/** The services that the role’s trust policy names; all that are known if it may mean others too. */
const servicesOf = (role: AccountPrincipal): string[] => {
  const named = servicesNamed(role);
  const all = role.identity.principal.services ? named : [...new Set([...RUNNING.keys(), ...named])];
  return all.filter((service) => RUNNING.has(canonicalName(service)));
};

/**
 * Whether anything of the service may run under the role. Without an instance profile, no instance does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
 */
const mayRun = ({ identity }: AccountPrincipal, service: string): boolean =>
  !service.startsWith('ec2.') || identity.instanceProfiles !== 0;

/** When a role that this service alone can assume was last used, if this was lately. */
const lastUseBy = (role: AccountPrincipal, service: string, by: AccountPrincipal): string | undefined => {
  const { services = new Set() } = role.identity.principal;
  return services.size === 1 && services.has(service) ? usedLately(role, by) : undefined;
};
