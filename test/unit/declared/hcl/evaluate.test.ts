import { describe, expect, test } from '@jest/globals';
import { evaluate, type Scope } from '../../../../shared/declared/hcl/evaluate.ts';
import { jsonOf, setOf, textOf, Untold, type Value } from '../../../../shared/declared/hcl/values.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { parser } from '../../../support/plans/grammar.ts';

const NAMES: Record<string, Value> = {
  var: {
    name: 'train',
    list: ['a', 'b', 'a'],
    map: { one: 1, two: 2 },
    none: null,
    yes: true,
    deep: { 'a b': [5] },
  },
  local: { set: setOf(['y', 'x', 'y']), roles: [{ arn: 'r1' }, { arn: 'r2' }] },
};

const scope = (files: Record<string, string> = {}): Scope => ({
  name: (name) => (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined),
  unknownText: () => '?',
  files: {
    text: (path) => {
      const text = files[path];
      if (text === undefined) throw new Untold('no file');
      return text;
    },
    template: () => ({
      kind: 'broken',
      origin: { file: { path: '', places: () => new Map() }, pointer: '' },
      why: '',
    }),
  },
  made: () => undefined,
  work: { left: 100_000, depth: 0 },
});

const valueIn = async (text: string): Promise<Json> => {
  const parse = await parser();
  const { body, problems } = parse('x.tf', `x = ${text}\n`);
  expect(problems).toEqual([]);
  const expression = body.attributes.get('x');
  if (!expression) throw new Error('no expression');
  return jsonOf(evaluate(expression, scope({ 'a.txt': 'text' })));
};

const why = async (text: string): Promise<string> => {
  try {
    return `value: ${JSON.stringify(await valueIn(text))}`;
  } catch (error) {
    if (error instanceof Untold) return error.message;
    throw error;
  }
};

describe('expressions of HCL', () => {
  test.each<[text: string, value: Json]>([
    ['"a"', 'a'],
    ['" a  ${var.name} b "', ' a  train b '],
    ['"${var.map.one}"', 1],
    ['"${var.map.one}."', '1.'],
    ['"a\\n\\"\\u00e9$${x}%%{y}"', 'a\n"é${x}%{y}'],
    ['-2.5', -2.5],
    ['1 + 2 * 3 - 4 / 2 % 3', 5],
    ['(1 + 2) * 3', 9],
    ['!true || 1 < 2 && "a" != "b"', true],
    ['var.yes ? "x" : "y"', 'x'],
    ['var.name == "train" ? 1 : 0', 1],
    ['"1" == 1', false],
    ['[1, "b", null,]', [1, 'b', null]],
    ['{ a = 1, "b" : 2, (var.name) = 3, "${var.name}-x" = 4 }', { a: 1, b: 2, train: 3, 'train-x': 4 }],
    ['{\n  a = 1\n  b = { c = [] }\n}', { a: 1, b: { c: [] } }],
    ['var.list[1]', 'b'],
    ['var.list.0', 'a'],
    ['var.deep["a b"][0]', 5],
    ['local.roles[*].arn', ['r1', 'r2']],
    ['local.roles.*.arn', ['r1', 'r2']],
    ['var.none[*]', []],
    ['var.map[*].one', [1]],
    ['[for each in var.list : upper(each) if each != "b"]', ['A', 'A']],
    ['[for index, each in var.list : "${index}${each}"]', ['0a', '1b', '2a']],
    ['{ for key, value in var.map : key => value + 1 }', { one: 2, two: 3 }],
    ['{ for index, each in var.list : each => index... }', { a: [0, 2], b: [1] }],
    ['[for each in local.set : each]', ['x', 'y']],
    ['"%{ if var.yes }on%{ else }off%{ endif }"', 'on'],
    ['"a%{ for each in var.list ~} ${each} %{ endfor }b"', 'aa b a b'],
    ['<<EOT\nline ${var.name}\n  two \\n\nEOT', 'line train\n  two \\n\n'],
    ['<<-EOT\n    a\n      b\n    EOT', 'a\n  b\n'],
    ['concat(var.list, ["c"]...)', ['a', 'b', 'a', 'c']],
  ])('%s', async (text, value) => {
    // `concat(list, list...)` spreads its last list, so that an element that is no list is refused.
    if (text.includes('...)')) return expect(await why(text)).toBe('a list is wanted, and this is a text');
    expect(await valueIn(text)).toEqual(value);
  });

  test.each<[text: string, value: Json]>([
    ['jsonencode({ a = [1, var.name] })', '{"a":[1,"train"]}'],
    ['jsondecode("{\\"a\\": 1}").a', 1],
    ['jsondecode(jsonencode({ a = 1 }))', { a: 1 }],
    ['yamldecode("a:\\n  - 1\\n").a', [1]],
    ['format("%s-%03d-%q-%v-%%", "a", 7, "b", [1])', 'a-007-"b"-[1]-%'],
    ['formatlist("%s/%s", ["a", "b"], "c")', ['a/c', 'b/c']],
    ['join(",", ["a", "b"], ["c"])', 'a,b,c'],
    ['split("/", "a/b")', ['a', 'b']],
    ['merge(var.map, { two = 3 }, null)', { one: 1, two: 3 }],
    ['lookup(var.map, "three", 3)', 3],
    ['replace("a.b.c", ".", "-")', 'a-b-c'],
    ['toset(["b", "a", "b"])', ['a', 'b']],
    ['keys({ b = 1, a = 2 })', ['a', 'b']],
    ['values({ b = 1, a = 2 })', [2, 1]],
    ['flatten([[1, [2]], 3])', [1, 2, 3]],
    ['distinct(var.list)', ['a', 'b']],
    ['compact(["", "a", null])', ['a']],
    ['coalesce("", null, "a")', 'a'],
    ['try(var.map.three, "none")', 'none'],
    ['can(var.map.three)', false],
    ['can(var.map.two)', true],
    ['length(var.list)', 3],
    ['contains(var.list, "b")', true],
    ['element(var.list, 4)', 'b'],
    ['substr("hello", 1, 3)', 'ell'],
    ['trimprefix("s3://b", "s3://")', 'b'],
    ['trimsuffix("a.tf", ".tf")', 'a'],
    ['startswith("abc", "ab") && endswith("abc", "bc")', true],
    ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
    [
      'setproduct(["a", "b"], [1, 2])',
      [
        ['a', 1],
        ['a', 2],
        ['b', 1],
        ['b', 2],
      ],
    ],
    ['setsubtract(["a", "b"], ["a"])', ['b']],
    ['one([7])', 7],
    ['range(1, 4)', [1, 2, 3]],
    ['base64encode("a")', 'YQ=='],
    ['tostring(1)', '1'],
    ['file("a.txt")', 'text'],
    ['core::upper("a")', 'A'],
    ['"x-${sha256("a")}"', 'x-?'],
    ['md5("a")', '?'],
  ])('%s', async (text, value) => {
    expect(await valueIn(text)).toEqual(value);
  });

  test.each([
    ['var.unknown', 'there is no attribute unknown'],
    ['nothing.x', 'nothing is known of nothing'],
    ['var.list[9]', 'the list has no element at that index'],
    ['cidrsubnets("10.0.0.0/8", 4)', 'cidrsubnets() is not evaluated here'],
    ['replace("a", "/a+/", "b")', 'replace() with a regular expression is not evaluated here'],
    ['try(cidrsubnets("10.0.0.0/8", 4), 1)', 'cidrsubnets() is not evaluated here'],
    ['1 / 0', 'it divides by zero'],
    ['file("b.txt")', 'no file'],
    [
      'join("", [for a in range(9000) : join("", [for b in range(9000) : "x"])])',
      'there is more to evaluate than is evaluated here',
    ],
    ['format("%x", 1)', 'the verb %x of format() is not evaluated here'],
    ['range(9999999)', 'range() makes too long a list'],
  ])('%s is not told: %s', async (text, message) => {
    expect(await why(text)).toBe(message);
  });

  test('a text of JSON is made when it is asked for', async () => {
    const parse = await parser();
    const value = parse('x.tf', 'x = jsonencode({ a = "<" })\n').body.attributes.get('x');
    expect(value && textOf(evaluate(value, scope()))).toBe('{"a":"<"}');
  });
});
