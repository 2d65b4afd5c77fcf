import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/pass-role-scoped.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  type Stated,
  scpsOf,
  trusting,
} from '../../support/builders/principal-facts.ts';

const roleArn = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`;
const SCIENTIST = roleArn('data-scientist');
const USER = 'arn:aws:iam::111122223333:user/ann';
const ADMIN = roleArn('admin');
const OWN = `${SCIENTIST} own`;
const EXECUTION = roleArn('pipelines/*');
const STEPS = roleArn('steps/*');

const CREATE = { Effect: 'Allow', Action: 'sagemaker:CreatePipeline', Resource: '*' };
const toService = (service: unknown, operator = 'StringEquals') => ({
  Condition: { [operator]: { 'iam:PassedToService': service } },
});
const TO_SAGEMAKER = toService('sagemaker.amazonaws.com');
const pass = (Resource: string | string[], more: object = TO_SAGEMAKER) => ({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource,
  ...more,
});
const denyPass = (Resource: string, more: object = {}) => ({ ...pass(Resource, more), Effect: 'Deny' });

const EXECUTES = roleArn('pipelines/fraud');
const DEPLOY = roleArn('cdk-hnb659fds-deploy-role-111122223333-eu-west-1');
const CFN_EXEC = roleArn('cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1');
const CREATE_STACKS = { Effect: 'Allow', Action: 'cloudformation:CreateStack', Resource: '*' };
const byStacks = {
  Condition: { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' } },
};
const trusted = (...principals: string[]) => ({ trust: trusting(...principals) });
const BY_SAGEMAKER = trusted('sagemaker.amazonaws.com');
const BY_STACKS = trusted('cloudformation.amazonaws.com');

const PRODUCTS =
  'arn:aws:iam::aws:policy/service-role/AmazonSageMakerServiceCatalogProductsCodeBuildServiceRolePolicy';
const WITH_MFA = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

/** Two teams, each with a pipeline, its execution role and its step role; `steps/common` is nobody’s in particular. */
const teamsWith = (execution: string[], steps: string[]) => ({
  config: {
    roles: {
      execution,
      steps,
      creators: [
        { roles: [SCIENTIST, SSO], pipelines: ['fraud-*'] },
        { roles: [roleArn('vision-*')], pipelines: ['vision-*'] },
      ],
    },
  },
  pipelines: Object.fromEntries(
    ['fraud', 'vision'].map((team) => [
      `${team}-daily`,
      {
        roleArn: roleArn(`pipelines/${team}`),
        steps: [step('Train', 'Training', { RoleArn: roleArn(`steps/${team}`) })],
      },
    ]),
  ),
  others: Object.fromEntries(
    ['pipelines/fraud', 'pipelines/vision', 'steps/fraud', 'steps/vision', 'steps/common', 'vision-eval'].map(
      (name) => [roleArn(name), BY_SAGEMAKER],
    ),
  ),
});
const SSO = roleArn('aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Fraud_0123456789abcdef');
const SSO_TRUST = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        Federated: 'arn:aws:iam::111122223333:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE',
      },
      Action: 'sts:AssumeRoleWithSAML',
    },
  ],
};
const BY_NAME = teamsWith(
  ['fraud', 'vision'].map((team) => roleArn(`pipelines/${team}`)),
  ['steps/fraud', 'steps/vision', 'steps/common', 'vision-eval'].map((name) => roleArn(name)),
);
const allBut = (...roles: string[]) =>
  expect.stringContaining(`"NotResource":${JSON.stringify(roles)}`) as unknown as string;

const told = (at: string, found: string) => ({
  evidence: [[at, found] as [string, string]],
  isMended: true,
});

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({
      arn = SCIENTIST,
      config = { roles: { execution: [EXECUTION], steps: [STEPS] } },
      ...stated
    }) => ({
      facts: principalFacts({ arn, config, ...stated }),
      config,
    }),
    passes: {
      'the authorised roles of a pattern, by a policy of AWS, to a service that none of them trusts': {
        allow: [CREATE],
        attached: {
          'arn:aws:iam::aws:policy/AmazonSageMakerFullAccess': {
            Version: '2012-10-17',
            Statement: [pass(STEPS, toService(['lambda.amazonaws.com', 'glue.amazonaws.com']))] as never,
          },
        },
        others: { [roleArn('steps/train')]: BY_SAGEMAKER },
      },
      'one role of an authorised path without a condition, as no other service can assume it': {
        allow: [CREATE, pass(EXECUTES, {})],
        others: { [EXECUTES]: BY_SAGEMAKER },
      },
      'itself without a condition, as no other service can assume it': {
        allow: [CREATE, pass(SCIENTIST, {})],
      },
      'authorised roles, to SageMaker': { allow: [CREATE, pass([EXECUTION, STEPS])] },
      'one authorised role': { allow: [CREATE, pass(roleArn('pipelines/fraud'))] },
      'authorised roles, of whatever account': { allow: [CREATE, pass('arn:aws:iam::*:role/pipelines/*')] },
      'it can create pipelines and pass nothing': { allow: [CREATE] },
      'any role to other services, where a Deny leaves SageMaker the authorised ones and these SageMaker alone':
        {
          allow: [
            CREATE,
            pass('*', {}),
            {
              Effect: 'Deny',
              Action: 'iam:PassRole',
              NotResource: [EXECUTION, STEPS, SCIENTIST],
              ...toService('sagemaker.amazonaws.com', 'StringEqualsIfExists'),
            },
            denyPass(EXECUTION, toService('sagemaker.amazonaws.com', 'StringNotEquals')),
            denyPass(STEPS, toService('sagemaker.amazonaws.com', 'StringNotEquals')),
            denyPass(SCIENTIST, toService('sagemaker.amazonaws.com', 'StringNotEquals')),
          ],
        },
      'authorised roles, to SageMaker, beside Denies that tell twenty more services apart': {
        allow: [
          CREATE,
          pass([EXECUTION, STEPS]),
          denyPass('*', toService(Array.from({ length: 20 }, (_, at) => `s${at}.amazonaws.com`))),
        ],
      },
      'any role, but a Deny leaves the authorised ones': {
        allow: [
          CREATE,
          pass('*'),
          { Effect: 'Deny', Action: 'iam:PassRole', NotResource: [EXECUTION, STEPS] },
        ],
      },
      'any service, but a Deny leaves SageMaker': {
        allow: [
          CREATE,
          pass(EXECUTION, {}),
          denyPass('*', toService('sagemaker.amazonaws.com', 'StringNotEquals')),
        ],
      },
      'any role, within a boundary': {
        allow: [CREATE, pass('*', {})],
        boundary: [CREATE, pass(EXECUTION)],
      },
      'any role, within an SCP': {
        allow: [CREATE, pass('*')],
        organization: scpsOf({ Effect: 'Deny', Action: 'iam:PassRole', NotResource: [EXECUTION] }),
      },
      'any role under a condition that never holds': {
        allow: [CREATE, pass('*', { Condition: { StringEquals: { 'aws:PrincipalArn': ADMIN } } })],
      },
      'roles of another account, which nobody can pass': {
        allow: [CREATE, pass(roleArn('*', '444455556666'))],
      },
      'itself, to SageMaker, although nobody lists it': {
        allow: [CREATE, pass(SCIENTIST)],
        others: { [EXECUTES]: BY_SAGEMAKER },
      },
      'an authorised role that Glue cannot assume, to Glue with those of its own': {
        allow: [
          CREATE,
          pass(EXECUTION, toService('sagemaker.amazonaws.com')),
          pass(roleArn('*/*'), toService('glue.amazonaws.com')),
        ],
        others: {
          [EXECUTES]: BY_SAGEMAKER,
          [roleArn('lake/etl')]: trusted('glue.amazonaws.com'),
        },
      },
      'roles of other services, to these': {
        allow: [
          CREATE,
          pass(roleArn('etl-*'), toService('glue.amazonaws.com')),
          pass(roleArn('etl-*'), {}),
          pass('*', toService('lambda.amazonaws.com')),
        ],
        others: { [roleArn('etl-1')]: trusted('glue.amazonaws.com') },
      },
      'a role that SageMaker cannot assume, by name': {
        allow: [CREATE, pass(roleArn('OrganizationAccountAccessRole'))],
        others: { [roleArn('OrganizationAccountAccessRole')]: trusted('444455556666') },
        administrators: [roleArn('OrganizationAccountAccessRole')],
      },
      'an administrator’s role to a service that cannot assume it': {
        allow: [CREATE, CREATE_STACKS, pass(ADMIN, toService('cloudformation.amazonaws.com'))],
        others: { [ADMIN]: trusted('444455556666', 'lambda.amazonaws.com') },
        administrators: [ADMIN],
      },
      'an administrator’s role to CloudFormation, which it cannot put to work': {
        allow: [CREATE, pass(ADMIN, toService('cloudformation.amazonaws.com'))],
        others: { [ADMIN]: BY_STACKS },
        administrators: [ADMIN],
      },
      'an administrator’s role to CloudFormation, with stacks under another role alone': {
        allow: [
          CREATE,
          { ...CREATE_STACKS, Condition: { StringEquals: { 'cloudformation:RoleArn': EXECUTES } } },
          pass(ADMIN, toService('cloudformation.amazonaws.com')),
        ],
        others: { [ADMIN]: BY_STACKS },
        administrators: [ADMIN],
      },
      'a role that could reach an administrator, and does not trust it': {
        allow: [CREATE, { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
        others: {
          [roleArn('deploy')]: { ...trusted(roleArn('ci')), allow: [CREATE_STACKS, pass(ADMIN, {})] },
          [ADMIN]: BY_STACKS,
        },
        administrators: [ADMIN],
      },
      'any role through stacks, which it cannot make': {
        allow: [CREATE, pass('*', byStacks)],
      },
      'the services that its own pipelines’ steps need': {
        arn: roleArn('pipelines/fraud'),
        pipelines: {
          'fraud-daily': {
            roleArn: roleArn('pipelines/fraud'),
            steps: [step('Spark', 'EMR', { ClusterConfig: { JobFlowRole: roleArn('steps/emr') } })],
          },
        },
        allow: [CREATE, pass(STEPS, toService('ec2.amazonaws.com'))],
      },
    },
    fails: {
      'another service than Service Catalog assumes it too': {
        ...trusted('servicecatalog.amazonaws.com', 'lambda.amazonaws.com'),
        isGoverned: false,
        allow: [CREATE, pass(roleArn('*'))],
        others: { [roleArn('other-team')]: BY_SAGEMAKER },
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole on a role such as'),
      },
      'any role': {
        allow: [CREATE, pass('*')],
        told: {
          ...told(
            `${OWN}/Statement/1`,
            'allows iam:PassRole on a role such as arn:aws:iam::111122223333:role/',
          ),
          expected: `the authorised roles alone: ${STEPS}, ${EXECUTION}`,
          remedy: 'put this Deny beside it',
        },
      },
      'any role, by a member of a team: the roles of other teams’ pipelines are left out': {
        ...BY_NAME,
        allow: [CREATE, pass('*')],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          expected: `the authorised roles alone: ${roleArn('steps/fraud')}, ${roleArn('steps/common')}, ${EXECUTES}`,
          remedy: 'the authorised roles of its own pipelines and itself alone',
          patch: allBut(roleArn('steps/fraud'), roleArn('steps/common'), EXECUTES, SCIENTIST),
        },
      },
      'any role to any service, by a member of a team: the Deny keeps all authorised roles from other services':
        {
          ...BY_NAME,
          allow: [CREATE, pass('*', {})],
          others: {
            ...BY_NAME.others,
            [roleArn('steps/vision')]: trusted('sagemaker.amazonaws.com', 'glue.amazonaws.com'),
          },
          told: {
            evidence: [
              [`${OWN}/Statement/1`, 'allows iam:PassRole'],
              [`${OWN}/Statement/1`, 'to glue.amazonaws.com'],
              [`${OWN}/Statement/1`, 'to any service'],
            ],
            patch: allBut(roleArn('steps/fraud'), roleArn('steps/common'), EXECUTES, SCIENTIST),
          },
        },
      'any role, by a member of a team, where patterns authorise: the Deny takes out other teams’ roles': {
        ...teamsWith([EXECUTION], [STEPS]),
        allow: [CREATE, pass('*')],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          expected: `${STEPS}, ${EXECUTION} except ${roleArn('pipelines/vision')}, ${roleArn('steps/vision')}`,
          patch: expect.stringMatching(
            `"NotResource":.*"NoRolesOfOtherTeams".*"Resource":${JSON.stringify([roleArn('pipelines/vision'), roleArn('steps/vision')]).replace(/[[\]/]/g, '.')}`,
          ) as unknown as string,
        },
      },
      'any role, by one who makes pipelines of all teams: all authorised roles are named': {
        ...BY_NAME,
        config: {
          roles: { ...BY_NAME.config.roles, creators: [SCIENTIST, ...BY_NAME.config.roles.creators] },
        },
        allow: [CREATE, pass('*')],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          expected: roleArn('vision-eval'),
          remedy: 'the authorised roles and itself alone',
        },
      },
      'any role, by one in no team: all authorised roles are named': {
        ...BY_NAME,
        arn: USER,
        allow: [CREATE, pass('*')],
        told: {
          evidence: [[`${USER} own/Statement/1`, 'allows iam:PassRole']],
          expected: roleArn('pipelines/vision'),
          remedy: 'Let arn:aws:iam::111122223333:user/ann pass the authorised roles alone',
        },
      },
      'any role, by a team whose roles are all used by another team’s pipelines': {
        ...teamsWith([roleArn('pipelines/vision')], [roleArn('steps/vision')]),
        pipelines: { 'vision-daily': BY_NAME.pipelines['vision-daily'] as { steps: object[] } },
        trust: SSO_TRUST,
        allow: [CREATE, pass('*')],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          remedy: 'pass no roles to SageMaker',
          isMended: false,
        },
      },
      'any role, by a member of a team one of whose pipelines cannot be read: no command': {
        ...BY_NAME,
        allow: [CREATE, pass('*')],
        unread: [{ name: 'fraud-weekly', why: 'AccessDenied', as: 'step role' }],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          remedy: 'fraud-weekly',
          isMended: false,
        },
      },
      'any role, by a permission set’s role, which SageMaker cannot assume: not itself, and the Deny as a document':
        {
          ...BY_NAME,
          arn: SSO,
          trust: SSO_TRUST,
          allow: [CREATE, pass('*')],
          told: {
            evidence: [[`${SSO} own/Statement/1`, 'allows iam:PassRole']],
            remedy:
              'own pipelines alone: name them in the statement, with iam:PassedToService, or put this Deny beside it. No command is given, as AWS lets nobody change',
            patch: allBut(roleArn('steps/fraud'), roleArn('steps/common'), EXECUTES),
          },
        },
      'an administrator by another role, which a policy of AWS lets it assume': {
        arn: SSO,
        trust: SSO_TRUST,
        attached: {
          'arn:aws:iam::aws:policy/PowerUserAccess': {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*'], Resource: '*' }],
          },
        },
        others: {
          [DEPLOY]: {
            trust: trusting('arn:aws:iam::111122223333:root'),
            allow: [CREATE_STACKS, pass(CFN_EXEC, {})],
          },
          [CFN_EXEC]: BY_STACKS,
        },
        administrators: [CFN_EXEC],
        told: {
          evidence: [
            ['arn:aws:iam::aws:policy/PowerUserAccess/Statement/0', `sts:AssumeRole on ${DEPLOY}`],
            [`${DEPLOY} own/Statement/1`, CFN_EXEC],
            [CFN_EXEC, 'cloudformation.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          remedy: `Take the way to ${CFN_EXEC} from ${SSO}: deny sts:AssumeRole on ${DEPLOY} in the permission set Fraud of IAM Identity Center, unless that is its task. AWS manages arn:aws:iam::aws:policy/PowerUserAccess, which nobody else can change.`,
          isMended: false,
        },
      },
      'the authorised roles of a pattern, those to come too, to a service that no role trusts': {
        allow: [CREATE, pass(STEPS, toService('lambda.amazonaws.com'))],
        others: { [roleArn('steps/train')]: BY_SAGEMAKER },
        told: { severity: 'LOW', evidence: [[`${OWN}/Statement/1`, 'steps/train to lambda.amazonaws.com']] },
      },
      'any role to any service': {
        allow: [CREATE, pass('*', {})],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'allows iam:PassRole'],
            [`${OWN}/Statement/1`, 'to any service'],
          ],
          isMended: true,
        },
      },
      'everything of IAM for passing, by NotAction': {
        allow: [
          CREATE,
          { Effect: 'Allow', NotAction: ['iam:Put*', 'iam:Attach*'], Resource: '*', ...TO_SAGEMAKER },
        ],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'all but some roles, by NotResource': {
        allow: [CREATE, { Effect: 'Allow', Action: 'iam:PassRole', NotResource: ADMIN, ...TO_SAGEMAKER }],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'a wildcard in the middle': {
        allow: [CREATE, pass(roleArn('*/pipelines/*'))],
        told: told(`${OWN}/Statement/1`, '/pipelines/'),
      },
      'a name that only begins as the authorised path': {
        allow: [CREATE, pass(roleArn('pipelines*'))],
        told: told(`${OWN}/Statement/1`, 'role/pipelines'),
      },
      'an account that is left open': {
        allow: [CREATE, pass('arn:aws:iam::*:role/ml-*')],
        told: told(`${OWN}/Statement/1`, 'role/ml-'),
      },
      'a second statement': {
        allow: [CREATE, pass(EXECUTION), pass(roleArn('team-*'))],
        told: told(`${OWN}/Statement/2`, 'role/team-'),
      },
      'an action by a wildcard': {
        allow: [CREATE, { ...pass('*'), Action: 'iam:Pass*' }],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'it can create jobs and no pipelines': {
        allow: [{ ...CREATE, Action: 'sagemaker:CreateTrainingJob' }, pass('*')],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'it can update one pipeline': {
        allow: [
          {
            Effect: 'Allow',
            Action: 'sagemaker:UpdatePipeline',
            Resource: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-daily',
          },
          pass('*'),
        ],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'a role of the account that SageMaker can assume, which is named': {
        allow: [CREATE, pass('*')],
        others: { [EXECUTES]: BY_SAGEMAKER, [roleArn('other-team')]: BY_SAGEMAKER },
        told: told(`${OWN}/Statement/1`, `a role such as ${roleArn('other-team')}`),
      },
      'a role by name that the account does not have': {
        allow: [CREATE, pass([EXECUTES, roleArn('fraud-trainign')])],
        others: { [EXECUTES]: BY_SAGEMAKER },
        told: {
          evidence: [[`${OWN}/Statement/1`, roleArn('fraud-trainign')]],
          severity: 'LOW',
          remedy: 'No role of the account has this name',
          isMended: false,
        },
      },
      'another team’s role by name': {
        allow: [CREATE, pass([EXECUTES, roleArn('other-team')])],
        others: { [roleArn('other-team')]: BY_SAGEMAKER },
        told: {
          evidence: [[`${OWN}/Statement/1`, roleArn('other-team')]],
          severity: 'MEDIUM',
          remedy: 'no command is given',
        },
      },
      'any role, by a policy of AWS for the projects of SageMaker, whose role AWS makes': {
        arn: roleArn('service-role/ProductsUseRole'),
        attached: { [PRODUCTS]: { Version: '2012-10-17', Statement: [CREATE, pass('*')] } },
        trust: trusting('codebuild.amazonaws.com'),
        told: {
          evidence: [[`${PRODUCTS}/Statement/1`, 'allows iam:PassRole']],
          severity: 'LOW',
          remedy: 'AWS makes this role for the projects of SageMaker',
          isMended: false,
        },
      },
      'any role, by such a policy of a role that people assume too': {
        arn: roleArn('service-role/ProductsUseRole'),
        attached: { [PRODUCTS]: { Version: '2012-10-17', Statement: [CREATE, pass('*')] } },
        trust: trusting('codebuild.amazonaws.com', roleArn('people')),
        told: { evidence: [[`${PRODUCTS}/Statement/1`, 'allows iam:PassRole']] },
      },
      'any role, where pipelines run under one that nobody lists: no command cuts it off': {
        allow: [CREATE, pass('*')],
        pipelines: { daily: { roleArn: roleArn('old-pipelines'), steps: [step('A', 'Fail', {})] } },
        told: {
          evidence: [[`${OWN}/Statement/1`, 'allows iam:PassRole']],
          remedy: `pipelines use ${roleArn('old-pipelines')}`,
          isMended: false,
        },
      },
      'any role to any service, without a list of roles': {
        config: {},
        allow: [CREATE, pass('*', {})],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'to any service']],
          remedy: 'Name in the statement the roles',
          isMended: false,
        },
      },
      'the group of a user, who gets the command for users': {
        arn: USER,
        groups: { scientists: [CREATE, pass('*')] },
        told: {
          evidence: [['arn:aws:iam::111122223333:group/scientists own/Statement/1', 'allows iam:PassRole']],
          patch: expect.stringContaining('aws iam put-user-policy --user-name ann') as unknown as string,
        },
      },
      'an administrator’s role is critical': {
        allow: [CREATE, pass('*')],
        others: { [ADMIN]: BY_SAGEMAKER },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `allows iam:PassRole on a role such as ${ADMIN}`],
            [`${OWN}/Statement/1`, `allows iam:PassRole on ${ADMIN} to sagemaker.amazonaws.com`],
            [ADMIN, 'may write any role’s policies, and sagemaker.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
      },
      'an administrator’s role is critical without a list of roles': {
        config: {},
        allow: [CREATE, pass(ADMIN)],
        others: { [ADMIN]: BY_SAGEMAKER },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `${ADMIN} to sagemaker.amazonaws.com`],
            [ADMIN, 'sagemaker.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an administrator’s role to another service, which it can put to work': {
        allow: [
          CREATE,
          { Effect: 'Allow', Action: 'lambda:CreateFunction', Resource: '*' },
          pass(ADMIN, toService('lambda.amazonaws.com')),
        ],
        others: { [ADMIN]: trusted('lambda.amazonaws.com') },
        administrators: [ADMIN],
        told: {
          evidence: [
            [
              `${OWN}/Statement/2`,
              `${ADMIN} to lambda.amazonaws.com, and ${OWN}/Statement/1 allows lambda:CreateFunction`,
            ],
            [ADMIN, 'lambda.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'a role that writes its own policies, to SageMaker': {
        config: {},
        allow: [CREATE, pass(roleArn('tool'))],
        others: {
          [roleArn('tool')]: {
            ...BY_SAGEMAKER,
            allow: [{ Effect: 'Allow', Action: 'iam:PutRolePolicy', Resource: roleArn('tool') }],
          },
        },
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `iam:PassRole on ${roleArn('tool')} to sagemaker.amazonaws.com`],
            [roleArn('tool'), 'it becomes an administrator, and sagemaker.amazonaws.com can assume it'],
            [`${roleArn('tool')} own/Statement/0`, `iam:PutRolePolicy on ${roleArn('tool')}`],
          ],
          severity: 'CRITICAL',
          remedy: `Take the way to ${roleArn('tool')} from it`,
          isMended: false,
        },
      },
      'an administrator’s role to CloudFormation': {
        allow: [CREATE, CREATE_STACKS, pass(roleArn('adm*'), {})],
        others: { [ADMIN]: BY_STACKS },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/2`, `${ADMIN} to cloudformation.amazonaws.com`],
            [ADMIN, 'cloudformation.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an administrator’s role to CloudFormation by change sets': {
        allow: [
          CREATE,
          {
            Effect: 'Allow',
            Action: ['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'],
            Resource: '*',
          },
          pass(ADMIN, toService('cloudformation.amazonaws.com')),
        ],
        others: { [ADMIN]: BY_STACKS },
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/2`, 'allows cloudformation:CreateChangeSet'],
            [ADMIN, 'cloudformation.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'the deploy role of the CDK, which passes an administrator’s role to CloudFormation': {
        allow: [
          CREATE,
          { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn('cdk-hnb659fds-deploy-role-*') },
        ],
        others: {
          [DEPLOY]: { ...trusted('111122223333'), allow: [CREATE_STACKS, pass(CFN_EXEC, {})] },
          [CFN_EXEC]: BY_STACKS,
        },
        administrators: [CFN_EXEC],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `allows sts:AssumeRole on ${DEPLOY}`],
            [`${DEPLOY} own/Statement/1`, `${CFN_EXEC} to cloudformation.amazonaws.com`],
            [CFN_EXEC, 'cloudformation.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an administrator’s role through stacks that it makes in its own name': {
        allow: [CREATE, CREATE_STACKS, pass(ADMIN, byStacks)],
        others: { [ADMIN]: BY_SAGEMAKER },
        administrators: [ADMIN],
        config: {},
        told: {
          evidence: [
            [`${OWN}/Statement/2`, `${ADMIN} to sagemaker.amazonaws.com, through a stack of CloudFormation`],
            [ADMIN, 'sagemaker.amazonaws.com can assume it'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'a role that may be an administrator’s is critical, as no doubt makes a breach milder': {
        allow: [CREATE, pass('*')],
        others: { [ADMIN]: BY_SAGEMAKER },
        perhapsAdministrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'allows iam:PassRole'],
            [`${OWN}/Statement/1`, `${ADMIN} to sagemaker.amazonaws.com`],
            [ADMIN, 'is not known'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
      },
      'any role, while the administrator’s trusts another account alone': {
        allow: [CREATE, pass('*')],
        others: { [ADMIN]: trusted('444455556666') },
        administrators: [ADMIN],
        told: told(`${OWN}/Statement/1`, 'allows iam:PassRole'),
      },
      'a breach of one that may be an administrator itself is critical': {
        allow: [
          CREATE,
          pass('*'),
          { Effect: 'Allow', Action: 'iam:PutRolePolicy', Resource: '*', ...WITH_MFA },
        ],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'allows iam:PassRole'],
            [`${OWN}/Statement/2`, 'iam:PutRolePolicy'],
          ],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an administrator’s role that it may not pass is not': {
        allow: [CREATE, pass(roleArn('team-*'))],
        administrators: [ADMIN, SCIENTIST],
        told: told(`${OWN}/Statement/1`, 'role/team-'),
      },
      'an administrator among the roles of pipelines': {
        attached: {
          'arn:aws:iam::aws:policy/AdministratorAccess': {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
          },
        },
        told: {
          evidence: [['arn:aws:iam::aws:policy/AdministratorAccess/Statement/0', 'iam:PutRolePolicy']],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an administrator by an inline policy, which no command takes away': {
        allow: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }],
        told: {
          evidence: [[`${OWN}/Statement/0`, 'iam:PutRolePolicy']],
          severity: 'CRITICAL',
          isMended: false,
        },
      },
      'an authorised role to SageMaker, and to another service that can assume it': {
        allow: [CREATE, pass(EXECUTION, toService(['sagemaker.amazonaws.com', 'glue.amazonaws.com']))],
        others: { [EXECUTES]: trusted('sagemaker.amazonaws.com', 'glue.amazonaws.com') },
        told: {
          evidence: [[`${OWN}/Statement/1`, `${EXECUTES} to glue.amazonaws.com`]],
          severity: 'LOW',
          isMended: false,
        },
      },
      'an authorised role to another service alone, by which it reaches more': {
        allow: [CREATE, pass(EXECUTION, toService('ec2.amazonaws.com'))],
        others: { [EXECUTES]: trusted('sagemaker.amazonaws.com', 'ec2.amazonaws.com') },
        told: {
          evidence: [[`${OWN}/Statement/1`, `${EXECUTES} to ec2.amazonaws.com`]],
          severity: 'MEDIUM',
          isMended: false,
        },
      },
    },
    warns: {
      'an authorised role without a condition, which gains nothing': {
        allow: [CREATE, pass(EXECUTION, {})],
        told: {
          ...told(`${OWN}/Statement/1`, 'to any service'),
          severity: 'LOW',
          expected: 'iam:PassedToService is sagemaker.amazonaws.com',
        },
      },
      'itself without a condition, where another service can assume it': {
        allow: [CREATE, pass(SCIENTIST, {})],
        trust: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: ['sagemaker.amazonaws.com', 'lambda.amazonaws.com'] },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        told: { ...told(`${OWN}/Statement/1`, `${SCIENTIST} to any service`), severity: 'LOW' },
      },
      'a condition that a request without the key passes': {
        allow: [CREATE, pass(EXECUTION, toService('sagemaker.amazonaws.com', 'StringEqualsIfExists'))],
        told: { ...told(`${OWN}/Statement/1`, 'to any service'), severity: 'LOW' },
      },
      'all services but one': {
        allow: [CREATE, pass(EXECUTION, toService('ec2.amazonaws.com', 'StringNotEquals'))],
        told: { ...told(`${OWN}/Statement/1`, 'to any service'), severity: 'LOW' },
      },
      'services by a pattern': {
        allow: [CREATE, pass(EXECUTION, toService('*.amazonaws.com', 'StringLike'))],
        told: { ...told(`${OWN}/Statement/1`, 'to services such as'), severity: 'LOW' },
      },
    },
    isNotAvailable: {
      'an administrator’s role that it perhaps may pass': {
        allow: [CREATE, pass(ADMIN, WITH_MFA)],
        others: { [ADMIN]: BY_SAGEMAKER },
        administrators: [ADMIN],
        config: {},
        told: { evidence: [[`${OWN}/Statement/1`, 'aws:MultiFactorAuthPresent']], remedy: 'simulate' },
      },
      'an administrator’s role whose trust cannot be read': {
        allow: [CREATE, pass(ADMIN)],
        others: { [ADMIN]: { trust: { Version: '2012-10-17', Statement: [{ Effect: 'Perhaps' }] } } },
        administrators: [ADMIN],
        config: {},
        told: { evidence: [[`${OWN}/Statement/1`, ADMIN]] },
      },
      'a condition on what only a request tells': {
        allow: [
          CREATE,
          pass('*', {
            Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' }, ...TO_SAGEMAKER.Condition },
          }),
        ],
        told: { evidence: [[`${OWN}/Statement/1`, 'aws:MultiFactorAuthPresent']], remedy: 'simulate' },
      },
    },
    isNotApplicable: {
      'it passes any role to SageMaker, and nobody lists the authorised ones': {
        config: {},
        allow: [CREATE, pass('*')],
        others: { [roleArn('other-team')]: BY_SAGEMAKER },
      },
      'an administrator whom an SCP keeps from writing the policies of roles': {
        isGoverned: false,
        allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
        organization: scpsOf({
          Effect: 'Deny',
          Action: ['iam:PutRolePolicy', 'iam:AttachRolePolicy'],
          Resource: '*',
        }),
      },
      'Service Catalog alone assumes it, to make what products describe': {
        ...trusted('servicecatalog.amazonaws.com'),
        isGoverned: false,
        allow: [CREATE, pass('*', {})],
        others: { [roleArn('other-team')]: BY_SAGEMAKER },
      },
      'it can create neither pipelines nor jobs': { allow: [pass('*')] },
      'its boundary keeps it from creating anything': {
        allow: [CREATE, pass('*')],
        boundary: [pass('*')],
      },
      'it can create what is no type of resource, and roles by a variable that nobody knows': {
        allow: [
          { ...CREATE, Action: '*', Resource: 'arn:aws:sagemaker:*:111122223333:pipelines/*' },
          { ...CREATE, Action: 'sagemaker:Create*', Resource: roleArn('${aws:userid}-*') },
          pass('*'),
        ],
      },
      'it can create pipelines of another account alone': {
        allow: [{ ...CREATE, Resource: 'arn:aws:sagemaker:eu-west-1:444455556666:pipeline/*' }, pass('*')],
      },
      'an administrator that nobody names': {
        allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
        isGoverned: false,
      },
    },
  });
});

describeCases('pipelines/generated', `${control.id} with AWS’s own policies`, (folder) => {
  const config = { roles: { execution: [EXECUTION], steps: [STEPS] } };
  const judge = (...policies: string[]) =>
    verdictsOf(control, {
      facts: principalFacts({
        arn: roleArn('pipelines/fraud'),
        config,
        attached: managedPolicies(...policies),
        pipelines: { real: pipelineIn(join(folder, '02_abalone_prefix_steproles.json')) },
      }),
      config,
    });

  test('AmazonSageMakerFullAccess passes any role; no Deny cuts off the steps’ roles that nobody lists', () => {
    expect(judge('AmazonSageMakerFullAccess')).toMatchObject([
      {
        status: 'FAILED',
        evidence: [{ at: expect.stringContaining('policy/AmazonSageMakerFullAccess/Statement/') }],
        remediation: { text: expect.stringContaining('role/ProcRole') },
      },
    ]);
  });

  test('read-only access creates nothing; another control tells that a pipeline’s role is an administrator', () => {
    expect(judge('AmazonSageMakerReadOnly')).toMatchObject([{ status: 'NOT_APPLICABLE' }]);
    expect(judge('AdministratorAccess')).toMatchObject([{ status: 'NOT_APPLICABLE' }]);
  });
});
