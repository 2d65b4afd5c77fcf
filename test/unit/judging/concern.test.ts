import { describe, expect, test } from '@jest/globals';
import type { Evidence, Verdict } from '../../../shared/domain/finding.ts';
import { type Concern, verdictOn, worstOf } from '../../../shared/judging/concern.ts';

const evidence = (at: string): Evidence => ({ at, found: 'f', expected: 'e' });
const shown = (at: string): Concern => ({ is: 'shown', evidence: evidence(at) });
const open = (at: string): Concern => ({
  is: 'open',
  evidence: evidence(at),
  doubt: { kind: 'too-complex', at, reason: 'r' },
});

const verdict = (concerns: Concern[], fine?: Verdict): Verdict =>
  verdictOn(concerns, {
    otherwise: 'ask',
    breach: (told) => ({ status: 'FAILED', evidence: told, remediation: { text: 'mend' } }),
    ...(fine && { fine }),
  });

describe('the verdict on concerns', () => {
  test('is a breach with the evidence of all shown concerns, even if others are open', () => {
    expect(verdict([open('a'), shown('b'), open('c'), shown('d')])).toEqual({
      status: 'FAILED',
      evidence: [evidence('b'), evidence('d')],
      remediation: { text: 'mend' },
    });
  });

  test('is NOT_AVAILABLE, not a pass, if a concern is open', () => {
    expect(verdict([open('a'), open('b')], { status: 'PASSED' })).toMatchObject({
      status: 'NOT_AVAILABLE',
      evidence: [evidence('a')],
    });
  });

  test('is no graver while it is not known than the breach would be', () => {
    const of = (severity: 'LOW' | 'MEDIUM' | 'CRITICAL', concern: Concern) =>
      verdictOn([concern], {
        otherwise: 'ask',
        breach: (told) => ({ status: 'FAILED', severity, evidence: told, remediation: { text: 'mend' } }),
      });
    expect(of('LOW', open('a'))).toMatchObject({ status: 'NOT_AVAILABLE', severity: 'LOW' });
    expect(of('MEDIUM', open('a'))).toMatchObject({ status: 'NOT_AVAILABLE', severity: 'MEDIUM' });
    // What would be graver than usual is told as usual until it is known.
    expect(of('CRITICAL', open('a'))).not.toHaveProperty('severity');
    expect(of('CRITICAL', shown('a'))).toHaveProperty('severity', 'CRITICAL');
  });

  test('without concerns is a pass, or the verdict that the control gives instead', () => {
    expect(verdict([])).toEqual({ status: 'PASSED' });
    expect(verdict([], { status: 'PASSED', because: 'b' })).toEqual({ status: 'PASSED', because: 'b' });
  });
});

test('the worst concern is the first shown one, or else the first open one', () => {
  expect(worstOf([open('a'), shown('b'), shown('c')])).toEqual([shown('b')]);
  expect(worstOf([open('a'), open('b')])).toEqual([open('a')]);
  expect(worstOf([])).toEqual([]);
});
