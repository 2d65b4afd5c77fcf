import type * as z from 'zod/mini';
import { counted } from './counted.ts';
import { cut } from './cut.ts';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'null',
};

const LONGEST_SHOWN = 60;

/** A value that is not what a schema wants, as a noun. */
export const valueNoun = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'keys with values';
  if (typeof value === 'string') return `the text ${JSON.stringify(cut(value, LONGEST_SHOWN))}`;
  return String(value);
};

/**
 * What is wrong, in words that need no knowledge of the schema library. The caller shows the place before it, and must
 * have parsed with `reportInput`. Messages that a schema brings itself stay as they are.
 */
export const issueWords = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = TYPES[issue.expected] ?? issue.expected;
      return issue.input === undefined
        ? `is missing; expected ${wanted}`
        : `must be ${wanted}, and is ${valueNoun(issue.input)}`;
    }
    case 'too_small':
      return `must ${boundWords(issue.origin, Number(issue.minimum), 'least')}`;
    case 'too_big':
      return `must ${boundWords(issue.origin, Number(issue.maximum), 'most')}`;
    case 'invalid_value': {
      const allowed = issue.values.map(String).join(' or ');
      return issue.input === undefined
        ? `is missing; expected ${allowed}`
        : `must be ${allowed}, and is ${valueNoun(issue.input)}`;
    }
    case 'unrecognized_keys':
      return `there is no key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} here`;
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'must be a time in UTC, such as 2026-11-24T03:44:05Z'
        : issue.message;
    default:
      return issue.message;
  }
};

const boundWords = (origin: string, bound: number, which: 'least' | 'most'): string => {
  const isText = origin === 'string';
  if (!isText && origin !== 'array')
    return `be ${which === 'least' ? `${bound} or more` : `${bound} or less`}`;
  if (which === 'least' && bound === 1) return 'not be empty';
  return `have at ${which} ${isText ? counted(bound, 'character') : counted(bound, 'entry', 'entries')}`;
};
