/** How often a deployment sweeps, where the configuration gives no schedule. */
export const SWEEP_SCHEDULE = 'rate(6 hours)';

/** The hours between two times of a schedule. A cron expression counts as a day. */
export const intervalHours = (expression: string): number => {
  const [, count = '1', unit = 'day'] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return Number(count) * (unit === 'minute' ? 1 / 60 : unit === 'hour' ? 1 : 24);
};

/** After how many hours a sweep is overdue: two intervals and an hour. At most a week, as an alarm looks back no further. */
export const overdueHours = (expression: string): number =>
  Math.min(Math.ceil(2 * intervalHours(expression)) + 1, 7 * 24);
