import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-administrator.ts';
import { describedControl } from '../../../shared/controls/texts.ts';
import { NO_RECORDS } from '../../../shared/events/recorded-uses.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import {
  administratorGuardrail,
  GIVING,
  type GivingCall,
} from '../../../shared/policies/administrator-policy.ts';
import { controlCases, step, verdictsOf, withCommand } from '../../support/builders/control-cases.ts';
import { principalFacts, ROLE, type Stated, scpsOf } from '../../support/builders/principal-facts.ts';

const ACCOUNT = '111122223333';
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const user = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
const policy = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;
const allow = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: JsonObject,
): JsonObject => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (
  Action: string | string[],
  Resource: string | string[] = '*',
  Condition?: JsonObject,
): JsonObject => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});
const trusting = (...principals: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: principals }, Action: 'sts:AssumeRole' }],
});
const trustingService = (...services: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
});

const trustingProvider = (provider: string, Action: string, Condition: JsonObject = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Federated: provider }, Action, Condition }],
});

const EVERYTHING = [allow('*')];
const group = (name: string) => `arn:aws:iam::${ACCOUNT}:group/${name}`;
const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/people`;
const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/tokens.example.com`;
const ANA = user('ana');
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ADMIN = role('admin');
/** An administrator that any principal of the account may assume, if its own policies allow that. */
const openAdministrator = { [ADMIN]: { allow: EVERYTHING, trust: trusting(ROOT) } };
const closedAdministrator = {
  [ADMIN]: { allow: EVERYTHING, trust: trusting('arn:aws:iam::444455556666:root') },
};
const OWN = `${ROLE} own`;
const FRAUD = { fraud: { steps: [step('Train', 'Training')] } };
/** An administrator's role that a service alone can assume. */
const administratorOf = (service: string, more: Omit<Stated, 'others'> = {}) => ({
  others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService(service), ...more } },
});
const CODE = allow('lambda:UpdateFunctionCode');
const LATELY = '2026-11-20T10:00:00+00:00';
/** Calls, any of which takes over what runs under a role of the service. */
const RUNNING: [service: string, things: string, ...calls: string[][]][] = [
  [
    'cloudformation.amazonaws.com',
    'stacks',
    ['cloudformation:UpdateStack'],
    ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
    ['cloudformation:CreateStackSet', 'cloudformation:CreateStackInstances'],
    ['cloudformation:UpdateStackSet'],
  ],
  [
    'lambda.amazonaws.com',
    'functions',
    ['lambda:UpdateFunctionCode'],
    ['lambda:UpdateFunctionConfiguration'],
  ],
  [
    'ec2.amazonaws.com',
    'instances',
    ['ssm:SendCommand'],
    ['ssm:StartSession'],
    ['ec2-instance-connect:SendSSHPublicKey'],
    ['ec2:ModifyInstanceAttribute', 'ec2:StopInstances', 'ec2:StartInstances'],
    ['ssm:CreateAssociation'],
    ['ssm:UpdateAssociation'],
    ['ssm:RegisterTaskWithMaintenanceWindow'],
    ['elasticmapreduce:AddJobFlowSteps'],
    ['codedeploy:CreateDeployment'],
  ],
  ['ssm.amazonaws.com', 'hybrid nodes', ['ssm:SendCommand'], ['ssm:CreateAssociation']],
  ['glue.amazonaws.com', 'jobs', ['glue:StartJobRun'], ['glue:RunStatement'], ['glue:UpdateDevEndpoint']],
  [
    'codebuild.amazonaws.com',
    'projects',
    ['codebuild:StartBuild'],
    ['codebuild:StartBuildBatch'],
    ['codebuild:UpdateProject'],
  ],
  ['states.amazonaws.com', 'state machines', ['states:UpdateStateMachine']],
  ['ecs-tasks.amazonaws.com', 'tasks', ['ecs:ExecuteCommand'], ['batch:SubmitJob']],
  [
    'sagemaker.amazonaws.com',
    'notebooks',
    ['sagemaker:CreatePresignedNotebookInstanceUrl'],
    ['sagemaker:CreatePresignedDomainUrl'],
    ['sagemaker:UpdateNotebookInstanceLifecycleConfig'],
    ['sagemaker:StartSession'],
  ],
  ['tasks.apprunner.amazonaws.com', 'services of App Runner', ['apprunner:UpdateService']],
  [
    'bedrock-agentcore.amazonaws.com',
    'code interpreters',
    ['bedrock-agentcore:StartCodeInterpreterSession', 'bedrock-agentcore:InvokeCodeInterpreter'],
  ],
  ['pods.eks.amazonaws.com', 'pods', ['eks:CreateAccessEntry', 'eks:AssociateAccessPolicy']],
  ['rolesanywhere.amazonaws.com', 'profiles', ['rolesanywhere:CreateTrustAnchor']],
  ['amplify.amazonaws.com', 'apps of Amplify', ['amplify:UpdateApp']],
  ['datapipeline.amazonaws.com', 'data pipelines', ['datapipeline:PutPipelineDefinition']],
];
const takeovers = RUNNING.flatMap(([service, things, ...lists]) =>
  lists.map((calls) => ({ service, things, calls })),
);

const stack = (name: string) => `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/${name}`;
const viaCloudFormation = (operator: string) => ({
  [operator]: { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
});

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: (stated) => ({
      facts: principalFacts({ pipelines: FRAUD, ...stated }),
      config: stated.config ?? {},
    }),
    passes: {
      'it makes roles of some names and writes those of others': {
        allow: [
          allow('iam:CreateRole', [role('app-*'), role('web-*')]),
          allow('iam:PutRolePolicy', [role('svc-*'), role('app')]),
        ],
      },
      'it makes roles and writes some, of which a Deny takes those that it makes': {
        allow: [
          allow('iam:CreateRole', role('app-*')),
          allow('iam:PutRolePolicy', role('*-svc')),
          deny('iam:PutRolePolicy', role('app*')),
        ],
      },
      'IAM by CloudFormation, and it can make no stack of its own permissions': {
        allow: [
          allow('iam:*', '*', viaCloudFormation('ForAnyValue:StringEquals')),
          allow('cloudformation:CreateStack', stack('team-*/*'), {
            StringEquals: { 'cloudformation:RoleArn': role('deploy') },
          }),
        ],
      },
      'it may replace the code of functions, and no administrator’s role is for functions': {
        allow: [CODE],
        ...administratorOf('ec2.amazonaws.com', { lastUsed: LATELY, instanceProfiles: 1 }),
      },
      'it may send commands to instances, and none has the administrator’s role': {
        allow: [allow(['ssm:SendCommand', 'ssm:StartSession'])],
        ...administratorOf('ec2.amazonaws.com', { instanceProfiles: 0 }),
      },
      'it may replace the code of functions, which a Deny takes': {
        allow: [CODE, deny('lambda:Update*')],
        ...administratorOf('lambda.amazonaws.com', { lastUsed: LATELY }),
      },
      'it may update stacks under another role alone': {
        allow: [
          allow('cloudformation:UpdateStack', '*', {
            StringEquals: { 'cloudformation:RoleArn': role('etl-deploy') },
          }),
        ],
        ...administratorOf('cloudformation.amazonaws.com', { lastUsed: LATELY }),
      },
      'it may open notebooks, and the administrator’s role is one of pipelines, which is told of itself': {
        allow: [allow('sagemaker:CreatePresignedNotebookInstanceUrl')],
        config: { roles: { execution: [ADMIN] } },
        ...administratorOf('sagemaker.amazonaws.com', { lastUsed: LATELY }),
      },
      'it may invoke functions and start executions of those that run under an administrator’s role': {
        allow: [allow(['lambda:InvokeFunction', 'states:StartExecution', 'ecs:RunTask', 'sqs:*'])],
        others: {
          [ADMIN]: {
            allow: EVERYTHING,
            trust: trustingService('lambda.amazonaws.com', 'states.amazonaws.com', 'ecs-tasks.amazonaws.com'),
          },
        },
      },
      'what a pipeline needs': {
        allow: [allow('sagemaker:CreateTrainingJob'), allow('iam:PassRole', role('steps/*'))],
        others: openAdministrator,
      },
      'an administrator’s role that it may pass to a service which it cannot put to work': {
        allow: [
          allow('s3:GetObject'),
          allow('iam:PassRole', ADMIN, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('lambda.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'an administrator’s role that it may pass to a service which cannot assume it': {
        allow: [
          allow('lambda:*'),
          allow('iam:PassRole', ADMIN, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('ec2.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'it may write policies of a user, and get no credentials of hers': {
        allow: [allow(['iam:PutUserPolicy', 'iam:CreateUser'])],
        others: { [user('ana')]: {} },
      },
      'it may make notebooks, and open none': {
        allow: [allow('sagemaker:CreateNotebookInstance'), allow('iam:PassRole', ADMIN)],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('sagemaker.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'it may write policies of another role that it cannot use': {
        allow: [allow('iam:PutRolePolicy', role('other'))],
        others: { [role('other')]: { trust: trustingService('lambda.amazonaws.com') } },
      },
      'it may write its own policies, and a Deny takes that away': {
        allow: [allow('iam:PutRolePolicy', ROLE), deny('iam:*')],
      },
      'it may write its own policies, within a boundary that it cannot lift': {
        allow: [allow(['iam:PutRolePolicy', 'iam:AttachRolePolicy'], ROLE)],
        boundary: [allow(['iam:PutRolePolicy', 'iam:AttachRolePolicy'], ROLE), allow('s3:*')],
      },
      'it may write its own policies, which an SCP keeps from everybody': {
        allow: [allow('iam:PutRolePolicy', ROLE)],
        organization: scpsOf(deny('iam:Put*')),
      },
      'it may attach one harmless policy to itself': {
        allow: [
          allow('iam:AttachRolePolicy', ROLE, {
            ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
          }),
        ],
      },
      'it may write a version of a policy that it does not have': {
        allow: [allow('iam:CreatePolicyVersion', policy('others'))],
        attached: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } },
      },
      'the administrator trusts another account alone': {
        allow: [allow('sts:AssumeRole')],
        others: closedAdministrator,
      },
      'the administrator trusts the account, and nothing allows the role to assume it': {
        allow: [allow('sts:AssumeRole', role('readers-*'))],
        others: openAdministrator,
      },
      'it may assume a role that is no administrator': {
        allow: [allow('sts:AssumeRole')],
        others: { [role('reader')]: { allow: [allow('s3:GetObject')], trust: trusting(ROOT) } },
      },
      'it may make roles with a boundary alone': {
        allow: [
          allow(['iam:CreateRole', 'iam:PutRolePolicy'], role('made-*'), {
            ArnEquals: { 'iam:PermissionsBoundary': policy('boundary') },
          }),
        ],
      },
      'IAM by CloudFormation alone, and it can make no stack': {
        allow: [allow('iam:*', '*', viaCloudFormation('ForAnyValue:StringEquals'))],
      },
      'it may make keys of a user who is no administrator': {
        allow: [allow('iam:CreateAccessKey', user('*'))],
        others: { [user('ann')]: { allow: [allow('s3:GetObject')] } },
      },
      'it may write roles that are tagged for others': {
        allow: [allow('iam:PutRolePolicy', '*', { StringEquals: { 'iam:ResourceTag/team': 'ops' } })],
        tags: { team: 'fraud' },
        pipelines: FRAUD,
        others: { [role('ops')]: { tags: { team: 'ops' }, trust: trustingService('lambda.amazonaws.com') } },
      },
      'an administrator’s role that it may pass to a service of which it may make no call': {
        allow: [allow('iam:PassRole', ADMIN), allow(['s3:*', 'iotsitewise:*'])],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('credentials.iot.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'an administrator’s role that it may pass to a service of which a Deny takes every call': {
        allow: [allow('iam:PassRole', ADMIN), allow(['iot:*']), deny('iot:*')],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('credentials.iot.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'an administrator’s role that it may pass to a service, of which the boundary has no call': {
        allow: [allow('iam:PassRole', ADMIN), allow('greengrass:*')],
        boundary: [allow(['iam:PassRole', 's3:*'])],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('greengrass.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'it may write policies of a group, and act as none of its users': {
        allow: [allow(['iam:PutGroupPolicy', 'iam:AttachGroupPolicy', 'iam:AddUserToGroup'])],
        others: { [ANA]: { groups: { staff: [allow('s3:GetObject')] } } },
      },
      'it may put a user whose key it makes into groups that are no administrators': {
        allow: [allow(['iam:AddUserToGroup', 'iam:CreateAccessKey', 'iam:CreateUser'])],
        emptyGroups: { readers: [allow('s3:GetObject')] },
        others: { [ANA]: {} },
      },
      'the group of administrators takes users, and this user has a boundary that stays': {
        allow: [allow(['iam:AddUserToGroup', 'iam:CreateAccessKey'])],
        emptyGroups: { admins: EVERYTHING },
        others: { [ANA]: { boundary: [allow('s3:*')] } },
      },
      'it may change an identity provider whom no administrator trusts': {
        allow: [allow(['iam:UpdateSAMLProvider', 'iam:CreateSAMLProvider'], SAML)],
        others: {
          [role('reader')]: {
            allow: [allow('s3:GetObject')],
            trust: trustingProvider(SAML, 'sts:AssumeRoleWithSAML'),
          },
          [ADMIN]: { allow: EVERYTHING, trust: trustingProvider(`${SAML}-2`, 'sts:AssumeRoleWithSAML') },
        },
      },
      'it may choose versions of its policy, which are all harmless': {
        allow: [allow('iam:SetDefaultPolicyVersion')],
        attached: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } },
        otherVersions: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:*')] } },
      },
      'it may take away a Deny, and has no more then': {
        allow: [allow(['iam:DetachRolePolicy', 's3:*'])],
        attached: { [policy('limits')]: { Version: '2012-10-17', Statement: [deny('s3:PutObject')] } },
      },
      'it may lift its boundary, and has no more then': {
        allow: [allow(['iam:DeleteRolePermissionsBoundary', 's3:*'], '*')],
        boundary: [allow(['iam:DeleteRolePermissionsBoundary', 's3:Get*'])],
      },
      'it may tag itself, and no policy asks for tags': {
        allow: [allow(['iam:TagRole', 'iam:UntagRole']), allow('s3:*')],
      },
    },
    fails: {
      'a role that writes its own policies, which it passes to a function of its own': {
        allow: [allow('lambda:CreateFunction'), allow('iam:PassRole', role('tool'))],
        others: {
          [role('tool')]: {
            allow: [allow('iam:PutRolePolicy', role('tool'))],
            trust: trustingService('lambda.amazonaws.com'),
          },
        },
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `iam:PassRole on ${role('tool')} to lambda.amazonaws.com`],
            [role('tool'), 'it becomes an administrator, and lambda.amazonaws.com can assume it'],
            [`${role('tool')} own/Statement/0`, `iam:PutRolePolicy on ${role('tool')}`],
          ],
          isMended: false,
        },
      },
      'the code of functions that run under an administrator’s role': {
        allow: [CODE],
        ...administratorOf('lambda.amazonaws.com', { lastUsed: LATELY }),
        told: {
          evidence: [
            [
              `${OWN}/Statement/0`,
              `allows lambda:UpdateFunctionCode on a resource; functions run under ${ADMIN}, as lambda.amazonaws.com alone can assume it and it was used on 2026-11-20`,
            ],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy on any role'],
          ],
          remedy: 'No command is given, because nobody else can tell what else',
          isMended: false,
        },
      },
      'stacks that the CDK deploys under an administrator’s role': {
        allow: [allow(['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'])],
        ...administratorOf('cloudformation.amazonaws.com', { lastUsed: LATELY }),
        told: {
          evidence: [
            [`${OWN}/Statement/0`, 'stacks run under'],
            [`${ADMIN} own/Statement/0`, ''],
          ],
          isMended: false,
        },
      },
      'commands on instances, by the instances alone': {
        allow: [
          allow('ssm:SendCommand', [
            `arn:aws:ec2:*:${ACCOUNT}:instance/*`,
            'arn:aws:ssm:*::document/AWS-RunShellScript',
          ]),
        ],
        ...administratorOf('ec2.amazonaws.com', { lastUsed: LATELY, instanceProfiles: 1 }),
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `instances run under ${ADMIN}`],
            [`${ADMIN} own/Statement/0`, ''],
          ],
          isMended: false,
        },
      },
      'stack sets, by a role that assumes an administrator’s role': {
        allow: [allow(['cloudformation:CreateStackSet', 'cloudformation:CreateStackInstances'])],
        others: {
          [role('AWSCloudFormationStackSetAdministrationRole')]: {
            allow: [allow('sts:AssumeRole', role('AWSCloudFormationStackSetExecutionRole'))],
            trust: trustingService('cloudformation.amazonaws.com'),
            lastUsed: LATELY,
          },
          [role('AWSCloudFormationStackSetExecutionRole')]: {
            allow: EVERYTHING,
            trust: trusting(ROOT),
          },
        },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `stacks run under ${role('AWSCloudFormationStackSetAdministrationRole')}`],
            [`${role('AWSCloudFormationStackSetAdministrationRole')} own/Statement/0`, 'sts:AssumeRole'],
            [`${role('AWSCloudFormationStackSetExecutionRole')} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
          isMended: false,
        },
      },
      'the policy of a group, and a key of its user': {
        allow: [allow('iam:PutGroupPolicy', group('staff')), allow('iam:CreateAccessKey', ANA)],
        others: { [ANA]: { groups: { staff: [allow('s3:GetObject')] } } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:PutGroupPolicy on ${group('staff')}`],
          [`${OWN}/Statement/1`, `iam:CreateAccessKey on ${ANA}`],
        ),
      },
      'AdministratorAccess for a group, and the password of its user': {
        allow: [allow(['iam:AttachGroupPolicy', 'iam:UpdateLoginProfile'])],
        others: { [ANA]: { groups: { staff: [allow('s3:GetObject')] } } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:AttachGroupPolicy on ${group('staff')}`],
          [`${OWN}/Statement/0`, `iam:UpdateLoginProfile on ${ANA}`],
        ),
      },
      'a user whom it puts into the group of administrators': {
        allow: [allow(['iam:AddUserToGroup', 'iam:CreateAccessKey'])],
        emptyGroups: { admins: EVERYTHING },
        others: { [ANA]: {} },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:AddUserToGroup on ${group('admins')}`],
          [`${group('admins')} own/Statement/0`, 'iam:PutRolePolicy on any role'],
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
        ),
      },
      'a user whom it puts into a group that it writes': {
        allow: [allow(['iam:AddUserToGroup', 'iam:PutGroupPolicy', 'iam:CreateAccessKey'])],
        emptyGroups: { readers: [allow('s3:GetObject')] },
        others: { [ANA]: {} },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:AddUserToGroup on ${group('readers')}`],
          [`${OWN}/Statement/0`, `iam:PutGroupPolicy on ${group('readers')}`],
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
        ),
      },
      'a new user in the group of administrators': {
        allow: [
          allow(['iam:CreateUser', 'iam:CreateAccessKey'], user('made-*')),
          allow('iam:AddUserToGroup', group('admins')),
        ],
        emptyGroups: { admins: EVERYTHING },
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateUser'],
          [`${OWN}/Statement/0`, 'iam:CreateAccessKey'],
          [`${OWN}/Statement/1`, `iam:AddUserToGroup on ${group('admins')}`],
        ),
      },
      'a new user in a new group': {
        allow: [
          allow([
            'iam:CreateUser',
            'iam:CreateLoginProfile',
            'iam:CreateGroup',
            'iam:AddUserToGroup',
            'iam:AttachGroupPolicy',
          ]),
        ],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateUser'],
          [`${OWN}/Statement/0`, 'iam:CreateLoginProfile'],
          [`${OWN}/Statement/0`, 'iam:CreateGroup'],
          [`${OWN}/Statement/0`, 'iam:AddUserToGroup'],
          [`${OWN}/Statement/0`, 'iam:AttachGroupPolicy'],
        ),
      },
      'a key of a user who writes her own policies': {
        allow: [allow('iam:CreateAccessKey', ANA)],
        others: { [ANA]: { allow: [allow('iam:PutUserPolicy', ANA)] } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
          [`${ANA} own/Statement/0`, `iam:PutUserPolicy on ${ANA}`],
        ),
      },
      'a key of a user who writes the policies of her group': {
        allow: [allow('iam:CreateAccessKey', ANA)],
        others: { [ANA]: { groups: { staff: [allow('iam:AttachGroupPolicy', group('staff'))] } } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
          [`${group('staff')} own/Statement/0`, `iam:AttachGroupPolicy on ${group('staff')}`],
        ),
      },
      'a user whose boundary it lifts, whose policies it writes, and whose key it makes': {
        allow: [allow(['iam:PutUserPolicy', 'iam:DeleteUserPermissionsBoundary', 'iam:CreateAccessKey'])],
        others: { [ANA]: { boundary: [allow('s3:*')] } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:PutUserPolicy on ${ANA}`],
          [`${OWN}/Statement/0`, `iam:DeleteUserPermissionsBoundary on ${ANA}`],
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
        ),
      },
      'the metadata of a SAML provider whom an administrator’s role trusts': {
        allow: [allow('iam:UpdateSAMLProvider')],
        others: {
          [ADMIN]: {
            allow: EVERYTHING,
            trust: trustingProvider(SAML, 'sts:AssumeRoleWithSAML', {
              StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' },
            }),
          },
        },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:UpdateSAMLProvider on ${SAML}, whose users may assume ${ADMIN}`],
          [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'a permission set’s role, by the SAML provider of IAM Identity Center': {
        allow: [allow('iam:UpdateSAMLProvider', `arn:aws:iam::${ACCOUNT}:saml-provider/*`)],
        others: {
          [role('aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef')]: {
            allow: EVERYTHING,
            trust: trustingProvider(
              `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123_DO_NOT_DELETE`,
              'sts:*',
            ),
          },
        },
        told: withCommand(
          [`${OWN}/Statement/0`, 'AWSSSO_0123_DO_NOT_DELETE'],
          [
            `${role('aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef')} own/Statement/0`,
            '',
          ],
        ),
      },
      'everything, within a boundary that it can take away': {
        allow: EVERYTHING,
        boundary: [allow(['iam:DeleteRolePermissionsBoundary', 's3:*'])],
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:DeleteRolePermissionsBoundary on ${ROLE}`],
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'everything, within a boundary that it can replace': {
        allow: EVERYTHING,
        boundary: [allow('iam:PutRolePermissionsBoundary', ROLE)],
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:PutRolePermissionsBoundary on ${ROLE}`],
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'the policies of a user who perhaps is an administrator already': {
        allow: [allow(['iam:PutUserPolicy', 'iam:CreateAccessKey'])],
        others: {
          [ANA]: {
            allow: [allow('iam:PutRolePolicy', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })],
          },
        },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:PutUserPolicy on ${ANA}`],
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${ANA}`],
        ),
      },
      'its own policies, after it took its boundary away': {
        allow: [allow(['iam:PutRolePolicy', 'iam:DeleteRolePermissionsBoundary'], ROLE)],
        boundary: [allow('iam:DeleteRolePermissionsBoundary')],
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:DeleteRolePermissionsBoundary on ${ROLE}`],
          [`${OWN}/Statement/0`, `iam:PutRolePolicy on ${ROLE}`],
        ),
      },
      'a Deny that it can take away from itself': {
        allow: [allow(['iam:DetachRolePolicy', 'iam:PutRolePolicy'])],
        attached: { [policy('limits')]: { Version: '2012-10-17', Statement: [deny('iam:PutRolePolicy')] } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:DetachRolePolicy on ${ROLE}`],
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'a version of its policy that is not in force, and allows everything': {
        allow: [allow('iam:SetDefaultPolicyVersion', policy('own'))],
        attached: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } },
        otherVersions: { [policy('own')]: { Version: '2012-10-17', Statement: EVERYTHING } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:SetDefaultPolicyVersion on ${policy('own')}`],
          [`${policy('own')}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      AdministratorAccess: {
        attached: {
          'arn:aws:iam::aws:policy/AdministratorAccess': { Version: '2012-10-17', Statement: EVERYTHING },
        },
        told: {
          severity: 'CRITICAL',
          evidence: [
            ['arn:aws:iam::aws:policy/AdministratorAccess/Statement/0', 'iam:PutRolePolicy on any role'],
          ],
        },
      },
      'an administrator that CloudTrail shows in use beyond its pipelines': {
        allow: EVERYTHING,
        recorded: {
          ...NO_RECORDS,
          records: 3,
          uses: [
            { action: 'glue:GetTable', keys: {}, times: 3, last: '2026-11-20T10:00:00Z' },
            { action: 'sagemaker:CreateTrainingJob', keys: {}, times: 3 },
          ],
        },
        told: {
          severity: 'CRITICAL',
          evidence: [[`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role']],
          remedy:
            'no pipeline is known to need: glue:GetTable on a resource that is not told (3 times, last at 2026-11-20T10:00:00Z). Ask first who else uses it',
        },
      },
      'a role that only the configuration names': {
        pipelines: {},
        config: { roles: { execution: [role('pipelines/*')] } },
        allow: EVERYTHING,
        told: { severity: 'CRITICAL', evidence: [[`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role']] },
      },
      'an administrator’s role that it passes to a function of its own': {
        allow: [
          allow('lambda:CreateFunction'),
          allow('lambda:InvokeFunction'),
          allow('iam:PassRole', ADMIN, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('lambda.amazonaws.com') } },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/2`, `iam:PassRole on ${ADMIN} to lambda.amazonaws.com`],
            [ADMIN, 'lambda.amazonaws.com can assume it'],
          ],
          isMended: false,
        },
      },
      'an administrator’s role for a notebook of its own': {
        allow: [
          allow(['sagemaker:CreateNotebookInstance', 'sagemaker:CreatePresignedNotebookInstanceUrl']),
          allow('iam:PassRole', ADMIN, {
            StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
          }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('sagemaker.amazonaws.com') } },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `${ADMIN} to sagemaker.amazonaws.com`],
            [ADMIN, ''],
          ],
          isMended: false,
        },
      },
      'an administrator’s role for a cluster of its own': {
        allow: [allow('sagemaker:CreateCluster'), allow('iam:PassRole', ADMIN)],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('sagemaker.amazonaws.com') } },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `${ADMIN} to sagemaker.amazonaws.com`],
            [ADMIN, ''],
          ],
          isMended: false,
        },
      },
      'a new user, with every permission and a key': {
        allow: [allow(['iam:CreateUser', 'iam:AttachUserPolicy', 'iam:CreateAccessKey'])],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateUser'],
          [`${OWN}/Statement/0`, 'iam:AttachUserPolicy'],
          [`${OWN}/Statement/0`, 'iam:CreateAccessKey'],
        ),
      },
      'a new user, whose names one statement limits and the others do not': {
        allow: [allow('iam:CreateUser', user('team-*')), allow(['iam:PutUserPolicy', 'iam:CreateAccessKey'])],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateUser'],
          [`${OWN}/Statement/1`, 'iam:PutUserPolicy'],
          [`${OWN}/Statement/1`, 'iam:CreateAccessKey'],
        ),
      },
      'a user whose policies it writes, and whose password it sets': {
        allow: [allow(['iam:PutUserPolicy', 'iam:CreateLoginProfile'], user('ana'))],
        others: { [user('ana')]: {} },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:PutUserPolicy on ${user('ana')}`],
          [`${OWN}/Statement/0`, `iam:CreateLoginProfile on ${user('ana')}`],
        ),
      },
      'its own inline policies': {
        allow: [allow('iam:PutRolePolicy', ROLE)],
        told: withCommand([`${OWN}/Statement/0`, `allows iam:PutRolePolicy on ${ROLE}`]),
      },
      'AdministratorAccess, attached to itself': {
        allow: [allow('iam:AttachRolePolicy', role('pipelines/*'))],
        told: withCommand([`${OWN}/Statement/0`, `allows iam:AttachRolePolicy on ${ROLE}`]),
      },
      'its own policies, within a boundary that it can take away': {
        allow: [allow(['iam:PutRolePolicy', 'iam:DeleteRolePermissionsBoundary'], ROLE)],
        boundary: [allow(['iam:*', 's3:*'], ROLE)],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy'],
          [`${OWN}/Statement/0`, 'iam:DeleteRolePermissionsBoundary'],
        ),
      },
      'a new version of a policy that it has': {
        allow: [allow('iam:CreatePolicyVersion', policy('own'))],
        attached: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } },
        told: withCommand([`${OWN}/Statement/0`, `iam:CreatePolicyVersion on ${policy('own')}`]),
      },
      'an administrator’s role that it can assume': {
        allow: [allow('sts:AssumeRole')],
        others: openAdministrator,
        told: withCommand(
          [`${OWN}/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
          [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'an administrator’s role that trusts it by name': {
        allow: [allow('s3:GetObject')],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trusting(ROLE) } },
        told: withCommand(
          [`trust policy of ${ADMIN}/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
          [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
        ),
      },
      'a role that assumes a role that assumes an administrator': {
        allow: [allow('sts:AssumeRole', role('deploy'))],
        others: {
          ...openAdministrator,
          [role('deploy')]: { allow: [allow('sts:AssumeRole')], trust: trusting(ROOT) },
        },
        told: withCommand(
          [`${OWN}/Statement/0`, `sts:AssumeRole on ${role('deploy')}`],
          [`${role('deploy')} own/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
          [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
        ),
      },
      'the trust of an administrator, which it can change': {
        allow: [allow('iam:UpdateAssumeRolePolicy')],
        others: closedAdministrator,
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:UpdateAssumeRolePolicy on ${ADMIN}`],
          [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
        ),
      },
      'a role that it can both change and assume': {
        allow: [allow(['iam:AttachRolePolicy', 'sts:AssumeRole'], role('tool'))],
        others: { [role('tool')]: { trust: trusting(ROOT) } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:AttachRolePolicy on ${role('tool')}`],
          [`${OWN}/Statement/0`, `sts:AssumeRole on ${role('tool')}`],
        ),
      },
      'keys of a user who is an administrator': {
        allow: [allow('iam:CreateAccessKey', user('*'))],
        others: { [user('root-like')]: { allow: EVERYTHING } },
        told: withCommand(
          [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${user('root-like')}`],
          [`${user('root-like')} own/Statement/0`, 'iam:PutRolePolicy'],
        ),
      },
      'a new role, whose name statements mean together alone': {
        allow: [allow('iam:CreateRole', role('app-*')), allow('iam:PutRolePolicy', role('*-svc'))],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateRole on arn:aws:iam::111122223333:role/app-'],
          [`${OWN}/Statement/1`, 'iam:PutRolePolicy on arn:aws:iam::111122223333:role/app-'],
        ),
      },
      'a new user, whose name statements mean together alone': {
        allow: [
          allow('iam:CreateUser', user('a*')),
          allow('iam:AttachUserPolicy', user('*b')),
          allow('iam:CreateAccessKey', user('?*c?*')),
        ],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateUser'],
          [`${OWN}/Statement/1`, 'iam:AttachUserPolicy'],
          [`${OWN}/Statement/2`, 'iam:CreateAccessKey'],
        ),
      },
      'IAM by CloudFormation, and it can make stacks of some names': {
        allow: [
          allow('iam:*', '*', viaCloudFormation('ForAnyValue:StringEquals')),
          allow('cloudformation:CreateStack', stack('team-*/*')),
        ],
        told: withCommand(
          [`${OWN}/Statement/1`, 'cloudformation:CreateStack'],
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
      'a new role without a boundary': {
        allow: [allow(['iam:CreateRole', 'iam:AttachRolePolicy'], role('made-*'))],
        told: withCommand(
          [`${OWN}/Statement/0`, 'iam:CreateRole'],
          [`${OWN}/Statement/0`, 'iam:AttachRolePolicy'],
        ),
      },
      'IAM by CloudFormation, and it can make stacks': {
        allow: [
          allow('iam:*', '*', viaCloudFormation('ForAnyValue:StringEquals')),
          allow('cloudformation:CreateStack'),
        ],
        told: withCommand(
          [`${OWN}/Statement/1`, 'cloudformation:CreateStack'],
          [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
        ),
      },
    },
    isNotAvailable: {
      ...Object.fromEntries(
        takeovers.map(({ service, things, calls }) => [
          `${calls.join(' and ')}, where ${things} may run under an administrator’s role`,
          {
            allow: [allow(calls)],
            ...administratorOf(service),
            told: {
              severity: 'MEDIUM' as const,
              evidence: [
                [`${OWN}/Statement/0`, `allows ${calls[0]} on a resource; whether ${things}`],
                [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy on any role'],
              ] as [string, string][],
              remedy: `See whether ${things}`,
            },
          },
        ]),
      ),
      'the code of some functions, which may run under an administrator’s role that is used': {
        allow: [allow('lambda:UpdateFunctionCode', `arn:aws:lambda:*:${ACCOUNT}:function:fraud-*`)],
        ...administratorOf('lambda.amazonaws.com', { lastUsed: LATELY }),
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'whether this call is allowed on them is not known'],
            [`${ADMIN} own/Statement/0`, ''],
          ],
          remedy: 'aws lambda list-functions',
        },
      },
      'the code of functions, and an administrator’s role that somebody else can use as well': {
        allow: [CODE],
        others: {
          [ADMIN]: {
            allow: EVERYTHING,
            trust: trustingService('lambda.amazonaws.com', 'ec2.amazonaws.com'),
            lastUsed: LATELY,
          },
        },
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, `whether functions run under ${ADMIN} is not known`],
            [`${ADMIN} own/Statement/0`, ''],
          ],
        },
      },
      'the code of functions, and an administrator’s role that was used long ago': {
        allow: [CODE],
        actsAt: '2026-11-29T08:00:00Z',
        ...administratorOf('lambda.amazonaws.com', { lastUsed: '2026-03-01T10:00:00Z' }),
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'is not known'],
            [`${ADMIN} own/Statement/0`, ''],
          ],
        },
      },
      'the code of functions, under a condition that nobody can answer': {
        allow: [allow('lambda:UpdateFunctionCode', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } })],
        ...administratorOf('lambda.amazonaws.com', { lastUsed: LATELY }),
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'aws:MultiFactorAuthPresent'],
            [`${ADMIN} own/Statement/0`, ''],
          ],
        },
      },
      ...Object.fromEntries(
        [
          allow('iot:Create*'),
          allow('i*:Create*'),
          { Effect: 'Allow', NotAction: ['iam:*', 'sagemaker:*'], Resource: '*' },
        ].map((statement) => [
          `an administrator’s role for a service, with ${JSON.stringify(statement)}`,
          {
            allow: [allow('iam:PassRole', ADMIN), statement],
            others: {
              [ADMIN]: { allow: EVERYTHING, trust: trustingService('credentials.iot.amazonaws.com') },
            },
            administrators: [ADMIN],
            told: {
              evidence: [[`${OWN}/Statement/0`, 'whether it can put the service to work is not known']] as [
                string,
                string,
              ][],
            },
          },
        ]),
      ),
      'a SAML provider that perhaps is not there, and whom an administrator’s role trusts': {
        allow: [allow('iam:CreateSAMLProvider')],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingProvider(SAML, 'sts:AssumeRoleWithSAML') } },
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, `${ADMIN}; whether this is enough to sign in is not known`],
            [`${ADMIN} own/Statement/0`, ''],
          ],
        },
      },
      'a SAML provider for networks alone': {
        allow: [allow('iam:UpdateSAMLProvider')],
        others: {
          [ADMIN]: {
            allow: EVERYTHING,
            trust: trustingProvider(SAML, 'sts:AssumeRoleWithSAML', {
              IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
            }),
          },
        },
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'iam:UpdateSAMLProvider'],
            [`${ADMIN} own/Statement/0`, ''],
          ],
        },
      },
      ...Object.fromEntries(
        [
          'iam:AddClientIDToOpenIDConnectProvider',
          'iam:UpdateOpenIDConnectProviderThumbprint',
          'iam:CreateOpenIDConnectProvider',
        ].map((action) => [
          `${action} on a provider whom an administrator’s role trusts`,
          {
            allow: [allow(action)],
            others: {
              [ADMIN]: { allow: EVERYTHING, trust: trustingProvider(OIDC, 'sts:AssumeRoleWithWebIdentity') },
            },
            told: {
              severity: 'MEDIUM' as const,
              evidence: [
                [`${OWN}/Statement/0`, `${action} on ${OIDC}`],
                [`${ADMIN} own/Statement/0`, ''],
              ] as [string, string][],
            },
          },
        ]),
      ),
      'a tag that it can give itself, by which it may be an administrator': {
        allow: [
          allow('iam:TagRole', ROLE),
          allow('iam:PutRolePolicy', '*', { StringEquals: { 'aws:PrincipalTag/rank': 'admin' } }),
        ],
        tags: { team: 'fraud' },
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, `iam:TagRole on ${ROLE}`],
            [`${OWN}/Statement/1`, 'aws:PrincipalTag/rank'],
          ],
        },
      },
      'a new user, under a condition that nobody can answer': {
        allow: [
          allow(['iam:CreateUser', 'iam:CreateAccessKey']),
          allow('iam:AttachUserPolicy', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
        ],
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateUser'],
            [`${OWN}/Statement/1`, 'aws:MultiFactorAuthPresent'],
            [`${OWN}/Statement/0`, 'iam:CreateAccessKey'],
          ],
        },
      },
      'a new role, under a condition that nobody can answer': {
        allow: [
          allow('iam:CreateRole'),
          allow('iam:PutRolePolicy', role('other/*'), { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
        ],
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateRole'],
            [`${OWN}/Statement/1`, 'aws:MultiFactorAuthPresent'],
          ],
        },
      },
      'a role that perhaps is none, and passes to a function of its own what becomes an administrator': {
        allow: [allow(['lambda:CreateFunction']), allow('iam:PassRole', role('tool'))],
        others: {
          [role('tool')]: {
            allow: [allow('iam:PutRolePolicy', role('tool'), { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })],
            trust: trustingService('lambda.amazonaws.com'),
          },
        },
        told: { evidence: [[`${OWN}/Statement/1`, `${role('tool')} to lambda.amazonaws.com`]] },
      },
      'associations of a document of AWS on instances that may run under an administrator’s role': {
        allow: [
          allow('ssm:CreateAssociation', [
            'arn:aws:ssm:*::document/AWS-RunShellScript',
            'arn:aws:ec2:*:*:instance/*',
          ]),
        ],
        ...administratorOf('ec2.amazonaws.com'),
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, `whether instances run under ${ADMIN} is not known`],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
        },
      },
      'role templates of some names': {
        allow: [allow('iam:AcquireRole', 'arn:aws:iam::aws:role-template/sagemaker*')],
        told: {
          severity: 'MEDIUM',
          evidence: [[`${OWN}/Statement/0`, 'what the roles of the templates may do is not known']],
        },
      },
      'a new role, whose name statements mean together alone, under a condition that nobody can answer': {
        allow: [
          allow('iam:CreateRole', role('app-*')),
          allow('iam:PutRolePolicy', role('*-svc'), { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
        ],
        told: {
          severity: 'MEDIUM',
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateRole'],
            [`${OWN}/Statement/1`, 'aws:MultiFactorAuthPresent'],
          ],
        },
      },
      'a role template': {
        allow: [allow('iam:AcquireRole')],
        told: {
          severity: 'MEDIUM',
          evidence: [[`${OWN}/Statement/0`, 'what the roles of the templates may do is not known']],
        },
      },
      'its own policies, under a condition that nobody can answer': {
        allow: [allow('iam:PutRolePolicy', ROLE, { StringEquals: { 'aws:SourceVpc': 'vpc-1' } })],
        told: { severity: 'MEDIUM', evidence: [[`${OWN}/Statement/0`, 'aws:SourceVpc']] },
      },
    },
    isNotApplicable: {
      'it can create jobs, passes an administrator’s role, and may change what perhaps runs under it, which pass-role-scoped tells':
        {
          allow: [
            allow('lambda:*'),
            allow('sagemaker:CreateTrainingJob'),
            allow('iam:PassRole', ADMIN, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
          ],
          others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('lambda.amazonaws.com') } },
          administrators: [ADMIN],
        },
      'it can create jobs, and passes an administrator’s role to SageMaker, which pass-role-scoped tells': {
        allow: [
          allow('sagemaker:CreateTrainingJob'),
          allow('iam:PassRole', ADMIN, {
            StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
          }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('sagemaker.amazonaws.com') } },
        administrators: [ADMIN],
      },
      'an administrator that no pipeline uses': { pipelines: {}, allow: EVERYTHING },
    },
  });
});

/** For each call that gives permissions, what a role is allowed that makes the call a way to an administrator. */
const WAYS: Record<GivingCall, Omit<Stated, 'pipelines'>> = (() => {
  const saml = { [ADMIN]: { allow: EVERYTHING, trust: trustingProvider(SAML, 'sts:AssumeRoleWithSAML') } };
  const oidc = {
    [ADMIN]: { allow: EVERYTHING, trust: trustingProvider(OIDC, 'sts:AssumeRoleWithWebIdentity') },
  };
  const own = (...Statement: JsonObject[]) => ({ [policy('own')]: { Version: '2012-10-17', Statement } });
  const ana = (stated: Omit<Stated, 'others'> = {}) => ({ [ANA]: stated });
  const staff = { groups: { staff: [allow('s3:GetObject')] } };
  const key = (...actions: string[]) => [allow(['iam:CreateAccessKey', ...actions])];
  const dependent = { allow: EVERYTHING, boundary: [allow('s3:*')] };
  const denied = (name: string) => ({ allow: EVERYTHING, groups: { [name]: [deny('iam:*')] } });
  const limited = { allow: EVERYTHING, attached: own(deny('iam:*')) };
  const limitedInline = { allow: [deny('iam:*')], attached: own(...EVERYTHING) };
  const tagged = [allow('*', '*', { StringEquals: { 'aws:PrincipalTag/rank': 'admin' } })];
  return {
    'iam:AcquireRole': { allow: [allow('iam:AcquireRole')] },
    'iam:AddClientIDToOpenIDConnectProvider': {
      allow: [allow('iam:AddClientIDToOpenIDConnectProvider')],
      others: oidc,
    },
    'iam:AddUserToGroup': {
      allow: key('iam:AddUserToGroup'),
      emptyGroups: { admins: EVERYTHING },
      others: ana(),
    },
    'iam:AttachGroupPolicy': { allow: key('iam:AttachGroupPolicy'), others: ana(staff) },
    'iam:AttachRolePolicy': { allow: [allow('iam:AttachRolePolicy', ROLE)] },
    'iam:AttachUserPolicy': { allow: key('iam:AttachUserPolicy'), others: ana() },
    'iam:CreateAccessKey': { allow: key(), others: ana({ allow: EVERYTHING }) },
    'iam:CreateGroup': {
      allow: key('iam:CreateUser', 'iam:CreateGroup', 'iam:AddUserToGroup', 'iam:PutGroupPolicy'),
    },
    'iam:CreateLoginProfile': {
      allow: [allow('iam:CreateLoginProfile')],
      others: ana({ allow: EVERYTHING }),
    },
    'iam:CreateOpenIDConnectProvider': { allow: [allow('iam:CreateOpenIDConnectProvider')], others: oidc },
    'iam:CreatePolicyVersion': {
      allow: [allow('iam:CreatePolicyVersion')],
      attached: own(allow('s3:GetObject')),
    },
    'iam:CreateRole': { allow: [allow(['iam:CreateRole', 'iam:PutRolePolicy'], role('made-*'))] },
    'iam:CreateSAMLProvider': { allow: [allow('iam:CreateSAMLProvider')], others: saml },
    'iam:CreateUser': { allow: key('iam:CreateUser', 'iam:PutUserPolicy') },
    'iam:DeleteGroupPolicy': { allow: key('iam:DeleteGroupPolicy'), others: ana(denied('limits')) },
    'iam:DeleteRolePermissionsBoundary': {
      allow: EVERYTHING,
      boundary: [allow('iam:DeleteRolePermissionsBoundary', ROLE)],
    },
    'iam:DeleteRolePolicy': {
      allow: [allow(['iam:DeleteRolePolicy', 'sts:AssumeRole'])],
      others: { [ADMIN]: { ...limitedInline, trust: trusting(ROOT) } },
    },
    'iam:DeleteUserPermissionsBoundary': {
      allow: key('iam:DeleteUserPermissionsBoundary'),
      others: ana(dependent),
    },
    'iam:DeleteUserPolicy': { allow: key('iam:DeleteUserPolicy'), others: ana(limitedInline) },
    'iam:DetachGroupPolicy': {
      allow: key('iam:DetachGroupPolicy'),
      others: ana({ allow: EVERYTHING, attachedToGroups: { limits: own(deny('iam:*')) } }),
    },
    'iam:DetachRolePolicy': {
      allow: [allow(['iam:DetachRolePolicy', 'sts:AssumeRole'])],
      others: { [ADMIN]: { ...limited, trust: trusting(ROOT) } },
    },
    'iam:DetachUserPolicy': { allow: key('iam:DetachUserPolicy'), others: ana(limited) },
    'iam:PutGroupPolicy': { allow: key('iam:PutGroupPolicy'), others: ana(staff) },
    'iam:PutRolePermissionsBoundary': {
      allow: EVERYTHING,
      boundary: [allow('iam:PutRolePermissionsBoundary', ROLE)],
    },
    'iam:PutRolePolicy': { allow: [allow('iam:PutRolePolicy', ROLE)] },
    'iam:PutUserPermissionsBoundary': {
      allow: key('iam:PutUserPermissionsBoundary'),
      others: ana(dependent),
    },
    'iam:PutUserPolicy': { allow: key('iam:PutUserPolicy'), others: ana() },
    'iam:RemoveUserFromGroup': { allow: key('iam:RemoveUserFromGroup'), others: ana(denied('limits')) },
    'iam:SetDefaultPolicyVersion': {
      allow: [allow('iam:SetDefaultPolicyVersion')],
      attached: own(allow('s3:GetObject')),
      otherVersions: own(...EVERYTHING),
    },
    'iam:TagRole': { allow: [allow('iam:TagRole', ROLE), ...tagged] },
    'iam:TagUser': { allow: key('iam:TagUser'), others: ana({ allow: tagged }) },
    'iam:UntagRole': { allow: [allow('iam:UntagRole', ROLE), ...tagged] },
    'iam:UntagUser': { allow: key('iam:UntagUser'), others: ana({ allow: tagged }) },
    'iam:UpdateAssumeRolePolicy': {
      allow: [allow('iam:UpdateAssumeRolePolicy')],
      others: closedAdministrator,
    },
    'iam:UpdateLoginProfile': {
      allow: [allow('iam:UpdateLoginProfile')],
      others: ana({ allow: EVERYTHING }),
    },
    'iam:UpdateOpenIDConnectProviderThumbprint': {
      allow: [allow('iam:UpdateOpenIDConnectProviderThumbprint')],
      others: oidc,
    },
    'iam:UpdateSAMLProvider': { allow: [allow('iam:UpdateSAMLProvider')], others: saml },
  };
})();

describe('the Deny on calls that give permissions', () => {
  const judge = (stated: Stated) =>
    verdictsOf(control, { facts: principalFacts({ pipelines: FRAUD, ...stated }), config: {} });

  test.each(Object.entries(WAYS))('ends a way by %s', (action, stated) => {
    const [before, ...others] = judge(stated);
    expect([before?.status, others]).toEqual([expect.stringMatching(/FAILED|NOT_AVAILABLE/), []]);
    expect(JSON.stringify(before)).toContain(`${action} on `);
    const { Statement } = administratorGuardrail([]);
    expect(judge({ ...stated, allow: [...(stated.allow ?? []), ...Statement] })).toEqual([
      { status: 'PASSED' },
    ]);
  });

  test('is the one in the control’s texts', () => {
    const fix = describedControl(control.id)?.fix;
    expect(fix?.cli).toContain(JSON.stringify(administratorGuardrail([])));
    for (const code of [fix?.cdk, fix?.terraform, fix?.python])
      expect(code?.match(/iam:\w+/g)).toEqual([...GIVING]);
  });
});
