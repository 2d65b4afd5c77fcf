import type { Finding } from '../../domain/finding.ts';

/** How a message writes a text from outside, with at most so many characters. */
export type Written = { max: number; written: (text: string, max: number) => string };

/**
 * The event after which a finding was seen, who caused that event, and when, in one phrase that follows “After”. It does not say
 * that the event made the fault: it may be older than the event that led to the look.
 */
export const whoAndWhen = (
  { trigger, principal, firstObservedAt }: Pick<Finding, 'trigger' | 'principal' | 'firstObservedAt'>,
  { max, written }: Written,
): string => {
  if (!trigger) return `no event that is known; first seen at ${written(firstObservedAt, 40)}`;
  const { eventName, eventTime, eventId } = trigger;
  const by =
    principal === undefined ? 'by somebody whom the event does not name' : `by ${written(principal, max)}`;
  return `${written(eventName, 100)} ${by} at ${written(eventTime, 40)}, event ${written(eventId, 100)}`;
};
