import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Alert, AlertStatus } from '../../../../shared/alerts/alerting.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import {
  type AlertGroup,
  alertBytes,
  alertGroups,
  composeAlert,
  type TopicMessage,
  type TopicStatus,
} from '../../../../shared/outputs/messages/alert.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const pipelineArn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud-train';

const finding = (changes: Partial<Finding> = {}): Finding =>
  aFinding({
    id: 'pipewarden/job-name-prefix/1',
    control: 'job-name-prefix',
    severity: 'HIGH',
    title: 'Jobs have an authorised prefix',
    resource: { type: 'pipeline', arn: pipelineArn },
    subject: 'Train',
    evidence: [{ at: '/Steps/0/Arguments/TrainingJobName', found: 'absent', expected: 'fraud-train' }],
    remediation: { text: 'Name the job.', patch: '{\n  "TrainingJobName": "fraud-train"\n}' },
    principal: 'arn:aws:iam::111122223333:role/data-scientist',
    trigger: { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-20T10:00:00Z' },
    firstObservedAt: '2026-11-20T10:00:05.000Z',
    lastObservedAt: '2026-11-20T10:00:05.000Z',
    ...changes,
  });

const alert = (changes: Partial<Finding> = {}, status: AlertStatus = 'OPENED'): Alert => ({
  status,
  kind: status === 'RESOLVED' ? 'resolved' : 'opened',
  finding: finding(changes),
});

const group = (findings: Finding[], status: TopicStatus = 'OPENED'): AlertGroup => {
  const [first = finding(), ...others] = findings;
  return { status, findings: [first, ...others] };
};

const texts = ({ message }: TopicMessage): { default: string; email: string } => JSON.parse(message);

const ids = (groups: AlertGroup[]): string[][] => groups.map(({ findings }) => findings.map(({ id }) => id));

describe('alertGroups', () => {
  test('a finding that only changed is no news, and one that worsened is opened again', () => {
    const groups = alertGroups([alert({}, 'CHANGED'), alert({ id: 'worse' }, 'WORSENED')]);
    expect(groups).toMatchObject([{ status: 'OPENED', findings: [{ id: 'worse' }] }]);
  });

  test('ended and returned findings of a resource make separate groups', () => {
    const groups = alertGroups([
      alert({ id: 'ended' }, 'RESOLVED'),
      alert({ id: 'back' }, 'REOPENED'),
      alert(),
    ]);
    expect(groups.map(({ status }) => status)).toEqual(['RESOLVED', 'REOPENED', 'OPENED']);
  });

  test('puts the findings of a resource together, the worst first', () => {
    const resource = { type: 'bucket', arn: 'arn:aws:s3:::acme-images' } as const;
    const groups = alertGroups([
      alert({ id: 'medium', severity: 'MEDIUM' }),
      alert({ id: 'bucket', severity: 'CRITICAL', resource }),
      alert({ id: 'at risk', severity: 'HIGH', status: 'WARNING' }),
      alert({ id: 'failed', severity: 'HIGH' }),
    ]);
    expect(ids(groups)).toEqual([['bucket'], ['failed', 'at risk', 'medium']]);
  });
});

describe('composeAlert', () => {
  test.each<[TopicStatus, string, string]>([
    ['OPENED', 'HIGH FAILED: pipeline', '1 finding on'],
    ['REOPENED', 'HIGH FAILED AGAIN: pipeline', '1 finding come back on'],
    ['RESOLVED', 'RESOLVED HIGH: pipeline', '1 finding resolved on'],
  ])('%s is in the subject and in the first line', (status, subject, line) => {
    const composed = composeAlert(group([finding()], status), scope);
    expect(composed.subject).toMatch(subject);
    expect(texts(composed).email).toMatch(line);
    expect(composed.attributes.status).toEqual({ DataType: 'String', StringValue: status });
  });

  test('tells machines and people the same', () => {
    const alert = composeAlert(
      group([finding(), finding({ id: 'two', status: 'WARNING', severity: 'LOW' })]),
      scope,
    );
    expect(alert.subject).toBe('HIGH FAILED: pipeline fraud-train: job-name-prefix and 1 more');
    expect(alert.attributes).toEqual({
      severity: { DataType: 'String', StringValue: 'HIGH' },
      severityRank: { DataType: 'Number', StringValue: '3' },
      status: { DataType: 'String', StringValue: 'OPENED' },
      verdict: { DataType: 'String', StringValue: 'FAILED' },
      control: { DataType: 'String.Array', StringValue: '["job-name-prefix"]' },
      account: { DataType: 'String', StringValue: '111122223333' },
      region: { DataType: 'String', StringValue: 'eu-west-1' },
      resourceType: { DataType: 'String', StringValue: 'pipeline' },
    });
    const { subject, evidence, remediation, principal, trigger, title } = finding();
    const known = {
      control: 'job-name-prefix',
      title,
      subject,
      evidence,
      moreEvidence: 0,
      remediation,
      principal,
      trigger,
    };
    expect(JSON.parse(texts(alert).default)).toEqual({
      schemaVersion: '1.0',
      source: 'pipewarden',
      severity: 'HIGH',
      severityRank: 3,
      status: 'OPENED',
      verdict: 'FAILED',
      control: ['job-name-prefix'],
      account: '111122223333',
      region: 'eu-west-1',
      resourceType: 'pipeline',
      resource: { type: 'pipeline', arn: pipelineArn },
      findings: [
        {
          id: finding().id,
          status: 'FAILED',
          severity: 'HIGH',
          ...known,
          firstObservedAt: '2026-11-20T10:00:05.000Z',
          lastObservedAt: '2026-11-20T10:00:05.000Z',
        },
        {
          id: 'two',
          status: 'WARNING',
          severity: 'LOW',
          ...known,
          firstObservedAt: '2026-11-20T10:00:05.000Z',
          lastObservedAt: '2026-11-20T10:00:05.000Z',
        },
      ],
      more: 0,
    });
  });

  test('is readable as an e-mail', () => {
    expect(texts(composeAlert(group([finding()]), scope)).email).toBe(
      [
        'Pipewarden: 1 finding on pipeline fraud-train',
        'Account 111122223333, Region eu-west-1',
        pipelineArn,
        '',
        '1. HIGH FAILED: job-name-prefix',
        '   In:       Train',
        '   Found:    absent',
        '   Expected: fraud-train',
        '   Where:    /Steps/0/Arguments/TrainingJobName',
        '   After:    UpdatePipeline by arn:aws:iam::111122223333:role/data-scientist at 2026-11-20T10:00:00Z, event e-1',
        '   Remedy:   Name the job.',
        '',
        '{',
        '  "TrainingJobName": "fraud-train"',
        '}',
        '',
        '   Right is: Jobs have an authorised prefix',
        '   Finding:  pipewarden/job-name-prefix/1',
        '',
      ].join('\n'),
    );
  });

  test('leaves out what a finding does not have', () => {
    const { subject: _subject, principal: _principal, trigger: _trigger, ...rest } = finding();
    const alert = composeAlert(group([{ ...rest, remediation: { text: 'Name the job.' } }]), scope);
    expect(texts(alert).email).toContain(
      'After:    no event that is known; first seen at 2026-11-20T10:00:05.000Z',
    );
    expect(texts(alert).email).not.toMatch(/In:|Look at:|undefined/);
    expect(JSON.parse(texts(alert).default).findings[0]).not.toHaveProperty('principal');
  });

  test('cuts off findings, not findings in half, and says how many', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      finding({ id: `finding-${index}`, severity: index === 2999 ? 'CRITICAL' : 'HIGH' }),
    );
    const [first = group([])] = alertGroups(
      many.map((one) => ({ status: 'OPENED', kind: 'opened', finding: one })),
    );
    const alert = composeAlert(first, scope);
    expect(alertBytes(alert)).toBeLessThan(262_144);
    expect(alertBytes(alert)).toBeGreaterThan(240_000);
    const { findings, more } = JSON.parse(texts(alert).default) as { findings: Finding[]; more: number };
    expect(findings[0]?.id).toBe('finding-2999');
    expect(findings.length + more).toBe(3000);
    expect(texts(alert).email).toMatch(new RegExp(`\\nand ${more} more\\n$`));
    expect(alert.subject).toMatch(/^CRITICAL FAILED: .* and 2999 more$/);
  });

  test('says how much evidence it leaves out, and leaves out a patch that would be cut', () => {
    const alert = composeAlert(
      group([
        finding({
          evidence: Array.from({ length: 9 }, (_, index) => ({ at: `/${index}`, found: 'a', expected: 'b' })),
          remediation: { text: 'Apply.', patch: `"${'x'.repeat(20_000)}"` },
        }),
      ]),
      scope,
    );
    const [told] = JSON.parse(texts(alert).default).findings;
    expect(told).toMatchObject({ moreEvidence: 4, remediation: { text: 'Apply.' } });
    expect(told.remediation).not.toHaveProperty('patch');
    expect(texts(alert).email).toContain('and 4 more places');
  });

  test('lets no name forge a line of the e-mail', () => {
    const alert = composeAlert(
      group([
        finding({ evidence: [{ at: '/x', found: 'a\n\n2. LOW PASSED: all is well', expected: 'b\u202E' }] }),
      ]),
      scope,
    );
    expect(
      texts(alert)
        .email.split('\n')
        .filter((line) => /^\d\./.test(line)),
    ).toHaveLength(1);
    expect(texts(alert).email).toContain('Expected: b\\u202E');
  });

  test('keeps to the limits, whatever the texts are', () => {
    const hostile = fc.oneof(
      fc.constantFrom('', '\n', '\u202Egnp.exe', '<script>alert(1)</script>', '\uD800', 'ü', '\uFFFF'),
      fc.constantFrom('x', '漢', '😀', '"', '\\', '\u0000', '\uDC00').map((part) => part.repeat(10_240)),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    const findings = fc.record({
      title: hostile,
      subject: hostile,
      principal: hostile,
      resource: fc.record({ type: fc.constant('event'), arn: hostile }),
      evidence: fc.array(fc.record({ at: hostile, found: hostile, expected: hostile }), { maxLength: 8 }),
      remediation: fc.record({ text: hostile, patch: hostile }),
      trigger: fc.record({ eventId: hostile, eventName: hostile, eventTime: hostile }),
    });
    fc.assert(
      fc.property(findings, fc.integer({ min: 1, max: 12 }), (changes, count) => {
        const one = finding(changes as Partial<Finding>);
        const alert = composeAlert(group(Array.from({ length: count }, () => one)), scope);
        expect(alertBytes(alert)).toBeLessThanOrEqual(250_000);
        expect(alert.subject).toMatch(/^[\x20-\x7E]{1,99}$/);
        expect(texts(alert).email).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]/u);
        const told = JSON.parse(texts(alert).default);
        expect(told.findings.length + told.more).toBe(count);
        expect(told.findings.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
