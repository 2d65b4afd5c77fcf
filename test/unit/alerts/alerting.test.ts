import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AlertStatus,
  alertOf,
  type EndStatus,
  endStatus,
  endText,
  type LastTold,
  processMemory,
  toldBy,
} from '../../../shared/alerts/alerting.ts';
import { type Finding, SEVERITIES, STATUSES, severityRank } from '../../../shared/domain/finding.ts';
import {
  CHANGE_KINDS,
  type Change,
  CLOSING_KINDS,
  type ClosingKind,
} from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';

const fromHigh = ({ severity }: Finding): boolean => severityRank(severity) >= severityRank('HIGH');

const change = (kind: Change['kind'], changes: Partial<Finding> = {}): Change => ({
  kind,
  finding: aFinding({ severity: 'HIGH', ...changes }),
});

/** What is told of these changes, one after the other. */
const tell = (...changes: Change[]): (AlertStatus | undefined)[] => {
  let told: LastTold | undefined;
  return changes.map((one) => {
    const alert = alertOf(one, told, fromHigh);
    if (alert) told = toldBy(alert);
    return alert?.status;
  });
};

const mended = change('resolved', { status: 'PASSED' });
const suppression = { reason: 'known', expires: '2026-12-31' };

/** What people are told of each end: only the first may be taken for mended. */
const ENDS: Readonly<Record<ClosingKind, EndStatus>> = {
  resolved: 'RESOLVED',
  gone: 'CLOSED',
  gathered: 'CLOSED',
  expired: 'CLOSED',
  unjudged: 'NOT_JUDGED',
};

describe('alertOf', () => {
  test.each<[string, Change[], (AlertStatus | undefined)[]]>([
    [
      'opened, mended, back',
      [change('opened'), mended, change('opened')],
      ['OPENED', 'RESOLVED', 'REOPENED'],
    ],
    [
      'everything twice',
      [change('opened'), change('opened'), mended, mended],
      ['OPENED', undefined, 'RESOLVED', undefined],
    ],
    ['an end without a beginning', [mended], [undefined]],
    ['below what is wanted', [change('opened', { severity: 'LOW' }), mended], [undefined, undefined]],
    ['at risk', [change('opened', { status: 'WARNING' })], ['OPENED']],
    ['what could not be read', [change('opened', { status: 'NOT_AVAILABLE' })], [undefined]],
    ['suppressed from the start', [change('opened', { suppression })], [undefined]],
    ['suppressed later', [change('opened'), change('changed', { suppression })], ['OPENED', 'SUPPRESSED']],
    ...CLOSING_KINDS.map((kind): [string, Change[], (AlertStatus | undefined)[]] => [
      `ended as ${kind}`,
      [change('opened'), change(kind, { status: 'NOT_AVAILABLE' })],
      ['OPENED', ENDS[kind]],
    ]),
    [
      'not judged any more, and judged again',
      [change('opened'), change('unjudged', { status: 'NOT_AVAILABLE' }), change('opened')],
      ['OPENED', 'NOT_JUDGED', 'REOPENED'],
    ],
    [
      'open by its last verdict, while it cannot be judged',
      [change('opened'), change('changed', { unjudged: { since: 'x', why: 'unread', because: 'y' } })],
      ['OPENED', 'CHANGED'],
    ],
    ['graver', [change('opened'), change('changed', { severity: 'CRITICAL' })], ['OPENED', 'WORSENED']],
    [
      'less grave and back, which is not graver than what was told',
      [change('opened'), change('changed', { severity: 'LOW' }), change('changed')],
      ['OPENED', 'CHANGED', 'CHANGED'],
    ],
    [
      'a change that makes it worth telling',
      [change('opened', { severity: 'LOW' }), change('changed')],
      [undefined, 'OPENED'],
    ],
  ])('%s', (_what, changes, expected) => {
    expect(tell(...changes)).toEqual(expected);
  });

  test('a channel hears of beginnings and ends in turn, whatever the changes and their order', () => {
    const changes = fc.record({
      kind: fc.constantFrom(...CHANGE_KINDS),
      severity: fc.constantFrom(...SEVERITIES),
      status: fc.constantFrom('FAILED', 'WARNING', 'NOT_AVAILABLE'),
      suppression: fc.option(fc.constant(suppression), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(changes), (list) => {
        const told = tell(
          ...list.map(({ kind, suppression: by, ...rest }) =>
            change(kind, { ...rest, ...(by && { suppression: by }) }),
          ),
        );
        const turns = told.filter(
          (status) => status !== undefined && !['CHANGED', 'WORSENED'].includes(status),
        );
        expect(turns.map((status) => (status && endStatus({ status }) ? 'END' : status))).toEqual(
          turns.map((_, index) => (index === 0 ? 'OPENED' : index % 2 === 1 ? 'END' : 'REOPENED')),
        );
      }),
    );
  });
});

test('a finding is called mended only where its control judged it again and it passes', () => {
  const remediation = { text: 'Why it ended.' };
  const told = CLOSING_KINDS.flatMap((kind) =>
    STATUSES.filter((status) => kind === 'resolved' || status !== 'PASSED').map((status) => [
      kind,
      status,
      endText(change(kind, { status, remediation })),
    ]),
  );
  expect(told.filter(([, , text]) => text !== remediation.text)).toEqual([
    ['resolved', 'PASSED', 'Mended: judged again, and it passes.'],
  ]);
  expect(endText(change('changed', { suppression, status: 'PASSED' }))).toBe(
    'Suppressed until 2026-12-31: known',
  );
});

test('the memory keeps channels and findings apart', async () => {
  const memory = processMemory();
  const told: LastTold = { state: 'open', severity: 'HIGH', fingerprint: 'x' };
  await memory.remember('Slack', new Map([['a', told]]));
  expect(await memory.recall('Slack', ['a', 'b'])).toEqual(new Map([['a', told]]));
  expect(await memory.recall('SNS', ['a'])).toEqual(new Map());
});
