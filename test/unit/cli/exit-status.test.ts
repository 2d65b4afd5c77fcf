import { describe, expect, test } from '@jest/globals';
import { exitStatus, exitText } from '../../../cli/exit-status.ts';
import { overviewOf } from '../../../shared/outputs/formats/overview.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { resultsWith } from '../../support/builders/results.ts';

const suppression = { reason: 'known', expires: '2999-01-01' };
const HIGH = aFinding({ status: 'FAILED', severity: 'HIGH' });
const LOW = aFinding({ status: 'WARNING', severity: 'LOW' });
const OPEN = aFinding({ status: 'NOT_AVAILABLE', severity: 'MEDIUM' });

describe('the exit status and what is said of it', () => {
  test.each<[Parameters<typeof exitStatus>[1], ReturnType<typeof aFinding>[], number, string]>([
    [{ failOn: 'high', unread: 'fail' }, [], 0, 'exit 0: nothing of high or above (--fail-on) was found'],
    [
      { failOn: 'high', unread: 'fail' },
      [HIGH, LOW, OPEN],
      1,
      'exit 1: 1 finding of high or above (--fail-on); 1 finding below it; 1 could not be judged',
    ],
    [
      { failOn: 'high', unread: 'fail' },
      [LOW, LOW, OPEN],
      3,
      'exit 3: nothing of high or above (--fail-on) was found, but 1 could not be judged, so that this is no pass (--unread ok lets it be one); 2 findings below it',
    ],
    [
      { failOn: 'none', unread: 'ok' },
      [HIGH, OPEN],
      0,
      'exit 0: no finding fails the run (--fail-on none); 1 finding; 1 could not be judged, which --unread ok lets be',
    ],
    [
      { failOn: 'none', unread: 'fail' },
      [HIGH, OPEN],
      3,
      'exit 3: no finding fails the run (--fail-on none), but 1 could not be judged, so that this is no pass (--unread ok lets it be one); 1 finding',
    ],
    [
      { failOn: 'low', unread: 'fail' },
      [
        { ...HIGH, suppression },
        { ...OPEN, suppression },
      ],
      0,
      'exit 0: nothing of low or above (--fail-on) was found; 2 suppressed',
    ],
  ])('%j', (asked, findings, status, text) => {
    const results = resultsWith(findings);
    expect([exitStatus(results, asked), exitText(results, asked)]).toEqual([status, text]);
  });

  test('findings of one cause count once, with their gravest, as in the summary', () => {
    const cause = 'policy';
    const results = resultsWith([{ ...LOW, cause }, { ...HIGH, cause }, LOW]);
    expect(exitText(results, { failOn: 'high', unread: 'fail' })).toBe(
      'exit 1: 1 finding of high or above (--fail-on); 1 finding below it',
    );
  });

  test('a list that the configuration lacks is no finding below the threshold', () => {
    const lacking = aFinding({
      control: 'evidence-readable',
      status: 'WARNING',
      severity: 'LOW',
      resource: { type: 'configuration', arn: 'pipewarden.yaml' },
    });
    const { subject: _, ...finding } = lacking;
    expect(exitText(resultsWith([finding]), { failOn: 'high', unread: 'fail' })).toBe(
      'exit 0: nothing of high or above (--fail-on) was found',
    );
  });

  test('controls without their lists are told', () => {
    const results = {
      ...resultsWith([]),
      overview: overviewOf([], { notConfigured: [{ list: 'prefixes', controls: ['a'] }] }),
      // That of a list which is given as empty waits for nothing.
      controlsOff: [
        { control: 'a', why: 'not-configured' as const, because: 'x' },
        { control: 'b', why: 'not-configured' as const, because: 'y' },
        { control: 'c', why: 'control-off' as const, because: 'z' },
      ],
    };
    expect(exitText(results, { failOn: 'high', unread: 'fail' })).toBe(
      'exit 0: nothing of high or above (--fail-on) was found; 1 control did not judge, as the configuration lacks its lists',
    );
  });
});
