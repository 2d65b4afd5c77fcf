/** The event that caused the look. Times are ISO 8601 in UTC. */
export type Trigger = { eventId: string; eventName: string; eventTime: string };

/** The same, and who caused the event, where its record tells: a user or role, else the session or service that the record names. */
export type RequestTrigger = Trigger & { by?: string };

/**
 * What a finding tells of the event that caused its look. Who caused it is the finding’s principal, unless more is known, as of
 * the creator of a job.
 */
export const originOf = ({
  trigger,
  principal = trigger?.by,
}: {
  trigger?: RequestTrigger;
  principal?: string;
}): { trigger?: Trigger; principal?: string } => ({
  ...(trigger && {
    trigger: { eventId: trigger.eventId, eventName: trigger.eventName, eventTime: trigger.eventTime },
  }),
  ...(principal !== undefined && { principal }),
});

/**
 * The time since which evidence must have been read to know what an event changed, in milliseconds since 1970; without an event,
 * now. CloudTrail gives whole seconds, so that the event may have happened at the end of its second.
 */
export const sinceWhen = (trigger: Trigger | undefined, now: Date): number => {
  const time = Date.parse(trigger?.eventTime ?? '');
  return Number.isNaN(time) ? now.valueOf() : Math.min(time + 999, now.valueOf());
};
