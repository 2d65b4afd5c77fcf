import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-administrator.ts';
import { NO_RECORDS } from '../../../shared/events/recorded-uses.ts';
import type { JsonObject } from '../../../shared/json/json.ts';
import { controlCases, step } from '../../support/builders/control-cases.ts';
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

const EVERYTHING = [allow('*')];
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ADMIN = role('admin');
/** An administrator that any principal of the account may assume, if its own policies allow that. */
const openAdministrator = { [ADMIN]: { allow: EVERYTHING, trust: trusting(ROOT) } };
const closedAdministrator = {
  [ADMIN]: { allow: EVERYTHING, trust: trusting('arn:aws:iam::444455556666:root') },
};
const OWN = `${ROLE} own`;
const FRAUD = { fraud: { steps: [step('Train', 'Training')] } };
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
      'it can create jobs and passes an administrator’s role, which pass-role-scoped tells': {
        allow: [
          allow('lambda:*'),
          allow('sagemaker:CreateTrainingJob'),
          allow('iam:PassRole', ADMIN, { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }),
        ],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trustingService('lambda.amazonaws.com') } },
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
    },
    fails: {
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
        told: {
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateUser'],
            [`${OWN}/Statement/0`, 'iam:AttachUserPolicy'],
            [`${OWN}/Statement/0`, 'iam:CreateAccessKey'],
          ],
          isMended: true,
        },
      },
      'a new user, whose names one statement limits and the others do not': {
        allow: [allow('iam:CreateUser', user('team-*')), allow(['iam:PutUserPolicy', 'iam:CreateAccessKey'])],
        told: {
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateUser'],
            [`${OWN}/Statement/1`, 'iam:PutUserPolicy'],
            [`${OWN}/Statement/1`, 'iam:CreateAccessKey'],
          ],
          isMended: true,
        },
      },
      'a user whose policies it writes, and whose password it sets': {
        allow: [allow(['iam:PutUserPolicy', 'iam:CreateLoginProfile'], user('ana'))],
        others: { [user('ana')]: {} },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `iam:PutUserPolicy on ${user('ana')}`],
            [`${OWN}/Statement/0`, `iam:CreateLoginProfile on ${user('ana')}`],
          ],
          isMended: true,
        },
      },
      'its own inline policies': {
        allow: [allow('iam:PutRolePolicy', ROLE)],
        told: { evidence: [[`${OWN}/Statement/0`, `allows iam:PutRolePolicy on ${ROLE}`]], isMended: true },
      },
      'AdministratorAccess, attached to itself': {
        allow: [allow('iam:AttachRolePolicy', role('pipelines/*'))],
        told: {
          evidence: [[`${OWN}/Statement/0`, `allows iam:AttachRolePolicy on ${ROLE}`]],
          isMended: true,
        },
      },
      'its own policies, within a boundary that it can take away': {
        allow: [allow(['iam:PutRolePolicy', 'iam:DeleteRolePermissionsBoundary'], ROLE)],
        boundary: [allow(['iam:*', 's3:*'], ROLE)],
        told: { evidence: [[`${OWN}/Statement/0`, 'iam:PutRolePolicy']], isMended: true },
      },
      'a new version of a policy that it has': {
        allow: [allow('iam:CreatePolicyVersion', policy('own'))],
        attached: { [policy('own')]: { Version: '2012-10-17', Statement: [allow('s3:GetObject')] } },
        told: {
          evidence: [[`${OWN}/Statement/0`, `iam:CreatePolicyVersion on ${policy('own')}`]],
          isMended: true,
        },
      },
      'an administrator’s role that it can assume': {
        allow: [allow('sts:AssumeRole')],
        others: openAdministrator,
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy on any role'],
          ],
          isMended: true,
        },
      },
      'an administrator’s role that trusts it by name': {
        allow: [allow('s3:GetObject')],
        others: { [ADMIN]: { allow: EVERYTHING, trust: trusting(ROLE) } },
        told: {
          evidence: [
            [`trust policy of ${ADMIN}/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
          isMended: true,
        },
      },
      'a role that assumes a role that assumes an administrator': {
        allow: [allow('sts:AssumeRole', role('deploy'))],
        others: {
          ...openAdministrator,
          [role('deploy')]: { allow: [allow('sts:AssumeRole')], trust: trusting(ROOT) },
        },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `sts:AssumeRole on ${role('deploy')}`],
            [`${role('deploy')} own/Statement/0`, `sts:AssumeRole on ${ADMIN}`],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
          isMended: true,
        },
      },
      'the trust of an administrator, which it can change': {
        allow: [allow('iam:UpdateAssumeRolePolicy')],
        others: closedAdministrator,
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `iam:UpdateAssumeRolePolicy on ${ADMIN}`],
            [`${ADMIN} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
          isMended: true,
        },
      },
      'a role that it can both change and assume': {
        allow: [allow(['iam:AttachRolePolicy', 'sts:AssumeRole'], role('tool'))],
        others: { [role('tool')]: { trust: trusting(ROOT) } },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `iam:AttachRolePolicy on ${role('tool')}`],
            [`${OWN}/Statement/0`, `sts:AssumeRole on ${role('tool')}`],
          ],
          isMended: true,
        },
      },
      'keys of a user who is an administrator': {
        allow: [allow('iam:CreateAccessKey', user('*'))],
        others: { [user('root-like')]: { allow: EVERYTHING } },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, `iam:CreateAccessKey on ${user('root-like')}`],
            [`${user('root-like')} own/Statement/0`, 'iam:PutRolePolicy'],
          ],
          isMended: true,
        },
      },
      'a new role without a boundary': {
        allow: [allow(['iam:CreateRole', 'iam:AttachRolePolicy'], role('made-*'))],
        told: {
          evidence: [
            [`${OWN}/Statement/0`, 'iam:CreateRole'],
            [`${OWN}/Statement/0`, 'iam:AttachRolePolicy'],
          ],
          isMended: true,
        },
      },
      'IAM by CloudFormation, and it can make stacks': {
        allow: [
          allow('iam:*', '*', viaCloudFormation('ForAnyValue:StringEquals')),
          allow('cloudformation:CreateStack'),
        ],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'cloudformation:CreateStack'],
            [`${OWN}/Statement/0`, 'iam:PutRolePolicy on any role'],
          ],
          isMended: true,
        },
      },
    },
    isNotAvailable: {
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
      'an administrator that no pipeline uses': { pipelines: {}, allow: EVERYTHING },
    },
  });
});
