/** How often a deployment sweeps, where the configuration gives no schedule. */
export const SWEEP_SCHEDULE = 'rate(6 hours)';

/**
 * After how many hours a sweep is overdue: two intervals and an hour. A cron expression counts as a day. At most a
 * week, as an alarm looks back no further.
 */
export const overdueHours = (expression: string): number => {
  const [, count = '1', unit = 'day'] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const hours = Number(count) * (unit === 'minute' ? 1 / 60 : unit === 'hour' ? 1 : 24);
  return Math.min(Math.ceil(2 * hours) + 1, 7 * 24);
};
