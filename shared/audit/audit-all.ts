import { setImmediate } from 'node:timers/promises';
import type { Finding } from '../domain/finding.ts';
import { groupedFindings } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { mergeRequests, requestKey } from '../requests/merge.ts';
import { type AuditContext, type Audited, auditResource } from './audit-resource.ts';
import { inOrder } from './in-order.ts';

const CONCURRENCY = 8;

/** Audits resources in another thread. The results have the order of the requests. */
export type Aside = (requests: readonly AuditRequest[]) => Promise<Audited[]>;

/**
 * Another thread that takes some of the pipelines and jobs, and a listing of further resources that runs meanwhile.
 * `end` is called when no pipeline and no job is left, so that the thread’s memory is free for the rest of the audit.
 */
export type Sharing = {
  aside: Aside;
  end: () => Promise<unknown>;
  more: () => Promise<readonly AuditRequest[]>;
};

/**
 * The other thread gets this many resources at a time, and so many batches at once, so that it never waits for work.
 */
const ASIDE = { resources: 20, times: 2 };

/** Policies lead to principals, and pipelines to both. The bound ends every chain of follow-up looks. */
const MAX_ROUNDS = 4;

/**
 * Audits all requests, each in its context: first pipelines and jobs, then all others and whatever they lead to. `onAudited`
 * is called after each resource, in the order of the requests.
 */
export const auditAll = async (
  requests: readonly AuditRequest[],
  contextOf: (request: AuditRequest) => AuditContext,
  onAudited: (audited: Audited, done: number, total: number) => void = () => {},
  sharing?: Sharing,
): Promise<Finding[]> => {
  const findings = new Map<string, Finding>();
  const finishedObservations: Observation[] = [];
  const seen = new Set<string>();
  let done = 0;
  let total = 0;
  const keep = (observation: Observation): void => {
    if (observation.finishedArn !== undefined) finishedObservations.push(observation);
    else for (const finding of observation.findings) findings.set(finding.id, finding);
  };
  const run = async (round: readonly AuditRequest[], other?: Aside): Promise<AuditRequest[]> => {
    const fresh = mergeRequests(round).filter((request) => !seen.has(requestKey(request)));
    for (const request of fresh) seen.add(requestKey(request));
    total += fresh.length;
    const followed: AuditRequest[] = [];
    const tell = inOrder((audited: Audited) => {
      audited.observations.forEach(keep);
      followed.push(...audited.follow);
      onAudited(audited, ++done, total);
    });
    let next = 0;
    const here = async (): Promise<void> => {
      for (let index = next++; index < fresh.length; index = next++) {
        const request = fresh[index] as AuditRequest;
        tell(index, await auditResource(request, contextOf(request)));
        await setImmediate(); // an event loop that never pauses would starve timers and the other thread
      }
    };
    const there = async (auditAside: Aside): Promise<void> => {
      while (next < fresh.length) {
        const from = next;
        next += ASIDE.resources;
        const all = await auditAside(fresh.slice(from, next));
        for (const [at, audited] of all.entries()) tell(from + at, audited);
      }
    };
    await Promise.all([
      ...(other ? Array.from({ length: ASIDE.times }, () => there(other)) : []),
      ...Array.from({ length: CONCURRENCY }, here),
    ]);
    return followed;
  };
  const isFirst = ({ type }: AuditRequest): boolean => type === 'pipeline' || type === 'job';
  const [followed, more] = await Promise.all([
    run(requests.filter(isFirst), sharing?.aside),
    sharing?.more() ?? [],
  ]);
  followed.push(...(await run(more.filter(isFirst), sharing?.aside)));
  await sharing?.end();
  let next = [...[...requests, ...more].filter((request) => !isFirst(request)), ...followed];
  for (let round = 0; round < MAX_ROUNDS && next.length > 0; round++) next = await run(next);
  return [...findings.values(), ...groupedFindings(finishedObservations)];
};
