import { setImmediate } from 'node:timers/promises';
import type { Finding } from '../domain/finding.ts';
import { asOf } from '../findings/evidence-time.ts';
import { groupedFindings } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { mergeRequests, requestKey } from '../requests/merge.ts';
import { type AuditContext, type Audited, auditResource } from './audit-resource.ts';
import { inOrder } from './in-order.ts';

const CONCURRENCY = 8;

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
): Promise<Finding[]> => {
  const findings = new Map<string, Finding>();
  const finishedObservations: Observation[] = [];
  const seen = new Set<string>();
  let done = 0;
  let total = 0;
  const keep = (observation: Observation): void => {
    if (observation.finishedArn !== undefined) finishedObservations.push(observation);
    else
      for (const finding of observation.findings)
        findings.set(finding.id, { ...finding, evidenceAt: asOf(observation) });
  };
  const run = async (round: readonly AuditRequest[]): Promise<AuditRequest[]> => {
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
        await setImmediate(); // an event loop that never pauses would starve timers
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, here));
    return followed;
  };
  const isFirst = ({ type }: AuditRequest): boolean => type === 'pipeline' || type === 'job';
  const followed = await run(requests.filter(isFirst));
  let next = [...requests.filter((request) => !isFirst(request)), ...followed];
  for (let round = 0; round < MAX_ROUNDS && next.length > 0; round++) next = await run(next);
  return [...findings.values(), ...groupedFindings(finishedObservations)];
};
