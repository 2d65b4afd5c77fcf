import pLimit from 'p-limit';
import { once } from '../../shared/memo.ts';
import type { AccountReaders, Reader } from '../../shared/reader/reader.ts';

/** The turn of one account, whose looks may list it meanwhile. */
export type ListingTurn = {
  /** Resolves when the turn has come; it lasts until its end. */
  take: () => Promise<void>;
  isTaken: () => boolean;
  end: () => void;
};

/** The turns of several accounts. */
export type ListingTurns = {
  turn: () => ListingTurn;
  /** Nobody’s turn comes any more. */
  close: () => void;
};

/**
 * Turns by which looks list one account after the other: what they list of one takes as much memory as a function can spare, and ten
 * messages can be about ten accounts.
 */
export const listingTurns = (): ListingTurns => {
  const oneByOne = pLimit(1);
  return {
    turn: () => {
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      let isTaken = false;
      const take = once(() => {
        isTaken = true;
        return new Promise<void>((resolve) => {
          void oneByOne(() => {
            resolve();
            return ended;
          });
        });
      });
      return { take, isTaken: () => isTaken, end: () => end() };
    },
    close: () => oneByOne.clearQueue(),
  };
};

/** The same readers, which list only after `take`. */
export const listingAfter = (
  [home, ...others]: AccountReaders,
  take: () => Promise<void>,
): AccountReaders => {
  const of = (reader: Reader): Reader => ({
    ...reader,
    readIdentities: async () => {
      await take();
      return reader.readIdentities();
    },
    listPipelines: async () => {
      await take();
      return reader.listPipelines();
    },
  });
  return [of(home), ...others.map(of)];
};
