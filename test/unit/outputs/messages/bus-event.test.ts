import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { UNJUDGED_WHYS } from '../../../../shared/domain/judgement.ts';
import { type Change, CLOSING_KINDS } from '../../../../shared/findings/state.ts';
import { busBatches, toBusEvent } from '../../../../shared/outputs/messages/bus-event.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

const eventOf = (kind: Change['kind'], over: Partial<Finding> = {}) => {
  const { Detail, ...event } = toBusEvent({ kind, finding: aFinding(over) }, scope);
  return {
    ...event,
    detail: JSON.parse(Detail) as Record<string, unknown>,
    bytes: Buffer.byteLength(Detail),
  };
};

describe('an event on the bus', () => {
  test('holds the finding as the results file has it, with its account and Region', () => {
    const { bytes: _, ...event } = eventOf('opened');
    expect(event).toEqual({
      Source: 'pipewarden',
      DetailType: 'Pipewarden Finding Opened',
      Resources: ['arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud'],
      detail: {
        ...aFinding(),
        account: '111122223333',
        region: 'eu-west-1',
        changeId: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });

  const idOf = (kind: Change['kind'], over?: Partial<Finding>) => eventOf(kind, over).detail.changeId;

  test.each<Change['kind']>(['opened', ...CLOSING_KINDS])(
    'of a finding that is %s has the same id when it is sent again, whatever has been seen since',
    (kind) => {
      const since = { lastObservedAt: '2026-02-01T00:00:00.000Z', evidence: [] };
      expect(idOf(kind, since)).toBe(idOf(kind));
    },
  );

  test('has another id for each beginning and end of a finding, and each time that it says something else', () => {
    const later = { lastObservedAt: '2026-02-01T00:00:00.000Z' };
    const again = { firstObservedAt: '2026-02-01T00:00:00.000Z' };
    const ids = [
      ...[{}, again, { severity: 'CRITICAL' as const }, { status: 'WARNING' as const }].map((over) =>
        idOf('opened', over),
      ),
      ...[{}, again].map((over) => idOf('resolved', over)),
      ...[{}, later, { title: 'other' }].map((over) => idOf('changed', over)),
      idOf('opened', { id: 'pipewarden/other/1' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each<[Change['kind'], Partial<Finding>, string, string | undefined]>([
    ['changed', {}, 'Changed', undefined],
    ['refreshed', {}, 'Changed', undefined],
    ['resolved', { status: 'PASSED' }, 'Resolved', 'mended'],
    ['resolved', { status: 'NOT_APPLICABLE' }, 'Resolved', 'not-applicable'],
    ['gone', { status: 'NOT_AVAILABLE' }, 'Closed', 'gone'],
    ['gathered', { status: 'NOT_AVAILABLE' }, 'Closed', 'gathered'],
    ['expired', { status: 'NOT_AVAILABLE' }, 'Closed', 'expired'],
    ...UNJUDGED_WHYS.map((why): [Change['kind'], Partial<Finding>, string, string] => [
      'unjudged',
      { status: 'NOT_AVAILABLE', unjudged: { since: '2026-11-24T00:00:00Z', why, because: 'x' } },
      'Not Judged',
      why,
    ]),
  ])('of a finding that is %s with %j is called %s, with the reason %s', (kind, over, name, reason) => {
    const { DetailType, detail } = eventOf(kind, over);
    expect([DetailType, detail.reason]).toEqual([`Pipewarden Finding ${name}`, reason]);
  });

  test('names no resource where the finding is about a file', () => {
    const resource = { type: 'event' as const, arn: 'events.json:3' };
    expect(eventOf('opened', { resource }).Resources).toEqual([]);
  });

  test('of a huge finding has as much evidence as fits, and says how much it leaves out', () => {
    const evidence = Array.from({ length: 500 }, (_, index) => ({
      at: `/Steps/${index}`,
      found: '漢'.repeat(1000),
      expected: 'x',
    }));
    const long = 'é'.repeat(300_000);
    const remediation = { text: long, patch: long };
    const { detail, bytes } = eventOf('opened', { evidence, remediation, title: long, principal: long });
    const shown = (detail.evidence as object[]).length;
    expect(bytes).toBeLessThan(240_000);
    expect(shown).toBeGreaterThan(20);
    expect(detail.evidenceOmitted).toBe(500 - shown);
    expect(detail.remediation).not.toHaveProperty('patch');
  });

  test('has no half of a surrogate pair', () => {
    expect(eventOf('opened', { title: 'x\uD800' }).detail.title).toBe('x\uFFFD');
  });
});

describe('events go in groups', () => {
  const event = toBusEvent({ kind: 'opened', finding: aFinding() }, scope);

  test('of ten', () => {
    expect(busBatches(Array(25).fill(event)).map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(busBatches([])).toEqual([]);
  });

  test('of 256 KB', () => {
    const large = { ...event, Detail: JSON.stringify('x'.repeat(100_000)) };
    expect(busBatches([large, large, large, event]).map(({ length }) => length)).toEqual([2, 2]);
  });
});
