import { found } from '../reader/read-result.ts';
import { NOT_IN_SNAPSHOT } from '../reader/snapshot/files.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { type GatherContext, type Gathered, notApplicable } from './gathered.ts';

type AccountRequest = Extract<AuditRequest, { type: 'account' }>;

/** The account as such. A snapshot need not hold trails: nothing is said of them then, as nobody has asked. */
export const gatherAccount = async (
  { resource, gaps }: AccountRequest,
  { reader }: Pick<GatherContext, 'reader'>,
): Promise<Gathered<'account'>> => {
  const trails = await reader.readTrails();
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
      gaps: found([...gaps]),
    },
    gone: false,
    executions: [],
  };
};
