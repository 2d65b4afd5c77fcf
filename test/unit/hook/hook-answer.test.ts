import { describe, expect, test } from '@jest/globals';
import { answerTo, unjudgedAnswer } from '../../../functions/hook/hook-answer.ts';
import type { ToldFinding } from '../../../functions/hook/judge-template.ts';

const finding = (more: Partial<ToldFinding> = {}): ToldFinding => ({
  control: 'pass-role-scoped',
  severity: 'HIGH',
  status: 'FAILED',
  where: 'TrainRole (line 12)',
  found: 'statement 0 passes any role',
  expected: 'the roles of its pipelines alone',
  remedy: 'Name the roles in Resource.',
  ...more,
});
const settings = { severity: 'HIGH', isOfCloudControl: false } as const;

describe('an answer', () => {
  test('refuses what is FAILED from the severity on, and says what is wrong where and how to mend it', () => {
    const answer = answerTo({ findings: [finding()], problems: [], untold: [] }, settings);
    expect(answer).toEqual({
      hookStatus: 'FAILED',
      errorCode: 'NonCompliant',
      message:
        'Pipewarden: 1 finding of HIGH or more.\n' +
        '1. pass-role-scoped on TrainRole (line 12) (HIGH): statement 0 passes any role; expected: the roles of its pipelines alone. To mend it: Name the roles in Resource.',
    });
  });

  test.each<[string, Partial<ToldFinding>]>([
    ['less severe', { severity: 'MEDIUM' }],
    ['a warning', { status: 'WARNING', severity: 'CRITICAL' }],
  ])('lets pass what is %s, and tells it', (_, more) => {
    const { status, severity } = finding(more);
    const answer = answerTo({ findings: [finding(more)], problems: [], untold: [] }, settings);
    expect(answer).toEqual({
      hookStatus: 'SUCCESS',
      message: `Pipewarden found nothing that refuses it.\nLess than that: pass-role-scoped on TrainRole (line 12) (${status} ${severity}).`,
    });
  });

  test('lets pass what is not told before the deployment, and tells that', () => {
    const { hookStatus, message } = answerTo(
      {
        findings: [finding({ status: 'NOT_AVAILABLE' })],
        problems: ['line 3: no such function'],
        untold: [],
      },
      settings,
    );
    expect(hookStatus).toBe('SUCCESS');
    expect(message).toContain('Not told before the deployment: pass-role-scoped on TrainRole (line 12).');
    expect(message).toContain('Not understood: line 3: no such function.');
  });

  test('refuses by the severity that the deployment has chosen', () => {
    const judged = { findings: [finding({ severity: 'LOW' })], problems: [], untold: [] };
    expect(answerTo(judged, { ...settings, severity: 'LOW' }).hookStatus).toBe('FAILED');
    expect(answerTo(judged, { ...settings, severity: 'CRITICAL' }).hookStatus).toBe('SUCCESS');
  });

  test.each([
    [false, 4096],
    [true, 1024],
  ])(
    'has no more characters than CloudFormation shows (of the Cloud Control API: %p)',
    (isOfCloudControl, most) => {
      const findings = Array.from({ length: 60 }, (_, index) => finding({ where: `Role${index}` }));
      const { message } = answerTo({ findings, problems: [], untold: [] }, { ...settings, isOfCloudControl });
      expect(message.length).toBeLessThanOrEqual(most);
      expect(message).toMatch(/60 findings of HIGH or more/);
      expect(message).toMatch(/… and \d+ lines more$/);
      const huge = finding({
        found: 'x'.repeat(50_000),
        expected: 'y'.repeat(50_000),
        where: 'z'.repeat(9000),
      });
      const of = answerTo(
        { findings: [huge], problems: [], untold: [] },
        { ...settings, isOfCloudControl },
      ).message;
      expect(of.length).toBeLessThanOrEqual(most);
      expect(of).toContain('pass-role-scoped on zzz');
    },
  );

  test('shows what hides in hostile names, each finding in one line', () => {
    const { message } = answerTo(
      {
        findings: [finding({ where: 'Role\n2. all is well\u202e', found: 'a\u0000b' })],
        problems: [],
        untold: [],
      },
      settings,
    );
    expect(message.split('\n')).toHaveLength(2);
    expect(message).toContain('Role 2. all is well\\u202E');
    expect(message).toContain('a\\u0000b');
  });
});

test('what cannot be judged is let pass with the reason, and refused if the deployment is strict', () => {
  const reason = 'the account has no index yet';
  const message = 'Pipewarden could not judge it: the account has no index yet.';
  expect(unjudgedAnswer(reason, { isStrict: false, isOfCloudControl: false })).toEqual({
    hookStatus: 'SUCCESS',
    message,
  });
  expect(unjudgedAnswer(reason, { isStrict: true, isOfCloudControl: true })).toEqual({
    hookStatus: 'FAILED',
    errorCode: 'InternalFailure',
    message,
  });
});
