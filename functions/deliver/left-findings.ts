import type { Logger } from '@aws-lambda-powertools/logger';
import { noteCoverage } from '../../shared/aws/keep/coverage.ts';
import type { OnLeft } from '../../shared/aws/tell/member-security-hubs.ts';
import { LEFT_ACTIVE } from '../../shared/facts/coverage.ts';

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
