import { setImmediate } from 'node:timers/promises';
import type { Finding } from '../domain/finding.ts';
import { groupedFindings } from '../findings/group-finished.ts';
import type { Observation } from '../findings/state.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { mergeRequests, requestKey } from '../requests/merge.ts';
import { type AuditContext, type Audited, auditResource } from './audit-resource.ts';
import { inOrder } from './in-order.ts';

/** How many resources are looked at side by side. */
const CONCURRENCY = 8;

/** Audits resources in another thread; what it gives has the order of the requests. */
export type Aside = (requests: readonly AuditRequest[]) => Promise<Audited[]>;

/** Another thread to share pipelines and jobs with, and what else there is to look at, listed while it is at work. */
export type Sharing = { aside: Aside; more: () => Promise<readonly AuditRequest[]> };

/** How many resources go to the other thread at a time, and how often: it is given the next while it is at work. */
const ASIDE = { resources: 20, times: 2 };

/** Policies lead to principals, and pipelines to both: so much is enough, and ends whatever comes. */
const MAX_ROUNDS = 4;

/**
 * Audits every request, pipelines and jobs first, and then what they lead to. `onAudited` is told after each resource,
 * in the order of the requests, and given what pipelines ask of the account and how much passed.
 */
export const auditAll = async (
  requests: readonly AuditRequest[],
  context: AuditContext,
  onAudited: (audited: Audited, done: number, total: number) => void = () => {},
  sharing?: Sharing,
): Promise<Finding[]> => {
  const findings = new Map<string, Finding>();
  const gathering: Observation[] = [];
  const seen = new Set<string>();
  let done = 0;
  let total = 0;
  const keep = (observation: Observation): void => {
    if (observation.finishedArn !== undefined) gathering.push(observation);
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
        tell(index, await auditResource(fresh[index] as AuditRequest, context));
        await setImmediate(); // where reading waits for nothing, timers and the other thread would not be heard
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
  let next = [...[...requests, ...more].filter((request) => !isFirst(request)), ...followed];
  for (let round = 0; round < MAX_ROUNDS && next.length > 0; round++) next = await run(next);
  return [...findings.values(), ...groupedFindings(gathering)];
};
