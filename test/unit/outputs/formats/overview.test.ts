import { expect, test } from '@jest/globals';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { overviewLines, overviewOf } from '../../../../shared/outputs/formats/overview.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const role = (name: string, change: Partial<Finding>): Finding =>
  aFinding({
    id: name,
    resource: { type: 'role', arn: `arn:aws:iam::111122223333:role/${name}` },
    ...change,
  });

const lacking = [
  { list: 'prefixes', controls: ['job-name-prefix', 'pipeline-job-prefix'] },
  { list: 'roles.creators', controls: ['pass-role-allowed'] },
];

const FINDINGS = [
  role('alpha', { severity: 'HIGH', cause: 'c' }),
  role('beta', { severity: 'HIGH', cause: 'c' }),
  role('gamma', { severity: 'LOW', status: 'WARNING' }),
  role('delta', {
    status: 'NOT_AVAILABLE',
    evidence: [{ at: 's3:GetBucketCors', found: 'no', expected: '' }],
  }),
  role('accepted', { severity: 'CRITICAL', suppression: { reason: 'known', expires: '2099-01-01' } }),
  role('fine', { status: 'PASSED' }),
  aFinding({
    control: 'evidence-readable',
    status: 'WARNING',
    severity: 'INFORMATIONAL',
    resource: { type: 'configuration', arn: 'pipewarden.yaml' },
  }),
].map(({ subject: _, ...finding }): Finding => finding);

test('an overview counts what is open, each cause once, and tells the missing lists apart', () => {
  expect(overviewOf(FINDINGS, { notConfigured: lacking })).toMatchObject({
    worst: { severity: 'HIGH', resource: 'role alpha' },
    bySeverity: { CRITICAL: 0, HIGH: 1, MEDIUM: 0, LOW: 1, INFORMATIONAL: 0 },
    findings: 3,
    unread: { count: 1, first: 'role delta, s3:GetBucketCors: no' },
    notConfigured: lacking,
  });
});

test('its lines say each thing once, and that there is none of it', () => {
  const told = Object.fromEntries(overviewLines(overviewOf(FINDINGS, { notConfigured: lacking })));
  expect(Object.keys(told)).toEqual(['Worst', 'Findings', 'Not judged', 'Not configured']);
  expect(told.Findings).toBe('2: 1 high, 1 low; 3 in all, those of one cause count once');
  expect(told['Not configured']).toBe(
    '2 lists: prefixes (2 controls cannot judge fully), roles.creators (1). pipewarden init writes what is in use; [] says there is none',
  );
  expect(overviewLines(overviewOf([]))).toEqual([
    ['Findings', 'none'],
    ['Not judged', 'none'],
  ]);
});

test('the files that a snapshot lacks are told with the controls that judge nothing without them', () => {
  const files = [{ file: 'cloudtrail/trails.json', controls: ['trail-logging'] }];
  const overview = overviewOf([], { notInSnapshot: files });
  expect(overview.notInSnapshot).toEqual(files);
  expect(Object.fromEntries(overviewLines(overview))['Not in snapshot']).toBe(
    '1 file: cloudtrail/trails.json (trail-logging not judged). pipewarden snapshot writes them',
  );
  expect(overviewOf([], {})).not.toHaveProperty('notInSnapshot');
});
