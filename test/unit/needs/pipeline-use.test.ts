import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { JOB_STEP_TYPES } from '../../../shared/definition/step-types.ts';
import { pipelineUse } from '../../../shared/needs/pipeline-use.ts';
import { step } from '../../support/builders/control-cases.ts';
import { SCOPE } from '../../support/builders/principal-facts.ts';

const ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const roleArn = (name: string) => `arn:aws:iam::111122223333:role/steps/${name}`;
const useOf = (definition: object) => {
  const parsed = parseDefinition(JSON.stringify(definition));
  if (!parsed.ok) throw new Error(parsed.error.message);
  const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';
  return pipelineUse({ name: 'fraud', arn, roleArn: ROLE }, parsed.definition, SCOPE, { version: 1 });
};
const ofRole = (use: ReturnType<typeof useOf>, name: string) =>
  use.roles.find((each) => each.roleArn === roleArn(name));
const reading = (index: number, role: string, ...uris: string[]) =>
  step(`S${index}`, 'Processing', {
    RoleArn: roleArn(role),
    ProcessingInputs: uris.map((S3Uri) => ({ S3Input: { S3Uri } })),
  });

describe('the data of a tuning job', () => {
  test('is asked of the role of the training definition that names it, however many there are', () => {
    const definitions = Array.from({ length: 12 }, (_, index) => ({
      DefinitionName: `d${index}`,
      RoleArn: roleArn(`r${index}`),
      OutputDataConfig: { S3OutputPath: `s3://acme-models/d${index}` },
    }));
    const use = useOf({ Steps: [step('Tune', 'Tuning', { TrainingJobDefinitions: definitions })] });
    const written = (role: string) =>
      ofRole(use, role)
        ?.needs.filter(({ kind }) => kind === 'data')
        .map(({ need }) => need.resource.split('/')[1]);
    // The first is no beginning of the eleventh, though its pointer is.
    expect(written('r1')).toEqual(['d1']);
    expect(written('r10')).toEqual(['d10']);
    expect(written('r11')).toEqual(['d11']);
  });
});

describe('what every job asks', () => {
  const uses = useOf({
    Steps: Array.from({ length: 30 }, (_, index) => reading(index, 'a', 's3://acme/x/')),
  });
  const logs = ofRole(uses, 'a')?.needs.filter(({ need }) => need.action === 'logs:PutLogEvents');

  test('is one need of a role, whose askers are counted and of which the first are named', () => {
    expect(logs).toHaveLength(1);
    expect([logs?.[0]?.count, logs?.[0]?.askers.length]).toEqual([30, 20]);
    expect(logs?.[0]?.askers[1]).toEqual({ step: 'S1', pointer: '/Steps/1/Arguments/RoleArn' });
  });
});

describe('what a step’s role must not change', () => {
  test('is told once for a role, by the first of its steps', () => {
    const use = useOf({
      Steps: [
        reading(0, 'a', 's3://acme/x/'),
        reading(1, 'b', 's3://acme/y/'),
        reading(2, 'a', 's3://acme/z/'),
      ],
    });
    expect(ofRole(use, 'a')?.foreign.map((each) => [each.step, each.places.map(({ key }) => key)])).toEqual([
      ['S0', ['y/*']],
    ]);
    expect(ofRole(use, 'a')?.open).toEqual([]);
  });

  test('is told as far as a definition’s budget reaches; of the other roles it is open', () => {
    const steps = Array.from({ length: 2000 }, (_, index) =>
      reading(index, `r${index}`, `s3://acme/${index}/`),
    );
    const use = useOf({ Steps: steps });
    const listed = use.roles.reduce(
      (sum, { foreign }) => sum + foreign.reduce((all, { places }) => all + places.length, 0),
      0,
    );
    expect(listed).toBeGreaterThan(100_000);
    expect(listed).toBeLessThan(750_000);
    expect(ofRole(use, 'r0')?.open).toEqual([]);
    expect(ofRole(use, 'r1999')).toMatchObject({
      open: [{ kind: 'isolation', reason: expect.stringContaining('too many places') }],
    });
  });
});

describe('no definition', () => {
  const name = fc.constantFrom('A', 'B', 'S0', '__proto__', '', 'Steps.A', "x['y']", '$', '[');
  const reference = fc
    .tuple(
      name,
      fc.constantFrom(
        '',
        '.ModelName',
        ".ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri",
        '.X[0]',
        '[',
        '.',
      ),
    )
    .map(([step, path]) => ({ Get: `Steps.${step}${path}` }));
  const value = fc.oneof(
    reference,
    fc.jsonValue(),
    fc.constantFrom(
      's3://b/x',
      's3://',
      'arn:aws:iam::111122223333:role/r',
      { Get: 'Parameters.P' },
      null,
      1e308,
    ),
    fc.array(reference).map((Values) => ({ 'Std:Join': { On: '/', Values } })),
  );
  const uris = fc
    .array(value)
    .map((all) => all.map((S3Uri) => ({ S3Input: { S3Uri }, S3Output: { S3Uri } })));
  const steps = fc.array(
    fc.record({
      Name: name,
      Type: fc.constantFrom(...JOB_STEP_TYPES, 'Condition', 'EMR', 'Lambda', 'Callback', 'Other'),
      Arguments: fc.record(
        {
          RoleArn: value,
          TrainingJobName: value,
          ModelName: value,
          ExecutionRoleArn: value,
          HyperParameters: value,
          InputDataConfig: value,
          OutputDataConfig: fc.record({ S3OutputPath: value, KmsKeyId: value }),
          ProcessingInputs: uris,
          ProcessingOutputConfig: fc.record({ Outputs: uris }),
          TrainingJobDefinitions: fc.array(fc.record({ RoleArn: value, OutputDataConfig: value })),
          IfSteps: value,
          Conditions: value,
        },
        { requiredKeys: [] },
      ),
      DependsOn: value,
      RetryPolicies: value,
    }),
  );

  test('of any values where they may stand ends the search for what it asks', () => {
    fc.assert(
      fc.property(steps, value, (Steps, DefaultValue) => {
        const parameters = [{ Name: 'P', Type: 'String', DefaultValue }];
        expect(useOf({ Parameters: parameters, Steps }).name).toBe('fraud');
      }),
    );
  });
});
