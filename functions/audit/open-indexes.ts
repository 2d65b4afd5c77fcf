import type { AccountContext } from '../account-context.ts';
import type { AccountIndex } from './account-index.ts';

/** The indexes that a container has at hand. */
export type OpenIndexes = {
  /** That of the account, if it was opened. */
  known: (context: AccountContext) => AccountIndex | undefined;
  open: (context: AccountContext) => Promise<AccountIndex>;
};

/** As many accounts as a batch can have. What a container keeps of an index is several megabytes, and is read anew after a minute. */
const MOST_INDEXES = 10;

/**
 * The indexes of accounts, each opened with the first look that needs it. An index tells what one configuration asks: where the account
 * has another one now, as after a move in the organization, it is opened anew. `load` loads the code that makes one.
 */
export const openIndexes = (load: () => Promise<(context: AccountContext) => AccountIndex>): OpenIndexes => {
  // A context is made anew for each batch, and its readers are kept. The index that nobody has opened longest is let go first.
  const opened = new Map<
    AccountContext['readers'],
    Pick<AccountContext, 'config'> & { index: AccountIndex }
  >();
  return {
    known: ({ readers }) => opened.get(readers)?.index,
    open: async (context) => {
      const { readers, config } = context;
      const make = await load();
      const before = opened.get(readers);
      const index = before?.config === config ? before.index : make(context);
      opened.delete(readers);
      opened.set(readers, { config, index });
      for (const oldest of opened.keys()) {
        if (opened.size <= MOST_INDEXES) break;
        opened.delete(oldest);
      }
      return index;
    },
  };
};
