import { oncePer } from '../memo.ts';
import { type Entries, type Entry, type IndexKind, OUTLINE } from './entries.ts';
import type { Outline } from './kept-index.ts';
import type { IndexStore } from './store.ts';

/**
 * An index as it would be after something is deployed: what is merged into it stands over the entries of the `store` and stays in this
 * process. Nothing is written to the store, and what is read of it is read once.
 */
export const overlaidIndexes = (store: Pick<IndexStore, 'read' | 'readSome'>, outline: Outline) => {
  const whole = oncePer(async (kind: IndexKind): Promise<Entries> => (await store.read([kind]))[kind]);
  const some = oncePer((asked: string): Promise<Entries> => {
    const [kind, ...keys] = JSON.parse(asked) as [IndexKind, ...string[]];
    return store.readSome(kind, keys);
  });
  const told = (kind: IndexKind): Promise<Entries> => {
    const known = OUTLINE.find((each) => each === kind);
    return known ? Promise.resolve(outline.entries[known]) : whole(kind);
  };
  return (): IndexStore => {
    const over = new Map<IndexKind, Map<string, Entry>>();
    /** The same map where nothing stands over it, so that nobody makes anew what was made of it. */
    const covered = (kind: IndexKind, entries: Entries): Entries => {
      const own = over.get(kind);
      return own ? new Map([...entries, ...own]) : entries;
    };
    const read: IndexStore['read'] = async <K extends IndexKind>(kinds: readonly K[]) => {
      const all = await Promise.all(
        kinds.map(async (kind) => [kind, covered(kind, await told(kind))] as const),
      );
      return Object.fromEntries(all) as unknown as Record<K, Entries>;
    };
    return {
      head: async () => outline.head,
      read,
      readAvailable: read,
      readSome: async (kind, keys) => covered(kind, await some(JSON.stringify([kind, ...keys]))),
      merge: async (kind, entries) => {
        over.set(kind, new Map([...(over.get(kind) ?? []), ...entries]));
      },
      progress: async () => undefined,
      // The look that meets a lost part in the index itself drops its head.
      dropHead: async () => {},
      writeHead: unwritten,
      writeProgress: unwritten,
      relist: unwritten,
    };
  };
};

const unwritten = async (): Promise<never> => {
  throw new Error('what is declared is no listing of the account');
};
