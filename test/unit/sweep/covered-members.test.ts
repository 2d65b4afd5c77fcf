import { describe, expect, test } from '@jest/globals';
import { NOT_WATCHED, type ScopeCoverage } from '../../../shared/facts/coverage.ts';
import { memberTable } from '../../../shared/outputs/pages/member-table.ts';
import { coveredMembers, type Members, type StackInstance } from '../../../shared/sweep/covered-members.ts';

const NOW = new Date('2026-11-24T10:00:00.000Z');
const ASKED = { schedule: 'rate(6 hours)', now: NOW };
const [ONE, OTHER] = ['444455556666', '777788889999'] as const;

const seen = (account: string, region: string, told: Partial<ScopeCoverage> = {}): ScopeCoverage => ({
  account,
  region,
  firstAt: '2026-11-01T00:00:00.000Z',
  triedAt: '2026-11-24T08:00:00.000Z',
  lastSweep: '2026-11-24T08:00:00.000Z',
  ...told,
});
const instance = (account: string, region: string, told: Partial<StackInstance> = {}): StackInstance => ({
  account,
  region,
  isCurrent: true,
  isDrifted: false,
  status: 'SUCCEEDED',
  ...told,
});

const only = (members: Members) => {
  const [member, ...others] = coveredMembers(members, ASKED);
  expect(others).toEqual([]);
  return member;
};

describe('an account and Region of a hub', () => {
  test('is covered where its role works and its sweep is in time, in the order of accounts and Regions', () => {
    const coverage = [seen(OTHER, 'eu-west-1'), seen(ONE, 'us-east-1'), seen(ONE, 'eu-west-1')];
    const listed = coveredMembers({ coverage }, ASKED);
    expect(listed.map(({ account, region, isCovered, why }) => [account, region, isCovered, why])).toEqual([
      [ONE, 'eu-west-1', true, undefined],
      [ONE, 'us-east-1', true, undefined],
      [OTHER, 'eu-west-1', true, undefined],
    ]);
  });

  test('is told with the unit that holds it, by name where a sweep has read it', () => {
    const path = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/';
    const unitOf = (told: Partial<ScopeCoverage>) => only({ coverage: [seen(ONE, 'eu-west-1', told)] })?.unit;
    expect(unitOf({})).toBeUndefined();
    expect(unitOf({ path })).toBe('ou-ab12-22222222');
    expect(unitOf({ path, unitNames: { 'ou-ab12-22222222': 'Fraud' } })).toBe('Fraud (ou-ab12-22222222)');
    const hostile = unitOf({ path, unitNames: { 'ou-ab12-22222222': `\u001b[2J${'x'.repeat(500)}` } });
    expect(hostile?.length).toBeLessThan(100);
    expect(hostile).not.toContain('\u001b');
  });

  test('that the configuration does not name any more is told as such', () => {
    const member = only({ coverage: [seen(ONE, 'eu-west-1', { unread: NOT_WATCHED })] });
    expect(member).toMatchObject({
      isCovered: false,
      isUnwatched: true,
      todo: expect.stringMatching(/^nothing/),
    });
    expect(member && memberTable([member])).toContain('not watched');
  });

  const unread = (call: string, code: string) => ({ call, code, message: 'AWS says no' });
  test.each<[string, Members, string, string]>([
    [
      'whose role cannot be assumed',
      { coverage: [seen(ONE, 'eu-west-1', { unread: unread('AssumeRole', 'AccessDenied') })] },
      'AssumeRole: AccessDenied: AWS says no',
      'PipewardenMemberRoles',
    ],
    [
      'where the home Region of the hub is off',
      { coverage: [seen(ONE, 'eu-west-1', { unread: unread('AssumeRole', 'RegionDisabledException') })] },
      'RegionDisabledException',
      'turn the home Region of the hub on',
    ],
    [
      'whose Region is off',
      { coverage: [seen(ONE, 'eu-west-1', { unread: unread('ListPipelines', 'NoAccess') })] },
      'NoAccess',
      'turn the Region on',
    ],
    [
      'whose pipelines an SCP hides',
      { coverage: [seen(ONE, 'eu-west-1', { unread: unread('ListPipelines', 'AccessDeniedException') })] },
      'AccessDeniedException',
      'no SCP and no policy denies ListPipelines',
    ],
    [
      'that is suspended',
      { coverage: [seen(ONE, 'eu-west-1', { unread: unread('ListAccountsForParent', 'NotActive') })] },
      'NotActive',
      'organization.exclude',
    ],
    [
      'whose sweep is overdue',
      { coverage: [seen(ONE, 'eu-west-1', { lastSweep: '2026-11-23T20:00:00.000Z' })] },
      'no sweep has been complete since 2026-11-23T20:00:00.000Z',
      'state machine',
    ],
    [
      'that AWS has set up and no sweep has tried',
      { coverage: [], roles: [], rules: [instance(ONE, 'eu-west-1')] },
      'no sweep has tried to read it yet',
      'start one',
    ],
    [
      'whose rules could not be set up',
      {
        coverage: [seen(ONE, 'eu-west-1')],
        rules: [
          instance(ONE, 'eu-west-1', { isCurrent: false, status: 'FAILED: the limit of rules is reached' }),
        ],
      },
      'its rules are not current: FAILED: the limit of rules is reached',
      'PipewardenMemberRules',
    ],
    [
      'whose roles were changed by hand',
      { coverage: [seen(ONE, 'eu-west-1')], roles: [instance(ONE, 'us-east-1', { isDrifted: true })] },
      'its roles were changed by hand',
      'PipewardenMemberRoles',
    ],
  ])('%s is not covered, with the reason and what to do', (_, members, why, todo) => {
    const member = only(members);
    expect(member).toMatchObject({
      isCovered: false,
      why: expect.stringContaining(why),
      todo: expect.stringContaining(todo),
    });
  });

  test('is one line for a terminal, which nothing in an answer of AWS can forge', () => {
    const said = {
      ...unread('AssumeRole', 'AccessDenied'),
      message: `no\n${OTHER}  eu-west-1  yes\u001b[2K`,
    };
    const text = memberTable(coveredMembers({ coverage: [seen(ONE, 'eu-west-1', { unread: said })] }, ASKED));
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^444455556666 {2}eu-west-1 {2}- {5}no {7}2026-11-24 08:00 {2}- /);
    expect(text).not.toContain('\u001b');
  });
});
