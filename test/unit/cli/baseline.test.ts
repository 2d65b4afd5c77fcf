import { describe, expect, test } from '@jest/globals';
import { sinceBaseline } from '../../../cli/baseline.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { resultsWith } from '../../support/builders/results.ts';

const piece = (at: string, found: string) => ({ at, found, expected: 'a name' });
const onStep = (subject: string, more: Partial<Finding> = {}): Finding =>
  aFinding({
    control: 'pipeline-job-prefix',
    resource: { type: 'pipeline', arn: 'pipelines/a.json' },
    subject,
    evidence: [piece('/Steps/0', 'other')],
    ...more,
  });
const onSteps = (...evidence: Finding['evidence']): Finding => {
  const { subject: _, ...finding } = onStep('', { evidence });
  return finding;
};

const since = (before: Finding[], now: Finding[]) => {
  const { findings, known } = sinceBaseline(now, resultsWith(before));
  return { new: findings.map(({ subject, evidence }) => [subject, evidence.map(({ at }) => at)]), known };
};

describe('findings that a baseline does not have', () => {
  test('a step is known wherever it moved, and under another writing of its path', () => {
    const moved = onStep('Train', { evidence: [piece('/Steps/7', 'third')] });
    expect(
      since([onStep('Train', { resource: { type: 'pipeline', arn: './pipelines/a.json' } })], [moved]),
    ).toEqual({
      new: [],
      known: 1,
    });
  });

  test.each<[string, Finding]>([
    ['another step', onStep('Score')],
    ['another file', onStep('Train', { resource: { type: 'pipeline', arn: 'pipelines/b.json' } })],
    ['another control', onStep('Train', { control: 'job-prefix-length' })],
    ['a graver status', onStep('Train', { status: 'FAILED' })],
    ['a graver severity', onStep('Train', { severity: 'CRITICAL' })],
  ])('%s is new', (_, finding) => {
    const before = onStep('Train', { status: 'WARNING', severity: 'MEDIUM' });
    expect(since([before], [{ ...finding }]).known).toBe(0);
  });

  test('another role of the same step is new, and another mistake in it', () => {
    for (const control of ['step-role-authorised', 'definition-valid']) {
      const of = (found: string) => onStep('Train', { control, evidence: [piece('/Steps/0', found)] });
      expect(since([of('role/a')], [of('role/b')]).known).toBe(0);
      expect(since([of('role/a')], [of('role/a')]).known).toBe(1);
    }
  });

  test('of what could not be judged another reason is new, and a breach that was there knows every reason', () => {
    const unknown = (found: string) =>
      onStep('Train', { status: 'NOT_AVAILABLE', evidence: [piece('/Steps/0', found)] });
    const [noRole, noName] = [unknown('its role is not told'), unknown('it has no base name')];
    expect(since([noRole], [noName]).known).toBe(0);
    expect(since([noRole], [noRole]).known).toBe(1);
    expect(since([onStep('Train', { status: 'FAILED' })], [noName]).known).toBe(1);
    expect(since([noRole], [onStep('Train', { status: 'FAILED' })]).known).toBe(0);
  });

  test('of a finding on several steps as many pieces are new as there are more, and not those of a place before', () => {
    const before = onSteps(piece('/Steps/0', 'no name'), piece('/Steps/1', 'no name'));
    const now = onSteps(
      piece('/Steps/0', 'no name'),
      piece('/Steps/1', 'no name'),
      piece('/Steps/2', 'no name'),
    );
    expect(since([before], [now])).toEqual({ new: [[undefined, ['/Steps/2']]], known: 0 });
    expect(since([now], [before])).toEqual({ new: [], known: 1 });
  });

  test('what was suppressed in the baseline is told when it is so no more', () => {
    const suppression = { reason: 'known', expires: '2026-01-01' };
    expect(since([onStep('Train', { suppression })], [onStep('Train')]).known).toBe(0);
  });

  test('passes stay, and an empty baseline knows nothing', () => {
    const passed = onStep('Train', { status: 'PASSED', evidence: [] });
    expect(since([], [passed, onStep('Score')])).toEqual({
      new: [
        ['Train', []],
        ['Score', ['/Steps/0']],
      ],
      known: 0,
    });
  });
});
