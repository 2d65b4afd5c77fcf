import { describe, expect, test } from '@jest/globals';
import { heldUntil } from '../../../shared/alerts/alert-hours.ts';
import type { Alerts } from '../../../shared/config/schema.ts';
import type { Severity } from '../../../shared/domain/finding.ts';

const until = (
  now: string,
  hours: Pick<Alerts, 'digest' | 'quietHours'>,
  { severity = 'HIGH', since = now }: { severity?: Severity; since?: string } = {},
): string | undefined => heldUntil({ severity, since }, new Date(now), hours)?.toISOString();

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' };
  test.each<[string, string | undefined]>([
    ['2026-11-24T20:59:59.000Z', undefined],
    ['2026-11-24T21:00:00.000Z', '2026-11-25T06:00:00.000Z'],
    ['2026-11-24T23:30:30.500Z', '2026-11-25T06:00:00.000Z'],
    ['2026-11-25T05:59:59.000Z', '2026-11-25T06:00:00.000Z'],
    ['2026-11-25T06:00:00.000Z', undefined],
    ['2026-07-01T04:30:00.000Z', '2026-07-01T05:00:00.000Z'], // summer time
  ])('that span midnight hold a message back at %s: %s', (now, expected) => {
    expect(until(now, { quietHours: night })).toBe(expected);
  });

  test('within one day hold a message back until their end', () => {
    const noon = { from: '12:00', to: '13:00', timezone: 'UTC' };
    expect(until('2026-11-24T12:20:00.000Z', { quietHours: noon })).toBe('2026-11-24T13:00:00.000Z');
    expect(until('2026-11-24T11:59:00.000Z', { quietHours: noon })).toBeUndefined();
  });

  test('hold nothing back from the configured severity on', () => {
    const quietHours = { ...night, exceptSeverity: 'high' as const };
    const now = '2026-11-24T23:00:00.000Z';
    expect(until(now, { quietHours }, { severity: 'HIGH' })).toBeUndefined();
    expect(until(now, { quietHours }, { severity: 'MEDIUM' })).toBeDefined();
  });
});

describe('a digest', () => {
  const digest = { minutes: 15 };
  test('holds all findings of a window back until the window ends', () => {
    expect(until('2026-11-24T10:02:00.000Z', { digest })).toBe('2026-11-24T10:15:00.000Z');
    expect(until('2026-11-24T10:14:59.999Z', { digest })).toBe('2026-11-24T10:15:00.000Z');
    const since = '2026-11-24T10:02:00.000Z';
    expect(until('2026-11-24T10:15:00.000Z', { digest }, { since })).toBeUndefined();
  });

  test('does not hold back critical findings, or those that the configuration excepts', () => {
    const now = '2026-11-24T10:02:00.000Z';
    expect(until(now, { digest }, { severity: 'CRITICAL' })).toBeUndefined();
    expect(until(now, { digest: { minutes: 15, exceptSeverity: 'high' } })).toBeUndefined();
    expect(until(now, { digest: { minutes: 0 } })).toBeUndefined();
  });

  test('and quiet hours together hold a message back until the later end', () => {
    const quietHours = { from: '10:00', to: '10:10', timezone: 'UTC' };
    expect(until('2026-11-24T10:02:00.000Z', { digest, quietHours })).toBe('2026-11-24T10:15:00.000Z');
  });
});
