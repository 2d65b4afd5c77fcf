import type { Alerts } from '../config/schema.ts';
import { type Severity, severityRank } from '../domain/finding.ts';
import { minimumSeverity } from './alert-routes.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** What a new message would report: the severity, and since when (ISO 8601). */
export type Occasion = { severity: Severity; since: string };

/**
 * Until when a new message is held back: the end of its digest window or of the quiet hours, whichever is later.
 * Undefined where the message may go now. Digest windows begin at midnight UTC, so that all findings of one window come
 * due together, whichever function saw them.
 */
export const heldUntil = (
  { severity, since }: Occasion,
  now: Date,
  { digest, quietHours }: Pick<Alerts, 'digest' | 'quietHours'> = {},
): Date | undefined => {
  const ends = [
    ...(digest && !isExcepted(severity, digest.exceptSeverity ?? 'critical')
      ? [windowEnd(Date.parse(since), digest.minutes)]
      : []),
    ...(quietHours && !isExcepted(severity, quietHours.exceptSeverity) ? [quietEnd(now, quietHours)] : []),
  ].filter((end) => end > now.valueOf());
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
};

const isExcepted = (severity: Severity, from: Alerts['minimumSeverity']): boolean =>
  from !== undefined && severityRank(severity) >= severityRank(minimumSeverity(from));

const windowEnd = (since: number, minutes: number): number => {
  if (minutes === 0) return since;
  const length = minutes * MINUTE_MS;
  return (Math.floor(since / length) + 1) * length;
};

/**
 * When the quiet hours end; `now` itself where it is not within them. The result is an hour off where daylight saving
 * time begins or ends within the quiet hours.
 */
const quietEnd = (now: Date, { from, to, timezone }: NonNullable<Alerts['quietHours']>): number => {
  const at = minutesOfDay(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(now),
  );
  const [begin, end] = [minutesOfDay(from), minutesOfDay(to)];
  const isQuiet = begin < end ? at >= begin && at < end : at >= begin || at < end;
  if (!isQuiet) return now.valueOf();
  const minutes = (end - at + DAY_MINUTES) % DAY_MINUTES;
  return Math.floor(now.valueOf() / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS;
};

const minutesOfDay = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
};
