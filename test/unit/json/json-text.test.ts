import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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
  ])('%s is told with its place', (_, text, { line, column, message }) => {
    const parsed = parseJson(text);
    expect(parsed).toEqual({
      ok: false,
      error: { line, column, message: expect.stringMatching(message) },
    });
  });

  test('its message never quotes the text', () => {
    const parsed = parseJson('{"password": "hunter2", x}');
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});

test('any text gives a value or a place within it', () => {
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
  ])('after %s, %s is what it says', (before, text, value) => {
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
