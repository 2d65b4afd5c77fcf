import { isCalendarDate } from '../../text/calendar-date.ts';

/** What a pack is about: days (YYYY-MM-DD, in UTC, both included), and the accounts and Regions, where it is not about all. */
export type Asked = {
  from: string;
  to: string;
  accounts: readonly string[];
  regions: readonly string[];
  /** When the pack is made (ISO 8601). What comes later is not in it. */
  madeAt: string;
};

/**
 * For how long a verdict stands after its look: sweeps look at everything each six hours, or each day at least. Later nobody knows.
 * What has run is judged once, and its verdict stands.
 */
export const STANDS_HOURS = 48;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The later one of two times. */
export const laterOf = (one: string, other: string): string =>
  Date.parse(one) < Date.parse(other) ? other : one;

/** The whole hours between two times. */
export const hoursBetween = (from: string, until: string): number =>
  Math.floor((Date.parse(until) - Date.parse(from)) / HOUR);

/** The time (ISO 8601) so many hours later. */
export const hoursAfter = (time: string, hours: number): string =>
  new Date(Date.parse(time) + hours * HOUR).toISOString();

/** The beginning of a period (ISO 8601). */
export const beginOf = ({ from }: Asked): string => `${from}T00:00:00.000Z`;

/** The end of a period (ISO 8601), which is not part of it: that of its last day, or when the pack is made where that is earlier. */
export const endOf = ({ to, madeAt }: Asked): string => {
  const end = new Date(Date.parse(`${to}T00:00:00.000Z`) + DAY).toISOString();
  return end < madeAt ? end : madeAt;
};

/** The first day whose records are read: what was known when the period began rests on looks before it. */
const leadIn = ({ from }: Asked): string =>
  new Date(Date.parse(`${from}T00:00:00.000Z`) - STANDS_HOURS * HOUR).toISOString().slice(0, 10);

/** All days of which records are read, in order. */
export const daysOf = (asked: Asked): string[] => {
  const days: string[] = [];
  for (let at = Date.parse(`${leadIn(asked)}T00:00:00.000Z`); at < Date.parse(endOf(asked)); at += DAY)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
};

const MOST_DAYS = 366;

/** What is wrong with a period, in words that say what to do; undefined for a good one. */
export const periodProblem = (asked: Asked): string | undefined => {
  const { from, to, madeAt } = asked;
  for (const [name, day] of Object.entries({ from, to }))
    if (!isCalendarDate(day)) return `--${name} ${JSON.stringify(day)} is no day: write it as 2026-11-30`;
  if (to < from) return `--to ${to} is before --from ${from}`;
  if (beginOf(asked) >= madeAt)
    return `--from ${from} has not begun yet (in UTC): nothing is recorded of what is to come`;
  return daysOf(asked).length > MOST_DAYS + 2
    ? `from ${from} to ${to} are more than ${MOST_DAYS} days: make a pack for each year`
    : undefined;
};

/** The days of a month (YYYY-MM); undefined for a text that names none. */
export const monthOf = (month: string): Pick<Asked, 'from' | 'to'> | undefined => {
  const from = `${month}-01`;
  if (!isCalendarDate(from)) return undefined;
  const [year, number] = month.split('-').map(Number);
  // The day before the first of the next month; months are counted from 0 here.
  return { from, to: new Date(Date.UTC(year ?? 0, number ?? 0, 0)).toISOString().slice(0, 10) };
};

/** The last month that is over at a time, in UTC. */
export const monthBefore = (time: Date): string =>
  new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), 0)).toISOString().slice(0, 7);
