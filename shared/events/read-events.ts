import type { Trigger } from '../domain/trigger.ts';
import { asList, asText, isObject, type Json, member, memberAnyCase } from '../json/json.ts';
import { type JsonError, parseJson } from '../json/json-text.ts';
import type { ReadEvents } from '../requests/audit-request.ts';
import { readCloudTrail } from './cloudtrail.ts';
import { readNative } from './native.ts';
import { readSweepMessage, SWEEP_DETAIL_TYPE } from './sweep-message.ts';

/** Real records have few wrappings (a log file in a message in a batch). Deeper ones are an attack. */
const MAX_WRAPPINGS = 8;
const EXCERPT_LENGTH = 500;
/** Longer than any real ARN, and short enough for the key under which the state of a resource is stored. */
const MAX_ARN_LENGTH = 1024;

/**
 * Only AWS can put events with such a source on a bus.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
const OF_AWS = 'aws.';

/** Each unreadable record becomes a finding, and a file of one mebibyte can hold half a million of them. */
const MAX_UNREADABLE = 1000;

/** A value to read, and where it came from. */
type Item = { value: Json; at: string; depth: number };

/** Values to read one after the other; `next` is the index of the next one. */
type Items = { values: readonly Json[]; at: (index: number) => string; depth: number; next: number };

/**
 * Audit requests from anything that holds events: EventBridge envelopes, CloudTrail records and log files, SQS and SNS
 * messages, the output of `aws cloudtrail lookup-events`, and lists of these. Nothing is dropped: a record that needs
 * no look is listed as `ignored` with the reason, a record that cannot be understood as `unreadable`. `at` names the
 * input. Beyond `most` unreadable records the rest is counted in one more.
 */
export const readEvents = (input: Json, at: string, most = MAX_UNREADABLE): ReadEvents => {
  const result: ReadEvents = { requests: [], ignored: [], unreadable: [] };
  let more = 0;
  const addUnreadable: AddUnreadable = (record) => {
    if (result.unreadable.length < most) result.unreadable.push(record());
    else more++;
  };
  const stack: Items[] = [{ values: [input], at: () => at, depth: 0, next: 0 }];
  for (let items = stack.at(-1); items; items = stack.at(-1)) {
    const index = items.next++;
    const value = items.values[index];
    if (value === undefined) {
      stack.pop();
      continue;
    }
    const item = { value, at: items.at(index), depth: items.depth };
    const inner = unwrap(item);
    if (inner && 'fault' in inner)
      addUnreadable(() => unreadable(item, `the message is ${inner.fault}: ${inner.message}`));
    else if (!inner) readOne(item, result, addUnreadable);
    else if (item.depth < MAX_WRAPPINGS) stack.push(inner);
    else addUnreadable(() => unreadable(item, 'it is wrapped too many times'));
  }
  if (more > 0)
    result.unreadable.push({ at, reason: `${more} more records are not understood`, excerpt: '' });
  return result;
};

/** Lists an unreadable record while there are few. The function is not called for records that are only counted. */
type AddUnreadable = (record: () => ReadEvents['unreadable'][number]) => void;

/** What a value wraps, or why that cannot be read; undefined where the value wraps nothing. */
const unwrap = ({ value, at, depth }: Item): Items | JsonError | undefined => {
  const items = (values: readonly Json[], label: (index: number) => string): Items => ({
    values,
    at: label,
    depth: depth + 1,
    next: 0,
  });
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
  return parsed.ok ? items([parsed.value], () => at) : parsed.error;
};

/** An entry of `lookup-events` also has a name and a source, but its record is a text inside. */
const isEvent = (value: Json): boolean =>
  (memberAnyCase(value, 'eventName') !== undefined &&
    memberAnyCase(value, 'eventSource') !== undefined &&
    member(value, 'CloudTrailEvent') === undefined) ||
  member(value, 'detail-type') !== undefined;

const readOne = (item: Item, result: ReadEvents, addUnreadable: AddUnreadable): void => {
  const { value, at } = item;
  if (!isEvent(value)) {
    addUnreadable(() => unreadable(item, 'it is neither a CloudTrail record nor an EventBridge event'));
    return;
  }
  const detailType = asText(member(value, 'detail-type'));
  if (detailType === SWEEP_DETAIL_TYPE) {
    const reading = readSweepMessage(value);
    if ('requests' in reading) result.requests.push(...reading.requests);
    if ('unreadable' in reading) addUnreadable(() => unreadable(item, reading.unreadable));
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
    addUnreadable(() => ({
      ...unreadable(item, 'it names something that is too long for a name'),
      trigger,
    }));
  else if ('requests' in reading) result.requests.push(...reading.requests);
  else if ('ignored' in reading) result.ignored.push({ at, reason: reading.ignored, trigger });
  else addUnreadable(() => ({ ...unreadable(item, reading.unreadable), trigger }));
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
