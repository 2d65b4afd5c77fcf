import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { definitionMistakes } from '../../../shared/definition/definition-mistakes.ts';
import { MAX_MISTAKES, type Mistake } from '../../../shared/definition/mistake.ts';
import { MAX_STEPS, parseDefinition } from '../../../shared/definition/parse.ts';
import { describeCases } from '../../support/builders/cases.ts';

const mistakesIn = (root: object, { isTemplate = false } = {}): Mistake[] => {
  const text = JSON.stringify(root);
  const parsed = parseDefinition(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return definitionMistakes(text, isTemplate ? { ...parsed.definition, isTemplate } : parsed.definition);
};

const told = (...args: Parameters<typeof mistakesIn>) =>
  mistakesIn(...args).map(({ certainty, pointer, step }) => [certainty, pointer, step]);

const ROLE = 'arn:aws:iam::111122223333:role/steps/fraud';
const step = (Name: string, more: object = {}) => ({ Name, Type: 'Training', Arguments: {}, ...more });
const waiting = (Name: string, ...DependsOn: unknown[]) => step(Name, { DependsOn });
const reading = (Name: string, ...references: string[]) =>
  step(Name, {
    Arguments: { Environment: Object.fromEntries(references.map((Get, index) => [`V${index}`, { Get }])) },
  });
const environment = (index: number, value: number) => `/Steps/${index}/Arguments/Environment/V${value}/Get`;
const choice = (Name: string, Arguments: object, more: object = {}) => ({
  Name,
  Type: 'Condition',
  Arguments: { Conditions: [], ...Arguments },
  ...more,
});
const outputs = (...names: string[]) => ({
  ProcessingOutputConfig: { Outputs: names.map((OutputName) => ({ OutputName })) },
});
const processing = (Name: string, Arguments: object, more: object = {}) => ({
  ...step(Name, { Arguments, ...more }),
  Type: 'Processing',
});
const ofType = (Type: string, Arguments: object, more: object = {}) =>
  step('A', { Type, Arguments, ...more });
const selecting = (Get: string) =>
  ofType('ForEach', {
    IterableItems: ['x'],
    Selector: { Pick: 'MaxBy', Field: { Get } },
    ForEachBody: [step('Body', { Type: 'Lambda', OutputParameters: [{ OutputName: 'n' }] })],
  });
const of = (...Steps: unknown[]) => ({ Version: '2020-12-01', Steps });

describe('names that lead to nothing', () => {
  test.each<[string, object, ...unknown[][]]>([
    ['DependsOn of a step', of(waiting('A', 'B')), ['sure', '/Steps/0/DependsOn/0', 'A']],
    [
      'DependsOn of SDK 3',
      of(waiting('A', { Step: 'B', Trigger: 'Failed' })),
      ['sure', '/Steps/0/DependsOn/0', 'A'],
    ],
    ['DependsOn of the step itself', of(waiting('A', 'A')), ['sure', '/Steps/0/DependsOn/0', 'A']],
    ['DependsOn that names nothing', of(waiting('A', ['A'])), ['sure', '/Steps/0/DependsOn/0', 'A']],
    [
      'DependsOn that is no list',
      of(step('A'), step('B', { DependsOn: 'A' })),
      ['sure', '/Steps/1/DependsOn', 'B'],
    ],
    [
      'DependsOn in a branch',
      of(choice('If', { IfSteps: [waiting('A', 'B')] })),
      ['sure', '/Steps/0/Arguments/IfSteps/0/DependsOn/0', 'A'],
    ],
    ['a property of a step', of(reading('A', 'Steps.B.ModelName')), ['sure', environment(0, 0), 'A']],
    [
      'a property of the step itself',
      of(reading('A', 'Steps.A.ModelName')),
      ['sure', environment(0, 0), 'A'],
    ],
    ['a parameter', of(reading('A', 'Parameters.P')), ['sure', environment(0, 0), 'A']],
    ['a variable of the execution', of(reading('A', 'Execution.Name')), ['likely', environment(0, 0), 'A']],
    ['something else', of(reading('A', 'Loop.Item')), ['likely', environment(0, 0), 'A']],
    [
      'an item outside of a ForEach',
      of(reading('A', 'ForEach.CurrentItem')),
      ['likely', environment(0, 0), 'A'],
    ],
    [
      'a property file',
      of(
        { ...step('P'), Type: 'Processing', PropertyFiles: [{ PropertyFileName: 'scores' }] },
        choice('If', {
          Conditions: [
            { LeftValue: { 'Std:JsonGet': { PropertyFile: { Get: 'Steps.P.PropertyFiles.score' } } } },
          ],
        }),
      ),
      ['sure', '/Steps/1/Arguments/Conditions/0/LeftValue/Std:JsonGet/PropertyFile/Get', 'If'],
    ],
    [
      'an output of a Lambda',
      of(
        { ...step('L'), Type: 'Lambda', OutputParameters: [{ OutputName: 'path' }] },
        reading('A', "Steps.L.OutputParameters['pat']", "Steps.L.OutputParameters['path']"),
      ),
      ['likely', environment(1, 0), 'A'],
    ],
    [
      'a property that the API does not tell',
      of(
        step('T'),
        reading('A', 'Steps.T.ModelArtefacts.S3ModelArtifacts', 'Steps.T.ModelArtifacts.S3Model'),
      ),
      ['likely', environment(1, 0), 'A'],
      ['likely', environment(1, 1), 'A'],
    ],
  ])('%s', (_, root, ...expected) => {
    expect(told(root)).toEqual(expected);
  });

  test('what is there is no mistake', () => {
    const root = {
      ...of(
        step('T.a'),
        reading(
          'A',
          'Steps.T.a.ModelArtifacts.S3ModelArtifacts',
          'Steps.Tune.TrainingJobSummaries[0].TrainingJobName',
          "Steps.P.ProcessingOutputConfig.Outputs['a.b'].S3Output.S3Uri",
          'Steps.Auto.BestCandidateProperties.ModelInsightsJsonReportPath',
          'Parameters.P',
          'Execution.PipelineExecutionId',
        ),
        { ...step('Tune'), Type: 'Tuning' },
        { ...step('P'), Type: 'Processing', Arguments: outputs('a.b') },
        { ...step('Auto'), Type: 'AutoML' },
        {
          ...step('Each'),
          Type: 'ForEach',
          Arguments: { ForEachBody: [reading('In', 'ForEach.CurrentItem.x')] },
        },
        choice('If', { IfSteps: [reading('B', 'Steps.A.TrainingJobName')], ElseSteps: [waiting('C', 'A')] }),
      ),
      Parameters: [{ Name: 'P', Type: 'String' }],
      Metadata: { owner: { Name: 'x', Type: 'Training' } },
    };
    expect(told(root)).toEqual([['sure', '/Steps/0/Name', 'T.a']]); // a dot is no mistake of the reference, but of the name
  });

  test('the name that may be meant is told', () => {
    const [mistake] = mistakesIn(of(step('Prepare'), waiting('A', 'Prepair')));
    expect(mistake).toMatchObject({
      found: 'Prepair: the definition has no step of this name',
      expected: 'the name of a step of this definition, such as Prepare',
      remedy: 'write Prepare, if that is meant',
    });
  });
});

describe('entries of lists that lead to nothing', () => {
  const output = (key: string) => reading('A', `Steps.P.ProcessingOutputConfig.Outputs${key}.S3Output.S3Uri`);
  const place = ['sure', environment(1, 0), 'A'];

  test.each<[string, object, ...unknown[][]]>([
    ['an output by name', of(processing('P', outputs('train')), output("['trian']")), place],
    ['an output by its place', of(processing('P', outputs('train')), output('[1]')), place],
    [
      'an output of a step without any',
      of(processing('P', {}), output('[0]')),
      ['likely', ...place.slice(1)],
    ],
    [
      'a channel of a training job',
      of(
        ofType('Training', { InputDataConfig: [{ ChannelName: 'train' }] }, { Name: 'T' }),
        reading('A', "Steps.T.InputDataConfig['test'].ContentType"),
      ),
      place,
    ],
    [
      'the output of a property file',
      of(
        processing('P', outputs('train'), { PropertyFiles: [{ PropertyFileName: 'x', OutputName: 'eval' }] }),
      ),
      ['sure', '/Steps/0/PropertyFiles/0/OutputName', 'P'],
    ],
    [
      'a property file of a step that has none',
      of(
        step('T', { PropertyFiles: [{ PropertyFileName: 'f', OutputName: 'o' }] }),
        reading('A', 'Steps.T.PropertyFiles.f'),
      ),
      place,
    ],
    [
      'the source of a Cleanup',
      of(ofType('Cleanup', { Resources: { S3: [{ StepName: 'B' }] } })),
      ['sure', '/Steps/0/Arguments/Resources/S3/0/StepName', 'A'],
    ],
    [
      'the step by which a ForEach selects an item',
      of(selecting("IterationOutput.Bdy.OutputParameters['n']")),
      ['sure', '/Steps/0/Arguments/Selector/Field/Get', 'A'],
    ],
    [
      'the output by which a ForEach selects an item',
      of(selecting("IterationOutput.Body.OutputParameters['m']")),
      ['likely', '/Steps/0/Arguments/Selector/Field/Get', 'A'],
    ],
    [
      'the step of a ForEach of which a run is told',
      of(
        selecting("IterationOutput.Body.OutputParameters['n']"),
        reading(
          'B',
          "Steps.A.IterationOutputs[0].Bdy.OutputParameters['n']",
          "Steps.A.IterationOutputs[0].Body.OutputParameters['n']",
        ),
      ),
      ['likely', environment(1, 0), 'B'],
    ],
    [
      'what a check, a Condition and a ForEach tell',
      of(
        ofType('QualityCheck', {}),
        choice('If', {}),
        step('Each', { Type: 'ForEach', Arguments: { ForEachBody: [] } }),
        reading(
          'B',
          'Steps.A.CalculatedBaselineConstraint',
          'Steps.If.Result',
          'Steps.Each.State',
          'Steps.A.CalculatedBaselineStatistics',
          'Steps.If.Outcome',
          'Steps.Each.Selected.x',
        ),
      ),
      ...[0, 1, 2].map((index) => ['likely', environment(3, index), 'B']),
    ],
    [
      'a parameter of the experiment',
      { ...of(step('A')), PipelineExperimentConfig: { ExperimentName: { Get: 'Parameters.P' } } },
      ['sure', '/PipelineExperimentConfig/ExperimentName/Get', undefined],
    ],
  ])('%s', (_what, root, ...expected) => {
    expect(told(root)).toEqual(expected);
  });

  test.each<[string, object]>([
    [
      'an output by name and by place',
      of(processing('P', outputs('a]b')), output("['a]b']"), { ...output('[0]'), Name: 'B' }),
    ],
    [
      'outputs that only a run tells',
      of(
        processing('P', { ProcessingOutputConfig: { Outputs: { Get: 'Execution.PipelineName' } } }),
        output("['x']"),
      ),
    ],
    [
      'an output whose name only a run tells',
      of(
        processing('P', {
          ProcessingOutputConfig: { Outputs: [{ OutputName: { Get: 'Execution.PipelineName' } }] },
        }),
        output("['x']"),
      ),
    ],
    [
      'metrics that SageMaker adds',
      of(
        step('T'),
        reading(
          'A',
          "Steps.T.FinalMetricDataList['auc'].Value",
          "Steps.T.AlgorithmSpecification.MetricDefinitions['auc'].Regex",
        ),
      ),
    ],
    [
      'outputs with dots and brackets in their names',
      of(
        step('L', { Type: 'Lambda', OutputParameters: [{ OutputName: 'a.b' }, { OutputName: 'c]d' }] }),
        reading('A', "Steps.L.OutputParameters['a.b']", "Steps.L.OutputParameters['c]d']"),
      ),
    ],
    [
      'a property file with a blank and a dot in its name',
      of(
        processing('P', outputs('o'), {
          PropertyFiles: [{ PropertyFileName: 'my scores.v1', OutputName: 'o' }],
        }),
        reading('A', 'Steps.P.PropertyFiles.my scores.v1'),
      ),
    ],
    [
      'the step by which a ForEach selects an item',
      of(selecting("IterationOutput.Body.OutputParameters['n']")),
    ],
    [
      'the names of the experiment',
      of(reading('A', 'PipelineExperimentConfig.ExperimentName', 'PipelineExperimentConfig.TrialName')),
    ],
  ])('what is there is no mistake: %s', (_what, root) => {
    expect(told(root)).toEqual([]);
  });
});

describe('names and defaults that SageMaker does not accept', () => {
  const declared = (...Parameters: object[]) => ({ ...of(step('A')), Parameters });

  test.each<[string, object, ...unknown[][]]>([
    ['a step with a blank in its name', of(step('Train it')), ['sure', '/Steps/0/Name', 'Train it']],
    ['a step with a long name', of(step('x'.repeat(65))), ['sure', '/Steps/0/Name', 'x'.repeat(65)]],
    [
      'a parameter with a dot in its name',
      declared({ Name: 'a.b', Type: 'String' }),
      ['sure', '/Parameters/0/Name', undefined],
    ],
    [
      'an Integer with a word',
      declared({ Name: 'N', Type: 'Integer', DefaultValue: 'ten' }),
      ['sure', '/Parameters/0/DefaultValue', undefined],
    ],
    [
      'an Integer with a fraction',
      declared({ Name: 'N', Type: 'Integer', DefaultValue: 1.5 }),
      ['sure', '/Parameters/0/DefaultValue', undefined],
    ],
    [
      'a Boolean with a number',
      declared({ Name: 'B', Type: 'Boolean', DefaultValue: 1 }),
      ['sure', '/Parameters/0/DefaultValue', undefined],
    ],
    [
      'a String with a number',
      declared({ Name: 'S', Type: 'String', DefaultValue: 1 }),
      ['likely', '/Parameters/0/DefaultValue', undefined],
    ],
    [
      'a default that is not among its values',
      declared({ Name: 'S', Type: 'String', DefaultValue: 'c', EnumValues: ['a', 'b'] }),
      ['sure', '/Parameters/0/DefaultValue', undefined],
    ],
    [
      'a type that there is not',
      declared({ Name: 'N', Type: 'Int', DefaultValue: 1 }),
      ['likely', '/Parameters/0/Type', undefined],
    ],
    [
      'a role that is only a name',
      of(step('A', { Arguments: { RoleArn: 'fraud-role' } })),
      ['sure', '/Steps/0/Arguments/RoleArn', 'A'],
    ],
    [
      'no role at all',
      of(ofType('EMR', { ExecutionRoleArn: '' })),
      ['sure', '/Steps/0/Arguments/ExecutionRoleArn', 'A'],
    ],
    ['another version', { ...of(step('A')), Version: '2020-12-1' }, ['sure', '/Version', undefined]],
  ])('%s', (_what, root, ...expected) => {
    expect(told(root)).toEqual(expected);
  });

  test('what SageMaker accepts, and what a template fills in, is no mistake', () => {
    const Parameters = [
      { Name: 'a-1_B', Type: 'Integer', DefaultValue: 3, Description: 'how many' },
      { Name: 'F', Type: 'Float', DefaultValue: -1e-3 },
      { Name: 'G', Type: 'Float', DefaultValue: '0.5' },
      { Name: 'B', Type: 'Boolean', DefaultValue: false },
      { Name: 'S', DefaultValue: '' },
      { Name: 'E', Type: 'String', DefaultValue: 'a', EnumValues: ['a', 'b'] },
      { Name: 'I', Type: 'Integer', DefaultValue: '${count}' },
    ];
    const roles = [
      'arn:aws-cn:iam::111122223333:role/x',
      ROLE,
      '<your role>',
      'arn:aws:iam::${account}:role/x',
    ].map((RoleArn, index) => step(`R${index}`, { Arguments: { RoleArn } }));
    const emr = ofType('EMR', { ClusterConfig: { JobFlowRole: 'emr-instances' } });
    const root = { ...of(step('${env} train'), ...roles, emr), Parameters };
    expect(told(root, { isTemplate: true })).toEqual([]);
  });
});

describe('steps that wait for each other', () => {
  const circlesOf = (root: object) =>
    mistakesIn(root)
      .filter(({ found }) => found.includes('wait for each other'))
      .map(({ found, pointer }) => [pointer, found]);

  test('by DependsOn, by data, and both', () => {
    expect(
      circlesOf(of(waiting('A', 'C'), waiting('B', 'A'), reading('C', 'Steps.B.TrainingJobName'))),
    ).toEqual([[expect.any(String), expect.stringMatching(/^3 steps wait for each other: /)]]);
  });

  test('a Condition that waits for a step of its own branch', () => {
    const root = of(choice('If', { IfSteps: [step('A')] }, { DependsOn: ['A'] }));
    expect(circlesOf(root)).toHaveLength(1);
  });

  test('each circle is told once, however many ways there are round it', () => {
    const root = of(
      waiting('A', 'B', 'C'),
      waiting('B', 'A', 'C'),
      waiting('C', 'A', 'B'),
      waiting('D', 'E'),
      waiting('E', 'D'),
    );
    expect(circlesOf(root)).toHaveLength(2);
  });

  test('no order of steps without a circle has one', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 12 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.boolean()), (all, isAfter) => {
        const steps = all.map((name, index) =>
          waiting(name, ...all.slice(0, index).filter(() => isAfter.next().value)),
        );
        expect(mistakesIn(of(...steps.toReversed()))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('a chain of thousands of steps needs no stack', () => {
    const steps = Array.from({ length: MAX_STEPS - 1 }, (_, index) => waiting(`s${index}`, `s${index + 1}`));
    expect(circlesOf(of(...steps, waiting(`s${MAX_STEPS - 1}`, 's0')))).toHaveLength(1);
  });
});

describe('names given twice', () => {
  test('steps, in branches as well, and parameters', () => {
    const root = {
      ...of(step('A'), choice('If', { ElseSteps: [step('A')] })),
      Parameters: [{ Name: 'P' }, { Name: 'P' }],
    };
    expect(told(root)).toEqual([
      ['sure', '/Steps/1/Arguments/ElseSteps/0/Name', 'A'],
      ['sure', '/Parameters/1/Name', undefined],
    ]);
  });
});

test('a mistake in a step within a step of an unknown type is told once', () => {
  const unknown = step('Q', { Type: 'Quantum', Arguments: { IfSteps: [reading('A', 'Parameters.P')] } });
  expect(told(of(unknown)).filter(([, pointer]) => pointer?.endsWith('/Get'))).toEqual([
    ['sure', '/Steps/0/Arguments/IfSteps/0/Arguments/Environment/V0/Get', 'A'],
  ]);
});

test.each(['Condition', 'Fail', 'ForEach'])('a ForEach repeats no %s', (Type) => {
  const body = step('B', { Type, Arguments: {} });
  expect(told(of(ofType('ForEach', { IterableItems: ['x'], ForEachBody: [body] })))).toEqual([
    ['sure', '/Steps/0/Arguments/ForEachBody/0/Type', 'B'],
  ]);
});

describe('steps that SageMaker does not run as they are written', () => {
  const hidden = step('Hidden', { Arguments: { RoleArn: 'arn:aws:iam::111122223333:role/admin' } });
  test.each<[string, object, string]>([
    [
      'beside the Arguments of a Condition',
      of({ ...choice('If', {}), IfSteps: [hidden] }),
      '/Steps/0/IfSteps/0',
    ],
    ['in a misspelt branch', of(choice('If', { IfStep: [hidden] })), '/Steps/0/Arguments/IfStep/0'],
    ['in Steps of a step', of({ ...step('A'), Steps: [hidden] }), '/Steps/0/Steps/0'],
    [
      'in a branch of what has none',
      of(step('A', { Arguments: { IfSteps: [hidden] } })),
      '/Steps/0/Arguments/IfSteps/0',
    ],
    ['at the root', { ...of(step('A')), Then: { a: [hidden] } }, '/Then/a/0'],
    ['among the parameters', { ...of(step('A')), Parameters: [hidden] }, '/Parameters/0'],
  ])('a step %s', (_, root, pointer) => {
    expect(mistakesIn(root)).toContainEqual(
      expect.objectContaining({
        certainty: 'sure',
        pointer,
        found: expect.stringMatching(/^step Hidden stands in /),
      }),
    );
  });

  test.each<[string, object, string]>([
    ['a list of steps in Steps', of([hidden]), '/Steps/0'],
    ['a step without a type', of({ Name: 'A', Arguments: {} }), '/Steps/0'],
    ['a step without a name', of({ Type: 'Training' }), '/Steps/0'],
    ['what is no step in a branch', of(choice('If', { IfSteps: ['A'] })), '/Steps/0/Arguments/IfSteps/0'],
    ['a misspelt type', of(step('A', { Type: 'Trainnig' })), '/Steps/0/Type'],
    ['a type in another letter case', of(step('A', { Type: 'processing' })), '/Steps/0/Type'],
    ['Arguments that are a list', of(step('A', { Arguments: [{ RoleArn: 'x' }] })), '/Steps/0/Arguments'],
  ])('%s', (_, root, pointer) => {
    expect(mistakesIn(root)).toContainEqual(expect.objectContaining({ certainty: 'sure', pointer }));
  });

  test('a type that may be new is no mistake, and neither is what a Lambda is given', () => {
    expect(mistakesIn(of(step('A', { Type: 'Quantum' })))).toEqual([]);
    const lambda = { ...step('L'), Type: 'Lambda', Arguments: { job: { Name: 'x', Type: 'Training' } } };
    expect(mistakesIn(of(lambda))).toEqual([]);
  });
});

describe('fields that the API does not have', () => {
  test.each<[string, object, ...unknown[][]]>([
    [
      'misspelt ones are sure',
      of(step('A', { Arguments: { RolArn: 'x', ResourceConfig: { InstanceTyp: 'ml.m5.large' } } })),
      ['sure', '/Steps/0/Arguments/RolArn', 'A'],
      ['sure', '/Steps/0/Arguments/ResourceConfig/InstanceTyp', 'A'],
    ],
    [
      'in lists',
      of(step('A', { Arguments: { InputDataConfig: [{}, { ChannelNam: 'train' }] } })),
      ['sure', '/Steps/0/Arguments/InputDataConfig/1/ChannelNam', 'A'],
    ],
    [
      'beside the field that is meant, in another letter case, or of no likeness they are likely',
      of(step('A', { Arguments: { RolArn: 'x', RoleArn: ROLE, stoppingCondition: {}, Quantum: 1 } })),
      ['likely', '/Steps/0/Arguments/RolArn', 'A'],
      ['likely', '/Steps/0/Arguments/stoppingCondition', 'A'],
      ['likely', '/Steps/0/Arguments/Quantum', 'A'],
    ],
    ['an argument beside the Arguments', of(step('A', { RoleArn: 'x' })), ['sure', '/Steps/0/RoleArn', 'A']],
    [
      'of a step, a parameter and the definition',
      {
        ...of(step('A', { DependOn: [], Quantum: 1 })),
        Parameters: [{ Name: 'P', DefaultValeu: 'x' }],
        Extra: 1,
      },
      ['likely', '/Extra', undefined],
      ['sure', '/Parameters/0/DefaultValeu', undefined],
      ['sure', '/Steps/0/DependOn', 'A'],
      ['likely', '/Steps/0/Quantum', 'A'],
    ],
  ])('%s', (_, root, ...expected) => {
    expect(told(root)).toEqual(expected);
  });

  const comparing = (...Conditions: object[]) => of(choice('If', { Conditions }));
  const condition = (at: string) => ['sure', `/Steps/0/Arguments/Conditions/${at}`, 'If'];

  test.each<[string, object, ...unknown[][]]>([
    [
      'a retry policy',
      of(step('A', { RetryPolicies: [{ ExceptionType: ['Step.THROTTLING'], MaxAttempt: 3 }] })),
      ['sure', '/Steps/0/RetryPolicies/0/MaxAttempt', 'A'],
    ],
    [
      'a cache',
      of(step('A', { CacheConfig: { Enable: true } })),
      ['sure', '/Steps/0/CacheConfig/Enable', 'A'],
    ],
    [
      'a property file',
      of(
        processing('A', outputs('o'), {
          PropertyFiles: [{ PropertyFileName: 'f', OutputName: 'o', Path: 'x' }],
        }),
      ),
      ['likely', '/Steps/0/PropertyFiles/0/Path', 'A'],
    ],
    [
      'an output of a Lambda, and its type',
      of(ofType('Lambda', {}, { OutputParameters: [{ OutputNam: 'x', OutputType: 'Strin' }] })),
      ['sure', '/Steps/0/OutputParameters/0/OutputNam', 'A'],
      ['sure', '/Steps/0/OutputParameters/0/OutputType', 'A'],
    ],
    [
      'a comparison, and those in it',
      comparing(
        { Type: 'Equals', LeftValue: 1, RigthValue: 1 },
        { Type: 'Not', Condition: { Type: 'Or', Conditions: [{ Type: 'Equals', LeftVal: 1 }] } },
      ),
      condition('0/RigthValue'),
      condition('1/Condition/Conditions/0/LeftVal'),
    ],
    [
      'the type of a comparison',
      comparing({ Type: 'GreaterThanOrEqualsTo', LeftValue: 1, RightValue: 1 }, { Type: 'Like' }),
      condition('0/Type'),
      ['likely', ...condition('1/Type').slice(1)],
    ],
    [
      'the arguments of a Condition',
      of(ofType('Condition', { Condition: [], IfSteps: [] })),
      ['sure', '/Steps/0/Arguments/Condition', 'A'],
    ],
    [
      'the message of a Fail',
      of(ofType('Fail', { ErrorMesage: 'x' })),
      ['sure', '/Steps/0/Arguments/ErrorMesage', 'A'],
    ],
    [
      'an EMR step',
      of(ofType('EMR', { ExecutionRolArn: 'x', StepConfig: { HadoopJarStep: { Jarr: 'x' } } })),
      ['sure', '/Steps/0/Arguments/ExecutionRolArn', 'A'],
      ['likely', '/Steps/0/Arguments/StepConfig/HadoopJarStep/Jarr', 'A'],
    ],
    [
      'the job of a check',
      of(ofType('QualityCheck', { RolArn: 'x' }, { CheckType: 'DATA_QUALITY' })),
      ['sure', '/Steps/0/Arguments/RolArn', 'A'],
    ],
    [
      'a dependency of SDK 3',
      of(step('B'), waiting('A', { Step: 'B', Trigger: 'Fail' }, { Step: 'B', Triger: 'Any' })),
      ['sure', '/Steps/1/DependsOn/0/Trigger', 'A'],
      ['sure', '/Steps/1/DependsOn/1/Triger', 'A'],
    ],
    [
      'a function, wherever it stands',
      of(
        ofType('Lambda', { deep: [{ x: { 'Std:Jion': {} } }], y: { 'Std:Join': { On: '', Value: ['a'] } } }),
        comparing({ Type: 'Equals', LeftValue: { 'Std:JsonGet': { PropertyFil: 'x', Path: 'y' } } }).Steps[0],
      ),
      ['sure', '/Steps/0/Arguments/deep/0/x/Std:Jion', 'A'],
      ['sure', '/Steps/0/Arguments/y/Std:Join/Value', 'A'],
      ['sure', '/Steps/1/Arguments/Conditions/0/LeftValue/Std:JsonGet/PropertyFil', 'If'],
    ],
    [
      'the experiment',
      { ...of(step('A')), PipelineExperimentConfig: { ExperimentNam: 'x' } },
      ['sure', '/PipelineExperimentConfig/ExperimentNam', undefined],
    ],
  ])('in what is no request: %s', (_, root, ...expected) => {
    expect(told(root)).toEqual(expected);
  });

  test('both forms of a comparison with a list, and the model of a check, are known', () => {
    expect(
      mistakesIn(
        of(
          choice('If', {
            Conditions: [
              { Type: 'In', QueryValue: 1, Values: [1] },
              { Type: 'NotIn', Value: 1, In: [1] },
            ],
          }),
          ofType('ClarifyCheck', {}, { CheckType: 'MODEL_BIAS', ModelName: 'fraud' }),
        ),
      ),
    ).toEqual([]);
  });

  test('keys of maps, expressions and the arguments of other step types are free', () => {
    const free = {
      HyperParameters: { anyName: '1' },
      Environment: { x: 'y' },
      ResourceConfig: { Get: 'Parameters.P' },
    };
    const lambda = { Name: 'L', Type: 'Lambda', Arguments: { anything: 1 } };
    const root = { ...of(step('A', { Arguments: free }), lambda), Parameters: [{ Name: 'P' }] };
    expect(mistakesIn(root)).toEqual([]);
  });
});

describe('a template', () => {
  const template = { isTemplate: true };
  test('names that are filled in later are open, and literal ones are not', () => {
    const named = '${team}-prepare';
    expect(told(of(step(named), waiting('A', named, 'fraud-prepare', 'fraud-train')), template)).toEqual([
      ['open', '/Steps/1/DependsOn/1', 'A'],
      ['sure', '/Steps/1/DependsOn/2', 'A'],
    ]);
    expect(told(of(waiting('A', '${first}', 'B')), template)).toEqual([
      ['open', '/Steps/0/DependsOn/0', 'A'],
      ['sure', '/Steps/0/DependsOn/1', 'A'],
    ]);
    expect(told(of(reading('A', 'Parameters.{{ p }}', 'Parameters.Q')), template)).toEqual([
      ['sure', environment(0, 1), 'A'],
    ]);
    expect(told(of(step('A', { Type: '${type}', Arguments: { '${field}': 1 } })), template)).toEqual([]);
  });
});

describe('hostile definitions', () => {
  test('so many mistakes are told, and names of prototypes are names', () => {
    const names = ['__proto__', 'constructor', 'a/b~c', '\u001b[31m', '::error::x'];
    const steps = Array.from({ length: 300 }, (_, index) => waiting(`s${index}`, ...names));
    expect(mistakesIn(of(...steps))).toHaveLength(MAX_MISTAKES);
    expect(
      told(JSON.parse('{"Steps":[],"__proto__":[{"Name":"A","Type":"Training"}]}') as object),
    ).toContainEqual(['sure', '/__proto__/0', 'A']);
  });

  test('any JSON beside steps is walked without failing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.jsonValue(), (one, other) => {
        mistakesIn({ ...of(step('A', { Arguments: one, Extra: other }), one), Parameters: other, More: one });
      }),
      { numRuns: 200 },
    );
  });

  test('a value of any depth is walked', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const text = `{"Steps":[{"Name":"A","Type":"Training","Arguments":{"Environment":${deep}},"Extra":${deep}}]}`;
    const parsed = parseDefinition(text);
    expect(parsed.ok ? definitionMistakes(text, parsed.definition) : []).toHaveLength(1);
  });
});

describeCases('pipelines/real', 'what others wrote', (folder) => {
  test('has no mistakes', async () => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(3);
    for (const name of files) {
      const text = readFileSync(`${folder}/${name}`, 'utf8');
      const parsed = parseDefinition(text);
      expect([name, parsed.ok ? definitionMistakes(text, parsed.definition) : []]).toEqual([name, []]);
    }
  });
});
