import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { snapshotReader } from '../../cli/audit.ts';
import { auditBatch } from '../../functions/audit/audit-batch.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { accountEvidence } from '../../shared/facts/account-evidence.ts';
import { type Change, isClosing } from '../../shared/findings/state.ts';
import { memoryStore } from '../../shared/findings/store.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import { oneAccount } from '../support/builders/quiet-batch.ts';
import { type Account, writeSnapshot } from './account.ts';
import { handleBatch } from './handle-batch.ts';

/** The open findings as a person knows them who sees only the delivered changes. */
export type Known = ReadonlyMap<string, Finding>;

/** The audit function with one store, through several states of an account. */
export const eventPath = () => {
  const store = memoryStore();
  const known = new Map<string, Finding>();
  let clock = Date.now();
  const logger = new Logger({ logLevel: 'SILENT' });
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  const metrics = new Metrics({ namespace: 'corpus' });
  const deliver = (changes: readonly Change[]): void => {
    for (const { kind, finding } of changes)
      if (!isClosing({ kind })) known.set(finding.id, finding);
      else known.delete(finding.id);
  };
  return {
    known: known as Known,
    /** Handles events while the account is in this state. */
    handle: async (account: Account, events: readonly JsonObject[]): Promise<void> => {
      const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
      try {
        await writeSnapshot(account, folder);
        const reader = await snapshotReader(folder);
        const batch = auditBatch({
          ...oneAccount({
            audit: () => ({
              readers: [reader],
              config: account.config,
              now: () => {
                clock += 1000;
                return new Date(clock);
              },
              recallExecution: (executionId) => store.recallExecution(executionId),
              evidence: accountEvidence(reader, account.config),
            }),
            store,
          }),
          logger,
          metrics,
          controls: async () => CONTROLS,
          noteHandled: async () => {},
          maxReceives: 5,
          noteUnread: async () => {},
          spread: async () => {},
          settleFailures: async (failures) => [...failures],
        });
        await handleBatch(batch, events);
        for await (const { resourceArn } of store.states()) {
          const changes = await store.pending(resourceArn);
          deliver(changes);
          await store.acknowledge(resourceArn, changes, []);
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
};
