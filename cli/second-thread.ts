import { Worker } from 'node:worker_threads';
import type { Aside, Audited } from '../shared/audit.ts';
import type { Config } from '../shared/config/schema.ts';
import { once } from '../shared/once.ts';

/** What the second thread audits: the same snapshot, configuration and verdicts as the first. */
export type ThreadData = { dir: string; config: Config; all: boolean };

/** The young generation that an audit needs, in MiB; a larger one takes memory and makes it no faster. */
const YOUNG_MIB = 16;

/**
 * A second thread that audits resources of a snapshot, started by the first that it is given. It answers in the order in
 * which it is asked.
 */
export const auditThread = (program: URL, data: ThreadData): { audit: Aside; end: () => Promise<void> } => {
  const waiting: { resolve: (all: Audited[]) => void; reject: (error: Error) => void }[] = [];
  let started: Worker | undefined;
  const thread = once(() => {
    started = new Worker(program, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    started.on('message', (all: Audited[]) => waiting.shift()?.resolve(all));
    started.on('error', (error) => {
      for (const { reject } of waiting.splice(0)) reject(error);
    });
    return started;
  });
  return {
    audit: (requests) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        thread().postMessage(requests);
      }),
    end: async () => {
      await started?.terminate();
    },
  };
};
