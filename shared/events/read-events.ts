import type { RequestTrigger } from '../domain/trigger.ts';
import { asList, asText, isObject, type Json, member, memberAnyCase } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import type { AuditRequest, ReadEvents } from '../requests/audit-request.ts';
import { readCloudTrail } from './cloudtrail.ts';
import { withHidden } from './hidden.ts';
import { isOcsf, recordOfOcsf } from './ocsf.ts';
import { packedText, type Unpacked } from './packed-text.ts';
import { accountOf, madeBy, partitionOf } from './record.ts';
import { readNative } from './sagemaker-events.ts';
import { readSweepMessage, SWEEP_DETAIL_TYPE } from './sweep-message.ts';
import { athenaRows, insightsRows, isTableRow, recordOfRow } from './table-rows.ts';

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

/** A value to read, and where it came from. `written`: as it stands there, with the placeholders of what is hidden. */
type EventItem = { value: Json; at: string; depth: number; written?: Json };

/** Values to read one after the other; `next` is the index of the next one. */
type EventItems = { values: readonly Json[]; at: (index: number) => string; depth: number; next: number };

/**
 * Audit requests from anything that holds events: EventBridge envelopes, CloudTrail records and log files, SQS and SNS
 * messages, the output of `aws cloudtrail lookup-events`, log events and subscriptions of CloudWatch Logs, rows of
 * Athena, events of Security Lake, and lists of these. Nothing is dropped: a record that needs
 * no look is listed as `ignored` with the reason, a record that cannot be understood as `unreadable`. `at` names the
 * input. Beyond `most` unreadable records the rest is counted in one more. `onRecord` is told of each CloudTrail record.
 */
export const readEvents = (
  input: Json,
  at: string,
  most = MAX_UNREADABLE,
  onRecord?: OnRecord,
): ReadEvents => {
  const result: ReadEvents = { requests: [], ignored: [], unreadable: [] };
  let more = 0;
  const addUnreadable: AddUnreadable = (record) => {
    if (result.unreadable.length < most) result.unreadable.push(record());
    else more++;
  };
  eachEvent(input, at, {
    event: (item) => readOne(item, result, addUnreadable, onRecord),
    ignored: ({ at: place, value }, reason) =>
      result.ignored.push({ at: place, reason, trigger: triggerOf(value, value, undefined) }),
    unreadable: (item, reason) => addUnreadable(() => unreadable(item, reason)),
  });
  if (more > 0)
    result.unreadable.push({ at, reason: `${more} more records are not understood`, excerpt: '' });
  return result;
};

/** Is told of each CloudTrail record, whether or not it leads to a look. */
export type OnRecord = (record: Json) => void;

/** Who is told of each event of an input, and of what is none. */
type EventVisitor = {
  event: (item: EventItem) => void;
  ignored: (item: EventItem, reason: string) => void;
  unreadable: (item: EventItem, reason: string) => void;
};

/** Goes through all that an input wraps, in order. */
export const eachEvent = (input: Json, at: string, visitor: EventVisitor): void => {
  const unpacked: Unpacked = { bytes: 0 };
  const stack: EventItems[] = [{ values: [input], at: () => at, depth: 0, next: 0 }];
  for (let items = stack.at(-1); items; items = stack.at(-1)) {
    const index = items.next++;
    const value = items.values[index];
    if (value === undefined) {
      stack.pop();
      continue;
    }
    const item = { value, at: items.at(index), depth: items.depth };
    const inner = unwrap(item, unpacked);
    if (!inner) visitor.event({ ...item, value: withHidden(value), written: value });
    else if ('fault' in inner) visitor.unreadable(item, inner.fault);
    else if ('ignored' in inner) visitor.ignored(item, inner.ignored);
    else if (item.depth < MAX_WRAPPINGS) stack.push(inner);
    else visitor.unreadable(item, 'it is wrapped too many times');
  }
};

/** Lists an unreadable record while there are few. The function is not called for records that are only counted. */
type AddUnreadable = (record: () => ReadEvents['unreadable'][number]) => void;

/** Members that hold a list of events, by the service that writes them so. */
const LISTS = ['Records', 'Events', 'Messages', 'events', 'logEvents', 'records'];

/** Members that hold an event as JSON text. */
const TEXTS = ['CloudTrailEvent', 'body', 'Body', 'Message', 'message', '@message'];

/**
 * What a value wraps, or why that cannot be read or needs no look; undefined where the value wraps nothing. The forms of
 * CloudWatch Logs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
const unwrap = (
  { value, at, depth }: EventItem,
  unpacked: Unpacked,
): EventItems | { fault: string } | { ignored: string } | undefined => {
  const items = (values: readonly Json[], label: (index: number) => string = () => at): EventItems => ({
    values,
    at: label,
    depth: depth + 1,
    next: 0,
  });
  if (Array.isArray(value)) return items(value, (index) => `${at}[${index}]`);
  if (!isObject(value)) return undefined;
  if (member(value, 'detail-type') === undefined && isTableRow(value)) {
    const row = recordOfRow(value);
    return 'record' in row ? items([row.record]) : row;
  }
  if (isEvent(value)) return undefined;
  if (isOcsf(value)) {
    const event = recordOfOcsf(value);
    return 'record' in event ? items([event.record]) : event;
  }
  if (member(value, 'messageType') === 'CONTROL_MESSAGE')
    return { ignored: 'it is a control message of CloudWatch Logs, which holds no event' };
  for (const key of LISTS) {
    const list = member(value, key);
    if (list !== undefined) return items(asList(list), (index) => `${at}.${key}[${index}]`);
  }
  const rows = athenaRows(value) ?? insightsRows(value);
  if (rows) return items(rows, (index) => `${at}[${index}]`);
  const data =
    member(member(value, 'awslogs'), 'data') ??
    member(member(value, 'kinesis'), 'data') ??
    (member(value, 'recordId') === undefined ? undefined : member(value, 'data'));
  if (typeof data === 'string') {
    const message = packedText(data, unpacked);
    return message.fault === undefined
      ? parsedItems(message.text, items)
      : { fault: `the message: ${message.fault}` };
  }
  const text =
    TEXTS.map((key) => asText(member(value, key))).find((each) => each !== undefined) ??
    asText(member(member(value, 'Sns'), 'Message'));
  return text === undefined ? undefined : parsedItems(text, items);
};

const parsedItems = (
  text: string,
  items: (values: readonly Json[]) => EventItems,
): EventItems | { fault: string } => {
  const parsed = parseJson(text);
  return parsed.ok
    ? items([parsed.value])
    : { fault: `the message is ${parsed.error.fault}: ${parsed.error.message}` };
};

/** An entry of `lookup-events` also has a name and a source, but its record is a text inside. */
const isEvent = (value: Json): boolean =>
  (memberAnyCase(value, 'eventName') !== undefined &&
    memberAnyCase(value, 'eventSource') !== undefined &&
    member(value, 'CloudTrailEvent') === undefined) ||
  memberAnyCase(value, 'insightDetails') !== undefined ||
  member(value, 'detail-type') !== undefined;

const readOne = (
  item: EventItem,
  result: ReadEvents,
  addUnreadable: AddUnreadable,
  onRecord: OnRecord | undefined,
): void => {
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
  if (isCloudTrail) onRecord?.(record);
  const reading = isCloudTrail ? readCloudTrail(record, trigger) : readNative(detailType, value, trigger);
  if ('requests' in reading && reading.requests.some(({ resource }) => resource.arn.length > MAX_ARN_LENGTH))
    addUnreadable(() => ({
      ...unreadable(item, 'it contains a name that is too long'),
      trigger,
    }));
  else if ('requests' in reading) result.requests.push(...inScope(reading.requests, record, value));
  else if ('ignored' in reading) result.ignored.push({ at, reason: reading.ignored, trigger });
  else addUnreadable(() => ({ ...unreadable(item, reading.unreadable), trigger }));
};

/** The requests with the account and Region of their event. Its account is the one whose event EventBridge says it is, else the record’s. */
const inScope = (
  requests: readonly AuditRequest[],
  record: Json,
  envelope: Json,
): readonly AuditRequest[] => {
  const account = asText(member(envelope, 'account')) || accountOf(record);
  const region = asText(memberAnyCase(record, 'awsRegion')) ?? asText(member(envelope, 'region'));
  if (!account || !region) return requests;
  const scope = { account, region, partition: partitionOf(record, region) };
  return requests.map((request) => ({ ...request, scope }));
};

const triggerOf = (value: Json, record: Json, detailType: string | undefined): RequestTrigger => {
  const by = madeBy(record);
  return {
    eventId: short(asText(memberAnyCase(record, 'eventID')) ?? asText(member(value, 'id')) ?? ''),
    eventName: short(asText(memberAnyCase(record, 'eventName')) ?? detailType ?? ''),
    eventTime: short(asText(memberAnyCase(record, 'eventTime')) ?? asText(member(value, 'time')) ?? ''),
    ...(by !== undefined && { by }),
  };
};

const short = (text: string): string => text.slice(0, 256);

const unreadable = (
  { value, written = value, at }: EventItem,
  reason: string,
): ReadEvents['unreadable'][number] => ({
  at,
  reason,
  excerpt: excerptOf(written),
});

/** The beginning of a value, for the report. */
const excerptOf = (value: Json): string => {
  try {
    return JSON.stringify(value).slice(0, EXCERPT_LENGTH);
  } catch {
    return '(nested too deeply to show)';
  }
};
