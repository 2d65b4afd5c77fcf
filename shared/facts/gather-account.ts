import { SWEEP_SCHEDULE } from '../config/sweep-schedule.ts';
import { accountRootArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { found, isLeftOut, notRead, type Read } from '../reader/read-result.ts';
import type { ListedTrails } from '../reader/reader.ts';

import type { AuditRequest } from '../requests/audit-request.ts';
import { overdueSince } from './coverage.ts';
import type { CoverageFact } from './facts.ts';
import {
  type Fact,
  type GatherContext,
  type Gathered,
  type GatheredFacts,
  notApplicable,
  notKnown,
} from './gathered.ts';
import { sharesGaps } from './pipeline-shares.ts';
import { NO_HUB, wholeAccountFacts } from './whole-account.ts';

type AccountContext = Pick<GatherContext, 'reader' | 'config' | 'evidence' | 'now' | 'coverage'>;
type AccountRequest = Extract<AuditRequest, { type: 'account' }>;

/**
 * Gathers the facts about an account in a Region. If a snapshot holds no trails or shares, nothing is said
 * about them, because nobody asked for it. Shares that could not be read are told here once, not for each pipeline.
 */
export const gatherAccount = async (
  request: AccountRequest,
  context: AccountContext,
): Promise<Gathered<'account'>> => {
  const { resource, gaps } = request;
  const { reader } = context;
  if (resource.arn === accountRootArn(reader.scope)) return gatherWhole(request, context);
  const trails = await reader.readTrails();
  const shares = await reader.readShares();
  const isNotAsked = !trails.ok && isLeftOut(trails.unread);
  return {
    type: 'account',
    arn: resource.arn,
    facts: {
      trails: trails.ok
        ? found({ scope: reader.scope, ...trails.value })
        : isNotAsked
          ? notKnown('nothing that was read tells of trails')
          : trails,
      coverage: await coverageFact(context),
      gaps: found([...gaps, ...sharesGaps(shares)]),
    },
    gone: false,
    executions: [],
  };
};

/** The facts about an account in a Region, of which only its trails are judged. */
export const trailFacts = (scope: Scope, trails: Read<ListedTrails>): GatheredFacts<'account'> => ({
  trails: trails.ok ? found({ scope, ...trails.value }) : trails,
  coverage: notApplicable('only trails are judged'),
  gaps: found([]),
});

/** The account for all its Regions: whether it can be read at all, and its principals with it. */
const gatherWhole = async (
  { resource, gaps }: AccountRequest,
  { evidence, coverage }: AccountContext,
): Promise<Gathered<'account'>> => {
  const identities = await evidence.identities('outline');
  return {
    type: 'account',
    arn: resource.arn,
    facts: wholeAccountFacts([...gaps, ...(identities.ok ? [] : [identities.unread])], coverage),
    gone: false,
    executions: [],
  };
};

const coverageFact = async ({
  coverage,
  config,
  now,
  reader: { scope },
}: AccountContext): Promise<Fact<CoverageFact>> => {
  if (!coverage) return NO_HUB;
  const read = await coverage(scope);
  if (!read.ok) return read;
  const { account, region } = scope;
  if (!read.value)
    return notRead('GetItem', 'NotKnown', `no sweep has tried to read ${account} in ${region} yet`);
  const { unread } = read.value;
  const since = overdueSince(read.value, config.sweep?.schedule ?? SWEEP_SCHEDULE, now());
  return found({
    scopes: [
      { account, region, ...(unread && { unread }), ...(since !== undefined && { overdueSince: since }) },
    ],
  });
};
