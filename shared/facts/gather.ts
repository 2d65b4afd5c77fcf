import type { AuditedType } from '../domain/change.ts';
import { once } from '../memo.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { gatherJob } from './gather-job.ts';
import type { GatherContext, Gathered } from './gathered.ts';

/**
 * The other gatherers bring the policy engine, and most of the events of an account are of jobs. So a function loads them
 * with the first request that needs one.
 */
const gatherers = once(() => import('./gatherers.ts'));

/** Gathers the facts that a resource's controls require, with as few calls as possible. */
export const gather = async (
  request: AuditRequest,
  context: GatherContext,
): Promise<Gathered<AuditedType>> => {
  if (request.type === 'job') return gatherJob(request, context);
  const { gatherOther } = await gatherers();
  return gatherOther(request, context);
};
