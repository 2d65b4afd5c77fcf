import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { toJunit } from '../../../../shared/outputs/formats/junit.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { everyFinding, HOSTILE, resultsWith, sayingEverywhere } from '../../../support/builders/results.ts';

type Case = Record<string, unknown> & { name: string; classname: string };
type Suite = {
  name: string;
  tests: string;
  failures: string;
  errors: string;
  skipped: string;
  testcase: Case[];
};

const parsed = (xml: string): { testsuites: Omit<Suite, 'testcase'> & { testsuite?: Suite[] } } => {
  expect(XMLValidator.validate(xml)).toBe(true);
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    trimValues: false,
    isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
  }).parse(xml);
};

const OUTCOMES = ['failure', 'error', 'skipped'];

describe('toJunit', () => {
  test('has a suite for each control, and counts in it what its cases came to', () => {
    const { testsuites } = parsed(toJunit(resultsWith(everyFinding())));
    const suites = testsuites.testsuite ?? [];
    const countOf = (cases: Case[], outcome: string) =>
      String(cases.filter((each) => outcome in each).length);
    for (const { testcase, ...suite } of [
      ...suites,
      { ...testsuites, testcase: suites.flatMap((each) => each.testcase) },
    ]) {
      expect(suite).toMatchObject({
        tests: String(testcase.length),
        failures: countOf(testcase, 'failure'),
        errors: countOf(testcase, 'error'),
        skipped: countOf(testcase, 'skipped'),
      });
    }
    expect(suites.map(({ name }) => name).toSorted()).toEqual(['of-another-version', 'step-isolation']);
    for (const { name, testcase } of suites) for (const each of testcase) expect(each.classname).toBe(name);
  });

  test.each([
    [aFinding(), 'failure', 'Steps are isolated', 'FAILED MEDIUM'],
    [aFinding({ status: 'WARNING' }), 'failure', 'Steps are isolated', 'WARNING MEDIUM'],
    [aFinding({ status: 'NOT_AVAILABLE' }), 'error', 'Steps are isolated', 'NOT_AVAILABLE MEDIUM'],
    [aFinding({ status: 'NOT_APPLICABLE' }), 'skipped', 'Steps are isolated', undefined],
    [
      aFinding({ suppression: { reason: 'known', expires: '2026-12-31' } }),
      'skipped',
      'suppressed until 2026-12-31: known',
      undefined,
    ],
    [aFinding({ status: 'PASSED' }), undefined, undefined, undefined],
  ])('each status becomes the right kind of case: %#', (finding, outcome, message, type) => {
    const [only] = parsed(toJunit(resultsWith([finding]))).testsuites.testsuite?.[0]?.testcase ?? [];
    expect(OUTCOMES.filter((each) => only && each in only)).toEqual(outcome ? [outcome] : []);
    if (outcome) expect(only?.[outcome]).toMatchObject({ message, ...(type && { type }) });
  });

  test('no name ends its attribute or element, and nothing is in it that XML cannot hold', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, (each) => {
        const xml = toJunit(resultsWith([sayingEverywhere(each)]));
        const [only] = parsed(xml).testsuites.testsuite?.[0]?.testcase ?? [];
        expect(Object.keys(only ?? {}).toSorted()).toEqual(['#text', 'classname', 'failure', 'name', 'time']);
        expect(Object.keys(only?.failure ?? {}).toSorted()).toEqual(['#text', 'message', 'type']);
        expect(xml).toMatch(/^[\n\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
      }),
    );
  });

  test('a run without findings is an empty report', () => {
    expect(parsed(toJunit(resultsWith([]))).testsuites).toMatchObject({ tests: '0', failures: '0' });
  });
});
