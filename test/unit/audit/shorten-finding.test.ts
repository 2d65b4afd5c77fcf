import { describe, expect, test } from '@jest/globals';
import { shortenFinding } from '../../../shared/audit/shorten-finding.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { aFinding } from '../../support/builders/finding.ts';

const evidence = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ at: `/Steps/${index}`, found: 'f', expected: 'e' }));
const brieflyWith = (changes: Partial<Finding>): Finding => shortenFinding({ ...aFinding(), ...changes });

describe('a shortened finding', () => {
  test('is unchanged if it was short', () => {
    const finding = { ...aFinding(), evidence: evidence(110) };
    expect(shortenFinding(finding)).toEqual(finding);
  });

  test('shows the first hundred pieces of evidence, and counts the rest', () => {
    const { evidence: shown } = brieflyWith({ evidence: evidence(28_000) });
    expect(shown).toHaveLength(101);
    expect(shown[99]?.at).toBe('/Steps/99');
    expect(shown[100]).toEqual({ at: 'further evidence', found: '27900 more like these', expected: 'e' });
  });

  test('cuts long values, but keeps a place that is as long as nested steps can make it', () => {
    const at = '/Steps/0/Arguments/IfSteps/1'.repeat(200);
    const [first] = brieflyWith({
      evidence: [{ at, found: 'x'.repeat(400_000), expected: 'y'.repeat(400_000) }],
    }).evidence;
    expect(first?.at).toBe(at);
    expect(first?.found).toBe(`${'x'.repeat(999)}…`);
    expect(first?.expected).toHaveLength(1000);
  });

  test('contains a command whole or not at all, and says so', () => {
    const patch = 'z'.repeat(100_001);
    expect(brieflyWith({ remediation: { text: 'Mend it.', patch } }).remediation).toEqual({
      text: 'Mend it. No command is given, as it would have 100001 characters.',
    });
    const short = { text: 'Mend it.', patch: patch.slice(1) };
    expect(brieflyWith({ remediation: short }).remediation).toEqual(short);
  });
});
