import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { BatchDependencies } from '../../../functions/audit/audit-batch.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';

process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/** What a batch of the audit function needs besides an account, a cache and a store: all controls, and nobody who hears of it. */
export const quietBatch = (): Omit<BatchDependencies, 'audit' | 'cache' | 'store'> => ({
  controls: async () => CONTROLS,
  logger: new Logger({ logLevel: 'SILENT' }),
  metrics: new Metrics({ namespace: 'test' }),
  settleFailures: async (failures) => [...failures],
  noteHandled: async () => {},
});
