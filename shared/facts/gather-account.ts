import { found } from '../reader/read.ts';
import { NOT_IN_SNAPSHOT } from '../reader/snapshot/files.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import type { GatherContext, Gathered } from './gathered.ts';

type AccountRequest = Extract<AuditRequest, { type: 'account' }>;

/** The account as such. A snapshot need not hold trails: nothing is said of them then, as nobody has asked. */
export const gatherAccount = async (
  { resource, gaps }: AccountRequest,
  { reader }: Pick<GatherContext, 'reader'>,
): Promise<Gathered> => {
  const trails = await reader.readTrails();
  const isLeftOut = !trails.ok && trails.unread.code === NOT_IN_SNAPSHOT;
  return {
    arn: resource.arn,
    facts: {
      ...(!isLeftOut && {
        trails: trails.ok ? found({ scope: reader.scope, trails: trails.value }) : trails,
      }),
      gaps: found([...gaps]),
    },
    gone: false,
    executions: [],
  };
};
