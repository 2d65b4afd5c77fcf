import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../cli/errors.ts';
import {
  type Answer,
  listsAnswer,
  MAX_CHARACTERS,
  partOf,
  resultsAnswer,
  toolError,
  toolResult,
  visibleIn,
} from '../../../cli/mcp-answer.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { Results } from '../../../shared/outputs/formats/results.ts';
import { parseResults } from '../../../shared/outputs/formats/results-schema.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { resultsWith } from '../../support/builders/results.ts';

describe('a part of a list', () => {
  // Each item takes five characters: two quotes, two letters and a comma.
  const all = ['aa', 'bb', 'cc', 'dd'];

  test.each([
    [{ characters: 20 }, all, undefined],
    [{ characters: 14 }, ['aa', 'bb'], 2],
    [{ characters: 15, offset: 1 }, ['bb', 'cc', 'dd'], undefined],
    [{ characters: 100, limit: 1 }, ['aa'], 1],
    [{ characters: 100, offset: 3, limit: 1 }, ['dd'], undefined],
    [{ characters: 100, offset: 9 }, [], undefined],
  ])('for %j', (asked, items, next) => {
    expect(partOf(all, asked)).toEqual({ items, next, tooLarge: 0 });
  });

  test('an item that no answer has room for is left out, and stops no other', () => {
    expect(partOf(['x'.repeat(50), 'aa'], { characters: 20 })).toEqual({
      items: ['aa'],
      next: undefined,
      tooLarge: 1,
    });
  });
});

test('texts and keys show what is invisible; line ends stay', () => {
  expect(visibleIn({ 'a\u200b': ['x\u202ey', 'one\ntwo\u{e0041}', 1, null, true] })).toEqual({
    'a\\u200b': ['x\\u202ey', 'one\ntwo\\udb40\\udc41', 1, null, true],
  });
});

const named = (subject: string, found = 'x'): Finding =>
  aFinding({ subject, evidence: [{ at: '/Steps', found, expected: 'y' }] });

const subjectsOf = ({ results }: Answer) => (results as Results).findings.map(({ subject }) => subject);

describe('an answer with results', () => {
  test('has all findings where they fit, is results, and says nothing of a cut', () => {
    const answer = resultsAnswer(resultsWith([named('a'), named('b')]), { offset: 0, limit: 50 });
    expect(Object.keys(answer)).toEqual(['results']);
    expect(parseResults(answer.results).ok).toBe(true);
    expect(subjectsOf(answer)).toEqual(['a', 'b']);
  });

  test('is cut to what fits, and every finding is got by asking on', () => {
    const findings = Array.from({ length: 40 }, (_, index) => named(`${index + 10}`, 'x'.repeat(3000)));
    const seen: (string | undefined)[] = [];
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const answer = resultsAnswer(resultsWith(findings), { offset, limit: 500 });
      expect(JSON.stringify(answer).length).toBeLessThanOrEqual(MAX_CHARACTERS + 1000);
      seen.push(...subjectsOf(answer));
      const [, next] = /ask with offset (\d+) for more/.exec(answer.cut ?? '') ?? [];
      offset = next === undefined ? undefined : Number(next);
    }
    expect(seen).toEqual(findings.map(({ subject }) => subject));
  });

  test('leaves out a finding that is too large for any answer, whole, and says so', () => {
    const answer = resultsAnswer(resultsWith([named('large', 'x'.repeat(50_000)), named('small')]), {
      offset: 0,
      limit: 50,
    });
    expect(subjectsOf(answer)).toEqual(['small']);
    expect(answer.cut).toMatch(
      /findings 1 of 2, from offset 0\. 1 too large for an answer; `pipewarden fix`/,
    );
  });

  test('refuses an offset behind the last finding, and results that are too large without any', () => {
    const asked = { offset: 2, limit: 1 };
    expect(() => resultsAnswer(resultsWith([named('a')]), asked)).toThrow(/offset 2: there are 1 findings/);
    const large = { ...resultsWith([]), account: '1'.repeat(50_000) };
    expect(() => resultsAnswer(large, { offset: 0, limit: 1 })).toThrow(/too large for an answer even/);
  });

  test('leaves out what is large beside the findings, and says so', () => {
    const scopes = Array.from({ length: 1000 }, (_, index) => ({ account: `${index}`, region: 'eu-west-1' }));
    const answer = resultsAnswer({ ...resultsWith([named('a')]), scopes }, { offset: 0, limit: 1 });
    expect(answer.results).not.toHaveProperty('scopes');
    expect(answer.cut).toBe('left out as too large: overview, scopes, controlsOff');
    expect(subjectsOf(answer)).toEqual(['a']);
  });
});

describe('an answer with lists', () => {
  test('keeps what is beside them, and says what of each is left out', () => {
    const answer = listsAnswer(
      { few: ['a'], many: Array.from({ length: 5000 }, () => 'x'.repeat(10)) },
      { rest: { decision: 'Allow' }, how: 'ask for less' },
    );
    expect(answer).toMatchObject({ decision: 'Allow', few: ['a'] });
    expect(answer.cut).toMatch(
      /^left out, as they do not fit: \d+ of 5000 many\. To get them, ask for less$/,
    );
    expect(JSON.stringify(answer).length).toBeLessThan(MAX_CHARACTERS);
  });

  test('is refused where the rest alone is too large', () => {
    const rest = { page: 'x'.repeat(MAX_CHARACTERS) };
    expect(() => listsAnswer({}, { rest, how: 'ask for less' })).toThrow(
      /more than 40000 characters: ask for/,
    );
  });
});

test('an answer is told to programs and, as the same JSON, in a text', () => {
  const { content, structuredContent } = toolResult({ notes: ['a\u202eb'] });
  expect(structuredContent).toEqual({ notes: ['a\\u202eb'] });
  expect(content.map(({ text }) => JSON.parse(text))).toEqual([structuredContent]);
});

test.each([
  [new UsageError('a.json: there is no such\u202e file'), 'a.json: there is no such\\u202e file'],
  [new TypeError('x'), 'a defect of this program, please report it: TypeError: x'],
  ['thrown', 'a defect of this program, please report it: thrown'],
])('an error is told as %s', (error, text) => {
  expect(toolError(error)).toEqual({ content: [{ type: 'text', text }], isError: true });
});
