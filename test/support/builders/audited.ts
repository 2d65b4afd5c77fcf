import { join } from 'node:path';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { snapshotReader } from '../../../cli/audit.ts';
import { auditBatch } from '../../../functions/audit/audit-batch.ts';
import { safeLogger } from '../../../functions/logger.ts';
import { DEFAULT_CONFIG } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { oneAccount } from './quiet-batch.ts';

const ACCOUNT_FOLDER = join(import.meta.dirname, '../../../examples/account');

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;

/** What the audit function delivers and logs for these messages and the example account. */
export const audited = async (
  bodies: readonly string[],
): Promise<{ findings: Finding[]; log: string[]; failed: number }> => {
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  const reader = await snapshotReader(ACCOUNT_FOLDER);
  const store = memoryStore();
  const findings: Finding[] = [];
  const log: string[] = [];
  const batch = auditBatch({
    ...oneAccount({
      audit: () => ({
        readers: [reader],
        config: DEFAULT_CONFIG,
        now: () => new Date(),
        recallExecution: (executionId) => store.recallExecution(executionId),
        evidence: accountEvidence(reader, DEFAULT_CONFIG),
      }),
      store: {
        ...store,
        observe: async (observation) => {
          const outcome = await store.observe(observation);
          findings.push(...outcome.changes.map(({ finding }) => finding));
          return outcome;
        },
      },
    }),
    logger: safeLogger({ logLevel: 'DEBUG' }),
    metrics: new Metrics({ namespace: 'threats' }),
    settleFailures: async (failures) => [...failures],
    controls: async () => CONTROLS,
    noteHandled: async () => {},
    maxReceives: 5,
    noteUnread: async () => {},
    spread: async () => {},
  });
  const restore = captured(log);
  try {
    const Records = bodies.map((body, index) => ({ messageId: String(index), body }));
    const { batchItemFailures } = await batch({ Records } as never, CONTEXT);
    return { findings, log, failed: batchItemFailures.length };
  } finally {
    restore();
  }
};

/** Collects everything written to this process's own outputs, where Lambda finds a function's log. */
export const captured = (lines: string[]): (() => void) => {
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    }),
  );
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
};
