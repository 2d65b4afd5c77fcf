import { expect, test } from '@jest/globals';
import { suggestion } from '../../../shared/text/suggestion.ts';

const NAMES = ['job-name-prefix', 'job-prefix-length', 'json', 'high', 'prefixes'];

test.each([
  ['jsno', 'json'],
  ['HIHG', 'high'],
  ['job-prefix-lenght', 'job-prefix-length'],
  ['job-prefix', 'job-prefix-length'], // though fewer edits make job-name-prefix of it
  ['Job-Name', 'job-name-prefix'],
])('%s may mean %s', (word, name) => {
  expect(suggestion(word, NAMES)).toBe(`; did you mean "${name}"?`);
});

test.each(['', 'j', 'something', 'x'.repeat(100_000)])('word %# is like none of the names', (word) => {
  expect(suggestion(word, NAMES)).toBe('');
});
