import type { Resource } from '../domain/resource.ts';
import type { Trigger } from '../domain/trigger.ts';
import { groupBy } from '../group-by.ts';
import type { AuditRequest, JobHint, RequestOf } from './audit-request.ts';

/**
 * The key of a request’s resource, by which requests are merged. Case does not count, as SageMaker lower-cased older
 * ARNs. The path of a role or user does not count either: its name is unique without the path, which most records lack.
 */
export const requestKey = (request: AuditRequest): string => {
  const { arn } = request.resource;
  return `${request.type} ${(isPrincipal(request) ? arn.replace(PATH, '$1') : arn).toLowerCase()}`;
};

const PATH = /^((?:[^:]*:){5}(?:role|user)\/).+\//s;

const isPrincipal = (request: AuditRequest): request is Extract<AuditRequest, { type: 'role' | 'user' }> =>
  request.type === 'role' || request.type === 'user';

/**
 * One request for each resource, in the order in which the resources come first. The newest request leads, and nothing
 * that an older one tells is lost (parameters, changed versions, a job’s caller). The order of the input does not
 * matter.
 */
export const mergeRequests = (requests: readonly AuditRequest[]): AuditRequest[] =>
  [...groupBy(requests, requestKey).values()].map((group) => mergeGroup(group.toSorted(byTime)));

/** Merges requests for one resource; the oldest must come first. */
const mergeGroup = (group: readonly AuditRequest[]): AuditRequest => {
  const newest = group.at(-1) as AuditRequest;
  const changed = [...new Set(group.flatMap((request): readonly string[] => request.changed))];
  const merged = { ...newest, changed } as AuditRequest;
  if (merged.type === 'pipeline') return mergePipeline(merged, group.filter(isOfType('pipeline')));
  if (merged.type === 'job') {
    const hints = group.filter(isOfType('job')).map(({ job }) => job);
    return { ...merged, job: hints.reduce(mergeHints) };
  }
  if (merged.type === 'bucket' && !group.every((request) => 'isFollowed' in request)) {
    const { isFollowed: _, ...asked } = merged;
    return asked;
  }
  if (isPrincipal(merged))
    return { ...merged, resource: resourceOfAll(group.filter(isPrincipal)) } as AuditRequest;
  return merged;
};

const isOfType =
  <T extends AuditRequest['type']>(type: T) =>
  (request: AuditRequest): request is RequestOf<T> =>
    request.type === type;

const mergePipeline = (
  newest: RequestOf<'pipeline'>,
  group: readonly RequestOf<'pipeline'>[],
): AuditRequest => {
  const versionUpdates = eachOnce(group.flatMap((request) => request.versionUpdates ?? []));
  const definitionChanges = eachOnce(group.flatMap((request) => request.definitionChanges ?? []));
  return {
    ...newest,
    executions: eachOnce(group.flatMap(({ executions }) => executions)),
    ...(versionUpdates.length > 0 ? { versionUpdates } : {}),
    ...(definitionChanges.length > 0 ? { definitionChanges } : {}),
  };
};

/** The same event may come twice. It is one start and one change. */
const eachOnce = <T extends { trigger: Trigger }>(told: readonly T[]): T[] => [
  ...new Map(told.map((each) => [each.trigger.eventId || each, each])).values(),
];

const byTime = (one: AuditRequest, other: AuditRequest): number => {
  const [parts, others] = [orderOf(one), orderOf(other)];
  const index = parts.findIndex((part, at) => part !== others[at]);
  return index < 0 ? 0 : (parts[index] ?? '') < (others[index] ?? '') ? -1 : 1;
};

/**
 * The order of requests whose records give the same second: a deletion comes last, lower version numbers come first,
 * and event ids decide the rest.
 */
const orderOf = (request: AuditRequest): string[] => {
  const versionId = request.type === 'pipeline' ? request.definitionChanges?.[0]?.versionId : undefined;
  return [
    request.trigger?.eventTime ?? '',
    'deleted' in request && request.deleted ? '1' : '0',
    versionId === undefined ? '' : String(versionId).padStart(VERSION_DIGITS, '0'),
    request.trigger?.eventId ?? '',
  ];
};

/** The digits of the largest safe integer. */
const VERSION_DIGITS = 16;

/** All requests for a name use the path that one record told, until a deletion frees the name for another path. */
const resourceOfAll = (group: readonly RequestOf<'role' | 'user'>[]): Resource =>
  group.reduce((older, newer) =>
    older.deleted || older.resource.arn.length <= newer.resource.arn.length
      ? newer
      : { ...newer, resource: older.resource },
  ).resource;

/**
 * The newest record tells who created a job, and SageMaker’s event tells which step did. Neither fills gaps of the
 * other.
 */
const mergeHints = (older: JobHint, newer: JobHint): JobHint => {
  const named = older.nameKeepsCase || newer.name === undefined ? older : newer;
  const { hasRecord: _, ...told } = { ...older, ...newer };
  return {
    ...told,
    ...(older.hasRecord && newer.hasRecord ? { hasRecord: true } : {}),
    ...(named.name === undefined ? {} : { name: named.name }),
    nameKeepsCase: named.nameKeepsCase,
  };
};
