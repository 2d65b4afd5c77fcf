import type { AuditRequest, JobHint } from './audit-request.ts';

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
 * told is lost (what changed, an execution's parameters, a version that was changed, a job's caller).
 */
export const mergeRequests = (requests: readonly AuditRequest[]): AuditRequest[] => {
  const merged = new Map<string, AuditRequest>();
  for (const request of requests) {
    const key = requestKey(request);
    const known = merged.get(key);
    merged.set(key, known ? mergeTwo(known, request) : request);
  }
  return [...merged.values()];
};

const mergeTwo = (a: AuditRequest, b: AuditRequest): AuditRequest => {
  const [older, newer] = (a.trigger?.eventTime ?? '') <= (b.trigger?.eventTime ?? '') ? [a, b] : [b, a];
  if (older.type === 'pipeline' && newer.type === 'pipeline') {
    const inEvent = newer.inEvent ?? older.inEvent;
    const versionUpdates = [...(older.versionUpdates ?? []), ...(newer.versionUpdates ?? [])];
    return {
      ...newer,
      changed: together(older, newer),
      executions: [...older.executions, ...newer.executions],
      ...(versionUpdates.length > 0 ? { versionUpdates } : {}),
      ...(inEvent ? { inEvent } : {}),
    };
  }
  if (older.type === 'job' && newer.type === 'job')
    return { ...newer, changed: together(older, newer), job: mergeHints(older.job, newer.job) };
  if (isPrincipal(older) && isPrincipal(newer))
    return {
      ...newer,
      changed: together(older, newer),
      ...(!older.deleted && { resource: withMorePath(older, newer) }),
    };
  // Requests of one key are of one type.
  return { ...newer, changed: together<string>(older, newer) } as AuditRequest;
};

/** What either of the two knows to have changed. */
const together = <C>(older: { changed: readonly C[] }, newer: { changed: readonly C[] }): C[] => [
  ...new Set([...older.changed, ...newer.changed]),
];

/** Until a deletion frees the name for another path, the path that one record told is that of all. */
const withMorePath = <R extends { arn: string }>(older: { resource: R }, newer: { resource: R }): R =>
  (older.resource.arn.length > newer.resource.arn.length ? older : newer).resource;

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
