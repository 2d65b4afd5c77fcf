import { asText, member } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { readEvents } from './read-events.ts';

/** A message in a dead-letter queue: the event or resource in it, when it failed, and why. */
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
  /** Set for a batch of the table’s stream, of which the message holds no change. */
  isStreamBatch?: true;
};

/** Of a longer message only the attributes are listed. */
const MAX_BODY = 2 * 1024 * 1024;

/**
 * Reads a message of a dead-letter queue. Four senders put messages there: the audit function, with a reason; the
 * source queue, without a reason; EventBridge, with attributes of its own, where it could not deliver; and Lambda, which tells of a
 * batch of the table’s stream, but not what was in it.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
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
  const errorName = attributes.get('ErrorName') ?? attributes.get('ERROR_CODE') ?? about.condition;
  return {
    id,
    failedAt: attributes.get('FailedAt') ?? sentAt(system),
    ...(eventId === undefined ? {} : { eventId }),
    ...(eventName === undefined ? {} : { eventName }),
    ...(about.resource === undefined ? {} : { resource: about.resource }),
    ...(errorName === undefined ? {} : { errorName }),
    reason:
      attributes.get('Reason') ??
      attributes.get('ERROR_MESSAGE') ??
      (about.condition === undefined ? UNTOLD : OF_STREAM),
    receives: Number(attributes.get('Receives') ?? system.get('ApproximateReceiveCount')) || 0,
    ...(about.condition !== undefined && { isStreamBatch: true }),
  };
};

const UNTOLD = 'not known: the queue itself put the message aside after its last receive';

/** Why a batch of the stream cannot be replayed. */
export const OF_STREAM =
  'a batch of the table’s stream, of which the message holds no change: the next sweep has what is undelivered delivered';

const sentAt = (system: ReadonlyMap<string, string>): string => {
  const time = new Date(Number(system.get('SentTimestamp') ?? Number.NaN));
  return Number.isNaN(time.getTime()) ? '' : time.toISOString();
};

type About = Pick<DeadLetter, 'eventId' | 'eventName' | 'resource'> & {
  /** Why Lambda gave a batch of the stream up. */
  condition?: string;
};

const aboutOf = (body: string): About => {
  const parsed = body.length > MAX_BODY ? undefined : parseJson(body);
  if (!parsed?.ok) return {};
  if (member(parsed.value, 'DDBStreamBatchInfo') !== undefined)
    return { condition: asText(member(member(parsed.value, 'requestContext'), 'condition')) ?? 'Unknown' };
  const { requests, ignored, unreadable } = readEvents(parsed.value, 'message');
  const [request] = requests;
  const trigger = [...requests, ...ignored, ...unreadable].find((each) => each.trigger)?.trigger;
  // A message of the deliverer names its resource, and one of the inventory its account.
  const [named] = ['resourceArn', 'account'].flatMap((key) => asText(member(parsed.value, key)) ?? []);
  const resource = request?.resource.arn ?? (trigger === undefined ? named : undefined);
  return {
    ...(trigger ? { eventId: trigger.eventId, eventName: trigger.eventName } : {}),
    ...(resource === undefined ? {} : { resource }),
  };
};
