import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/pass-role-allowed.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  scpsOf,
} from '../../support/builders/principal-facts.ts';

const roleArn = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`;
const CREATOR = roleArn('data-scientist');
const USER = 'arn:aws:iam::111122223333:user/ann';
const OTHER = roleArn('pipelines/vision');
const OWN = `${CREATOR} own`;
const TRAIN = step('Train', 'Training');

const toService = (service: unknown, operator = 'StringEquals') => ({
  Condition: { [operator]: { 'iam:PassedToService': service } },
});
const TO_SAGEMAKER = toService('sagemaker.amazonaws.com');
const pass = (Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource,
  ...more,
});
const denyPass = (Resource: string, more: object = {}) => ({ ...pass(Resource, more), Effect: 'Deny' });

const update = (Resource: string, more: object = {}) => ({
  Effect: 'Allow',
  Action: 'sagemaker:UpdatePipeline',
  Resource: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${Resource}`,
  ...more,
});
const UPDATE = update('*');
const CI = roleArn('ci-vision');
const MFA = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

const TWO = {
  'fraud-daily': { steps: [TRAIN] },
  'fraud-weekly': { steps: [TRAIN] },
  vision: { roleArn: OTHER, steps: [TRAIN] },
};

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({
      arn = CREATOR,
      pipelines = { 'fraud-daily': { steps: [TRAIN] } },
      config = { roles: { creators: [CREATOR, USER] } },
      allow = [],
      ...stated
    }) => ({
      facts: principalFacts({ arn, pipelines, config, allow: [...allow, UPDATE], ...stated }),
      config,
    }),
    passes: {
      'the execution role by its ARN, to SageMaker': { allow: [pass(ROLE, TO_SAGEMAKER)] },
      'execution roles of a path': { pipelines: TWO, allow: [pass(roleArn('pipelines/*'))] },
      'each by a statement of its own': { pipelines: TWO, allow: [pass(ROLE), pass(OTHER, TO_SAGEMAKER)] },
      'all but other actions (NotAction)': {
        allow: [{ Effect: 'Allow', NotAction: 'iam:Create*', Resource: '*' }],
      },
      'a pattern of services under StringLike': {
        allow: [pass(ROLE, toService('sagemaker.*', 'StringLike'))],
      },
      'a user, by a group': { arn: USER, groups: { scientists: [pass(ROLE, TO_SAGEMAKER)] } },
      'a creator by a pattern': {
        config: { roles: { creators: ['arn:aws:iam::*:role/data-*'] } },
        allow: [pass(ROLE)],
      },
      'a Deny about other services': {
        allow: [pass(ROLE), denyPass('*', toService('sagemaker.amazonaws.com', 'StringNotEquals'))],
      },
      'an account without pipelines': { pipelines: {} },
      'step roles, which the execution role passes': {
        pipelines: {
          'fraud-daily': { steps: [step('Train', 'Training', { RoleArn: roleArn('steps/train') })] },
        },
        allow: [pass(ROLE)],
      },
      'the role of another pipeline, which another creator makes and passes': {
        pipelines: TWO,
        allow: [pass(ROLE)],
        config: { roles: { creators: [CREATOR, CI] } },
        creators: { [CI]: [pass(OTHER), update('vision')] },
      },
      'the role of a pipeline that it may not update': {
        pipelines: TWO,
        allow: [pass(ROLE), update('vision', { Effect: 'Deny', Action: '*' })],
      },
      'the role of a pipeline that is another creator’s by the configuration': {
        pipelines: TWO,
        allow: [pass(ROLE)],
        config: { roles: { creators: [CREATOR, { roles: [CI], pipelines: ['vis*'] }] } },
      },
      'the roles of the pipelines that the configuration says are its own': {
        pipelines: TWO,
        allow: [pass(OTHER)],
        config: { roles: { creators: [{ roles: [CREATOR], pipelines: ['Vision'] }] } },
      },
      'all but a role that no pipeline must run under': {
        pipelines: TWO,
        allow: [pass(OTHER)],
        config: { roles: { creators: [CREATOR], execution: [OTHER] } },
      },
      'a boundary and SCPs that allow it': {
        allow: [pass(ROLE)],
        boundary: [pass('*'), UPDATE],
        organization: scpsOf(denyPass(roleArn('admin'))),
      },
    },
    fails: {
      'no permission': {
        told: {
          evidence: [['identity policies', `iam:PassRole on ${ROLE}`]],
          expected: 'allowed: it is the execution role of fraud-daily',
          remedy: `Allow ${CREATOR} to pass the execution roles to SageMaker`,
          isMended: true,
        },
      },
      'the role of a pipeline that is its own by the configuration, with which it may do nothing yet': {
        allow: [update('*', { Effect: 'Deny' })],
        config: { roles: { creators: [{ roles: [CREATOR], pipelines: ['fraud-*'] }] } },
        told: { evidence: [['identity policies', ROLE]], isMended: true },
      },
      'the role of a pipeline that is its own by the configuration, whoever else may make it': {
        pipelines: TWO,
        config: { roles: { creators: [{ roles: [CREATOR], pipelines: ['vision'] }, CI] } },
        creators: { [CI]: [pass(OTHER), UPDATE] },
        told: {
          evidence: [['identity policies', `iam:PassRole on ${OTHER}`]],
          expected: 'allowed: it is the execution role of vision',
          isMended: true,
        },
      },
      'the role of a pipeline that another creator may make, but whose role nobody may pass': {
        pipelines: { vision: TWO.vision },
        config: { roles: { creators: [CREATOR, CI] } },
        creators: { [CI]: [pass(ROLE), UPDATE] },
        told: { evidence: [['identity policies', OTHER]], isMended: true },
      },
      'the role of a pipeline that another creator may pass, but not make': {
        pipelines: { vision: TWO.vision },
        config: { roles: { creators: [CREATOR, CI] } },
        creators: { [CI]: [pass(OTHER), update('fraud-*')] },
        told: { evidence: [['identity policies', OTHER]], isMended: true },
      },
      'one of two execution roles': {
        pipelines: TWO,
        allow: [pass(OTHER, TO_SAGEMAKER)],
        told: {
          evidence: [[`${OWN}/Statement/0/Resource`, ROLE]],
          expected: 'the execution role of fraud-daily, fraud-weekly',
          isMended: true,
        },
      },
      'all execution roles are one finding': {
        pipelines: TWO,
        told: {
          evidence: [
            ['identity policies', ROLE],
            ['identity policies', OTHER],
          ],
          isMended: true,
        },
      },
      'the role in another path': {
        allow: [pass(roleArn('fraud'))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, ROLE]], isMended: true },
      },
      'to another service': {
        allow: [pass(ROLE, toService('lambda.amazonaws.com'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'lambda']],
          isMended: true,
        },
      },
      'a pattern under StringEquals, where it is no pattern': {
        allow: [pass(ROLE, toService('sagemaker*'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'sagemaker*']],
          isMended: true,
        },
      },
      'the action left out by NotAction': {
        allow: [{ Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' }],
        told: { evidence: [['identity policies', ROLE]], isMended: true },
      },
      'the role left out by NotResource': {
        allow: [{ Effect: 'Allow', Action: 'iam:PassRole', NotResource: roleArn('pipelines/*') }],
        told: { evidence: [[`${OWN}/Statement/0/NotResource`, ROLE]], isMended: true },
      },
      'a second statement that denies it': {
        allow: [pass('*'), denyPass(roleArn('pipelines/*'))],
        told: {
          evidence: [[`${OWN}/Statement/1`, 'denies']],
          remedy: `out of statement 1 of ${OWN}`,
          isMended: false,
        },
      },
      'the group of a user': {
        arn: USER,
        allow: [pass(ROLE)],
        groups: { scientists: [denyPass('*', TO_SAGEMAKER)] },
        told: {
          evidence: [['arn:aws:iam::111122223333:group/scientists own/Statement/0', 'denies']],
          isMended: false,
        },
      },
      'a user gets the command for users': {
        arn: USER,
        told: {
          evidence: [['identity policies', ROLE]],
          patch: expect.stringContaining('aws iam put-user-policy --user-name ann') as unknown as string,
        },
      },
      'a boundary without iam:PassRole': {
        allow: [pass(ROLE)],
        boundary: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary', ROLE]],
          remedy: 'No command is given',
          isMended: false,
        },
      },
      'an SCP': {
        allow: [pass(ROLE)],
        organization: scpsOf(denyPass('arn:aws:iam::*:role/*')),
        told: { evidence: [['Limits (r-abcd)/Statement/1', 'denies']], isMended: false },
      },
      'an execution role of another account, which nobody can pass': {
        pipelines: { 'fraud-daily': { roleArn: roleArn('pipelines/fraud', '444455556666'), steps: [TRAIN] } },
        allow: [pass('*')],
        told: { evidence: [['policy of the resource', '444455556666']], isMended: false },
      },
    },
    isNotAvailable: {
      'a condition on what only a request tells': {
        allow: [pass(ROLE, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
        told: { evidence: [[`${OWN}/Statement/0`, 'aws:MultiFactorAuthPresent']], remedy: 'simulate' },
      },
      'another creator may pass the role under a condition that nobody knows': {
        config: { roles: { creators: [CREATOR, CI] } },
        creators: { [CI]: [pass(ROLE, MFA), UPDATE] },
        told: {
          evidence: [['identity policies', 'or another creator does, hangs on a condition']],
          remedy: 'roles.creators',
        },
      },
      'a Deny on the pipeline under a condition that nobody knows': {
        allow: [update('*', { Effect: 'Deny', ...MFA })],
        told: { evidence: [['identity policies', ROLE]] },
      },
    },
    isNotApplicable: {
      'a pipeline that the configuration says is its own, and that it only starts, retries and stops': {
        allow: [
          update('*', { Effect: 'Deny' }),
          {
            Effect: 'Allow',
            Action: ['sagemaker:StartPipelineExecution', 'sagemaker:*PipelineExecution'],
            Resource: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-*',
            Condition: { NumericGreaterThanEqualsIfExists: { 'sagemaker:PipelineVersionId': '7' } },
          },
        ],
        config: { roles: { creators: [{ roles: [CREATOR], pipelines: ['fraud-*'] }] } },
      },
      'a creator that may update none of the pipelines': {
        pipelines: TWO,
        allow: [update('*', { Effect: 'Deny' })],
      },
      'a principal that is no creator': { arn: roleArn('auditor') },
      'a role whose name only begins as the creator’s': { arn: roleArn('data-scientist-2') },
    },
  });
});

describeCases('pipelines/generated', `${control.id} with AWS’s own policies`, (folder) => {
  const config = { roles: { creators: [{ roles: [CREATOR], pipelines: ['*'] }] } };
  const judge = (policy: string) =>
    verdictsOf(control, {
      facts: principalFacts({
        arn: CREATOR,
        config,
        attached: managedPolicies(policy),
        pipelines: { real: pipelineIn(join(folder, '01_abalone_noprefix_onerole.json')) },
      }),
      config,
    });

  test('AmazonSageMakerFullAccess passes any role to SageMaker, the policy for integrations none', () => {
    expect(judge('AmazonSageMakerFullAccess')).toEqual([{ status: 'PASSED' }]);
    expect(judge('AmazonSageMakerPipelinesIntegrations')).toMatchObject([
      {
        status: 'FAILED',
        remediation: { patch: expect.stringContaining('aws iam put-role-policy --role-name data-scientist') },
      },
    ]);
  });
});
