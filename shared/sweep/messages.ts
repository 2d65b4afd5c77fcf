import { parseArn } from '../domain/arn.ts';
import { isOfAllRegions } from '../domain/finding.ts';
import type { Gap } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import { eventSource } from '../events/cloudtrail.ts';
import { readEvents } from '../events/read-events.ts';
import { MOST_LED_BY, SWEEP_DETAIL_TYPE, SWEEP_SOURCE, type SweepResource } from '../events/sweep-message.ts';
import { asText, isObject, type Json, type JsonObject, memberAnyCase } from '../json/json.ts';
import type { AuditRequest } from '../requests/audit-request.ts';

/** What goes into each message of a sweep. */
export type SweepContext = { sweepId: string; scope: Scope; time: string };

/** Step Functions and SQS take ten messages as one batch of at most 256 KB. */
const MAX_BYTES = 24 * 1024;
const MAX_GAPS = 20;
const MAX_TEXT = 1000;

/** The message that asks for a look; undefined for requests that no sweep makes. */
export const sweepMessage = (
  request: AuditRequest,
  number: number,
  { sweepId, scope, time }: SweepContext,
): JsonObject | undefined => {
  const resource = resourceOf(request);
  return (
    resource && {
      version: '0',
      id: `${sweepId}-${number}`,
      source: SWEEP_SOURCE,
      'detail-type': SWEEP_DETAIL_TYPE,
      account: scope.account,
      // What has a Region in its ARN is looked at there; a role or bucket is looked at for all Regions.
      region: parseArn(request.resource.arn)?.region || scope.region,
      time,
      detail: { resource: resource as JsonObject },
      changed: [...request.changed],
      ...triggerIn(request),
      ...(request.learntAt !== undefined && { learntAt: request.learntAt }),
      ...(request.ledBy !== undefined && { ledBy: request.ledBy.slice(0, MOST_LED_BY) }),
      ...(request.isLast && { isLast: true }),
      ...('isFollowed' in request && request.isFollowed && { isFollowed: true }),
    }
  );
};

/** Who caused the event stands beside it, because functions of older versions refuse unknown fields in it. */
const triggerIn = ({ trigger }: AuditRequest): JsonObject => {
  if (!trigger) return {};
  const { by, ...event } = trigger;
  return { trigger: event, ...(by !== undefined && { triggeredBy: by }) };
};

const resourceOf = (request: AuditRequest): SweepResource | undefined => {
  switch (request.type) {
    case 'pipeline':
    case 'bucket':
      return { type: request.type, name: request.name, ...(request.deleted && { deleted: true }) };
    case 'role':
    case 'user':
      return { type: request.type, arn: request.resource.arn, ...(request.deleted && { deleted: true }) };
    case 'job': {
      const { kind, name } = request.job;
      return name === undefined ? undefined : { type: 'job', kind, name };
    }
    case 'organization':
      return { type: 'organization' };
    case 'account': {
      const gaps = request.gaps.slice(0, MAX_GAPS).map(shortGap);
      const isWhole = isOfAllRegions(request.resource.arn);
      return { type: 'account', ...(gaps.length > 0 && { gaps }), ...(isWhole && { isWhole }) };
    }
    case 'group':
    case 'policy':
    case 'key':
    case 'share':
      return undefined;
  }
};

const shortGap = ({ call, code, message, subject }: Gap) => ({
  call: call.slice(0, MAX_TEXT),
  code: code.slice(0, 256),
  message: message.slice(0, MAX_TEXT).toWellFormed(),
  ...(subject !== undefined && { subject: subject.slice(0, 256) }),
});

/**
 * A record of the event history in the form in which EventBridge would have delivered it; nothing where it needs no
 * look. From a record that is too large for a batch the request is removed, as CloudTrail does with larger ones. Where
 * the rest names no resource, requests for its resources are returned instead.
 */
export const lostEvent = (
  record: Json,
  scope: Scope,
): { event: JsonObject } | { requests: AuditRequest[] } => {
  const source = eventSource(record);
  if (!isObject(record) || source === '') return { requests: [] };
  const { requests, unreadable } = readEvents(record, 'record');
  if (requests.length === 0 && unreadable.length === 0) return { requests: [] };
  const whole = envelope(record, source, scope);
  if (isSmall(whole)) return { event: whole };
  const cut = envelope({ ...record, requestParameters: OMITTED }, source, scope);
  if (isSmall(cut) && readEvents(cut, 'record').unreadable.length === 0) return { event: cut };
  return { requests };
};

const OMITTED: JsonObject = { omitted: 'true', reason: 'requestParameters too large' };

const isSmall = (value: Json): boolean => new TextEncoder().encode(JSON.stringify(value)).length <= MAX_BYTES;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
const envelope = (record: JsonObject, eventSource: string, { account, region }: Scope): JsonObject => ({
  version: '0',
  id: asText(memberAnyCase(record, 'eventID')) ?? '',
  'detail-type': 'AWS API Call via CloudTrail',
  source: `aws.${eventSource.split('.')[0]}`,
  account: asText(memberAnyCase(record, 'recipientAccountId')) ?? account,
  time: asText(memberAnyCase(record, 'eventTime')) ?? '',
  region: asText(memberAnyCase(record, 'awsRegion')) ?? region,
  resources: [],
  detail: record,
});
