import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { AuditedAccount, BatchDependencies } from '../../../functions/audit/audit-batch.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { CachedReader } from '../../../shared/reader/cached-reader.ts';
import type { Reader } from '../../../shared/reader/reader.ts';

process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/** What a batch of the audit function needs besides accounts and a store: all controls, and nobody who hears of it. */
export const quietBatch = (): Omit<BatchDependencies, 'own' | 'accounts' | 'store' | 'now'> => ({
  controls: async () => CONTROLS,
  logger: new Logger({ logLevel: 'SILENT' }),
  metrics: new Metrics({ namespace: 'test' }),
  maxReceives: 5,
  settleFailures: async (failures) => [...failures],
  noteHandled: async () => {},
  noteUnread: async () => {},
  spread: async () => {},
});

type OneAccount = Pick<AuditedAccount, 'audit' | 'store'> & {
  cache?: Pick<CachedReader, 'forget' | 'forgetBefore'>;
};

/** A deployment that watches its own account alone. Without `cache`, its readers keep no answers. */
export const oneAccount = ({
  audit,
  store,
  cache = { forget: () => {}, forgetBefore: () => {} },
}: OneAccount): Pick<BatchDependencies, 'own' | 'accounts' | 'store' | 'now'> => {
  const { readers, now } = audit({ waits: true, beforeListing: async () => {} });
  return {
    own: readers[0].scope.account,
    accounts: async (_, drop) => {
      drop(cache);
      return { is: 'watched', context: { audit, cache, store } };
    },
    store,
    now,
  };
};

/** What the looks of a batch share, if its account has this reader and configuration and nobody remembers an execution. */
export const batchOver = (
  reader: Reader,
  config: Config,
  now: () => Date,
): ReturnType<AuditedAccount['audit']> => ({
  readers: [reader],
  config,
  now,
  countsPasses: true,
  recallExecution: async () => undefined,
  evidence: accountEvidence(reader, config),
});
