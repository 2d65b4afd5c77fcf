import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/step-role-authorised.ts';
import type { NamedRoles } from '../../../shared/definition/named-roles.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import type { Verdict } from '../../../shared/domain/finding.ts';
import type { PipelineSubject } from '../../../shared/facts/facts.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  condition,
  controlCases,
  definitionOf,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const FRAUD = role('pipelines/fraud');
const GOOD = role('steps/train');
const BAD = role('admin');
const STEPS = { steps: [role('steps/*')] };

const RUNNING: PipelineSubject = { name: 'fraud-daily', roleArn: FRAUD };
/** Configurations under which the pipeline must not run under its role. */
const REFUSED: [title: string, roles: Config['roles']][] = [
  ['others are listed', { ...STEPS, execution: [role('pipelines/churn')] }],
  ['none is listed', { ...STEPS, execution: [] }],
  ['it is listed for steps alone', { steps: [role('*')], execution: [role('pipelines/churn')] }],
];

const training = (RoleArn: unknown, name = 'Train') => step(name, 'Training', { RoleArn });
const parameter = (name: string) => ({ Get: `Parameters.${name}` });

/** Every field in which a step type keeps a role; a role that is not authorised must be found in each. */
const FIELDS: [type: string, path: string, args: (roleArn: string) => object][] = [
  ...[
    ...['Training', 'Processing', 'QualityCheck', 'ClarifyCheck', 'AutoML', 'Job'],
    ...['BedrockCustomModel', 'BedrockModelImport'],
  ].map((type): [string, string, (roleArn: string) => object] => [
    type,
    'RoleArn',
    (RoleArn) => ({ RoleArn }),
  ]),
  ['Model', 'ExecutionRoleArn', (ExecutionRoleArn) => ({ ExecutionRoleArn })],
  ['EndpointConfig', 'ExecutionRoleArn', (ExecutionRoleArn) => ({ ExecutionRoleArn })],
  ['EMR', 'ExecutionRoleArn', (ExecutionRoleArn) => ({ ClusterId: 'j-1', ExecutionRoleArn })],
  ['EMR', 'ClusterConfig/JobFlowRole', (JobFlowRole) => ({ ClusterConfig: { JobFlowRole } })],
  ['EMR', 'ClusterConfig/ServiceRole', (ServiceRole) => ({ ClusterConfig: { ServiceRole } })],
  ['EMR', 'ClusterConfig/AutoScalingRole', (AutoScalingRole) => ({ ClusterConfig: { AutoScalingRole } })],
  [
    'EMRServerless',
    'JobConfig/executionRoleArn',
    (executionRoleArn) => ({ JobConfig: { executionRoleArn } }),
  ],
  ['Tuning', 'TrainingJobDefinition/RoleArn', (RoleArn) => ({ TrainingJobDefinition: { RoleArn } })],
  [
    'Tuning',
    'TrainingJobDefinitions/1/RoleArn',
    (RoleArn) => ({ TrainingJobDefinitions: [{ RoleArn: GOOD }, { RoleArn }] }),
  ],
  [
    'AutoML',
    'AutoMLComputeConfig/EmrServerlessComputeConfig/ExecutionRoleARN',
    (ExecutionRoleARN) => ({ AutoMLComputeConfig: { EmrServerlessComputeConfig: { ExecutionRoleARN } } }),
  ],
  [
    'Processing',
    'ProcessingInputs/0/DatasetDefinition/RedshiftDatasetDefinition/ClusterRoleArn',
    (ClusterRoleArn) => ({
      RoleArn: GOOD,
      ProcessingInputs: [{ DatasetDefinition: { RedshiftDatasetDefinition: { ClusterRoleArn } } }],
    }),
  ],
  [
    'RegisterModel',
    'ValidationSpecification/ValidationRole',
    (ValidationRole) => ({ ValidationSpecification: { ValidationRole } }),
  ],
];

type Stated = {
  pipeline?: PipelineSubject;
  steps?: object[];
  parameters?: Record<string, unknown>;
  overrides?: Record<string, string>;
  roles?: Config['roles'];
  named?: NamedRoles;
};

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({
      pipeline = RUNNING,
      steps = [training(GOOD)],
      parameters,
      overrides = {},
      roles = STEPS,
      named,
    }) => ({
      facts: {
        pipeline: { ...pipeline, ...(named && { named }) },
        definition: definitionOf(steps, parameters),
        overrides,
      },
      config: { roles },
    }),
    passes: {
      'a listed role': { subjects: ['Train'] },
      'a role below a listed path': { steps: [training(role('steps/fraud/train'))] },
      'every step type, in each of its fields': {
        steps: FIELDS.map(([type, path, args]) => step(path, type, args(GOOD))),
        subjects: FIELDS.map(([, path]) => path),
      },
      'a listed execution role': {
        steps: [training(FRAUD)],
        roles: { ...STEPS, execution: [role('pipelines/*')] },
      },
      'a listed execution role, of the pipeline itself and with each step': {
        steps: [training(GOOD), training(GOOD, 'Again')],
        roles: { ...STEPS, execution: [FRAUD] },
        subjects: [undefined, 'Train', 'Again'],
      },
      'an execution role that is listed, where the steps name none': {
        steps: [step('Train', 'Training')],
        roles: { execution: [FRAUD] },
        subjects: [undefined],
      },
      'the pipeline’s own role where no execution roles are listed': { steps: [training(FRAUD)] },
      'a parameter by its default': { steps: [training(parameter('Role'))], parameters: { Role: GOOD } },
      'a parameter by the value of an execution': {
        steps: [training(parameter('Role'))],
        parameters: { Role: BAD },
        overrides: { Role: GOOD },
      },
      'a role that is joined': {
        steps: [training({ 'Std:Join': { On: '/', Values: [role('steps'), parameter('Name')] } })],
        parameters: { Name: 'train' },
      },
      'EMR’s bare role name, where a role without path is listed': {
        steps: [step('Emr', 'EMR', { ClusterConfig: { ServiceRole: 'EMR_DefaultRole' } })],
        roles: { steps: [role('EMR_*')] },
      },
      'EMR’s bare role name, by the one role of the account with this name': {
        steps: [step('Emr', 'EMR', { ClusterConfig: { ServiceRole: 'emr' } })],
        roles: { steps: [role('ml/emr')] },
        named: { roles: new Map([['emr', role('ml/emr')]]), profiles: new Map() },
      },
      ...Object.fromEntries(
        ['nodes', 'arn:aws:iam::111122223333:instance-profile/ml/nodes'].map((profile) => [
          `the role that instance profile ${profile} holds`,
          {
            steps: [step('Emr', 'EMR', { ClusterConfig: { JobFlowRole: profile } })],
            roles: { steps: [role('ml/instances')] },
            named: { roles: new Map(), profiles: new Map([[profile, role('ml/instances')]]) },
          },
        ]),
      ),
    },
    fails: {
      'a role of another path with the bare name that EMR gets': {
        steps: [step('Emr', 'EMR', { ClusterConfig: { ServiceRole: 'emr' } })],
        roles: { steps: [role('ml/emr')] },
        named: { roles: new Map([['emr', role('emr')]]), profiles: new Map() },
        told: {
          subject: 'Emr',
          evidence: [['/Steps/0/Arguments/ClusterConfig/ServiceRole', `emr, which is ${role('emr')}`]],
        },
      },
      'another role in an instance profile that is called as an authorised one': {
        steps: [step('Emr', 'EMR', { ClusterConfig: { JobFlowRole: 'emr' } })],
        roles: { steps: [role('emr')] },
        named: { roles: new Map([['emr', role('emr')]]), profiles: new Map([['emr', role('admin')]]) },
        told: {
          subject: 'Emr',
          evidence: [['/Steps/0/Arguments/ClusterConfig/JobFlowRole', `emr, which is ${role('admin')}`]],
        },
      },
      ...Object.fromEntries(
        FIELDS.map(([type, path, args]) => [
          `${type} in ${path}`,
          {
            steps: [step('S', type, args(BAD))],
            told: { subject: 'S', evidence: [[`/Steps/0/Arguments/${path}`, BAD] as [string, string]] },
          },
        ]),
      ),
      'another role, with what is authorised and where to mend it': {
        steps: [training(BAD)],
        roles: { ...STEPS, execution: [role('pipelines/*')] },
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/RoleArn', BAD]],
          expected: `one of the authorised roles: ${role('steps/*')}, ${role('pipelines/*')}`,
          remedy:
            'Step Train: name an authorised role. SDK 2: Estimator(role=…). SDK 3: ModelTrainer(role=…). Without the SDK: change /Steps/0/Arguments/RoleArn.',
        },
      },
      'a role of another account': {
        steps: [training('arn:aws:iam::999988887777:role/steps/train')],
        told: { subject: 'Train', evidence: [['/Steps/0/Arguments/RoleArn', '999988887777']] },
      },
      'a role whose name only begins as the listed one': {
        steps: [training(role('steps-of-mine/train'))],
        told: { subject: 'Train', evidence: [['/Steps/0/Arguments/RoleArn', 'steps-of-mine']] },
      },
      ...Object.fromEntries(
        REFUSED.map(([title, roles]) => [
          `the pipeline under a role where ${title}, though no step names it`,
          {
            steps: [training(GOOD), step('Default', 'Training')],
            roles,
            told: {
              evidence: [['RoleArn', `the pipeline runs under ${FRAUD}`] as [string, string]],
              remedy: `add ${FRAUD} to roles.execution`,
            },
          },
        ]),
      ),
      'the pipeline once, and not again each step that names its role': {
        steps: [training(FRAUD), training(FRAUD, 'Again'), training(parameter('Role'), 'Default')],
        parameters: { Role: FRAUD },
        roles: { ...STEPS, execution: [role('pipelines/churn')] },
        told: {
          evidence: [
            ['RoleArn', FRAUD],
            ['/Steps/0/Arguments/RoleArn', FRAUD],
            ['/Steps/1/Arguments/RoleArn', FRAUD],
            ['/Steps/2/Arguments/RoleArn', `${FRAUD} (from parameter Role)`],
          ],
          expected: `one of the authorised execution roles: ${role('pipelines/churn')}`,
        },
      },
      'the pipeline, and a step for a further role of its own': {
        steps: [
          step('Prepare', 'Processing', {
            RoleArn: FRAUD,
            ProcessingInputs: [{ DatasetDefinition: { RedshiftDatasetDefinition: { ClusterRoleArn: BAD } } }],
          }),
        ],
        roles: { ...STEPS, execution: [role('pipelines/churn')] },
        told: [
          {
            evidence: [
              ['RoleArn', FRAUD],
              ['/Steps/0/Arguments/RoleArn', FRAUD],
            ],
          },
          {
            subject: 'Prepare',
            evidence: [
              [
                '/Steps/0/Arguments/ProcessingInputs/0/DatasetDefinition/RedshiftDatasetDefinition/ClusterRoleArn',
                BAD,
              ],
            ],
          },
        ],
      },
      'the role of an earlier version that is not the present one': {
        pipeline: { name: 'fraud-daily', roleArn: BAD },
        roles: { ...STEPS, execution: [FRAUD] },
        told: { evidence: [['RoleArn', BAD]] },
      },
      'a step of an earlier definition that names the role, which is told with the pipeline': {
        pipeline: { ...RUNNING, hasPresentRole: true },
        steps: [training(FRAUD)],
        roles: { ...STEPS, execution: [role('pipelines/churn')] },
        told: { subject: 'Train', evidence: [['/Steps/0/Arguments/RoleArn', FRAUD]] },
      },
      'a step to which an execution gave the pipeline’s role': {
        steps: [training(parameter('Role'))],
        parameters: { Role: GOOD },
        overrides: { Role: FRAUD },
        roles: { ...STEPS, execution: [role('pipelines/churn')] },
        told: { subject: 'Train', evidence: [['/Steps/0/Arguments/RoleArn', FRAUD]] },
      },
      'a step nested in Conditions': {
        steps: [condition('If', [condition('Again', [], [training(BAD)])])],
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/IfSteps/0/Arguments/ElseSteps/0/Arguments/RoleArn', BAD]],
        },
      },
      'a parameter’s default, with its name': {
        steps: [training(parameter('Role'))],
        parameters: { Role: BAD },
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/RoleArn', `${BAD} (from parameter Role)`]],
        },
      },
      'the value that an execution was started with': {
        steps: [training(parameter('Role')), training(BAD, 'Other')],
        parameters: { Role: GOOD },
        overrides: { Role: BAD },
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/RoleArn', `${BAD} (from parameter Role)`]],
        },
      },
      'every role of a step that is wrong, and after them those of which it is not known': {
        steps: [
          step('Emr', 'EMR', {
            ClusterConfig: { JobFlowRole: 'Mine', ServiceRole: 'Yours', AutoScalingRole: parameter('Role') },
          }),
        ],
        parameters: { Role: null },
        roles: { steps: [role('EMR_*')] },
        named: { roles: new Map(), profiles: new Map([['Mine', role('mine')]]) },
        told: {
          subject: 'Emr',
          evidence: [
            ['/Steps/0/Arguments/ClusterConfig/JobFlowRole', 'Mine'],
            ['/Steps/0/Arguments/ClusterConfig/ServiceRole', 'Yours'],
            [
              '/Steps/0/Arguments/ClusterConfig/AutoScalingRole',
              '{Parameters.Role} (from parameter Role): whether it is authorised is not known',
            ],
          ],
        },
      },
    },
    isNotAvailable: {
      ...Object.fromEntries(
        Object.entries({
          'where the account is not known': undefined,
          'which no role is listed with': { roles: new Map([['emr', role('emr')]]), profiles: new Map() },
        }).map(([title, named]) => [
          `an instance profile that is called as an authorised role, ${title}`,
          {
            steps: [step('Emr', 'EMR', { ClusterConfig: { JobFlowRole: 'emr' } })],
            roles: { steps: [role('emr')] },
            ...(named && { named }),
            told: {
              subject: 'Emr',
              evidence: [
                [
                  '/Steps/0/Arguments/ClusterConfig/JobFlowRole',
                  'emr, an instance profile of which it is not known whose role it holds',
                ] as [string, string],
              ],
            },
          },
        ]),
      ),
      'a parameter without a default': {
        steps: [training(parameter('Role'))],
        parameters: { Role: null },
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/RoleArn', '{Parameters.Role} (from parameter Role)']],
        },
      },
      'a role that is known in part': {
        steps: [training({ 'Std:Join': { On: '/', Values: [role('steps'), { Get: 'Steps.A.B' }] } })],
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/RoleArn', `${role('steps')}/{Steps.A.B}`]],
        },
      },
      'EMR’s bare role name, where roles are listed with a path': {
        steps: [step('Emr', 'EMR', { ClusterConfig: { ServiceRole: 'EMR_DefaultRole' } })],
        told: {
          subject: 'Emr',
          evidence: [
            [
              '/Steps/0/Arguments/ClusterConfig/ServiceRole',
              'EMR_DefaultRole, of which neither account nor path is told',
            ],
          ],
        },
      },
    },
    isSilent: {
      'a transform step, which runs under the model’s role': {
        steps: [step('Score', 'Transform', { TransformJobName: 'x', RoleArn: BAD })],
      },
      'a step that names no role': { steps: [step('Train', 'Training')] },
      'a pipeline whose role is not told, and steps that name none': {
        pipeline: { name: 'fraud-daily' },
        steps: [step('Train', 'Training')],
        roles: { execution: [role('pipelines/churn')] },
      },
      'an execution of a pipeline whose role is told with the pipeline': {
        steps: [training(BAD)],
        overrides: { Count: '2' },
        roles: { ...STEPS, execution: [role('pipelines/churn')] },
      },
      'an execution whose values have no part in a role': {
        steps: [training(BAD)],
        overrides: { Count: '2' },
      },
    },
  });
});

const ofCases = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

const judgeFile = (
  path: string,
  roles: Config['roles'],
  overrides: Record<string, string> = {},
): Verdict[] => {
  const parsed = parseDefinition(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const named = {
    roles: new Map(),
    profiles: new Map([['EMR_EC2_DefaultRole', ofCases('EMR_EC2_DefaultRole')]]),
  };
  const facts = { pipeline: { name: 'p', named }, definition: parsed.definition, overrides };
  return verdictsOf(control, { facts, config: { roles } });
};
const statuses = (verdicts: Verdict[]) => verdicts.map(({ status, subject }) => [status, subject]);

describeCases('pipelines/generated', `${control.id} on what the SDK writes`, (folder) => {
  test('a role behind a parameter is judged by its default and by an execution’s value', () => {
    const file = join(folder, '12_param_role_kms_prefix.json');
    const roles = { steps: [ofCases('TrainRole')] };
    expect(statuses(judgeFile(file, roles))).toEqual([['PASSED', 'TrainParamRole']]);
    expect(statuses(judgeFile(file, roles, { StepRole: ofCases('Admin') }))).toEqual([
      ['FAILED', 'TrainParamRole'],
    ]);
    expect(judgeFile(file, { steps: [ofCases('Other')] })).toMatchObject([
      {
        status: 'FAILED',
        evidence: [
          {
            at: '/Steps/0/Arguments/RoleArn',
            found: `step TrainParamRole names ${ofCases('TrainRole')} (from parameter StepRole)`,
          },
        ],
      },
    ]);
  });

  test('the roles of all step types are found', () => {
    const file = join(folder, '06_allsteps_prefix.json');
    const named = [
      'Proc',
      'TestTrainingJob',
      'Tune',
      'Create-CreateModel',
      'AutoML',
      'EMRNew',
      'EMRRt',
      'DataQ',
      'DataBias',
    ];
    expect(statuses(judgeFile(file, { steps: [ofCases('*')] }))).toEqual(
      named.map((name) => ['PASSED', name]),
    );
    expect(statuses(judgeFile(file, { steps: [ofCases('Nobody')] }))).toEqual(
      named.map((name) => ['FAILED', name]),
    );
  });
});
