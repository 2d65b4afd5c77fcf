import { describe, expect, test } from '@jest/globals';
import type { TemplateInput } from '../../../../shared/declared/cloudformation/read-templates.ts';
import { fromTemplates, STACK } from '../../../support/builders/declared-template.ts';

const input = (name: string, template: object, more: Partial<TemplateInput> = {}): TemplateInput => ({
  path: `${name}.json`,
  text: JSON.stringify(template),
  stack: { ...STACK, name },
  ...more,
});
const bucket = (BucketName: unknown) => ({ Type: 'AWS::S3::Bucket', Properties: { BucketName } });
const names = (inputs: TemplateInput[], values = {}): unknown[] => {
  const { resources, problems } = fromTemplates(inputs, values);
  expect(problems).toEqual([]);
  return resources.map((each) => `${each.address} ${'name' in each ? each.name : ''}`);
};

describe('stacks that import from each other', () => {
  const net = (name: unknown, value: unknown) => ({
    Resources: {},
    Outputs: { Out: { Value: value, Export: { Name: name } }, Plain: { Value: 'plain' } },
  });

  test('an import has the value of the export, whichever template comes first', () => {
    const exporting = input(
      'net',
      net({ 'Fn::Sub': '${AWS::StackName}-data' }, { 'Fn::Sub': '${AWS::Region}-x' }),
    );
    const importing = input('app', { Resources: { B: bucket({ 'Fn::ImportValue': 'net-data' }) } });
    expect(names([exporting, importing])).toEqual(['app.B eu-west-1-x']);
    expect(names([importing, exporting])).toEqual(['app.B eu-west-1-x']);
  });

  test('an export of another Region or account, or under a condition that does not hold, is a hole', () => {
    const importing = input('app', { Resources: { B: bucket({ 'Fn::ImportValue': 'x' }) } });
    for (const stack of [{ region: 'us-east-1' }, { account: '444455556666' }])
      expect(
        names([input('net', net('x', 'y'), { stack: { ...STACK, ...stack, name: 'net' } }), importing]),
      ).toEqual(['app.B <the export x>']);
    const never = {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {},
      Outputs: { Out: { Condition: 'No', Value: 'y', Export: { Name: 'x' } } },
    };
    expect(names([input('net', never), importing])).toEqual(['app.B <the export x>']);
  });

  test('an output of a stack is read by its name, in the stack’s own Region or another', () => {
    const of = (argument: object) =>
      names([
        input('net', net('x', 'y')),
        input('far', net('z', 'w'), { stack: { ...STACK, name: 'far', region: 'us-east-1' } }),
        input('app', { Resources: { B: bucket({ 'Fn::GetStackOutput': argument }) } }),
      ]);
    expect(of({ StackName: 'net', OutputName: 'Plain' })).toEqual(['app.B plain']);
    expect(of({ StackName: 'far', OutputName: 'Plain' })).toEqual([
      'app.B <the output Plain of the stack far>',
    ]);
    expect(of({ StackName: 'far', OutputName: 'Plain', Region: 'us-east-1' })).toEqual(['app.B plain']);
  });

  test('imports in a circle are told, and end', () => {
    const circle = (own: string, other: string) => ({
      Resources: { B: bucket({ 'Fn::ImportValue': other }) },
      Outputs: { Out: { Value: { 'Fn::ImportValue': other }, Export: { Name: own } } },
    });
    const { problems } = fromTemplates([input('one', circle('a', 'b')), input('two', circle('b', 'a'))]);
    expect(problems).toContainEqual(expect.stringContaining('the output Out depends on itself'));
  });
});

describe('nested stacks', () => {
  const inner = {
    Parameters: {
      Name: { Type: 'String' },
      Tail: { Type: 'String', Default: 'end' },
      Names: { Type: 'CommaDelimitedList', Default: 'x' },
    },
    Resources: {
      B: bucket({ 'Fn::Sub': '${Name}-${Tail}' }),
      C: bucket({ 'Fn::Select': [1, { Ref: 'Names' }] }),
    },
    Outputs: { Made: { Value: { Ref: 'B' } } },
  };
  const outer = (Parameters: object, more: object = {}) => ({
    Parameters: { Team: { Type: 'String', Default: 'fraud' } },
    Resources: {
      Inner: {
        Type: 'AWS::CloudFormation::Stack',
        Properties: { TemplateURL: 'inner.json', Parameters },
        ...more,
      },
      After: bucket({ 'Fn::Join': ['-', ['after', { 'Fn::GetAtt': ['Inner', 'Outputs.Made'] }]] }),
    },
  });
  const nested = new Map([['Inner', { path: 'inner.json', text: JSON.stringify(inner) }]]);

  test('parameters go in, outputs come out', () => {
    const template = outer({ Name: { Ref: 'Team' }, Names: { 'Fn::Join': [',', ['a', 'b']] } });
    expect(names([input('train', template, { nested })])).toEqual([
      'train.After after-fraud-end',
      'train.Inner.B fraud-end',
      'train.Inner.C b',
    ]);
  });

  test('a parameter that nobody passes and that has no default is a hole of the inner stack', () => {
    const { holes } = fromTemplates([input('train', outer({}), { nested })]);
    expect(holes.get('train.Inner.Name')).toMatchObject({ parameter: 'Name' });
  });

  test('one that is not made makes nothing', () => {
    const template = {
      ...outer({ Name: 'x' }, { Condition: 'No' }),
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    };
    const { resources } = fromTemplates([input('train', template, { nested })]);
    expect(resources.map(({ address }) => address)).toEqual(['train.After']);
  });

  test('an output of one that is not at hand is a hole, and what it makes is told as unknown', () => {
    const { resources, problems } = fromTemplates([input('train', outer({}))]);
    expect(resources).toMatchObject([{ name: 'after-<Inner.Outputs.Made>' }]);
    expect(problems).toEqual([
      expect.stringContaining('the template of Inner is not at hand; what it makes is not judged'),
    ]);
  });

  test('parameters and outputs in a circle are told, and end', () => {
    const template = {
      Resources: {
        Inner: {
          Type: 'AWS::CloudFormation::Stack',
          Properties: { TemplateURL: 'i', Parameters: { Name: { 'Fn::GetAtt': 'Inner.Outputs.Made' } } },
        },
      },
    };
    const { problems } = fromTemplates([input('train', template, { nested })]);
    expect(problems).toContainEqual(expect.stringMatching(/depends on itself$/));
  });
});

describe('several templates', () => {
  test('are told apart by the names of their stacks, or else by their files', () => {
    const template = { Resources: { B: { Type: 'AWS::S3::Bucket' } } };
    const { resources, holes } = fromTemplates([
      { path: 'a/app.template.json', text: JSON.stringify(template) },
      { path: 'b/app.yaml', text: JSON.stringify(template) },
      input('live', template),
    ]);
    expect(resources.map(({ address }) => address)).toEqual(['app.B', 'app-2.B', 'live.B']);
    expect([...holes.keys()].filter((name) => name.endsWith('B'))).toEqual(['app.B', 'app-2.B', 'live.B']);
  });

  test('a parameter of two templates is two holes with one name for users; account and Region are the same', () => {
    const template = {
      Parameters: { Stage: { Type: 'String' } },
      Resources: { B: bucket({ Ref: 'Stage' }) },
    };
    const { holes } = fromTemplates(
      ['a', 'b'].map((name) => ({ path: `${name}.json`, text: JSON.stringify(template) })),
    );
    expect([...holes].map(([name, { parameter }]) => `${name} ${parameter}`).toSorted()).toEqual([
      'AWS::AccountId AWS::AccountId',
      'AWS::Region AWS::Region',
      'a.Stage Stage',
      'b.Stage Stage',
    ]);
  });
});

test('a template with many times the resources that AWS takes is judged in part, which is told', () => {
  const group = { Type: 'AWS::IAM::Group' };
  const { resources, problems } = fromTemplates([
    {
      path: 'large.json',
      text: JSON.stringify({
        Resources: Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`G${index}`, group])),
      }),
    },
  ]);
  expect(resources).toHaveLength(1000);
  expect(problems).toEqual([expect.stringContaining('it has 3000 resources, and AWS takes 500')]);
});
