import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alertOf, processMemory, type Told, toldBy } from '../../../shared/alerts/alerting.ts';
import { type Finding, SEVERITIES, severityRank } from '../../../shared/domain/finding.ts';
import type { Change } from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';

const fromHigh = ({ severity }: Finding): boolean => severityRank(severity) >= severityRank('HIGH');

const change = (kind: Change['kind'], changes: Partial<Finding> = {}): Change => ({
  kind,
  finding: aFinding({ severity: 'HIGH', ...changes }),
});

/** What is told of these changes, one after the other. */
const tell = (...changes: Change[]): (string | undefined)[] => {
  let told: Told | undefined;
  return changes.map((one) => {
    const alert = alertOf(one, told, fromHigh);
    if (alert) told = toldBy(alert);
    return alert?.status;
  });
};

const mended = change('resolved', { status: 'PASSED' });
const suppression = { reason: 'known', expires: '2026-12-31' };

describe('alertOf', () => {
  test.each<[string, Change[], (string | undefined)[]]>([
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
    ['suppressed later', [change('opened'), change('changed', { suppression })], ['OPENED', 'RESOLVED']],
    ['expired', [change('opened'), change('expired', { status: 'NOT_AVAILABLE' })], ['OPENED', 'RESOLVED']],
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

  test('beginnings and ends alternate, whatever comes in whatever order', () => {
    const changes = fc.record({
      kind: fc.constantFrom('opened', 'changed', 'resolved', 'expired'),
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
        expect(turns).toEqual(
          turns.map((_, index) => (index === 0 ? 'OPENED' : index % 2 === 1 ? 'RESOLVED' : 'REOPENED')),
        );
      }),
    );
  });
});

test('the memory keeps channels and findings apart', async () => {
  const memory = processMemory();
  const told: Told = { state: 'open', severity: 'HIGH', fingerprint: 'x' };
  await memory.remember('Slack', new Map([['a', told]]));
  expect(await memory.recall('Slack', ['a', 'b'])).toEqual(new Map([['a', told]]));
  expect(await memory.recall('SNS', ['a'])).toEqual(new Map());
});
