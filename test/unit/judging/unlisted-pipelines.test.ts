import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type AuditContext, auditResource } from '../../../shared/audit/audit-resource.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  bucketRequest,
  organizationRequest,
  principalRequest,
} from '../../../shared/requests/resource-requests.ts';
import { casesFolder } from '../../support/builders/cases.ts';

const examples = join(import.meta.dirname, '../../../examples');

/** Accounts by name, each with the folder of its snapshot and its configuration. */
const accounts = (): [name: string, snapshot: string, configuration: string][] => {
  const folder = casesFolder('accounts');
  const others = folder ? readdirSync(folder, { withFileTypes: true }) : [];
  return [
    ['the example', join(examples, 'account'), join(examples, 'pipewarden.yaml')],
    ...others
      .filter((each) => each.isDirectory())
      .map(({ name }): [string, string, string] => [
        name,
        join(folder ?? '', name, 'snapshot'),
        join(folder ?? '', name, 'pipewarden.yaml'),
      ]),
  ];
};

test.each(accounts())(
  'in %s no finding ends when pipelines can no longer be listed',
  async (_, folder, file) => {
    const snapshot = await openSnapshot(folder);
    if (!snapshot.ok) throw new Error(snapshot.unread.message);
    const reader = snapshot.value;
    const ids = CONTROLS.map(({ id }) => id);
    const read = await accountConfig(parseConfig(readFileSync(file, 'utf8'), file, ids), reader);
    if (!read.ok) throw new Error(read.unread.message);
    const config = read.value;
    const contextAt = (time: string, by: Reader): AuditContext => ({
      reader: by,
      config,
      controls: CONTROLS,
      now: () => new Date(time),
      recallExecution: async () => undefined,
      evidence: accountEvidence(by, config),
    });
    const identities = await reader.readIdentities();
    const buckets = await reader.listBuckets();
    const requests: AuditRequest[] = [
      ...(identities.ok ? identities.value.identities : []).flatMap(({ principal }) =>
        principalRequest(principal.arn),
      ),
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
    const before = await openAfter(contextAt('2026-11-24T10:00:00.000Z', reader));
    const unlisted = {
      ...reader,
      listPipelines: async () => notRead('ListPipelines', 'AccessDeniedException', 'an SCP denies it'),
    };
    const after = new Set(await openAfter(contextAt('2026-11-24T11:00:00.000Z', unlisted)));
    expect(before).not.toEqual([]);
    expect(before.filter((each) => !after.has(each))).toEqual([]);
  },
);
