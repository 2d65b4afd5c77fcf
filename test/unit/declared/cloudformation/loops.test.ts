import { describe, expect, test } from '@jest/globals';
import { fromTemplate, fromTemplates } from '../../../support/builders/declared-template.ts';

const bucket = (BucketName: unknown) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName } });
const loop = (collection: unknown, body: unknown, more: object = {}) => ({
  Transform: 'AWS::LanguageExtensions',
  Parameters: { Teams: { Type: 'CommaDelimitedList', Default: 'fraud,risk-2' } },
  ...more,
  Resources: { 'Fn::ForEach::Teams': ['Team', collection, body], After: bucket('after') },
});
const named = (template: object, values = {}): string[] =>
  fromTemplate(template, values).resources.map(
    (each) => `${each.address}=${'name' in each ? each.name : ''}`,
  );

describe('Fn::ForEach is written out', () => {
  test.each<[string, unknown]>([
    ['a list', ['fraud', 'risk-2']],
    ['a parameter', { Ref: 'Teams' }],
    ['a function', { 'Fn::Split': ['/', 'fraud/risk-2'] }],
  ])('of %s, in keys, texts and references', (_, collection) => {
    const body = {
      'Data&{Team}': bucket({ 'Fn::Sub': '${Team}-${AWS::Region}' }),
      'Ref${Team}': bucket({ Ref: 'Team' }),
    };
    expect(named(loop(collection, body))).toEqual([
      'Datafraud=fraud-eu-west-1',
      'Reffraud=fraud',
      'Datarisk2=risk-2-eu-west-1',
      'Refrisk-2=risk-2',
      'After=after',
    ]);
  });

  test('with the values that the user gives, in each way to fill the holes', () => {
    const body = { 'B${Team}': bucket({ Ref: 'Team' }) };
    const template = loop({ Ref: 'Teams' }, body);
    expect(named(template, { Teams: 'x' })).toEqual(['Bx=x', 'After=after']);
    expect(named(template, { Teams: 'x,y' })).toEqual(['Bx=x', 'By=y', 'After=after']);
  });

  test('in loops, conditions, outputs and properties', () => {
    const template = {
      ...loop(['a', 'b'], {
        'Fn::ForEach::Stages': [
          'Stage',
          ['dev', 'prod'],
          { 'B${Team}${Stage}': { ...bucket('${Team}-${Stage}'), Condition: 'Is${Stage}' } },
        ],
      }),
      Conditions: {
        'Fn::ForEach::All': ['S', ['dev', 'prod'], { 'Is${S}': { 'Fn::Equals': ['${S}', 'prod'] } }],
      },
      Outputs: {
        'Fn::ForEach::Out': ['T', ['a'], { 'Out${T}': { Value: '${T}!', Export: { Name: 'x-${T}' } } }],
      },
    };
    const importing = { Resources: { I: bucket({ 'Fn::ImportValue': 'x-a' }) } };
    const { resources } = fromTemplates([
      { path: 'one.json', text: JSON.stringify(template) },
      { path: 'two.json', text: JSON.stringify(importing) },
    ]);
    expect(resources.map((each) => ('name' in each ? each.name : ''))).toEqual([
      'a-prod',
      'b-prod',
      'after',
      'a!',
    ]);
  });

  test('as members of a property', () => {
    const { resources } = fromTemplate({
      Resources: {
        P: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: {
            PipelineName: 'p',
            RoleArn: 'r',
            PipelineDefinition: {
              PipelineDefinitionBody: { 'Fn::ForEach::K': ['K', ['x', 'y'], { '${K}': { Ref: 'K' } }] },
            },
          },
        },
      },
    });
    expect(resources).toMatchObject([{ entry: { PipelineDefinition: { x: 'x', y: 'y' } } }]);
  });

  test('what it makes has the places of what it repeats', () => {
    const { resources } = fromTemplate(`Resources:
  Fn::ForEach::Teams:
    - Team
    - [a, b]
    - Data\${Team}:
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Ref Team}
`);
    const places = resources.map(({ origin: { file, pointer } }) => file.places([pointer]).get(pointer));
    expect(places).toEqual([
      { line: 5, column: 7 },
      { line: 5, column: 7 },
    ]);
  });

  test.each<[string, unknown, string]>([
    [
      'an unknown collection',
      ['T', { 'Fn::Transform': { Name: 'Mine' } }, {}],
      'the collection of the loop is unknown; what it makes is not judged',
    ],
    [
      'no collection',
      ['T'],
      'the loop is not an identifier, a collection and a map; what it makes is unknown',
    ],
    ['no list', 'x', 'the loop is not an identifier, a collection and a map; what it makes is unknown'],
  ])('%s is told', (_, argument, message) => {
    const { problems, resources } = fromTemplate({
      Resources: { 'Fn::ForEach::L': argument, After: bucket('after') },
    });
    expect(problems).toContainEqual(expect.stringContaining(message));
    expect(resources).toHaveLength(1);
  });

  test('loops in loops that would make too much end, and are told', () => {
    let body: object = { 'B${I0}${I1}${I2}${I3}${I4}${I5}': bucket('x') };
    for (let at = 0; at < 6; at++)
      body = {
        [`Fn::ForEach::L${at}`]: [`I${at}`, Array.from({ length: 50 }, (_, index) => `v${index}`), body],
      };
    const { problems } = fromTemplate({ Resources: body });
    expect(problems).toContainEqual(expect.stringContaining('loops make more than 200000 values'));
  });
});
