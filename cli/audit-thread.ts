import { parentPort, workerData } from 'node:worker_threads';
import { auditResource } from '../shared/audit/audit-resource.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import { found } from '../shared/reader/read-result.ts';
import type { AuditRequest } from '../shared/requests/audit-request.ts';
import { snapshotReader } from './audit.ts';
import type { ThreadData } from './second-thread.ts';

/** The second thread of an audit of everything: it is given pipelines and jobs, which need nothing of each other. */
const { dir, config, all } = workerData as ThreadData;
const reader = await snapshotReader(dir);
const context = {
  reader,
  config,
  controls: CONTROLS,
  now: () => new Date(),
  countsPasses: !all,
  recallExecution: async () => undefined,
  evidence: {
    ...accountEvidence(reader, config),
    // Only the first thread knows who is listed: it looks at each role once, whoever leads to it.
    identities: async () => found({ identities: [], problems: [], byArn: new Map(), byName: new Map() }),
  },
};

let last = Promise.resolve();
parentPort?.on('message', (requests: AuditRequest[]) => {
  last = last.then(async () =>
    parentPort?.postMessage(await Promise.all(requests.map((request) => auditResource(request, context)))),
  );
});
