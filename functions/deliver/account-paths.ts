import type { Logger } from '@aws-lambda-powertools/logger';
import { accountOfFinding } from '../../shared/domain/finding.ts';
import type { Change } from '../../shared/findings/state.ts';

/** The places of accounts in their organization, as far as they were learnt. */
export type AccountPaths = {
  /** Learns the places of the accounts of these changes. */
  learn: (changes: readonly Change[]) => Promise<void>;
  /** `o-…/r-…/ou-…/`; undefined where that is not known. */
  pathOf: (account: string) => string | undefined;
};

/** An account that was moved is routed by its new place after this time. */
const KEPT_MS = 10 * 60 * 1000;

/**
 * Knows the places of accounts from what sweeps noted of them. A place that cannot be read is not known, and keeps no alert from being
 * delivered.
 */
export const accountPaths = ({
  own,
  read,
  now,
  logger,
}: {
  /** The account of findings that tell none. */
  own: string;
  read: (account: string) => Promise<string | undefined>;
  now: () => Date;
  logger: Pick<Logger, 'warn'>;
}): AccountPaths => {
  const known = new Map<string, { path: string | undefined; until: number }>();
  const learnOne = async (account: string): Promise<void> => {
    try {
      known.set(account, { path: await read(account), until: now().valueOf() + KEPT_MS });
    } catch (error) {
      logger.warn('the organizational unit of an account is not known', { account, error: error as Error });
    }
  };
  return {
    learn: async (changes) => {
      const accounts = new Set(changes.map(({ finding }) => accountOfFinding(finding) ?? own));
      const stale = [...accounts].filter((account) => (known.get(account)?.until ?? 0) <= now().valueOf());
      await Promise.all(stale.map(learnOne));
    },
    pathOf: (account) => known.get(account)?.path,
  };
};
