import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Aside } from '../shared/audit/audit-all.ts';
import type { Audited } from '../shared/audit/audit-resource.ts';
import type { Config } from '../shared/config/schema.ts';
import { PIPELINES } from '../shared/reader/snapshot/pipeline-folders.ts';

/** What the second thread audits with: the first thread's snapshot, configuration and kind of verdicts. */
export type ThreadData = { dir: string; config: Config; all: boolean };

/**
 * The young generation of the thread's heap, in MiB: three parts, of which two are half-spaces. A larger one uses more
 * memory and is not faster.
 */
const YOUNG_MIB = 48;

/** A second thread, which audits resources until it is ended. */
export type AuditThread = { audit: Aside; end: () => Promise<unknown> };

/** Starts a second thread that audits resources of a snapshot. It answers in the order in which it is asked. */
export const auditThread = (program: URL, data: ThreadData): AuditThread => {
  const waiting: { resolve: (all: Audited[]) => void; reject: (error: Error) => void }[] = [];
  // It has its whole size from the start: the flag by which small-heap.ts ends the growth of the first thread's is for all threads, and
  // would leave this one with a single MiB, of which half outlives each collection.
  setFlagsFromString(`--min-semi-space-size=${YOUNG_MIB / 3}`);
  const thread = new Worker(program, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  let broken: Error | undefined;
  thread.on('message', (all: Audited[]) => waiting.shift()?.resolve(all));
  thread.on('error', (error: Error) => {
    broken = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    audit: (requests) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken);
        waiting.push({ resolve, reject });
        thread.postMessage(requests);
      }),
    end: () => thread.terminate(),
  };
};

/** From this many pipelines on, a second thread saves more time than its start takes. */
export const LARGE = 200;

/** Whether a snapshot has at least `LARGE` pipelines. Folders are counted, which is cheap; no file is read. */
export const isLarge = async (dir: string): Promise<boolean> => {
  const names = await readdir(join(dir, ...PIPELINES)).catch(() => []);
  return names.length >= LARGE;
};
