import { parseArn, parseAssumedRole } from '../domain/arn.ts';
import { partitionOfRegion } from '../domain/regions.ts';
import type { RequestTrigger } from '../domain/trigger.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { AuditedCallOf, RecordForm } from './audited-calls.ts';
import { isHidden } from './hidden.ts';

/**
 * What a record leads to: requests, or the reason why it needs no look; `unreadable` where it should have led to a
 * request.
 */
export type Reading = { requests: AuditRequest[] } | { ignored: string } | { unreadable: string };

/** What the readers need of one CloudTrail record, and what is known of its call. */
export type Call<F extends RecordForm = RecordForm> = {
  audited: AuditedCallOf<F>;
  eventName: string;
  request: Json | undefined;
  response: Json | undefined;
  record: Json;
  partition: string;
  region: string;
  account: string;
  trigger: RequestTrigger;
};

/** Reads the records of one form. */
export type RecordReader<F extends RecordForm> = (call: Call<F>) => Reading;

export const callOf = <F extends RecordForm>(
  record: Json,
  trigger: RequestTrigger,
  audited: AuditedCallOf<F>,
): Call<F> => {
  const region = asText(memberAnyCase(record, 'awsRegion')) ?? '';
  const request = memberAnyCase(record, 'requestParameters');
  return {
    audited,
    eventName: trigger.eventName,
    request: isOmitted(request) || isHidden(request) ? undefined : request,
    response: memberAnyCase(record, 'responseElements'),
    record,
    partition: partitionOf(record, region),
    region,
    account: accountOf(record),
    trigger,
  };
};

/** CloudTrail replaces a request over 100 KB by `{"reason": …, "omitted": "true", "originalSize": …}`, all strings. */
export const isOmitted = (request: Json | undefined): boolean =>
  asText(memberAnyCase(request, 'omitted')) === 'true';

/** A field of the request; of the response where the request lacks it. */
export const field = (call: Pick<Call, 'request' | 'response'>, name: string): string | undefined =>
  asText(memberAnyCase(call.request, name)) ?? asText(memberAnyCase(call.response, name));

/** A value inside nested objects, whatever the case of their keys. */
export const memberAt = (value: Json | undefined, ...path: string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => memberAnyCase(inner, key), value);

/** Who made the call: the user, or the role behind the session. Undefined where the record names only a session. */
export const callerArn = (identity: Json | undefined): string | undefined => {
  const arn = asText(memberAnyCase(identity, 'arn'));
  const issuer = asText(memberAt(identity, 'sessionContext', 'sessionIssuer', 'arn'));
  return issuer ?? (arn !== undefined && parseAssumedRole(arn) ? undefined : arn);
};

/** Who a record says made its call: the user or role, else the session, or the service of AWS that made it. */
export const madeBy = (record: Json): string | undefined => {
  const identity = memberAnyCase(record, 'userIdentity');
  const told =
    callerArn(identity) ??
    asText(memberAnyCase(identity, 'arn')) ??
    asText(memberAnyCase(identity, 'invokedBy'));
  return told !== undefined && told !== '' && told.length <= MAX_CALLER ? told : undefined;
};

/** Half of an ARN would be that of somebody else. */
const MAX_CALLER = 2048;

/** The account that a record is of; empty where the record does not tell. */
export const accountOf = (record: Json): string =>
  asText(memberAnyCase(record, 'recipientAccountId')) ??
  asText(memberAt(record, 'userIdentity', 'accountId')) ??
  '';

/** The partition of a record: its caller’s, else the one of its Region. */
export const partitionOf = (record: Json, region: string): string => {
  const caller = parseArn(asText(memberAt(record, 'userIdentity', 'arn')) ?? '');
  if (caller) return caller.partition;
  return partitionOfRegion(region);
};
