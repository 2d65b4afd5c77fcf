import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { globMatcher, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import {
  complementOf,
  globLanguage,
  globRuns,
  jobNames,
  runsOf,
  wordsLanguage,
} from '../../../../shared/iam/sets/language.ts';
import { search } from '../../../../shared/iam/sets/search.ts';
import { workBudget } from '../../../../shared/iam/sets/work-budget.ts';
import { samples } from '../../../support/samples.ts';

const runs = (text: string) => globRuns(parseGlob(text));
const glob = (text: string) => globLanguage(parseGlob(text));
const fits = (pattern: string, text: string): boolean => globMatcher(parseGlob(pattern))(text);
const enough = () => workBudget(1_000_000);
const letters = (alphabet: string, maxLength: number) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((all) => all.join(''));

/** Every text of some letters up to a length. */
const textsOf = (alphabet: string, length: number): string[] =>
  length === 0
    ? ['']
    : [
        '',
        ...textsOf(alphabet, length - 1).flatMap((text) => Array.from(alphabet, (unit) => text + unit)),
      ].filter((text, at, all) => all.indexOf(text) === at);

const pattern = letters('ab*?', 5);
const lists = fc.array(pattern, { maxLength: 4 });

describe('a search of one axis', () => {
  const texts = textsOf('abx', 5);

  test('finds a text wherever there is one, and no other', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), lists, (held, boxes) => {
        const isWanted = (text: string): boolean =>
          held.every((each) => fits(each, text)) && !boxes.some((each) => fits(each, text));
        const found = search(
          [held.map(runs)],
          boxes.map((each) => [glob(each)]),
          enough(),
        );
        if (found.is === 'found')
          expect([found.texts, isWanted(found.texts[0] ?? '')]).toEqual([found.texts, true]);
        else expect([found.is, texts.find(isWanted)]).toEqual(['empty', undefined]);
      }),
      { numRuns: samples(3000) },
    );
  });

  test.each<[string, string[], string[], string | undefined]>([
    ['the shortest text of a pattern', ['job/*'], [], 'job/'],
    ['what lies beside a box', ['job/*'], ['job/'], 'job/x'],
    ['what lies beside letters', ['?'], ['x', 'a'], 'b'],
    ['what two patterns share', ['*ab*', '*bc*'], [], 'abc'],
    ['nothing in a box', ['ab*'], ['a*'], undefined],
    ['nothing in two boxes together', ['?*a'], ['a*', '?*a'], undefined],
    ['nothing where patterns differ', ['a*', 'b*'], [], undefined],
  ])('%s', (_, held, boxes, text) => {
    const found = search(
      [held.map(runs)],
      boxes.map((each) => [glob(each)]),
      enough(),
    );
    expect(found.is === 'found' ? found.texts : undefined).toEqual(text === undefined ? undefined : [text]);
  });

  test('sees names by their kinds of letters', () => {
    const all = 'abcdefghijklmnopqrstuvwxyz';
    const boxes = Array.from(all + all.toUpperCase(), (letter) => [glob(`job/*${letter}*`)]);
    const found = search([[runs('job/*'), runsOf(jobNames(1))]], boxes, enough());
    expect(found).toEqual({ is: 'found', texts: ['job/0'] });
    const digits = Array.from('0123456789', (letter) => [glob(`job/*${letter}*`)]);
    expect(search([[runs('job/*'), runsOf(jobNames(1))]], [...boxes, ...digits], enough()).is).toBe('empty');
  });

  test('reads what a complement tells apart', () => {
    const found = search([[runs('*')]], [[complementOf(glob('*q'))]], enough());
    expect(found).toEqual({ is: 'found', texts: ['q'] });
  });
});

describe('a search of two axes', () => {
  const values = textsOf('ab', 3);

  test('finds a pair wherever there is one, and no other', () => {
    const boxes = fc.array(fc.tuple(fc.option(pattern), fc.option(pattern)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.tuple(pattern, pattern), boxes, ([first, second], all) => {
        const isWanted = (one: string, other: string): boolean =>
          fits(first, one) &&
          fits(second, other) &&
          !all.some(
            ([inFirst, inSecond]) =>
              (inFirst === null || fits(inFirst, one)) && (inSecond === null || fits(inSecond, other)),
          );
        const found = search(
          [[runs(first)], [runs(second)]],
          all.map((box) => box.map((each) => (each === null ? undefined : glob(each)))),
          enough(),
        );
        if (found.is === 'found') {
          const [one = '', other = ''] = found.texts;
          expect([found.texts, isWanted(one, other)]).toEqual([[one, other], true]);
        } else {
          const missed = values.flatMap((one) => values.map((other) => [one, other] as const));
          expect([found.is, missed.find((pair) => isWanted(...pair))]).toEqual(['empty', undefined]);
        }
      }),
      { numRuns: samples(3000) },
    );
  });

  test('gives each axis its own text', () => {
    const axes = [[runsOf(wordsLanguage(['00']))], [runs('job/?*')], [runsOf(wordsLanguage(['x', 'yy']))]];
    expect(search(axes, [[undefined, undefined, wordsLanguage(['x'])]], enough())).toEqual({
      is: 'found',
      texts: ['00', 'job/x', 'yy'],
    });
  });
});

describe('the work of a search', () => {
  const permutations = ['7850139462', '5691274083', '4236905178', '4293876150', '0567294813', '2395687140'];
  const dust = permutations.map((digits) => [glob(`*${Array.from(digits).join('*')}*`)]);

  test('is little where patterns are many and say nothing of each other', () => {
    const work = enough();
    expect(search([[runs('job/*everything-else*')]], dust, work).is).toBe('found');
    expect(work.spent()).toBeLessThan(10_000);
  });

  test('is little where every text lies in one of many boxes', () => {
    const work = enough();
    const boxes = Array.from({ length: 200 }, (_, at) => [glob(`*a${'?'.repeat(at % 20)}b*`)]);
    expect(search([[runs('*q*')]], [...boxes, [glob('*q*')]], work).is).toBe('empty');
    expect(work.spent()).toBeLessThan(100_000);
  });

  test('grows with a pattern’s length, and not with the ways through its stars and question marks', () => {
    const spentOn = (length: number): number => {
      const work = enough();
      const text = `${'*a?'.repeat(length)}*`;
      expect(search([[runs(text)]], [[glob(`*b${'?'.repeat(length)}b*`)]], work).is).toBe('found');
      return work.spent();
    };
    expect(spentOn(80)).toBeLessThan(spentOn(40) * 3);
  });

  test('ends where there is no more, and then nothing is said', () => {
    for (const steps of [0, 1, 10, 100]) {
      const work = workBudget(steps);
      expect(search([[runs('job/*everything-else*')]], dust, work)).toEqual({ is: 'cut' });
      expect(work.spent()).toBeLessThan(steps + 2000);
    }
  });
});
