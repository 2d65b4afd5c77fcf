import { bearingOf, type Settled } from '../account-index/bearing.ts';
import { type Entry, existing, merged } from '../account-index/entries.ts';
import {
  type Asked,
  askedByKey,
  pipelineEntries,
  unlistedRegion,
} from '../account-index/pipeline-entries.ts';
import {
  identitiesFrom,
  noPrincipalEntries,
  type PrincipalEntries,
  principalEntries,
} from '../account-index/principal-entries.ts';
import { FORM, type IndexStore } from '../account-index/store.ts';
import type { Config } from '../config/schema.ts';
import type { Json } from '../json/json.ts';
import { found, type Read } from '../reader/read-result.ts';
import type { AccountReaders } from '../reader/reader.ts';
import { readAsked } from './account-evidence.ts';

/** A page of a listing of IAM, and the mark of the next one. */
export type ReadPage = (marker: string | undefined) => Promise<Read<{ details: Json; marker?: string }>>;

export type Inventory = {
  store: IndexStore;
  readPage: ReadPage;
  readers: AccountReaders;
  config: Config;
  /** The digest of the configuration. */
  configuration: string;
  now: () => Date;
  /** When the listing must have begun at the earliest (milliseconds since 1970): one that was stopped before is not gone on with. */
  notBefore?: number | undefined;
  /** When the looks of a sweep began that looks at everything: since then, all that hang on a principal were looked at. */
  sweptFrom?: number | undefined;
};

/**
 * How many users, roles and pipelines an inventory has found; of Regions whose pipelines could not be listed, why. Looks take it for unknown
 * what such pipelines ask.
 */
export type Inventoried = {
  principals: number;
  pipelines: number;
  unlisted?: Readonly<Record<string, string>>;
};

/** A listing that began before may go on from its last page for so long. */
const MAX_PAUSE_MS = 2 * 60 * 60 * 1000;

/**
 * Makes the index of an account anew: lists all of IAM and all pipelines, and drops what neither holds any more. A Region whose pipelines
 * cannot be listed stops nothing: the index tells that they are unknown. Looks may read and write the index meanwhile. If it is stopped in the middle of IAM’s pages, the next call goes on after the last one.
 */
export const takeInventory = async (inventory: Inventory): Promise<Read<Inventoried>> => {
  const { store, readers, config, configuration, now } = inventory;
  const listed = await listPrincipals(inventory);
  if (!listed.ok) return listed;
  const { since, entries } = listed.value;
  for (const kind of OF_PRINCIPALS) await store.relist(kind, entries[kind], since);
  if (inventory.sweptFrom !== undefined && inventory.sweptFrom <= since)
    await store.relist(
      'settled',
      settledBy(entries, since, { from: inventory.sweptFrom, until: now().valueOf() }),
      since,
    );
  await store.writeProgress(undefined);

  const began = now().valueOf();
  const [reader, ...others] = readers;
  const { asked } = await readAsked(reader, config, undefined, others);
  const told = asked.map((each) => pipelineEntries(each.arn, each.asked, began));
  for (const kind of OF_PIPELINES)
    await store.relist(kind, new Map(told.flatMap((entries) => [...entries[kind]])), began);

  await store.writeHead({
    form: FORM,
    configuration,
    principals: since,
    pipelines: Object.fromEntries(readers.map(({ scope }) => [scope.region, began])),
  });
  return found(
    inventoried(
      entries.principals.size,
      asked.map((each) => [each.arn, each.asked]),
    ),
  );
};

/** What all principals are to others, who are looked at by a sweep. */
const settledBy = (
  entries: PrincipalEntries,
  asOf: number,
  swept: NonNullable<Settled['swept']>,
): Map<string, Entry> => {
  const { identities, directory } = identitiesFrom({ ...entries, principals: entries['whole-principals'] });
  return new Map(
    identities.map((identity) => [
      identity.principal.arn,
      { asOf, value: { ...bearingOf(identity, directory), swept } },
    ]),
  );
};

const OF_PRINCIPALS = ['whole-principals', 'managed-policies', 'groups', 'writers', 'principals'] as const;
const OF_PIPELINES = ['whole-pipelines', 'bucket-pipelines', 'pipelines'] as const;

/** How many entries tell what the listing itself has told, and no look since. */
const toldSince = (all: PrincipalEntries, since: number): number =>
  Object.values(all).reduce(
    (sum, entries) => sum + [...entries.values()].filter(({ asOf }) => asOf === since).length,
    0,
  );

/** A listing that was stopped a while ago, with what it has told; undefined where none is to go on, or not all of that is kept. */
const stoppedListing = async ({
  store,
  now,
  notBefore = 0,
}: Pick<Inventory, 'store' | 'now' | 'notBefore'>) => {
  const before = await store.progress();
  if (!before || before.since < notBefore || before.since + MAX_PAUSE_MS <= now().valueOf()) return undefined;
  const { since, marker } = before;
  const kept = await store.readAvailable(OF_PRINCIPALS);
  const entries = noPrincipalEntries();
  for (const kind of OF_PRINCIPALS)
    entries[kind] = new Map([...kept[kind]].filter(([, { asOf }]) => asOf >= since));
  return toldSince(entries, since) < before.told ? undefined : { since, marker, entries };
};

/** Everything that IAM lists. Pages of a long listing are kept as they come, so that no page is asked for again. */
const listPrincipals = async (
  inventory: Inventory,
): Promise<Read<{ since: number; entries: PrincipalEntries }>> => {
  const { store, readPage, now } = inventory;
  const before = await stoppedListing(inventory);
  const since = before?.since ?? now().valueOf();
  const all = before?.entries ?? noPrincipalEntries();
  let marker = before?.marker;
  do {
    const page = await readPage(marker);
    if (!page.ok) {
      // IAM may not know a mark for long: the next call begins anew.
      if (before && !page.unread.isTransient && marker === before.marker)
        await store.writeProgress(undefined);
      return page;
    }
    const entries = principalEntries(page.value.details, since);
    marker = page.value.marker;
    for (const kind of OF_PRINCIPALS) {
      all[kind] = merged(all[kind], entries[kind]);
      if (marker !== undefined) await store.merge(kind, entries[kind], true);
    }
    if (marker !== undefined) await store.writeProgress({ since, marker, told: toldSince(all, since) });
  } while (marker !== undefined);
  return found({ since, entries: all });
};

const inventoried = (
  principals: number,
  asked: readonly (readonly [key: string, asked: Asked])[],
): Inventoried => {
  const unlisted = asked.flatMap(([key, of]) => {
    const region = unlistedRegion(key);
    return region !== undefined && 'why' in of ? [[region, of.why] as const] : [];
  });
  return {
    principals,
    pipelines: asked.length - unlisted.length,
    ...(unlisted.length > 0 && { unlisted: Object.fromEntries(unlisted) }),
  };
};

/** How many things an index holds. */
export const countIn = async (store: IndexStore): Promise<Inventoried> => {
  const { principals, pipelines } = await store.readAvailable(['principals', 'pipelines']);
  return inventoried(existing(principals).length, askedByKey(pipelines));
};
