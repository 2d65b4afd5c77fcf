import { isDenied } from '../domain/gap.ts';
import { asList, asText, type Json, member, memberAnyCase } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import { eachEvent } from './read-events.ts';
import { memberAt } from './record.ts';

/** The kind of policy that AWS names in a message of denied access. */
export type DenyingLayer =
  | 'identity'
  | 'boundary'
  | 'session'
  | 'resource'
  | 'scp'
  | 'rcp'
  | 'endpoint'
  | 'trust';

/** A request that AWS denied, as far as its record or message tells. */
export type Denial = {
  /** Where it stands in the input. */
  at: string;
  /** The ARN of the user or session. */
  principal?: string;
  /** The role behind a session, where the record tells it. */
  roleArn?: string;
  action?: string;
  resource?: string;
  /** Whether AWS says that nothing allows it, or that something denies it. */
  said: 'nothing allows it' | 'explicit deny' | 'no reason';
  layer?: DenyingLayer;
  /** The policy that AWS names. */
  policyArn?: string;
  region?: string;
  /** The operation that was called, as the record or the SDK tells it, such as `CreatePipeline`. */
  operation?: string;
  /** The service that was called, as the record tells it: `sagemaker.amazonaws.com`. */
  service?: string;
};

/** So many denied requests are taken from one input. */
const MAX_DENIALS = 20;

const MARK = 'is not authorized to perform:';

/** AWS's own messages are shorter; the longest part is the key of an object. */
const MAX_MESSAGE = 4096;

/**
 * The denied requests of an input: CloudTrail records in whatever wraps them, or a text that holds AWS's message (the
 * failure reason of a step, the output of the AWS CLI).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const denialsIn = (text: string, at: string): Denial[] => {
  const parsed = parseJson(text);
  const ofRecords: Denial[] = [];
  if (parsed.ok && typeof parsed.value === 'object')
    eachEvent(parsed.value, at, {
      event: ({ value, at: place }) => {
        const denial = ofRecords.length < MAX_DENIALS ? denialOfRecord(value, place) : undefined;
        if (denial) ofRecords.push(denial);
      },
      ignored: () => {},
      unreadable: () => {},
    });
  if (ofRecords.length > 0) return ofRecords;
  const plain = parsed.ok ? text.replaceAll('\\"', '"') : text;
  const ofText: Denial[] = [];
  for (let mark = plain.indexOf(MARK); mark >= 0; mark = plain.indexOf(MARK, mark + MARK.length)) {
    if (ofText.length === MAX_DENIALS) break;
    ofText.push({ at, ...told(plain, mark) });
  }
  return ofText;
};

const denialOfRecord = (value: Json, at: string): Denial | undefined => {
  const record = member(value, 'detail-type') === undefined ? value : (member(value, 'detail') ?? null);
  const code = asText(memberAnyCase(record, 'errorCode')) ?? '';
  const message = asText(memberAnyCase(record, 'errorMessage')) ?? '';
  const mark = message.indexOf(MARK);
  if (mark < 0 && !isDenied(code)) return undefined;
  const ofMessage = mark < 0 ? ({ said: 'no reason' } as const) : told(message, mark);
  const identity = memberAnyCase(record, 'userIdentity');
  const principal = asText(memberAnyCase(identity, 'arn'));
  const roleArn = asText(memberAt(identity, 'sessionContext', 'sessionIssuer', 'arn'));
  const region = asText(memberAnyCase(record, 'awsRegion'));
  const resources = asList(memberAnyCase(record, 'resources')).flatMap(
    (resource) => asText(memberAnyCase(resource, 'ARN')) ?? [],
  );
  const source = asText(memberAnyCase(record, 'eventSource')) ?? '';
  const service = source.split('.')[0] ?? '';
  const operation = asText(memberAnyCase(record, 'eventName')) ?? '';
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(region === undefined ? {} : { region }),
    // Most operations are authorised by the action of their name; a message tells it for sure.
    ...(ACTION.test(`${service}:${operation}`)
      ? { action: `${service}:${operation}`, operation, service: source }
      : {}),
    ...(resources.length === 1 && resources[0] !== undefined ? { resource: resources[0] } : {}),
    ...ofMessage,
    at,
  };
};

const ACTION = /^[a-z0-9-]{1,64}:[A-Za-z0-9]{1,128}$/;

/** What a message tells, by where its fixed words stand. */
const told = (text: string, mark: number): Omit<Denial, 'at'> => {
  const before = text.slice(Math.max(0, mark - MAX_MESSAGE), mark);
  const user = before.lastIndexOf('User:');
  const principal = user < 0 ? '' : before.slice(user + 'User:'.length).trim();
  const after = text.slice(mark + MARK.length, mark + MARK.length + MAX_MESSAGE).trimStart();
  const action = withoutMarks(after.split(/\s/, 1)[0] ?? '');
  const resource = resourceIn(after.slice(0, endOfSentence(after)));
  const reason = reasonIn(after);
  const operation = operationIn(before);
  return {
    ...(principal.startsWith('arn:') && !/\s/.test(principal) ? { principal } : {}),
    ...(ACTION.test(action) ? { action } : {}),
    ...(resource === undefined ? {} : { resource }),
    ...(operation === undefined ? {} : { operation }),
    ...reason,
  };
};

const CALLING = 'when calling the ';

/** The operation that the AWS CLI and Boto3 name before the message, in the same line. */
const operationIn = (before: string): string | undefined => {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const start = line.lastIndexOf(CALLING);
  if (start < 0) return undefined;
  const [, name] = OPERATION.exec(line.slice(start + CALLING.length)) ?? [];
  return name;
};

const OPERATION = /^([A-Za-z0-9]{1,128}) operation\b/;

const REASONS = [' because no ', ' with an explicit deny'];

/** Where the message's reason begins, or its first line ends. */
const endOfSentence = (text: string): number =>
  [...REASONS, '\n'].reduce((end, words) => {
    const found = text.indexOf(words);
    return found < 0 ? end : Math.min(end, found);
  }, text.length);

const ON_RESOURCE = 'on resource:';

const resourceIn = (sentence: string): string | undefined => {
  const start = sentence.indexOf(ON_RESOURCE);
  if (start < 0) return undefined;
  const rest = sentence.slice(start + ON_RESOURCE.length).trim();
  const quote = rest[0];
  if (quote === '"' || quote === "'") {
    const end = rest.lastIndexOf(quote);
    return end > 0 ? rest.slice(1, end) : undefined;
  }
  const resource = rest.startsWith('arn:') ? rest : (rest.split(/\s/, 1)[0] ?? '');
  return resource === '*' || resource.startsWith('arn:') ? withoutMarks(resource) : undefined;
};

/** Without what ends a sentence or quotes it. */
const withoutMarks = (text: string): string => {
  let end = text.length;
  while (end > 0 && `.,;"'`.includes(text[end - 1] ?? '')) end--;
  return text.slice(0, end);
};

const LAYERS: readonly [string, DenyingLayer][] = [
  ['identity-based policy', 'identity'],
  ['permissions boundary', 'boundary'],
  ['session policy', 'session'],
  ['role trust policy', 'trust'],
  ['resource-based policy', 'resource'],
  ['service control policy', 'scp'],
  ['resource control policy', 'rcp'],
  ['VPC endpoint policy', 'endpoint'],
];

const reasonIn = (after: string): Pick<Denial, 'said' | 'layer' | 'policyArn'> => {
  const [none, deny] = REASONS.map((words) => after.indexOf(words)) as [number, number];
  const isDeny = deny >= 0 && (none < 0 || deny < none);
  const start = isDeny ? deny : none;
  if (start < 0) return { said: 'no reason' };
  const reason = after.slice(start).split('\n', 1)[0] ?? '';
  const [layer] = LAYERS.map(([words, name]) => ({ name, at: reason.indexOf(words) }))
    .filter((found) => found.at >= 0)
    .toSorted((one, other) => one.at - other.at);
  const named = reason.indexOf(': arn:');
  const policyArn = named < 0 ? '' : withoutMarks(reason.slice(named + 2).split(/\s/, 1)[0] ?? '');
  return {
    said: isDeny ? 'explicit deny' : 'nothing allows it',
    ...(layer ? { layer: layer.name } : {}),
    ...(policyArn === '' ? {} : { policyArn }),
  };
};
