import { readFile } from 'node:fs/promises';
import { auditResource } from '../../shared/audit/audit-resource.ts';
import { parseConfig } from '../../shared/config/parse-config.ts';
import { CONTROLS } from '../../shared/controls/index.ts';
import { accountConfig } from '../../shared/facts/account-config.ts';
import { accountEvidence } from '../../shared/facts/account-evidence.ts';
import { openSnapshot } from '../../shared/reader/snapshot/reader.ts';
import { pipelineRequest, principalRequest } from '../../shared/requests/resource-requests.ts';

/**
 * One look, as the audit function makes it and with its flags, at a pipeline of that name or a role of that ARN. It prints how
 * many findings of each status the look comes to.
 * Usage: look-process SNAPSHOT CONFIGURATION NAME-OR-ARN
 */
const [folder = '', configPath = '', name = ''] = process.argv.slice(2);
const snapshot = await openSnapshot(folder);
if (!snapshot.ok) throw new Error(`${folder} is no snapshot`);
const reader = snapshot.value;
const own = await accountConfig(
  parseConfig(
    await readFile(configPath, 'utf8'),
    configPath,
    CONTROLS.map(({ id }) => id),
  ),
  reader,
);
if (!own.ok) throw new Error(`${configPath}: ${own.unread.message}`);
const config = own.value;
const [request] = name.startsWith('arn:') ? principalRequest(name) : [pipelineRequest(name, reader.scope)];
if (!request) throw new Error(`${name} cannot be looked at`);
const { observations } = await auditResource(request, {
  reader,
  config,
  controls: CONTROLS,
  countsPasses: true,
  now: () => new Date(),
  recallExecution: async () => undefined,
  evidence: accountEvidence(reader, config),
});
const counts: Record<string, number> = {};
for (const { status } of observations.flatMap(({ findings }) => findings))
  counts[status] = (counts[status] ?? 0) + 1;
console.log(JSON.stringify(counts));
