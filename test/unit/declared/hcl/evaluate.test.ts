import { describe, expect, test } from '@jest/globals';
import { evaluate, type Scope } from '../../../../shared/declared/hcl/evaluate.ts';
import { jsonOf, setOf, Untold, type Value } from '../../../../shared/declared/hcl/values.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { EXPRESSIONS } from '../../../support/plans/expressions.ts';
import { parser } from '../../../support/plans/grammar.ts';

const NAMES: Record<string, Value> = {
  var: {
    name: 'train',
    list: ['a', 'b', 'a'],
    map: { one: 1, two: 2 },
    none: null,
    yes: true,
    deep: { 'a b': [5] },
    roles: { one: { name: 'r', path: null, tags: setOf(['b', 'a', 'b']) } },
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
  test.each(EXPRESSIONS)('%s', async (text, value) => {
    expect(await valueIn(text)).toEqual(value);
  });

  test.each([
    ['file("a.txt")', 'text'],
    ['"x-${sha256("a")}"', 'x-?'],
    ['md5("a")', '?'],
    ['"a-${cidrsubnets("10.0.0.0/8", 4)}"', 'a-?'],
  ])('%s', async (text, value) => {
    expect(await valueIn(text)).toBe(value);
  });

  test.each([
    ['var.unknown', 'there is no attribute unknown'],
    ['nothing.x', 'nothing is known of nothing'],
    ['var.list[9]', 'the list has no element at that index'],
    ['cidrsubnets("10.0.0.0/8", 4)', 'cidrsubnets() is not evaluated here'],
    ['replace("a", "/a+/", "b")', 'replace() with a regular expression is not evaluated here'],
    ['try(cidrsubnets("10.0.0.0/8", 4), 1)', 'cidrsubnets() is not evaluated here'],
    ['1 / 0', 'it divides by zero'],
    ['concat(var.list, ["c"]...)', 'a list is wanted, and this is a text'],
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
});
