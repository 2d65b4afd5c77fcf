import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-passes-step-roles.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { condition, controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  scpsOf,
} from '../../support/builders/principal-facts.ts';

const roleArn = (name: string, account = '111122223333') => `arn:aws:iam::${account}:role/${name}`;
const TRAIN_ROLE = roleArn('steps/train');
const chinese = (name: string) => `arn:aws-cn:iam::111122223333:role/${name}`;
const inChina = (...steps: object[]) => ({
  arn: chinese('pipelines/fraud'),
  pipelines: { 'fraud-daily': { roleArn: chinese('pipelines/fraud'), steps } },
  scope: { account: '111122223333', region: 'cn-north-1', partition: 'aws-cn' },
});
const OWN = `${ROLE} own`;
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

const training = (RoleArn: unknown = TRAIN_ROLE) => step('Train', 'Training', { RoleArn });
const PROFILE = 'arn:aws:iam::111122223333:instance-profile/emr/cluster-nodes';
const cluster = (ClusterConfig: object) => step('Spark', 'EMR', { ClusterConfig });
const serverless = step('Spark', 'EMRServerless', {
  ExecutionRoleArn: roleArn('spark'),
  JobConfig: { executionRoleArn: roleArn('spark') },
});
const running = (...steps: object[]) => ({ 'fraud-daily': { steps } });

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ pipelines = running(training()), ...stated }) => ({
      facts: principalFacts({ pipelines, ...stated }),
    }),
    passes: {
      'the role by its ARN, to SageMaker': { allow: [pass(TRAIN_ROLE, TO_SAGEMAKER)] },
      'roles of a path': { allow: [pass(roleArn('steps/*'), TO_SAGEMAKER)] },
      'roles of any account': { allow: [pass('arn:aws:iam::*:role/steps/*')] },
      'all actions but others (NotAction)': {
        allow: [{ Effect: 'Allow', NotAction: 'iam:Create*', Resource: '*' }],
      },
      'a list of services': {
        allow: [pass('*', toService(['lambda.amazonaws.com', 'sagemaker.amazonaws.com']))],
      },
      'services by a pattern under StringLike': {
        allow: [pass(TRAIN_ROLE, toService('sagemaker.*', 'StringLike'))],
      },
      'itself, where a step names it': { pipelines: running(training(ROLE)), allow: [pass(ROLE)] },
      'itself, where a step names no role and so runs under it': {
        pipelines: running(step('Train', 'Training')),
        allow: [pass(ROLE, TO_SAGEMAKER)],
      },
      'in China, to EMR and EC2 by the names that they have there': {
        ...inChina(cluster({ JobFlowRole: 'nodes', ServiceRole: chinese('emr') })),
        named: { profiles: { nodes: chinese('nodes') } },
        allow: [
          pass(chinese('nodes'), toService('ec2.amazonaws.com.cn')),
          pass(chinese('emr'), toService('elasticmapreduce.amazonaws.com.cn')),
        ],
      },
      'in China, to EMR by the name that it has elsewhere': {
        ...inChina(cluster({ ServiceRole: chinese('emr') })),
        allow: [pass(chinese('emr'), toService('elasticmapreduce.amazonaws.com'))],
      },
      'a Deny about other services': {
        allow: [pass(TRAIN_ROLE), denyPass('*', toService('sagemaker.amazonaws.com', 'StringNotEquals'))],
      },
      'EMR’s roles by the names of a role and of an instance profile, to EMR and to EC2': {
        pipelines: running(cluster({ ServiceRole: 'EMR_DefaultRole', JobFlowRole: 'cluster-nodes' })),
        named: {
          roles: { EMR_DefaultRole: roleArn('emr/EMR_DefaultRole') },
          profiles: { 'cluster-nodes': roleArn('emr/nodes') },
        },
        allow: [
          pass(roleArn('emr/EMR_DefaultRole'), toService('elasticmapreduce.amazonaws.com')),
          pass(roleArn('emr/nodes'), toService('ec2.amazonaws.com')),
        ],
      },
      'the role of an instance profile by the ARN of the profile': {
        pipelines: running(cluster({ JobFlowRole: PROFILE })),
        named: { profiles: { [PROFILE]: roleArn('emr/nodes') } },
        allow: [pass(roleArn('emr/nodes'), toService('ec2.amazonaws.com'))],
      },
      'every role to EC2, where it is not known which role the instance profile holds': {
        pipelines: running(cluster({ JobFlowRole: PROFILE })),
        allow: [pass('*', toService('ec2.amazonaws.com'))],
      },
      'the role for automatic scaling, to the service that scales': {
        pipelines: running(cluster({ AutoScalingRole: roleArn('scaling') })),
        allow: [pass(roleArn('scaling'), toService('application-autoscaling.amazonaws.com'))],
      },
      'the role of a job on EMR Serverless, to whichever of the two services': {
        pipelines: running(serverless),
        allow: [pass(roleArn('spark'), TO_SAGEMAKER)],
      },
      'a boundary and SCPs that allow it': {
        allow: [pass(TRAIN_ROLE)],
        boundary: [pass('*')],
        organization: scpsOf(denyPass(roleArn('admin'))),
      },
    },
    fails: {
      'itself, though the configuration lists other execution roles': {
        pipelines: running(step('Train', 'Training')),
        config: { roles: { steps: [roleArn('steps/*')], execution: [roleArn('pipelines/churn')] } },
        told: { evidence: [['identity policies', `nothing there allows iam:PassRole on ${ROLE}`]] },
      },
      'no permission': {
        told: {
          evidence: [['identity policies', `nothing there allows iam:PassRole on ${TRAIN_ROLE}`]],
          expected: `allowed: iam:PassRole on ${TRAIN_ROLE}, for step Train (/Steps/0) of pipeline fraud-daily`,
          remedy: 'pass the roles of its pipelines’ steps',
          isMended: true,
        },
      },
      'itself, where a step names no role and so runs under it': {
        pipelines: running(step('Tune', 'Tuning', { TrainingJobDefinitions: [{ RoleArn: TRAIN_ROLE }, {}] })),
        allow: [pass(TRAIN_ROLE)],
        told: {
          evidence: [[`${OWN}/Statement/0/Resource`, ROLE]],
          expected: 'for step Tune (/Steps/0) of pipeline fraud-daily',
          isMended: true,
        },
      },
      'itself by the role of an AutoML job, which starts jobs under it': {
        arn: TRAIN_ROLE,
        pipelines: running(step('Search', 'AutoML', { RoleArn: TRAIN_ROLE })),
        told: { evidence: [['identity policies', `iam:PassRole on ${TRAIN_ROLE}`]], isMended: true },
      },
      'itself, which a role may not pass without being allowed to': {
        pipelines: running(training(ROLE)),
        allow: [pass(TRAIN_ROLE)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, ROLE]], isMended: true },
      },
      'the role of a job on EMR Serverless, to a third service': {
        pipelines: running(serverless),
        allow: [pass(roleArn('spark'), toService('lambda.amazonaws.com'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'lambda']],
          isMended: true,
        },
      },
      'another role': {
        allow: [pass(roleArn('steps/prepare'), TO_SAGEMAKER)],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, 'steps/prepare']], isMended: true },
      },
      'the role in another path': {
        allow: [pass(roleArn('train'))],
        told: { evidence: [[`${OWN}/Statement/0/Resource`, TRAIN_ROLE]], isMended: true },
      },
      'to another service': {
        allow: [pass(TRAIN_ROLE, toService('lambda.amazonaws.com'))],
        told: {
          evidence: [
            [`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'lambda.amazonaws.com'],
          ],
          isMended: true,
        },
      },
      'a pattern under StringEquals, where it is no pattern': {
        allow: [pass(TRAIN_ROLE, toService('sagemaker.*'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'sagemaker.*']],
          isMended: true,
        },
      },
      'the role left out by NotResource': {
        allow: [{ Effect: 'Allow', Action: 'iam:*', NotResource: roleArn('steps/*') }],
        told: { evidence: [[`${OWN}/Statement/0/NotResource`, TRAIN_ROLE]], isMended: true },
      },
      'the action left out by NotAction': {
        allow: [{ Effect: 'Allow', NotAction: 'iam:Pass*', Resource: '*' }],
        told: { evidence: [['identity policies', TRAIN_ROLE]], isMended: true },
      },
      'a second statement that denies it': {
        allow: [pass('*'), denyPass(roleArn('steps/*'))],
        told: { evidence: [[`${OWN}/Statement/1`, 'denies']], remedy: 'out of statement 1', isMended: false },
      },
      'a boundary without iam:PassRole': {
        allow: [pass(TRAIN_ROLE)],
        boundary: [{ Effect: 'Allow', Action: 'sagemaker:*', Resource: '*' }],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary', TRAIN_ROLE]],
          remedy: 'permissions boundary too. No command is given',
          isMended: false,
        },
      },
      'an SCP': {
        allow: [pass(TRAIN_ROLE)],
        organization: scpsOf(denyPass('arn:aws:iam::*:role/steps/*')),
        told: { evidence: [['Limits (r-abcd)/Statement/1', 'denies']], isMended: false },
      },
      'a role of another account, which nobody can pass': {
        pipelines: running(training(roleArn('steps/train', '444455556666'))),
        allow: [pass('*')],
        told: { evidence: [['policy of the resource', '444455556666']], isMended: false },
      },
      'a nested step, and a parameter’s default': {
        pipelines: {
          'fraud-daily': {
            steps: [condition('If', [], [condition('Again', [training({ Get: 'Parameters.Role' })])])],
            parameters: { Role: TRAIN_ROLE },
          },
        },
        told: {
          evidence: [['identity policies', TRAIN_ROLE]],
          expected: 'step Train (/Steps/0/Arguments/ElseSteps/0/Arguments/IfSteps/0)',
          isMended: true,
        },
      },
      'the role of an instance profile, to EMR alone': {
        pipelines: running(cluster({ ServiceRole: 'EMR_DefaultRole', JobFlowRole: 'cluster-nodes' })),
        named: { profiles: { 'cluster-nodes': roleArn('emr/nodes') } },
        config: { roles: { steps: [roleArn('emr/nodes'), roleArn('EMR_DefaultRole')] } },
        allow: [pass('*', toService('elasticmapreduce.amazonaws.com'))],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, roleArn('emr/nodes')]],
          patch: `aws iam put-role-policy --role-name fraud --policy-name pipewarden-execution-role-passes-step-roles-b13b3265 --policy-document '${JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'PassRole', Effect: 'Allow', Action: ['iam:PassRole'], Resource: [roleArn('emr/nodes')], Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } }] })}'`,
        },
      },
      'no role to EC2, where it is not known which role the instance profile holds': {
        pipelines: running(cluster({ JobFlowRole: 'cluster-nodes' })),
        named: {},
        allow: [pass('*', TO_SAGEMAKER)],
        told: {
          evidence: [[`${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`, 'iam:PassRole']],
          expected: 'for step Spark (/Steps/0) of pipeline fraud-daily',
          remedy: 'No policy is given, because nothing tells which role an instance profile holds',
          isMended: false,
        },
      },
      'EMR’s roles, which SageMaker’s condition does not cover': {
        pipelines: running(cluster({ ServiceRole: 'EMR_DefaultRole', JobFlowRole: 'EMR_EC2_DefaultRole' })),
        named: { profiles: { EMR_EC2_DefaultRole: roleArn('EMR_EC2_DefaultRole') } },
        allow: [pass('*', TO_SAGEMAKER)],
        told: {
          evidence: ['EMR_EC2_DefaultRole', 'EMR_DefaultRole'].map((name) => [
            `${OWN}/Statement/0/Condition/StringEquals/iam:PassedToService`,
            roleArn(name),
          ]),
          isMended: true,
        },
      },
      'the same role of two pipelines is one finding': {
        pipelines: { 'fraud-daily': { steps: [training()] }, 'fraud-weekly': { steps: [training()] } },
        told: {
          evidence: [['identity policies', TRAIN_ROLE]],
          expected: 'of pipeline fraud-daily, step Train (/Steps/0) of pipeline fraud-weekly',
        },
      },
      'an administrator’s role, which no command may hand on': {
        pipelines: running(training(roleArn('admin'))),
        allow: [pass(TRAIN_ROLE)],
        administrators: [roleArn('admin')],
        told: {
          evidence: [[`${OWN}/Statement/0/Resource`, 'role/admin']],
          remedy: 'Name another role in step Train (/Steps/0) of pipeline fraud-daily',
          isMended: false,
        },
      },
      'one that a Deny keeps back, which must stay': {
        pipelines: running(training(roleArn('admin'))),
        allow: [pass('*'), denyPass(roleArn('admin'))],
        administrators: [roleArn('admin')],
        told: { evidence: [[`${OWN}/Statement/1`, 'denies']], remedy: 'Name another role', isMended: false },
      },
      'the role that is authorised, of two': {
        pipelines: running(training(), step('Other', 'Training', { RoleArn: roleArn('admin') })),
        config: { roles: { steps: [roleArn('steps/*')] } },
        told: { evidence: [['identity policies', TRAIN_ROLE]] },
      },
    },
    isNotAvailable: {
      'some roles to EC2, where it is not known which role the instance profile holds': {
        pipelines: running(cluster({ JobFlowRole: 'cluster-nodes' })),
        allow: [pass(roleArn('emr/*'), toService('ec2.amazonaws.com'))],
        told: {
          evidence: [['GetAccountAuthorizationDetails', 'no role of the account is listed with']],
          expected: 'iam:PassRole to ec2.amazonaws.com on the role of the profile, for step Spark (/Steps/0)',
          remedy: 'aws iam get-instance-profile',
        },
      },
      'a condition on what only a request tells': {
        allow: [
          pass(TRAIN_ROLE, { Condition: { ArnLike: { 'iam:AssociatedResourceArn': '*training-job/*' } } }),
        ],
        told: { evidence: [[`${OWN}/Statement/0`, 'iam:AssociatedResourceArn']], remedy: 'simulate' },
      },
    },
    isNotApplicable: {
      'the runtime role of a step on EMR, which the cluster assumes': {
        pipelines: running(
          step('Spark', 'EMR', { ClusterId: 'j-1ABCD', ExecutionRoleArn: roleArn('spark') }),
        ),
      },
      'a step that runs under no role': {
        pipelines: running(
          step('Stop', 'Fail', {}),
          step('Batch', 'Transform', { ModelName: 'm' }),
          step('Config', 'EndpointConfig', {}),
          step('Register', 'RegisterModel', {}),
        ),
      },
      'a role that step-role-authorised refuses': {
        pipelines: running(training(roleArn('admin'))),
        config: { roles: { steps: [roleArn('steps/*')] } },
      },
      'a role that a step runs under, and no pipeline': { arn: TRAIN_ROLE },
      'a role for Redshift, which is attached to a cluster that exists': {
        pipelines: running(
          step('Prepare', 'Processing', {
            RoleArn: roleArn('admin'),
            ProcessingInputs: [
              { DatasetDefinition: { RedshiftDatasetDefinition: { ClusterRoleArn: roleArn('redshift') } } },
            ],
          }),
        ),
        config: { roles: { steps: [roleArn('steps/*')] } },
      },
    },
  });
});

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  const judge = (file: string, stated: Stated) => {
    const pipelines = { real: pipelineIn(join(folder, file)) };
    return verdictsOf(control, { facts: principalFacts({ ...stated, pipelines }) });
  };

  test.each(['02_abalone_prefix_steproles.json', '12_param_role_kms_prefix.json'])(
    '%s: AmazonSageMakerFullAccess passes any role to SageMaker, read-only access none',
    (file) => {
      expect(judge(file, { attached: managedPolicies('AmazonSageMakerFullAccess') })).toEqual([
        { status: 'PASSED' },
      ]);
      expect(judge(file, { attached: managedPolicies('AmazonSageMakerReadOnly') })).toMatchObject([
        {
          status: 'FAILED',
          remediation: { patch: expect.stringContaining('"iam:PassedToService":"sagemaker.amazonaws.com"') },
        },
      ]);
    },
  );

  test('each step type’s roles go to its own service', () => {
    const services = ['sagemaker', 'elasticmapreduce', 'ec2', 'emr-serverless', 'application-autoscaling'];
    const allowed = (names: string[]) => [
      pass(roleArn('*'), toService(names.map((name) => `${name}.amazonaws.com`))),
    ];
    const named = { profiles: { EMR_EC2_DefaultRole: roleArn('EMR_EC2_DefaultRole') } };
    expect(judge('06_allsteps_prefix.json', { allow: allowed(services), named })).toEqual([
      { status: 'PASSED' },
    ]);
    expect(judge('06_allsteps_prefix.json', { allow: allowed(['sagemaker']), named })).toMatchObject([
      { status: 'FAILED', remediation: { patch: expect.stringContaining('elasticmapreduce.amazonaws.com') } },
    ]);
  });

  test('a role behind a parameter is asked for by its default', () => {
    expect(judge('12_param_role_kms_prefix.json', { allow: [pass(roleArn('TrainRole'))] })).toEqual([
      { status: 'PASSED' },
    ]);
  });
});
