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
  test('is a breach with all that is shown, whatever is open beside it', () => {
    expect(verdict([open('a'), shown('b'), open('c'), shown('d')])).toEqual({
      status: 'FAILED',
      evidence: [evidence('b'), evidence('d')],
      remediation: { text: 'mend' },
    });
  });

  test('is NOT_AVAILABLE, and no pass, where a concern is open', () => {
    expect(verdict([open('a'), open('b')], { status: 'PASSED' })).toMatchObject({
      status: 'NOT_AVAILABLE',
      evidence: [evidence('a')],
    });
  });

  test('is a pass, or what the control says instead, where there is no concern', () => {
    expect(verdict([])).toEqual({ status: 'PASSED' });
    expect(verdict([], { status: 'PASSED', because: 'b' })).toEqual({ status: 'PASSED', because: 'b' });
  });
});

test('the worst of some concerns is the first that is shown, else the first that is open', () => {
  expect(worstOf([open('a'), shown('b'), shown('c')])).toEqual([shown('b')]);
  expect(worstOf([open('a'), open('b')])).toEqual([open('a')]);
  expect(worstOf([])).toEqual([]);
});
