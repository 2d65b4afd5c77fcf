import { describe, expect, test } from '@jest/globals';
import { type DataRole, dataRole } from '../../../shared/definition/data-role.ts';
import type { Json } from '../../../shared/json/json.ts';
import {
  EXECUTION_ROLE,
  ofStep,
  parameter,
  type RawStep,
  ROLE,
  scopeOfSteps,
  stepOf,
  training,
} from '../../support/builders/steps.ts';

describe('the role that reads and writes data for', () => {
  const model = (args: object) => ({ Name: 'M', Type: 'Model', Arguments: args });
  const transform = (ModelName: Json) => ({ Type: 'Transform', Arguments: { ModelName } });
  const rolesOf = (...steps: RawStep[]): DataRole[] => {
    const scope = scopeOfSteps(...steps);
    return dataRole(stepOf(scope), scope, EXECUTION_ROLE);
  };
  test.each<[string, RawStep[], DataRole[]]>([
    [
      'Training is the step’s own role',
      [training({ RoleArn: ROLE })],
      [{ role: ROLE, pointer: '/Steps/0/Arguments/RoleArn' }],
    ],
    [
      'Processing is resolved from a parameter',
      [{ Type: 'Processing', Arguments: { RoleArn: parameter('Role') } }],
      [{ role: ROLE, pointer: '/Steps/0/Arguments/RoleArn' }],
    ],
    [
      'AutoML is unknown if only a run can tell it',
      [{ Type: 'AutoML', Arguments: { RoleArn: parameter('Unset') } }],
      [{ role: undefined, pointer: '/Steps/0/Arguments/RoleArn' }],
    ],
    [
      'QualityCheck is unknown if it is an empty text',
      [{ Type: 'QualityCheck', Arguments: { RoleArn: parameter('None') } }],
      [{ role: undefined, pointer: '/Steps/0/Arguments/RoleArn' }],
    ],
    [
      'Training is the execution role if the step names none',
      [training()],
      [{ role: EXECUTION_ROLE, pointer: '/Steps/0/Arguments', isDefault: true }],
    ],
    [
      'Training is the execution role if the step’s role is null',
      [training({ RoleArn: null })],
      [{ role: EXECUTION_ROLE, pointer: '/Steps/0/Arguments', isDefault: true }],
    ],
    [
      'Training: without arguments',
      [{ Type: 'Training' }],
      [{ role: EXECUTION_ROLE, pointer: '/Steps/0', isDefault: true }],
    ],
    [
      'Training is the execution role if the step has no arguments',
      [{ Type: 'Training' }],
      [{ role: EXECUTION_ROLE, pointer: '/Steps/0', isDefault: true }],
    ],
    [
      'Model',
      [model({ ExecutionRoleArn: ROLE })],
      [{ role: ROLE, pointer: '/Steps/0/Arguments/ExecutionRoleArn' }],
    ],
    [
      'Tuning is one role for each definition',
      [{ Type: 'Tuning', Arguments: { TrainingJobDefinitions: [{ RoleArn: ROLE }, {}] } }],
      [
        { role: ROLE, pointer: '/Steps/0/Arguments/TrainingJobDefinitions/0/RoleArn' },
        { role: EXECUTION_ROLE, pointer: '/Steps/0/Arguments/TrainingJobDefinitions/1', isDefault: true },
      ],
    ],
    [
      'Transform is the role of its model',
      [model({ ExecutionRoleArn: ROLE }), transform(ofStep('M.ModelName'))],
      [{ role: ROLE, pointer: '/Steps/0/Arguments/ExecutionRoleArn' }],
    ],
    [
      'Transform is unknown if the model is not in the pipeline',
      [transform('churn')],
      [{ role: undefined, pointer: '/Steps/0/Arguments/ModelName' }],
    ],
    [
      'Transform is unknown if the reference names another property of the model',
      [model({}), transform(ofStep('M.ModelArn'))],
      [{ role: undefined, pointer: '/Steps/1/Arguments/ModelName' }],
    ],
    ...[
      'RegisterModel',
      'EndpointConfig',
      'Lambda',
      'Callback',
      'Condition',
      'Fail',
      'EMR',
      'EMRServerless',
      'Lineage',
      'New',
    ].map((Type): [string, RawStep[], DataRole[]] => [
      `${Type}: none`,
      [{ Type, Arguments: { RoleArn: ROLE } }],
      [],
    ]),
  ])('%s', (_, steps, expected) => expect(rolesOf(...steps)).toEqual(expected));

  test('a step without a role has no known data role if the execution role is unknown', () => {
    const scope = scopeOfSteps(training());
    expect(dataRole(stepOf(scope), scope, undefined)).toEqual([
      { role: undefined, pointer: '/Steps/0/Arguments', isDefault: true },
    ]);
  });
});
