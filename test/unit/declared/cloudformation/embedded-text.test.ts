import { describe, expect, test } from '@jest/globals';
import type { TemplateInput } from '../../../../shared/declared/cloudformation/read-templates.ts';
import { fromTemplate } from '../../../support/builders/declared-template.ts';

/** The definition of the pipeline of a template, and where pointers into it stand. */
const definitionIn = (template: string | object, input: Partial<TemplateInput> = {}) => {
  const { declared, resources } = fromTemplate(template, {}, input);
  const pipeline = resources.find(({ type }) => type === 'pipeline');
  const entry = pipeline?.type === 'pipeline' ? pipeline.entry : {};
  const { PipelineDefinition: definition } = entry as { PipelineDefinition?: object | string };
  const origin = typeof definition === 'object' ? declared.origins.get(definition) : undefined;
  const places = (...pointers: string[]): string[] =>
    [...(origin?.file.places(pointers.map((pointer) => `${origin.pointer}${pointer}`)).values() ?? [])].map(
      ({ line, column }) => `${line}:${column}`,
    );
  return { definition, origin, places };
};

const yaml = (body: string): string => `Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: r}}
  P:
    Type: AWS::SageMaker::Pipeline
    Properties:
      PipelineName: p
      RoleArn: x
      PipelineDefinition:
        PipelineDefinitionBody: ${body}
`;
const json = (body: unknown): string =>
  JSON.stringify(
    {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r' } },
        P: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: {
            PipelineName: 'p',
            RoleArn: 'x',
            PipelineDefinition: { PipelineDefinitionBody: body },
          },
        },
      },
    },
    undefined,
    1,
  );
const ARN = 'arn:aws:iam::111122223333:role/r';

describe('a definition that is written as a text is judged as the object that it is, with its places', () => {
  test.each([
    ['folded block', '>-\n          ', '12:13'],
    ['folded block after an empty line', '>\n\n          ', '13:13'],
  ])('in a %s, line and column are those of the source', (_, start, place) => {
    const lines = ['{"Steps": [', '  {"Name": "one"},', '  {"Name":   "two"}]}'];
    const { definition, places } = definitionIn(yaml(`${start}${lines.join('\n          ')}`));
    expect(definition).toEqual({ Steps: [{ Name: 'one' }, { Name: 'two' }] });
    expect(places('/Steps/1')).toEqual([place]);
  });

  test('in a literal block with references, line and column are those of the block', () => {
    const { definition, places } = definitionIn(
      yaml(`!Sub |
          {"Steps": [
            {"Role": "\${Role.Arn}", "After": "\${!Get}", "Last": 1},
            {"Name": "two"}]}`),
    );
    expect(definition).toEqual({ Steps: [{ Role: ARN, After: '${Get}', Last: 1 }, { Name: 'two' }] });
    expect(
      places('', '/Steps', '/Steps/0/Role', '/Steps/0/After', '/Steps/0/Last', '/Steps/1/Name', '/None'),
    ).toEqual(['10:11', '10:21', '11:22', '11:46', '11:65', '12:22', '10:11']);
  });

  test.each([
    ['in single quotes', `'{"a": "it''s", "b": 2}'`, { a: "it's", b: 2 }, ['9:34', '9:54']],
    ['in double quotes', `"{\\"a\\": \\"\\u0041\\", \\"b\\": 2}"`, { a: 'A', b: 2 }, ['9:34', '9:61']],
    [
      'over several lines, at its beginning',
      `'{"a": 1,\n          "b": 2}'`,
      { a: 1, b: 2 },
      ['9:33', '9:33'],
    ],
  ])('%s', (_, body, value, expected) => {
    const { definition, places } = definitionIn(yaml(body));
    expect(definition).toEqual(value);
    expect(places('', '/b')).toEqual(expected);
  });

  test('joined as the CDK writes it, in JSON', () => {
    const text = json({
      'Fn::Join': ['', ['{"Role":"', { 'Fn::GetAtt': ['Role', 'Arn'] }, '","b":[1,', 2, ']}']],
    });
    const { definition, places } = definitionIn(text);
    expect(definition).toEqual({ Role: ARN, b: [1, 2] });
    const lines = text.split('\n');
    const placeOf = (part: string, within: number): string => {
      const line = lines.findIndex((each) => each.includes(part));
      return `${line + 1}:${(lines[line] ?? '').indexOf(part) + 1 + within}`;
    };
    expect(places('', '/b', '/b/0')).toEqual([
      placeOf('{\\"Role\\"', 0),
      placeOf('\\",\\"b\\":[1', '\\",\\"b\\":'.length),
      placeOf('\\",\\"b\\":[1', '\\",\\"b\\":['.length),
    ]);
  });

  test('that a condition chooses', () => {
    const { definition, places } = definitionIn(
      `Conditions: {Never: !Equals [a, b]}\n${yaml(`!If [Never, '{}', '{"a": 1}']`)}`,
    );
    expect(definition).toEqual({ a: 1 });
    expect(places('/a')).toEqual(['10:58']);
  });

  test('with a value that is not a JSON text by itself: what is filled in is a part of the text', () => {
    const { definition } = definitionIn(yaml(`!Sub '{"a": "\${AWS::StackName}", "b": \${AWS::AccountId}}'`));
    expect(definition).toEqual({ a: 'train', b: 111122223333 });
  });

  test.each([
    ['no JSON', '{"a": '],
    ['no object', '[1]'],
    ['a doubled key, of which AWS may take either', '{"a": 1, "a": 2}'],
  ])('%s stays the text that it is', (_, text) => {
    expect(definitionIn(json(text)).definition).toBe(text);
  });

  test('in a file beside the template, places are those of that file', () => {
    const { definition, origin, places } = definitionIn(
      {
        Resources: {
          P: {
            Type: 'AWS::SageMaker::Pipeline',
            Properties: {
              PipelineName: 'p',
              RoleArn: 'x',
              PipelineDefinition: { PipelineDefinitionS3Location: { Bucket: 'b', Key: 'k.json' } },
            },
          },
        },
      },
      { assets: new Map([['k.json', { path: 'out/k.json', text: '{\n  "Steps": []\n}' }]]) },
    );
    expect(definition).toEqual({ Steps: [] });
    expect([origin?.file.path, places('/Steps')]).toEqual(['out/k.json', ['2:12']]);
  });
});

test('policies that are texts have their places as well', () => {
  const { declared, resources } = fromTemplate(`Resources:
  M:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: |
        {"Statement": []}
`);
  // biome-ignore lint/suspicious/noExplicitAny: the entry is walked through by hand
  const document = (resources[0] as any).entry.PolicyVersionList[0].Document;
  const origin = declared.origins.get(document);
  expect(document).toEqual({ Statement: [] });
  expect(origin?.file.places(['/Statement']).get('/Statement')).toEqual({ line: 6, column: 23 });
});
