import { describe, expect, test } from '@jest/globals';
import { wordPrefixes } from '../../../shared/proposal/word-prefixes.ts';

const prefixesOf = (names: string[], others: string[] = []): string[] =>
  wordPrefixes(names, others).map(({ prefix }) => prefix);

describe('the prefixes that names share', () => {
  test.each<[string, string[], string[], string[]]>([
    ['a single name is its own', ['fraud-train'], [], ['fraud-train']],
    ['whole words only', ['fraud-train', 'fraud-tune'], [], ['fraud']],
    ['as many words as are shared', ['ml-fraud-a', 'ml-fraud-b'], [], ['ml-fraud']],
    ['another first word is another beginning', ['fraud-a', 'vision-a'], [], ['fraud-a', 'vision-a']],
    ['a name that begins the others', ['fraud', 'fraud-train'], [], ['fraud']],
    ['not what others begin with', ['ml-a-1', 'ml-a-2', 'ml-b'], ['ml-c'], ['ml-a', 'ml-b']],
    ['nor where another is the beginning', ['ml-a', 'ml-b'], ['ml'], ['ml-a', 'ml-b']],
    ['a beginning that cannot be told apart', ['ml', 'ml-a'], ['ml-b'], ['ml', 'ml-a']],
    ['dashes in a row', ['a--b', 'a--c'], [], ['a']],
    ['the same name twice', ['a-b', 'a-b'], [], ['a-b']],
  ])('%s', (_, names, others, expected) => {
    expect(prefixesOf(names, others)).toEqual(expected);
  });

  test('are bounded for names of very many words', () => {
    const long = '-'.repeat(2000);
    expect(prefixesOf([`a${long}b`, `a${long}c`], [`a${long}d`, 'a-x'])).toHaveLength(2);
  });
});
