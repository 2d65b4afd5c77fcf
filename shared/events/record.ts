import { parseArn, parseAssumedRole } from '../domain/arn.ts';
import type { Trigger } from '../domain/trigger.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';

/** What a record leads to: requests, or the reason why none; `unreadable` where it should have led to one. */
export type Reading = { requests: AuditRequest[] } | { ignored: string } | { unreadable: string };

/** Everything that the reading of one record needs, taken from it once. */
export type Call = {
  eventName: string;
  request: Json | undefined;
  response: Json | undefined;
  record: Json;
  partition: string;
  region: string;
  account: string;
  trigger: Trigger;
};

/** The operations of a service whose records are read, each with its reading. */
export type RecordReaders = ReadonlyMap<string, (call: Call) => Reading>;

/** The same reading for several operations. */
export const readersOf = (
  operations: readonly string[],
  read: (call: Call) => Reading,
): [string, (call: Call) => Reading][] => operations.map((operation) => [operation, read]);

export const callOf = (record: Json, trigger: Trigger): Call => {
  const region = asText(memberAnyCase(record, 'awsRegion')) ?? '';
  const request = memberAnyCase(record, 'requestParameters');
  return {
    eventName: trigger.eventName,
    request: isOmitted(request) ? undefined : request,
    response: memberAnyCase(record, 'responseElements'),
    record,
    partition: partitionOf(record, region),
    region,
    account: accountOf(record),
    trigger,
  };
};

/** A request over 100 KB is replaced by `{"reason": …, "omitted": "true", "originalSize": …}`, strings throughout. */
export const isOmitted = (request: Json | undefined): boolean =>
  asText(memberAnyCase(request, 'omitted')) === 'true';

/** A field of the request, else of the response. */
export const field = (call: Call, name: string): string | undefined =>
  asText(memberAnyCase(call.request, name)) ?? asText(memberAnyCase(call.response, name));

/** A value of an object in an object, whatever the case of their keys. */
export const memberAt = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => memberAnyCase(inner, key), value);

/** Who made the call: the role behind a session, or the user; undefined where only a session is told. */
export const callerArn = (identity: Json | undefined): string | undefined => {
  const arn = asText(memberAnyCase(identity, 'arn'));
  const issuer = asText(memberAt(identity, 'sessionContext', 'sessionIssuer', 'arn'));
  return issuer ?? (arn !== undefined && parseAssumedRole(arn) ? undefined : arn);
};

const accountOf = (record: Json): string =>
  asText(memberAnyCase(record, 'recipientAccountId')) ??
  asText(memberAt(record, 'userIdentity', 'accountId')) ??
  '';

const partitionOf = (record: Json, region: string): string => {
  const caller = parseArn(asText(memberAt(record, 'userIdentity', 'arn')) ?? '');
  if (caller) return caller.partition;
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};
