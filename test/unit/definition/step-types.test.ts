import { describe, expect, test } from '@jest/globals';
import { JOB_KINDS, type JobKindId } from '../../../shared/definition/job-kinds.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import {
  STEP_TYPES,
  type StepResult,
  type StepType,
  type StepTypeName,
  stepTypeNamed,
} from '../../../shared/definition/step-type-names.ts';
import {
  isJobStepType,
  JOB_STEP_TYPES,
  type JobStepType,
  stepType,
  stepTypesOf,
} from '../../../shared/definition/step-types.ts';

const definitionOf = (...steps: object[]) => {
  const parsed = parseDefinition(JSON.stringify({ Steps: steps }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.definition;
};

/** What an execution's step tells of itself in the API, and the type that a definition calls the step by. */
const METADATA: Record<string, string> = {
  TrainingJob: 'Training',
  ProcessingJob: 'Processing',
  TransformJob: 'Transform',
  TuningJob: 'Tuning',
  AutoMLJob: 'AutoML',
  ...Object.fromEntries(
    [
      ...[
        'Model',
        'RegisterModel',
        'Condition',
        'Callback',
        'Lambda',
        'EMR',
        'EMRServerless',
        'QualityCheck',
      ],
      ...[
        'ClarifyCheck',
        'Fail',
        'Endpoint',
        'EndpointConfig',
        'InferenceComponent',
        'Lineage',
        'Job',
        'Athena',
      ],
      ...['BedrockCustomModel', 'BedrockCustomModelDeployment', 'BedrockProvisionedModelThroughput'],
      ...['BedrockModelImport', 'Cleanup', 'ForEach', 'HubContent'],
    ].map((name) => [name, name]),
  ),
};

test('the step types include all that the API knows in an execution’s steps', () => {
  expect(Object.values(METADATA).toSorted()).toEqual([...STEP_TYPES].toSorted());
});

describe('a step type', () => {
  test('that is not in the list or has no row in the table does not compile', () => {
    // @ts-expect-error no step has this type
    const none: StepTypeName = 'Quantum';
    // @ts-expect-error the other types have no row
    const table: Record<StepTypeName, string> = { Training: 'training-job' };
    // @ts-expect-error nothing is said of its roles, and of much else
    const row: StepType = { makes: ['training-job'] };
    // @ts-expect-error there is no such kind of job
    const kind: StepType['makes'] = ['quantum-job'];
    // @ts-expect-error nothing in steps is made so
    const result: StepResult = 'models';
    // @ts-expect-error a Lambda step names nothing that a prefix governs
    const named: JobStepType = 'Lambda';
    expect([none, table, row, kind, result, named]).toHaveLength(6);
  });

  test.each(['', 'training', 'Training ', '__proto__', 'constructor', 'Quantum'])('is not %j', (text) => {
    expect(stepTypeNamed(text)).toBeUndefined();
  });

  test.each<[JobKindId, readonly StepTypeName[]]>([
    ['training-job', ['Training']],
    ['processing-job', ['Processing', 'QualityCheck', 'ClarifyCheck']],
    ['auto-ml-job', ['AutoML']],
    ['auto-ml-job-v2', ['AutoML']],
    ['model-package', ['RegisterModel']],
    ['job', ['Job']],
    ['compilation-job', []],
  ])('makes jobs of kind %s where it is one of %j', (kind, types) => {
    expect(stepTypesOf(kind)).toEqual(types);
  });

  test('is listed as maker of a job kind exactly if it makes that kind', () => {
    for (const type of STEP_TYPES)
      for (const kind of Object.keys(JOB_KINDS) as JobKindId[])
        expect([type, kind, stepType(type).makes.includes(kind)]).toEqual([
          type,
          kind,
          stepTypesOf(kind).includes(type),
        ]);
  });

  test('has a governed name exactly if it makes something, and no limit over the API’s', () => {
    expect(STEP_TYPES.filter(isJobStepType)).toEqual(JOB_STEP_TYPES);
    for (const type of STEP_TYPES) {
      const { makes, name } = stepType(type);
      expect([type, makes.length > 0]).toEqual([type, name !== null]);
      for (const kind of makes) expect(name?.maxLength).toBe(JOB_KINDS[kind].maxNameLength);
    }
  });
});

describe('a step', () => {
  test.each(STEP_TYPES)(
    'of type %s is reported as unchecked with the reason, if its type is not judged',
    (type) => {
      const { steps, unchecked } = definitionOf({ Name: 'S', Type: type });
      expect(steps).toMatchObject([{ type, typeText: type }]);
      const { unjudged } = stepType(type);
      expect(unchecked).toEqual(
        unjudged === null
          ? []
          : [{ pointer: '/Steps/0', name: 'S', reason: `of steps of type ${type} ${unjudged}` }],
      );
    },
  );

  test.each(['Quantum', 'training', '__proto__', 'toString'])(
    'of the unknown type %s is reported as unchecked',
    (type) => {
      const { steps, unchecked } = definitionOf({ Name: 'S', Type: type, Arguments: { RoleArn: 'r' } });
      expect(steps).toMatchObject([{ type: undefined, typeText: type }]);
      expect(unchecked).toEqual([
        { pointer: '/Steps/0', name: 'S', reason: `steps of type ${type} are not known to this version` },
      ]);
    },
  );

  test('of an unknown type still has the steps inside it judged', () => {
    const inner = { Name: 'T', Type: 'Training' };
    const { steps } = definitionOf({ Name: 'S', Type: 'Quantum', Arguments: { IfSteps: [inner] } });
    expect(steps.map(({ name, type }) => [name, type])).toEqual([
      ['S', undefined],
      ['T', 'Training'],
    ]);
  });
});
