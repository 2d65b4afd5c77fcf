import { describe, expect, test } from '@jest/globals';
import type { Suppression } from '../../../shared/config/schema.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { applySuppressions } from '../../../shared/findings/suppression.ts';

const finding: Finding = {
  id: 'pipewarden/step-isolation/0',
  control: 'step-isolation',
  status: 'FAILED',
  severity: 'MEDIUM',
  title: 'Steps are isolated',
  resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/legacy-a' },
  evidence: [{ at: '/Steps/0', found: 'shared role', expected: 'own role' }],
  remediation: { text: 'Give each step its own role.', patch: '{}' },
  firstObservedAt: '2026-11-24T09:00:00.000Z',
  lastObservedAt: '2026-11-24T09:00:00.000Z',
};
const suppression: Suppression = {
  control: 'step-isolation',
  resource: 'arn:aws:sagemaker:*:*:pipeline/legacy-*',
  reason: 'replaced in January',
  expires: '2027-01-31',
};
const NOW = new Date('2026-11-24T09:00:00Z');
const suppressed: Finding = {
  ...finding,
  suppression: { reason: 'replaced in January', expires: '2027-01-31' },
};
const expired: Finding = {
  ...finding,
  remediation: {
    text: 'The suppression of 2027-01-31 (replaced in January) has expired. Give each step its own role.',
    patch: '{}',
  },
};
const over = (change: Partial<Suppression>): Suppression[] => [{ ...suppression, ...change }];

describe('applySuppressions', () => {
  test.each<[string, Suppression[] | undefined, Date, Finding]>([
    ['nothing configured', undefined, NOW, finding],
    ['control and resource fit', [suppression], NOW, suppressed],
    [
      'an ARN compares without case',
      over({ resource: 'arn:aws:sagemaker:*:*:pipeline/LEGACY-*' }),
      NOW,
      suppressed,
    ],
    ['another control', over({ control: 'job-prefix-length' }), NOW, finding],
    ['another resource', over({ resource: 'arn:aws:sagemaker:*:*:pipeline/new-*' }), NOW, finding],
    [
      'the beginning of the ARN only',
      over({ resource: 'arn:aws:sagemaker:*:*:pipeline/legacy' }),
      NOW,
      finding,
    ],
    ['the last moment of its last day', [suppression], new Date('2027-01-31T23:59:59.999Z'), suppressed],
    ['the first moment after it', [suppression], new Date('2027-02-01T00:00:00Z'), expired],
    [
      'one expired, one in force',
      [...over({ expires: '2026-01-01', reason: 'old' }), suppression],
      NOW,
      suppressed,
    ],
    [
      'two expired: the later one is named',
      [...over({ expires: '2026-01-01', reason: 'old' }), suppression],
      new Date('2027-03-01T00:00:00Z'),
      expired,
    ],
  ])('%s', (_, suppressions, now, expected) => {
    expect(applySuppressions(finding, suppressions, now)).toStrictEqual(expected);
  });

  test('a mark from an earlier look does not outlive its suppression', () => {
    expect(applySuppressions(suppressed, [], NOW)).toStrictEqual(finding);
  });

  test('a pass is never marked', () => {
    const passed: Finding = { ...finding, status: 'PASSED' };
    expect(applySuppressions(passed, [suppression], NOW)).toStrictEqual(passed);
  });
});
