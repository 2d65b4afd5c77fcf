import { describe, expect, test } from '@jest/globals';
import { JOB_KINDS, type JobKindId } from '../../../shared/definition/job-kinds.ts';
import { rolesOfJob } from '../../../shared/definition/job-roles.ts';
import { STEP_TYPES } from '../../../shared/definition/step-type-names.ts';
import { stepType } from '../../../shared/definition/step-types.ts';

const ROLE = 'arn:aws:iam::111122223333:role/r';

test.each<[string, JobKindId, unknown, string[]]>([
  ['a model', 'model', { ExecutionRoleArn: ROLE }, [ROLE]],
  ['a model without one', 'model', { ModelName: 'm' }, []],
  ['a model package without validation', 'model-package', {}, []],
  ['a transform job, which has none', 'transform-job', { RoleArn: ROLE }, []],
  [
    'each definition of a tuning job, once',
    'hyper-parameter-tuning-job',
    { TrainingJobDefinitions: [{ RoleArn: ROLE }, { RoleArn: 'b' }, { RoleArn: ROLE }] },
    [ROLE, 'b'],
  ],
  [
    'one definition instead of a list',
    'hyper-parameter-tuning-job',
    { trainingJobDefinitions: { roleArn: ROLE } },
    [ROLE],
  ],
  [
    'an AutoML job, whichever version its ARN was taken for',
    'auto-ml-job',
    { RoleArn: ROLE, AutoMLComputeConfig: { EmrServerlessComputeConfig: { ExecutionRoleARN: 'emr' } } },
    [ROLE, 'emr'],
  ],
  [
    'a processing job, and of the Redshift cluster that it reads',
    'processing-job',
    {
      roleArn: ROLE,
      processingInputs: [
        { inputName: 'a', s3Input: {} },
        { datasetDefinition: { redshiftDatasetDefinition: { clusterRoleArn: 'redshift' } } },
      ],
    },
    [ROLE, 'redshift'],
  ],
  ['a request whose acronyms are written otherwise', 'ai-benchmark-job', { rolearn: ROLE }, [ROLE]],
])('the roles of %s', (_, kind, source, expected) => {
  expect(rolesOfJob(kind, source)).toEqual(expected);
});

describe('it is not known under which roles a job runs', () => {
  test.each<[string, JobKindId, unknown]>([
    ['a training job names none', 'training-job', { TrainingJobName: 't' }],
    ['its role is no text', 'training-job', { RoleArn: {} }],
    ['a tuning job has no definition', 'hyper-parameter-tuning-job', {}],
    [
      'one of its definitions names none',
      'hyper-parameter-tuning-job',
      { TrainingJobDefinition: { RoleArn: ROLE }, TrainingJobDefinitions: [{ DefinitionName: 'd' }] },
    ],
    [
      'only the role of its Redshift cluster is told',
      'processing-job',
      redshift({ ClusterRoleArn: 'redshift' }),
    ],
    ['the role of its Redshift cluster is not told', 'processing-job', { RoleArn: ROLE, ...redshift({}) }],
    ['the role of a model is no text', 'model', { ExecutionRoleArn: { Get: 'Parameters.Role' } }],
    ['the validation of a model package names none', 'model-package', { ValidationSpecification: {} }],
  ])('if %s', (_, kind, source) => {
    expect(rolesOfJob(kind, source)).toBeUndefined();
  });
});

function redshift(RedshiftDatasetDefinition: object): object {
  return { ProcessingInputs: [{ DatasetDefinition: { RedshiftDatasetDefinition } }] };
}

test('a record and a definition have their roles in the same fields', () => {
  const differing = STEP_TYPES.flatMap((name) => {
    const { makes, roles } = stepType(name);
    const ofKinds = makes.flatMap((kind: JobKindId) =>
      JOB_KINDS[kind].roleFields.map((field) => `Arguments.${field}`),
    );
    const ofStep = new Set<string>(roles);
    return makes.length === 0 || new Set(ofKinds).size === new Set([...ofKinds, ...ofStep]).size
      ? []
      : [[name, [...ofStep].filter((field) => !ofKinds.includes(field))]];
  });
  expect(differing).toEqual([]);
});
