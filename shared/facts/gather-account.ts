import { found } from '../reader/read-result.ts';
import { NOT_IN_SNAPSHOT } from '../reader/snapshot/files.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { type GatherContext, type Gathered, notApplicable } from './gathered.ts';
import { sharesGaps } from './pipeline-shares.ts';

type AccountRequest = Extract<AuditRequest, { type: 'account' }>;

/**
 * Gathers the facts about an account itself. If a snapshot holds no trails or shares, nothing is said
 * about them, because nobody asked for it. Shares that could not be read are told here once, not for each pipeline.
 */
export const gatherAccount = async (
  { resource, gaps }: AccountRequest,
  { reader }: Pick<GatherContext, 'reader'>,
): Promise<Gathered<'account'>> => {
  const trails = await reader.readTrails();
  const shares = await reader.readShares();
  const isLeftOut = !trails.ok && trails.unread.code === NOT_IN_SNAPSHOT;
  return {
    type: 'account',
    arn: resource.arn,
    facts: {
      trails: trails.ok
        ? found({ scope: reader.scope, trails: trails.value })
        : isLeftOut
          ? notApplicable('the snapshot holds no trails')
          : trails,
      gaps: found([...gaps, ...sharesGaps(shares)]),
    },
    gone: false,
    executions: [],
  };
};
