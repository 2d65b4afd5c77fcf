import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import {
  readTemplates,
  type TemplateInput,
} from '../../../../shared/declared/cloudformation/read-templates.ts';
import type { Declared, Fill, Hole } from '../../../../shared/declared/declared.ts';
import { samples } from '../../../support/samples.ts';

const filledWith =
  (values: Readonly<Record<string, string>>): Fill =>
  (hole: Hole) =>
    values[hole.name] ?? hole.byDefault ?? hole.values?.[0] ?? `<${hole.name}>`;

const textOf = ({ resources, problems }: Declared): string =>
  JSON.stringify([
    resources.map(({ origin, ...others }) => [origin.pointer, others]),
    problems.map(({ pointer, message }) => [pointer, message]),
  ]);

const FUNCTIONS = [
  ...['Ref', 'Fn::GetAtt', 'Fn::Sub', 'Fn::Join', 'Fn::Select', 'Fn::Split', 'Fn::If', 'Fn::FindInMap'],
  ...['Fn::ImportValue', 'Fn::GetStackOutput', 'Fn::Base64', 'Fn::ToJsonString', 'Fn::Length', 'Fn::Cidr'],
  ...['Fn::GetAZs', 'Fn::Transform', 'Fn::Equals', 'Fn::Not', 'Fn::And', 'Fn::Or', 'Condition'],
  ...['Fn::ForEach::Loop', 'Fn::Unknown', '__proto__', 'constructor'],
];
const NAMES = [
  'Role',
  'Other',
  'Stage',
  'List',
  'AWS::Region',
  'AWS::NoValue',
  'It',
  'Sizes',
  'dev',
  'Role.Arn',
  'x',
];

const TYPES = [
  ...['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy'],
  ...[
    'AWS::IAM::RolePolicy',
    'AWS::IAM::InstanceProfile',
    'AWS::IAM::UserToGroupAddition',
    'AWS::S3::Bucket',
  ],
  ...[
    'AWS::S3::BucketPolicy',
    'AWS::KMS::Key',
    'AWS::KMS::Alias',
    'AWS::SageMaker::Pipeline',
    'AWS::SageMaker::Model',
  ],
  ...['AWS::Serverless::Function', 'AWS::CloudFormation::Stack', 'Custom::Thing'],
];
const PROPERTIES = [
  ...[
    'RoleName',
    'UserName',
    'GroupName',
    'PolicyName',
    'Path',
    'AssumeRolePolicyDocument',
    'PolicyDocument',
  ],
  ...[
    'Policies',
    'ManagedPolicyArns',
    'PermissionsBoundary',
    'Tags',
    'Roles',
    'Users',
    'Groups',
    'Bucket',
    'BucketName',
  ],
  ...[
    'CorsConfiguration',
    'KeyPolicy',
    'AliasName',
    'TargetKeyId',
    'PipelineName',
    'PipelineDefinition',
    'RoleArn',
  ],
  ...['ExecutionRoleArn', 'Parameters', 'Role', 'Fn::Transform'],
];

/** Values of templates with functions at any place, right and wrong. */
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(
      ...NAMES,
      '',
      1,
      true,
      null,
      '${Stage}-${Role.Arn}-${!x}',
      '{{resolve:ssm:a}}',
      '{"a": [1]}',
      'a,b',
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'a',
        'Statement',
        'PolicyDocument',
        'PolicyName',
        'CorsRules',
        'PipelineDefinitionBody',
        'Key',
      ),
      tie('value'),
      { maxKeys: 3 },
    ),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS), fc.oneof(tie('value'), fc.array(tie('value'), { maxLength: 4 })))
      .map(([name, argument]) => Object.fromEntries([[name, argument]])),
  ),
}));

const anyTemplate = fc
  .record({
    resources: fc.dictionary(
      fc.constantFrom('Role', 'Other', 'Third', 'Fourth'),
      fc.record(
        {
          Type: fc.constantFrom(...TYPES),
          Condition: fc.constantFrom('It', 'Never', 'Nobody'),
          Properties: fc.oneof(
            { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...PROPERTIES), anyValue, { maxKeys: 5 }) },
            { weight: 1, arbitrary: anyValue },
          ),
        },
        { requiredKeys: ['Type'] },
      ),
      { maxKeys: 4 },
    ),
    condition: anyValue,
    output: anyValue,
  })
  .map(({ resources, condition, output }) => ({
    Parameters: {
      Stage: { Type: 'String', AllowedValues: ['dev', 'prod'] },
      List: { Type: 'CommaDelimitedList' },
    },
    Mappings: { Sizes: { dev: { x: '1' } } },
    Conditions: { It: condition, Never: { 'Fn::Equals': ['a', 'b'] } },
    Resources: resources,
    Outputs: { Out: { Value: output, Export: { Name: 'x' } } },
  }));

const inputOf = (text: string): TemplateInput => ({
  path: 't.yaml',
  text,
  stack: { name: 's', region: 'eu-west-1' },
});

describe('any template, with functions at any place', () => {
  test('never throws, and the same values give the same declarations, whatever was declared before', () => {
    fc.assert(
      fc.property(
        anyTemplate,
        fc.array(fc.constantFrom('dev', 'prod', 'a,b'), { minLength: 2, maxLength: 5 }),
        (template, stages) => {
          const input = inputOf(JSON.stringify(template));
          const { declare } = readTemplates([input]);
          for (const stage of stages) {
            const fill = filledWith({ Stage: stage, 'AWS::AccountId': stage, Role: stage });
            expect(textOf(declare(fill))).toBe(textOf(readTemplates([input]).declare(fill)));
          }
        },
      ),
      { numRuns: samples(300), endOnFailure: true },
    );
  });

  test('declares the same in YAML as in JSON', () => {
    fc.assert(
      fc.property(anyTemplate, (template) => {
        const fill = filledWith({});
        const json = readTemplates([inputOf(JSON.stringify(template))]);
        const yaml = readTemplates([inputOf(stringify(template, { aliasDuplicateObjects: false }))]);
        expect(textOf(yaml.declare(fill))).toBe(textOf(json.declare(fill)));
      }),
      { numRuns: samples(150), endOnFailure: true },
    );
  });

  test('every problem and every declared resource has a place', () => {
    fc.assert(
      fc.property(anyTemplate, (template) => {
        const { declare, problems } = readTemplates([inputOf(JSON.stringify(template, undefined, 2))]);
        const declared = declare(filledWith({}));
        for (const { file, pointer } of [
          ...problems,
          ...declared.problems,
          ...declared.resources.map(({ origin }) => origin),
        ])
          expect(file.places([pointer]).get(pointer)?.line).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: samples(100), endOnFailure: true },
    );
  });
});

describe('hostile templates end in bounded work', () => {
  const declaring = (template: unknown): Declared =>
    readTemplates([inputOf(typeof template === 'string' ? template : JSON.stringify(template))]).declare(
      filledWith({}),
    );

  test('10,000 parameters and resources', () => {
    const many = <T>(make: (at: number) => T) =>
      Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`N${at}`, make(at)]));
    const { resources } = declaring({
      Parameters: many(() => ({ Type: 'String' })),
      Resources: many((at) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName: { Ref: `N${at}` } } })),
    });
    expect(resources).toHaveLength(1000);
  });

  test('names that double a text each', () => {
    const { problems } = declaring({
      Resources: Object.fromEntries(
        Array.from({ length: 60 }, (_, at) => [
          `R${at}`,
          { Type: 'AWS::IAM::Role', Properties: { RoleName: { 'Fn::Sub': `\${R${at + 1}}\${R${at + 1}}` } } },
        ]),
      ),
    });
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('the templates make too much text'),
    );
  });

  test('a chain of references that is too long', () => {
    const { problems, resources } = declaring({
      Resources: Object.fromEntries(
        Array.from({ length: 5000 }, (_, at) => [
          `R${at}`,
          { Type: 'AWS::S3::Bucket', Properties: { BucketName: { 'Fn::Sub': `\${R${at + 1}}` } } },
        ]),
      ),
    });
    expect(resources).toHaveLength(1000);
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('references and functions lead too deep'),
    );
  });

  test.each<[string, (inner: unknown) => unknown]>([
    ['lists', (inner) => [inner]],
    ['objects', (inner) => ({ a: inner })],
    ['functions', (inner) => ({ 'Fn::Join': ['', [inner, { Ref: 'X' }]] })],
    ['conditions', (inner) => ({ 'Fn::Not': [inner] })],
  ])('deep %s', (_, wrap) => {
    let deep: unknown = { Ref: 'X' };
    for (let at = 0; at < 1000; at++) deep = wrap(deep);
    const { problems } = declaring({
      Conditions: { It: deep },
      Resources: {
        R: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: 'r', Policies: [{ PolicyName: 'p', PolicyDocument: deep }] },
        },
        S: { Type: 'AWS::S3::Bucket', Condition: 'It' },
      },
    });
    expect(problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('it is nested deeper than 100 levels'),
    );
  });

  test('sections that are no maps', () => {
    const text = JSON.stringify({
      Parameters: [],
      Conditions: 1,
      Mappings: 'x',
      Resources: { A: null, B: [], C: 'x' },
      Outputs: [1],
    });
    const { problems } = readTemplates([inputOf(text)]);
    expect(problems.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/Conditions',
      '/Mappings',
      '/Outputs',
      '/Parameters',
      '/Resources/A',
      '/Resources/B',
      '/Resources/C',
    ]);
  });
});
