import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isAwsCalls, shellJson, shellQuoted, shellText } from '../../../shared/text/shell-text.ts';

/**
 * What PowerShell would take for code: all that stands outside of its quotes. Typographic quotes are quotes to it, and a
 * quote in a text of its own kind is written twice.
 */
const outsideQuotes = (command: string): string =>
  command
    .replace(
      /['\u2018-\u201b](?:[^'\u2018-\u201b]|['\u2018-\u201b]{2})*['\u2018-\u201b]|"[^"\u201c-\u201e]*"/g,
      ' ',
    )
    .trim();

const hostile = fc.string({
  unit: fc.constantFrom(
    "'",
    '\u2018',
    '\u2019',
    '\u201a',
    '\u201b',
    '"',
    '\u201c',
    '\u201d',
    ...';$`\\ \n&|(){}@#ax',
  ),
  minLength: 1,
  maxLength: 12,
});

test('a name is one word of sh, and PowerShell runs nothing of it', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (names) => {
      const words = names.map(shellQuoted).join(' ');
      const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' });
      expect(read.split('\0').slice(0, -1)).toEqual(names);
      expect(outsideQuotes(words)).toBe('');
    }),
    { numRuns: 50 },
  );
});

test('the usual quoting of sh would let PowerShell run the name', () => {
  expect(outsideQuotes("'x'\\''; rm -r .; '\\'''")).not.toBe('');
});

test.each(['=ls', '@a', '-x', '%x', ':x', "it's", ''])('%j is put in quotes', (text) => {
  expect(shellText(text)).toBe(shellQuoted(text));
});

// The JSON.parse of some versions of Node 24 now and then reads a key of one escaped character as a backslash.
const key = hostile.filter(({ length }) => length > 1);

test('JSON is one word in quotes that holds no single quote, and the same value', () => {
  fc.assert(
    fc.property(fc.dictionary(key, hostile), (value) => {
      const word = shellJson(value);
      expect(word.slice(1, -1)).not.toMatch(/['\u2018-\u201b]/);
      expect(JSON.parse(word.slice(1, -1))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('what is quoted is a call of the AWS CLI alone', () => {
  const inLine = hostile.filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(inLine, fc.dictionary(hostile, hostile), (name, value) => {
      const call = `aws iam put-role-policy --role-name ${shellText(name)} --policy-document ${shellJson(value)}`;
      expect([call, `${call}\n${call}`].map(isAwsCalls)).toEqual([true, true]);
    }),
  );
});

test.each([
  'aws iam get-role; rm -r .',
  'aws iam get-role && ls',
  'aws iam get-role $(ls)',
  'aws iam get-role `ls`',
  'aws iam get-role\nls',
  'aws iam get-role > .profile',
  "aws iam get-role 'a' | sh",
  "aws iam get-role 'it\u2019s; calc'",
  'aws iam get-role "$(ls)"',
  'aws iam get-role a&',
  'aws iam get-role \\',
  "aws iam get-role 'open",
  'PATH=. aws iam get-role',
  'ls',
  '',
])('%j is more than that, or less', (text) => {
  expect(isAwsCalls(text)).toBe(false);
});
