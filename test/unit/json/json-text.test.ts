import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Json } from '../../../shared/json/json.ts';
import { parseJson } from '../../../shared/json/json-text.ts';

describe('a text that is not JSON', () => {
  test.each<[string, string, { line: number; column: number; message: RegExp }]>([
    ['an unexpected token', '{"a": x}', { line: 1, column: 7, message: /^Unexpected token 'x'$/ }],
    [
      'a token on a later line',
      '{\r\n  "a": tru }',
      { line: 2, column: 11, message: /^Unexpected token ' '$/ },
    ],
    ['a far token', `{"${'a'.repeat(200)}": ?}`, { line: 1, column: 206, message: /^Unexpected token/ }],
    [
      'a comma too many',
      '{"a": 1,}',
      { line: 1, column: 9, message: /^Expected double-quoted property name$/ },
    ],
    ['a cut object', '{"a": [1,\n2', { line: 2, column: 2, message: /^Expected ','/ }],
    ['a cut string', '"abc', { line: 1, column: 5, message: /^Unterminated string$/ }],
    ['more behind it', '{}\n{}', { line: 2, column: 1, message: /^Unexpected non-whitespace character$/ }],
    ['nothing', '', { line: 1, column: 1, message: /^Unexpected end of the text$/ }],
  ])('%s is reported with its position', (_, text, { line, column, message }) => {
    const parsed = parseJson(text);
    expect(parsed).toEqual({
      ok: false,
      error: { fault: 'not JSON', line, column, message: expect.stringMatching(message) },
    });
  });

  test('gives a message that never quotes the text', () => {
    const parsed = parseJson('{"password": "hunter2", x}');
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});

test('any text gives a value, or an error at a position within the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        const parsed = parseJson(text);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
        else {
          const line = text.split('\n')[parsed.error.line - 1];
          expect(line).toBeDefined();
          expect(parsed.error.column).toBeLessThanOrEqual((line?.length ?? 0) + 1);
        }
      },
    ),
  );
});

test('a million brackets are no trouble', () => {
  expect(parseJson('['.repeat(1_000_000) + ']'.repeat(1_000_000)).ok).toBe(true);
});

describe('names of members that are written with escapes', () => {
  // Each is parsed after another of the same form whose name ends in a backslash, which Node 24 would take it for.
  test.each([
    ['{"\\\\": 0}', String.raw`{"\u0052oleArn": 1}`, { RoleArn: 1 }],
    ['{"a": "", "\\\\": 0}', String.raw`{"a": "", "\"": 1}`, { a: '', '"': 1 }],
    ['{"a": {"Role\\\\": 0}}', String.raw`{"a": {"Role\u0041rn" : 1}}`, { a: { RoleArn: 1 } }],
    ['{"x\\\\": 0}', String.raw`{"x\n": "\"RoleArn\": \\"}`, { 'x\n': '"RoleArn": \\' }],
  ])('after %s, %s keeps its name', (before, text, value) => {
    for (let times = 0; times < 3; times++) {
      parseJson(before);
      expect(parseJson(text)).toEqual({ ok: true, value });
    }
  });

  test('are those that JSON.stringify wrote', () => {
    const escaped = (text: string) =>
      text.replaceAll(/[\w]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const name = fc.oneof(fc.string(), fc.constantFrom('\\', 'Role\\', 'RoleArn', '"', 'a\\"b'));
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), tie('object')),
      object: fc.dictionary(
        name.filter((each) => each !== '__proto__'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    })).object;
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value).replaceAll(/"(\w+)":/g, (_, plain) => `"${escaped(plain)}":`);
        expect(parseJson(text)).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('a name that stands twice in one object is refused', () => {
  const told = (text: string) => {
    const parsed = parseJson(text);
    return parsed.ok ? 'read' : parsed.error;
  };

  test.each<[string, string, { line: number; column: number; message: RegExp }]>([
    ['plainly', '{"a": 1, "a": 2}', { line: 1, column: 10, message: /^"a" stands .* line 1, column 2;/ }],
    ['with the same value', '{"a":1,"a":1}', { line: 1, column: 8, message: /^"a" stands twice/ }],
    [
      'on another line, deep in lists',
      '[[{"x": [{"b": {}},\n  {"a:b/c": [], "d": "a", "a:b/c": []}]}]]',
      { line: 2, column: 27, message: /^"a:b\/c" stands .* line 2, column 4;/ },
    ],
    ['with an escape', String.raw`{"a": 1, "\u0061": 2}`, { line: 1, column: 10, message: /^"a" stands/ }],
    ['with two', String.raw`{"\u0061": 1, "\u0061" : 2}`, { line: 1, column: 15, message: /^"a" stands/ }],
    ['with a slash', String.raw`{"a/b": 1, "a\/b": 2}`, { line: 1, column: 12, message: /^"a\/b" stands/ }],
    ['as nothing', '{"": 1, "": 2}', { line: 1, column: 9, message: /^a name stands twice/ }],
    ['as __proto__', '{"__proto__": 1, "__proto__": 2}', { line: 1, column: 18, message: /^"__proto__"/ }],
    [
      'as hostile text',
      '{"<b>\u202e": 1, "<b>\u202e": 2}',
      { line: 1, column: 13, message: /^a name stands/ },
    ],
    ['as a stand-in', String.raw`{"~0": 1, "\n": 2, "~0": 3}`, { line: 1, column: 20, message: /^a name/ }],
  ])('%s', (_, text, { line, column, message }) => {
    expect(told(text)).toEqual({
      fault: 'ambiguous JSON',
      line,
      column,
      message: expect.stringMatching(message),
    });
  });

  test.each([
    '{"a": {"a": {"a": 1}}, "b": {"a": 2}}',
    '[{"a": 1}, {"a": 2}]',
    '{"a": "\\"a\\": 1", "b": "a"}',
    '{"a": 1, "A": 2, "a ": 3}',
    String.raw`{"\u0041": 1, "a": 2}`,
    '{"~0": 1, "\\n": 2, "~1": 3}',
  ])('but %s has no such name', (text) => {
    expect(told(text)).toBe('read');
  });

  test('wherever the second name is put', () => {
    const key = fc.string().filter((each) => each !== 'doubled');
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc
        .uniqueArray(fc.tuple(key, tie('value')), { selector: ([name]) => name, maxLength: 4 })
        .map((members) => ({ members })),
    })).object as fc.Arbitrary<Members>;
    fc.assert(
      fc.property(json, fc.nat(), (value, at) => {
        const spots = objectsIn(value);
        const spot = spots[at % spots.length] as Members;
        const clean = textOf(value);
        expect(told(clean)).toBe('read');
        spot.members = [...spot.members, ['doubled', 1], ['x', 'x'], ['doubled', 2]].filter(
          ([name], index, all) => name === 'doubled' || all.findIndex(([each]) => each === name) === index,
        ) as Members['members'];
        const text = textOf(value);
        expect(told(text)).toMatchObject({
          fault: 'ambiguous JSON',
          line: 1,
          column: text.lastIndexOf('"doubled"') + 1,
        });
      }),
    );
  });

  test('a long text full of stand-in names is parsed', () => {
    const members = Array.from({ length: 20_000 }, (_, at) => `"~${at}": 0, "\\u0000${at}": 0`);
    const text = `{${members.join(', ')}, "x": "${'~'.repeat(200_000)}"}`;
    const parsed = parseJson(text);
    expect(parsed.ok && Object.keys(parsed.value as object)).toHaveLength(40_001);
  });
});

/** An object as a list of its members, so that one can stand in it twice. */
type Members = { members: [string, Json | Members][] };

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && 'members' in value;

const objectsIn = (value: unknown): Members[] =>
  isMembers(value)
    ? [value, ...value.members.flatMap(([, each]) => objectsIn(each))]
    : Array.isArray(value)
      ? value.flatMap(objectsIn)
      : [];

const textOf = (value: unknown): string =>
  isMembers(value)
    ? `{${value.members.map(([name, each]) => `${JSON.stringify(name)}:${textOf(each)}`).join(',')}}`
    : Array.isArray(value)
      ? `[${value.map(textOf).join(',')}]`
      : JSON.stringify(value);
