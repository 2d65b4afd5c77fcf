import { describe, expect, test } from '@jest/globals';
import type { Evidence, Verdict } from '../../../shared/domain/finding.ts';
import type { Example } from '../../../shared/iam/sets/answers.ts';
import { type Concern, doubtRemedy, verdictOn, worstOf } from '../../../shared/judging/concern.ts';

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

test.each([
  ['policy of bucket a cannot be read: AccessDenied', 'See to it that what the evidence names can be read'],
  [
    'policy of the resource cannot be read: policies of other accounts are not read',
    'Ask the owner of the other account',
  ],
  ['the policy of key k must allow this, and was not given', 'See to it'],
])('no context is to be tried where only this is missing: %s', (doubt, advice) => {
  const explanation = { decision: 'Unknown', decidedBy: [], missingContext: [], doubts: [doubt] } as const;
  const example = { resource: 'r', values: {}, decision: 'Unknown', explanation } as unknown as Example;
  expect(doubtRemedy({ kind: 'hangs', example }, 'ask')).toContain(advice);
});
