import { type Entries, type Entry, existing, merged } from '../account-index/entries.ts';
import { pipelineEntries } from '../account-index/pipeline-entries.ts';
import {
  type PrincipalEntries,
  principalDetails,
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
};

/** How many users, roles and pipelines an inventory has found. */
export type Inventoried = { principals: number; pipelines: number };

/** A listing that began before may go on from its last page for so long. */
const MAX_PAUSE_MS = 2 * 60 * 60 * 1000;

/**
 * Makes the index of an account anew: lists all of IAM and all pipelines, and drops what neither holds any more. Looks may read and
 * write the index meanwhile. If it is stopped in the middle of IAM’s pages, the next call goes on after the last one.
 */
export const takeInventory = async (inventory: Inventory): Promise<Read<Inventoried>> => {
  const { store, readers, config, configuration, now } = inventory;
  const listed = await listPrincipals(inventory);
  if (!listed.ok) return listed;
  const { since, entries } = listed.value;
  for (const kind of KINDS) await store.relist(kind, entries[kind], since);
  await store.writeProgress(undefined);

  const began = now().valueOf();
  const [reader, ...others] = readers;
  const asked = await readAsked(reader, config, undefined, others);
  if (!asked.ok) return asked;
  const pipelines = { pipelines: new Map<string, Entry>(), 'whole-pipelines': new Map<string, Entry>() };
  for (const each of asked.value)
    for (const [kind, told] of Object.entries(pipelineEntries(each.arn, each.asked, began)))
      for (const [key, entry] of told) pipelines[kind as keyof typeof pipelines].set(key, entry);
  await store.relist('pipelines', pipelines.pipelines, began);
  await store.relist('whole-pipelines', pipelines['whole-pipelines'], began);

  await store.writeHead({
    form: FORM,
    configuration,
    principals: since,
    pipelines: Object.fromEntries(readers.map(({ scope }) => [scope.region, began])),
  });
  return found({ principals: entries.principals.size, pipelines: pipelines.pipelines.size });
};

const KINDS = ['whole-principals', 'managed-policies', 'groups', 'principals'] as const;

/** The kinds of which a page tells all. Which policies of a principal matter to others is known when all pages are there. */
const OF_PAGES = ['whole-principals', 'managed-policies', 'groups'] as const;
type OfPage = (typeof OF_PAGES)[number];

/** How many entries tell what the listing itself has told, and no look since. */
const toldSince = (all: ReadonlyMap<OfPage, Entries>, since: number): number =>
  [...all.values()].reduce(
    (sum, entries) => sum + [...entries.values()].filter(({ asOf }) => asOf === since).length,
    0,
  );

/** A listing that was stopped a while ago, with what it has told; undefined where none is to go on, or not all of that is kept. */
const stoppedListing = async ({ store, now }: Pick<Inventory, 'store' | 'now'>) => {
  const before = await store.progress();
  if (!before || before.since + MAX_PAUSE_MS <= now().valueOf()) return undefined;
  const { since, marker } = before;
  const kept = await store.read(OF_PAGES);
  const entries = new Map(
    OF_PAGES.map((kind) => [kind, new Map([...kept[kind]].filter(([, { asOf }]) => asOf >= since))]),
  );
  return toldSince(entries, since) < before.told ? undefined : { since, marker, entries };
};

/** Everything that IAM lists. Pages of a long listing are kept as they come, so that no page is asked for again. */
const listPrincipals = async (
  inventory: Inventory,
): Promise<Read<{ since: number; entries: PrincipalEntries }>> => {
  const { store, readPage, now } = inventory;
  const before = await stoppedListing(inventory);
  const since = before?.since ?? now().valueOf();
  const all: Map<OfPage, Map<string, Entry>> = before?.entries ??
  new Map(OF_PAGES.map((kind) => [kind, new Map()]));
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
    for (const kind of OF_PAGES) {
      all.set(kind, merged(all.get(kind) ?? new Map(), entries[kind]));
      if (marker !== undefined) await store.merge(kind, entries[kind], true);
    }
    if (marker !== undefined) await store.writeProgress({ since, marker, told: toldSince(all, since) });
  } while (marker !== undefined);
  const told = Object.fromEntries(all) as Pick<PrincipalEntries, OfPage>;
  const details = principalDetails({ ...told, principals: told['whole-principals'] });
  return found({ since, entries: principalEntries(details, since) });
};

/** How many things an index holds. */
export const countIn = async (store: IndexStore): Promise<Inventoried> => {
  const { principals, pipelines } = await store.read(['principals', 'pipelines']);
  return { principals: existing(principals).length, pipelines: existing(pipelines).length };
};
