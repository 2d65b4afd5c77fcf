/** The event that made the auditor look. Times are ISO 8601 in UTC. */
export type Trigger = { eventId: string; eventName: string; eventTime: string };
