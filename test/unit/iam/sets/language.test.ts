import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDecimal } from '../../../../shared/iam/policy/decimal.ts';
import { globMatcher, literalGlob, parseGlob } from '../../../../shared/iam/policy/glob.ts';
import { compileTest } from '../../../../shared/iam/policy/operators.ts';
import { type Cell, cellsOf } from '../../../../shared/iam/sets/cells.ts';
import {
  accountIds,
  arnLanguage,
  arnRuns,
  type Comparison,
  complementOf,
  DEAD,
  everyOf,
  globLanguage,
  globRuns,
  integerLanguage,
  jobNames,
  type Language,
  roleNames,
  SERVICE_LETTERS,
  separatedAs,
  someOf,
  withNames,
  wordsLanguage,
} from '../../../../shared/iam/sets/language.ts';
import { samples } from '../../../support/samples.ts';

const contains = ({ start, step, accepts }: Language, text: string): boolean => {
  let state = start;
  for (let at = 0; at < text.length; at++) state = step(state, text.charCodeAt(at));
  return accepts(state);
};
const glob = (text: string): Language => globLanguage(parseGlob(text));
const letters = (alphabet: string, maxLength = 8) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength }).map((all) => all.join(''));

/** Every text of an alphabet up to a length. */
const textsOf = (alphabet: string, length: number): string[] =>
  length === 0
    ? ['']
    : [
        '',
        ...textsOf(alphabet, length - 1).flatMap((text) => [...alphabet].map((unit) => unit + text)),
      ].filter((text, at, all) => all.indexOf(text) === at);

describe('the texts of a pattern', () => {
  test('are those that the matcher takes', () => {
    fc.assert(
      fc.property(letters('ab*?:'), letters('ab:'), (pattern, text) => {
        expect(contains(glob(pattern), text)).toBe(globMatcher(parseGlob(pattern))(text));
      }),
      { numRuns: samples(3000) },
    );
  });

  test('without case', () => {
    const language = globLanguage(parseGlob('Ab*[Z'), true);
    for (const text of ['abxx[z', 'AB[Z', 'aB@[z']) expect(contains(language, text)).toBe(true);
    for (const text of ['ab{z', 'ac[z', 'ab']) expect(contains(language, text)).toBe(false);
    expect([...language.units].map((unit) => String.fromCharCode(unit)).toSorted()).toEqual([
      'A',
      'B',
      'Z',
      '[',
      'a',
      'b',
      'z',
    ]);
  });

  test('hold no wildcard where a star is meant as such', () => {
    expect(contains(globLanguage(literalGlob('a*')), 'ab')).toBe(false);
    expect(contains(globLanguage(literalGlob('a*')), 'a*')).toBe(true);
  });

  test('of 200 stars take few states', () => {
    const { cells, all: proof } = cellsOf(glob('*a'.repeat(200)), [glob(`${'*b'.repeat(20)}*`)]);
    expect(proof).toBeDefined();
    expect(cells.map(({ inside }) => inside)).toEqual([[false], [true]]);
  });
});

test('the first stars of a pattern that stand for names match no slash', () => {
  const some = fc.tuple(letters('ab*/'), fc.nat({ max: 3 }), letters('ab/'));
  fc.assert(
    fc.property(some, ([pattern, stars, text]) => {
      const canonical = pattern.replaceAll(/\*+/g, '*').split('*');
      const source = canonical
        .map((part, at) => (at === 0 ? '' : at <= stars ? '[^/]*' : '.*') + part)
        .join('');
      const language = withNames(parseGlob(pattern), stars);
      expect(contains(language, text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: samples(3000) },
  );
});

test('texts are separated as a pattern if they have no more colons, and no more slashes', () => {
  const times = (text: string, unit: string): number => text.split(unit).length - 1;
  fc.assert(
    fc.property(letters('a:/*'), letters('a:/'), (pattern, text) => {
      const language = separatedAs(parseGlob(pattern));
      const isSeparatedAs = [':', '/'].every((unit) => times(text, unit) <= times(pattern, unit));
      expect(contains(language, text)).toBe(isSeparatedAs);
    }),
    { numRuns: samples(1000) },
  );
});

describe('the ARNs of a pattern', () => {
  test('are those that ArnLike takes', () => {
    const part = letters('ab*?', 3);
    const arns = fc.tuple(
      fc.array(part, { minLength: 1, maxLength: 8 }),
      fc.array(letters('ab', 3), { minLength: 5, maxLength: 8 }),
    );
    fc.assert(
      fc.property(arns, ([pattern, text]) => {
        const value = parseGlob(pattern.join(':'));
        const fits = compileTest('arn', [{ text: pattern.join(':'), glob: value }])(text.join(':'));
        expect(contains(arnLanguage(value), text.join(':'))).toBe(fits ?? false);
      }),
      { numRuns: samples(3000) },
    );
  });

  test.each([
    ['*', 'a:b:c:d:e:f', true],
    ['*', 'a:b:c:d:e', false],
    ['a:*:c:d:e:f', 'a:b:c:d:e:f', true],
    ['a:*:c:d:e:f', 'a:b:b:c:d:e:f', false],
    ['a:?:c:d:e:f', 'a:::c:d:e:f', false],
    ['a:b:c:d:e:f*', 'a:b:c:d:e:f:g', true],
    ['a:b:c:d:e:?', 'a:b:c:d:e::', true],
    ['a:b:c:d:e*', 'a:b:c:d:e:f', false],
  ])('%s and %s', (pattern, text, expected) => {
    expect(contains(arnLanguage(parseGlob(pattern)), text)).toBe(expected);
  });
});

describe('combinations', () => {
  const texts = textsOf('ab', 4);
  const [starA, hasB] = [glob('*a'), glob('*b*')];
  test.each<[string, Language, (text: string) => boolean]>([
    ['every', everyOf([starA, hasB]), (text) => text.endsWith('a') && text.includes('b')],
    ['some', someOf([starA, hasB]), (text) => text.endsWith('a') || text.includes('b')],
    ['none', complementOf(hasB), (text) => !text.includes('b')],
    ['not a word', complementOf(wordsLanguage(['ab'])), (text) => text !== 'ab'],
    [
      'every, without one',
      everyOf([starA, complementOf(wordsLanguage(['a']))]),
      (text) => text.endsWith('a') && text !== 'a',
    ],
    ['a word', wordsLanguage(['ab', 'a', 'abba']), (text) => ['ab', 'a', 'abba'].includes(text)],
    ['no word', wordsLanguage([]), () => false],
  ])('%s', (_, language, expected) => {
    for (const text of texts) expect([text, contains(language, text)]).toEqual([text, expected(text)]);
  });

  test('end where nothing can follow', () => {
    const both = everyOf([glob('a*'), glob('b*')]);
    expect(both.step(both.start, 97)).toBe(DEAD);
    expect(someOf([glob('a'), glob('b')]).step(0, 99)).toBe(DEAD);
    expect([...both.units].toSorted()).toEqual([97, 98]);
  });
});

describe('names', () => {
  const within = (pattern: string, names: Language): Language => everyOf([glob(pattern), names]);

  test('of jobs are letters and digits with dashes between', () => {
    const jobs = within('x*/*', jobNames(1));
    for (const name of ['a', 'a-b', 'A9', 'a--b', '0', 'z', 'Z', '9-a'])
      expect([name, contains(jobs, `xy/${name}`)]).toEqual([name, true]);
    for (const name of [
      '',
      '-a',
      'a-',
      'a_b',
      'a/b',
      'a/',
      'a:b',
      'a.b',
      '@',
      '[',
      '`',
      '{',
      ':',
      '-',
      '/a',
      'é',
    ])
      expect([name, contains(jobs, `xy/${name}`)]).toEqual([name, false]);
  });

  test('of roles have a path of printable characters, and no colon', () => {
    const roles = within('role/*', roleNames(1));
    for (const name of ['fraud', 'pipelines/fraud', 'a+b=c,d.e@f-g_h', '!#/x', 'a//b', '~/9'])
      expect([name, contains(roles, `role/${name}`)]).toEqual([name, true]);
    for (const name of ['', ':', 'pipelines/', 'x:role/pipelines/fraud', 'a!', 'é', 'é/a', 'a b'])
      expect([name, contains(roles, `role/${name}`)]).toEqual([name, false]);
  });

  test('of services are small letters, digits, dots and dashes', () => {
    for (const name of ['lambda.amazonaws.com', 'a-1.b'])
      expect([name, contains(SERVICE_LETTERS, name)]).toEqual([name, true]);
    for (const name of ['Lambda', 'a_b', 'a/b', 'é'])
      expect([name, contains(SERVICE_LETTERS, name)]).toEqual([name, false]);
  });

  test('of accounts are twelve digits in the fifth part of an ARN', () => {
    for (const arn of ['a:b:c:d:111122223333:x', '::::000000000000:', 'a:b:c:d:111122223333::y'])
      expect([arn, contains(accountIds(), arn)]).toEqual([arn, true]);
    for (const arn of [
      'a:b:c:d:11112222333:x',
      'a:b:c:d:1111222233334:x',
      'a:b:c:d:11112222333a:x',
      'a:b:c:d:111122223333',
    ])
      expect([arn, contains(accountIds(), arn)]).toEqual([arn, false]);
  });

  test('a walk through the names of jobs ends where no name can go on', () => {
    const jobs = jobNames(1);
    for (const text of ['job/-', 'job/a/', 'job/a:', 'job/a_'])
      expect([text, jobs.after(text)]).toEqual([text, DEAD]);
    expect(jobs.after('job/a-')).not.toBe(DEAD);
  });
});

describe('what is seen of a state', () => {
  const patterns = letters('ab*?', 6);
  const languages = fc.oneof(
    patterns.map(glob),
    patterns.map((pattern) => globLanguage(parseGlob(pattern), true)),
    fc.array(letters('ab', 3), { maxLength: 3 }).map(wordsLanguage),
    fc.array(patterns, { minLength: 1, maxLength: 3 }).map((of) => everyOf(of.map(glob))),
    fc.array(patterns, { minLength: 1, maxLength: 3 }).map((of) => someOf(of.map(glob))),
    patterns.map((pattern) => complementOf(glob(pattern))),
  );
  const rests = textsOf('abAc', 4);
  const acceptsFrom = ({ step, accepts }: Language, state: number, rest: string): boolean =>
    accepts(Array.from(rest).reduce((at, unit) => step(at, unit.charCodeAt(0)), state));

  test('is so for all that can follow', () => {
    fc.assert(
      fc.property(languages, letters('ab', 4), letters('ab', 4), (language, text, other) => {
        const [state, another] = [language.after(text), language.after(other)];
        const following = rests.filter((rest) => acceptsFrom(language, state, rest));
        expect(state).toBe(
          Array.from(text).reduce((at, unit) => language.step(at, unit.charCodeAt(0)), language.start),
        );
        if (state === DEAD) expect(following).toEqual([]);
        if (state !== DEAD && language.isFull(state)) expect(following).toEqual(rests);
        if (language.isBelow(state, another))
          expect(following.filter((rest) => !acceptsFrom(language, another, rest))).toEqual([]);
      }),
      { numRuns: samples(1500) },
    );
  });

  test('a unit that is not listed does what any other does, and no more than one that is', () => {
    fc.assert(
      fc.property(languages, letters('ab', 4), (language, text) => {
        const state = language.after(text);
        if (state === DEAD) return;
        const units = ['a', 'b', 'A', 'c', 'd'].map((unit) => unit.charCodeAt(0));
        const listed = new Set(language.listed(state));
        const stateAfter = (unit: number) => language.step(state, unit);
        const others = units.filter((unit) => !listed.has(unit));
        expect(new Set(others.map(stateAfter)).size).toBeLessThanOrEqual(1);
        if (language.isClosed(state)) expect(others.map(stateAfter)).toEqual(others.map(() => DEAD));
        if (!language.isListedMore) return;
        const [other] = others;
        for (const unit of units.filter((each) => listed.has(each)))
          for (const rest of other === undefined ? [] : rests)
            if (acceptsFrom(language, stateAfter(other ?? 0), rest))
              expect([unit, rest, acceptsFrom(language, stateAfter(unit), rest)]).toEqual([unit, rest, true]);
      }),
      { numRuns: samples(1500) },
    );
  });

  test('the ways through a pattern take its texts, and end no nearer than they say', () => {
    const arns = fc.array(letters('ab*?', 2), { minLength: 6, maxLength: 7 }).map((parts) => parts.join(':'));
    const asked = fc.oneof(
      patterns.map((pattern) => [globRuns(parseGlob(pattern)), glob(pattern)] as const),
      patterns.map(
        (pattern) => [globRuns(parseGlob(pattern), true), globLanguage(parseGlob(pattern), true)] as const,
      ),
      arns.map((pattern) => [arnRuns(parseGlob(pattern)), arnLanguage(parseGlob(pattern))] as const),
    );
    fc.assert(
      fc.property(asked, fc.oneof(letters('abA', 6), letters('ab:', 9)), ([runs, language], text) => {
        let places = [runs.start];
        for (const [at, unit] of Array.from(text).entries()) {
          for (const place of places)
            if (runs.rest(place) > text.length - at)
              expect(contains(language, text) && places.length === 1).toBe(false);
          places = places.flatMap((place) => runs.steps(place, unit.charCodeAt(0)));
        }
        expect(places.some((place) => runs.accepts(place))).toBe(contains(language, text));
      }),
      { numRuns: samples(3000) },
    );
  });
});

describe('whole numbers', () => {
  const comparisons: [Comparison, (a: number, b: number) => boolean][] = [
    ['less', (a, b) => a < b],
    ['less-equals', (a, b) => a <= b],
    ['equals', (a, b) => a === b],
    ['greater-equals', (a, b) => a >= b],
    ['greater', (a, b) => a > b],
  ];
  test.each(comparisons)('%s than a limit', (comparison, holds) => {
    for (const limit of ['-3', '-0.5', '0', '0.5', '1', '6', '6.5', '9', '10', '99', '100', '105.25']) {
      const decimal = parseDecimal(limit);
      if (!decimal) throw new Error(limit);
      const language = integerLanguage(comparison, decimal);
      const values = Array.from({ length: 1200 }, (_, value) => value);
      const wrong = values.filter(
        (value) => contains(language, String(value)) !== holds(value, Number(limit)),
      );
      expect({ limit, wrong }).toEqual({ limit, wrong: [] });
    }
  });

  test('are written without leading zeros, signs or anything else', () => {
    const all = integerLanguage('greater-equals', { units: 0n, scale: 0 });
    for (const text of ['0', '7', '10', '123456789012345678901234567890'])
      expect(contains(all, text)).toBe(true);
    for (const text of ['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1:', '1/'])
      expect([text, contains(all, text)]).toEqual([text, false]);
  });

  test('of any length compare exactly', () => {
    const limit = parseDecimal('9007199254740993');
    if (!limit) throw new Error('no number');
    expect(contains(integerLanguage('greater', limit), '9007199254740993')).toBe(false);
    expect(contains(integerLanguage('greater', limit), '9007199254740994')).toBe(true);
  });
});

describe('cells', () => {
  test('have a witness each that lies where it is said to, and none is missing', () => {
    const texts = textsOf('abx', 4);
    fc.assert(
      fc.property(letters('ab*?', 4), fc.array(letters('ab*?', 4), { maxLength: 4 }), (all, patterns) => {
        const languages = patterns.map(glob);
        const { cells, all: proof } = cellsOf(glob(all), languages);
        expect(proof).toBeDefined();
        for (const { inside, witness } of cells) {
          expect(globMatcher(parseGlob(all))(witness)).toBe(true);
          expect(inside).toEqual(patterns.map((pattern) => globMatcher(parseGlob(pattern))(witness)));
        }
        const keys = cells.map(({ inside }) => inside.join());
        expect(new Set(keys).size).toBe(keys.length);
        for (const text of texts.filter(globMatcher(parseGlob(all)))) {
          expect(keys).toContain(patterns.map((pattern) => globMatcher(parseGlob(pattern))(text)).join());
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each<[string, string[], Cell[]]>([
    ['job/*', [], [{ inside: [], witness: 'job/' }]],
    [
      'job/?*',
      ['job/ml-*'],
      [
        { inside: [false], witness: 'job/x' },
        { inside: [true], witness: 'job/ml-' },
      ],
    ],
    [
      '?',
      ['x'],
      [
        { inside: [true], witness: 'x' },
        { inside: [false], witness: 'a' },
      ],
    ],
    ['a', ['b'], [{ inside: [false], witness: 'a' }]],
  ])('of %s by %j', (universe, patterns, expected) => {
    const { cells } = cellsOf(glob(universe), patterns.map(glob));
    expect(cells).toEqual(expected);
  });

  test('of an alphabet without a usual letter left', () => {
    const usual = 'xabcdefghijklmnopqrstuvwyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./:@+=,!';
    const { cells } = cellsOf(glob('?'), [wordsLanguage([...usual])]);
    expect(cells).toEqual([
      { inside: [true], witness: 'x' },
      { inside: [false], witness: '"' },
    ]);
  });

  test('that would take too many states say that some may be missing', () => {
    const hostile = Array.from({ length: 12 }, (_, at) => glob(`*a${'?'.repeat(at + 8)}b*`));
    expect(cellsOf(glob('*'), hostile).all).toBeUndefined();
  });
});
