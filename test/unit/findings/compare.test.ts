import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import { compareFindings, differences, isWorse } from '../../../shared/findings/compare.ts';
import { aFinding } from '../../support/builders/finding.ts';

const suppression = { reason: 'known', expires: '2027-01-31' };

const names = (before: Finding[], after: Finding[]): Record<string, number> => {
  const comparison = compareFindings(before, after);
  return Object.fromEntries(
    Object.entries(comparison).flatMap(([name, list]) => (list.length > 0 ? [[name, list.length]] : [])),
  );
};

describe('compareFindings', () => {
  const one = aFinding();

  test.each<[string, Finding[], Finding[], Record<string, number>]>([
    ['what was not there is new', [], [one], { added: 1 }],
    ['what passes now is mended', [one], [aFinding({ status: 'PASSED' })], { mended: 1 }],
    ['what is gone is mended', [one], [], { mended: 1 }],
    [
      'the same is still open, whenever it was seen',
      [one],
      [aFinding({ lastObservedAt: '2026-12-01T00:00:00Z' })],
      { open: 1 },
    ],
    ['another severity is a change', [one], [aFinding({ severity: 'HIGH' })], { changed: 1 }],
    ['other evidence is a change', [one], [aFinding({ evidence: [] })], { changed: 1 }],
    ['what passed and fails is new', [aFinding({ status: 'PASSED' })], [one], { added: 1 }],
    ['a suppression that ran out makes new', [aFinding({ suppression })], [one], { added: 1 }],
    ['one that was added changes', [one], [aFinding({ suppression })], { changed: 1 }],
    [
      'what is suppressed throughout is not told',
      [aFinding({ suppression })],
      [aFinding({ suppression })],
      {},
    ],
    [
      'what could not be judged now is not mended',
      [aFinding({ subject: 'Train' })],
      [aFinding({ id: 'other', status: 'NOT_AVAILABLE' })],
      { added: 1, unread: 1 },
    ],
    ['two of one id are told apart', [one], [one, aFinding({ severity: 'LOW' })], { open: 1, added: 1 }],
  ])('%s', (_, before, after, expected) => {
    expect(names(before, after)).toEqual(expected);
  });

  test('the order of the evidence counts for nothing', () => {
    const [first, second] = ['a', 'b'].map((at) => ({ at, found: '', expected: '' }));
    if (!first || !second) throw new Error('two');
    const changed = {
      before: aFinding({ evidence: [first, second] }),
      after: aFinding({ evidence: [second, first] }),
    };
    expect(differences(changed)).toEqual([]);
  });
});

test.each<[Partial<Finding>, Partial<Finding>, boolean]>([
  [{ status: 'NOT_AVAILABLE' }, { status: 'FAILED' }, true],
  [{ severity: 'LOW' }, { severity: 'HIGH' }, true],
  [{ status: 'FAILED' }, { status: 'WARNING' }, false],
  [{ severity: 'LOW' }, { severity: 'HIGH', suppression }, false],
])('isWorse: %j to %j', (before, after, expected) => {
  expect(isWorse({ before: aFinding(before), after: aFinding(after) })).toBe(expected);
});
