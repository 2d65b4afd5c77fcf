import { asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';

const at = (value: Json, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => member(inner, key), value);

/** Whether an object is an event of OCSF, as Security Lake keeps them. */
export const isOcsf = (value: JsonObject): boolean =>
  member(value, 'class_uid') !== undefined && isObject(member(value, 'metadata'));

/**
 * The CloudTrail record of an event of Security Lake, as far as the event tells it; or why there is none.
 * https://docs.aws.amazon.com/security-lake/latest/userguide/cloudtrail-event-logs.html
 */
export const recordOfOcsf = (
  event: JsonObject,
): { record: JsonObject } | { ignored: string } | { fault: string } => {
  const product = asText(at(event, 'metadata', 'product', 'name')) ?? '';
  if (product.toLowerCase() !== 'cloudtrail')
    return { ignored: `the event is of ${product.slice(0, 100) || 'no product'}, and not of CloudTrail` };
  const request = dataOf(event, 'request', 'requestParameters');
  const response = dataOf(event, 'response', 'responseElements');
  for (const [name, read] of [
    ['api.request.data', request],
    ['api.response.data', response],
  ] as const)
    if (read && 'fault' in read) return { fault: `its ${name} is ${read.fault}` };
  const time = member(event, 'time');
  const failure = errorOf(event);
  const fields: [string, Json | undefined][] = [
    ['eventName', at(event, 'api', 'operation')],
    ['eventSource', at(event, 'api', 'service', 'name')],
    ['eventID', at(event, 'metadata', 'uid')],
    ['eventType', at(event, 'metadata', 'event_code') ?? unmapped(event, 'eventType')],
    [
      'eventTime',
      isTime(time) ? new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z') : member(event, 'time_dt'),
    ],
    ['awsRegion', at(event, 'cloud', 'region')],
    ['recipientAccountId', unmapped(event, 'recipientAccountId') ?? at(event, 'cloud', 'account', 'uid')],
    ['userIdentity', identityOf(event)],
    ['errorCode', failure],
    ['errorMessage', at(event, 'api', 'response', 'error_message')],
    ['requestParameters', request && 'value' in request ? request.value : undefined],
    ['responseElements', response && 'value' in response ? response.value : undefined],
  ];
  const told = fields.flatMap(([name, value]): [string, Json][] =>
    value === undefined || value === null ? [] : [[name, value]],
  );
  return { record: Object.fromEntries(told) };
};

const isTime = (value: Json | undefined): value is number =>
  typeof value === 'number' && Math.abs(value) <= 8.64e15;

/** A call that failed names its error; the status alone tells no more than that. */
const errorOf = (event: JsonObject): Json | undefined =>
  at(event, 'api', 'response', 'error') ??
  (at(event, 'status_id') === 2 || at(event, 'status') === 'Failure' ? 'Failure' : undefined);

type Data = { value: Json } | { fault: string };

/** What the call was given or answered: an object, or a JSON text of one. */
const dataOf = (event: JsonObject, side: 'request' | 'response', name: string): Data | undefined => {
  const data = at(event, 'api', side, 'data') ?? unmapped(event, name);
  if (data === undefined || data === null || data === '') return undefined;
  if (typeof data !== 'string') return { value: data };
  const parsed = parseJson(data);
  return parsed.ok ? { value: parsed.value } : { fault: `${parsed.error.fault}: ${parsed.error.message}` };
};

/** What the mapping has no place for: an object, or a list of names and values. */
const unmapped = (event: JsonObject, name: string): Json | undefined => {
  const rest = member(event, 'unmapped');
  if (!Array.isArray(rest)) return member(rest, name);
  return member(
    rest.find((entry) => member(entry, 'key') === name),
    'value',
  );
};

/** The caller: the role behind a session is its issuer. */
const identityOf = (event: JsonObject): Json => {
  const actor = member(event, 'actor') ?? null;
  const issuer = asText(at(actor, 'session', 'issuer'));
  const arn = [at(actor, 'user', 'uid'), at(actor, 'user', 'uuid')].find(
    (uid) => typeof uid === 'string' && uid.startsWith('arn:'),
  );
  const account = at(actor, 'user', 'account', 'uid');
  return {
    ...(arn === undefined ? {} : { arn }),
    ...(account === undefined ? {} : { accountId: account }),
    ...(issuer?.startsWith('arn:') ? { sessionContext: { sessionIssuer: { arn: issuer } } } : {}),
  };
};
