import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, snapshotReader } from '../../cli/audit.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { isOpen } from '../../shared/domain/status.ts';
import type { ReadEvents } from '../../shared/requests/audit-request.ts';
import { type Account, writeSnapshot } from './account.ts';
import type { Mutation } from './mutations.ts';

export const QUIET = { say: () => {}, count: () => {}, endCount: () => {} };

/** The open findings of an account, from a snapshot of it. */
export const judge = async (
  account: Account,
  { events, files }: { events?: ReadEvents; files?: Mutation['files'] | undefined } = {},
): Promise<Finding[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    await writeSnapshot(account, folder, files);
    const { findings } = await audit([await snapshotReader(folder)], account.config, events, QUIET);
    return findings.filter(({ status }) => isOpen(status));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
