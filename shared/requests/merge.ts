import type { Resource } from '../domain/resource.ts';
import { groupBy } from '../group-by.ts';
import type { AuditRequest, JobHint, RequestOf } from './audit-request.ts';

/**
 * What identifies the resource of a request: older ARNs are lower-cased, so case does not count, and neither does the
 * path of a role or user, whose name is unique without it and which most records do not tell.
 */
export const requestKey = (request: AuditRequest): string => {
  const { arn } = request.resource;
  return `${request.type} ${(isPrincipal(request) ? arn.replace(PATH, '$1') : arn).toLowerCase()}`;
};

const PATH = /^((?:[^:]*:){5}(?:role|user)\/).+\//s;

const isPrincipal = (request: AuditRequest): request is Extract<AuditRequest, { type: 'role' | 'user' }> =>
  request.type === 'role' || request.type === 'user';

/**
 * One request for each resource, in order of first mention: the newest event leads, and nothing that an older one
 * told is lost (an execution's parameters, a version that was changed, a job's caller). The order in which the events
 * arrive makes no difference to any of them.
 */
export const mergeRequests = (requests: readonly AuditRequest[]): AuditRequest[] =>
  [...groupBy(requests, requestKey).values()].map((group) => mergeGroup(group.toSorted(byTime)));

/** Of requests for one resource, the oldest first. */
const mergeGroup = (group: readonly AuditRequest[]): AuditRequest => {
  const newest = group.at(-1) as AuditRequest;
  // Requests of one key are of one type.
  const changed = [...new Set(group.flatMap((request): readonly string[] => request.changed))];
  const merged = { ...newest, changed } as AuditRequest;
  if (merged.type === 'pipeline') return mergePipeline(merged, group.filter(isOfType('pipeline')));
  if (merged.type === 'job') {
    const hints = group.filter(isOfType('job')).map(({ job }) => job);
    return { ...merged, job: hints.reduce(mergeHints) };
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
  const versionUpdates = group.flatMap((request) => request.versionUpdates ?? []);
  const definitionChanges = group.flatMap((request) => request.definitionChanges ?? []);
  return {
    ...newest,
    executions: group.flatMap(({ executions }) => executions),
    ...(versionUpdates.length > 0 ? { versionUpdates } : {}),
    ...(definitionChanges.length > 0 ? { definitionChanges } : {}),
  };
};

const byTime = (one: AuditRequest, other: AuditRequest): number => {
  const [parts, others] = [orderOf(one), orderOf(other)];
  const index = parts.findIndex((part, at) => part !== others[at]);
  return index < 0 ? 0 : (parts[index] ?? '') < (others[index] ?? '') ? -1 : 1;
};

/**
 * Records tell whole seconds. Of those in the same, a deletion is the last, a version that was made comes before those
 * of higher numbers, and the rest is told apart by the ids of the events.
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

/** As many as the largest safe integer has. */
const VERSION_DIGITS = 16;

/** Until a deletion frees the name for another path, the path that one record told is that of all. */
const resourceOfAll = (group: readonly RequestOf<'role' | 'user'>[]): Resource =>
  group.reduce((older, newer) =>
    older.deleted || older.resource.arn.length <= newer.resource.arn.length
      ? newer
      : { ...newer, resource: older.resource },
  ).resource;

const mergeHints = (older: JobHint, newer: JobHint): JobHint => {
  const named = older.nameKeepsCase || newer.name === undefined ? older : newer;
  const execution = { ...older.execution, ...newer.execution };
  const stepNameStart = longer(older.execution?.stepNameStart, newer.execution?.stepNameStart);
  const { hasRecord: _, ...told } = { ...older, ...newer };
  return {
    ...told,
    ...(older.hasRecord && newer.hasRecord ? { hasRecord: true } : {}),
    ...(named.name === undefined ? {} : { name: named.name }),
    nameKeepsCase: named.nameKeepsCase,
    ...(execution.executionId === undefined
      ? {}
      : {
          execution: {
            ...execution,
            executionId: execution.executionId,
            ...(stepNameStart === undefined ? {} : { stepNameStart }),
          },
        }),
  };
};

/** A step event names the whole step, a session and a job name only its beginning. */
const longer = (a: string | undefined, b: string | undefined): string | undefined =>
  (a?.length ?? 0) >= (b?.length ?? 0) ? a : b;
