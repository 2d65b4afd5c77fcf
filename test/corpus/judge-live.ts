import { audit } from '../../cli/audit.ts';
import { liveReader } from '../../shared/aws/read/live-reader.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { isOpen } from '../../shared/domain/status.ts';
import { cachedReader } from '../../shared/reader/cached-reader.ts';
import type { Account } from './account.ts';
import { QUIET } from './judge.ts';
import { loadDifference } from './moto-account.ts';

/** The open findings of a live account, for which moto stands in. Only one account at a time for each moto. */
export const judgeLive = async (account: Account, endpoint: string): Promise<Finding[]> => {
  const clients = await loadDifference(account, endpoint);
  const scope = { account: account.account, region: account.region, partition: 'aws' };
  const reader = cachedReader(liveReader({ ...clients, scope }), { now: () => new Date() });
  const { findings } = await audit([reader], account.config, undefined, QUIET);
  return findings.filter(({ status }) => isOpen(status));
};
