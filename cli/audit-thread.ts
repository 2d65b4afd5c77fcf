import { parentPort, workerData } from 'node:worker_threads';
import { auditResource } from '../shared/audit/audit-resource.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import { identitiesOf } from '../shared/iam/decide/authorization-details.ts';
import { found } from '../shared/reader/read-result.ts';
import type { AuditRequest } from '../shared/requests/audit-request.ts';
import { snapshotReader } from './audit.ts';
import type { ThreadData } from './second-thread.ts';

/**
 * The second thread of a full audit. It gets pipelines and jobs only, because these can be audited independently of
 * each other.
 */
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
    // Only the first thread knows which identities are listed, so this thread names every role of a pipeline and the
    // first thread drops those that it audits anyway.
    identities: async () => found({ ...identitiesOf({}), byArn: new Map(), byName: new Map() }),
  },
};

let last = Promise.resolve();
parentPort?.on('message', (requests: AuditRequest[]) => {
  last = last.then(async () =>
    parentPort?.postMessage(await Promise.all(requests.map((request) => auditResource(request, context)))),
  );
});
