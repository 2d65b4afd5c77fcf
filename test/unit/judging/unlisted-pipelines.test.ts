import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { type AuditContext, auditResource } from '../../../shared/audit/audit-resource.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { accountEvidence, readRoster } from '../../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { usedRoles } from '../../../shared/needs/roster.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  bucketRequest,
  organizationRequest,
  principalRequest,
} from '../../../shared/requests/resource-requests.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { sampleAccounts } from '../../support/builders/sample-accounts.ts';

const TIMES = ['2026-11-24T10:00:00.000Z', '2026-11-24T11:00:00.000Z'] as const;

const contextOf = (time: string, reader: Reader, config: Config): AuditContext => ({
  reader,
  config,
  controls: CONTROLS,
  now: () => new Date(time),
  recallExecution: async () => undefined,
  evidence: accountEvidence(reader, config),
});

test.each(sampleAccounts())(
  'in %s no finding ends when pipelines can no longer be listed',
  async (_, folder, file) => {
    const snapshot = await openSnapshot(folder);
    if (!snapshot.ok) throw new Error(snapshot.unread.message);
    const reader = snapshot.value;
    const ids = CONTROLS.map(({ id }) => id);
    const read = await accountConfig(parseConfig(readFileSync(file, 'utf8'), file, ids), reader);
    if (!read.ok) throw new Error(read.unread.message);
    const config = read.value;
    const identities = await reader.readIdentities();
    const buckets = await reader.listBuckets();
    const roster = await readRoster(reader, config);
    const principals = new Set([
      ...(identities.ok ? identities.value.identities : []).map(({ principal }) => principal.arn),
      // A pipeline may name a role that does not exist.
      ...(roster.ok ? usedRoles(roster.value) : []),
    ]);
    const requests: AuditRequest[] = [
      ...[...principals].flatMap((arn) => principalRequest(arn)),
      ...(buckets.ok ? buckets.value : []).map((name) => bucketRequest(name, reader)),
      organizationRequest(reader.scope),
    ];
    const store = memoryStore();
    /** What is open after a look at everything, as the control and the resource. */
    const openAfter = async (context: AuditContext): Promise<string[]> => {
      for (const request of requests)
        for (const observation of (await auditResource(request, context)).observations)
          await store.observe(observation);
      const open: string[] = [];
      for await (const { resourceArn, state } of store.states())
        open.push(...Object.values(state.open).map(({ control }) => `${control} ${resourceArn}`));
      return open;
    };
    const before = await openAfter(contextOf(TIMES[0], reader, config));
    const unlisted = {
      ...reader,
      listPipelines: async () => notRead('ListPipelines', 'AccessDeniedException', 'an SCP denies it'),
    };
    const after = new Set(await openAfter(contextOf(TIMES[1], unlisted, config)));
    expect(before).not.toEqual([]);
    expect(before.filter((each) => !after.has(each))).toEqual([]);
  },
);

test('no finding on a role that does not exist ends when the pipelines that name it can no longer be listed', async () => {
  const missing = 'arn:aws:iam::111122223333:role/missing';
  const definitionText = JSON.stringify({ Version: '2020-12-01', Steps: [] });
  const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p';
  const account: Account = {
    listing: ['p'],
    identities: {},
    organization: NO_ORGANIZATION,
    pipelines: { p: { name: 'p', arn, roleArn: missing, definitionText } },
  };
  const store = memoryStore();
  const openAfter = async (time: string, { reader }: { reader: Reader }): Promise<string[]> => {
    const context = contextOf(time, reader, { version: 1 });
    for (const request of principalRequest(missing))
      for (const observation of (await auditResource(request, context)).observations)
        await store.observe(observation);
    const open: string[] = [];
    for await (const { resourceArn, state } of store.states())
      if (resourceArn === missing) open.push(...Object.values(state.open).map(({ control }) => control));
    return open;
  };
  expect(await openAfter(TIMES[0], memoryReader(account))).toEqual(['execution-role-trust']);
  expect(await openAfter(TIMES[1], memoryReader(account, ['listPipelines']))).toEqual([
    'execution-role-trust',
  ]);
});
