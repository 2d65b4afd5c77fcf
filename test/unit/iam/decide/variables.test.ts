import { describe, expect, test } from '@jest/globals';
import {
  fixedGlob,
  parseTemplate,
  resolveTemplate,
  unknownKeys,
  widestGlob,
} from '../../../../shared/iam/decide/variables.ts';
import { globText } from '../../../../shared/iam/policy/glob.ts';
import { requestOf } from '../../../support/builders/asking.ts';

const request = requestOf({ context: { 'aws:a': 'one', 'aws:none': null, 'aws:many': ['x', 'y'] } });
const resolve = (text: string, version = '2012-10-17') => {
  const glob = resolveTemplate(parseTemplate(text, version), request);
  return glob ? globText(glob) : glob;
};

describe('a text with variables', () => {
  test.each<[string, string | null | undefined]>([
    ['a${aws:a}b', 'aoneb'],
    ['${AWS:A}${aws:a}', 'oneone'],
    ['${ aws:a }', 'one'],
    ["${aws:none, 'else'}", 'else'],
    ["${aws:none,''}", ''],
    ["${aws:none , 'a, b' }", 'a, b'],
    ["${aws:a, 'else'}", 'one'],
    ['${aws:none, else}', null],
    ["${aws:none, 'else}", null],
    ["${aws:none, else'}", null],
    ['${aws:none}', null],
    ['${aws:many}', null],
    ["${aws:many, 'else'}", null],
    ['${aws:unknown}', undefined],
    ["${aws:unknown, 'else'}", undefined],
    ['${aws:none}${aws:unknown}', null],
    ['${*}${?}${$}', '*?$'],
    ['$}{', '$}{'],
    ['a${aws:a', 'a${aws:a'],
    ['${aws:a}${aws:a', 'one${aws:a'],
    ['}${aws:a}', '}one'],
  ])('%s becomes %j', (text, expected) => {
    expect(resolve(text)).toBe(expected);
  });

  test('is plain text in Version 2008-10-17', () => {
    expect(resolve('${aws:a}', '2008-10-17')).toBe('${aws:a}');
  });

  test('names its unknown keys as they are written', () => {
    const names = (text: string) => unknownKeys(parseTemplate(text, '2012-10-17'), request);
    expect(names("a${aws:a}${AWS:Unknown}${aws:other, 'x'}${aws:none}")).toEqual([
      'AWS:Unknown',
      'aws:other',
    ]);
    expect(names('plain')).toEqual([]);
  });

  test.each<[string, string]>([
    ['a/${aws:a}/*', 'a/one/*'],
    ['a/${aws:unknown}/b', 'a/*/b'],
    ["${aws:unknown, 'else'}-${aws:a}", '*-one'],
    ['${aws:none}${aws:unknown}', '**'],
    ['${*}${?}', '*?'],
  ])('%s fits at most what %j does', (text, expected) => {
    expect(globText(widestGlob(parseTemplate(text, '2012-10-17'), request))).toBe(expected);
  });

  test('is one pattern if it has no variables', () => {
    const fixed = (text: string) => fixedGlob(parseTemplate(text, '2012-10-17'));
    expect(globText(fixed('a*') ?? [])).toBe('a*');
    expect(fixed('${aws:a}')).toBeUndefined();
    expect(fixed('a${aws:a}')).toBeUndefined();
    // Cut at its variables it is more than one piece, though each of them is known.
    expect(fixed('${*}')).toBeUndefined();
  });
});
