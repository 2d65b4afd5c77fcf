import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { type AuditContext, auditResource } from '../../../shared/audit/audit-resource.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gather } from '../../../shared/facts/gather.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import { principalRequest } from '../../../shared/requests/resource-requests.ts';
import { sampleAccounts } from '../../support/builders/sample-accounts.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const NOW = () => new Date('2026-11-24T10:00:00.000Z');
const trigger = { eventId: 'e', eventName: 'PutRolePolicy', eventTime: '2026-11-24T09:00:00Z' };

/** What a look hangs on that is of the whole account. */
type Shared = { principals: WeakRef<object>; roster: WeakRef<object> };

/** Looks at all users and roles of a snapshot’s account, each time with some of what is read of it anew, and the rest as it was. */
const looksAt = async (folder: string, file: string) => {
  const snapshot = await openSnapshot(folder);
  if (!snapshot.ok) throw new Error(snapshot.unread.message);
  const reader = snapshot.value;
  const ids = CONTROLS.map(({ id }) => id);
  const read = await accountConfig(parseConfig(readFileSync(file, 'utf8'), file, ids), reader);
  const identities = await reader.readIdentities();
  if (!read.ok || !identities.ok) throw new Error('the snapshot lacks something');
  const config = read.value;
  const lasting = accountEvidence(reader, config);
  return async (anew: 'principals' | 'pipelines'): Promise<Shared> => {
    const list = identities.value.identities;
    const readIdentities = async () =>
      found({ ...identities.value, identities: anew === 'principals' ? [...list] : list });
    const context: AuditContext = {
      reader,
      config,
      controls: CONTROLS,
      now: NOW,
      recallExecution: async () => undefined,
      evidence: accountEvidence(
        { ...reader, readIdentities },
        config,
        anew === 'principals' ? lasting.roster : undefined,
      ),
    };
    let shared: Shared | undefined;
    for (const { principal } of list)
      for (const request of principalRequest(principal.arn, { trigger, changed: ['policy'] })) {
        const { facts } = await gather(request, context);
        if ('principals' in facts && facts.principals?.ok && facts.roster?.ok)
          shared ??= {
            principals: new WeakRef(facts.principals.value),
            roster: new WeakRef(facts.roster.value),
          };
        await auditResource(request, context);
      }
    if (!shared) throw new Error('the account has no principal that is judged');
    return shared;
  };
};

describe.each(sampleAccounts())('%s: nothing stays with what outlasts it', (_, folder, file) => {
  test.each(['principals', 'pipelines'] as const)('of %s that are read anew', async (anew) => {
    const look = await looksAt(folder, file);
    const looks = [await look(anew), await look(anew), await look(anew)];
    await turn();
    collect();
    const before = looks.slice(0, -1).map((of) => (anew === 'principals' ? of.principals : of.roster));
    expect(before.filter((each) => each.deref() !== undefined)).toEqual([]);
  });
});
