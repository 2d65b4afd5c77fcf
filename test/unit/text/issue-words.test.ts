import { expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { issueWords } from '../../../shared/text/issue-words.ts';

const schema = z.strictObject({
  text: z.optional(z.string().check(z.minLength(1), z.maxLength(3))),
  list: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(2))),
  whole: z.optional(z.int().check(z.minimum(1), z.maximum(5))),
  flag: z.optional(z.boolean()),
  time: z.optional(z.iso.datetime()),
  kind: z.optional(z.enum(['one', 'two'])),
  inner: z.optional(z.strictObject({ must: z.string(), kind: z.literal(2) })),
  own: z.optional(z.string().check(z.refine((text) => text === 'x', 'is not x'))),
});

const wordsOf = (value: unknown): string[] =>
  schema.safeParse(value, { reportInput: true }).error?.issues.map(issueWords) ?? [];

test.each<[object, string]>([
  [{ text: 5 }, 'must be a text, and is 5'],
  [{ text: ['a'] }, 'must be a text, and is a list'],
  [{ text: '' }, 'must not be empty'],
  [{ text: 'abcd' }, 'must have at most 3 characters'],
  [{ list: 'x' }, 'must be a list, and is the text "x"'],
  [{ list: [] }, 'must not be empty'],
  [{ list: ['a', 'b', 'c'] }, 'must have at most 2 entries'],
  [{ whole: 0 }, 'must be 1 or more'],
  [{ whole: 6 }, 'must be 5 or less'],
  [{ whole: 1.5 }, 'must be a whole number, and is 1.5'],
  [{ whole: null }, 'must be a number, and is null'],
  [{ flag: 'no' }, 'must be true or false, and is the text "no"'],
  [{ time: 'today' }, 'must be a time in UTC, such as 2026-11-24T03:44:05Z'],
  [{ kind: 'three' }, 'must be one or two, and is the text "three"'],
  [{ inner: { kind: 2 } }, 'is missing; expected a text'],
  [{ inner: { must: 'x' } }, 'is missing; expected 2'],
  [{ inner: [] }, 'must be keys with values, and is a list'],
  [{ own: 'y' }, 'is not x'],
  [{ other: 1 }, 'there is no key "other" here'],
])('%j: %s', (value, words) => {
  expect(wordsOf(value)).toEqual([words]);
});

test('a long text is cut', () => {
  expect(wordsOf({ flag: 'x'.repeat(1_000) })[0]?.length).toBeLessThan(120);
});
