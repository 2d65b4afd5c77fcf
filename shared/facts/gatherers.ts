import type { AuditedType } from '../domain/change.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { gatherAccount } from './gather-account.ts';
import { gatherBucket } from './gather-bucket.ts';
import { gatherKey } from './gather-key.ts';
import { gatherMembers } from './gather-members.ts';
import { gatherOrganization } from './gather-organization.ts';
import { gatherPipeline } from './gather-pipeline.ts';
import { gatherPrincipal } from './gather-principal.ts';
import { gatherShare } from './gather-share.ts';
import type { GatherContext, Gathered } from './gathered.ts';

/** Gathers the facts of everything but a job. */
export const gatherOther = async (
  request: Exclude<AuditRequest, { type: 'job' }>,
  context: GatherContext,
): Promise<Gathered<Exclude<AuditedType, 'job'>>> => {
  switch (request.type) {
    case 'pipeline':
      return gatherPipeline(request, context);
    case 'bucket':
      return gatherBucket(request, context);
    case 'role':
    case 'user':
      return gatherPrincipal(request, context);
    case 'group':
    case 'policy':
      return gatherMembers(request, context);
    case 'key':
      return gatherKey(request, context);
    case 'share':
      return gatherShare(request, context);
    case 'organization':
      return gatherOrganization(request, context);
    case 'account':
      return gatherAccount(request, context);
  }
};
