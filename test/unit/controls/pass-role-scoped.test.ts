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

const WITH_MFA = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

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
      'authorised roles, to SageMaker': { allow: [CREATE, pass([EXECUTION, STEPS])] },
      'one authorised role': { allow: [CREATE, pass(roleArn('pipelines/fraud'))] },
      'authorised roles, of whatever account': { allow: [CREATE, pass('arn:aws:iam::*:role/pipelines/*')] },
      'it can create pipelines and pass nothing': { allow: [CREATE] },
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
      'an authorised role without a condition': {
        allow: [CREATE, pass(EXECUTION, {})],
        told: {
          ...told(`${OWN}/Statement/1`, 'to any service'),
          expected: 'iam:PassedToService is sagemaker.amazonaws.com',
        },
      },
      'one role of an authorised path without a condition': {
        allow: [CREATE, pass(roleArn('pipelines/fraud'), {})],
        told: told(`${OWN}/Statement/1`, `${roleArn('pipelines/fraud')} to any service`),
      },
      'an authorised role to another service alone': {
        allow: [CREATE, pass(EXECUTION, toService('ec2.amazonaws.com'))],
        told: told(`${OWN}/Statement/1`, 'to ec2.amazonaws.com'),
      },
      'any role to another service alone': {
        allow: [CREATE, pass('*', toService('lambda.amazonaws.com'))],
        told: told(`${OWN}/Statement/1`, 'to lambda.amazonaws.com'),
      },
      'a list of services': {
        allow: [CREATE, pass(EXECUTION, toService(['sagemaker.amazonaws.com', 'glue.amazonaws.com']))],
        told: told(`${OWN}/Statement/1`, 'to glue.amazonaws.com'),
      },
      'services by a pattern': {
        allow: [CREATE, pass(EXECUTION, toService('*.amazonaws.com', 'StringLike'))],
        told: told(`${OWN}/Statement/1`, '.amazonaws.com'),
      },
      'a condition that a request without the key passes': {
        allow: [CREATE, pass(EXECUTION, toService('sagemaker.amazonaws.com', 'StringEqualsIfExists'))],
        told: told(`${OWN}/Statement/1`, 'to any service'),
      },
      'all services but one': {
        allow: [CREATE, pass(EXECUTION, toService('ec2.amazonaws.com', 'StringNotEquals'))],
        told: told(`${OWN}/Statement/1`, 'to any service'),
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
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'allows iam:PassRole'],
            [ADMIN, 'may write any role’s policies'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
      },
      'an administrator’s role to another service': {
        allow: [CREATE, pass(ADMIN, toService('lambda.amazonaws.com'))],
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, `${ADMIN} to lambda.amazonaws.com`],
            [ADMIN, 'may write any role’s policies'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
      },
      'a role that may be an administrator’s is critical, as no doubt makes a breach milder': {
        allow: [CREATE, pass('*')],
        perhapsAdministrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'allows iam:PassRole'],
            [ADMIN, 'is not known'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
      },
      'an administrator’s role that it perhaps may pass is critical': {
        allow: [CREATE, pass(roleArn('team-*')), pass(ADMIN, WITH_MFA)],
        administrators: [ADMIN],
        told: {
          evidence: [
            [`${OWN}/Statement/1`, 'role/team-'],
            [ADMIN, 'is not known'],
          ],
          severity: 'CRITICAL',
          isMended: true,
        },
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
          patch:
            'aws iam detach-role-policy --role-name data-scientist --policy-arn arn:aws:iam::aws:policy/AdministratorAccess',
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
    },
    isNotAvailable: {
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

  test('AmazonSageMakerFullAccess passes any role, and the Deny of the remediation holds it', () => {
    expect(judge('AmazonSageMakerFullAccess')).toMatchObject([
      {
        status: 'FAILED',
        evidence: [
          { at: expect.stringContaining('policy/AmazonSageMakerFullAccess/Statement/') },
          { at: expect.stringContaining('policy/AmazonSageMakerFullAccess/Statement/') },
        ],
        remediation: { patch: expect.stringContaining('AuthorisedRolesAlone') },
      },
    ]);
  });

  test('read-only access creates nothing; another control tells that a pipeline’s role is an administrator', () => {
    expect(judge('AmazonSageMakerReadOnly')).toMatchObject([{ status: 'NOT_APPLICABLE' }]);
    expect(judge('AdministratorAccess')).toMatchObject([{ status: 'NOT_APPLICABLE' }]);
  });
});
