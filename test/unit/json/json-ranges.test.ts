import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Json, pointerToken } from '../../../shared/json/json.ts';
import { jsonRanges } from '../../../shared/json/json-ranges.ts';

/** Every value of a JSON value by its pointer. */
const valuesOf = (value: Json, pointer = ''): [string, Json][] => [
  [pointer, value],
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, child]) => valuesOf(child, `${pointer}/${pointerToken(key)}`))
    : []),
];

// No name is a lone backslash: after one, V8 13.6 (Node 24.21) takes other escaped names for it.
const json = fc.jsonValue({
  depthSize: 'large',
  stringUnit: fc.constantFrom('a', '/', '~', '"', ' ', '{', 'é', '\n'),
});

test('every value of a text stands where its range says, however the text is laid out', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1, '\t', '\r\n '), (made, indent) => {
      const text = JSON.stringify(made, null, indent).replaceAll(/^/g, ' ');
      const values = valuesOf(JSON.parse(text));
      const ranges = jsonRanges(
        text,
        values.map(([pointer]) => pointer),
      );
      for (const [pointer, value] of values) {
        const range = ranges.get(pointer);
        expect(range?.exact).toBe(true);
        expect(JSON.parse(text.slice(range?.start, range?.end))).toEqual(value);
      }
    }),
  );
});

/** JSON text of objects whose names come again and again, as `JSON.stringify` never writes it. */
const repeating: fc.Arbitrary<string> = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('1', 'null', '"a"', '[]', '{}'),
    fc.array(tie('text'), { maxLength: 3 }).map((items) => `[${items.join(' , ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('"a"', '"\\u0061"', '"b"', '""'), tie('text')), { maxLength: 4 })
      .map((members) => `{${members.map(([name, value]) => `${name} : ${value}`).join(',')}}`),
  ),
})).text;

test('of members with the same name the last counts, as for JSON.parse', () => {
  fc.assert(
    fc.property(
      repeating,
      fc.array(fc.constantFrom('a', 'b', '', '0', '1'), { maxLength: 4 }),
      (text, tokens) => {
        const pointer = tokens.map((token) => `/${token}`).join('');
        const value = valuesOf(JSON.parse(text)).find(([known]) => known === pointer);
        const range = jsonRanges(text, [pointer]).get(pointer);
        expect(range?.exact).toBe(value !== undefined);
        if (value) expect(JSON.parse(text.slice(range?.start, range?.end))).toEqual(value[1]);
      },
    ),
    { numRuns: 500 },
  );
});

test('a pointer to a missing value gives the value’s container', () => {
  const text = '{"Steps": [{"Name": "Train", "Arguments": {}}]}';
  const ranges = jsonRanges(text, [
    '/Steps/0/Arguments/RoleArn/x',
    '/Steps/7',
    '/__proto__',
    '/Steps/length',
    'odd',
  ]);
  const held = [...ranges.values()].map(({ start, end, exact }) => [text.slice(start, end), exact]);
  expect(held).toEqual([
    ['{}', false],
    ['[{"Name": "Train", "Arguments": {}}]', false],
    [text, false],
    ['[{"Name": "Train", "Arguments": {}}]', false],
    [text, true],
  ]);
});

test('a backslash at the end of a string does not escape its end', () => {
  const text = String.raw`{"a": "\\", "b": "\"\\", "c": 1}`;
  const held = [...jsonRanges(text, ['/a', '/b', '/c']).values()].map(({ start, end }) =>
    text.slice(start, end),
  );
  expect(held).toEqual([String.raw`"\\"`, String.raw`"\"\\"`, '1']);
});

test('a text that nests 200,000 deep is walked over, and a pointer as deep is found', () => {
  const deep = `{"a":${'['.repeat(2e5)}1${']'.repeat(2e5)},"b":[[2]]}`;
  const pointer = `/a${'/0'.repeat(2e5)}`;
  const ranges = jsonRanges(deep, ['/b/0/0', pointer]);
  expect(ranges.get('/b/0/0')).toMatchObject({ start: deep.length - 4, exact: true });
  expect(ranges.get(pointer)).toEqual({ start: 2e5 + 5, end: 2e5 + 6, exact: true });
});
