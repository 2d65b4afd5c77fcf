import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import { compareRuns, differences, isWorse, type Run } from '../../../shared/findings/compare-runs.ts';
import type { Ended } from '../../../shared/findings/end-reason.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { aRun } from '../../support/builders/run.ts';

const ROLE = { type: 'role' as const, arn: 'arn:aws:iam::111122223333:role/ml/train' };

const suppression = { reason: 'known', expires: '2027-01-31' };

const NO_LOOKS = { controls: ['step-isolation'], resources: {}, passed: '' };

const ended = (how: Ended['how']): Ended => ({
  id: aFinding().id,
  at: '2026-11-24T00:00:00Z',
  how,
  because: 'x',
});

const names = (before: Finding[], after: Finding[]): Record<string, number> => {
  const comparison = compareRuns(aRun(before), aRun(after));
  return Object.fromEntries(
    Object.entries(comparison).flatMap(([name, list]) => (list.length > 0 ? [[name, list.length]] : [])),
  );
};

describe('compareFindings', () => {
  const one = aFinding();

  test.each<[string, Finding[], Finding[], Record<string, number>]>([
    ['what was not there is new', [], [one], { added: 1 }],
    ['what passes now is mended', [one], [aFinding({ status: 'PASSED' })], { mended: 1 }],
    ['what its control finds no more is mended', [one], [], { mended: 1 }],
    [
      'what could be read before and cannot now is unread',
      [one],
      [aFinding({ status: 'NOT_AVAILABLE' })],
      { unread: 1 },
    ],
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
    [
      'a finding on a role is the same under the id that earlier versions gave it',
      [aFinding({ id: 'pipewarden/step-isolation/of-eu-west-1', resource: ROLE })],
      [aFinding({ resource: ROLE })],
      { open: 1 },
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

describe('what the later run did not judge is not mended', () => {
  const before = aRun([aFinding()]);
  const off = { control: 'step-isolation', why: 'control-off', because: 'PLAT-1' } as const;
  const nothing = { is: 'nothing', because: 'x' } as const;

  test.each<[string, Run, string]>([
    ['an older version wrote it', { findings: [] }, 'not-known'],
    ['the control is switched off', aRun([], { is: 'passed' }, { controlsOff: [off] }), 'control-off'],
    [
      'the control does not exist',
      { ...aRun([]), looks: { ...NO_LOOKS, controls: ['other'] } },
      'control-unknown',
    ],
    ['nobody looked at the resource', { ...aRun([]), looks: NO_LOOKS }, 'not-looked-at'],
    [
      'the configuration changed',
      aRun([], nothing, { configuration: { judging: 'another' } }),
      'configuration-changed',
    ],
    ['a store remembers it', { findings: [], ended: [ended('control-unknown')] }, 'control-unknown'],
  ])('where %s', (_, after, why) => {
    const { notJudged, ...others } = compareRuns(before, after);
    expect(notJudged.map((each) => each.why)).toEqual([why]);
    expect(Object.values(others).flat()).toEqual([]);
  });

  test('a finding is mended where nothing is left to judge under the same configuration, or where a store says so', () => {
    expect(compareRuns(before, aRun([], nothing)).mended).toHaveLength(1);
    expect(compareRuns(before, { findings: [], ended: [ended('mended')] }).mended).toHaveLength(1);
  });

  test('a finding is gone where its resource no longer exists or another finding reports it', () => {
    expect(compareRuns(before, aRun([], { is: 'gone' })).gone).toHaveLength(1);
    expect(compareRuns(before, aRun([], { is: 'mixed', passed: [] })).gone).toHaveLength(1);
    expect(compareRuns(before, aRun([], { is: 'mixed', passed: [null] })).mended).toHaveLength(1);
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
