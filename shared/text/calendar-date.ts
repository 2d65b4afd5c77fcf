/** Whether a text is a day of the calendar, as YYYY-MM-DD. */
export const isCalendarDate = (value: string): boolean => {
  const date = new Date(`${value}T00:00:00Z`);
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(value)
  );
};

/** The same day a year later. */
export const yearAfter = (day: string): string => `${Number(day.slice(0, 4)) + 1}${day.slice(4)}`;

/** How many days before its last day an exception is told. */
export const REMINDER_DAYS = 30;

/** How many days lie between two days of the calendar (YYYY-MM-DD); below zero if the other is over. */
export const daysUntil = (day: string, other: string): number =>
  Math.round((Date.parse(`${other}T00:00:00Z`) - Date.parse(`${day}T00:00:00Z`)) / 86_400_000);
