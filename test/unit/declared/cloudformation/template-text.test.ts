import { describe, expect, test } from '@jest/globals';
import { readTemplateText } from '../../../../shared/declared/cloudformation/template-text.ts';

const treeOf = (text: string, path = 't.yaml') => {
  const { tree, problems } = readTemplateText(path, text);
  expect(problems).toEqual([]);
  return tree;
};
const placesOf = (text: string, pointers: string[]): Record<string, string> => {
  const { file } = readTemplateText('t.yaml', text);
  return Object.fromEntries(
    [...file.places(pointers)].map(([pointer, { line, column }]) => [pointer, `${line}:${column}`]),
  );
};
const problemsOf = (text: string, path = 't.yaml'): string[] =>
  readTemplateText(path, text).problems.map(({ file, pointer, message }) => {
    const place = file.places([pointer]).get(pointer);
    return `${place?.line}:${place?.column}: ${message}`;
  });

describe('the values of a YAML template', () => {
  test.each<[string, string, unknown]>([
    ['a short form of a text', 'a: !Ref Name', { a: { Ref: 'Name' } }],
    ['of a list', 'a: !Join ["-", [x, !Ref Y]]', { a: { 'Fn::Join': ['-', ['x', { Ref: 'Y' }]] } }],
    ['of a map', 'a: !Transform {Name: M}', { a: { 'Fn::Transform': { Name: 'M' } } }],
    ['of a condition', 'a: !Condition C', { a: { Condition: 'C' } }],
    ['of an attribute', 'a: !GetAtt B.Arn', { a: { 'Fn::GetAtt': 'B.Arn' } }],
    ['of a block text', 'a: !Sub |\n  x\n  y\n', { a: { 'Fn::Sub': 'x\ny\n' } }],
    ['of an unknown function', 'a: !Guess 1', { a: { 'Fn::Guess': '1' } }],
    ['its long form', 'a: {Fn::Sub: x}', { a: { 'Fn::Sub': 'x' } }],
    ['a date is a text', 'a: 2012-10-17', { a: '2012-10-17' }],
    ['an account stays as it is', 'a: 011122223333', { a: '011122223333' }],
    ['numbers', 'a: [1, -2, 0.5, 1e3]', { a: [1, -2, 0.5, 1000] }],
    ['a number that is too large stays a text', 'a: 12345678901234567890', { a: '12345678901234567890' }],
    [
      'words of YAML 1.1',
      'a: [yes, No, on, OFF, true, ~, "yes"]',
      { a: [true, false, true, false, true, null, 'yes'] },
    ],
    ['an empty value', 'a:\nb: 1', { a: null, b: 1 }],
    ['an alias', 'a: &x {k: 1}\nb: *x', { a: { k: 1 }, b: { k: 1 } }],
    [
      'merged keys, which own keys hide',
      'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3',
      { a: { k: 1, l: 2 }, b: { k: 3, l: 2 } },
    ],
    ['keys are texts', '1: a\ntrue: b', { 1: 'a', true: 'b' }],
  ])('%s', (_, text, tree) => {
    expect(treeOf(text)).toEqual(tree);
  });

  test('a key that every object inherits is a key like others', () => {
    const tree = treeOf('__proto__: {a: 1}\nconstructor: 2');
    expect(JSON.stringify(tree)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe('places', () => {
  test('of a block, at its key; of a value in a line, at the value', () => {
    const text =
      'Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Tags: [{Key: a}]\n      List:\n        - one\n        - k: v\n';
    expect(
      placesOf(text, [
        '/Resources/Role',
        '/Resources/Role/Type',
        '/Resources/Role/Properties/Tags/0/Key',
        '/Resources/Role/Properties/List',
        '/Resources/Role/Properties/List/1',
        '/Resources/Role/Properties/Missing/More',
        '',
      ]),
    ).toEqual({
      '/Resources/Role': '2:3',
      '/Resources/Role/Type': '3:11',
      '/Resources/Role/Properties/Tags/0/Key': '5:20',
      '/Resources/Role/Properties/List': '6:7',
      '/Resources/Role/Properties/List/1': '8:11',
      '/Resources/Role/Properties/Missing/More': '4:5',
      '': '1:1',
    });
  });

  test('inside of short forms, aliases and merged keys', () => {
    const text = 'a: &x\n  k: 1\nb: !If [c, !Ref D, e]\nf: *x\ng:\n  <<: *x\n';
    expect(placesOf(text, ['/b/Fn::If/1/Ref', '/f/k', '/g/k'])).toEqual({
      '/b/Fn::If/1/Ref': '3:17',
      '/f/k': '2:6',
      '/g/k': '2:6',
    });
  });

  test('of a JSON template', () => {
    expect(placesOf('{\n  "a": {"b/c": [1,\n 2]}}', ['/a/b~1c/1', '/a/x', ''])).toEqual({
      '/a/b~1c/1': '3:2',
      '/a/x': '2:8',
      '': '1:1',
    });
  });
});

describe('what is wrong in a text is told with its place, and the rest is read', () => {
  test.each<[string, string, string]>([
    ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', '1:4: its key stands twice; keep one of the two'],
    ['the same in JSON', '{"a": 1, "a": 2}', '1:7: its key stands twice; keep one of the two'],
    ['an alias of nothing', 'a: *x\n', '1:4: its alias names nothing that stands before it'],
    [
      'two documents',
      'a: 1\n---\nb: 2\n',
      '2:1: the template cannot be read: a second document begins here; one is expected',
    ],
    ['no YAML', 'a: [1\nb: {', '2:1: the template cannot be read'],
    ['a list as a key', '? [a]\n: 1\n', '1:1: a key of it is no text'],
  ])('%s', (_, text, problem) => {
    expect(problemsOf(text)[0]).toContain(problem);
  });

  test('no JSON in a file of JSON', () => {
    expect(problemsOf('{"a": 1,, "b": 2}', 't.json')).toEqual([
      expect.stringMatching(/^1:9: the template cannot be read: /),
    ]);
  });

  test('both values of a doubled key are unknown', () => {
    const { tree } = readTemplateText('t.yaml', 'a: 1\na: {b: 2}\nc: 3');
    expect(tree).toEqual({ a: {}, c: 3 });
  });
});

describe('hostile texts end in bounded time', () => {
  const BOMB = `a0: &a0 [x, x]\n${Array.from({ length: 40 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]`).join('\n')}\n`;
  test.each<[string, string]>([
    ['an alias that names itself', 'a: &x [*x, *x]'],
    ['aliases of aliases', BOMB],
    ['deep lists in JSON', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['deep lists in YAML', `a: ${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['deep blocks', Array.from({ length: 1500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['signs in wrong places', ']'.repeat(100_000)],
    ['very many keys', Array.from({ length: 50_000 }, (_, at) => `k${at}: v`).join('\n')],
    ['nothing', ''],
    ['no text', '\u0000\u0001\ufffe'],
    ['quotes', `{${'"'.repeat(10_001)}`],
  ])('%s', (_, text) => {
    const { file, problems } = readTemplateText('t.yaml', text);
    const pointers = ['', '/a', '/a/0/0/0', '/k9/x', ...problems.map(({ pointer }) => pointer)].slice(0, 50);
    expect([...file.places(pointers).values()].every(({ line, column }) => line >= 1 && column >= 1)).toBe(
      true,
    );
  });
});
