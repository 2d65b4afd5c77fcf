import type { Logger } from '@aws-lambda-powertools/logger';
import { noteCoverage } from '../../shared/aws/keep/coverage.ts';
import type { OnLeft } from '../../shared/aws/tell/member-security-hubs.ts';
import { scopeOfFinding } from '../../shared/domain/finding.ts';
import { hasDeparted } from '../../shared/domain/judgement.ts';
import { isRegion } from '../../shared/domain/regions.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { LEFT_ACTIVE } from '../../shared/facts/coverage.ts';
import type { Sink } from '../../shared/findings/sink.ts';
import { groupBy } from '../../shared/group-by.ts';

type Noting = {
  table: Parameters<typeof noteCoverage>[0];
  now: () => Date;
  logger: Pick<Logger, 'warn'>;
};

/**
 * Tells, in the log and in the coverage, of findings that stay active in the Security Hub of an account that is not watched any more. Of
 * an account that is closed the coverage says so already, and nobody can do anything there.
 */
export const notingLeft =
  ({ table, now, logger }: Noting): OnLeft =>
  async (place, findings) => {
    logger.warn(
      'the Security Hub of an account that has left shows findings as active, as it refuses the hub',
      {
        ...place,
        findings: findings.length,
      },
    );
    if (!findings.some(({ unjudged }) => unjudged?.why === 'account-unwatched')) return;
    try {
      await noteCoverage(table, place, { at: now(), unread: LEFT_ACTIVE });
    } catch (error) {
      logger.warn('the coverage of an account is not noted', { ...place, error: error as Error });
    }
  };

/**
 * The Security Hub of a deployment that watches its own account alone. What has ended in accounts that it watched before is in
 * their own Security Hubs, to which it has no role any more.
 */
export const leavingFormer = (sink: Sink, own: Scope, onLeft: OnLeft): Sink => ({
  ...sink,
  deliver: async (changes) => {
    const byPlace = groupBy(changes, ({ finding }) => {
      const { account, region } = scopeOfFinding(finding, own);
      const isFormer = hasDeparted(finding) && account !== own.account;
      return isFormer ? `${account} ${isRegion(region) ? region : own.region}` : OTHERS;
    });
    for (const [place, former] of byPlace) {
      const [account = '', region = ''] = place.split(' ');
      if (place === OTHERS) await sink.deliver(former);
      else
        await onLeft(
          { account, region },
          former.map(({ finding }) => finding),
        );
    }
  },
});

const OTHERS = '';
