import type { Trigger } from '../domain/trigger.ts';
import { asList, asText, isObject, type Json, member, memberAnyCase } from '../json/json.ts';
import { type JsonError, parseJson } from '../json/json-text.ts';
import type { ReadEvents } from '../requests/audit-request.ts';
import { readCloudTrail } from './cloudtrail.ts';
import { readNative } from './native.ts';
import { readSweepMessage, SWEEP_DETAIL_TYPE } from './sweep-message.ts';

/** Wrappings are few in life (log file in a message in a batch); deeper ones are somebody's attack. */
const MAX_WRAPPINGS = 8;
const EXCERPT_LENGTH = 500;
/** Longer than any ARN with its path, and short enough for the key that a resource's state is kept under. */
const MAX_ARN_LENGTH = 1024;

/**
 * EventBridge lets nobody but AWS put events of such a source on a bus.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
const OF_AWS = 'aws.';

/** One thing to read: a value and where it came from. */
type Item = { value: Json; at: string; depth: number };

/**
 * Audit requests from anything that holds events: EventBridge envelopes, CloudTrail records and log files, SQS and SNS
 * wrappings of those, the output of `aws cloudtrail lookup-events`, and lists of any of them. Nothing is dropped:
 * what asks for no look is listed as ignored with the reason, and what cannot be understood as unreadable.
 * `at` names the input, and leads the places in the answer.
 */
export const readEvents = (input: Json, at: string): ReadEvents => {
  const result: ReadEvents = { requests: [], ignored: [], unreadable: [] };
  const stack: Item[] = [{ value: input, at, depth: 0 }];
  for (let item = stack.pop(); item; item = stack.pop()) {
    const inner = unwrap(item);
    if (inner && 'fault' in inner) {
      result.unreadable.push(unreadable(item, `the message is ${inner.fault}: ${inner.message}`));
    } else if (inner) {
      if (item.depth >= MAX_WRAPPINGS)
        result.unreadable.push(unreadable(item, 'it is wrapped too many times'));
      else for (const value of inner.toReversed()) stack.push(value);
    } else {
      readOne(item, result);
    }
  }
  return result;
};

/** What a value wraps, or why that cannot be read; undefined for an event itself, or for something that is none. */
const unwrap = ({ value, at, depth }: Item): Item[] | JsonError | undefined => {
  const items = (values: Json[], label: (index: number) => string): Item[] =>
    values.map((element, index) => ({ value: element, at: label(index), depth: depth + 1 }));
  if (Array.isArray(value)) return items(value, (index) => `${at}[${index}]`);
  if (!isObject(value) || isEvent(value)) return undefined;
  for (const key of ['Records', 'Events', 'Messages']) {
    const list = member(value, key);
    if (list !== undefined) return items(asList(list), (index) => `${at}.${key}[${index}]`);
  }
  const text =
    asText(member(value, 'CloudTrailEvent')) ??
    asText(member(value, 'body')) ??
    asText(member(value, 'Body')) ??
    asText(member(value, 'Message')) ??
    asText(member(member(value, 'Sns'), 'Message'));
  if (text === undefined) return undefined;
  const parsed = parseJson(text);
  return parsed.ok ? [{ value: parsed.value, at, depth: depth + 1 }] : parsed.error;
};

/** `lookup-events` gives the name and the source beside the record, which is a text. */
const isEvent = (value: Json): boolean =>
  (memberAnyCase(value, 'eventName') !== undefined &&
    memberAnyCase(value, 'eventSource') !== undefined &&
    member(value, 'CloudTrailEvent') === undefined) ||
  member(value, 'detail-type') !== undefined;

const readOne = (item: Item, result: ReadEvents): void => {
  const { value, at } = item;
  if (!isEvent(value)) {
    result.unreadable.push(unreadable(item, 'it is neither a CloudTrail record nor an EventBridge event'));
    return;
  }
  const detailType = asText(member(value, 'detail-type'));
  if (detailType === SWEEP_DETAIL_TYPE) {
    const reading = readSweepMessage(value);
    if ('requests' in reading) result.requests.push(...reading.requests);
    if ('unreadable' in reading) result.unreadable.push(unreadable(item, reading.unreadable));
    return;
  }
  const source = asText(member(value, 'source'));
  if (detailType !== undefined && source !== undefined && !source.startsWith(OF_AWS)) {
    const reason = `the event is of the source ${short(source)}, and not of AWS itself`;
    result.ignored.push({
      at,
      reason,
      trigger: triggerOf(value, member(value, 'detail') ?? null, detailType),
    });
    return;
  }
  const isCloudTrail = detailType === undefined || detailType.endsWith(' via CloudTrail');
  const record = detailType === undefined ? value : (member(value, 'detail') ?? null);
  const trigger = triggerOf(value, record, detailType);
  const reading = isCloudTrail ? readCloudTrail(record, trigger) : readNative(detailType, value, trigger);
  if ('requests' in reading && reading.requests.some(({ resource }) => resource.arn.length > MAX_ARN_LENGTH))
    result.unreadable.push({
      ...unreadable(item, 'it names something that is too long for a name'),
      trigger,
    });
  else if ('requests' in reading) result.requests.push(...reading.requests);
  else if ('ignored' in reading) result.ignored.push({ at, reason: reading.ignored, trigger });
  else result.unreadable.push({ ...unreadable(item, reading.unreadable), trigger });
};

const triggerOf = (value: Json, record: Json, detailType: string | undefined): Trigger => ({
  eventId: short(asText(memberAnyCase(record, 'eventID')) ?? asText(member(value, 'id')) ?? ''),
  eventName: short(asText(memberAnyCase(record, 'eventName')) ?? detailType ?? ''),
  eventTime: short(asText(memberAnyCase(record, 'eventTime')) ?? asText(member(value, 'time')) ?? ''),
});

const short = (text: string): string => text.slice(0, 256);

const unreadable = ({ value, at }: Item, reason: string): ReadEvents['unreadable'][number] => ({
  at,
  reason,
  excerpt: excerptOf(value),
});

/** The beginning of a value, for the report. */
const excerptOf = (value: Json): string => {
  try {
    return JSON.stringify(value).slice(0, EXCERPT_LENGTH);
  } catch {
    return '(nested too deeply to show)';
  }
};
