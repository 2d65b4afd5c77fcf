import { parseJson } from '../json/json-text.ts';
import { readEvents } from './read-events.ts';

/** A message in the dead-letter queue: the event in it, when it failed, and why. */
export type DeadLetter = {
  id: string;
  failedAt: string;
  eventId?: string;
  eventName?: string;
  /** The ARN of the first resource that the event is about. */
  resource?: string;
  errorName?: string;
  reason: string;
  receives: number;
};

/** Of a longer message only the attributes are listed. */
const MAX_BODY = 2 * 1024 * 1024;

/**
 * Reads a message of the dead-letter queue. Three senders put messages there: the audit function, with a reason; the
 * source queue, without a reason; and EventBridge, with attributes of its own, where it could not deliver.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export const deadLetter = ({
  id,
  body,
  attributes,
  system,
}: {
  id: string;
  body: string;
  attributes: ReadonlyMap<string, string>;
  system: ReadonlyMap<string, string>;
}): DeadLetter => {
  const about = aboutOf(body);
  const eventId = attributes.get('EventId') ?? about.eventId;
  const eventName = attributes.get('EventName') ?? about.eventName;
  const errorName = attributes.get('ErrorName') ?? attributes.get('ERROR_CODE');
  return {
    id,
    failedAt: attributes.get('FailedAt') ?? sentAt(system),
    ...(eventId === undefined ? {} : { eventId }),
    ...(eventName === undefined ? {} : { eventName }),
    ...(about.resource === undefined ? {} : { resource: about.resource }),
    ...(errorName === undefined ? {} : { errorName }),
    reason: attributes.get('Reason') ?? attributes.get('ERROR_MESSAGE') ?? UNTOLD,
    receives: Number(attributes.get('Receives') ?? system.get('ApproximateReceiveCount')) || 0,
  };
};

const UNTOLD = 'not known: the queue itself put the message aside after its last receive';

const sentAt = (system: ReadonlyMap<string, string>): string => {
  const time = new Date(Number(system.get('SentTimestamp') ?? Number.NaN));
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
};

const aboutOf = (body: string): Pick<DeadLetter, 'eventId' | 'eventName' | 'resource'> => {
  const parsed = body.length > MAX_BODY ? undefined : parseJson(body);
  if (!parsed?.ok) return {};
  const { requests, ignored, unreadable } = readEvents(parsed.value, 'message');
  const [request] = requests;
  const trigger = [...requests, ...ignored, ...unreadable].find((each) => each.trigger)?.trigger;
  return {
    ...(trigger ? { eventId: trigger.eventId, eventName: trigger.eventName } : {}),
    ...(request ? { resource: request.resource.arn } : {}),
  };
};
