import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotReader } from '../../cli/audit.ts';
import { configIn } from '../../cli/config.ts';
import { auditBatch } from '../../functions/audit/audit-batch.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { accountConfig } from '../../shared/facts/account-config.ts';
import { accountEvidence } from '../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../shared/findings/store.ts';
import { changeRecord, lookRecord, watchRecord } from '../../shared/history/make-records.ts';
import type { HistoryRecord } from '../../shared/history/records.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { accountRequests, listAccount } from '../../shared/requests/account-requests.ts';
import { sweepMessage } from '../../shared/sweep/messages.ts';
import { oneAccount, quietBatch } from '../support/builders/quiet-batch.ts';
import { THE_EXAMPLE } from '../support/builders/sample-accounts.ts';
import { record } from './events.ts';
import { handleBatch } from './handle-batch.ts';

const ACCOUNT = '111122223333';
const SCOPE: Scope = { account: ACCOUNT, region: 'eu-west-1', partition: 'aws' };
const ADMINISTRATOR = {
  PolicyName: 'AdministratorAccess',
  PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
};

/** What happens in the month: what of the account changes, and the event that tells it. */
type Happening = {
  at: string;
  change: (folder: string) => Promise<void>;
  event: Parameters<typeof record>[0];
};

const attached = async (folder: string, policies: Json[]): Promise<void> => {
  const path = join(folder, 'iam/account-authorization-details.json');
  const details = JSON.parse(await readFile(path, 'utf8'));
  const role = details.RoleDetailList.find((each: { RoleName: string }) => each.RoleName === 'vision');
  role.AttachedManagedPolicies = policies;
  await writeFile(path, JSON.stringify(details));
};

const iam = (eventName: string): Happening['event'] => ({
  service: 'iam',
  eventName,
  account: ACCOUNT,
  region: 'us-east-1',
  requestParameters: { roleName: 'vision', policyArn: ADMINISTRATOR.PolicyArn },
});

const HAPPENINGS: readonly Happening[] = [
  {
    at: '2026-11-06T09:12:00.000Z',
    change: (folder) => attached(folder, [ADMINISTRATOR]),
    event: iam('AttachRolePolicy'),
  },
  {
    at: '2026-11-09T15:40:00.000Z',
    change: (folder) => attached(folder, []),
    event: iam('DetachRolePolicy'),
  },
  {
    at: '2026-11-20T11:05:00.000Z',
    change: (folder) => rm(join(folder, 'sagemaker/pipelines/sandbox-ideas'), { recursive: true }),
    event: {
      service: 'sagemaker',
      eventName: 'DeletePipeline',
      account: ACCOUNT,
      region: SCOPE.region,
      requestParameters: { pipelineName: 'sandbox-ideas' },
      responseElements: { pipelineArn: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/sandbox-ideas` },
    },
  },
];

const SUPPRESSION = `
suppressions:
  - control: scp-exception-unique
    resource: arn:aws:iam::${ACCOUNT}:role/report-export
    reason: replaced in January
    expires: 2027-01-31
`;

/**
 * What a history holds of the example account after November 2026, as the audit function makes it: a sweep each day and a heartbeat each hour, an
 * administrator’s policy on a role for three days, a deleted pipeline, a new configuration with a suppression on the 16th, no heartbeats for half of
 * the 14th, and an incomplete sweep on the 18th.
 */
export const november = async (): Promise<HistoryRecord[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'november-'));
  try {
    await cp(THE_EXAMPLE.snapshot, folder, { recursive: true });
    return await recordsOf(folder, await readFile(THE_EXAMPLE.configuration, 'utf8'));
  } finally {
    await rm(folder, { recursive: true });
  }
};

const recordsOf = async (folder: string, configuration: string): Promise<HistoryRecord[]> => {
  const records: HistoryRecord[] = [];
  const store = memoryStore();
  let madeBy = { version: '0.1.0', configuration: 'of-november' };
  let config = await configOf(configuration, folder);
  let clock = Date.parse('2026-10-30T00:00:00.000Z');
  const now = (): Date => {
    clock += 500;
    return new Date(clock);
  };
  const handle = async (messages: readonly Json[]): Promise<void> => {
    const reader = await snapshotReader(folder);
    const batch = auditBatch({
      ...quietBatch(),
      ...oneAccount({
        audit: () => ({
          readers: [reader],
          config,
          now,
          tellsHistory: true,
          recallExecution: store.recallExecution,
          evidence: accountEvidence(reader, config),
        }),
        store,
      }),
      tellHistory: (observation) => {
        const look = lookRecord(observation, madeBy);
        if (look) records.push(look);
      },
    });
    await handleBatch(batch, messages);
    for await (const { resourceArn } of store.states()) {
      const changes = await store.pending(resourceArn);
      records.push(...changes.flatMap((change) => changeRecord(change, SCOPE, madeBy) ?? []));
      await store.acknowledge(resourceArn, changes, []);
    }
  };
  const watch = (
    watched: Parameters<typeof watchRecord>[0],
    about: { because?: string; listed?: Record<string, number> },
  ) => records.push(watchRecord(watched, { at: new Date(clock), scope: SCOPE, ...about }, madeBy));

  watch('configuration-in-force', {});
  for (let hour = 0; hour < 32 * 24; hour++) {
    clock = Date.parse('2026-10-30T00:00:00.000Z') + hour * 3_600_000;
    const time = new Date(clock).toISOString();
    if (!(time > '2026-11-14T05' && time < '2026-11-14T17')) watch('heartbeat', { because: RULE });
    if (time === '2026-11-16T10:00:00.000Z') {
      madeBy = { version: '0.2.0', configuration: 'with-exception' };
      config = await configOf(configuration + SUPPRESSION, folder);
      watch('configuration-in-force', {});
    }
    if (hour % 24 === 2) {
      const reader = await snapshotReader(folder);
      const lists = await listAccount(reader, { buckets: true, jobs: false });
      const requests = accountRequests(lists, config, reader);
      const sweep = { sweepId: time, scope: SCOPE, time };
      await handle(requests.flatMap((request, index) => sweepMessage(request, index + 1, sweep) ?? []));
      if (time.startsWith('2026-11-18'))
        watch('sweep-incomplete', { because: 'ListPipelines: AccessDeniedException' });
      else
        watch('sweep-complete', {
          listed: { pipeline: lists.pipelines.ok ? lists.pipelines.value.length : 0 },
        });
    }
    for (const { at, change, event } of HAPPENINGS) {
      if (at.slice(0, 13) !== time.slice(0, 13)) continue;
      clock = Date.parse(at);
      await change(folder);
      await handle([dated(record(event), at)]);
    }
  }
  return records;
};

const RULE = `arn:aws:events:eu-west-1:${ACCOUNT}:rule/Pipewarden-Pipelines`;

const configOf = async (text: string, folder: string): Promise<Config> => {
  const read = await accountConfig(configIn(text, 'pipewarden.yaml'), await snapshotReader(folder));
  if (!read.ok) throw new Error(read.unread.message);
  return read.value;
};

/** The event as of that time. */
const dated = (event: JsonObject, time: string): JsonObject => ({
  ...event,
  time,
  detail: { ...(event.detail as JsonObject), eventTime: time.replace('.000Z', 'Z') },
});
