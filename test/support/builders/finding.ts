import type { Finding } from '../../../shared/domain/finding.ts';

/** An ordinary finding; a test replaces the members that it is about. */
export const aFinding = (changes: Partial<Finding> = {}): Finding => ({
  id: 'pipewarden/step-isolation/0a1b',
  control: 'step-isolation',
  status: 'FAILED',
  severity: 'MEDIUM',
  title: 'Steps are isolated',
  resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud' },
  evidence: [{ at: '/Steps/0', found: 'a shared role', expected: 'its own role' }],
  remediation: { text: 'Give each step a role.' },
  firstObservedAt: '2026-11-23T08:12:41.120Z',
  lastObservedAt: '2026-11-24T03:44:05.002Z',
  ...changes,
});
