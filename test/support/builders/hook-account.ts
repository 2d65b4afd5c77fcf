import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declaredAccount, type JudgingAccount } from '../../../functions/hook/declared-account.ts';
import { keptIndex } from '../../../shared/account-index/kept-index.ts';
import { pipelineEntries } from '../../../shared/account-index/pipeline-entries.ts';
import { principalEntries } from '../../../shared/account-index/principal-entries.ts';
import { FORM, type IndexStore } from '../../../shared/account-index/store.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config } from '../../../shared/config/schema.ts';
import { CONTROLS } from '../../../shared/controls/index.ts';
import { accountConfig } from '../../../shared/facts/account-config.ts';
import { readAsked } from '../../../shared/facts/account-evidence.ts';
import type { ReadDetails } from '../../../shared/facts/indexed-evidence.ts';
import { configurationDigest } from '../../../shared/findings/configuration-digest.ts';
import { asList, type Json, type JsonObject, member } from '../../../shared/json/json.ts';
import { ABSENT, found, notRead } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import { listedIndex } from './listed-index.ts';

const NOW = () => new Date('2026-11-24T10:00:00.000Z');

/** An account with an index, as the hook knows it. */
export type HookAccount = { reader: Reader; config: Config; details: JsonObject; store: IndexStore };

/** The account of a snapshot, and its index, as an inventory makes it. */
export const accountOf = async (
  folder: string,
  file: string,
  change: (details: JsonObject) => JsonObject = (details) => details,
): Promise<HookAccount> => {
  const snapshot = await openSnapshot(folder);
  if (!snapshot.ok) throw new Error(snapshot.unread.message);
  const reader = snapshot.value;
  const ids = CONTROLS.map(({ id }) => id);
  const read = await accountConfig(parseConfig(readFileSync(file, 'utf8'), file, ids), reader);
  if (!read.ok) throw new Error(read.unread.message);
  const details = change(
    JSON.parse(readFileSync(join(folder, 'iam/account-authorization-details.json'), 'utf8')),
  );
  return { reader, config: read.value, details, store: await indexOf(reader, read.value, details) };
};

const indexOf = async (reader: Reader, config: Config, details: Json): Promise<IndexStore> => {
  const asOf = NOW().valueOf();
  const store = await listedIndex(principalEntries(details, asOf), asOf);
  for (const { arn, asked } of (await readAsked(reader, config)).asked)
    for (const [kind, entries] of Object.entries(
      pipelineEntries(arn, JSON.parse(JSON.stringify(asked)), asOf),
    ))
      await store.merge(kind as 'pipelines', entries, true);
  await store.writeHead({
    form: FORM,
    configuration: configurationDigest(config),
    principals: asOf,
    pipelines: { [reader.scope.region]: asOf },
  });
  return store;
};

/** What IAM would tell of one thing, from the listing. */
const detailsFrom =
  (details: Json): ReadDetails =>
  async ({ type, arn }) => {
    const list = {
      role: 'RoleDetailList',
      user: 'UserDetailList',
      group: 'GroupDetailList',
      policy: 'Policies',
    };
    const one = asList(member(details, list[type])).filter((each) => member(each, 'Arn') === arn);
    return one.length === 0
      ? notRead('GetRole', ABSENT, 'there is none')
      : found({
          [list[type]]: one,
          ...(type !== 'policy' && { Policies: member(details, 'Policies') ?? [] }),
        });
  };

/** What judges declared resources over the index of an account. */
export const judgingAccount = async ({
  reader,
  config,
  details,
  store,
}: HookAccount): Promise<JudgingAccount> => {
  const configuration = configurationDigest(config);
  const outline = await keptIndex({
    store,
    now: NOW,
    configuration,
    regions: [reader.scope.region],
  }).outline();
  if (!outline) throw new Error('there is no index');
  return declaredAccount({
    readers: [reader],
    config,
    outline,
    store,
    readDetails: detailsFrom(details),
    controls: CONTROLS,
    now: NOW,
    checkTime: () => {},
  });
};
