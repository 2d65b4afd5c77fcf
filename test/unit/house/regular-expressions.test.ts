import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expressionsIn } from '../../support/regular-expressions/in-sources.ts';
import { superlinear } from '../../support/regular-expressions/superlinear.ts';

const root = join(import.meta.dirname, '../../..');

describe('every regular expression of the sources', () => {
  const written = expressionsIn(root, ['{shared,functions,cli,infra,scripts}/**/*.{ts,tsx}']);

  test('is found wherever it is written', () => {
    expect(written.length).toBeGreaterThan(100);
    expect(written).toContainEqual({
      file: 'shared/text/shell-text.ts',
      source: String.raw`^[\w./][\w./:=@%+-]*$`,
      flags: '',
    });
  });

  test('is written out in the source, so that it can be checked', () => {
    expect(written.filter(({ source }) => source === undefined)).toEqual([]);
  });

  test('takes at most linear time', () => {
    const slow = written.flatMap(({ file, source = '', flags }) => {
      const why = superlinear(source, flags);
      return why === undefined ? [] : [`${file}: /${source}/${flags}: ${why}`];
    });
    expect(slow).toEqual([]);
  });
});

describe('the check of regular expressions', () => {
  test.each([
    [/\/+$/, 'an end that is looked for from each of its characters'],
    [/\s+$/, 'white space at the end'],
    [/[^/]*$/, 'whatever comes after the last slash'],
    [/\[.*$/, 'the rest after a bracket that may come again'],
    [/\s*,\s*/, 'white space before a comma'],
    [/<[^>]*>/, 'an opening that its own content may hold'],
    [/^(a+)+$/, 'a repetition of a repetition'],
    [/^(?:a|a)*$/, 'two ways for the same character'],
    [/^(?:\w+\s?)*$/, 'words with or without a space between them'],
    [/^(.*):(.*):x$/, 'two stretches of anything'],
    [/^\d*\.?\d*$/, 'digits, perhaps a dot, and digits'],
    [/^(?:\s*){3}x/, 'what is repeated a few times and repeats itself'],
    [/(?=.*x)a/, 'a look ahead from each place'],
    [/(?<=\s*)x/, 'a look back from each place'],
    [/^(?:a|b)*a(?:a|b)*$/, 'two loops that share a character'],
    [/x*y/m, 'a loop before something that may be missing'],
  ])('reports %s as slow: %s', (expression) => {
    expect(superlinear(expression.source, expression.flags)).toEqual(expect.any(String));
  });

  test.each([
    [/^\/+$/, 'one loop from the beginning on'],
    [/\/+/g, 'a loop that has matched wherever it ends'],
    [/^[^:]*:[^:]*:x$/, 'loops that a separator keeps apart'],
    [/\.\d+Z$/, 'a loop whose beginning is not in it'],
    [/^(?:-*[a-z0-9])*$/, 'a repetition whose steps begin in one way'],
    [/^(\w+)(ifexists)?$/, 'an end that the loop takes as well'],
    [/\{(\d{1,9})\}/, 'a bounded repetition'],
    [/[\p{L}--[a-z]]/v, 'a set'],
    [/^\s*</, 'white space at the beginning'],
  ])('accepts %s as fast: %s', (expression) => {
    expect(superlinear(expression.source, expression.flags)).toBeUndefined();
  });
});
