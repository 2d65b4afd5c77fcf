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
  open: {
    text: 'OPEN',
    arn: 'arn:aws:s3:::x-OPEN',
    list: ['OPEN', 'a'],
    map: { a: 'OPEN', b: 'x' },
    key: { OPEN: 1 },
  },
  local: { set: setOf(['y', 'x', 'y']), roles: [{ arn: 'r1' }, { arn: 'r2' }] },
};

const scope = (files: Record<string, string> = {}): Scope => ({
  name: (name) => (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined),
  unknownText: () => '?',
  open: {
    partsOf: (text) => [...text.matchAll(/OPEN/g)].map(({ index }) => [index, index + 4] as const),
    isSame: (one, other) => {
      if (one === other) return true;
      if (/OPEN/.test(one + other)) throw new Untold('open');
      return false;
    },
    mayBeNull: (text) => text === 'OPEN',
    mayHold: (text, part) => text.includes('OPEN') && !/[:/]/.test(part),
  },
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

describe('what hangs on a text that only the deployment tells', () => {
  test.each([
    'open.text == "a"',
    'open.text != "a" ? 1 : 2',
    'open.text == null',
    '[open.text] == ["a"]',
    'open.text ? 1 : 2',
    '!open.text',
    'open.text && true',
    'true || open.text ? open.text + 1 : 0',
    'open.text > 3',
    'open.text.name',
    'try(open.text.name, "a")',
    'try(open.text[0], "a")',
    'try({ a = 1 }[open.text], 2)',
    'try(open.key["a"], 2)',
    'lookup({ a = 1 }, open.text, 2)',
    'lookup(open.key, "a", 2)',
    'try(lookup(open.text, "a"), 2)',
    'try(tonumber(open.text), 2)',
    'try(jsondecode(open.text), 2)',
    'try(keys(open.text), 2)',
    'try(concat(open.text, ["a"]), 2)',
    'can(tonumber(open.text))',
    'contains(["a"], open.text)',
    'contains(open.list, "b")',
    'index(open.list, "a")',
    'length(open.text)',
    'setsubtract(["a"], [open.text])',
    'setintersection(["a"], [open.text])',
    'startswith(open.text, "a")',
    'startswith(open.arn, "arn:aws:s3:::x-y")',
    'endswith(open.text, "a")',
    'strcontains(open.text, "a")',
    'split(",", open.text)',
    'alltrue([open.text])',
    'max(open.text, 1)',
    'tobool(open.text)',
    '[for each in open.text : each]',
    '[for each in ["a"] : each if open.text == each]',
    '"%{ if open.text == "a" }x%{ endif }"',
    '"%{ for each in open.text }x%{ endfor }"',
    'open.text[*]',
  ])('is told by none of its forms: %s', async (text) => {
    expect(await why(text)).not.toMatch(/^value/);
  });

  test.each([
    ['upper(open.text)', '?'],
    ['title("a-${open.text}")', '?'],
    ['substr(open.text, 0, 2)', '?'],
    ['replace(open.text, "-", "_")', '?'],
    ['trimprefix(open.text, "a")', '?'],
    ['trimsuffix(open.arn, "a")', '?'],
    ['base64encode(open.text)', '?'],
    ['basename("a/${open.text}")', 'OPEN'],
    ['strrev(open.text)', '?'],
  ])('is an unknown text where a function makes another one of it: %s', async (text, value) => {
    expect(await valueIn(text)).toBe(value);
  });

  test.each<[string, Json]>([
    ['"a-${open.text}"', 'a-OPEN'],
    ['open.text == open.text', true],
    ['join(",", open.list)', 'OPEN,a'],
    ['contains(open.list, "a")', true],
    ['length(open.list)', 2],
    ['lookup(open.map, "b", "c")', 'x'],
    ['lookup({ b = 1 }, "a", open.text)', 'OPEN'],
    ['try(open.map["c"], "d")', 'd'],
    ['open.map["a"]', 'OPEN'],
    ['split(":", open.arn)[5]', 'x-OPEN'],
    ['trimprefix(open.arn, "arn:aws:s3:::")', 'x-OPEN'],
    ['replace(open.arn, "arn:aws:s3:::", "s3://")', 's3://x-OPEN'],
    ['startswith(open.arn, "arn:")', true],
    ['startswith(open.arn, "s3:")', false],
    ['trimsuffix("${open.arn}/*", "/*")', 'arn:aws:s3:::x-OPEN'],
    ['substr(open.arn, 0, 3)', 'arn'],
    ['open.arn == null', false],
    [
      '{ for key, each in { a = open.arn, b = null } : key => each if each != null }',
      { a: 'arn:aws:s3:::x-OPEN' },
    ],
    ['coalesce(null, open.text)', 'OPEN'],
    ['jsonencode({ a = open.text })', '{"a":"OPEN"}'],
    ['jsondecode(jsonencode({ a = open.text })).a', 'OPEN'],
    ['format("%s-%s", open.text, "a")', 'OPEN-a'],
    ['false && open.text == "a"', false],
  ])('is told where it does not matter: %s', async (text, value) => {
    expect(await valueIn(text)).toEqual(value);
  });
});

describe('what would fill the memory, or take for ever', () => {
  const doubled = (levels: number, of: string): string =>
    Array.from({ length: levels }).reduce<string>((inner) => `[for x in [${inner}] : [x, x]][0]`, of);

  test.each([
    ['all ways to take one of each of two lists', 'setproduct(range(90000), range(90000))'],
    ['a list that holds others twice, as JSON', `jsonencode(${doubled(18, '"x"')})`],
    ['a list that holds others twice, compared', `${doubled(18, '"x"')} == ["y"]`],
    ['a list that holds others twice, searched', `contains(${doubled(18, 'open.text')}, "y")`],
  ])('is given up: %s', async (_, text) => {
    expect(await why(text)).toMatch(/more (?:than|to evaluate)/);
  });
});
