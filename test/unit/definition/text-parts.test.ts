import { describe, expect, test } from '@jest/globals';
import {
  concerns,
  displayText,
  knownText,
  leadingText,
  patternOf,
  resolveScope,
  resolveText,
  textLength,
} from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { followText } from '../../../shared/definition/step-reference.ts';
import { joined, lengthOf, MAX_TEXT } from '../../../shared/definition/text-parts.ts';
import type { Json } from '../../../shared/json/json.ts';

const scopeOf = (parameters: Record<string, string>, steps: readonly object[] = []) => {
  const Parameters = Object.entries(parameters).map(([Name, DefaultValue]) => ({
    Name,
    Type: 'String',
    DefaultValue,
  }));
  const parsed = parseDefinition(JSON.stringify({ Parameters, Steps: steps }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return resolveScope(parsed.definition);
};
const get = (name: string): Json => ({ Get: `Parameters.${name}` });
const join = (...Values: Json[]): Json => ({ 'Std:Join': { On: '', Values } });
const REST = `{the rest of a text of more than ${MAX_TEXT} characters}`;

describe('a text that is longer than SageMaker accepts', () => {
  const scope = scopeOf({ Long: 'x'.repeat(400_000) });
  const text = resolveText(join(...Array.from({ length: 20_000 }, () => get('Long'))), scope);

  test('is known up to the bound, and not as a whole', () => {
    expect(knownText(text)).toBeUndefined();
    expect(leadingText(text)).toBe('x'.repeat(MAX_TEXT));
    expect(displayText(text)).toBe(`${'x'.repeat(MAX_TEXT)}${REST}`);
    expect(patternOf(text)).toBe(`${'x'.repeat(MAX_TEXT)}*`);
  });

  test('is known to be too long for a name', () => {
    expect(textLength(text)).toEqual({ least: MAX_TEXT, exact: false });
  });

  test('depends on every parameter that it names, also after the bound', () => {
    const late = resolveText(join('y'.repeat(MAX_TEXT + 1), join(get('Late'))), scope);
    expect(late.parameters).toEqual(['Late']);
    expect(concerns(late, { Late: 'z' })).toBe(true);
  });

  test('is read whole if it is exactly as long as the bound', () => {
    expect(knownText(resolveText('x'.repeat(MAX_TEXT), scope))).toHaveLength(MAX_TEXT);
    expect(knownText(resolveText('x'.repeat(MAX_TEXT + 1), scope))).toBeUndefined();
  });
});

test('neighbouring known texts are joined into one part', () => {
  expect(joined([{ text: 'a' }, { text: '' }, { text: 'b' }, { unknown: 'u' }, { text: 'c' }])).toEqual([
    { text: 'ab' },
    { unknown: 'u' },
    { text: 'c' },
  ]);
});

test('a text of too many parts is cut', () => {
  const parts = joined(Array.from({ length: 1000 }, () => ({ unknown: 'u' })));
  expect(parts.length).toBeLessThan(250);
  expect(parts.at(-1)).toEqual({ unknown: REST.slice(1, -1) });
});

test('an unknown name is cut for display, and never becomes another name', () => {
  const [long] = resolveText({ Get: `Steps.${'x'.repeat(500_000)}` }, scopeOf({})).parts;
  expect(long).toEqual({ unknown: expect.stringMatching(/^Steps\.x+…$/) });
  expect(lengthOf(long ? [long] : [])).toBeLessThan(1100);
});

describe('all texts of one definition together', () => {
  const values = Array.from({ length: 10_000 }, () => join(get('Wide'), '/x'));
  const scope = scopeOf({ Wide: 'w'.repeat(1000) });
  const texts = values.map((value) => resolveText(value, scope));

  test('are resolved up to the budget, and unknown after it', () => {
    const known = texts.filter((text) => knownText(text) !== undefined);
    expect(known.length).toBeGreaterThan(3000);
    expect(known.length).toBeLessThan(4100);
    expect(displayText(texts.at(-1) ?? { parts: [], parameters: [] })).toContain('a text that was not read');
    expect(texts.reduce((sum, { parts }) => sum + lengthOf(parts), 0)).toBeLessThan(5_000_000);
  });

  test('still depend on their parameters after the budget is used up', () => {
    expect(texts.every(({ parameters }) => parameters.includes('Wide'))).toBe(true);
  });

  test('cost a text only once, however often it is asked for', () => {
    const again = texts.filter((text, index) => resolveText(values[index] ?? null, scope) === text);
    expect(again).toHaveLength(texts.length);
  });

  test('are always read if they are literals', () => {
    expect(knownText(resolveText('s3://acme/x', scope))).toBe('s3://acme/x');
  });
});

describe('references', () => {
  const step = (index: number, uri: Json) => ({
    Name: `S${index}`,
    Type: 'Processing',
    Arguments: { ProcessingOutputConfig: { Outputs: [{ OutputName: 'o', S3Output: { S3Uri: uri } }] } },
  });
  const outputOf = (index: number): Json => ({
    Get: `Steps.S${index}.ProcessingOutputConfig.Outputs['o'].S3Output.S3Uri`,
  });

  test('that double the text at each step stay within the bounds of one text', () => {
    const steps = Array.from({ length: 29 }, (_, index) =>
      step(index, index === 0 ? 's3://acme/' : join(...Array.from({ length: 8 }, () => outputOf(index - 1)))),
    );
    const text = followText(outputOf(28), scopeOf({}, steps));
    expect(leadingText(text)).toBe('s3://acme/'.repeat(300).slice(0, MAX_TEXT));
    expect(knownText(text)).toBeUndefined();
  });

  test('in a circle, or deeper than thirty, are unknown except for their beginning', () => {
    const round = scopeOf({}, [step(0, join('a', outputOf(1))), step(1, join('b', outputOf(0)))]);
    expect(displayText(followText(outputOf(0), round))).toMatch(/^(ab){15}\{Steps\.S0\..*\}$/);
    const chain = Array.from({ length: 40 }, (_, index) => step(index, join('x', outputOf(index + 1))));
    expect(displayText(followText(outputOf(0), scopeOf({}, chain)))).toMatch(/^x{30}\{Steps\.S30\..*\}$/);
  });

  test('resolve to the same text, whichever is asked for first', () => {
    const chain = Array.from({ length: 60 }, (_, index) =>
      step(index, index === 59 ? 'end' : join('x', outputOf(index + 1))),
    );
    const asked = Array.from({ length: 60 }, (_, index) => index);
    const told = (order: readonly number[]): string[] => {
      const scope = scopeOf({}, chain);
      const texts = new Map(order.map((index) => [index, displayText(followText(outputOf(index), scope))]));
      return asked.map((index) => texts.get(index) ?? '');
    };
    expect(told(asked.toReversed())).toEqual(told(asked));
    expect(told(asked)[30]).toBe(`${'x'.repeat(29)}end`);
  });
});
