/** The event that caused the look. Times are ISO 8601 in UTC. */
export type Trigger = { eventId: string; eventName: string; eventTime: string };
