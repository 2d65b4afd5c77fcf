import { describe, expect, test } from '@jest/globals';
import { type Results, toResults } from '../../../../shared/outputs/formats/results.ts';
import { noticeText, reportNotice } from '../../../../shared/outputs/messages/report-notice.ts';
import { ACCOUNT, REGION, sagemakerArn } from '../../../support/builders/events.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { manyAccounts } from '../../../support/builders/many-accounts.ts';

const AT = '2026-11-24T06:00:00.000Z';
const KEY = 'reports/2026/11/24T0600/report.html';
const place = (partition = 'aws') => ({
  scope: { account: ACCOUNT, region: REGION, partition },
  bucket: 'acme-reports',
  key: KEY,
});

const resultsOf = (...findings: Parameters<typeof aFinding>[0][]): Results =>
  toResults({
    findings: findings.map((changes) => aFinding(changes)),
    generatedAt: AT,
    account: ACCOUNT,
    region: REGION,
    all: false,
  });

const notice = (results: Results, more: { previous?: Results; isIncomplete?: boolean } = {}) =>
  reportNotice(results, { isIncomplete: false, place: place(), ...more });

describe('the notice of a report', () => {
  test('says how much is open, what came and went, and where the report lies', () => {
    const results = resultsOf(
      { id: 'a', severity: 'HIGH' },
      { id: 'b', status: 'WARNING', severity: 'LOW' },
      { id: 'c', status: 'NOT_AVAILABLE' },
      { id: 'g', status: 'PASSED' },
      { id: 'd', suppression: { reason: 'known', expires: '2027-01-01' } },
    );
    const previous = resultsOf({ id: 'a' }, { id: 'e' }, { id: 'f' });
    const made = notice(results, { previous });
    expect(made.subject).toBe(`Pipewarden report: 1 failed, 1 warning in ${ACCOUNT} ${REGION}`);
    expect(noticeText(made)).toBe(
      [
        `Pipewarden: open findings of account ${ACCOUNT}, Region ${REGION}, at ${AT}`,
        '',
        '1 failed, 1 warning, 1 not available, 1 suppressed, 1 passed',
        'By severity: 1 high, 1 low',
        `Since ${AT}: 3 new, 2 not open any more`,
        '',
        '- HIGH step-isolation on fraud: Steps are isolated',
        '- MEDIUM step-isolation on fraud: Steps are isolated',
        '- LOW step-isolation on fraud: Steps are isolated',
        '',
        `Report: https://console.aws.amazon.com/s3/object/acme-reports?region=${REGION}&prefix=reports%2F2026%2F11%2F24T0600%2Freport.html`,
        `(s3://acme-reports/${KEY})`,
      ].join('\n'),
    );
  });

  test('says that it is not all, where states could not be read', () => {
    expect(notice(resultsOf(), { isIncomplete: true }).text).toContain('could not be read');
    expect(notice(resultsOf()).text).not.toContain('could not be read');
  });

  test('names the worst of many, and keeps lines and subject short whatever a name holds', () => {
    const hostile = sagemakerArn(`pipeline/${'x'.repeat(500)}\r\nReport: https://evil.example`);
    const results = resultsOf(
      ...Array.from({ length: 7 }, (_, index) => ({
        id: String(index),
        resource: { type: 'pipeline' as const, arn: hostile },
      })),
    );
    const made = notice(results);
    const { subject } = made;
    const lines = noticeText(made).split('\n');
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(5);
    expect(lines).toContain('… and 2 more');
    expect(lines.filter((line) => line.startsWith('Report: '))).toHaveLength(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(200);
    expect(subject.length).toBeLessThan(100);
  });

  test.each([
    ['aws-cn', 'console.amazonaws.cn'],
    ['aws-us-gov', 'console.amazonaws-us-gov.com'],
  ])('leads to the console of %s', (partition, host) => {
    const { link } = reportNotice(resultsOf(), { isIncomplete: false, place: place(partition) });
    expect(link).toContain(`https://${host}/s3/object/acme-reports`);
  });

  test('reminds of exceptions that end within 30 days, and of no others', () => {
    const ending = (expires: string) =>
      notice({
        ...resultsOf(),
        exceptions: [
          { kind: 'suppression', control: 'step-isolation', resource: 'x\ny', reason: 'known', expires },
        ],
      }).text;
    expect(ending('2026-12-10')).toContain(
      'Exceptions: 1 exception; within 30 days: step-isolation on x y ends on 2026-12-10\n',
    );
    expect(ending('2027-06-01')).not.toContain('Exceptions');
  });

  test('of several accounts says how many were judged, and tells one cause in all of them once', () => {
    const results = manyAccounts(50, { perAccount: 2, isAlike: true });
    const { subject, text } = reportNotice(results, {
      isIncomplete: false,
      place: {
        scope: { account: '100000000001', region: 'eu-west-1', partition: 'aws' },
        bucket: 'reports',
        key: 'k',
      },
    });
    expect(subject).toBe('Pipewarden report: 100 failed, 0 warnings in 50 accounts');
    expect(text).toContain('open findings of 50 accounts, Region eu-west-1, us-east-1, at');
    expect(text).toContain(
      '50 of 50 accounts judged, in 2 Regions; not judged: ml-49 100000388032 us-east-1',
    );
    expect(text).toContain('- CRITICAL step-isolation on team-0-pipeline-0 in 50 accounts: ');
    expect(text.split('\n').length).toBeLessThan(15);
  });
});
