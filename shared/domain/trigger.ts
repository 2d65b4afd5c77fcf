/** The event that caused the look. Times are ISO 8601 in UTC. */
export type Trigger = { eventId: string; eventName: string; eventTime: string };

/**
 * The time since which evidence must have been read to know what an event changed, in milliseconds since 1970; without an event,
 * now. CloudTrail gives whole seconds, so that the event may have happened at the end of its second.
 */
export const sinceWhen = (trigger: Trigger | undefined, now: Date): number => {
  const time = Date.parse(trigger?.eventTime ?? '');
  return Number.isNaN(time) ? now.valueOf() : Math.min(time + 999, now.valueOf());
};
