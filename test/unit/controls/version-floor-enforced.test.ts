import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control } from '../../../shared/controls/version-floor-enforced.ts';
import {
  type ControlCases,
  controlCases,
  type Given,
  mended,
  verdictsOf,
} from '../../support/builders/control-cases.ts';
import { managedPolicyCases } from '../../support/builders/managed-policy-cases.ts';
import { principalFacts, type Stated } from '../../support/builders/principal-facts.ts';

const MAYA = 'arn:aws:iam::111122223333:user/maya';
const PIPELINES = 'arn:aws:sagemaker:*:111122223333:pipeline/';
const KEY = 'sagemaker:PipelineVersionId';
const START = 'sagemaker:StartPipelineExecution';
const UPDATE = 'sagemaker:UpdatePipelineVersion';
const BOTH = [START, UPDATE];

const allow = (Condition?: object, more: object = {}): object => ({
  Effect: 'Allow',
  Action: BOTH,
  Resource: `${PIPELINES}fraud-*`,
  ...(Condition && { Condition }),
  ...more,
});
const atLeast = (minimum: string | string[], operator = 'NumericGreaterThanEquals'): object => ({
  [operator]: { [KEY]: minimum },
});
const below = { Effect: 'Deny', Action: BOTH, Resource: '*', Condition: { NumericLessThan: { [KEY]: '6' } } };
const unnamed = { Effect: 'Deny', Action: BOTH, Resource: '*', Condition: { Null: { [KEY]: 'true' } } };

type Case = Stated & { floors?: NonNullable<Config['versionFloors']> };

const given = ({ floors = [{ pipeline: 'fraud-*', minimum: 6 }], ...stated }: Case): Given => ({
  facts: principalFacts(stated),
  config: { versionFloors: floors },
});

const OWN = 'arn:aws:iam::111122223333:role/pipelines/fraud own';
const atOwn = (statement: number, found: string): [string, string] => [
  `${OWN}/Statement/${statement}`,
  found,
];

const fails = {
  'an Allow without the condition': {
    allow: [allow()],
    told: {
      evidence: [
        atOwn(0, `allows ${START} without a version on`),
        atOwn(0, `allows ${UPDATE} without a version on`),
      ],
      expected: 'denied below version 6 of fraud-*, and without a version',
      remedy: 'also in requests that name no version',
    },
  },
  'a second statement without the condition, for one of the actions': {
    allow: [allow(atLeast('6')), allow(undefined, { Action: START })],
    told: { evidence: [atOwn(1, `allows ${START}`)] },
  },
  'a second statement with wildcards in the middle of the action and the pipeline': {
    allow: [
      allow(atLeast('6')),
      { Effect: 'Allow', Action: 'sagemaker:St*Execution', Resource: `${PIPELINES}*-daily` },
    ],
    told: { evidence: [atOwn(1, `allows ${START}`)] },
  },
  NotAction: {
    allow: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    told: {
      evidence: [
        atOwn(0, START),
        atOwn(0, UPDATE),
        ['sagemaker:UpdatePipeline', 'pipeline/fraud-*'],
        ['sagemaker:RetryPipelineExecution', 'pipeline/fraud-*/execution/*'],
      ],
    },
    isGoverned: true,
  },
  'NotResource that names another pipeline': {
    allow: [
      allow(undefined, { Action: START, Resource: undefined, NotResource: `${PIPELINES}fraud-weekly` }),
    ],
    told: { evidence: [atOwn(0, `allows ${START}`)] },
  },
  'IfExists, for a request that names no version': {
    allow: [allow(atLeast('6', 'NumericGreaterThanEqualsIfExists'))],
    told: {
      evidence: [atOwn(0, `${START} without a version`), atOwn(0, `${UPDATE} without a version`)],
    },
  },
  'ForAllValues, which holds where there is no version': {
    allow: [allow(atLeast('6', 'ForAllValues:NumericGreaterThanEquals'))],
    told: { evidence: [atOwn(0, 'without a version'), atOwn(0, 'without a version')] },
  },
  'a Deny alone, beside an open Allow': {
    allow: [allow(), below],
    told: { evidence: [atOwn(0, 'without a version'), atOwn(0, 'without a version')] },
  },
  'a Deny of no version alone': {
    allow: [allow(), unnamed],
    told: { evidence: [atOwn(0, 'of version'), atOwn(0, 'of version')] },
  },
  'a Deny for one of the pipelines alone': {
    allow: [
      allow(undefined, { Action: START }),
      { ...below, Resource: `${PIPELINES}fraud-daily` },
      { ...unnamed, Resource: `${PIPELINES}fraud-daily` },
    ],
    told: { evidence: [atOwn(0, 'without a version')] },
  },
  'a condition whose lowest number is too low': {
    allow: [allow(atLeast('5'))],
    told: { evidence: [atOwn(0, `${START} of version 5`), atOwn(0, `${UPDATE} of version 5`)] },
  },
  'a list of numbers, any of which is enough': {
    allow: [allow(atLeast(['6', '2']))],
    told: { evidence: [atOwn(0, 'of version'), atOwn(0, 'of version')] },
  },
  'an operator for texts: all but one old version': {
    allow: [allow({ StringNotEquals: { [KEY]: '5' }, Null: { [KEY]: 'false' } }, { Action: START })],
    told: { evidence: [atOwn(0, `${START} of version`)] },
  },
  'an operator for texts: a pattern that an old version fits': {
    allow: [allow({ StringLike: { [KEY]: ['6', '?'] } }, { Action: UPDATE })],
    told: { evidence: [atOwn(0, `${UPDATE} of version`)] },
  },
  'one old version, far below the floor': {
    allow: [allow({ StringEquals: { [KEY]: '3' } }, { Action: START })],
    floors: [{ pipeline: 'fraud-*', minimum: 5000 }],
    told: { evidence: [atOwn(0, `${START} of version 3 on`)], expected: 'below version 5000' },
  },
  'an upper bound in place of a lower one': {
    allow: [allow(atLeast('6', 'NumericLessThanEquals'), { Action: START })],
    told: { evidence: [atOwn(0, 'of version')] },
  },
  'the floor of one of two pipelines': {
    allow: [allow(atLeast('6')), allow(atLeast('2'), { Resource: `${PIPELINES}churn*`, Action: START })],
    floors: [
      { pipeline: 'fraud-*', minimum: 6 },
      { pipeline: 'churn', minimum: 3 },
    ],
    told: { evidence: [atOwn(1, 'of version 2 on')], expected: 'below version 3 of churn' },
  },
  'what is allowed through a group': {
    arn: MAYA,
    allow: [allow(atLeast('6'))],
    groups: { team: [allow(undefined, { Action: START })] },
    told: {
      evidence: [['arn:aws:iam::111122223333:group/team own/Statement/0', `allows ${START}`]],
    },
  },
  'UpdatePipeline, which is listed beside what fails': {
    allow: [allow(undefined, { Action: [...BOTH, 'sagemaker:UpdatePipeline'] })],
    told: {
      evidence: [
        atOwn(0, START),
        atOwn(0, UPDATE),
        ['sagemaker:UpdatePipeline', 'it may call sagemaker:UpdatePipeline on'],
      ],
    },
  },
} satisfies ControlCases<Case>['fails'];

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'the condition in the Allow': { allow: [allow(atLeast('6'))] },
      'a higher number, or the next above': {
        allow: [allow(atLeast('9')), allow(atLeast('5', 'NumericGreaterThan'))],
      },
      'neither action': { allow: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] },
      'an open Allow beside Denies below the floor and without a version': {
        allow: [allow(), below, unnamed],
      },
      'another pipeline': { allow: [allow(undefined, { Resource: `${PIPELINES}churn` })] },
      'all but the pipelines of the floor': {
        allow: [allow(undefined, { Resource: undefined, NotResource: `${PIPELINES}fraud-*` })],
      },
      'an open Allow within a boundary that has the condition': {
        allow: [allow()],
        boundary: [allow(atLeast('6'), { Resource: '*' })],
      },
      'an open Allow under an SCP that denies': {
        allow: [allow()],
        organization: {
          scps: [
            {
              target: 'r-a1b2',
              policies: [
                {
                  name: 'floors',
                  document: {
                    Version: '2012-10-17',
                    Statement: [
                      { Effect: 'Allow', Action: '*', Resource: '*' },
                      below as never,
                      unnamed as never,
                    ],
                  },
                },
              ],
            },
          ],
          rcps: [],
        },
      },
      'a condition that never holds': {
        allow: [allow({ StringEquals: { 'aws:PrincipalAccount': '999988887777' } })],
      },
      'a list of versions from the floor on, as texts': {
        allow: [allow({ StringEquals: { [KEY]: ['6', '7'] } })],
      },
      'a floor of 1, and every request names a version': {
        allow: [allow({ Null: { [KEY]: 'false' } })],
        floors: [{ pipeline: 'fraud-*', minimum: 1 }],
      },
      'UpdatePipeline alone': { allow: [allow(undefined, { Action: 'sagemaker:UpdatePipeline' })] },
    },
    fails: mended(fails),
    isNotAvailable: {
      'a condition on what only the request tells': {
        allow: [allow({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })],
        told: { evidence: [atOwn(0, 'aws:MultiFactorAuthPresent')] },
      },
      'a pipeline in another letter case, which SageMaker does not always keep': {
        allow: [allow(undefined, { Resource: `${PIPELINES}Fraud-*` })],
        told: { evidence: [atOwn(0, 'letter case')] },
      },
    },
    isNotApplicable: {
      'whom the floor excepts': {
        allow: [allow()],
        floors: [{ pipeline: 'fraud-*', minimum: 6, except: ['arn:aws:iam::*:role/pipelines/*'] }],
      },
      'an administrator whom nobody names': {
        isGoverned: false,
        allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      },
      'an administrator whom the configuration names': {
        allow: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
      },
    },
  });

  test('lists who may call UpdatePipeline also if it passes', () => {
    const stated = [allow(atLeast('6')), allow(undefined, { Action: 'sagemaker:UpdatePipeline' })];
    expect(verdictsOf(control, given({ allow: stated }))).toEqual([
      {
        status: 'PASSED',
        because: expect.stringContaining(
          'it may call sagemaker:UpdatePipeline on arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-*',
        ),
      },
    ]);
  });

  test('lists who may retry executions of that pipeline, which the key does not keep to a version', () => {
    const retry = (Resource: string) => ({
      Effect: 'Allow',
      Action: 'sagemaker:RetryPipelineExecution',
      Resource,
    });
    const told = (stated: object[]) => verdictsOf(control, given({ allow: stated }));
    const listed = {
      status: 'PASSED',
      because: expect.stringContaining(
        'sagemaker:RetryPipelineExecution on arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-*/execution/*',
      ),
    };
    expect(told([retry(`${PIPELINES}fraud-daily/execution/*`)])).toEqual([listed]);
    expect(told([retry('*')])).toEqual([listed]);
    expect(told([{ ...retry('*'), Condition: { NumericGreaterThan: { [KEY]: '5' } } }])).toEqual([
      { status: 'PASSED' },
    ]);
    expect(told([retry(`${PIPELINES}churn/execution/*`)])).toEqual([{ status: 'PASSED' }]);
    expect(told([retry(`${PIPELINES}fraud-daily`)])).toEqual([{ status: 'PASSED' }]);
  });

  managedPolicyCases(control, given, [
    ['AmazonSageMakerFullAccess', 'FAILED'],
    ['AmazonSageMakerReadOnly', 'PASSED'],
    ['AmazonS3ReadOnlyAccess', 'PASSED'],
    ['AdministratorAccess', 'NOT_APPLICABLE'],
  ]);
});
