import type { Read } from '../shared/reader/read-result.ts';
import { NOT_IN_SNAPSHOT } from '../shared/reader/read-result.ts';
import type { Reader } from '../shared/reader/reader.ts';

import { audit, snapshotReader } from './audit.ts';
import { type AppliedConfig, configOfAccount } from './config.ts';

/** The buckets and keys that an audit of a snapshot asks for and does not find there. */
export type Missing = { buckets: string[]; keys: string[] };

const SILENT = { say: () => {}, count: () => {}, endCount: () => {} };

/**
 * Audits the snapshot and notes what is missing: only an audit knows to which buckets and keys of other accounts the
 * pipelines lead.
 */
export const missingIn = async (dir: string, applied: AppliedConfig): Promise<Missing> => {
  const reader = await snapshotReader(dir);
  const { config } = await configOfAccount(applied, reader);
  const buckets = new Set<string>();
  const keys = new Set<string>();
  const noting =
    <T>(missing: Set<string>, read: (name: string) => Promise<Read<T>>) =>
    async (name: string): Promise<Read<T>> => {
      const answer = await read(name);
      if (!answer.ok && answer.unread.code === NOT_IN_SNAPSHOT) missing.add(name);
      return answer;
    };
  const watched: Reader = {
    ...reader,
    getBucketCors: noting(buckets, reader.getBucketCors),
    getBucketTags: noting(buckets, reader.getBucketTags),
    getBucketPolicy: noting(buckets, reader.getBucketPolicy),
    getKeyPolicy: noting(keys, reader.getKeyPolicy),
  };
  await audit([watched], config, undefined, SILENT);
  return { buckets: [...buckets], keys: [...keys] };
};
