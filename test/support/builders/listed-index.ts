import { type Entries, type IndexKind, PARTS_OF } from '../../../shared/account-index/entries.ts';
import { type IndexStore, memoryIndex } from '../../../shared/account-index/store.ts';

/** An index in memory after a listing that told these entries, and nothing of other kinds. It has no head. */
export const listedIndex = async (
  listed: Partial<Record<IndexKind, Entries>>,
  asOf: number,
): Promise<IndexStore> => {
  const store = memoryIndex();
  for (const kind of Object.keys(PARTS_OF) as IndexKind[])
    await store.relist(kind, listed[kind] ?? new Map(), asOf);
  return store;
};
