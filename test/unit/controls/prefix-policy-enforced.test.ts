import { describe, expect, test } from '@jest/globals';
import type { Prefix } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/prefix-policy-enforced.ts';
import {
  type ControlCases,
  controlCases,
  type Given,
  mended,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';
import { managedPolicyCases } from '../../support/builders/managed-policy-cases.ts';
import { principalFacts, ROLE, type Stated } from '../../support/builders/principal-facts.ts';

const MAYA = 'arn:aws:iam::111122223333:role/data-scientist';
const JOBS = 'arn:aws:sagemaker:*:111122223333:';
const TRAIN: Prefix = {
  prefix: 'fraud-train',
  stepTypes: ['Training'],
  roles: ['arn:aws:iam::*:role/data-scientist', 'arn:aws:iam::*:role/pipelines/*', 'arn:aws:iam::*:user/*'],
};

const create = (Resource: string | string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action: 'sagemaker:CreateTrainingJob',
  Resource,
  ...more,
});
const OWN = create(`${JOBS}training-job/fraud-train-*`);
const OPEN = create('*');
const denyBeyond = {
  Effect: 'Deny',
  Action: 'sagemaker:Create*',
  NotResource: `${JOBS}training-job/fraud-train-*`,
};

type Case = Stated & { prefixes?: Prefix[] };

const given = ({ prefixes = [TRAIN], ...stated }: Case): Given => ({
  facts: principalFacts({ arn: MAYA, ...stated, config: { prefixes } }),
  config: { prefixes },
});

const at = (statement: number | string, found: string): [string, string] => [
  `${MAYA} own/Statement/${statement}`,
  found,
];

const training = (name?: string) =>
  step('Train', 'Training', name === undefined ? {} : { TrainingJobName: name });

const fails = {
  'no dash behind the prefix': {
    allow: [create(`${JOBS}training-job/fraud-train*`)],
    told: {
      evidence: [at(0, 'allows sagemaker:CreateTrainingJob on')],
      expected: 'jobs under fraud-train-* alone',
      remedy: 'create jobs under fraud-train- alone',
    },
  },
  'a wildcard before the prefix': {
    allow: [create(`${JOBS}training-job/*fraud-train-*`)],
    told: { evidence: [at(0, 'allows')] },
  },
  'a wildcard for the type, and no dash': {
    allow: [create('arn:aws:sagemaker:*:*:*/fraud-train*')],
    told: { evidence: [at(0, 'allows')] },
  },
  'a question mark in the prefix': {
    allow: [create(`${JOBS}training-job/fraud?train-*`)],
    told: { evidence: [at(0, 'allows')] },
  },
  'a name without the prefix, beside it': {
    allow: [create([`${JOBS}training-job/fraud-train-*`, `${JOBS}training-job/fraud-train`])],
    told: { evidence: [at(0, 'training-job/fraud-train')] },
  },
  'a second statement for another team’s prefix': {
    allow: [OWN, create(`${JOBS}training-job/vision-*`)],
    told: { evidence: [at(1, 'training-job/vision-')] },
  },
  'a second statement by a wildcard in the action': {
    allow: [OWN, create('*', { Action: 'sagemaker:*TrainingJob' })],
    told: { evidence: [at(1, 'allows')] },
  },
  'the default names': {
    allow: [OWN, create(`${JOBS}training-job/pipelines-*`)],
    told: { evidence: [at(1, 'training-job/pipelines-')] },
  },
  'NotResource that leaves out one other team': {
    allow: [create('', { Resource: undefined, NotResource: `${JOBS}training-job/vision-*` })],
    told: { evidence: [at(0, 'allows')] },
  },
  NotAction: {
    allow: [
      OWN,
      { Effect: 'Allow', NotAction: ['iam:*', 'sagemaker:Create[!T]*'], Resource: `${JOBS}training-job/*` },
    ],
    told: { evidence: [at(1, 'CreateTrainingJob')] },
  },
  'a condition that always holds': {
    allow: [OWN, create('*', { Condition: { StringLike: { 'aws:PrincipalAccount': '1111*' } } })],
    told: { evidence: [at(1, 'allows')] },
  },
  'a type of job that no prefix of it is for': {
    allow: [OWN, create('*', { Action: 'sagemaker:CreateProcessingJob' })],
    told: {
      evidence: [at(1, 'allows sagemaker:CreateProcessingJob')],
      expected: 'jobs under none of type Processing',
    },
  },
  'its prefix, for a type that the prefix is not for': {
    allow: [OWN, create('arn:aws:sagemaker:*:*:*/fraud-train-*', { Action: 'sagemaker:CreateTransformJob' })],
    told: { evidence: [at(1, 'transform-job/fraud-train-')] },
  },
  'several types at once': {
    allow: [OWN, create('*', { Action: ['sagemaker:CreateTransformJob', 'sagemaker:CreateModel'] })],
    told: { evidence: [at(1, 'CreateTransformJob'), at(1, 'CreateModel')] },
  },
  'an open Allow that a Deny narrows for some jobs alone': {
    allow: [OPEN, { Effect: 'Deny', Action: '*', Resource: `${JOBS}training-job/vision-*` }],
    told: { evidence: [at(0, 'allows')] },
  },
  'an open Allow beside a Deny under a condition that only a request tells': {
    allow: [
      OPEN,
      {
        Effect: 'Deny',
        Action: '*',
        Resource: `${JOBS}training-job/vision-*`,
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
      },
    ],
    told: { evidence: [at(0, 'allows')] },
  },
  'what is allowed through a group': {
    arn: 'arn:aws:iam::111122223333:user/maya',
    allow: [OWN],
    groups: { team: [create(`${JOBS}training-job/*`)] },
    told: { evidence: [['arn:aws:iam::111122223333:group/team own/Statement/0', 'allows']] },
  },
  'an execution role beyond its prefix and what its pipelines need': {
    arn: ROLE,
    allow: [OWN, create(`${JOBS}training-job/churn-*`)],
    pipelines: { 'fraud-daily': { steps: [training('fraud-train')] } },
    told: { evidence: [[`${ROLE} own/Statement/1`, 'training-job/churn-']] },
  },
  'an execution role with default names that none of its pipelines uses': {
    arn: ROLE,
    allow: [OWN, create(`${JOBS}training-job/pipelines-*`)],
    prefixes: [TRAIN, { prefix: 'pipelines' }],
    pipelines: { 'fraud-daily': { steps: [training('fraud-train')] } },
    told: { evidence: [[`${ROLE} own/Statement/1`, 'training-job/pipelines-']] },
  },
} satisfies ControlCases<Case>['fails'];

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'the type and the prefix with its dash': { allow: [OWN] },
      'the form that AWS documents, with a star for the type': {
        allow: [create('arn:aws:sagemaker:*:*:*/fraud-train-*')],
      },
      'jobs under its own prefix in another Region alone': {
        allow: [create('arn:aws:sagemaker:us-east-1:111122223333:training-job/fraud-train-*')],
      },
      'two prefixes': {
        allow: [OWN, create(`${JOBS}training-job/fraud-eval-*`)],
        prefixes: [TRAIN, { ...TRAIN, prefix: 'fraud-eval' }],
      },
      'a longer name under its prefix, beside it': {
        allow: [OWN, create(`${JOBS}training-job/fraud-train-eval-*`)],
      },
      'a type for whose names the prefix is too long': {
        allow: [OWN],
        prefixes: [{ ...TRAIN, stepTypes: ['Training', 'Tuning', 'AutoML'] }],
      },
      'all types of job that a prefix is for': {
        allow: [
          create(`${JOBS}automl-job/fraud-*`, { Action: 'sagemaker:CreateAutoMLJob' }),
          create(`${JOBS}processing-job/fraud-*`, { Action: 'sagemaker:CreateProcessingJob' }),
        ],
        prefixes: [{ ...TRAIN, prefix: 'fraud', stepTypes: ['AutoML', 'ClarifyCheck'] }],
      },
      'some of all types under a prefix that names no types': {
        allow: [create(`${JOBS}training-job/fraud-*`)],
        prefixes: [{ prefix: 'fraud', roles: [MAYA] }],
      },
      'an open Allow beside a Deny of all else': { allow: [OPEN, denyBeyond] },
      'an open Allow within a boundary': { allow: [OPEN], boundary: [OWN] },
      'a second statement whose condition never holds': {
        allow: [
          OWN,
          create('*', { Condition: { StringEquals: { 'aws:PrincipalAccount': '999988887777' } } }),
        ],
      },
      'jobs of another account': {
        allow: [OWN, create('arn:aws:sagemaker:*:999988887777:training-job/*')],
      },
      'whatever else it may do with jobs': {
        allow: [OWN, create('*', { Action: ['sagemaker:Describe*', 'sagemaker:StopTrainingJob'] })],
      },
      'an execution role that may create none: another control’s matter': {
        arn: ROLE,
        pipelines: { 'fraud-daily': { steps: [training('fraud-train')] } },
      },
      'an execution role with what its pipelines need': {
        arn: ROLE,
        allow: [OWN, create(`${JOBS}training-job/pipelines-*`)],
        prefixes: [TRAIN, { prefix: 'pipelines' }],
        pipelines: { 'fraud-daily': { steps: [training('fraud-train'), training()] } },
      },
    },
    fails: {
      ...mended(fails),
      'a wide statement beside a lack, of which the command gives nothing': {
        allow: [OWN, create('*', { Action: 'sagemaker:CreateModel' })],
        prefixes: [TRAIN, { ...TRAIN, prefix: 'fraud-eval' }],
        told: { evidence: [at(1, 'CreateModel')], isMended: true },
      },
    },
    warns: {
      'jobs under its own prefix are not allowed': {
        allow: [create(`${JOBS}training-job/fraud-train-eval-*`)],
        told: {
          evidence: [at('0/Resource', 'is not allowed')],
          expected: 'allowed: arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-train-*',
          severity: 'LOW',
          isMended: false,
        },
      },
      'one of two prefixes is not allowed': {
        allow: [OWN],
        prefixes: [TRAIN, { ...TRAIN, prefix: 'fraud-eval' }],
        told: { evidence: [[`${MAYA} own/Statement/0/Resource`, 'fraud-eval-']], severity: 'LOW' },
      },
      'one of the types that a prefix is for is not allowed': {
        allow: [OWN],
        prefixes: [{ ...TRAIN, stepTypes: ['Training', 'Model'] }],
        told: {
          evidence: [['identity policies', 'sagemaker:CreateModel']],
          severity: 'LOW',
          isMended: false,
        },
      },
      'no type at all is allowed under a prefix for all types': {
        allow: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
        prefixes: [{ prefix: 'fraud', roles: [MAYA] }],
        told: {
          evidence: [
            'TrainingJob',
            'ProcessingJob',
            'TransformJob',
            'HyperParameterTuningJob',
            'AutoMLJob',
            'Model',
            'ModelPackage',
          ].map((noun): [string, string] => ['identity policies', `sagemaker:Create${noun} on`]),
          severity: 'LOW',
        },
      },
      'a boundary without its prefix': {
        allow: [OWN],
        boundary: [create(`${JOBS}training-job/vision-*`)],
        told: {
          evidence: [['arn:aws:iam::111122223333:policy/boundary/Statement/0/Resource', 'is not allowed']],
          severity: 'LOW',
          isMended: false,
        },
      },
    },
    isNotAvailable: {
      'a wide Allow under a condition that only a request tells': {
        allow: [OWN, create('*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
        told: { evidence: [at(1, 'aws:MultiFactorAuthPresent')] },
      },
    },
    isNotApplicable: {
      'a role that no prefix is bound to': { arn: 'arn:aws:iam::111122223333:role/etl', allow: [OPEN] },
      'prefixes that are bound to nobody': { allow: [OPEN], prefixes: [{ prefix: 'fraud-train' }] },
      'an administrator': { allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    },
  });

  test('its command gives nothing that is lacking', () => {
    const prefixes = [TRAIN, { ...TRAIN, prefix: 'fraud-eval' }];
    const allow = [OWN, create('*', { Action: 'sagemaker:CreateModel' })];
    const [verdict] = verdictsOf(control, given({ allow, prefixes }));
    const patch = verdict && 'remediation' in verdict ? verdict.remediation.patch : undefined;
    expect(patch).toContain('"Effect":"Deny"');
    expect(patch).not.toContain('"Effect":"Allow"');
  });

  test('its Deny leaves the prefix out in every Region', () => {
    const [verdict] = verdictsOf(control, given({ allow: [OPEN] }));
    const patch = verdict && 'remediation' in verdict ? verdict.remediation.patch : undefined;
    expect(patch).toContain('"NotResource":["arn:aws:sagemaker:*:111122223333:training-job/fraud-train-*"]');
  });

  managedPolicyCases(control, given, [
    ['AmazonSageMakerFullAccess', 'FAILED'],
    ['AmazonSageMakerReadOnly', 'WARNING'],
    ['AdministratorAccess', 'NOT_APPLICABLE'],
    ['AmazonSageMakerReadOnly', 'PASSED', OWN],
  ]);
});
